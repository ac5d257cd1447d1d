import type { Construct } from '../_construct.ts';

const construct: Construct = {
  title: 'One response name for fields whose types a subgraph cannot merge: nullability, lists, enums, at each depth',
  subgraphs: {
    goods: {
      sdl: `type Query { goods: [Goods!]! }
union Goods = Jute | Silk
type Jute @key(fields: "code") { code: Coarse! roll: Roll }
type Silk @key(fields: "code") { code: Fine! roll: Spool }
enum Coarse { J }
enum Fine { S }
type Roll { inner: Inner }
type Inner { width: Int! marks: [String] }
type Spool { inner: Core }
type Core { width: Int! marks: [String] }`,
      resolvers: {
        Query: {
          goods: () => [
            { __typename: 'Jute', code: 'J', roll: { inner: { width: 1, marks: ['x', null] } } },
            { __typename: 'Silk', code: 'S', roll: { inner: { width: 2, marks: null } } },
          ],
        },
      },
    },
    sizes: {
      sdl: `type Query { bales: [Bale!]! }
union Bale = Jute | Silk
type Jute @key(fields: "code") { code: Coarse! size: Int }
type Silk @key(fields: "code") { code: Fine! size: Int }
enum Coarse { J }
enum Fine { S }`,
      resolvers: {
        Query: { bales: () => [{ __typename: 'Silk', code: 'S', size: 22 }] },
        Jute: { __resolveReference: ({ code }: { code: string }) => ({ code, size: 11 }) },
        Silk: { __resolveReference: ({ code }: { code: string }) => ({ code, size: 22 }) },
      },
    },
  },
  cases: [
    {
      name: 'keys-of-two-enums',
      query: '{ goods { ... on Jute { size } ... on Silk { size } } }',
      answer: { data: { goods: [{ size: 11 }, { size: 22 }] } },
    },
    {
      name: 'by-aliases-of-the-client',
      query:
        '{ goods { ... on Jute { roll { inner { width } } } ... on Silk { roll { inner { width: width } } } ... on Silk { size x: code } ... on Jute { y: code } } }',
      answer: {
        data: {
          goods: [
            { roll: { inner: { width: 1 } }, y: 'J' },
            { roll: { inner: { width: 2 } }, size: 22, x: 'S' },
          ],
        },
      },
    },
  ],
};

export default construct;
