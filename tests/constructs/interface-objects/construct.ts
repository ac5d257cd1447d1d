import type { Construct } from '../_construct.ts';

const fabrics = [
  { __typename: 'Silk', id: 's1', name: 'pongee', momme: 8 },
  { __typename: 'Jute', id: 'j1', name: 'hessian' },
];

const construct: Construct = {
  title: '@interfaceObject: fields without type knowledge, types from the real interface',
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
  },
  cases: [
    {
      name: 'no-type-needed',
      query: '{ best { id rating } }',
      answer: {
        data: {
          best: [
            { id: 'j1', rating: 5 },
            { id: 's1', rating: 4 },
          ],
        },
      },
    },
    {
      name: 'type-from-the-real-interface',
      query: '{ best { __typename rating } }',
      answer: {
        data: {
          best: [
            { __typename: 'Jute', rating: 5 },
            { __typename: 'Silk', rating: 4 },
          ],
        },
      },
    },
    {
      name: 'its-own-name-is-never-shown',
      query: '{ fabrics { rating kind: __typename again: rating } best { rating ... on Fabric { __typename id } } }',
      answer: {
        data: {
          fabrics: [
            { rating: 4, kind: 'Silk', again: 4 },
            { rating: 5, kind: 'Jute', again: 5 },
          ],
          best: [
            { rating: 5, __typename: 'Jute', id: 'j1' },
            { rating: 4, __typename: 'Silk', id: 's1' },
          ],
        },
      },
    },
    {
      name: 'fragment-on-a-type',
      query: '{ best { rating ... on Silk { momme } } }',
      answer: { data: { best: [{ rating: 5 }, { rating: 4, momme: 8 }] } },
    },
    {
      name: 'into-it-under-the-interfaces-name',
      query: '{ fabrics { name rating ... on Silk { again: rating } } }',
      answer: {
        data: {
          fabrics: [
            { name: 'pongee', rating: 4, again: 4 },
            { name: 'hessian', rating: 5 },
          ],
        },
      },
    },
  ],
};

export default construct;
