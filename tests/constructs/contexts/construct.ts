import type { Construct } from '../_construct.ts';

type Row = { readonly id: string };
const loom = (id: string): Row => ({ id });
const says = ({ id }: Row, args: object): string => [id, ...Object.values(args)].map(String).join(' ');
const reference = (row: Row): Row => row;

const construct: Construct = {
  title: '@context and @fromContext: the value of the nearest ancestor, one alternative for each type, also from another subgraph',
  notInV03: { why: 'contextual arguments came with v0.5', since: 'v05' },
  subgraphs: {
    looms: {
      sdl: `type Query { sites: [Site!]! places: [Place!]! }
type Site @key(fields: "id") @context(name: "unit") { id: ID! unit: String looms: [Loom!]! mills: [Mill!]! }
union Place @context(name: "place") = Mill | Shed
type Mill @key(fields: "id") @context(name: "unit") { id: ID! name: String unit: String @external looms: [Loom!]! crates: [Crate!]! }
type Shed @key(fields: "id") { id: ID! title: String crates: [Crate!]! }
type Loom @key(fields: "id") { id: ID! name: String speed(in: String @fromContext(field: "$unit { unit }"), factor: Int): String }
type Crate @key(fields: "id") {
  id: ID!
  made(at: String @fromContext(field: "$place ... on Mill { name } ... on Shed { title }")): String
}`,
      resolvers: {
        Query: {
          sites: () => [
            { id: 's1', unit: 'far', looms: [loom('x')], mills: [{ id: 'm1', looms: [loom('x'), loom('y')] }] },
            { id: 's2', unit: null, looms: [loom('x')], mills: [{ id: 'm2', looms: [] }] },
          ],
          places: () => [
            { __typename: 'Mill', id: 'm1', name: 'Old mill', looms: [], crates: [{ id: 'c1' }] },
            { __typename: 'Shed', id: 'd1', title: 'Long shed', crates: [{ id: 'c1' }, { id: 'c2' }] },
          ],
        },
        Loom: { __resolveReference: reference, name: ({ id }: Row) => `loom ${id}`, speed: says },
        Crate: { __resolveReference: reference, made: says },
      },
    },
    units: {
      sdl: 'type Mill @key(fields: "id") { id: ID! unit: String }',
      resolvers: { Mill: { __resolveReference: ({ id }: Row) => ({ id, unit: `unit of ${id}` }) } },
    },
  },
  cases: [
    {
      name: 'nearest-of-two-ancestors',
      query: '{ sites { looms { speed } mills { looms { name speed(factor: 2) } } } }',
      joined: 'object',
      answer: {
        data: {
          sites: [
            {
              looms: [{ speed: 'x far' }],
              mills: [
                {
                  looms: [
                    { name: 'loom x', speed: 'x unit of m1 2' },
                    { name: 'loom y', speed: 'y unit of m1 2' },
                  ],
                },
              ],
            },
            { looms: [{ speed: 'x null' }], mills: [{ looms: [] }] },
          ],
        },
      },
    },
    {
      name: 'alternative-for-each-type',
      query: '{ places { ... on Mill { crates { made } } ... on Shed { crates { id: made } } } }',
      joined: 'object',
      answer: {
        data: { places: [{ crates: [{ made: 'c1 Old mill' }] }, { crates: [{ id: 'c1 Long shed' }, { id: 'c2 Long shed' }] }] },
      },
    },
    {
      name: 'value-that-could-not-be-had',
      query: '{ sites { mills { looms { name speed } } } }',
      joined: 'object',
      down: ['units'],
      answer: {
        data: {
          sites: [
            {
              mills: [
                {
                  looms: [
                    { name: 'loom x', speed: null },
                    { name: 'loom y', speed: null },
                  ],
                },
              ],
            },
            { mills: [{ looms: [] }] },
          ],
        },
        errors: [
          { path: ['sites', 0, 'mills', 0, 'looms', 0, 'speed'], code: 'SUBGRAPH_REFUSED' },
          { path: ['sites', 0, 'mills', 0, 'looms', 1, 'speed'], code: 'SUBGRAPH_REFUSED' },
        ],
      },
    },
  ],
};

export default construct;
