import type { Construct } from '../_construct.ts';

type Row = { readonly id: string };

const construct: Construct = {
  title: 'A subgraph that fails costs its own fields and those that wait for them; the others stand',
  subgraphs: {
    looms: {
      sdl: 'type Query { looms: [Loom!]! } type Loom @key(fields: "id") { id: ID! name: String }',
      resolvers: { Query: { looms: () => [{ id: 'l1', name: 'one' }] } },
    },
    owners: {
      sdl: 'type Query { owners: [Owner!] } type Loom @key(fields: "id") { id: ID! owner: Owner } type Owner @key(fields: "id") { id: ID! }',
      resolvers: {
        Query: { owners: () => [{ id: 'o1' }] },
        Loom: { __resolveReference: ({ id }: Row) => ({ id, owner: { id: 'o1' } }) },
      },
    },
    people: {
      sdl: 'type Owner @key(fields: "id") { id: ID! name: String }',
      resolvers: { Owner: { __resolveReference: ({ id }: Row) => ({ id, name: 'Ada' }) } },
    },
  },
  cases: [
    {
      name: 'nothing-fails',
      query: '{ looms { name owner { id name } } owners { id } }',
      answer: { data: { looms: [{ name: 'one', owner: { id: 'o1', name: 'Ada' } }], owners: [{ id: 'o1' }] } },
    },
    {
      name: 'in-the-middle-of-a-chain',
      query: '{ looms { name owner { id name } } owners { id } }',
      joined: 'fallback',
      down: ['owners'],
      answer: {
        data: { looms: [{ name: 'one', owner: null }], owners: null },
        errors: [
          { path: ['looms', 0, 'owner'], code: 'SUBGRAPH_REFUSED' },
          { path: ['owners'], code: 'SUBGRAPH_REFUSED' },
        ],
      },
    },
    {
      name: 'at-the-end-of-a-chain',
      query: '{ looms { name owner { id name } } owners { id } }',
      joined: 'fallback',
      down: ['people'],
      answer: {
        data: { looms: [{ name: 'one', owner: { id: 'o1', name: null } }], owners: [{ id: 'o1' }] },
        errors: [{ path: ['looms', 0, 'owner', 'name'], code: 'SUBGRAPH_REFUSED' }],
      },
    },
    {
      name: 'at-the-root',
      query: '{ looms { name } owners { id } }',
      joined: 'fallback',
      down: ['looms'],
      answer: { data: null, errors: [{ path: ['looms'], code: 'SUBGRAPH_REFUSED' }] },
    },
  ],
};

export default construct;
