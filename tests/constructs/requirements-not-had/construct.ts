import type { Construct } from '../_construct.ts';

type Crate = { readonly id: string; readonly weight?: number | null };

const construct: Construct = {
  title: 'A requirement that could not be had masks its field to null; one that is null is sent as null',
  subgraphs: {
    crates: {
      sdl: 'type Query { crates: [Crate!]! } type Crate @key(fields: "id") { id: ID! name: String }',
      resolvers: {
        Query: {
          crates: () => [
            { id: 'c1', name: 'one' },
            { id: 'c2', name: 'two' },
            { id: 'c3', name: 'three' },
          ],
        },
      },
    },
    scales: {
      sdl: 'type Crate @key(fields: "id") { id: ID! weight: Int }',
      resolvers: {
        Crate: {
          __resolveReference: (reference: Crate) => reference,
          weight: ({ id }: Crate) => {
            if (id === 'c2') throw new Error('the scale is stuck');
            return id === 'c1' ? 4 : null;
          },
        },
      },
    },
    freight: {
      sdl: 'type Crate @key(fields: "id") { id: ID! weight: Int @external fee: String @requires(fields: "weight") route: String }',
      resolvers: {
        Crate: {
          __resolveReference: (reference: Crate) => reference,
          route: ({ id }: Crate) => `route of ${id}`,
          fee: ({ weight }: Crate) => {
            if (weight === undefined) throw new Error('asked without the weight');
            return `fee for ${weight}`;
          },
        },
      },
    },
  },
  cases: [
    {
      name: 'null-with-an-error-is-not-sent',
      query: '{ crates { route fee } }',
      joined: 'fallback',
      answer: {
        data: {
          crates: [
            { route: 'route of c1', fee: 'fee for 4' },
            { route: 'route of c2', fee: null },
            { route: 'route of c3', fee: 'fee for null' },
          ],
        },
        errors: [{ path: ['crates', 1, 'fee'], code: 'SUBGRAPH_ERROR' }],
      },
    },
    {
      name: 'nothing-is-sent-where-all-is-unknown',
      query: '{ crates { name fee } }',
      joined: 'fallback',
      down: ['scales'],
      answer: {
        data: {
          crates: [
            { name: 'one', fee: null },
            { name: 'two', fee: null },
            { name: 'three', fee: null },
          ],
        },
        errors: [
          { path: ['crates', 0, 'fee'], code: 'SUBGRAPH_REFUSED' },
          { path: ['crates', 1, 'fee'], code: 'SUBGRAPH_REFUSED' },
          { path: ['crates', 2, 'fee'], code: 'SUBGRAPH_REFUSED' },
        ],
      },
    },
    {
      name: 'the-rest-of-the-call-stands',
      query: '{ crates { route fee } }',
      joined: 'fallback',
      down: ['scales'],
      answer: {
        data: {
          crates: [
            { route: 'route of c1', fee: null },
            { route: 'route of c2', fee: null },
            { route: 'route of c3', fee: null },
          ],
        },
        errors: [
          { path: ['crates', 0, 'fee'], code: 'SUBGRAPH_REFUSED' },
          { path: ['crates', 1, 'fee'], code: 'SUBGRAPH_REFUSED' },
          { path: ['crates', 2, 'fee'], code: 'SUBGRAPH_REFUSED' },
        ],
      },
    },
  ],
};

export default construct;
