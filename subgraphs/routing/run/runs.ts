// Does the runs that wait, one at a time in all processes of routing: reads the industry, keeps the input, solves it, stores the plan. A run
// whose process died is begun anew by the next; a run that could not read is followed by another after a while.
import type { Clock } from '../../../lib/clock/clock.ts';
import { createError, isHubError, toMessage } from '../../../lib/errors/errors.ts';
import type { Part } from '../../../lib/lifecycle/index.ts';
import type { Log } from '../../../lib/log/log.ts';
import type { AskHub } from '../../../subgraph-kit/ask-hub.ts';
import { runChange } from '../../../subgraph-kit/change.ts';
import { topicsThatArise } from '../../../subgraph-kit/consumer.ts';
import type { Database, HubSettings } from '../../../subgraph-kit/context.ts';
import { createLoop } from '../../../subgraph-kit/loop.ts';
import { execute, query, sql } from '../../../subgraph-kit/sql.ts';
import type { Tx } from '../data/client.ts';
import type { RunProblem, RunRow } from '../data/tables.ts';
import type { RoutingInput } from '../model/types.ts';
import type { Change } from '../writes/change.ts';
import { failRun } from '../writes/runs.ts';
import { storePlan } from '../writes/store-plan.ts';
import { storeInput, toCanonicalText } from './input-hash.ts';
import { readIndustry, type Industry } from './read-industry.ts';
import { createRetries } from './retries.ts';
import { createSolver, type Solve } from './solver.ts';

export type RunsOptions = {
  readonly db: Database<Tx>;
  readonly clock: Clock;
  readonly settings: HubSettings;
  readonly log: Log;
  readonly wakeRelay: () => void;
  /** Left out: every run fails and says that routing cannot ask the gateway. */
  readonly askHub?: AskHub;
  readonly solve?: Solve;
  /** Waits before the second and the third attempt. */
  readonly retryMs?: readonly number[];
};

/** How often it is looked for runs: reroute only enters a row. One indexed read of an empty list costs next to nothing. */
const IDLE_MS = 250;
const SOLVE_MS = 10_000;
/** Longest time in which a run is read and stored, besides that of solving; the lock is given up then. */
const LOCK_MS = 300_000;
const STOP_MS = 5_000;

type Runner = RunsOptions & {
  readonly solver: Solve;
  readonly signal: AbortSignal;
  readonly change: <T>(work: (change: Change) => Promise<T>) => Promise<T>;
};

/** The part of the subgraph that does runs. */
export function createRuns(options: RunsOptions): Part {
  const stopping = new AbortController();
  const runner = toRunner(options, stopping.signal);
  const startNextAttempt = createRetries(runner);
  const loop = createLoop({
    name: 'runs',
    idleMs: IDLE_MS,
    pass: async () => {
      await startNextAttempt();
      return doNextRun(runner);
    },
    onError: (error) => options.log.warn({ reason: toMessage(error) }, 'a run could not be done, it will be tried again'),
  });
  return {
    name: 'runs',
    stopLimitMs: STOP_MS,
    start: () => loop.start(),
    stop: async () => {
      // a run that is being done stays RUNNING: the next process begins it anew
      stopping.abort(new Error('routing stops'));
      await loop.stop();
    },
  };
}

function toRunner(options: RunsOptions, signal: AbortSignal): Runner {
  const { db, clock, settings, wakeRelay } = options;
  const cause = { actorId: null, causeId: null, requestId: null };
  const topics = topicsThatArise('routing');
  return {
    ...options,
    solver: options.solve ?? createSolver(),
    signal,
    change: (work) => runChange({ db, clock, cause, topics, wakeRelay }, (change) => work({ ...change, settings })),
  };
}

const solveLimitOf = ({ settings }: Runner): number => settings.solveLimitMs ?? SOLVE_MS;

const hasWaiting = async ({ db }: Runner): Promise<boolean> =>
  (await query(db, sql`SELECT 1 FROM "Run" WHERE "status" = 'RUNNING' LIMIT 1`)).length > 0;

/**
 * Does the run that waits longest. A transaction holds a lock meanwhile and does nothing else: when this process dies the database frees the
 * lock. Resolves to true when there may be more to do.
 */
async function doNextRun(runner: Runner): Promise<boolean> {
  if (!(await hasWaiting(runner))) return false;
  return runner.db.$transaction(
    async (lock) => {
      const [held] = await query<{ got: boolean }>(
        lock,
        sql`SELECT pg_try_advisory_xact_lock(hashtext(current_schema() || '.solving')) AS got`,
      );
      if (held?.got !== true) return false;
      const [run] = await query<RunRow>(
        runner.db,
        sql`SELECT t.* FROM "Run" t WHERE t."status" = 'RUNNING' ORDER BY t."startedAt", t."runId" LIMIT 1`,
      );
      if (run === undefined) return false;
      await doRun(runner, run);
      return true;
    },
    { timeout: LOCK_MS + solveLimitOf(runner), maxWait: LOCK_MS },
  );
}

async function doRun(runner: Runner, run: RunRow): Promise<void> {
  try {
    const industry = await read(runner, run);
    const text = toCanonicalText(industry.input);
    await keep(runner, run, text, industry.problems);
    const plan = await runner.solver({ text, seed: run.seed, limitMs: solveLimitOf(runner) }, runner.signal);
    // printed by this process a moment ago
    const input = JSON.parse(text) as RoutingInput;
    await runner.change((change) => storePlan(change, run, input, plan));
  } catch (error) {
    if (runner.signal.aborted) throw error;
    runner.log.warn({ runId: run.runId, reason: toReason(error) }, 'a run failed');
    await runner.change((change) => failRun(change, run, [toProblem(error)]));
  }
}

function read(runner: Runner, run: RunRow): Promise<Industry> {
  const { askHub, db, settings, clock, signal } = runner;
  if (askHub === undefined)
    throw createError('GATEWAY_UNREACHABLE', 'routing was started without a way to ask the gateway; set HUB_GATEWAY_URL and start again');
  return readIndustry(askHub, { db, run, settings, now: clock.now(), signal });
}

// What was read stands with the run before it is solved, so that also a solver that fails can be looked into.
const keep = (runner: Runner, run: RunRow, text: string, problems: readonly RunProblem[]): Promise<void> =>
  runner.change(async ({ tx, now }) => {
    const inputHash = await storeInput(tx, text, now);
    await execute(
      tx,
      sql`UPDATE "Run" SET "inputHash" = ${inputHash}, "problems" = ${JSON.stringify(problems)}::jsonb WHERE "runId" = ${run.runId} AND "status" = 'RUNNING'`,
    );
  });

// The message is for members, the cause for whoever runs the hub.
const toReason = (error: unknown): string =>
  error instanceof Error && error.cause !== undefined ? `${error.message}: ${toMessage(error.cause)}` : toMessage(error);

const readCodes = ['GATEWAY_UNREACHABLE', 'GATEWAY_REFUSED'] as const;

const toProblem = (error: unknown): RunProblem => ({
  code: readCodes.some((code) => isHubError(error, code)) ? 'READ_FAILED' : 'SOLVE_FAILED',
  path: [],
  // other errors are faults of the program and may name what is nobody's business
  message: isHubError(error) && error.code !== 'INTERNAL' ? error.message : 'the run failed inside the hub; its log knows why',
});
