// Consumers: what this subgraph follows of others. An event is applied in the transaction that records its id: exactly once.
import { z } from 'zod';
import { createError, isHubError, toMessage } from '../lib/errors/errors.ts';
import type { Clock } from '../lib/clock/clock.ts';
import type { EventEnvelope } from '../lib/feed/envelope.ts';
import { readEventContract } from '../lib/feed/event-contract.ts';
import type { Feed, FeedPosition, StoredEvent } from '../lib/feed/feed.ts';
import type { Part } from '../lib/lifecycle/index.ts';
import type { Log } from '../lib/log/log.ts';
import { runChange } from './change.ts';
import type { Database, HubSettings } from './context.ts';
import { createLoop, type Loop } from './loop.ts';
import type { Emit } from './outbox.ts';
import { execute, query, sql, type SqlRunner } from './sql.ts';

const BATCH = 200;
const IDLE_MS = 1_000;

/** An event with fields that are read by name and checked. */
export type ReceivedEvent = {
  readonly envelope: EventEnvelope;
  readonly text: (field: string) => string;
  readonly optionalText: (field: string) => string | null;
  readonly number: (field: string) => number;
  readonly at: (field: string) => Date;
  readonly list: (field: string) => readonly Readonly<Record<string, unknown>>[];
};

/** Applies events of one topic; a batch comes in the order of the feed and without repeats. */
export type Consume<Tx> = (
  change: { tx: Tx; emit: Emit; now: Date; settings: HubSettings },
  events: readonly ReceivedEvent[],
) => Promise<void>;

/** What a subgraph follows: a handler per topic. */
export type Consumers<Tx> = Readonly<Record<string, Consume<Tx>>>;

export type ConsumerOptions<Tx extends SqlRunner> = {
  readonly subgraph: string;
  readonly consumers: Consumers<Tx>;
  readonly db: Database<Tx>;
  readonly feed: Feed;
  readonly clock: Clock;
  readonly settings: HubSettings;
  readonly log: Log;
  readonly wakeRelay: () => void;
};

/** Follows every topic with a loop of its own; a new event in the feed wakes it. */
export function createConsumer<Tx extends SqlRunner>(options: ConsumerOptions<Tx>): Part {
  checkFollows(options.subgraph, Object.keys(options.consumers));
  const stopTails = new AbortController();
  const loops = Object.entries(options.consumers).map(([topic, consume]) => {
    const loop = createLoop({
      name: `consumer of ${topic}`,
      idleMs: IDLE_MS,
      pass: () => followOnce(options, topic, consume),
      onError: (error) => options.log.warn({ topic, reason: toMessage(error) }, 'events could not be applied, they will be tried again'),
    });
    return { topic, loop };
  });
  return {
    name: 'consumer',
    start: () => {
      for (const { topic, loop } of loops) {
        loop.start();
        void wakeOnNews(options.feed, topic, loop, stopTails.signal);
      }
    },
    stop: async () => {
      stopTails.abort();
      await Promise.all(loops.map(({ loop }) => loop.stop()));
    },
  };
}

// What is followed must stand in the contract, and all that stands there must be followed.
function checkFollows(subgraph: string, topics: readonly string[]): void {
  const declared = Object.keys(readEventContract().follows[subgraph] ?? {});
  const missing = declared.filter((topic) => !topics.includes(topic));
  const extra = topics.filter((topic) => !declared.includes(topic));
  if (missing.length + extra.length === 0) return;
  throw new Error(
    `schema/events.json and the consumers of ${subgraph} differ: not followed: ${missing.join(', ') || 'none'}; not declared: ${extra.join(', ') || 'none'}`,
  );
}

async function wakeOnNews(feed: Feed, topic: string, loop: Loop, signal: AbortSignal): Promise<void> {
  try {
    for await (const _batch of feed.tail(topic, { after: await feed.head(topic), signal })) loop.wake();
  } catch {
    // a wake-up only says "look": without it the loop looks by itself after its idle time
  }
}

/** One batch of a topic: true when there may be more at once. */
export async function followOnce<Tx extends SqlRunner>(
  options: Omit<ConsumerOptions<Tx>, 'consumers' | 'feed' | 'log'> & { readonly feed: Pick<Feed, 'read'> },
  topic: string,
  consume: Consume<Tx>,
): Promise<boolean> {
  const from = await readPosition(options.db, topic);
  const batch = await readFeed(options.feed, topic, from);
  if (batch.events.length === 0) return false;
  await runChange(
    {
      db: options.db,
      clock: options.clock,
      cause: { actorId: null, causeId: batch.events[0]?.id ?? null, requestId: null },
      topics: topicsThatArise(options.subgraph),
      wakeRelay: options.wakeRelay,
    },
    async ({ tx, emit, now }) => {
      if (!(await movePosition(tx, topic, from, batch.next))) return;
      const fresh = await recordInbox(tx, topic, batch.events);
      if (fresh.length > 0) await consume({ tx, emit, now, settings: options.settings }, fresh.map(receive));
    },
  );
  return batch.events.length === BATCH;
}

// After a restore of the feed its positions start anew; the inbox drops what was applied before.
async function readFeed(
  feed: Pick<Feed, 'read'>,
  topic: string,
  from: FeedPosition | null,
): Promise<{ events: readonly StoredEvent[]; next: FeedPosition }> {
  try {
    return await feed.read(topic, from, BATCH);
  } catch (error) {
    if (from !== null && isHubError(error, 'FEED_RESET')) return feed.read(topic, null, BATCH);
    throw error;
  }
}

async function readPosition(db: SqlRunner, topic: string): Promise<FeedPosition | null> {
  const [row] = await query<{ epoch: string; seq: bigint }>(db, sql`SELECT "epoch", "seq" FROM "FeedPosition" WHERE "topic" = ${topic}`);
  return row === undefined ? null : { epoch: row.epoch, seq: Number(row.seq) };
}

// False when another process moved it meanwhile; its row lock makes that process wait, so the batch is applied by one of them only.
async function movePosition(tx: SqlRunner, topic: string, from: FeedPosition | null, next: FeedPosition): Promise<boolean> {
  const moved =
    from === null
      ? await execute(
          tx,
          sql`INSERT INTO "FeedPosition" ("topic", "epoch", "seq") VALUES (${topic}, ${next.epoch}, ${next.seq}::bigint) ON CONFLICT ("topic") DO NOTHING`,
        )
      : await execute(
          tx,
          sql`UPDATE "FeedPosition" SET "epoch" = ${next.epoch}, "seq" = ${next.seq}::bigint WHERE "topic" = ${topic} AND "epoch" = ${from.epoch} AND "seq" = ${from.seq}::bigint`,
        );
  return moved === 1;
}

async function recordInbox(tx: SqlRunner, topic: string, events: readonly StoredEvent[]): Promise<StoredEvent[]> {
  const rows = await query<{ eventId: string }>(
    tx,
    sql`INSERT INTO "Inbox" ("eventId", "topic") SELECT id, ${topic} FROM unnest(${events.map((e) => e.id)}::text[]) AS w(id) ON CONFLICT ("eventId") DO NOTHING RETURNING "eventId"`,
  );
  const fresh = new Set(rows.map((row) => row.eventId));
  return events.filter((event) => fresh.has(event.id));
}

/** Topics of the subgraph that may be written without a mutation of its own. */
export const topicsThatArise = (subgraph: string): string[] =>
  Object.entries(readEventContract().topics)
    .filter(([, topic]) => topic.subgraph === subgraph && topic.arises !== undefined)
    .map(([name]) => name);

function receive(event: StoredEvent): ReceivedEvent {
  // the relay appends envelopes and nothing else
  const envelope = event.payload as EventEnvelope;
  const wrong = (field: string, expected: string): never => {
    throw createError('INTERNAL', `event ${event.id} of ${envelope.topic}: "${field}" is not ${expected}`);
  };
  const optionalText = (field: string): string | null => {
    const value = envelope.payload[field] ?? null;
    return value === null || typeof value === 'string' ? value : wrong(field, 'text');
  };
  const text = (field: string): string => optionalText(field) ?? wrong(field, 'text');
  return {
    envelope,
    text,
    optionalText,
    number: (field) => {
      const value = envelope.payload[field];
      return typeof value === 'number' ? value : wrong(field, 'a number');
    },
    at: (field) => new Date(text(field)),
    list: (field) => {
      const value = z.array(z.record(z.string(), z.unknown())).safeParse(envelope.payload[field]);
      return value.success ? value.data : wrong(field, 'a list');
    },
  };
}
