import type { CaseReader, Construct } from '../_construct.ts';

type Row = { readonly id: string };
const visitor: CaseReader = { authenticated: false, scopes: [], policies: [] };
const member: CaseReader = { authenticated: true, scopes: ['wages'], policies: ['partner'] };
const query = '{ mills { name wage bonus owner { name } } people { name } some: people { ... on Owner { name } ... on Clerk { name } } }';

const construct: Construct = {
  title: '@authenticated, @requiresScopes and @policy: what is denied is null and never asked for, also behind interfaces and requirements',
  subgraphs: {
    mills: {
      sdl: `type Query { mills: [Mill!]! people: [Person!]! }
type Mill @key(fields: "id") { id: ID! name: String wage: Int @requiresScopes(scopes: [["wages"]]) owner: Owner }
interface Person { name: String }
type Owner implements Person @key(fields: "id") { id: ID! name: String @authenticated }
type Clerk implements Person { name: String }`,
      resolvers: {
        Query: {
          mills: () => [{ id: 'm1', name: 'Old', wage: 100, owner: { id: 'o1', name: 'Ada' } }],
          people: () => [
            { __typename: 'Owner', id: 'o1', name: 'Ada' },
            { __typename: 'Clerk', name: 'Bo' },
          ],
        },
      },
    },
    bonuses: {
      sdl: `type Mill @key(fields: "id") {
  id: ID!
  wage: Int @external
  bonus: Int @requires(fields: "wage") @requiresScopes(scopes: [["wages"]]) @policy(policies: [["partner"]])
}`,
      resolvers: {
        Mill: { __resolveReference: (reference: Row) => reference, bonus: ({ wage }: { wage: number }) => wage / 10 },
      },
    },
  },
  cases: [
    {
      name: 'all-that-is-demanded-is-met',
      query,
      reader: member,
      answer: {
        data: {
          mills: [{ name: 'Old', wage: 100, bonus: 10, owner: { name: 'Ada' } }],
          people: [{ name: 'Ada' }, { name: 'Bo' }],
          some: [{ name: 'Ada' }, { name: 'Bo' }],
        },
      },
    },
    {
      name: 'one-of-two-demands',
      query,
      reader: { ...member, policies: [] },
      joined: 'fallback',
      answer: {
        data: {
          mills: [{ name: 'Old', wage: 100, bonus: null, owner: { name: 'Ada' } }],
          people: [{ name: 'Ada' }, { name: 'Bo' }],
          some: [{ name: 'Ada' }, { name: 'Bo' }],
        },
        errors: [{ path: ['mills', 0, 'bonus'], code: 'FORBIDDEN' }],
      },
    },
    {
      name: 'nobody-in-particular',
      query,
      reader: visitor,
      joined: 'fallback',
      answer: {
        data: {
          mills: [{ name: 'Old', wage: null, bonus: null, owner: { name: null } }],
          people: [{ name: null }, { name: null }],
          some: [{ name: null }, { name: 'Bo' }],
        },
        errors: [
          { path: ['mills', 0, 'wage'], code: 'FORBIDDEN' },
          { path: ['mills', 0, 'bonus'], code: 'FORBIDDEN' },
          { path: ['mills', 0, 'owner', 'name'], code: 'FORBIDDEN' },
          { path: ['people', 0, 'name'], code: 'FORBIDDEN' },
          { path: ['people', 1, 'name'], code: 'FORBIDDEN' },
          { path: ['some', 0, 'name'], code: 'FORBIDDEN' },
        ],
      },
    },
  ],
};

export default construct;
