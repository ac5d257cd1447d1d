/** A gateway over one small subgraph, in this process: for tests of the gateway itself. */
import { buildSchema, graphql, type GraphQLSchema } from 'graphql';
import { composeSupergraph } from '../../engine/compose/index.ts';
import type { SubgraphFetcher } from '../../gateway/execute/index.ts';
import { startGateway, type GatewayOptions } from '../../gateway/gateway.ts';
import { defaultLimits, type Limits } from '../../gateway/pipeline/limits.ts';
import { realClock } from '../../lib/clock/clock.ts';
import { silentLog } from '../../lib/log/log.ts';

export const shopSdl = /* GraphQL */ `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])

  type Query {
    crate(id: ID!): Crate
    crates(first: Int = 20, kind: Kind): [Crate!]!
    echo(text: String, list: [Nested!]): String
    broken: String
    slow: String
  }
  type Mutation {
    rename(id: ID!, name: String!): Crate
  }
  type Crate @key(fields: "id") {
    id: ID!
    name: String
    inside: Crate
    inner(first: Int): [Crate!]!
  }
  input Nested {
    value: String
    inner: [Nested!]
  }
  enum Kind {
    WOOD
    STEEL
  }
`;

type Crate = { id: string; name: string; inside: () => Crate; inner: (args: { first?: number }) => Crate[] };
const toCrate = (id: string, name = `crate ${id}`): Crate => ({
  id,
  name,
  inside: () => toCrate(`${id}-in`),
  inner: ({ first = 1 }) => Array.from({ length: first }, (_, index) => toCrate(`${id}.${index}`)),
});

export type Shop = { readonly fetcher: SubgraphFetcher; readonly bodies: readonly string[]; readonly mutations: () => number };

/** Answers as the subgraph would. `slow` answers when the request is given up. */
export function createShop(): Shop {
  const schema: GraphQLSchema = buildSchema(shopSdl.replace(/extend schema[^\n]*\n/, '').replaceAll('@key(fields: "id")', ''));
  const bodies: string[] = [];
  let mutations = 0;
  const fetcher: SubgraphFetcher = async ({ body, signal }) => {
    bodies.push(body);
    const { query, variables } = JSON.parse(body) as { query: string; variables?: Record<string, unknown> };
    const rootValue = {
      crate: ({ id }: { id: string }) => toCrate(id),
      crates: ({ first }: { first: number }) => Array.from({ length: first }, (_, index) => toCrate(String(index))),
      echo: ({ text }: { text?: string }) => text ?? null,
      broken: () => {
        throw new Error('the table crates is missing at /srv/data');
      },
      slow: () => new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('given up')))),
      rename: ({ id, name }: { id: string; name: string }) => {
        mutations += 1;
        return toCrate(id, name);
      },
    };
    const result = await graphql({ schema, source: query, rootValue, ...(variables ? { variableValues: variables } : {}) });
    return { kind: 'response', status: 200, text: JSON.stringify(result) };
  };
  return { fetcher, bodies, mutations: () => mutations };
}

export function composeShop(extra = ''): string {
  const result = composeSupergraph([{ name: 'shop', url: 'http://127.0.0.1:1/graphql', sdl: shopSdl + extra }]);
  if (result.kind === 'failed') throw new Error(result.errors.map(({ message }) => message).join('\n'));
  return result.supergraphSdl;
}

type Overrides = Partial<Omit<GatewayOptions, 'limits'>> & {
  readonly limits?: Partial<Limits>;
  /** Subgraphs are asked at their addresses. */
  readonly overHttp?: boolean;
};

export async function startShopGateway({ limits, overHttp = false, ...overrides }: Overrides = {}) {
  const shop = createShop();
  const gateway = await startGateway({
    host: '127.0.0.1',
    port: 0,
    mayMovePort: false,
    development: true,
    version: '0.0.0',
    source: { kind: 'sdl', sdl: composeShop() },
    subgraphUrls: new Map(),
    lastGoodFile: null,
    identity: { kind: 'none' },
    principalKeys: null,
    allowedHosts: [],
    allowedOrigins: [],
    clock: realClock,
    log: silentLog,
    metricsOfProcess: false,
    ...(overHttp ? {} : { fetcher: shop.fetcher }),
    ...overrides,
    limits: { ...defaultLimits, stopMs: 1_000, ...limits },
  });
  const graphqlUrl = `${gateway.url}/graphql`;
  return { ...gateway, shop, graphqlUrl, post: createPost(graphqlUrl) };
}

export type GraphqlBody = {
  data?: Record<string, unknown> | null;
  errors?: { message: string; path?: unknown[]; extensions: { code: string; [name: string]: unknown } }[];
  extensions?: Record<string, unknown>;
};

function createPost(url: string) {
  return async (params: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json', ...headers },
      body: typeof params === 'string' ? params : JSON.stringify(params),
    });
    const text = await response.text();
    // Every answer of the gateway is a JSON object
    const body = JSON.parse(text) as GraphqlBody;
    return {
      status: response.status,
      headers: response.headers,
      body,
      code: body.errors?.[0]?.extensions.code,
      limit: body.errors?.[0]?.extensions['limit'],
    };
  };
}
