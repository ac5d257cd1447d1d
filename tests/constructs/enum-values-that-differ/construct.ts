import type { Construct } from '../_construct.ts';

const construct: Construct = {
  title: 'Enum values that not all subgraphs know',
  subgraphs: {
    a: {
      sdl: `type Query { lot: Lot }
type Lot @key(fields: "id") { id: ID! state: State @shareable }
enum State { NEW DONE }`,
      resolvers: {
        Query: { lot: () => ({ id: 'x', state: 'NEW' }) },
        Lot: { __resolveReference: ({ id }: { id: string }) => ({ id, state: 'DONE' }) },
      },
    },
    b: {
      sdl: `type Query { lots: [Lot!]! }
type Lot @key(fields: "id") { id: ID! state: State @shareable }
enum State { NEW PAUSED DONE }`,
      resolvers: {
        Query: {
          lots: () => [
            { id: 'y', state: 'PAUSED' },
            { id: 'z', state: 'DONE' },
          ],
        },
      },
    },
  },
  cases: [
    {
      name: 'each-graph-its-own',
      query: '{ lot { state } lots { state } }',
      answer: { data: { lot: { state: 'NEW' }, lots: [{ state: 'PAUSED' }, { state: 'DONE' }] } },
    },
  ],
};

export default construct;
