import type { Construct } from '../_construct.ts';

const construct: Construct = {
  title: 'Root fields that several subgraphs share',
  subgraphs: {
    a: {
      sdl: `type Query { station: Station @shareable here: String }
type Station { name: String @shareable volts: Int }`,
      resolvers: { Query: { station: () => ({ name: 'north', volts: 400 }), here: () => 'a' } },
    },
    b: {
      sdl: `type Query { station: Station @shareable there: String }
type Station { name: String @shareable amps: Int }`,
      resolvers: { Query: { station: () => ({ name: 'north', amps: 16 }), there: () => 'b' } },
    },
  },
  cases: [
    {
      name: 'asked-where-another-field-is-asked-anyway',
      query: '{ there station { name } }',
      answer: { data: { there: 'b', station: { name: 'north' } } },
    },
    {
      name: 'each-asked-for-its-part',
      query: '{ station { amps name volts } here there }',
      answer: { data: { station: { amps: 16, name: 'north', volts: 400 }, here: 'a', there: 'b' } },
    },
  ],
};

export default construct;
