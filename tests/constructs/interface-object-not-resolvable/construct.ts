import type { Construct } from '../_construct.ts';

const fabrics = [
  { __typename: 'Silk', id: 's1', name: 'pongee', momme: 8 },
  { __typename: 'Jute', id: 'j1', name: 'hessian' },
];

const construct: Construct = {
  title: '@interfaceObject whose key is not resolvable: left, never entered',
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
type Fabric @key(fields: "id", resolvable: false) @interfaceObject { id: ID! }`,
      resolvers: { Query: { best: () => [{ id: 'j1' }, { id: 's1' }] } },
    },
  },
  cases: [
    { name: 'its-own-key', query: '{ best { id } }', answer: { data: { best: [{ id: 'j1' }, { id: 's1' }] } } },
    {
      name: 'left-for-the-rest',
      query: '{ best { name __typename ... on Silk { momme } } }',
      answer: {
        data: {
          best: [
            { name: 'hessian', __typename: 'Jute' },
            { name: 'pongee', __typename: 'Silk', momme: 8 },
          ],
        },
      },
    },
  ],
};

export default construct;
