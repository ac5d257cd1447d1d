/**
 * One subgraph for tests, in one process and without HTTP: its schema and resolvers on a database of its own. `ask` runs an operation as
 * any principal, `events` shows what waits in the outbox, `follow` hands it events of others by way of its real consumer, and
 * `countStatements` counts SQL.
 */
import { graphql, type ExecutionResult } from 'graphql';
import { createFixedClock, type FixedClock } from '../../lib/clock/clock.ts';
import { createPrincipal, visitor, type Principal } from '../../lib/identity/principal.ts';
import type { Feed } from '../../lib/feed/feed.ts';
import { createMemoryFeed } from '../../lib/feed/memory-feed.ts';
import { createId } from '../../lib/ids.ts';
import { silentLog, type Log } from '../../lib/log/log.ts';
import { createConsumer } from '../../subgraph-kit/consumer.ts';
import type { Database, HubSettings, SubgraphContext } from '../../subgraph-kit/context.ts';
import { createLoaders } from '../../subgraph-kit/loaders.ts';
import type { EventEnvelope } from '../../lib/feed/envelope.ts';
import type { ClientOptions } from '../../subgraph-kit/prisma.ts';
import { createSubgraphSchema, readSdl } from '../../subgraph-kit/schema.ts';
import { query, sql, type SqlRunner } from '../../subgraph-kit/sql.ts';
import type { SubgraphDefinition } from '../../subgraph-kit/subgraph.ts';
import { createTestDatabase } from './postgres.ts';

/** What tests start from: Sunday, 22 November 2026, 17:00 in Shanghai. */
export const testStart = new Date('2026-11-22T09:00:00.000Z');

export { visitor };
export const hub = createPrincipal({ memberId: 'mbr_hub', kinds: ['HUB'] });
/** A member of these kinds. */
export const member = (memberId: string, ...kinds: string[]): Principal => createPrincipal({ memberId, kinds });
/** The same member as a generator of demonstration rows. */
export const generator = (memberId: string, ...kinds: string[]): Principal => createPrincipal({ memberId, kinds, roles: ['generator'] });

// results are looked at by their path
export type Answer = { data: any; errors: ExecutionResult['errors'] };

export async function openTestSubgraph<Tx extends SqlRunner, Client extends Database<Tx>>(
  definition: SubgraphDefinition<Tx>,
  openClient: (options: ClientOptions) => Client,
  settings: HubSettings = { timeZone: 'Asia/Shanghai', currency: 'CNY' },
) {
  const database = await createTestDatabase({ migrated: true });
  let statements = 0;
  const url = await database.urlOf(definition.name);
  const db = openClient({ url, connections: 8, onStatement: () => (statements += 1) });
  // looks on without being counted
  const watcher = openClient({ url, connections: 1 });
  const clock = createFixedClock(testStart);
  const schema = createSubgraphSchema({ sdl: readSdl(definition.name), resolvers: definition.resolvers, mutations: definition.mutations });
  const log = silentLog;
  const feed = createMemoryFeed();

  async function ask(principal: Principal, source: string, variableValues: Record<string, unknown> = {}): Promise<Answer> {
    const loaders = createLoaders(db, principal);
    const contextValue: SubgraphContext<Tx> = {
      db,
      principal,
      requestId: 'req_test',
      clock,
      settings,
      log,
      loaders,
      wakeRelay: () => undefined,
    };
    const { data, errors } = await graphql({ schema, source, variableValues, contextValue });
    return { data, errors };
  }

  return {
    db,
    url,
    clock,
    schema,
    settings,
    ask,
    /** Runs `mutation name(input)` and gives its payload; GraphQL errors are thrown. */
    change: async (principal: Principal, name: string, input: Record<string, unknown>, fields: string): Promise<any> => {
      const type = `${name[0]?.toUpperCase() ?? ''}${name.slice(1)}Input!`;
      const { data, errors } = await ask(
        principal,
        `mutation ($input: ${type}) { ${name}(input: $input) { ${fields} problems { code path message } } }`,
        { input },
      );
      if (errors !== undefined) throw new Error(errors.map((e) => e.message).join('; '));
      return data[name];
    },
    events: async (): Promise<EventEnvelope[]> =>
      (await query<{ event: EventEnvelope }>(db, sql`SELECT "event" FROM "Outbox" ORDER BY "position"`)).map((row) => row.event),
    forgetEvents: async (): Promise<void> => void (await db.$executeRawUnsafe('DELETE FROM "Outbox"')),
    /** Statements that `work` runs. */
    countStatements: async (work: () => Promise<unknown>): Promise<number> => {
      const before = statements;
      await work();
      // the driver reports a statement in a turn of its own
      await new Promise((resolve) => setImmediate(resolve));
      return statements - before;
    },
    /** Puts events of other subgraphs into the feed and resolves when they are applied. */
    follow: (events: readonly ForeignEvent[]) => followEvents({ definition, db, watcher, feed, clock, settings }, events),
    close: async (): Promise<void> => {
      await feed.close();
      await Promise.all([db.$disconnect(), watcher.$disconnect()]);
      await database.drop();
    },
  };
}

export type TestSubgraph<Tx extends SqlRunner, Client extends Database<Tx>> = Awaited<ReturnType<typeof openTestSubgraph<Tx, Client>>>;

type Following<Tx extends SqlRunner> = {
  definition: SubgraphDefinition<Tx>;
  db: Database<Tx>;
  watcher: SqlRunner;
  feed: Feed;
  clock: FixedClock;
  settings: HubSettings;
};
type ForeignEvent = { readonly topic: string; readonly payload: Record<string, unknown>; readonly id?: string };

// Resolves when the consumer has applied every event; what it warns of is thrown.
async function followEvents<Tx extends SqlRunner>(
  { feed, watcher, ...options }: Following<Tx>,
  events: readonly ForeignEvent[],
): Promise<void> {
  for (const { topic, payload, id = createId('evt', options.clock) } of events) {
    const envelope: EventEnvelope = {
      id,
      topic,
      version: 1,
      at: options.clock.now().toISOString(),
      actorId: null,
      causeId: null,
      requestId: null,
      payload,
    };
    await feed.append(topic, [{ id, payload: envelope }]);
  }
  let failure: unknown;
  const log: Log = { ...silentLog, warn: (fields: object | string) => (failure = fields) };
  const { name, consumers } = options.definition;
  const consumer = createConsumer({ ...options, subgraph: name, consumers, feed, log, wakeRelay: () => undefined });
  await consumer.start(new AbortController().signal);
  try {
    for (const topic of new Set(events.map((event) => event.topic))) {
      const head = await feed.head(topic);
      while ((await positionOf(watcher, topic)) !== head.seq) {
        if (failure !== undefined) throw new Error(`the consumer failed: ${JSON.stringify(failure)}`);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
  } finally {
    await consumer.stop();
  }
}

async function positionOf(db: SqlRunner, topic: string): Promise<number> {
  const [row] = await query<{ seq: bigint }>(db, sql`SELECT "seq" FROM "FeedPosition" WHERE "topic" = ${topic}`);
  return Number(row?.seq ?? 0);
}
