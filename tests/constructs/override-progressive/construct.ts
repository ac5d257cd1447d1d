import type { Construct } from '../_construct.ts';

type Reference = { id: string; code: string; speed: number };
const looms = [{ __typename: 'Loom', id: 'l1', code: 'o1', speed: 10 }];

const construct: Construct = {
  title: '@override with a label: the new subgraph where it is active, else the old one; of a key, behind an interface, in a requirement',
  notInV03: { why: 'override labels came with v0.4', since: 'v04' },
  subgraphs: {
    old: {
      sdl: `type Query { looms: [Loom!]! tools: [Tool!]! }
interface Tool { speed: Int }
type Loom implements Tool @key(fields: "id") @key(fields: "code") { id: ID! code: String! speed: Int }
type Shears implements Tool @key(fields: "id") { id: ID! speed: Int }`,
      resolvers: { Query: { looms: () => looms, tools: () => [...looms, { __typename: 'Shears', id: 's1', speed: 5 }] } },
    },
    new: {
      sdl: `type Loom @key(fields: "id") {
  id: ID!
  speed: Int @override(from: "old", label: "percent(40)")
  code: String! @override(from: "old", label: "codes") @shareable
  load: Int @override(from: "gone", label: "never")
}`,
      resolvers: { Loom: { __resolveReference: ({ id }: Reference) => ({ id, speed: 20, code: 'n1', load: 7 }) } },
    },
    codes: {
      sdl: 'type Loom @key(fields: "code") { code: String! colour: String }',
      resolvers: { Loom: { __resolveReference: ({ code }: Reference) => ({ code, colour: `colour of ${code}` }) } },
    },
    ratings: {
      sdl: 'type Loom @key(fields: "id") { id: ID! speed: Int @external rating: String @requires(fields: "speed") }',
      resolvers: {
        Loom: { __resolveReference: (reference: Reference) => reference, rating: ({ speed }: Reference) => `rated at ${speed}` },
      },
    },
  },
  cases: [
    { name: 'inactive', query: '{ looms { speed } }', answer: { data: { looms: [{ speed: 10 }] } } },
    { name: 'active', query: '{ looms { speed } }', labels: ['percent(40)'], answer: { data: { looms: [{ speed: 20 }] } } },
    { name: 'interface-inactive', query: '{ tools { speed } }', answer: { data: { tools: [{ speed: 10 }, { speed: 5 }] } } },
    {
      name: 'interface-active-for-one-type',
      query: '{ tools { speed } }',
      labels: ['percent(40)'],
      answer: { data: { tools: [{ speed: 20 }, { speed: 5 }] } },
    },
    { name: 'key-inactive', query: '{ looms { code colour } }', answer: { data: { looms: [{ code: 'o1', colour: 'colour of o1' }] } } },
    {
      name: 'key-active',
      query: '{ looms { code colour } }',
      labels: ['codes'],
      answer: { data: { looms: [{ code: 'n1', colour: 'colour of n1' }] } },
    },
    { name: 'required-inactive', query: '{ looms { rating } }', answer: { data: { looms: [{ rating: 'rated at 10' }] } } },
    {
      name: 'required-active',
      query: '{ looms { rating } }',
      labels: ['percent(40)'],
      answer: { data: { looms: [{ rating: 'rated at 20' }] } },
    },
    { name: 'from-a-subgraph-that-is-gone', query: '{ looms { load } }', answer: { data: { looms: [{ load: 7 }] } } },
  ],
};

export default construct;
