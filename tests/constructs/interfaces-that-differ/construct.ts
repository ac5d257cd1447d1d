import type { Construct } from '../_construct.ts';

const construct: Construct = {
  title: 'Interfaces whose types differ between subgraphs: no document names a type that its subgraph does not know',
  subgraphs: {
    wares: {
      sdl: `type Query { goods: [Goods!]! }
union Goods = Silk | Jute | Tool
type Silk @key(fields: "id") { id: ID! }
type Jute @key(fields: "id") { id: ID! }
type Tool @key(fields: "id") { id: ID! }`,
      resolvers: {
        Query: {
          goods: () => [
            { __typename: 'Silk', id: 's1' },
            { __typename: 'Jute', id: 'j1' },
            { __typename: 'Tool', id: 't1' },
          ],
        },
      },
    },
    loom: {
      sdl: `interface Woven { id: ID! threads: Int }
type Silk implements Woven @key(fields: "id") { id: ID! threads: Int }
type Jute implements Woven @key(fields: "id") { id: ID! threads: Int }`,
      resolvers: {
        Silk: { __resolveReference: ({ id }: { id: string }) => ({ id, threads: 90 }) },
        Jute: { __resolveReference: ({ id }: { id: string }) => ({ id, threads: 12 }) },
      },
    },
  },
  cases: [
    {
      name: 'interface-that-the-first-graph-does-not-know',
      query: '{ goods { ... on Woven { id threads } ... on Tool { id } } }',
      answer: { data: { goods: [{ id: 's1', threads: 90 }, { id: 'j1', threads: 12 }, { id: 't1' }] } },
    },
  ],
};

export default construct;
