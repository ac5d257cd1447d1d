/** What a run of the fuzz says in the end, and what a full run must have met. Exports `describeRun` and `shortfallsOf`. */
import type { AuthTally } from './authorise.ts';
import { MARKS, describeCoverage } from './coverage.ts';
import type { Mark } from './coverage.ts';
import { medianOf } from './run.ts';
import type { Tally } from './run.ts';

export type Run = {
  readonly tally: Tally;
  /** Cases with demands. */
  readonly allowed: AuthTally;
  /** Of the event loop, while operations ran. */
  longestMs: number;
  cpuSeconds: number;
};

export type Verdict = { readonly passed: number; readonly failed: number; readonly refused: number };

/** Fewer operations than this promise nothing of what is met. */
const FULL = 40_000;
const OFTEN = 300;
const CASES = 5_000;

/** What a full run should have met and did not; none for a shorter one. */
export function shortfallsOf({ tally, allowed }: Pick<Run, 'tally' | 'allowed'>): string[] {
  if (tally.operations + tally.invalid < FULL) return [];
  const rare = (Object.keys(MARKS) as Mark[]).filter((mark) => (tally.met.get(mark) ?? 0) < OFTEN); // its own keys
  return [
    ...rare.map((mark) => `${mark}: met ${tally.met.get(mark) ?? 0} times, not ${OFTEN}`),
    ...(medianOf(tally.fetches) < 3 ? [`plans of three fetches: the median is ${medianOf(tally.fetches)}`] : []),
    ...(tally.withData < 0.9 * tally.operations ? [`answers with data: ${tally.withData} of ${tally.operations}`] : []),
    ...(allowed.cases < CASES ? [`cases with demands: ${allowed.cases}, not ${CASES}`] : []),
  ];
}

export function describeRun({ tally, allowed, longestMs, cpuSeconds }: Run, from: number, say: (line: string) => void): Verdict {
  const refused = [...tally.refused.values()].reduce((sum, count) => sum + count, 0);
  const reasons = [...tally.refused].map(([code, count]) => `${code} ${count}`).join(', ') || 'none';
  const withData = (100 * tally.withData) / Math.max(1, tally.operations);
  const { cases, cuts, denying, exact, requests, lost } = allowed;
  say(`\n${describeCoverage(tally.met)}\n`);
  say(`${tally.cuts} cuts from seed ${from}, refused by the composer: ${reasons}; ${tally.invalid} tries of the grammar not valid`);
  say(`median ${medianOf(tally.fetches)} fetches; ${withData.toFixed(1)} % of the answers with data`);
  say(`planning: median ${(medianOf(tally.planTenths) / 10).toFixed(1)} ms of the processor, most ${mostOf(tally.planTenths)} ms`);
  say(`event loop: longest delay ${longestMs.toFixed(0)} ms after the first cut (means something on an idle machine only)`);
  say(`joined, each also as objects: ${[...tally.joins].map(([join, count]) => `${join} ${count}`).join(', ')}`);
  say(`asked again: ${[...tally.looks].map(([name, count]) => `${count} ${name}`).join(', ')} (${tally.saved} requests shared)`);
  say(
    `demands: ${cases} cases on ${cuts} cuts, ${denying} deny something, ${exact} compared exactly, ${requests} requests read, ${lost} values lost with denied keys, ${allowed.findings.length} findings`,
  );
  say(`${cpuSeconds.toFixed(0)} s of the processor, ${((1_000 * cpuSeconds) / Math.max(1, tally.operations)).toFixed(1)} ms an operation`);
  const failed = tally.findings.length + allowed.findings.length;
  return { passed: tally.operations + cases - failed, failed, refused };
}

function mostOf(tenths: readonly number[]): string {
  return (Math.max(0, tenths.length - 1) / 10).toFixed(0);
}
