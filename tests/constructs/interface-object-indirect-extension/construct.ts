import type { Construct } from '../_construct.ts';

const fabrics = [
  { __typename: 'Silk', id: 's1', name: 'pongee', momme: 8 },
  { __typename: 'Jute', id: 'j1', name: 'hessian' },
];

const construct: Construct = {
  title: '@interfaceObject of whose types a third subgraph, without the interface, knows one',
  subgraphs: {
    real: {
      sdl: `type Query { fabrics: [Fabric!]! }
interface Fabric @key(fields: "id") { id: ID! name: String }
type Silk implements Fabric @key(fields: "id") { id: ID! name: String momme: Int }
type Jute implements Fabric @key(fields: "id") { id: ID! name: String }`,
      resolvers: {
        Query: { fabrics: () => fabrics },
        Fabric: { __resolveReference: ({ id }: { id: string }) => fabrics.find((one) => one.id === id) },
        Silk: { __resolveReference: ({ id }: { id: string }) => fabrics.find((one) => one.id === id) },
        Jute: { __resolveReference: ({ id }: { id: string }) => fabrics.find((one) => one.id === id) },
      },
    },
    ratings: {
      sdl: `type Query { best: [Fabric!]! }
type Fabric @key(fields: "id") @interfaceObject { id: ID! rating: Int }`,
      resolvers: {
        Query: {
          best: () => [
            { id: 'j1', rating: 5 },
            { id: 's1', rating: 4 },
          ],
        },
        Fabric: { __resolveReference: ({ id }: { id: string }) => ({ id, rating: id === 'j1' ? 5 : 4 }) },
      },
    },
    worms: {
      sdl: `type Silk @key(fields: "id") { id: ID! cocoons: Int }`,
      resolvers: { Silk: { __resolveReference: ({ id }: { id: string }) => ({ id, cocoons: 3000 }) } },
    },
  },
  cases: [
    {
      name: 'type-first-then-the-third',
      query: '{ best { rating ... on Silk { cocoons } } }',
      answer: { data: { best: [{ rating: 5 }, { rating: 4, cocoons: 3000 }] } },
    },
    {
      name: 'both-from-the-real-interface',
      query: '{ fabrics { rating ... on Silk { cocoons } } }',
      answer: { data: { fabrics: [{ rating: 4, cocoons: 3000 }, { rating: 5 }] } },
    },
  ],
};

export default construct;
