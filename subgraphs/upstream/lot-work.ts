// The arithmetic of a lot: what a report does to its stages, how far it is and when it will be finished. Plain functions.
// A piece comes into a stage, and goes out of it good or is scrapped there; only what one stage let out can come into the next.
import { toBusinessDay } from '../../lib/clock/clock.ts';
import type { ProblemCode } from '../../subgraph-kit/problems.ts';

/** Pieces of a lot at one stage. */
export type StageWork = {
  readonly stage: string;
  /** Standard minutes of one piece. */
  readonly smv: number;
  readonly qtyIn: number;
  readonly qtyOut: number;
  readonly scrap: number;
  /** First piece in. */
  readonly startedAt: Date | null;
  /** Last report. */
  readonly reportedAt: Date | null;
  /** Last piece out. */
  readonly completedAt: Date | null;
};

/** Pieces at one stage since the last report. */
export type StageReport = {
  readonly stage: string;
  readonly qtyIn: number;
  readonly qtyOut: number;
  readonly scrap: number;
  readonly at: Date;
};

export type ReportResult<S extends StageWork> =
  | { readonly kind: 'taken'; readonly stages: readonly S[] }
  | { readonly kind: 'refused'; readonly code: ProblemCode; readonly path: string; readonly message: string };

/** Adds a report to the stages, which stand in the order of the work; refuses pieces that cannot be there. */
export function applyReport<S extends StageWork>(stages: readonly S[], plannedQty: number, report: StageReport): ReportResult<S> {
  const place = stages.findIndex(({ stage }) => stage === report.stage);
  const before = stages[place];
  const refused = (code: ProblemCode, path: string, message: string): ReportResult<S> => ({ kind: 'refused', code, path, message });
  if (before === undefined)
    return refused(
      'BAD_CODE',
      'stage',
      `expected a stage of this lot, one of ${stages.map(({ stage }) => stage).join(', ')}, got ${report.stage}`,
    );
  if (before.reportedAt !== null && report.at < before.reportedAt)
    return refused(
      'DATES_REVERSED',
      'at',
      `${report.at.toISOString()} lies before the last report of the stage, ${before.reportedAt.toISOString()}`,
    );
  const [qtyIn, qtyOut, scrap] = [before.qtyIn + report.qtyIn, before.qtyOut + report.qtyOut, before.scrap + report.scrap];
  const there = place === 0 ? plannedQty : (stages[place - 1]?.qtyOut ?? 0);
  if (qtyIn > there) {
    const source = place === 0 ? `${there} pieces are planned` : `the stage ${stages[place - 1]?.stage ?? ''} let out ${there} pieces`;
    return refused('OUT_OF_RANGE', 'qtyIn', `${source}, with this report ${qtyIn} would have come in`);
  }
  if (qtyOut + scrap > qtyIn)
    return refused('OUT_OF_RANGE', 'qtyOut', `${qtyIn} pieces came in, with this report ${qtyOut} would be out and ${scrap} scrapped`);
  const startedAt = before.startedAt ?? (qtyIn > 0 ? report.at : null);
  const after = stages.with(place, { ...before, qtyIn, qtyOut, scrap, startedAt, reportedAt: report.at });
  return { kind: 'taken', stages: completeStages(after, plannedQty) };
}

// A stage is complete when all that could come in has come in and gone out. The last scrap at one may complete those after it.
function completeStages<S extends StageWork>(stages: readonly S[], plannedQty: number): S[] {
  let open = false;
  let there = plannedQty;
  return stages.map((one) => {
    const { qtyIn, qtyOut, scrap } = one;
    open ||= qtyIn === 0 || qtyIn < there || qtyOut + scrap < qtyIn;
    there = qtyOut;
    return open ? one : { ...one, completedAt: one.completedAt ?? one.reportedAt };
  });
}

/** Good pieces: those that the last stage let out. */
export const goodOf = (stages: readonly StageWork[]): number => stages.at(-1)?.qtyOut ?? 0;

/** Pieces scrapped at any stage. */
export const scrapOf = (stages: readonly StageWork[]): number => stages.reduce((sum, { scrap }) => sum + scrap, 0);

/** Standard minutes: those done, and all that the lot takes. A piece that was scrapped needs none at the stages after. */
function minutesOf(stages: readonly StageWork[], plannedQty: number): { done: number; planned: number } {
  let pieces = plannedQty;
  let [done, planned] = [0, 0];
  for (const { smv, qtyOut, scrap } of stages) {
    planned += pieces * smv;
    done += (qtyOut + scrap) * smv;
    pieces -= scrap;
  }
  return { done, planned };
}

/** Minutes done over minutes planned, in basis points; rounded down, so that 10,000 means all. */
export function progressOf(stages: readonly StageWork[], plannedQty: number): number {
  const { done, planned } = minutesOf(stages, plannedQty);
  return planned === 0 ? 0 : Math.min(10_000, Math.floor((done / planned) * 10_000 + 1e-9));
}

const DAYS_MOST = 3_650;
const DAY_MS = 86_400_000;

export type LotTimes = { readonly status: string; readonly plannedQty: number; readonly completedAt: Date | null };

/**
 * The day on which a lot will be finished when the minutes that are left go on at the pace since its first piece; the day on which it was
 * finished once it is. Null before work begins, and for a lot that was given up.
 */
export function finishOf(lot: LotTimes, stages: readonly StageWork[], now: Date, timeZone: string): string | null {
  if (lot.status === 'SCRAPPED') return null;
  if (lot.completedAt !== null) return toBusinessDay(lot.completedAt, timeZone);
  const starts = stages.flatMap(({ startedAt }) => (startedAt === null ? [] : [startedAt.getTime()]));
  const { done, planned } = minutesOf(stages, lot.plannedQty);
  if (starts.length === 0 || done === 0) return null;
  const elapsedMs = Math.max(0, now.getTime() - Math.min(...starts));
  const leftMs = Math.min((elapsedMs * (planned - done)) / done, DAYS_MOST * DAY_MS);
  return toBusinessDay(new Date(now.getTime() + leftMs), timeZone);
}
