import type { Construct } from '../_construct.ts';

const construct: Construct = {
  title: 'Interfaces like Node, whose field each subgraph answers for the types it knows',
  subgraphs: {
    looms: {
      sdl: `type Query { node(id: ID!): Node @shareable }
interface Node { id: ID! }
type Jacquard implements Node @key(fields: "id") { id: ID! cards: Int }
type Rapier implements Node @key(fields: "id") { id: ID! }`,
      resolvers: {
        Query: {
          node: (_: unknown, { id }: { id: string }) =>
            id.startsWith('j') ? { __typename: 'Jacquard', id, cards: 400 } : { __typename: 'Rapier', id },
        },
        Jacquard: { __resolveReference: ({ id }: { id: string }) => ({ id, cards: 400 }) },
        Rapier: { __resolveReference: ({ id }: { id: string }) => ({ id }) },
      },
    },
    speeds: {
      sdl: `type Rapier @key(fields: "id") { id: ID! speed: Int }`,
      resolvers: { Rapier: { __resolveReference: ({ id }: { id: string }) => ({ id, speed: 600 }) } },
    },
    lamps: {
      sdl: `type Query { lamp: Lamp }
interface Node { id: ID! }
type Lamp implements Node @key(fields: "id") { id: ID! watts: Int }`,
      resolvers: { Query: { lamp: () => ({ id: 'l1', watts: 60 }) } },
    },
  },
  cases: [
    {
      name: 'types-of-that-graph-only',
      query: 'query ($id: ID!) { node(id: $id) { id ... on Rapier { speed } ... on Jacquard { cards } ... on Lamp { watts } } }',
      variables: { id: 'r1' },
      answer: { data: { node: { id: 'r1', speed: 600 } } },
    },
    {
      name: 'fragment-on-the-interface',
      query: '{ lamp { ... on Node { id } watts } node(id: "j1") { __typename ... on Jacquard { cards } } }',
      answer: { data: { lamp: { id: 'l1', watts: 60 }, node: { __typename: 'Jacquard', cards: 400 } } },
    },
  ],
};

export default construct;
