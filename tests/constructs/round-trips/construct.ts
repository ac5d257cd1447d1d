import type { Construct } from '../_construct.ts';

const construct: Construct = {
  title: 'Round trips: parent → entity → parent, and a child without a key reached by its parent',
  subgraphs: {
    mills: {
      sdl: `type Query { mill: Mill }
type Mill @key(fields: "id") { id: ID! name: String hall: Hall @shareable }
type Hall { gates: Int }`,
      resolvers: {
        Query: { mill: () => ({ id: 'm1', name: 'north', hall: { gates: 3 } }) },
        Mill: { __resolveReference: ({ id }: { id: string }) => ({ id, name: `mill ${id}`, hall: { gates: 4 } }) },
      },
    },
    looms: {
      sdl: `type Mill @key(fields: "id") { id: ID! looms: [Loom!]! hall: Hall @shareable }
type Hall { area: Int }
type Loom @key(fields: "no") { no: Int! mill: Mill }`,
      resolvers: {
        Mill: {
          __resolveReference: ({ id }: { id: string }) => ({ id }),
          looms: () => [{ no: 1 }, { no: 2 }],
          hall: () => ({ area: 900 }),
        },
        Loom: { mill: ({ no }: { no: number }) => ({ id: `m${no}` }) },
      },
    },
  },
  cases: [
    {
      name: 'there-and-back',
      query: '{ mill { name looms { no mill { name looms { no } } } } }',
      answer: {
        data: {
          mill: {
            name: 'north',
            looms: [
              { no: 1, mill: { name: 'mill m1', looms: [{ no: 1 }, { no: 2 }] } },
              { no: 2, mill: { name: 'mill m2', looms: [{ no: 1 }, { no: 2 }] } },
            ],
          },
        },
      },
    },
    {
      name: 'child-without-a-key',
      query: '{ mill { hall { area gates } looms { mill { hall { gates area } } } } }',
      answer: {
        data: {
          mill: {
            hall: { area: 900, gates: 3 },
            looms: [{ mill: { hall: { gates: 4, area: 900 } } }, { mill: { hall: { gates: 4, area: 900 } } }],
          },
        },
      },
    },
  ],
};

export default construct;
