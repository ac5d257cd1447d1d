/** Two subgraphs, of which the second answers when it is let to: for tests of answers in several payloads. */
import { buildSubgraphSchema } from '@apollo/subgraph';
import { graphql, parse } from 'graphql';
import { composeSupergraph } from '../../engine/compose/index.ts';
import type { SubgraphFetcher } from '../../gateway/execute/index.ts';

const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])\n';
const mill = `${LINK}type Query { mill: Mill } type Mutation { start: Mill } type Mill @key(fields: "id") { id: ID! name: String }`;
const owner = `${LINK}type Mill @key(fields: "id") { id: ID! owner: String tax: Int broken: Int strict: Int! }`;
const millRow = { id: '1', name: 'Old mill' };

export type Mills = {
  readonly fetcher: SubgraphFetcher;
  /** The graph `owner` answers no sooner. */
  letOwner(until: Promise<void>): void;
  /** The graph `mill` answers no sooner. */
  letMill(until: Promise<void>): void;
  /** Requests to subgraphs that were ended. */
  ended(): number;
  /** Requests that are held. */
  waiting(): number;
  /** By graph, in their order; emptied. */
  takeAsked(): readonly { readonly graph: string; readonly query: string }[];
};

export function createMills(): Mills {
  let held: Promise<void> = Promise.resolve();
  let heldMill: Promise<void> = Promise.resolve();
  let ended = 0;
  let waiting = 0;
  const asked: { graph: string; query: string }[] = [];
  const schemas = {
    mill: buildSubgraphSchema([
      { typeDefs: parse(mill), resolvers: { Query: { mill: () => millRow }, Mutation: { start: () => millRow } } },
    ]),
    owner: buildSubgraphSchema([
      {
        typeDefs: parse(owner),
        resolvers: {
          Mill: {
            __resolveReference: (row: unknown) => row,
            owner: () => 'Ann',
            tax: () => 7,
            strict: () => null,
            broken: () => {
              throw new Error('broken');
            },
          },
        },
      },
    ]),
  };
  return {
    async fetcher({ graph, body, signal }) {
      signal.addEventListener('abort', () => void (ended += 1));
      const { query, variables } = JSON.parse(body) as { query: string; variables?: Record<string, unknown> };
      asked.push({ graph: graph.name, query });
      waiting += 1;
      await (graph.name === 'owner' ? held : heldMill);
      waiting -= 1;
      const schema = graph.name === 'owner' ? schemas.owner : schemas.mill;
      const result = await graphql({ schema, source: query, variableValues: variables ?? {} });
      return { kind: 'response', status: 200, text: JSON.stringify(result) };
    },
    letOwner: (until) => void (held = until),
    letMill: (until) => void (heldMill = until),
    ended: () => ended,
    waiting: () => waiting,
    takeAsked: () => asked.splice(0),
  };
}

export function composeMills(): string {
  const result = composeSupergraph([
    { name: 'mill', url: 'http://127.0.0.1:1/mill', sdl: mill },
    { name: 'owner', url: 'http://127.0.0.1:1/owner', sdl: owner },
  ]);
  if (result.kind === 'failed') throw new Error(result.errors.map(({ message }) => message).join('\n'));
  return result.supergraphSdl;
}
