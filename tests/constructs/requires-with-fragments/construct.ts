import type { Construct } from '../_construct.ts';

const construct: Construct = {
  title: '@requires with fragments on an interface and on a union',
  subgraphs: {
    ports: {
      sdl: `type Query { crates: [Crate!]! }
type Crate @key(fields: "id") { id: ID! site: Site load: Load }
interface Site { name: String }
type Port implements Site { name: String code: String }
type Yard implements Site { name: String lot: Int }
union Load = Bolt | Spool
type Bolt { metres: Int }
type Spool { grams: Int }`,
      resolvers: {
        Query: {
          crates: () => [
            { id: 'c1', site: { __typename: 'Port', name: 'p', code: 'PX' }, load: { __typename: 'Bolt', metres: 5 } },
            { id: 'c2', site: { __typename: 'Yard', name: 'y', lot: 7 }, load: { __typename: 'Spool', grams: 900 } },
            { id: 'c3', site: null, load: null },
          ],
        },
      },
    },
    tolls: {
      sdl: `type Crate @key(fields: "id") {
  id: ID!
  site: Site @external
  load: Load @external
  toll: String @requires(fields: "site { ... on Port { code } ... on Yard { lot } } load { ... on Bolt { metres } ... on Spool { grams } }")
}
interface Site { name: String @external }
type Port implements Site { name: String @external code: String @external }
type Yard implements Site { name: String @external lot: Int @external }
union Load = Bolt | Spool
type Bolt { metres: Int @external }
type Spool { grams: Int @external }`,
      resolvers: {
        Crate: {
          __resolveReference: (reference: object) => reference,
          toll: ({ site, load }: { site: object | null; load: object | null }) => JSON.stringify([site, load]),
        },
      },
    },
  },
  cases: [
    {
      name: 'the-parts-that-match',
      query: '{ crates { toll site { name } } }',
      answer: {
        data: {
          crates: [
            { toll: '[{"__typename":"Port","code":"PX"},{"__typename":"Bolt","metres":5}]', site: { name: 'p' } },
            { toll: '[{"__typename":"Yard","lot":7},{"__typename":"Spool","grams":900}]', site: { name: 'y' } },
            { toll: '[null,null]', site: null },
          ],
        },
      },
    },
  ],
};

export default construct;
