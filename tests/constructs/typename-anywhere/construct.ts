import type { Construct } from '../_construct.ts';

const construct: Construct = {
  title: '__typename anywhere: alone, aliased, at the root, on unions and lists',
  subgraphs: {
    a: {
      sdl: `type Query { crate: Crate loads: [Load!]! }
type Crate @key(fields: "id") { id: ID! }
union Load = Bolt | Spool
type Bolt { metres: Int }
type Spool { grams: Int }`,
      resolvers: {
        Query: {
          crate: () => ({ id: 'c1' }),
          loads: () => [
            { __typename: 'Spool', grams: 1 },
            { __typename: 'Bolt', metres: 2 },
          ],
        },
      },
    },
    b: {
      sdl: `type Crate @key(fields: "id") { id: ID! seal: Seal }
type Seal { code: String }`,
      resolvers: { Crate: { __resolveReference: ({ id }: { id: string }) => ({ id, seal: { code: 'x' } }) } },
    },
  },
  cases: [
    { name: 'root-alone', query: '{ __typename again: __typename }', answer: { data: { __typename: 'Query', again: 'Query' } } },
    {
      name: 'alone-everywhere',
      query: '{ crate { seal { code: __typename } id: __typename } loads { __typename } kinds: loads { a: __typename b: __typename } }',
      answer: {
        data: {
          crate: { seal: { code: 'Seal' }, id: 'Crate' },
          loads: [{ __typename: 'Spool' }, { __typename: 'Bolt' }],
          kinds: [
            { a: 'Spool', b: 'Spool' },
            { a: 'Bolt', b: 'Bolt' },
          ],
        },
      },
    },
  ],
};

export default construct;
