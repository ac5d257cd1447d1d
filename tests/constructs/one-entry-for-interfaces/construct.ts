import type { Construct } from '../_construct.ts';

const looms = [
  { __typename: 'Jacquard', id: 'j1', name: 'first' },
  { __typename: 'Rapier', id: 'r1', name: 'second' },
];
const loom = (_: unknown, { id }: { id: string }) => looms.find((one) => one.id === id);

const construct: Construct = {
  title: 'What is asked of an interface comes from one subgraph for all its types, or is refused; of one type, from a subgraph that has it',
  subgraphs: {
    a: {
      sdl: `type Query { loom(id: ID!): Loom @shareable }
interface Loom { id: ID! name: String }
type Jacquard implements Loom @key(fields: "id", resolvable: false) { id: ID! name: String }
type Rapier implements Loom @key(fields: "id", resolvable: false) { id: ID! name: String @external }`,
      resolvers: { Query: { loom } },
    },
    b: {
      sdl: `type Query { loom(id: ID!): Loom @shareable }
interface Loom { id: ID! name: String }
type Jacquard implements Loom @key(fields: "id", resolvable: false) { id: ID! name: String @external }
type Rapier implements Loom @key(fields: "id", resolvable: false) { id: ID! name: String }`,
      resolvers: { Query: { loom } },
    },
  },
  cases: [
    { name: 'of-the-interface', query: '{ loom(id: "j1") { name } }', answer: { refused: 'PLAN_UNREACHABLE_FIELD' } },
    {
      name: 'of-one-type',
      query: '{ loom(id: "j1") { id ... on Jacquard { name } } other: loom(id: "r1") { ... on Rapier { name } } }',
      answer: { data: { loom: { id: 'j1', name: 'first' }, other: { name: 'second' } } },
    },
  ],
};

export default construct;
