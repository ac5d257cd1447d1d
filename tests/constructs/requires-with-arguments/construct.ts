import type { Construct } from '../_construct.ts';

const construct: Construct = {
  title: '@requires with arguments, apart from those of the client and of other requirements',
  subgraphs: {
    sizes: {
      sdl: `type Query { rug: Rug }
type Rug @key(fields: "id") { id: ID! width(unit: Unit = CM): Int }
enum Unit { CM IN }`,
      resolvers: {
        Query: { rug: () => ({ id: 'r1' }) },
        Rug: { width: (_: unknown, { unit }: { unit: string }) => (unit === 'CM' ? 254 : 100) },
      },
    },
    freight: {
      sdl: `type Rug @key(fields: "id") {
  id: ID! width(unit: Unit = CM): Int @external
  inMetres: String @requires(fields: "width(unit: CM)")
  inInches: String @requires(fields: "width(unit: IN)")
}
enum Unit { CM IN }`,
      resolvers: {
        Rug: {
          __resolveReference: (reference: object) => reference,
          inMetres: ({ width }: { width: number }) => `${width / 100} m`,
          inInches: ({ width }: { width: number }) => `${width} in`,
        },
      },
    },
  },
  cases: [
    {
      name: 'both-at-once-beside-the-clients-own',
      query: 'query ($u: Unit = IN) { rug { width(unit: $u) inMetres other: width inInches } }',
      answer: { data: { rug: { width: 100, inMetres: '2.54 m', other: 254, inInches: '100 in' } } },
    },
    {
      name: 'one',
      query: '{ rug { width: inInches } }',
      answer: { data: { rug: { width: '100 in' } } },
    },
  ],
};

export default construct;
