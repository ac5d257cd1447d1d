import type { Construct } from '../_construct.ts';

const construct: Construct = {
  title: 'Root types of other names',
  notComposed: 'the composer gives root types their usual names',
  subgraphs: {
    a: {
      sdl: `type Query { here: Int }
type Mutation { set(to: Int!): Int }`,
      resolvers: { Query: { here: () => 1 }, Mutation: { set: (_: unknown, { to }: { to: number }) => to } },
    },
  },
  cases: [
    { name: 'query', query: '{ __typename here }', answer: { data: { __typename: 'Look', here: 1 } } },
    { name: 'mutation', joined: 'object', query: 'mutation { set(to: 2) }', answer: { data: { set: 2 } } },
  ],
};

export default construct;
