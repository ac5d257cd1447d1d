/** A gateway that checks tokens over subgraphs in memory whose supergraph makes demands: for tests of authorisation. */
import { buildSubgraphSchema } from '@apollo/subgraph';
import type { GraphQLResolverMap } from '@apollo/subgraph';
import { Kind, graphql, parse, parseConstValue, print } from 'graphql';
import type { ConstDirectiveNode } from 'graphql';
import { composeSupergraph } from '../../../engine/compose/index.ts';
import type { SubgraphFetcher } from '../../../gateway/execute/index.ts';
import type { GatewayOptions } from '../../../gateway/gateway.ts';
import { realClock } from '../../../lib/clock/clock.ts';
import { createPrincipal, createSigningKey, signMemberToken, signPrincipal } from '../../../lib/identity/index.ts';
import { startShopGateway } from '../kit.ts';
import type { GraphqlBody } from '../kit.ts';

export type Subgraph = { readonly sdl: string; readonly resolvers?: GraphQLResolverMap };
/** `Type.field` or `Type` → scopes of which one group must be had; none: any token will do. */
export type Guards = Readonly<Record<string, readonly (readonly string[])[]>>;
export type Sent = {
  readonly graph: string;
  readonly query: string;
  readonly variables: string;
  readonly headers: Readonly<Record<string, string>>;
};

const LINK =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@external", "@requires", "@provides", "@context", "@fromContext", "@interfaceObject", "@authenticated", "@requiresScopes", "@policy"])\n';

export function composeGuarded(subgraphs: Readonly<Record<string, Subgraph>>, guards: Guards = {}): string {
  const inputs = Object.entries(subgraphs).map(([name, { sdl }]) => ({ name, url: `http://${name}.test/graphql`, sdl: LINK + sdl }));
  const result = composeSupergraph(inputs);
  if (result.kind === 'failed') throw new Error(result.errors.map(({ message }) => message).join('\n'));
  return Object.keys(guards).length === 0 ? result.supergraphSdl : guard(result.supergraphSdl, guards);
}

/** Demands that composers refuse, or move elsewhere, written into the text as other composers do. */
function guard(sdl: string, guards: Guards): string {
  const document = parse(sdl, { noLocation: true });
  const links = ['authenticated', 'requiresScopes'].filter((name) => !sdl.includes(`specs.apollo.dev/${name}/`));
  const head = parse(
    `schema ${links.map((name) => `@link(url: "https://specs.apollo.dev/${name}/v0.1", for: SECURITY)`).join(' ')} { query: Query }`,
    { noLocation: true },
  ).definitions[0];
  const extra = head?.kind === Kind.SCHEMA_DEFINITION ? (head.directives ?? []) : [];
  const definitions = document.definitions.map((node) => {
    if (node.kind === Kind.SCHEMA_DEFINITION) return { ...node, directives: [...(node.directives ?? []), ...extra] };
    if (node.kind !== Kind.OBJECT_TYPE_DEFINITION && node.kind !== Kind.INTERFACE_TYPE_DEFINITION) return node;
    const name = node.name.value;
    const fields = (node.fields ?? []).map((field) => ({
      ...field,
      directives: [...(field.directives ?? []), ...demand(guards[`${name}.${field.name.value}`])],
    }));
    return { ...node, fields, directives: [...(node.directives ?? []), ...demand(guards[name])] };
  });
  return print({ ...document, definitions });
}

function demand(groups: readonly (readonly string[])[] | undefined): ConstDirectiveNode[] {
  if (groups === undefined) return [];
  const named = (value: string) => ({ kind: Kind.NAME as const, value });
  if (groups.length === 0) return [{ kind: Kind.DIRECTIVE, name: named('authenticated') }];
  const value = parseConstValue(JSON.stringify(groups), { noLocation: true });
  return [{ kind: Kind.DIRECTIVE, name: named('requiresScopes'), arguments: [{ kind: Kind.ARGUMENT, name: named('scopes'), value }] }];
}

type Options = Partial<GatewayOptions> & { readonly guards?: Guards; readonly patch?: (sdl: string) => string };

export async function startGuardedHub(
  subgraphs: Readonly<Record<string, Subgraph>>,
  { guards, patch = (sdl) => sdl, ...options }: Options = {},
) {
  const keys = { issuer: await createSigningKey(), principal: await createSigningKey(), cursorKey: new Uint8Array(32) };
  const schemas = new Map(
    Object.entries(subgraphs).map(([name, { sdl, resolvers }]) => [
      name,
      buildSubgraphSchema([{ typeDefs: parse(LINK + sdl), ...(resolvers === undefined ? {} : { resolvers }) }]),
    ]),
  );
  const sent: Sent[] = [];
  const fetcher: SubgraphFetcher = async ({ graph, body, headers = {} }) => {
    const { query, variables = {} } = JSON.parse(body) as { query: string; variables?: Record<string, unknown> };
    sent.push({ graph: graph.name, query, variables: JSON.stringify(variables), headers });
    const schema = schemas.get(graph.name);
    if (schema === undefined) throw new Error(`No graph ${graph.name}`);
    return { kind: 'response', status: 200, text: JSON.stringify(await graphql({ schema, source: query, variableValues: variables })) };
  };
  const gateway = await startShopGateway({
    source: { kind: 'sdl', sdl: patch(composeGuarded(subgraphs, guards)) },
    identity: { kind: 'hub', keys, issuers: new Map(), visitors: true },
    principalKeys: keys,
    fetcher,
    ...options,
  });
  const tokenFor = (scopes: readonly string[]) => signMemberToken(keys, { memberId: 'mem_1', kinds: ['MAKER'], scopes, clock: realClock });
  const authorization = async (scopes: readonly string[] | null): Promise<Record<string, string>> =>
    scopes === null ? {} : { authorization: `Bearer ${await tokenFor(scopes)}` };
  return {
    ...gateway,
    keys,
    sent,
    authorization,
    /** What a subgraph would be told of such a member. */
    signAs: (memberId: string) => signPrincipal(keys, createPrincipal({ memberId }), 'mills', 'req-1'),
    /** `scopes` null: no token. */
    async post(query: string, scopes: readonly string[] | null = [], more: { variables?: unknown; headers?: Record<string, string> } = {}) {
      sent.length = 0;
      const answer = await gateway.post({ query, variables: more.variables }, { ...(await authorization(scopes)), ...more.headers });
      return answer.body;
    },
    async get(query: string, scopes: readonly string[] | null = []): Promise<GraphqlBody> {
      sent.length = 0;
      const response = await fetch(`${gateway.graphqlUrl}?query=${encodeURIComponent(query)}`, {
        headers: { accept: 'application/graphql-response+json', ...(await authorization(scopes)) },
      });
      // Every answer of the gateway is a JSON object
      return (await response.json()) as GraphqlBody;
    },
  };
}

/** Path → code. */
export function errorsOf({ errors = [] }: GraphqlBody): Record<string, string> {
  return Object.fromEntries(errors.map(({ path = [], extensions }) => [path.join('.'), extensions.code]));
}
