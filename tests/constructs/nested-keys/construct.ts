import type { Construct } from '../_construct.ts';

type Reference = { readonly mill: { readonly id: string }; readonly parts: readonly ({ readonly no: number } | null)[] };

const bolts: readonly Reference[] = [
  { mill: { id: 'm1' }, parts: [{ no: 1 }, { no: 2 }] },
  { mill: { id: 'm2' }, parts: [] },
  { mill: { id: 'm2' }, parts: [{ no: 3 }, null] },
];

const construct: Construct = {
  title: 'Nested keys, through lists',
  subgraphs: {
    bolts: {
      sdl: `type Query { bolts: [Bolt!]! }
type Bolt @key(fields: "mill { id } parts { no }") { mill: Mill! parts: [Part]! }
type Mill @key(fields: "id") { id: ID! }
type Part @shareable { no: Int! }`,
      resolvers: { Query: { bolts: () => bolts } },
    },
    labels: {
      sdl: `type Bolt @key(fields: "mill { id } parts { no }") { mill: Mill! parts: [Part]! label: String }
type Mill @key(fields: "id") { id: ID! }
type Part @shareable { no: Int! }`,
      resolvers: {
        Bolt: {
          __resolveReference: (reference: Reference) => reference,
          label: ({ mill, parts }: Reference) => `${mill.id}:${parts.map((part) => part?.no ?? '-').join('+')}`,
        },
      },
    },
  },
  cases: [
    {
      name: 'key-not-shown',
      query: '{ bolts { label } }',
      answer: { data: { bolts: [{ label: 'm1:1+2' }, { label: 'm2:' }, { label: 'm2:3+-' }] } },
    },
    {
      name: 'key-partly-shown',
      query: '{ bolts { label parts { number: no } id: mill { mill: id } } }',
      answer: {
        data: {
          bolts: [
            { label: 'm1:1+2', parts: [{ number: 1 }, { number: 2 }], id: { mill: 'm1' } },
            { label: 'm2:', parts: [], id: { mill: 'm2' } },
            { label: 'm2:3+-', parts: [{ number: 3 }, null], id: { mill: 'm2' } },
          ],
        },
      },
    },
  ],
};

export default construct;
