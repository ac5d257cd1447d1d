import type { Construct } from '../_construct.ts';

const construct: Construct = {
  title: '@skip and @include: what is left out is not asked for',
  subgraphs: {
    a: {
      sdl: `type Query { cloth: Cloth }
type Cloth @key(fields: "id") { id: ID! name: String }`,
      resolvers: { Query: { cloth: () => ({ id: 'c1', name: 'serge' }) } },
    },
    b: {
      sdl: `type Cloth @key(fields: "id") { id: ID! price: Int stock: Int }`,
      resolvers: { Cloth: { __resolveReference: ({ id }: { id: string }) => ({ id, price: 5, stock: 9 }) } },
    },
  },
  cases: [
    {
      name: 'off',
      query: 'query ($p: Boolean!, $s: Boolean = true) { cloth { name price @include(if: $p) ... @skip(if: $s) { stock } } }',
      variables: { p: false },
      answer: { data: { cloth: { name: 'serge' } } },
    },
    {
      name: 'on',
      query:
        'query ($p: Boolean!, $s: Boolean = true) { cloth { name price @include(if: $p) @skip(if: false) ... @skip(if: $s) { stock } } }',
      variables: { p: true, s: false },
      answer: { data: { cloth: { name: 'serge', price: 5, stock: 9 } } },
    },
    {
      name: 'the-only-field',
      query: 'query ($p: Boolean = false) { cloth @include(if: $p) { price } }',
      answer: { data: {} },
    },
  ],
};

export default construct;
