// The relay: takes events from the outbox to the feed, in their order, at least once; the feed drops repeats by id.
import { toMessage } from '../lib/errors/errors.ts';
import type { EventEnvelope } from '../lib/feed/envelope.ts';
import type { Feed, FeedEvent } from '../lib/feed/feed.ts';
import type { Part } from '../lib/lifecycle/index.ts';
import type { Log } from '../lib/log/log.ts';
import { execute, query, sql, type SqlRunner } from './sql.ts';
import { createLoop, type Loop } from './loop.ts';

const BATCH = 1_000;
const IDLE_MS = 1_000;

type Waiting = { position: bigint; topic: string; event: EventEnvelope };

export type Relay = Part & { readonly wake: () => void };

/**
 * Appends what waits in the outbox, then removes it there. Two relays of one subgraph do no harm to completeness, but only one at a
 * time keeps the order: rows are taken under a lock that the database gives to one of them.
 */
export function createRelay(options: { db: SqlRunner & { $transaction: TransactionOf }; feed: Feed; log: Log }): Relay {
  const { feed, log } = options;
  const pass = (): Promise<boolean> =>
    options.db.$transaction(
      async (tx) => {
        const [lock] = await query<{ got: boolean }>(
          tx,
          sql`SELECT pg_try_advisory_xact_lock(hashtext(current_schema() || '.outbox')) AS got`,
        );
        if (lock?.got !== true) return false;
        const rows = await query<Waiting>(
          tx,
          sql`SELECT "position", "topic", "event" FROM "Outbox" ORDER BY "position" LIMIT ${BATCH}::int`,
        );
        if (rows.length === 0) return false;
        await append(feed, rows);
        await execute(tx, sql`DELETE FROM "Outbox" WHERE "position" = ANY(${rows.map((row) => row.position)}::bigint[])`);
        return rows.length === BATCH;
      },
      { timeout: 60_000, maxWait: 60_000 },
    );
  const loop: Loop = createLoop({
    name: 'relay',
    idleMs: IDLE_MS,
    pass,
    onError: (error) => log.warn({ reason: toMessage(error) }, 'the relay could not pass events on, it will try again'),
  });
  return { name: 'relay', start: loop.start, stop: loop.stop, wake: loop.wake };
}

type TransactionOf = <T>(work: (tx: SqlRunner) => Promise<T>, options?: { timeout?: number; maxWait?: number }) => Promise<T>;

// One append per topic; within a topic the order of the outbox is kept.
async function append(feed: Feed, rows: readonly Waiting[]): Promise<void> {
  const byTopic = new Map<string, (FeedEvent & { readonly payload: EventEnvelope })[]>();
  for (const { topic, event } of rows) {
    const group = byTopic.get(topic) ?? [];
    group.push({ id: event.id, payload: event });
    byTopic.set(topic, group);
  }
  for (const [topic, events] of byTopic) await feed.append(topic, events);
}
