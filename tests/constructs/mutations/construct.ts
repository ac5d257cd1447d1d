import type { Construct } from '../_construct.ts';

let rate = 1;

const construct: Construct = {
  title: 'Mutations: entities completed elsewhere, one after the other, and root re-entry from the payload',
  subgraphs: {
    rates: {
      sdl: `type Query { rate: Int here: String }
type Mutation { setRate(to: Int!): Payload! reset: Loom }
type Payload { loom: Loom query: Query }
type Loom @key(fields: "id") { id: ID! }`,
      resolvers: {
        Query: { rate: () => rate, here: () => 'rates' },
        Mutation: {
          setRate: (_: unknown, { to }: { to: number }) => {
            rate = to;
            return { loom: { id: `l${to}` }, query: {} };
          },
          reset: () => {
            rate = 1;
            return { id: 'l0' };
          },
        },
      },
    },
    looms: {
      sdl: `type Query { there: String }
type Mutation { stop(id: ID!): Boolean }
type Loom @key(fields: "id") { id: ID! name: String }`,
      resolvers: {
        Query: { there: () => 'looms' },
        Mutation: { stop: () => rate === 1 },
        Loom: { __resolveReference: ({ id }: { id: string }) => ({ id, name: `loom ${id} at ${rate}` }) },
      },
    },
  },
  cases: [
    {
      name: 'each-waits-for-all-of-the-one-before',
      joined: 'object',
      query:
        'mutation { first: setRate(to: 5) { loom { name } } reset { name } stop(id: "x") second: setRate(to: 7) { loom { id } } third: reset { id } }',
      answer: {
        data: {
          first: { loom: { name: 'loom l5 at 5' } },
          reset: { name: 'loom l0 at 1' },
          stop: true,
          second: { loom: { id: 'l7' } },
          third: { id: 'l0' },
        },
      },
    },
    {
      name: 'root-re-entry',
      joined: 'object',
      query: 'mutation { setRate(to: 3) { query { rate there } } reset { id } }',
      answer: { data: { setRate: { query: { rate: 3, there: 'looms' } }, reset: { id: 'l0' } } },
    },
  ],
};

export default construct;
