import type { Construct } from '../_construct.ts';

const construct: Construct = {
  title: '@provides on unions: one member provided, another not',
  subgraphs: {
    news: {
      sdl: `type Query { latest: [Item!]! @provides(fields: "... on Dye { shade { name } }") }
union Item = Dye | Yarn
type Dye @key(fields: "id") { id: ID! shade: Shade @external }
type Yarn @key(fields: "id") { id: ID! }
type Shade @shareable { name: String }`,
      resolvers: {
        Query: {
          latest: () => [
            { __typename: 'Dye', id: 'd1', shade: { name: 'madder, from the news' } },
            { __typename: 'Yarn', id: 'y1' },
          ],
        },
      },
    },
    colours: {
      sdl: `type Dye @key(fields: "id") { id: ID! shade: Shade @shareable }
type Yarn @key(fields: "id") { id: ID! shade: Shade }
type Shade @shareable { name: String }`,
      resolvers: {
        Dye: { __resolveReference: ({ id }: { id: string }) => ({ id, shade: { name: 'madder' } }) },
        Yarn: { __resolveReference: ({ id }: { id: string }) => ({ id, shade: { name: 'raw' } }) },
      },
    },
  },
  cases: [
    {
      name: 'one-member-provided',
      query: '{ latest { ... on Dye { shade { name } } ... on Yarn { shade { name } } } }',
      answer: { data: { latest: [{ shade: { name: 'madder, from the news' } }, { shade: { name: 'raw' } }] } },
    },
  ],
};

export default construct;
