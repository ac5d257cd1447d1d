import type { Construct } from '../_construct.ts';

const construct: Construct = {
  title: 'Unions whose members differ between subgraphs',
  subgraphs: {
    a: {
      sdl: `type Query { shared: Weave @shareable only: Weave }
union Weave = Plain | Twill
type Plain @shareable { ends: Int }
type Twill { angle: Int }`,
      resolvers: {
        Query: { shared: () => ({ __typename: 'Plain', ends: 2 }), only: () => ({ __typename: 'Twill', angle: 45 }) },
      },
    },
    b: {
      sdl: `type Query { shared: Weave @shareable newest: [Weave!]! }
union Weave = Plain | Satin
type Plain @shareable { ends: Int }
type Satin { gloss: Int }`,
      resolvers: {
        Query: {
          shared: () => ({ __typename: 'Plain', ends: 2 }),
          newest: () => [
            { __typename: 'Satin', gloss: 9 },
            { __typename: 'Plain', ends: 4 },
          ],
        },
      },
    },
  },
  cases: [
    {
      name: 'only-what-both-know-where-both-could-answer',
      query: '{ shared { __typename ... on Plain { ends } ... on Twill { angle } ... on Satin { gloss } } }',
      answer: { data: { shared: { __typename: 'Plain', ends: 2 } } },
    },
    {
      name: 'all-members-where-one-graph-answers',
      query: '{ only { ... on Twill { angle } ... on Satin { gloss } } newest { ... on Twill { angle } ... on Satin { gloss } } }',
      answer: { data: { only: { angle: 45 }, newest: [{ gloss: 9 }, {}] } },
    },
  ],
};

export default construct;
