// Runs: how one begins and how it ends without a plan. One that ends with a plan is written by store-plan.ts.
import { addDays, toBusinessDay } from '../../../lib/clock/clock.ts';
import { toDate } from '../../../subgraph-kit/days.ts';
import { insertRows } from '../../../subgraph-kit/insert-rows.ts';
import { query, sql, type SqlRunner } from '../../../subgraph-kit/sql.ts';
import type { RunProblem, RunRow, RunTrigger } from '../data/tables.ts';
import { newId, type Change } from './change.ts';
import { readPolicy } from './policy.ts';

/** Days that a run plans, today included. */
export const HORIZON_DAYS = 28;
/** Runs that may wait at a time. */
export const WAITING_MOST = 20;

export type NewRun = {
  readonly trigger: RunTrigger;
  readonly triggerRef?: string | null;
  readonly memberId: string | null;
  readonly note?: string | null;
  readonly attempt?: number;
};

/** How many runs wait or are being solved. Whoever asks next waits until this change has ended, so that the count holds. */
export async function countRunning({ tx }: Change): Promise<number> {
  await query(tx, sql`SELECT pg_advisory_xact_lock(hashtext('routing.runs'))::text AS "lock"`);
  const [row] = await query<{ n: number }>(tx, sql`SELECT count(*)::int AS n FROM "Run" WHERE "status" = 'RUNNING'`);
  return row?.n ?? 0;
}

/** Waits until no plan is being stored or committed; whoever wants to meanwhile waits for the end of this transaction. */
export async function awaitCommits(tx: SqlRunner): Promise<void> {
  await query(tx, sql`SELECT pg_advisory_xact_lock(hashtext(current_schema() || '.commit'))::text AS "lock"`);
}

/** Enters a run that waits to be solved, by the policy in force. */
export async function startRun(change: Change, wish: NewRun): Promise<RunRow> {
  const { tx, emit, now, settings } = change;
  const policy = await readPolicy(tx);
  const today = toBusinessDay(now, settings.timeZone);
  const runId = newId(change, 'run');
  const row: RunRow = {
    runId,
    memberId: wish.memberId,
    trigger: wish.trigger,
    triggerRef: wish.triggerRef ?? null,
    note: wish.note ?? null,
    status: 'RUNNING',
    attempt: wish.attempt ?? 1,
    startedAt: now,
    finishedAt: null,
    committedAt: null,
    horizonFrom: toDate(today),
    horizonTo: toDate(addDays(today, HORIZON_DAYS - 1)),
    frozenUntil: toDate(addDays(today, policy.frozenDays - 1)),
    objective: null,
    bound: null,
    gap: null,
    currency: settings.currency,
    solveMs: null,
    inputHash: null,
    policyVersion: policy.version,
    seed: runId,
    demandedPieces: null,
    placedPieces: null,
    unservedPieces: null,
    changedLines: null,
    nervousness: null,
    fairness: null,
    problems: [],
    changedAt: now,
  };
  await insertRows(tx, 'Run', [row]);
  emit('run.started', row);
  return row;
}

/** Ends a run that could not be read or solved. A run that has ended stays as it is. */
export async function failRun({ tx, emit, now }: Change, run: Pick<RunRow, 'runId'>, problems: readonly RunProblem[]): Promise<void> {
  const [row] = await query<RunRow>(
    tx,
    sql`UPDATE "Run" SET "status" = 'FAILED', "finishedAt" = ${now}::timestamptz, "problems" = ${JSON.stringify(problems)}::jsonb,
          "changedAt" = greatest(${now}::timestamptz, "changedAt" + interval '1 millisecond')
        WHERE "runId" = ${run.runId} AND "status" = 'RUNNING' RETURNING *`,
  );
  if (row !== undefined) emit('run.completed', row);
}
