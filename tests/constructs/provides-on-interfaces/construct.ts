import type { Construct } from '../_construct.ts';

const construct: Construct = {
  title: '@provides on interfaces: for the types that it names',
  subgraphs: {
    shelf: {
      sdl: `type Query { wares: [Ware!]! @provides(fields: "... on Rug { label }") }
interface Ware { id: ID! }
type Rug implements Ware @key(fields: "id") { id: ID! label: String @external }
type Felt implements Ware @key(fields: "id") { id: ID! }`,
      resolvers: {
        Query: {
          wares: () => [
            { __typename: 'Rug', id: 'r1', label: 'rug, from the shelf' },
            { __typename: 'Felt', id: 'f1' },
          ],
        },
      },
    },
    labels: {
      sdl: `type Rug @key(fields: "id") { id: ID! label: String @shareable }
type Felt @key(fields: "id") { id: ID! label: String }`,
      resolvers: {
        Rug: { __resolveReference: ({ id }: { id: string }) => ({ id, label: 'rug' }) },
        Felt: { __resolveReference: ({ id }: { id: string }) => ({ id, label: 'felt' }) },
      },
    },
  },
  cases: [
    {
      name: 'only-the-other-type-is-asked',
      query: '{ wares { __typename ... on Rug { label } ... on Felt { label } } }',
      answer: {
        data: {
          wares: [
            { __typename: 'Rug', label: 'rug, from the shelf' },
            { __typename: 'Felt', label: 'felt' },
          ],
        },
      },
    },
    {
      name: 'one-request',
      query: '{ wares { ... on Rug { label } } }',
      answer: { data: { wares: [{ label: 'rug, from the shelf' }, {}] } },
    },
  ],
};

export default construct;
