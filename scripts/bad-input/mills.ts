/** Two subgraphs over HTTP on loopback and their supergraph: entities, an interface, a union, an enum, a requirement, a scalar. */
import { composeSupergraph } from '../../engine/compose/index.ts';
import { buildSchema, startSubgraphServer, type SubgraphServer } from '../../tests/_kit/subgraph-server.ts';

const link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@requires", "@external"])';

const millSdl = `${link}
  type Query {
    mill(id: ID!): Mill
    mills(first: Int = 2, kind: Kind): [Mill!]!
    node(id: ID!): Node
    things: [Thing]
    echo(text: String, list: [Nested!], number: Int, part: Float, id: ID, any: Any, kinds: [Kind!]): String
    broken: String
  }
  type Mutation { rename(id: ID!, name: String!): Mill }
  scalar Any
  interface Node { id: ID! }
  union Thing = Mill | Cloth
  enum Kind { WATER WIND }
  input Nested { value: String inner: [Nested!] kind: Kind }
  type Mill implements Node @key(fields: "id") { id: ID! name(upper: Boolean = false): String kind: Kind cloths(first: Int = 2): [Cloth!]! next: Mill }
  type Cloth implements Node @key(fields: "id") { id: ID! title: String mill: Mill }`;

const ownerSdl = `${link}
  type Query { owner(email: ID!): Owner }
  enum Kind { WATER WIND }
  type Mill @key(fields: "id") { id: ID! kind: Kind @external owner: Owner tax: Int @requires(fields: "kind") }
  type Owner @key(fields: "email") { email: ID! name: String mills: [Mill!]! }`;

/** What must never be seen outside: it stands in messages and addresses of the subgraphs. */
export const SECRET = 'loom-room-7';

type Row = { readonly __typename: string; readonly id: string };

const toMill = (id: string): Row => ({ __typename: 'Mill', id });
const toCloth = (id: string): Row => ({ __typename: 'Cloth', id });
const list = (count: number, of: (index: number) => Row): Row[] =>
  Array.from({ length: Math.max(0, Math.min(count, 200)) }, (_, index) => of(index));

const millSchema = () =>
  buildSchema(millSdl, {
    Query: {
      mill: (_, { id }: { id: string }) => toMill(id),
      mills: (_, { first }: { first: number }) => list(first, (index) => toMill(String(index))),
      node: (_, { id }: { id: string }) => (id.length % 2 === 0 ? toMill(id) : toCloth(id)),
      things: () => [toMill('1'), toCloth('2'), null],
      echo: (_, { text }: { text?: string }) => text ?? null,
      broken: () => {
        throw new Error(`select * from looms at /srv/${SECRET}/data`);
      },
    },
    Mutation: { rename: (_, { id }: { id: string }) => toMill(id) },
    Mill: {
      __resolveReference: ({ id }: Row) => toMill(id),
      name: ({ id }: Row, { upper }: { upper: boolean }) => (upper ? `MILL ${id}` : `mill ${id}`),
      kind: ({ id }: Row) => (id.length % 2 === 0 ? 'WATER' : 'WIND'),
      cloths: ({ id }: Row, { first }: { first: number }) => list(first, (index) => toCloth(`${id}.${index}`)),
      next: ({ id }: Row) => toMill(`${id.slice(0, 20)}+`),
    },
    Cloth: { __resolveReference: ({ id }: Row) => toCloth(id), title: ({ id }: Row) => `cloth ${id}`, mill: ({ id }: Row) => toMill(id) },
  });

const ownerSchema = () =>
  buildSchema(ownerSdl, {
    Query: { owner: (_, { email }: { email: string }) => ({ email }) },
    Mill: {
      __resolveReference: (row: Row) => row,
      owner: ({ id }: Row) => ({ email: `owner-${id}` }),
      tax: ({ kind }: Row & { kind?: string }) => (kind === 'WATER' ? 7 : 9),
    },
    Owner: {
      __resolveReference: ({ email }: { email: string }) => ({ email }),
      name: ({ email }: { email: string }) => `name of ${email}`,
      mills: () => [toMill('1'), toMill('22')],
    },
  });

export type Mills = { readonly supergraphSdl: string; readonly servers: readonly SubgraphServer[]; stop(): Promise<void> };

export async function startMills(): Promise<Mills> {
  const [mill, owner] = [await startSubgraphServer(millSchema()), await startSubgraphServer(ownerSchema())];
  const composed = composeSupergraph([
    { name: 'mill', url: `${mill.url}/${SECRET}`, sdl: millSdl },
    { name: 'owner', url: `${owner.url}/${SECRET}`, sdl: ownerSdl },
  ]);
  if (composed.kind === 'failed') throw new Error(composed.errors.map(({ message }) => message).join('\n'));
  return {
    supergraphSdl: composed.supergraphSdl,
    servers: [mill, owner],
    async stop() {
      await mill.stop();
      await owner.stop();
    },
  };
}
