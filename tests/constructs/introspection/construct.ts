import type { Construct } from '../_construct.ts';

const construct: Construct = {
  title: 'Introspection is answered here, from the public schema, beside data or alone',
  subgraphs: {
    looms: {
      sdl: 'type Query { loom: Loom } type Loom @key(fields: "id") { id: ID! speed: Int secret: Int @inaccessible }',
      resolvers: { Query: { loom: () => ({ id: 'l1', speed: 4 }) } },
    },
    sizes: { sdl: 'type Loom @key(fields: "id") { id: ID! size: Int }', resolvers: {} },
  },
  cases: [
    {
      name: 'beside-data',
      joined: 'object',
      query: 'query ($name: String!) { loom { speed } __type(name: $name) { fields { name } } }',
      variables: { name: 'Loom' },
      answer: { data: { loom: { speed: 4 }, __type: { fields: [{ name: 'id' }, { name: 'speed' }, { name: 'size' }] } } },
    },
    {
      name: 'alone',
      joined: 'object',
      query: '{ __typename again: __typename __schema { queryType { name } } }',
      answer: { data: { __typename: 'Query', again: 'Query', __schema: { queryType: { name: 'Query' } } } },
    },
  ],
};

export default construct;
