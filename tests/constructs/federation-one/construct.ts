import type { Construct } from '../_construct.ts';

const construct: Construct = {
  title: 'Federation 1: extend type, @extends and @external',
  subgraphs: {
    accounts: {
      federation: 'v1',
      sdl: `type Query { buyer: Buyer }
type Buyer @key(fields: "id") { id: ID! mail: String size: Int }`,
      resolvers: {
        Query: { buyer: () => ({ id: 'u1', mail: 'a@x', size: 40 }) },
        Buyer: { __resolveReference: ({ id }: { id: string }) => ({ id, mail: 'a@x', size: 40 }) },
      },
    },
    orders: {
      federation: 'v1',
      sdl: `extend type Buyer @key(fields: "id") { id: ID! @external size: Int @external orders: [Order!]! fit: String @requires(fields: "size") }
type Order @key(fields: "no") { no: Int! by: Buyer @provides(fields: "mail") }
type Query @extends { order: Order }
extend type Buyer { mail: String @external }`,
      resolvers: {
        Query: { order: () => ({ no: 1, by: { id: 'u1', mail: 'from the order' } }) },
        Buyer: {
          __resolveReference: (reference: object) => reference,
          orders: () => [{ no: 1, by: { id: 'u1', mail: 'from the order' } }],
          fit: ({ size }: { size: number }) => (size > 38 ? 'large' : 'small'),
        },
      },
    },
  },
  cases: [
    {
      name: 'extended-and-required',
      query: '{ buyer { mail orders { no } fit } }',
      answer: { data: { buyer: { mail: 'a@x', orders: [{ no: 1 }], fit: 'large' } } },
    },
    { name: 'provided', query: '{ order { by { id mail } } }', answer: { data: { order: { by: { id: 'u1', mail: 'from the order' } } } } },
  ],
};

export default construct;
