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
    {
      name: 'in-fragments-one-inside-the-other',
      query:
        'query ($p: Boolean!, $s: Boolean!) { cloth { id ...F @skip(if: $s) ... on Cloth @include(if: $p) { stock ... @skip(if: $p) { name } } } } fragment F on Cloth { name ... @include(if: $p) { price } }',
      variables: { p: true, s: false },
      answer: { data: { cloth: { id: 'c1', name: 'serge', price: 5, stock: 9 } } },
    },
    {
      name: 'the-same-field-with-and-without',
      query: 'query ($p: Boolean!) { cloth { price @skip(if: $p) again: price @include(if: $p) price } }',
      variables: { p: true },
      answer: { data: { cloth: { again: 5, price: 5 } } },
    },
    {
      name: 'a-key-left-out',
      query: 'query ($p: Boolean!) { cloth { id @skip(if: $p) __typename @include(if: $p) stock } }',
      variables: { p: true },
      answer: { data: { cloth: { __typename: 'Cloth', stock: 9 } } },
    },
  ],
};

export default construct;
