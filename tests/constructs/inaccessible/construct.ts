import type { Construct } from '../_construct.ts';

const construct: Construct = {
  title: '@inaccessible: hidden from clients, used for keys and requirements',
  subgraphs: {
    bolts: {
      sdl: `type Query { bolts: [Bolt!]! pieces: [Piece]! }
type Bolt @key(fields: "no") { no: Int! @inaccessible weight: Int @inaccessible grade: Grade }
enum Grade { A B @inaccessible }
union Piece = Bolt | Scrap
type Scrap @inaccessible { grams: Int }`,
      resolvers: {
        Query: {
          bolts: () => [
            { no: 1, weight: 5, grade: 'A' },
            { no: 2, weight: 6, grade: 'B' },
          ],
          pieces: () => [
            { __typename: 'Bolt', no: 1, grade: 'A' },
            { __typename: 'Scrap', grams: 1 },
          ],
        },
      },
    },
    prices: {
      sdl: `type Bolt @key(fields: "no") { no: Int! @inaccessible weight: Int @external price: Int @requires(fields: "weight") }`,
      resolvers: {
        Bolt: {
          __resolveReference: (reference: object) => reference,
          price: ({ no, weight }: { no: number; weight: number }) => no * weight,
        },
      },
    },
  },
  cases: [
    {
      name: 'hidden-key-and-requirement',
      query: '{ bolts { price } }',
      answer: { data: { bolts: [{ price: 5 }, { price: 12 }] } },
    },
    {
      name: 'hidden-value-and-type',
      joined: 'fallback',
      query: '{ bolts { grade } pieces { __typename ... on Bolt { grade } } }',
      answer: {
        data: { bolts: [{ grade: 'A' }, { grade: null }], pieces: [{ __typename: 'Bolt', grade: 'A' }, null] },
        errors: [
          { path: ['bolts', 1, 'grade'], code: 'SUBGRAPH_INVALID_RESPONSE' },
          { path: ['pieces', 1], code: 'SUBGRAPH_INVALID_RESPONSE' },
        ],
      },
    },
  ],
};

export default construct;
