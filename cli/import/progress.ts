// How an import comes along: a bar with rows, rate and time left on a terminal, a line now and then elsewhere.
import type { ImportStep } from '../../subgraph-kit/import/run-import.ts';

export type ProgressOutput = { readonly isTTY?: boolean; readonly columns?: number; write(text: string): unknown };
export type Progress = { readonly step: (done: ImportStep) => void; readonly end: () => void };

const BAR_EVERY_MS = 100;
const LINE_EVERY_MS = 2_000;
const BAR_WIDTH = 24;

const number = new Intl.NumberFormat('en-US');

/** `nowMs`: a clock that only runs forward, for rates. */
export function createProgress(output: ProgressOutput, nowMs: () => number = () => performance.now()): Progress {
  const beganMs = nowMs();
  const everyMs = output.isTTY === true ? BAR_EVERY_MS : LINE_EVERY_MS;
  let shownMs = output.isTTY === true ? -Infinity : beganMs;
  let drawn = 0;
  return {
    step: (done) => {
      const at = nowMs();
      if (at - shownMs < everyMs && (output.isTTY !== true || done.bytes < done.bytesTotal)) return;
      shownMs = at;
      const words = describe(done, at - beganMs);
      if (output.isTTY !== true) return void output.write(`${words}\n`);
      const line = `${toBar(done)} ${words}`.slice(0, (output.columns ?? 80) - 1);
      output.write(`\r${line.padEnd(drawn)}`);
      drawn = line.length;
    },
    end: () => {
      if (drawn > 0) output.write('\n');
      drawn = 0;
    },
  };
}

const shareOf = ({ bytes, bytesTotal }: ImportStep): number => (bytesTotal === 0 ? 1 : bytes / bytesTotal);

function toBar(done: ImportStep): string {
  const full = Math.round(shareOf(done) * BAR_WIDTH);
  return `[${'#'.repeat(full)}${'.'.repeat(BAR_WIDTH - full)}]`;
}

function describe(done: ImportStep, tookMs: number): string {
  const share = shareOf(done);
  const rate = tookMs === 0 ? 0 : Math.round((done.rows * 1_000) / tookMs);
  const left = share === 0 ? '' : `, ${toDuration((tookMs * (1 - share)) / share)} left`;
  return `${Math.floor(share * 100)} %, ${number.format(done.rows)} rows, ${number.format(rate)} rows/s${left}`;
}

function toDuration(ms: number): string {
  const seconds = Math.ceil(ms / 1_000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
