import type { Construct } from '../_construct.ts';

type Bolt = { readonly cut: unknown };

const construct: Construct = {
  title: 'Custom scalars may be objects: shown, required, part of a key',
  subgraphs: {
    a: {
      sdl: `type Query { bolts: [Bolt!]! }
type Bolt @key(fields: "cut") { cut: Blob! more: Blob }
scalar Blob`,
      resolvers: {
        Query: {
          bolts: () => [
            { cut: { id: 1, __typename: 'Nothing' }, more: [1, { cut: null }] },
            { cut: ['x'], more: null },
          ],
        },
      },
    },
    b: {
      sdl: `type Bolt @key(fields: "cut") { cut: Blob! text: String }
scalar Blob`,
      resolvers: { Bolt: { __resolveReference: (bolt: Bolt) => bolt, text: ({ cut }: Bolt) => JSON.stringify(cut) } },
    },
  },
  cases: [
    {
      name: 'never-looked-into',
      joined: 'fallback',
      query: '{ bolts { id: cut more text } }',
      answer: {
        data: {
          bolts: [
            { id: { id: 1, __typename: 'Nothing' }, more: [1, { cut: null }], text: '{"id":1,"__typename":"Nothing"}' },
            { id: ['x'], more: null, text: '["x"]' },
          ],
        },
      },
    },
  ],
};

export default construct;
