import type { Construct } from '../_construct.ts';

type Bolt = { readonly no: number };
type Crate = { readonly bolts: readonly (Bolt | null)[] | null; readonly marks: readonly (string | null)[] | null };

const construct: Construct = {
  title: 'Nulls inside the lists of keys and requirements keep their place, and a list that is null is sent as null',
  subgraphs: {
    crates: {
      sdl: `type Query { crates: [Crate!]! }
type Crate @key(fields: "bolts { no }") { bolts: [Bolt] marks: [String] }
type Bolt @key(fields: "no") { no: Int! }`,
      resolvers: {
        Query: {
          crates: (): Crate[] => [
            { bolts: [{ no: 1 }, null, { no: 2 }], marks: [null, 'x', null] },
            { bolts: [], marks: [] },
            { bolts: [null], marks: null },
          ],
        },
      },
    },
    packing: {
      sdl: `type Crate @key(fields: "bolts { no }") { bolts: [Bolt] @shareable marks: [String] @external packed: String label: String @requires(fields: "marks") }
type Bolt @key(fields: "no") { no: Int! }`,
      resolvers: {
        Crate: {
          __resolveReference: (reference: Crate) => reference,
          packed: ({ bolts }: Crate) => JSON.stringify(bolts?.map((bolt) => bolt?.no ?? null) ?? null),
          label: ({ marks }: Crate) => JSON.stringify(marks),
        },
      },
    },
    sizes: {
      sdl: 'type Bolt @key(fields: "no") { no: Int! size: Int }',
      resolvers: { Bolt: { __resolveReference: ({ no }: Bolt) => ({ no, size: no * 10 }) } },
    },
  },
  cases: [
    {
      name: 'sent-as-they-are',
      query: '{ crates { packed label } }',
      answer: {
        data: {
          crates: [
            { packed: '[1,null,2]', label: '[null,"x",null]' },
            { packed: '[]', label: '[]' },
            { packed: '[null]', label: 'null' },
          ],
        },
      },
    },
    {
      name: 'entities-between-nulls',
      query: '{ crates { bolts { size } } }',
      answer: { data: { crates: [{ bolts: [{ size: 10 }, null, { size: 20 }] }, { bolts: [] }, { bolts: [null] }] } },
    },
  ],
};

export default construct;
