import type { Construct } from '../_construct.ts';

type Row = { readonly id: string };

const construct: Construct = {
  title: 'Requests to one subgraph at one level are one, also where they wait for different ones; equal selections are one call',
  subgraphs: {
    looms: {
      sdl: `type Query { looms: [Loom!]! oldest: Loom owner: Owner }
type Loom @key(fields: "id") { id: ID! }
type Owner @key(fields: "id") { id: ID! }`,
      resolvers: { Query: { looms: () => [{ id: 'l1' }, { id: 'l2' }], oldest: () => ({ id: 'l1' }), owner: () => ({ id: 'o1' }) } },
    },
    mills: {
      sdl: 'type Loom @key(fields: "id") { id: ID! mill: Mill } type Mill @key(fields: "id") { id: ID! }',
      resolvers: { Loom: { __resolveReference: ({ id }: Row) => ({ id, mill: { id: `m-${id}` } }) } },
    },
    houses: {
      sdl: 'type Owner @key(fields: "id") { id: ID! house: House } type House @key(fields: "id") { id: ID! }',
      resolvers: { Owner: { __resolveReference: ({ id }: Row) => ({ id, house: { id: `h-${id}` } }) } },
    },
    places: {
      sdl: 'type Mill @key(fields: "id") { id: ID! town: String } type House @key(fields: "id") { id: ID! town: String rooms: Int }',
      resolvers: {
        Mill: { __resolveReference: ({ id }: Row) => ({ id, town: `town of ${id}` }) },
        House: { __resolveReference: ({ id }: Row) => ({ id, town: `town of ${id}`, rooms: 4 }) },
      },
    },
  },
  cases: [
    {
      name: 'of-one-level',
      query: '{ looms { mill { town } } owner { house { town rooms } } }',
      answer: {
        data: {
          looms: [{ mill: { town: 'town of m-l1' } }, { mill: { town: 'town of m-l2' } }],
          owner: { house: { town: 'town of h-o1', rooms: 4 } },
        },
      },
    },
    {
      name: 'two-places-one-call',
      query: '{ looms { mill { town } } oldest { mill { town } } }',
      answer: {
        data: {
          looms: [{ mill: { town: 'town of m-l1' } }, { mill: { town: 'town of m-l2' } }],
          oldest: { mill: { town: 'town of m-l1' } },
        },
      },
    },
  ],
};

export default construct;
