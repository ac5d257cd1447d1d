// A run that could not read is followed by another, twice at most, each after a longer wait; a run that somebody asked for meanwhile makes
// that needless.
import type { SqlRunner } from '../../../subgraph-kit/sql.ts';
import { query, sql } from '../../../subgraph-kit/sql.ts';
import type { RunRow } from '../data/tables.ts';
import type { Change } from '../writes/change.ts';
import { startRun } from '../writes/runs.ts';

/** In real time, whatever the clock of the hub says: it is the gateway that is waited for. */
const WAITS_MS = [5_000, 30_000];

export type Retries = {
  readonly db: SqlRunner;
  readonly change: <T>(work: (change: Change) => Promise<T>) => Promise<T>;
  readonly retryMs?: readonly number[];
};

type Failed = Pick<RunRow, 'runId' | 'memberId' | 'note' | 'attempt'>;

/** Looks for the last run that failed to read; `seen` holds when this process first saw it so. */
export function createRetries({ db, change, retryMs = WAITS_MS }: Retries): () => Promise<void> {
  let seen: { readonly runId: string; readonly atMs: number } | undefined;
  return async () => {
    const failed = await findFailed(db);
    if (failed === null || failed.attempt > retryMs.length) return;
    if (seen?.runId !== failed.runId) seen = { runId: failed.runId, atMs: performance.now() };
    if (performance.now() - seen.atMs < (retryMs[failed.attempt - 1] ?? 0)) return;
    await change(async (now) => {
      // another process may have begun it a moment ago
      await query(now.tx, sql`SELECT pg_advisory_xact_lock(hashtext(current_schema() || '.retry'))::text AS "lock"`);
      if ((await findFailed(now.tx))?.runId !== failed.runId) return;
      const { memberId, note, attempt } = failed;
      await startRun(now, { trigger: 'SCHEDULED', triggerRef: failed.runId, memberId, note, attempt: attempt + 1 });
    });
  };
}

// The newest run, when it is one that could not read.
async function findFailed(db: SqlRunner): Promise<Failed | null> {
  const [row] = await query<Failed & { waits: boolean }>(
    db,
    sql`SELECT t."runId", t."memberId", t."note", t."attempt", t."status" = 'FAILED' AND t."problems" @> '[{"code": "READ_FAILED"}]' AS waits
        FROM "Run" t ORDER BY t."startedAt" DESC, t."runId" DESC LIMIT 1`,
  );
  return row?.waits === true ? row : null;
}
