/**
 * The whole hub for tests, in one process: a database of its own, four subgraphs, the feed and the gateway, over real HTTP on free ports.
 * `ask` goes through the gateway as any member; `settle` resolves when no run of routing waits and every event has
 * been passed on and applied.
 */
import { createFixedClock, realClock, type Clock } from '../../lib/clock/clock.ts';
import { createPostgresFeed } from '../../lib/feed/postgres-feed.ts';
import { createPublicKeys, createSigningKey, signMemberToken, signRoutingToken, toJwks, type HubKeys } from '../../lib/identity/index.ts';
import { silentLog, type Log } from '../../lib/log/log.ts';
import { fromRoot } from '../../lib/paths.ts';
import { createPool } from '../../lib/postgres/pool.ts';
import { startGateway } from '../../gateway/gateway.ts';
import { defaultLimits, type Limits } from '../../gateway/pipeline/limits.ts';
import { createHubAsker } from '../../subgraph-kit/ask-hub.ts';
import type { Database, HubSettings } from '../../subgraph-kit/context.ts';
import { query, sql, type SqlRunner } from '../../subgraph-kit/sql.ts';
import { createSubgraph, type Subgraph, type SubgraphDefinition } from '../../subgraph-kit/subgraph.ts';
import { program as downstream } from '../../subgraphs/downstream/config.ts';
import { program as midstream } from '../../subgraphs/midstream/config.ts';
import { program as routing } from '../../subgraphs/routing/config.ts';
import { program as upstream } from '../../subgraphs/upstream/config.ts';
import type { SubgraphProgram } from '../../subgraph-kit/run.ts';
import { readEventContract } from '../../lib/feed/event-contract.ts';
import { createTestDatabase } from './postgres.ts';
import { testStart } from './subgraph.ts';

export const subgraphNames = ['downstream', 'midstream', 'routing', 'upstream'] as const;
export type SubgraphName = (typeof subgraphNames)[number];

export type HubOptions = {
  /** By default a clock that stands at testStart. */
  readonly clock?: Clock;
  readonly log?: Log;
  readonly limits?: Partial<Limits>;
  /** Where the gateway asks a subgraph, instead of the subgraph itself. */
  readonly urlOf?: (name: SubgraphName, url: string) => Promise<string>;
};

/** The defaults, with room for large tables of test input. */
export const testLimits: Limits = { ...defaultLimits, variablesBytes: defaultLimits.bodyBytes, stopMs: 2_000 };

export type Player = { readonly memberId: string; readonly token: string };
export type HubAnswer = {
  data: any;
  errors?: { message: string; path?: (string | number)[]; extensions?: Record<string, unknown> }[];
  extensions?: any;
};

type Running = { readonly subgraph: Subgraph; readonly db: Database<SqlRunner> };

export async function startTestHub(options: HubOptions = {}) {
  const database = await createTestDatabase({ migrated: true });
  const clock = options.clock ?? createFixedClock(testStart);
  const log = options.log ?? silentLog;
  const settings: { -readonly [K in keyof HubSettings]: HubSettings[K] } = {
    timeZone: 'Asia/Shanghai',
    currency: 'CNY',
    pseudonymKey: 'test',
  };
  const keys: HubKeys = { issuer: await createSigningKey(), principal: await createSigningKey(), cursorKey: new Uint8Array(32) };
  const feed = createPostgresFeed({ url: await database.urlOf('feed'), log });
  const feedTables = createPool({ url: await database.urlOf('feed'), max: 1, applicationName: 'test' });
  const heads = (): Promise<Heads> => readHeads(feedTables);
  let statements = 0;
  // known once the gateway is up, which starts after the subgraphs
  const address: { url?: string } = {};
  const routingToken = await signRoutingToken(keys);
  const asker = createHubAsker({ url: () => address.url, token: async () => routingToken });
  const open = async <Tx extends SqlRunner>(program: SubgraphProgram<Tx>): Promise<Running> => {
    const db = program.openClient({ url: await database.urlOf(program.definition.name), connections: 5 });
    const definition: SubgraphDefinition<Tx> = program.definition;
    const subgraph = createSubgraph(definition, {
      db,
      feed,
      keys: await createPublicKeys(toJwks(keys.principal)),
      clock,
      settings,
      host: '127.0.0.1',
      port: 0,
      log,
      onStatement: () => (statements += 1),
      ...(program.definition.name === 'routing' ? { askHub: asker.ask } : {}),
    });
    await subgraph.start();
    return { subgraph, db };
  };
  const running: Record<SubgraphName, Running> = {
    downstream: await open(downstream),
    midstream: await open(midstream),
    routing: await open(routing),
    upstream: await open(upstream),
  };
  const urlOf = options.urlOf ?? (async (_name: SubgraphName, url: string) => url);
  const urls = new Map(
    await Promise.all(subgraphNames.map(async (name) => [name, await urlOf(name, running[name].subgraph.url())] as const)),
  );
  const feedGuestUrl = await database.guestUrlOf('feed');
  const openGateway = () =>
    startGateway({
      host: '127.0.0.1',
      port: 0,
      mayMovePort: false,
      development: true,
      version: 'test',
      source: { kind: 'file', file: fromRoot('schema', 'supergraph.graphql') },
      subgraphUrls: urls,
      lastGoodFile: null,
      identity: { kind: 'hub', keys, issuers: new Map(), visitors: true },
      principalKeys: keys,
      feed: createPostgresFeed({ url: feedGuestUrl, log }),
      limits: { ...testLimits, ...options.limits },
      allowedHosts: [],
      allowedOrigins: [],
      clock: realClock,
      log,
      metricsOfProcess: false,
    });
  const gateway = await openGateway();
  address.url = gateway.url;

  const ask = async (
    player: Player | null,
    source: string,
    variables: Record<string, unknown> = {},
    headers: Record<string, string> = {},
  ): Promise<HubAnswer> => {
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(player === null ? {} : { authorization: `Bearer ${player.token}` }), ...headers },
      body: JSON.stringify({ query: source, variables }),
    });
    // the shape is GraphQL over HTTP; tests look at it by its path
    return (await response.json()) as HubAnswer;
  };
  const enter = async (memberId: string, kinds: readonly string[], roles: readonly string[] = []): Promise<Player> => ({
    memberId,
    token: await signMemberToken(keys, { memberId, kinds, roles }),
  });
  const hubId = String((await ask(null, '{ members(kind: HUB, first: 1) { nodes { memberId } } }')).data.members.nodes[0].memberId);

  return {
    url: gateway.url,
    clock,
    feed,
    keys,
    database,
    running,
    ask,
    enter,
    hub: await enter(hubId, ['HUB']),
    /** Runs `mutation name(input)` and gives its payload; GraphQL errors are thrown. */
    change: async (player: Player, name: string, input: Record<string, unknown>, fields: string): Promise<any> => {
      const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input!`;
      const { data, errors } = await ask(
        player,
        `mutation ($input: ${type}) { ${name}(input: $input) { ${fields} problems { code path message } } }`,
        { input },
      );
      if (errors !== undefined) throw new Error(errors.map((e) => `${e.message} ${JSON.stringify(e.extensions)}`).join('; '));
      return data[name];
    },
    /** SQL statements that `work` made in all subgraphs' loaders. */
    countStatements: async (work: () => Promise<unknown>): Promise<number> => {
      const before = statements;
      await work();
      return statements - before;
    },
    /** One more gateway over the same subgraphs; whoever opens it stops it. */
    openGateway,
    settle: () => settle(running, heads),
    /** The last position of each topic that has events, once all are applied. */
    heads: async (): Promise<Heads> => {
      await settle(running, heads);
      return heads();
    },
    /** Runs of routing do not find the gateway, until they are told to. */
    hideGateway: (isHidden: boolean): void => {
      if (isHidden) delete address.url;
      else address.url = gateway.url;
    },
    /** How long a run may be solved; undefined: as long as usual. */
    limitSolving: (limitMs: number | undefined): void => {
      if (limitMs === undefined) delete settings.solveLimitMs;
      else settings.solveLimitMs = limitMs;
    },
    stop: async (): Promise<void> => {
      await asker.close();
      await gateway.stop();
      await Promise.all(subgraphNames.map((name) => running[name].subgraph.stop()));
      await feed.close();
      await feedTables.end();
      await database.drop();
    },
  };
}

export type TestHub = Awaited<ReturnType<typeof startTestHub>>;

// A run may take most of it.
const SETTLE_MS = 60_000;

type Heads = ReadonlyMap<string, number>;

async function readHeads(feedTables: ReturnType<typeof createPool>): Promise<Heads> {
  const { rows } = await feedTables.query<{ name: string; last: string }>('SELECT name, last FROM feed.streams');
  return new Map(rows.map(({ name, last }) => [name, Number(last)]));
}

async function settle(running: Record<SubgraphName, Running>, heads: () => Promise<Heads>): Promise<void> {
  const deadline = performance.now() + SETTLE_MS;
  while (!(await isSettled(running, heads))) {
    if (performance.now() > deadline) throw new Error('events were not passed on and applied in time');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function isSettled(running: Record<SubgraphName, Running>, heads: () => Promise<Heads>): Promise<boolean> {
  const [runs] = await query<{ n: number }>(running.routing.db, sql`SELECT count(*)::int AS n FROM "Run" WHERE "status" = 'RUNNING'`);
  if (runs?.n !== 0) return false;
  // what is applied is looked at before what waits, for applying it may make new events
  const { follows } = readEventContract();
  const applied = new Map<SubgraphName, ReadonlyMap<string, number>>();
  for (const name of subgraphNames) {
    const rows = await query<{ topic: string; seq: bigint }>(running[name].db, sql`SELECT "topic", "seq" FROM "FeedPosition"`);
    applied.set(name, new Map(rows.map(({ topic, seq }) => [topic, Number(seq)])));
  }
  for (const name of subgraphNames) {
    const [waiting] = await query<{ n: number }>(running[name].db, sql`SELECT count(*)::int AS n FROM "Outbox"`);
    if (waiting?.n !== 0) return false;
  }
  const last = await heads();
  return subgraphNames.every((name) =>
    Object.keys(follows[name] ?? {}).every((topic) => (applied.get(name)?.get(topic) ?? 0) >= (last.get(topic) ?? 0)),
  );
}
