import type { Construct } from '../_construct.ts';

const poison = (): never => {
  throw new Error('overridden: must not be asked');
};

const construct: Construct = {
  title: '@override: of a plain field, of a key, together with @requires, from a subgraph that is gone',
  subgraphs: {
    old: {
      sdl: `type Query { lamps: [Lamp!]! }
type Lamp @key(fields: "id") @key(fields: "code") { id: ID! code: String! watts: Int label: String }`,
      resolvers: { Query: { lamps: () => [{ id: 'l1', code: 'k1' }] }, Lamp: { watts: poison, label: poison } },
    },
    new: {
      sdl: `type Lamp @key(fields: "id") { id: ID! watts: Int @override(from: "old") colour: String @override(from: "gone") }`,
      resolvers: { Lamp: { __resolveReference: ({ id }: { id: string }) => ({ id, watts: 60, colour: 'warm' }) } },
    },
    codes: {
      sdl: `type Lamp @key(fields: "code") {
  code: String! @shareable
  watts: Int @external
  label: String @override(from: "old") @requires(fields: "watts")
}`,
      resolvers: {
        Lamp: {
          __resolveReference: (reference: object) => reference,
          label: ({ code, watts }: { code: string; watts: number }) => `${code}/${watts}`,
        },
      },
    },
  },
  cases: [
    {
      name: 'taken-over-and-required',
      query: '{ lamps { watts label colour } }',
      answer: { data: { lamps: [{ watts: 60, label: 'k1/60', colour: 'warm' }] } },
    },
  ],
};

export default construct;
