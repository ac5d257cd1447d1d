import type { Construct } from '../_construct.ts';

const construct: Construct = {
  title: '@requires of nested fields that a third subgraph completes',
  subgraphs: {
    mills: {
      sdl: `type Query { cloth: Cloth }
type Cloth @key(fields: "id") { id: ID! maker: Maker }
type Maker @key(fields: "id") { id: ID! }`,
      resolvers: { Query: { cloth: () => ({ id: 'c1', maker: { id: 'm1' } }) } },
    },
    register: {
      sdl: `type Maker @key(fields: "id") { id: ID! years: Int }`,
      resolvers: { Maker: { __resolveReference: ({ id }: { id: string }) => ({ id, years: 40 }) } },
    },
    trust: {
      sdl: `type Cloth @key(fields: "id") { id: ID! maker: Maker @external grade: String @requires(fields: "maker { id years }") }
type Maker @key(fields: "id") { id: ID! years: Int @external }`,
      resolvers: {
        Cloth: {
          __resolveReference: (reference: object) => reference,
          grade: ({ maker }: { maker: { id: string; years: number } }) => `${maker.id} for ${maker.years} years`,
        },
      },
    },
  },
  cases: [
    {
      name: 'completed-by-a-third',
      query: '{ cloth { grade maker { years: id } } }',
      answer: { data: { cloth: { grade: 'm1 for 40 years', maker: { years: 'm1' } } } },
    },
  ],
};

export default construct;
