import type { Construct } from '../_construct.ts';

type Row = { readonly id: string };

const construct: Construct = {
  title: 'Entities that a subgraph does not have: their fields are null, and what may not be null goes up with one error',
  subgraphs: {
    crates: {
      sdl: `type Query { crates: [Crate] sealed: [Crate!] crate: Crate }
type Crate @key(fields: "id") { id: ID! name: String }`,
      resolvers: {
        Query: {
          crates: () => [{ id: 'c1', name: 'one' }, null, { id: 'c2', name: 'two' }],
          sealed: () => [
            { id: 'c1', name: 'one' },
            { id: 'c2', name: 'two' },
          ],
          crate: () => null,
        },
      },
    },
    seals: {
      sdl: 'type Crate @key(fields: "id") { id: ID! note: String seal: Seal! } type Seal { code: String! broken: Boolean }',
      resolvers: {
        Crate: { __resolveReference: ({ id }: Row) => (id === 'c1' ? { id, note: 'dry', seal: { code: 'k1', broken: false } } : null) },
      },
    },
  },
  cases: [
    {
      name: 'fields-that-may-be-null',
      query: '{ crates { name note } crate { name note } }',
      answer: { data: { crates: [{ name: 'one', note: 'dry' }, null, { name: 'two', note: null }], crate: null } },
    },
    {
      name: 'a-field-that-may-not',
      query: '{ crates { name seal { code } } }',
      joined: 'fallback',
      answer: {
        data: { crates: [{ name: 'one', seal: { code: 'k1' } }, null, null] },
        errors: [{ path: ['crates', 2, 'seal'], code: 'NULL_FOR_NON_NULL' }],
      },
    },
    {
      name: 'up-to-the-nearest-that-may-be-null',
      query: '{ sealed { seal { code broken } note } }',
      joined: 'fallback',
      answer: { data: { sealed: null }, errors: [{ path: ['sealed', 1, 'seal'], code: 'NULL_FOR_NON_NULL' }] },
    },
  ],
};

export default construct;
