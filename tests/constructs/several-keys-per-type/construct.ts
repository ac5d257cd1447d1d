import type { Construct } from '../_construct.ts';

const looms = [
  { id: 'l1', code: 'a', serial: 1, speed: 10, owner: 'Ann' },
  { id: 'l2', code: 'b', serial: 2, speed: 20, owner: 'Bo' },
];

const construct: Construct = {
  title: 'Several keys per type, each of them resolvable somewhere else',
  subgraphs: {
    ids: {
      sdl: `type Query { looms: [Loom!]! }
type Loom @key(fields: "id") { id: ID! }`,
      resolvers: { Query: { looms: () => looms.map(({ id }) => ({ id })) } },
    },
    bridge: {
      sdl: `type Loom @key(fields: "id") @key(fields: "code") @key(fields: "serial") { id: ID! code: String! serial: Int! }`,
      resolvers: {
        Loom: {
          __resolveReference: ({ id, code, serial }: { id?: string; code?: string; serial?: number }) =>
            looms.find((loom) => loom.id === id || loom.code === code || loom.serial === serial),
        },
      },
    },
    codes: {
      sdl: `type Loom @key(fields: "code") { code: String! speed: Int }`,
      resolvers: { Loom: { __resolveReference: ({ code }: { code: string }) => looms.find((loom) => loom.code === code) } },
    },
    serials: {
      sdl: `type Query { loomOfSerial(serial: Int!): Loom }
type Loom @key(fields: "serial") { serial: Int! owner: String }`,
      resolvers: {
        Query: { loomOfSerial: (_: unknown, { serial }: { serial: number }) => looms.find((loom) => loom.serial === serial) },
        Loom: { __resolveReference: ({ serial }: { serial: number }) => looms.find((loom) => loom.serial === serial) },
      },
    },
  },
  cases: [
    {
      name: 'over-a-bridge',
      query: '{ looms { speed owner } }',
      answer: {
        data: {
          looms: [
            { speed: 10, owner: 'Ann' },
            { speed: 20, owner: 'Bo' },
          ],
        },
      },
    },
    {
      name: 'from-the-other-side',
      query: '{ loomOfSerial(serial: 2) { serial: id id: speed } }',
      answer: { data: { loomOfSerial: { serial: 'l2', id: 20 } } },
    },
  ],
};

export default construct;
