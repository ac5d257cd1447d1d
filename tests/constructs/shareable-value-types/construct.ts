import type { Construct } from '../_construct.ts';

const construct: Construct = {
  title: '@shareable value types without a key, in parts',
  subgraphs: {
    a: {
      sdl: `type Query { crate: Crate }
type Crate @key(fields: "id") { id: ID! seals: [Seal!]! @shareable }
type Seal { code: String @shareable no: Int }`,
      resolvers: {
        Query: { crate: () => ({ id: 'c1' }) },
        Crate: {
          seals: () => [
            { code: 'x', no: 1 },
            { code: 'y', no: 2 },
          ],
        },
      },
    },
    b: {
      sdl: `type Crate @key(fields: "id") { id: ID! seals: [Seal!]! @shareable }
type Seal { code: String @shareable owner: String }`,
      resolvers: {
        Crate: {
          __resolveReference: ({ id }: { id: string }) => ({ id }),
          seals: () => [
            { code: 'x', owner: 'Ann' },
            { code: 'y', owner: 'Bo' },
          ],
        },
      },
    },
  },
  cases: [
    {
      name: 'one-graph-is-enough',
      query: '{ crate { seals { code no } } }',
      answer: {
        data: {
          crate: {
            seals: [
              { code: 'x', no: 1 },
              { code: 'y', no: 2 },
            ],
          },
        },
      },
    },
    {
      name: 'joined-by-index',
      query: '{ crate { seals { owner code no } } }',
      answer: {
        data: {
          crate: {
            seals: [
              { owner: 'Ann', code: 'x', no: 1 },
              { owner: 'Bo', code: 'y', no: 2 },
            ],
          },
        },
      },
    },
  ],
};

export default construct;
