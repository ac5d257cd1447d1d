import type { Construct } from '../_construct.ts';

type Row = { readonly id: string };

const construct: Construct = {
  title: '@defer: at the border of an entity, within a subgraph, nested, shared by siblings, with a null that may not be',
  subgraphs: {
    mills: {
      sdl: 'type Query { mills: [Mill!]! } type Mill @key(fields: "id") { id: ID! name: String town: String }',
      resolvers: {
        Query: {
          mills: () => [
            { id: 'm1', name: 'Old', town: 'Lille' },
            { id: 'm2', name: 'New', town: null },
          ],
        },
      },
    },
    owners: {
      sdl: 'type Mill @key(fields: "id") { id: ID! tax: Int strict: Int! owner: Owner } type Owner @key(fields: "id") { id: ID! name: String }',
      resolvers: {
        Mill: {
          __resolveReference: ({ id }: Row) => ({
            id,
            tax: 10,
            strict: id === 'm1' ? 5 : null,
            owner: { id: `o-${id}`, name: `owner of ${id}` },
          }),
        },
      },
    },
    ratings: {
      sdl: 'type Owner @key(fields: "id") { id: ID! rating: Int }',
      resolvers: { Owner: { __resolveReference: ({ id }: Row) => ({ id, rating: 9 }) } },
    },
  },
  cases: [
    {
      name: 'at-the-border-of-an-entity',
      query: '{ mills { name ... @defer(label: "later") { tax } } }',
      first: { mills: [{ name: 'Old' }, { name: 'New' }] },
      answer: {
        data: {
          mills: [
            { name: 'Old', tax: 10 },
            { name: 'New', tax: 10 },
          ],
        },
      },
    },
    {
      name: 'within-a-subgraph',
      query: '{ mills { name ... @defer { town } } }',
      first: { mills: [{ name: 'Old' }, { name: 'New' }] },
      answer: {
        data: {
          mills: [
            { name: 'Old', town: 'Lille' },
            { name: 'New', town: null },
          ],
        },
      },
    },
    {
      name: 'nested',
      query: '{ mills { name ... @defer(label: "a") { tax ... @defer(label: "b") { owner { rating } } } } }',
      first: { mills: [{ name: 'Old' }, { name: 'New' }] },
      answer: {
        data: {
          mills: [
            { name: 'Old', tax: 10, owner: { rating: 9 } },
            { name: 'New', tax: 10, owner: { rating: 9 } },
          ],
        },
      },
    },
    {
      name: 'shared-by-siblings',
      query: '{ mills { ... @defer(label: "a") { owner { name } } ... @defer(label: "b") { owner { name rating } } } }',
      first: { mills: [{}, {}] },
      answer: {
        data: {
          mills: [{ owner: { name: 'owner of m1', rating: 9 } }, { owner: { name: 'owner of m2', rating: 9 } }],
        },
      },
    },
    {
      name: 'a-null-ends-at-the-edge-of-its-fragment',
      query: '{ mills { name ... @defer { strict } } }',
      first: { mills: [{ name: 'Old' }, { name: 'New' }] },
      answer: {
        data: { mills: [{ name: 'Old', strict: 5 }, { name: 'New' }] },
        errors: [{ path: ['mills', 1, 'strict'], code: 'SUBGRAPH_ERROR' }],
      },
    },
    {
      name: 'everything',
      query: '{ ... @defer { mills { name tax } } }',
      first: {},
      answer: {
        data: {
          mills: [
            { name: 'Old', tax: 10 },
            { name: 'New', tax: 10 },
          ],
        },
      },
    },
  ],
};

export default construct;
