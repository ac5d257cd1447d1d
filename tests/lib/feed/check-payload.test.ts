import { GraphQLEnumType } from 'graphql';
import { readFileSync } from 'node:fs';
import { loadSupergraph } from '../../../engine/supergraph/index.ts';
import { findMisfit, readEventContract, type EventContract } from '../../../lib/feed/index.ts';
import { fromRoot } from '../../../lib/paths.ts';

const builtIn = ['ID', 'String', 'Int', 'Long', 'Float', 'Boolean', 'Decimal', 'Date', 'DateTime'];

const contract: EventContract = {
  topics: {
    t: {
      version: 1,
      subgraph: 's',
      entity: 'E',
      key: [],
      meaning: '',
      payload: [
        { name: 'id', type: 'ID!', meaning: '' },
        ...builtIn.map((type) => ({ name: `one${type}`, type, meaning: '' })),
        { name: 'colour', type: 'Colour', meaning: '' },
        { name: 'code', type: 'Code', meaning: '' },
        { name: 'lines', type: '[Line!]', meaning: '' },
      ],
    },
  },
  types: {
    Colour: { values: ['RED', 'BLUE'] },
    Code: { pattern: '[A-Z]{2}|[0-9]' },
    Line: {
      fields: [
        { name: 'n', type: 'Int!' },
        { name: 'at', type: '[Date!]' },
      ],
    },
  },
  writes: {},
  follows: {},
};

const find = (fields: Record<string, unknown>) => findMisfit(contract, 't', { id: 'x', ...fields });

describe('a payload', () => {
  const right: [string, unknown][] = [
    ['oneString', ''],
    ['oneInt', -2_147_483_648],
    ['oneLong', 2 ** 53 - 1],
    ['oneFloat', 0.1],
    ['oneBoolean', false],
    ['oneDecimal', '-0.50'],
    ['oneDate', '2028-02-29'],
    ['oneDateTime', '2026-11-22T09:30:00.123+08:00'],
    ['colour', 'RED'],
    ['code', '7'],
    ['lines', [{ n: 1, at: ['2026-01-01'] }, { n: 2 }]],
    ['oneInt', null],
  ];
  it.each(right)('fits with %s: %j', (name, value) => {
    expect(find({ [name]: value })).toBeNull();
  });

  const wrong: [string, unknown, (string | number)[]?][] = [
    ['id', null],
    ['id', ''],
    ['id', 7],
    ['oneString', 'a\0b'],
    ['oneString', '\ud800'],
    ['oneInt', 2_147_483_648],
    ['oneInt', 1.5],
    ['oneInt', '1'],
    ['oneLong', 2 ** 53],
    ['oneFloat', Number.NaN],
    ['oneBoolean', 0],
    ['oneDecimal', 1.5],
    ['oneDecimal', '01'],
    ['oneDate', '2026-02-29'],
    ['oneDate', '0999-01-01'],
    ['oneDateTime', '2026-11-22T09:30:00'],
    ['oneDateTime', '2026-11-22T25:00:00Z'],
    ['oneDateTime', '9999-12-31T23:59:59-01:00'],
    ['colour', 'GREEN'],
    ['code', 'ABC'],
    ['code', '77'],
    ['lines', {}],
    ['lines', [{ n: 1 }, null], ['lines', 1]],
    ['lines', [{ n: 1 }, { n: null }], ['lines', 1, 'n']],
    ['lines', [{ n: 1, at: ['2026-01-01', 'soon'] }], ['lines', 0, 'at', 1]],
    ['lines', [{ n: 1, m: 1 }], ['lines', 0, 'm']],
    ['other', 1],
    ['constructor', 1],
  ];
  it.each(wrong)('does not fit with %s: %j', (name, value, path = [name]) => {
    expect(find({ [name]: value })).toMatchObject({ path });
  });

  it('that is no object does not fit', () => {
    for (const payload of [null, [], 'text', 7, undefined]) expect(findMisfit(contract, 't', payload)).toMatchObject({ path: [] });
  });
});

describe('schema/events.json', () => {
  const own = readEventContract();
  const fieldsOf = Object.values(own.topics).flatMap(({ payload }) => payload);
  const fieldsOfTypes = Object.values(own.types).flatMap((type) => ('fields' in type ? type.fields : []));
  const used = new Set([...fieldsOf, ...fieldsOfTypes].map(({ type }) => type.replace(/[[\]!]/g, '')));

  it('says what every type is that its payloads use, and of no other', () => {
    const unknown = [...used].filter((name) => !builtIn.includes(name) && !Object.hasOwn(own.types, name));
    const idle = Object.keys(own.types).filter((name) => !used.has(name));
    expect({ unknown, idle }).toEqual({ unknown: [], idle: [] });
  });

  it('lists of each enum the values that the graph has', () => {
    const { fullSchema } = loadSupergraph(readFileSync(fromRoot('schema', 'supergraph.graphql'), 'utf8'));
    const enums = Object.entries(own.types).flatMap(([name, type]) => ('values' in type ? [[name, type.values] as const] : []));
    expect(enums.length).toBeGreaterThan(15);
    for (const [name, values] of enums) {
      const type = fullSchema.getType(name);
      const inGraph = type instanceof GraphQLEnumType ? type.getValues().map((value) => value.name) : [];
      expect({ name, values: values.toSorted() }).toEqual({ name, values: inGraph.toSorted() });
    }
  });
});
