import type { Construct } from '../_construct.ts';

const bolts = [
  { mill: 'm1', year: 2024, weight: 3 },
  { mill: 'm1', year: 2025, weight: 4 },
  { mill: 'm2', year: 2024, weight: 5 },
];

const construct: Construct = {
  title: 'Keys of several fields',
  subgraphs: {
    mills: {
      sdl: `type Query { bolts: [Bolt!]! }
type Bolt @key(fields: "mill year") { mill: ID! year: Int! }`,
      resolvers: { Query: { bolts: () => bolts.map(({ mill, year }) => ({ mill, year })) } },
    },
    scales: {
      sdl: `type Bolt @key(fields: "mill year") { mill: ID! year: Int! weight: Int }`,
      resolvers: {
        Bolt: {
          __resolveReference: ({ mill, year }: { mill: string; year: number }) =>
            bolts.find((bolt) => bolt.mill === mill && bolt.year === year && bolt.weight !== 4) ?? null,
        },
      },
    },
  },
  cases: [
    {
      name: 'aliased-keys',
      query: '{ bolts { year: mill mill: weight } }',
      answer: {
        data: {
          bolts: [
            { year: 'm1', mill: 3 },
            { year: 'm1', mill: null },
            { year: 'm2', mill: 5 },
          ],
        },
      },
    },
  ],
};

export default construct;
