// Jobs: work that the clock starts, such as demand that lapses. Each run is a change with its events.
import type { Clock } from '../lib/clock/clock.ts';
import { toMessage } from '../lib/errors/errors.ts';
import type { Part } from '../lib/lifecycle/index.ts';
import type { Log } from '../lib/log/log.ts';
import { runChange } from './change.ts';
import { topicsThatArise } from './consumer.ts';
import type { Database, HubSettings } from './context.ts';
import { forgetOldKeys } from './idempotency.ts';
import { createLoop } from './loop.ts';
import type { Emit } from './outbox.ts';
import { execute, sql, type SqlRunner } from './sql.ts';

/** `run` resolves to true when more of the same work waits. */
export type Job<Tx> = {
  readonly name: string;
  readonly everyMs: number;
  readonly run: (change: { tx: Tx; emit: Emit; now: Date; settings: HubSettings }) => Promise<boolean>;
};

const HOUR_MS = 3_600_000;
const INBOX_DAYS = 30;

// The feed repeats an event within its own window only, which is much shorter than 30 days.
const housekeeping: Job<SqlRunner> = {
  name: 'housekeeping',
  everyMs: HOUR_MS,
  run: async ({ tx, now }) => {
    await forgetOldKeys(tx, now);
    await execute(tx, sql`DELETE FROM "Inbox" WHERE "at" < now() - make_interval(days => ${INBOX_DAYS}::int)`);
    return false;
  },
};

export function createJobs<Tx extends SqlRunner>(options: {
  subgraph: string;
  jobs: readonly Job<Tx>[];
  db: Database<Tx>;
  clock: Clock;
  settings: HubSettings;
  log: Log;
  wakeRelay: () => void;
}): Part {
  const { db, clock, settings, log, wakeRelay } = options;
  const all: readonly Job<Tx>[] = [...options.jobs, housekeeping];
  const loops = all.map((job) =>
    createLoop({
      name: job.name,
      idleMs: job.everyMs,
      pass: () =>
        runChange(
          { db, clock, cause: { actorId: null, causeId: null, requestId: null }, topics: topicsThatArise(options.subgraph), wakeRelay },
          (change) => job.run({ ...change, settings }),
        ),
      onError: (error) => log.warn({ job: job.name, reason: toMessage(error) }, 'a job failed, it will be tried again'),
    }),
  );
  return {
    name: 'jobs',
    start: () => loops.forEach((loop) => loop.start()),
    stop: async () => void (await Promise.all(loops.map((loop) => loop.stop()))),
  };
}
