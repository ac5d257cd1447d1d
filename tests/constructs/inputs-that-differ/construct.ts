import type { Construct } from '../_construct.ts';

const construct: Construct = {
  title: 'Input objects and arguments that differ: clients see what all subgraphs know',
  subgraphs: {
    a: {
      sdl: `type Query { find(by: Filter!, page: Int): [String!]! @shareable }
input Filter { text: String! limit: Int old: Boolean }`,
      resolvers: { Query: { find: (_: unknown, { by }: { by: { text: string; limit?: number } }) => [`${by.text}/${by.limit ?? 'all'}`] } },
    },
    b: {
      sdl: `type Query { find(by: Filter): [String!]! @shareable other(by: Filter): String }
input Filter { text: String limit: Int! = 3 }`,
      resolvers: {
        Query: {
          find: (_: unknown, { by }: { by: { text: string; limit?: number } }) => [`${by.text}/${by.limit ?? 'all'}`],
          other: (_: unknown, { by }: { by?: { text: string; limit: number } }) => `${by?.text ?? ''}:${by?.limit ?? ''}`,
        },
      },
    },
  },
  cases: [
    {
      name: 'the-strictest-of-both',
      query: 'query ($f: Filter!) { find(by: $f) other(by: { text: "cloth", limit: 2 }) }',
      variables: { f: { text: 'silk', limit: 7 } },
      answer: { data: { find: ['silk/7'], other: 'cloth:2' } },
    },
  ],
};

export default construct;
