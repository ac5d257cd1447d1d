import type { Construct } from '../_construct.ts';

const fabrics = [
  { __typename: 'Silk', id: 's1', name: 'pongee', momme: 8 },
  { __typename: 'Jute', id: 'j1', name: 'hessian' },
];

const construct: Construct = {
  title: '@requires through @interfaceObject: fed by the real interface, entered from both sides',
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
type Fabric @key(fields: "id") @interfaceObject { id: ID! name: String @external praise: String @requires(fields: "name") }`,
      resolvers: {
        Query: { best: () => [{ id: 'j1' }, { id: 's1' }] },
        Fabric: { __resolveReference: (reference: object) => reference, praise: ({ name }: { name: string }) => `fine ${name}` },
      },
    },
  },
  cases: [
    {
      name: 'from-the-interface-object',
      query: '{ best { praise } }',
      answer: { data: { best: [{ praise: 'fine hessian' }, { praise: 'fine pongee' }] } },
    },
    {
      name: 'from-the-real-interface',
      query: '{ fabrics { ... on Silk { praise } name: id } }',
      answer: { data: { fabrics: [{ praise: 'fine pongee', name: 's1' }, { name: 'j1' }] } },
    },
  ],
};

export default construct;
