import type { Construct } from '../_construct.ts';

const construct: Construct = {
  title: 'Fields whose type differs: nullability, a member where another subgraph has the union',
  subgraphs: {
    a: {
      sdl: `type Query { bolt: Bolt! @shareable }
type Bolt @key(fields: "id") { id: ID! length: Int! @shareable weave: Plain @shareable }
type Plain @shareable { ends: Int! }`,
      resolvers: { Query: { bolt: () => ({ id: 'b1', length: 9, weave: { ends: 2 } }) } },
    },
    b: {
      sdl: `type Query { bolts: [Bolt] }
type Bolt @key(fields: "id") { id: ID! length: Int @shareable weave: Weave @shareable }
union Weave = Plain | Satin
type Plain @shareable { ends: Int! }
type Satin { ends: String! }`,
      resolvers: {
        Query: {
          bolts: () => [
            { id: 'b1', length: 9, weave: { __typename: 'Plain', ends: 2 } },
            { id: 'b2', length: null, weave: null },
          ],
        },
      },
    },
  },
  cases: [
    {
      name: 'the-general-type',
      query:
        '{ bolt { length weave { ... on Plain { ends } } } bolts { length weave { ... on Plain { ends } ... on Satin { number: ends } } } }',
      answer: {
        data: {
          bolt: { length: 9, weave: { ends: 2 } },
          bolts: [
            { length: 9, weave: { ends: 2 } },
            { length: null, weave: null },
          ],
        },
      },
    },
  ],
};

export default construct;
