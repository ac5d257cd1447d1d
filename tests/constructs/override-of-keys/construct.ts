import type { Construct } from '../_construct.ts';

type Reference = { id: string; code: string };

const construct: Construct = {
  title: '@override of a field that is part of a key, and behind an interface',
  subgraphs: {
    old: {
      sdl: `type Query { lamps: [Lamp!]! lights: [Light!]! }
interface Light { watts: Int }
type Lamp implements Light @key(fields: "id") @key(fields: "code") { id: ID! code: String! watts: Int }
type Torch implements Light @key(fields: "id") { id: ID! watts: Int }`,
      resolvers: {
        Query: {
          lamps: () => [{ id: 'l1', code: 'old code' }],
          lights: () => [
            { __typename: 'Lamp', id: 'l1', code: 'old code' },
            { __typename: 'Torch', id: 't1', watts: 3 },
          ],
        },
        Lamp: {
          watts: () => {
            throw new Error('overridden: must not be asked');
          },
        },
      },
    },
    new: {
      sdl: 'type Lamp @key(fields: "id") { id: ID! code: String! @override(from: "old") @shareable watts: Int @override(from: "old") }',
      resolvers: { Lamp: { __resolveReference: ({ id }: Reference) => ({ id, code: 'k1', watts: 60 }) } },
    },
    codes: {
      sdl: 'type Lamp @key(fields: "code") { code: String! label: String }',
      resolvers: { Lamp: { __resolveReference: ({ code }: Reference) => ({ code, label: `label of ${code}` }) } },
    },
  },
  cases: [
    { name: 'key-from-the-new-subgraph', query: '{ lamps { label } }', answer: { data: { lamps: [{ label: 'label of k1' }] } } },
    { name: 'key-shown', query: '{ lamps { code label } }', answer: { data: { lamps: [{ code: 'k1', label: 'label of k1' }] } } },
    {
      name: 'behind-an-interface',
      query: '{ lights { watts } }',
      answer: { data: { lights: [{ watts: 60 }, { watts: 3 }] } },
    },
  ],
};

export default construct;
