import type { Construct } from '../_construct.ts';

const fabrics = [
  { __typename: 'Silk', id: 's1', name: 'pongee', momme: 8 },
  { __typename: 'Jute', id: 'j1', name: 'hessian' },
];

const construct: Construct = {
  title: 'Entity interfaces: entered by the interface where the type is not known, by the type where it is',
  subgraphs: {
    tips: {
      sdl: `type Query { tip: Tip }
type Tip { fabric: Fabric }
interface Fabric @key(fields: "id", resolvable: false) { id: ID! }
type Silk implements Fabric @key(fields: "id", resolvable: false) { id: ID! }
type Jute implements Fabric @key(fields: "id", resolvable: false) { id: ID! }`,
      resolvers: { Query: { tip: () => ({ fabric: { __typename: 'Silk', id: 's1' } }) } },
    },
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
  },
  cases: [
    { name: 'one-call-for-all-types', query: '{ tip { fabric { name } } }', answer: { data: { tip: { fabric: { name: 'pongee' } } } } },
    {
      name: 'each-type-its-own',
      query: '{ tip { fabric { __typename ... on Silk { momme } ... on Jute { name } } } }',
      answer: { data: { tip: { fabric: { __typename: 'Silk', momme: 8 } } } },
    },
  ],
};

export default construct;
