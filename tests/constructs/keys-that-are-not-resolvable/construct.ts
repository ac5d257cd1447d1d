import type { Construct } from '../_construct.ts';

const construct: Construct = {
  title: 'Keys that are not resolvable: left by them, never entered by them',
  subgraphs: {
    orders: {
      sdl: `type Query { orders: [Order!]! }
type Order @key(fields: "id") { id: ID! cloth: Cloth }
type Cloth @key(fields: "id", resolvable: false) { id: ID! }`,
      resolvers: {
        Query: {
          orders: () => [
            { id: 'o1', cloth: { id: 'c1' } },
            { id: 'o2', cloth: null },
          ],
        },
      },
    },
    cloths: {
      sdl: `type Query { newest: Cloth }
type Cloth @key(fields: "id") @key(fields: "no", resolvable: false) { id: ID! no: Int! dye: String }`,
      resolvers: {
        Query: { newest: () => ({ id: 'c9', no: 9, dye: 'weld' }) },
        Cloth: { __resolveReference: ({ id }: { id: string }) => ({ id, no: Number(id.slice(1)), dye: 'indigo' }) },
      },
    },
    stock: {
      sdl: `type Cloth @key(fields: "no") { no: Int! rolls: Int }`,
      resolvers: { Cloth: { __resolveReference: ({ no }: { no: number }) => ({ no, rolls: 10 * no }) } },
    },
  },
  cases: [
    {
      name: 'left-by-it',
      query: '{ orders { cloth { dye rolls } } newest { rolls } }',
      answer: { data: { orders: [{ cloth: { dye: 'indigo', rolls: 10 } }, { cloth: null }], newest: { rolls: 90 } } },
    },
  ],
};

export default construct;
