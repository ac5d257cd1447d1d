import type { Construct } from '../_construct.ts';

type Loom = { readonly id: string; readonly code: string; readonly weight: number };

const construct: Construct = {
  title: 'Aliases of any name, also those of keys, requirements and of what the engine uses itself',
  subgraphs: {
    looms: {
      sdl: 'type Query { looms(first: Int): [Loom!]! } type Loom @key(fields: "id") { id: ID! code: String weight(unit: String): Int }',
      resolvers: {
        Query: { looms: () => [{ id: 'l1', code: 'k1' }] },
        Loom: { weight: (_: unknown, { unit }: { unit?: string }) => (unit === 'KG' ? 2 : 2000) },
      },
    },
    fees: {
      sdl: `type Loom @key(fields: "id") { id: ID! weight(unit: String): Int @external fee: Int @requires(fields: "weight(unit: \\"KG\\")") speed: Int }`,
      resolvers: {
        Loom: {
          __resolveReference: (reference: Loom) => reference,
          fee: ({ weight }: Loom) => weight * 3,
          speed: ({ id }: Loom) => id.length,
        },
      },
    },
  },
  cases: [
    {
      name: 'names-of-keys-and-requirements',
      query: '{ looms { id: code weight: speed fee __typename: code code: fee } }',
      answer: { data: { looms: [{ id: 'k1', weight: 2, fee: 6, __typename: 'k1', code: 6 }] } },
    },
    {
      name: 'names-that-scripts-take-badly',
      query: '{ __proto__: looms { constructor: code then: speed toString: fee hasOwnProperty: weight __proto__: id prototype: id } }',
      answer: {
        data: JSON.parse(
          '{"__proto__":[{"constructor":"k1","then":2,"toString":6,"hasOwnProperty":2000,"__proto__":"l1","prototype":"l1"}]}',
        ) as unknown,
      },
    },
    {
      name: 'names-of-the-engine',
      query: '{ _entities: looms { _q0: speed _q1: code _q2: fee } _service: looms { _e0: fee _r0: weight(unit: "G") } }',
      answer: { data: { _entities: [{ _q0: 2, _q1: 'k1', _q2: 6 }], _service: [{ _e0: 6, _r0: 2000 }] } },
    },
    {
      name: 'one-name-for-two-fields-at-two-places',
      query: '{ a: looms { x: speed } b: looms { x: code } c: looms(first: 1) { x: fee } }',
      answer: { data: { a: [{ x: 2 }], b: [{ x: 'k1' }], c: [{ x: 6 }] } },
    },
  ],
};

export default construct;
