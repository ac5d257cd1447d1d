/** The live core over small subgraphs and a feed in memory, with clients that note what they are told: no sockets. */
import { buildSubgraphSchema } from '@apollo/subgraph';
import { graphql, parse } from 'graphql';
import { composeSupergraph } from '../../../engine/compose/index.ts';
import { createHub, type GatewayOptions } from '../../../gateway/gateway.ts';
import type { LiveClient, LiveEnd, LiveSubscription, Wire } from '../../../gateway/live/client.ts';
import { createLive, type LiveCore } from '../../../gateway/live/live.ts';
import { beginRequest } from '../../../gateway/pipeline/answer-request.ts';
import { defaultLimits, type Limits } from '../../../gateway/pipeline/limits.ts';
import { realClock } from '../../../lib/clock/clock.ts';
import { createError } from '../../../lib/errors/errors.ts';
import { createMemoryFeed, type Feed } from '../../../lib/feed/index.ts';
import { silentLog } from '../../../lib/log/log.ts';

const HEAD = `
  extend schema
    @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@composeDirective", "@inaccessible", "@key", "@authenticated", "@policy", "@shareable"])
    @link(url: "https://industry-router.example/feed/v1.0", import: ["@feed"])
    @composeDirective(name: "@feed")
  directive @feed(topic: String!, where: feed__Where, delivery: feed__Delivery! = ALL) on FIELD_DEFINITION
  scalar feed__Where @inaccessible
  enum feed__Delivery @inaccessible { ALL LATEST }
`;

export const upstreamSdl = `${HEAD}
  type Query { lots: [Lot] }
  type Lot @key(fields: "no") { no: ID! size: Int! note: String secret: String @policy(policies: [["trusted"]]) }
  type Tick { number: Int text: String }
  type Subscription {
    lotMoved(no: ID, least: Int): Lot @feed(topic: "lot.moved", where: { no: { eq: "$no" }, size: { gte: "$least" } })
    lotSeen: Lot @feed(topic: "lot.moved", delivery: LATEST)
    ticked: Tick @feed(topic: "tick")
  }
`;
export const namesSdl = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
  type Lot @key(fields: "no") { no: ID! name: String }
  type Query { named: Lot }
`;

export type Sources = Readonly<Record<string, string>>;

export function composeLots(sources: Sources = { upstream: upstreamSdl, names: namesSdl }): string {
  const composed = composeSupergraph(Object.entries(sources).map(([name, sdl]) => ({ name, url: `http://${name}.test/graphql`, sdl })));
  if (composed.kind === 'failed') throw new Error(composed.errors.map(({ message }) => message).join('\n'));
  return composed.supergraphSdl;
}

type Lot = { readonly no: string };
/** What a subgraph was asked, and on whose behalf. */
export type AskedOf = {
  readonly graph: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
};

export type Subgraphs = {
  readonly asked: AskedOf[];
  readonly hidden: Set<string>;
  /** Throws what a subgraph that does not answer throws. */
  readonly down: Set<string>;
  /** They answer no sooner. */
  hold(until: Promise<void>): void;
  readonly fetcher: NonNullable<GatewayOptions['fetcher']>;
};

export function createSubgraphs(): Subgraphs {
  const hidden = new Set<string>();
  const down = new Set<string>();
  const asked: AskedOf[] = [];
  let held: Promise<void> = Promise.resolve();
  const schemas: Readonly<Record<string, ReturnType<typeof buildSubgraphSchema>>> = {
    upstream: buildSubgraphSchema([
      {
        typeDefs: parse(upstreamSdl),
        resolvers: {
          Lot: {
            __resolveReference: ({ no }: Lot) =>
              hidden.has(no)
                ? null
                : { __typename: 'Lot', no, size: Number(no.replaceAll(/\D/g, '')) || 0, note: `note ${no}`, secret: `secret ${no}` },
          },
        },
      },
    ]),
    names: buildSubgraphSchema([
      {
        typeDefs: parse(namesSdl),
        resolvers: { Lot: { __resolveReference: ({ no }: Lot) => ({ __typename: 'Lot', no, name: `lot ${no}` }) } },
      },
    ]),
  };
  return {
    asked,
    hidden,
    down,
    hold: (until) => void (held = until),
    async fetcher({ graph, body, headers = {} }) {
      const { query, variables = {} } = JSON.parse(body) as { query: string; variables?: Record<string, unknown> };
      asked.push({ graph: graph.name, variables, headers });
      await held;
      if (down.has(graph.name)) throw createError('SUBGRAPH_UNREACHABLE', `${graph.name} does not answer.`);
      const schema = schemas[graph.name];
      if (schema === undefined) throw new Error(`no subgraph ${graph.name}`);
      return { kind: 'response', status: 200, text: JSON.stringify(await graphql({ schema, source: query, variableValues: variables })) };
    },
  };
}

export type Said = {
  data?: Record<string, unknown> | null;
  errors?: { message: string; path?: unknown[]; extensions: { code: string } }[];
  extensions: { cursor: string; resume?: { status: string }; delivery?: { skipped: number } };
};

/** Payloads as they are, one object a message. */
const plainWire: Wire = { name: 'plain', next: (payload) => payload };

export type TestClient = LiveClient & {
  readonly said: Said[];
  /** Messages, of which several may have come in one write. */
  readonly written: Uint8Array[];
  writes: number;
  readonly bookmarks: string[];
  readonly ends: LiveEnd[];
  /** Bytes that it says are waiting. */
  stuck: number;
  /** Set when it stands. */
  subscription: LiveSubscription | null;
};

export function createTestClient(wire: Wire = plainWire): TestClient {
  const said: Said[] = [];
  const written: Uint8Array[] = [];
  const bookmarks: string[] = [];
  const ends: LiveEnd[] = [];
  return {
    wire,
    connection: said,
    said,
    written,
    bookmarks,
    ends,
    writes: 0,
    stuck: 0,
    subscription: null,
    waiting() {
      return this.stuck;
    },
    write(messages) {
      if (ends.length > 0) throw new Error('written after the end');
      this.writes += 1;
      for (const message of messages) {
        written.push(message);
        said.push(JSON.parse(Buffer.from(message).toString()) as Said);
      }
    },
    bookmark(cursor) {
      if (ends.length > 0) throw new Error('a bookmark after the end');
      bookmarks.push(cursor);
    },
    end(end) {
      if (ends.length > 0) throw new Error('ended twice');
      ends.push(end);
    },
  };
}

export type Asking = {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly extensions?: Readonly<Record<string, unknown>>;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cursor?: string;
};

export type LiveKit = {
  readonly live: LiveCore;
  readonly feed: Feed;
  readonly subgraphs: Subgraphs;
  /** Appends lots to lot.moved: numbers with their size. */
  move(...numbers: string[]): Promise<void>;
  /** The client, or the text of the refusal. */
  subscribe(asking: Asking, client?: TestClient): Promise<TestClient>;
  refused(asking: Asking): Promise<string>;
  publish(sdl: string): boolean;
  stop(): Promise<void>;
};

type Overrides = Partial<Omit<GatewayOptions, 'limits'>> & {
  readonly limits?: Partial<Limits>;
  readonly sdl?: string;
  readonly feed?: Feed;
};

export const cursorKey = Buffer.alloc(32, 7);

export async function startLive({ limits, sdl, feed = createMemoryFeed(), ...overrides }: Overrides = {}): Promise<LiveKit> {
  const subgraphs = createSubgraphs();
  let live: LiveCore | null = null;
  const { hub } = await createHub(
    {
      host: '127.0.0.1',
      port: 0,
      mayMovePort: false,
      development: true,
      version: '0.0.0',
      source: { kind: 'sdl', sdl: '' },
      subgraphUrls: new Map(),
      lastGoodFile: null,
      identity: { kind: 'none' },
      principalKeys: null,
      allowedHosts: [],
      allowedOrigins: [],
      clock: realClock,
      log: silentLog,
      metricsOfProcess: false,
      fetcher: subgraphs.fetcher,
      feed,
      ...overrides,
      limits: { ...defaultLimits, ...limits },
    },
    (graph) => void live?.take(graph),
  );
  const core = createLive({ hub, feed, cursorKeys: [cursorKey] });
  live = core;
  hub.graphs.offer(sdl ?? composeLots(), 'test');
  const begin = async ({ query, variables = {}, extensions = {}, token, headers = {} }: Asking) =>
    beginRequest(
      {
        params: { query, variables, extensions },
        readOnly: false,
        token: token ?? null,
        fromLoopback: true,
        address: '127.0.0.1',
        requestId: 'test',
        header: (name) => headers[name],
        live: true,
        signal: new AbortController().signal,
      },
      hub,
    );
  return {
    live: core,
    feed,
    subgraphs,
    async move(...numbers) {
      await feed.append(
        'lot.moved',
        numbers.map((no) => ({
          id: `${no}-${Math.random()}`,
          payload: { topic: 'lot.moved', payload: { no, size: Number(no.replaceAll(/\D/g, '')) || 0 } },
        })),
      );
    },
    async subscribe(asking, client = createTestClient()) {
      const begun = await begin(asking);
      if (begun.kind !== 'subscription') throw new Error(begun.text);
      try {
        client.subscription = await core.subscribe(begun, client, { cursor: asking.cursor ?? null });
        begun.stands();
      } catch (error) {
        throw new Error(begun.refuse(error).text, { cause: error });
      }
      return client;
    },
    async refused(asking) {
      const begun = await begin(asking);
      if (begun.kind !== 'subscription') return begun.text;
      return core.subscribe(begun, createTestClient(), { cursor: asking.cursor ?? null }).then(
        () => 'not refused',
        (error: unknown) => begun.refuse(error).text,
      );
    },
    publish: (text) => hub.graphs.offer(text, 'test'),
    async stop() {
      await core.drain(0);
      await hub.elsewhere.stop();
      await feed.close();
    },
  };
}

/** Until it is so, or ten seconds are over. */
export async function until(isSo: () => boolean): Promise<void> {
  const endsAt = Date.now() + 10_000;
  while (!isSo()) {
    if (Date.now() > endsAt) throw new Error('It did not become so within ten seconds.');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
