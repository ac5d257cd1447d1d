import { composeSupergraph } from '../../../engine/compose/index.ts';
import type { CompositionError, CompositionResult } from '../../../engine/compose/index.ts';
import { loadSupergraph } from '../../../engine/supergraph/index.ts';
import type { FieldInGraph, Supergraph } from '../../../engine/supergraph/index.ts';

const LINK =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@shareable", "@external", "@requires", "@provides", "@interfaceObject", "@override"])\n';

function compose(sdls: Record<string, string>, link = LINK): CompositionResult {
  return composeSupergraph(
    Object.entries(sdls).map(([name, sdl]) => ({ name, url: `http://${name}.test`, sdl: link + sdl, file: `graphs/${name}.graphql` })),
  );
}

function composed(sdls: Record<string, string>): { supergraph: Supergraph; sdl: string; hints: readonly string[] } {
  const result = compose(sdls);
  if (result.kind === 'failed') throw new Error(result.errors.map((error) => error.message).join('\n'));
  return { supergraph: loadSupergraph(result.supergraphSdl), sdl: result.supergraphSdl, hints: result.hints };
}

function failed(sdls: Record<string, string>): readonly CompositionError[] {
  const result = compose(sdls);
  if (result.kind === 'ok') throw new Error('it composed');
  return result.errors;
}

function rows(supergraph: Supergraph, coordinate: string): readonly (FieldInGraph | undefined)[] {
  const [type = '', name = ''] = coordinate.split('.');
  const found = supergraph.types.get(type);
  return found?.kind === 'object' || found?.kind === 'interface' ? (found.fields.get(name)?.in ?? []) : [];
}

const CRATES = {
  a: 'type Query { crate: Crate }\ntype Crate @key(fields: "id") { id: ID!, seal: String }',
  b: 'type Crate @key(fields: "id") { id: ID!, weight: Int }',
};

describe('composing subgraphs', () => {
  it('gives a supergraph that loads, whatever the order of the subgraphs', () => {
    const { supergraph, sdl } = composed(CRATES);
    expect(supergraph.graphs.map((graph) => [graph.name, graph.url])).toEqual([
      ['a', 'http://a.test'],
      ['b', 'http://b.test'],
    ]);
    expect(composed({ b: CRATES.b, a: CRATES.a }).sdl).toBe(sdl);
  });
});

describe('a composition error', () => {
  const cases: [string, Record<string, string>, Partial<CompositionError>, string][] = [
    [
      'of types that differ',
      { a: CRATES.a.replace('seal: String', 'weight: String @shareable'), b: CRATES.b.replace('Int', 'Int @shareable') },
      {
        code: 'FIELD_TYPE_MISMATCH',
        subgraphs: ['a', 'b'],
        locations: [
          { subgraph: 'a', file: 'graphs/a.graphql', line: 3, column: 42 },
          { subgraph: 'b', file: 'graphs/b.graphql', line: 2, column: 42 },
        ],
      },
      'Crate.weight the same type in "a" and "b"',
    ],
    [
      'of a field that two resolve without saying so',
      { a: CRATES.a, b: CRATES.b.replace('weight: Int', 'seal: String') },
      {
        code: 'INVALID_FIELD_SHARING',
        subgraphs: ['a', 'b'],
        locations: [
          { subgraph: 'a', file: 'graphs/a.graphql', line: 3, column: 42 },
          { subgraph: 'b', file: 'graphs/b.graphql', line: 2, column: 42 },
        ],
      },
      '@shareable on Crate.seal',
    ],
    [
      'of kinds that differ',
      { a: CRATES.a, b: 'type Query { x: Crate }\nscalar Crate' },
      {
        code: 'TYPE_KIND_MISMATCH',
        subgraphs: ['a', 'b'],
        locations: [
          { subgraph: 'a', file: 'graphs/a.graphql', line: 3, column: 6 },
          { subgraph: 'b', file: 'graphs/b.graphql', line: 3, column: 8 },
        ],
      },
      'the same kind of type',
    ],
    [
      'of a field that cannot be reached',
      { a: CRATES.a, b: 'type Crate @key(fields: "no") { no: ID! }' },
      {
        code: 'SATISFIABILITY_ERROR',
        subgraphs: ['a', 'b'],
        locations: [
          { subgraph: 'a', file: 'graphs/a.graphql', line: 3, column: 6 },
          { subgraph: 'b', file: 'graphs/b.graphql', line: 2, column: 33 },
        ],
      },
      '@key',
    ],
    [
      'inside one subgraph',
      { a: CRATES.a.replace('String', 'Strong'), b: CRATES.b },
      { code: 'INVALID_GRAPHQL', subgraphs: ['a'], locations: [{ subgraph: 'a', file: 'graphs/a.graphql', line: 3, column: 48 }] },
      'Correct the SDL',
    ],
    [
      'of a requirement without @external',
      { a: CRATES.a, b: CRATES.b.replace('weight: Int', 'cost: Int @requires(fields: "seal")') },
      { code: 'REQUIRES_INVALID_FIELDS', subgraphs: ['b'], locations: [expect.objectContaining({ subgraph: 'b', line: 2 })] as never },
      '@external',
    ],
    [
      'of broken SDL',
      { a: CRATES.a, b: 'type Crate {\n  id: }' },
      { code: 'SDL_SYNTAX', subgraphs: ['b'], locations: [{ subgraph: 'b', file: 'graphs/b.graphql', line: 3, column: 7 }] },
      'Correct the text',
    ],
  ];
  it.each(cases)('%s names the subgraphs, file, line, column and a way out', (_name, sdls, expected, wayOut) => {
    const [error] = failed(sdls);
    expect(error).toMatchObject(expected);
    expect(error?.wayOut).toContain(wayOut);
  });

  it('finds renamed root types', () => {
    const root = 'extend schema { query: Root }\ntype Root { crate: ';
    const [error] = failed({ a: `${root}Int }`, b: `${root}String }` });
    expect(error?.locations).toEqual([
      { subgraph: 'a', file: 'graphs/a.graphql', line: 3, column: 13 },
      { subgraph: 'b', file: 'graphs/b.graphql', line: 3, column: 13 },
    ]);
  });

  it('says when a name is taken twice', () => {
    const twice = [1, 2].map((n) => ({ name: 'a', url: '', sdl: LINK + CRATES.a, file: `${n}.graphql` }));
    expect(composeSupergraph(twice)).toMatchObject({
      kind: 'failed',
      errors: [{ code: 'SUBGRAPH_NAME_TAKEN', locations: [{ file: '1.graphql' }, { file: '2.graphql' }] }],
    });
  });

  it('is told of no subgraph at all', () => {
    expect(composeSupergraph([])).toMatchObject({
      kind: 'failed',
      errors: [{ code: 'NO_QUERIES', locations: [], wayOut: expect.stringContaining('Query') }],
    });
  });
});

describe('what the composer gets wrong', () => {
  it('@external of an interface object stays', () => {
    const { supergraph, hints } = composed({
      a: 'type Query { x: Cloth } interface Cloth @key(fields: "id") { id: ID! base: Int } type Silk implements Cloth @key(fields: "id") { id: ID! base: Int }',
      b: 'type Cloth @key(fields: "id") @interfaceObject { id: ID! base: Int @external score: Int @requires(fields: "base") }',
    });
    expect(rows(supergraph, 'Cloth.base').map((row) => row?.external)).toEqual([false, true]);
    expect(hints).toEqual([expect.stringContaining('Cloth.base')]);
  });

  it('@external stays where another subgraph, of Federation 1, has the field as an external key', () => {
    const old = 'extend type Crate @key(fields: "id") @key(fields: "seal") { id: ID! @external seal: String! @external lid: Int }';
    const sdls = {
      a: `${LINK}type Query { crate: Crate } type Crate @key(fields: "id") @key(fields: "seal") { id: ID!, seal: String! }`,
      b: `${LINK}type Yard @key(fields: "id") { id: ID!, top: Crate, sealed: Int @requires(fields: "top { seal }") } type Crate @key(fields: "id") { id: ID!, seal: String! @external, yard: Yard }`,
      old,
    };
    const result = compose(sdls, '');
    if (result.kind === 'failed') throw new Error(result.errors.map((error) => error.message).join('\n'));
    const found = rows(loadSupergraph(result.supergraphSdl), 'Crate.seal');
    expect(found.map((row) => row?.external)).toEqual([false, true, false]);
    expect(result.hints.join()).toContain('Crate.seal is external in subgraph "b"');
  });

  it('@requires and @provides of an interface object stay where every graph has the field', () => {
    const { supergraph } = composed({
      a:
        'type Query { x: Cloth } type Buyer @key(fields: "id") { id: ID! name: String @shareable } ' +
        'interface Cloth @key(fields: "id") { id: ID! base: Int score: Int buyer: Buyer } ' +
        'type Silk implements Cloth @key(fields: "id") { id: ID! base: Int score: Int @shareable buyer: Buyer @shareable }',
      b:
        'type Cloth @key(fields: "id") @interfaceObject { id: ID! base: Int @external score: Int @shareable @requires(fields: "base") ' +
        'buyer: Buyer @shareable @provides(fields: "name") } type Buyer @key(fields: "id") { id: ID! name: String @external }',
    });
    expect(rows(supergraph, 'Cloth.score').map((row) => row?.requires?.length)).toEqual([undefined, 1]);
    expect(rows(supergraph, 'Cloth.buyer').map((row) => row?.provides?.length)).toEqual([undefined, 1]);
  });

  const WEAVES = 'type Plain @shareable { ends: Int } type Twill @shareable { ends: Int }';
  it.each([
    ['a union, named first', 'union Weave = Plain | Twill', 'a', 'b'],
    ['a union, named last', 'union Weave = Plain | Twill', 'b', 'a'],
    ['an interface, named first', 'interface Weave { ends: Int }', 'a', 'b'],
    ['an interface, named last', 'interface Weave { ends: Int }', 'b', 'a'],
  ])('a field that is %s in one subgraph and a member in another has the general type', (_name, abstract, general, special) => {
    const types = abstract.startsWith('union') ? WEAVES : WEAVES.replaceAll('@shareable', 'implements Weave @shareable');
    const { supergraph } = composed({
      [general]: `type Query { weaves: [Weave!]! @shareable } ${abstract} ${types}`,
      [special]: 'type Query { weaves: [Plain] @shareable } type Plain @shareable { ends: Int }',
    });
    expect(supergraph.publicSchema.getQueryType()?.getFields()['weaves']?.type.toString()).toBe('[Weave]');
    expect(
      Object.fromEntries(rows(supergraph, 'Query.weaves').map((row, graph) => [supergraph.graphs[graph]?.name, row?.type.text])),
    ).toEqual({
      [general]: '[Weave!]!',
      [special]: '[Plain]',
    });
  });

  const SITES =
    'interface Site { id: ID! } interface Dock implements Site { id: ID! depth: Int } ' +
    'type Port implements Site & Dock @shareable { id: ID! depth: Int code: Int } type Yard implements Site @shareable { id: ID! lot: Int }';
  const requirement = 'site { id ... on Dock { depth ... on Port { code } } }';

  it('a requirement with a fragment on an interface composes, and keeps its text', () => {
    const { supergraph, hints } = composed({
      a: `type Query { crate: Crate } type Crate @key(fields: "id") { id: ID! site: Site } ${SITES}`,
      b: `type Crate @key(fields: "id") { id: ID! site: Site @external cost: Int @requires(fields: "${requirement}") } ${SITES}`,
    });
    expect(JSON.stringify(rows(supergraph, 'Crate.cost')[1]?.requires)).toContain('"kind":"fragment","on":"Dock"');
    expect(hints).toEqual([expect.stringContaining('Crate.cost')]);
  });

  it('a query below a payload reaches the root fields of every subgraph, and keeps its type', () => {
    const { supergraph } = composed({
      a: 'type Query { x: Int } type Mutation { file: Receipt receipts: [Receipt!] } type Receipt { done: Boolean query: Query! all: [Query] }',
      b: 'schema { query: Root } type Root { y: Loom receipt: Receipt2 } type Loom @key(fields: "id") { id: ID! } type Receipt2 { root: Root }',
    });
    const typeOf = (coordinate: string): unknown => rows(supergraph, coordinate).map((row) => row?.type.text);
    expect(typeOf('Receipt.query')).toEqual(['Query!', undefined]);
    expect(typeOf('Receipt.all')).toEqual(['[Query]', undefined]);
    expect(typeOf('Receipt2.root')).toEqual([undefined, 'Query']);
    expect([...supergraph.types.keys()].filter((name) => name.includes('__'))).toEqual([]);
  });

  const LABELLED = {
    old: 'type Query { loom: Loom } type Loom @key(fields: "id") { id: ID! code: Int @shareable speed: String }',
    new: 'type Loom @key(fields: "id") { id: ID! code: Int @override(from: "old", label: "codes") @shareable speed: String @override(from: "old", label: "percent(10)") }',
  };
  const rowsOf = (supergraph: Supergraph, coordinate: string) =>
    Object.fromEntries(rows(supergraph, coordinate).flatMap((row, graph) => (row ? [[supergraph.graphs[graph]?.name, row.usable]] : [])));

  it('a field whose override has a label may be required, and part of a key', () => {
    const { supergraph, hints } = composed({
      ...LABELLED,
      fees: 'type Loom @key(fields: "id") { id: ID! speed: String @external fee: Int @requires(fields: "speed") }',
      codes: 'type Loom @key(fields: "code") { code: Int colour: Int }',
    });
    expect(rowsOf(supergraph, 'Loom.speed')).toEqual({
      fees: 'yes',
      new: { label: 'percent(10)', active: true },
      old: { label: 'percent(10)', active: false },
    });
    expect(rowsOf(supergraph, 'Loom.code')).toEqual({
      codes: 'yes',
      new: { label: 'codes', active: true },
      old: { label: 'codes', active: false },
    });
    expect(hints).toHaveLength(2);
  });

  it('what cannot be satisfied in one state of a label is still refused', () => {
    const sdls = {
      start: 'type Query { spot: Spot } type Spot @key(fields: "no") { no: Int }',
      // Nobody can enter it at a spot: while the label is inactive the speed is out of reach
      old: 'type Query { own: Spot } type Spot @key(fields: "no", resolvable: false) { no: Int speed: String }',
      new: 'type Spot @key(fields: "no") { no: Int speed: String @override(from: "old", label: "percent(10)") }',
      fees: 'type Spot @key(fields: "no") { no: Int speed: String @external fee: Int @requires(fields: "speed") }',
    };
    expect(new Set(failed(sdls).map(({ code }) => code))).toEqual(new Set(['SATISFIABILITY_ERROR']));
    expect(composed({ ...sdls, new: sdls.new.replace(', label: "percent(10)"', '') }).hints).toEqual([]);
    expect(composed({ ...sdls, old: sdls.old.replace(', resolvable: false', '') }).hints).toHaveLength(1);
  });

  it('a requirement with such a fragment that truly cannot be met is still refused', () => {
    const errors = failed({
      a: `type Query { crate: Crate } type Crate @key(fields: "id") { id: ID! site: Site } ${SITES.replace(' code: Int', '')}`,
      b: `type Crate @key(fields: "id") { id: ID! site: Site @external cost: Int @requires(fields: "${requirement}") } ${SITES.replace('code: Int', 'code: Int @external')}`,
    });
    expect(errors.map((error) => error.code)).not.toEqual([]);
  });
});
