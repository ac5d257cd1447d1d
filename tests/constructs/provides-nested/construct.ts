import type { Construct } from '../_construct.ts';

const construct: Construct = {
  title: '@provides, nested: used on its path, and on no other',
  subgraphs: {
    orders: {
      sdl: `type Query {
  order: Order @provides(fields: "loom { speed owner { name } }")
  plain: Order
}
type Order @key(fields: "id") { id: ID! loom: Loom @shareable }
type Loom @key(fields: "id") { id: ID! speed: Int @external owner: Owner @external }
type Owner @key(fields: "id") { id: ID! name: String @external }`,
      resolvers: {
        Query: {
          order: () => ({ id: 'o1', loom: { id: 'l1', speed: 11, owner: { id: 'p1', name: 'Ann (here)' } } }),
          plain: () => ({ id: 'o2', loom: { id: 'l1' } }),
        },
      },
    },
    looms: {
      sdl: `type Loom @key(fields: "id") { id: ID! speed: Int @shareable owner: Owner @shareable }
type Owner @key(fields: "id") { id: ID! name: String @shareable mail: String }`,
      resolvers: {
        Loom: { __resolveReference: ({ id }: { id: string }) => ({ id, speed: 11, owner: { id: 'p1', name: 'Ann', mail: 'a@x' } }) },
        Owner: { __resolveReference: ({ id }: { id: string }) => ({ id, name: 'Ann', mail: 'a@x' }) },
      },
    },
  },
  cases: [
    {
      name: 'one-request-on-the-path',
      query: '{ order { loom { speed owner { id name } } } }',
      answer: { data: { order: { loom: { speed: 11, owner: { id: 'p1', name: 'Ann (here)' } } } } },
    },
    {
      name: 'what-is-not-provided-is-asked-elsewhere',
      query: '{ order { loom { owner { name mail } } } plain { loom { speed } } }',
      answer: { data: { order: { loom: { owner: { name: 'Ann (here)', mail: 'a@x' } } }, plain: { loom: { speed: 11 } } } },
    },
  ],
};

export default construct;
