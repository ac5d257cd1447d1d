import type { Construct } from '../_construct.ts';

const construct: Construct = {
  title: 'Keys with null values: nothing to ask by is not asked, some null is for the subgraph to judge',
  subgraphs: {
    crates: {
      sdl: `type Query { crates: [Crate]! }
type Crate @key(fields: "seal") @key(fields: "port berth") { seal: ID port: String berth: Int }`,
      resolvers: {
        Query: {
          crates: () => [
            { seal: 's1', port: 'P', berth: 1 },
            { seal: null, port: 'Q', berth: 2 },
            null,
            { seal: null, port: null, berth: null },
          ],
        },
      },
    },
    customs: {
      sdl: `type Crate @key(fields: "seal") { seal: ID cleared: Boolean }`,
      resolvers: { Crate: { __resolveReference: ({ seal }: { seal: string }) => ({ seal, cleared: true }) } },
    },
    berths: {
      sdl: `type Crate @key(fields: "port berth") { port: String berth: Int crane: String }`,
      resolvers: {
        Crate: { __resolveReference: ({ port, berth }: { port: string; berth: number }) => ({ port, berth, crane: `${port}${berth}` }) },
      },
    },
  },
  cases: [
    {
      name: 'one-key-or-both',
      query: '{ crates { cleared crane } }',
      answer: {
        data: {
          crates: [{ cleared: true, crane: 'P1' }, { cleared: null, crane: 'Q2' }, null, { cleared: null, crane: null }],
        },
      },
    },
  ],
};

export default construct;
