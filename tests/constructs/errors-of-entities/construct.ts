import type { Construct } from '../_construct.ts';

type Row = { readonly id: string };
const dye = (id: string): Row => ({ id });

const construct: Construct = {
  title: 'Equal representations are sent once, and an error of one is told at every place that used it',
  subgraphs: {
    cloths: {
      sdl: 'type Query { cloths: [Cloth!]! newest: Cloth } type Cloth { name: String dye: Dye other: Dye! } type Dye @key(fields: "id") { id: ID! }',
      resolvers: {
        Query: {
          cloths: () => [
            { name: 'a', dye: dye('red'), other: dye('blue') },
            { name: 'b', dye: dye('blue'), other: dye('red') },
          ],
          newest: () => ({ name: 'c', dye: dye('red'), other: dye('red') }),
        },
      },
    },
    dyes: {
      sdl: 'type Dye @key(fields: "id") { id: ID! shade: String fast: Boolean! }',
      resolvers: {
        Dye: {
          __resolveReference: (reference: Row) => reference,
          shade: ({ id }: Row) => {
            if (id === 'red') throw new Error('no such shade');
            return `shade of ${id}`;
          },
          fast: ({ id }: Row) => {
            if (id === 'red') throw new Error('not tested');
            return true;
          },
        },
      },
    },
  },
  cases: [
    {
      name: 'at-every-place',
      query: '{ cloths { dye { shade } other { shade } } newest { dye { colour: shade } } }',
      joined: 'fallback',
      answer: {
        data: {
          cloths: [
            { dye: { shade: null }, other: { shade: 'shade of blue' } },
            { dye: { shade: 'shade of blue' }, other: { shade: null } },
          ],
          newest: { dye: { colour: null } },
        },
        errors: [
          { path: ['cloths', 0, 'dye', 'shade'], code: 'SUBGRAPH_ERROR' },
          { path: ['cloths', 1, 'other', 'shade'], code: 'SUBGRAPH_ERROR' },
          { path: ['newest', 'dye', 'colour'], code: 'SUBGRAPH_ERROR' },
        ],
      },
    },
    {
      name: 'non-null-fields-go-up-with-one-error-each',
      query: '{ cloths { name dye { fast } } newest { name other { fast } } }',
      joined: 'fallback',
      answer: {
        data: {
          cloths: [
            { name: 'a', dye: null },
            { name: 'b', dye: { fast: true } },
          ],
          newest: null,
        },
        errors: [
          { path: ['cloths', 0, 'dye', 'fast'], code: 'SUBGRAPH_ERROR' },
          { path: ['newest', 'other', 'fast'], code: 'SUBGRAPH_ERROR' },
        ],
      },
    },
  ],
};

export default construct;
