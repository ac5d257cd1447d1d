// A subgraph as a service: database, relay, consumers, jobs and server, and what else belongs to it, started in this order and stopped in
// reverse.
import { realClock, type Clock } from '../lib/clock/clock.ts';
import type { Feed } from '../lib/feed/feed.ts';
import type { PublicKeys } from '../lib/identity/index.ts';
import { createService, type Part, type Service } from '../lib/lifecycle/index.ts';
import type { Log } from '../lib/log/log.ts';
import type { AskHub } from './ask-hub.ts';
import { createConsumer, type Consumers } from './consumer.ts';
import type { Database, HubSettings, SubgraphContext } from './context.ts';
import { createJobs, type Job } from './job.ts';
import { createLoaders } from './loaders.ts';
import type { MutationField } from './mutation.ts';
import { createRelay } from './relay.ts';
import { createSubgraphSchema, readSdl, type Resolvers } from './schema.ts';
import { createSubgraphServer, type Library } from './server/server.ts';
import type { Asker } from './server/door.ts';
import { query, sql, type SqlRunner } from './sql.ts';

/** What makes one subgraph differ from another. */
export type SubgraphDefinition<Tx extends SqlRunner> = {
  readonly name: string;
  readonly library: Library;
  readonly resolvers: Resolvers;
  readonly mutations: readonly MutationField<Tx>[];
  readonly consumers: Consumers<Tx>;
  readonly jobs: readonly Job<Tx>[];
  /** Work before the door opens, such as rows that must exist. */
  readonly prepare?: (options: SubgraphOptions<Tx>) => Promise<void>;
  /** What else runs beside the server; started last and stopped first. */
  readonly parts?: (options: SubgraphOptions<Tx> & { readonly wakeRelay: () => void }) => readonly Part[];
};

/** What a subgraph is given from outside. */
export type SubgraphOptions<Tx extends SqlRunner> = {
  readonly db: Database<Tx>;
  readonly feed: Feed;
  readonly keys: PublicKeys;
  readonly clock: Clock;
  readonly settings: HubSettings;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly log: Log;
  /** Called for every SQL statement by which a request reads. */
  readonly onStatement?: () => void;
  /** Asks the gateway as this subgraph; left out where no token of the hub is at hand. */
  readonly askHub?: AskHub;
  /** The SDL; left out: the file of the subgraph in `schema/`. */
  readonly sdl?: string;
};

export type Subgraph = Service & {
  readonly name: string;
  /** Known once it has started. */
  readonly url: () => string;
  /** Resolves when the outbox was looked at; for tests and importers. */
  readonly wakeRelay: () => void;
};

/** Builds the service; nothing runs before `start()`. */
export function createSubgraph<Tx extends SqlRunner>(definition: SubgraphDefinition<Tx>, options: SubgraphOptions<Tx>): Subgraph {
  const { db, feed, clock, settings } = options;
  const log = options.log.child({ service: definition.name });
  const schema = createSubgraphSchema({
    sdl: options.sdl ?? readSdl(definition.name),
    resolvers: definition.resolvers,
    mutations: definition.mutations,
  });
  const relay = createRelay({ db, feed, log });
  const wakeRelay = relay.wake;
  const seen = counted(db, options.onStatement);
  const contextOf = (asker: Asker): SubgraphContext<Tx> => ({
    db: seen,
    principal: asker.principal,
    requestId: asker.requestId,
    clock,
    settings,
    log,
    loaders: createLoaders(seen, asker.principal),
    wakeRelay,
  });
  const probe = async (): Promise<void> => void (await query(db, sql`SELECT 1`));
  const server = createSubgraphServer({
    subgraph: definition.name,
    library: definition.library,
    schema,
    host: options.host,
    port: options.port,
    keys: options.keys,
    // tokens speak of real time, also beside a demo industry that runs faster
    clock: realClock,
    log,
    // resolvers of this subgraph are written for its own database client
    contextOf: contextOf as (asker: Asker) => SubgraphContext<never>,
    probe,
  });
  const parts = [
    { name: 'database', start: probe, stop: () => db.$disconnect() },
    relay,
    createConsumer({ subgraph: definition.name, consumers: definition.consumers, db, feed, clock, settings, log, wakeRelay }),
    createJobs({ subgraph: definition.name, jobs: definition.jobs, db, clock, settings, log, wakeRelay }),
    { name: 'preparation', start: async () => definition.prepare?.(options), stop: () => undefined },
    server,
    ...(definition.parts?.({ ...options, log, wakeRelay }) ?? []),
  ];
  const service = createService(parts, { log });
  return { ...service, name: definition.name, url: server.url, wakeRelay };
}

// The same database, with a call for every statement outside a transaction: those of loaders and of batches.
function counted<Tx extends SqlRunner>(db: Database<Tx>, onStatement: (() => void) | undefined): Database<Tx> {
  if (onStatement === undefined) return db;
  return {
    $queryRawUnsafe: (text, ...values) => {
      onStatement();
      return db.$queryRawUnsafe(text, ...values);
    },
    $executeRawUnsafe: (text, ...values) => {
      onStatement();
      return db.$executeRawUnsafe(text, ...values);
    },
    $transaction: (work, limits) => db.$transaction(work, limits),
    $disconnect: () => db.$disconnect(),
  };
}
