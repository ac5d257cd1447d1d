import type { Construct } from '../_construct.ts';

const construct: Construct = {
  title: '@requires in a circle of subgraphs that is no circle of fields',
  subgraphs: {
    weave: {
      sdl: `type Query { bolt: Bolt }
type Bolt @key(fields: "id") {
  id: ID! width: Int!
  area: Int @external
  price: Int @requires(fields: "area")
}`,
      resolvers: {
        Query: { bolt: () => ({ id: 'b1', width: 2 }) },
        Bolt: {
          __resolveReference: (reference: object) => ({ width: 2, ...reference }),
          price: ({ area }: { area: number }) => area * 10,
        },
      },
    },
    cut: {
      sdl: `type Bolt @key(fields: "id") {
  id: ID! width: Int! @external
  area: Int @requires(fields: "width")
  price: Int @external
  invoice: String @requires(fields: "price")
}`,
      resolvers: {
        Bolt: {
          __resolveReference: (reference: object) => reference,
          area: ({ width }: { width: number }) => width * 3,
          invoice: ({ price }: { price: number }) => `pay ${price}`,
        },
      },
    },
  },
  cases: [
    {
      name: 'there-and-back-and-there',
      query: '{ bolt { invoice } }',
      answer: { data: { bolt: { invoice: 'pay 60' } } },
    },
  ],
};

export default construct;
