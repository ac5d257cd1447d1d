/** Contextual arguments: values of an ancestor sent with an entity call, one call for each tuple of values. */
import { parse } from 'graphql';
import { CONTEXT_CALLS, writeEntityDocument } from '../../../engine/compile/index.ts';
import { checkPlan } from '../../_kit/plan-checker.ts';
import { asClient, createHub, plan } from './in-memory-graphs.ts';
import type { GraphSource, Hub } from './in-memory-graphs.ts';

type Row = Record<string, unknown>;
const same = (row: unknown): unknown => row;
const says = (row: Row, args: Row): string =>
  [
    row['id'],
    ...Object.keys(args)
      .toSorted()
      .map((name) => args[name]),
  ].join(' ');

const looms = (prefix: string, count = 1): Row[] => Array.from({ length: count }, (_, index) => ({ id: `${prefix}${index + 1}` }));

const LOOM = 'type Loom @key(fields: "id") { id: ID! speed(in: String @fromContext(field: "$unit { unit }"), factor: Int): String }';
const MILL = 'type Mill @key(fields: "id") @context(name: "unit") { id: ID! unit: String looms: [Loom] }';
const Loom = { __resolveReference: same, speed: says };

function mills(rows: () => Row[], resolvers: Row = {}): Record<string, GraphSource> {
  return { a: { sdl: `type Query { mills: [Mill] } ${MILL} ${LOOM}`, resolvers: { Query: { mills: rows }, Loom, ...resolvers } as never } };
}

/** The client's answer; the plan has been proved sound. */
async function ask(hub: Hub, text: string, options: Parameters<Hub['run']>[1] = {}): Promise<ReturnType<typeof asClient>> {
  expect(checkPlan(plan(hub.supergraph, text, {}, options), hub.supergraph, parse(text))).toEqual([]);
  return asClient(await hub.run(text, options));
}

describe('contextual arguments', () => {
  it('take the value of the ancestor of each object, one call for each value; a missing one is null', async () => {
    const hub = createHub(
      mills(() => [
        { id: 'm1', unit: 'rpm', looms: looms('x', 2) },
        { id: 'm2', unit: 'Hz', looms: looms('y') },
        { id: 'm3', unit: 'rpm', looms: looms('z') },
        { id: 'm4', unit: null, looms: looms('v') },
      ]),
    );
    const speeds = (...texts: string[]) => ({ looms: texts.map((speed) => ({ speed })) });
    expect(await ask(hub, '{ mills { looms { speed } } }')).toEqual({
      data: { mills: [speeds('x1 rpm', 'x2 rpm'), speeds('y1 Hz'), speeds('z1 rpm'), speeds('v1 ')] },
    });
    expect(hub.sent[1]).toEqual({
      graph: 'a',
      query:
        'query($_r0: [_Any!]!, $_c0_0: String, $_r0_1: [_Any!]!, $_c0_0_1: String, $_r0_2: [_Any!]!, $_c0_0_2: String) { _e0: _entities(representations: $_r0) { ... on Loom { speed(in: $_c0_0) } } _e0_1: _entities(representations: $_r0_1) { ... on Loom { speed(in: $_c0_0_1) } } _e0_2: _entities(representations: $_r0_2) { ... on Loom { speed(in: $_c0_0_2) } } }',
      variables: {
        _r0: [
          { __typename: 'Loom', id: 'x1' },
          { __typename: 'Loom', id: 'x2' },
          { __typename: 'Loom', id: 'z1' },
        ],
        _c0_0: 'rpm',
        _r0_1: [{ __typename: 'Loom', id: 'y1' }],
        _c0_0_1: 'Hz',
        _r0_2: [{ __typename: 'Loom', id: 'v1' }],
        _c0_0_2: null,
      },
    });
  });

  it('stand beside arguments and variables of the client, under aliases, apart for each', async () => {
    const hub = createHub(mills(() => [{ id: 'm', unit: 'rpm', looms: looms('x') }]));
    const text =
      'query ($_c0: Int, $g: Int) { mills { unit: id looms { id: speed(factor: $_c0) b: speed(factor: $g) speed c: speed(factor: 4) } } }';
    expect(await ask(hub, text, { variables: { _c0: 2 } })).toEqual({
      data: { mills: [{ unit: 'm', looms: [{ id: 'x1 2 rpm', b: 'x1 rpm', speed: 'x1 rpm', c: 'x1 4 rpm' }] }] },
    });
    expect(hub.sent).toHaveLength(2);
    expect(hub.sent[1]?.variables).toEqual({ _r0: [{ __typename: 'Loom', id: 'x1' }], __c0_0: 'rpm', _c0: 2 });
  });

  it('take the nearest of two ancestors', async () => {
    const hub = createHub({
      a: {
        sdl: `type Query { sites: [Site] } type Site @key(fields: "id") @context(name: "unit") { id: ID! unit: String looms: [Loom] mills: [Mill] } ${MILL} ${LOOM}`,
        resolvers: {
          Query: {
            sites: () => [
              { id: 's1', unit: 'far', looms: looms('x'), mills: [{ id: 'm1', unit: 'near', looms: looms('x') }] },
              { id: 's2', unit: 'far', looms: [], mills: [{ id: 'm2', unit: null, looms: looms('y') }] },
            ],
          },
          Loom,
        },
      },
    });
    expect(await ask(hub, '{ sites { looms { speed } mills { looms { speed } } } }')).toEqual({
      data: {
        sites: [
          { looms: [{ speed: 'x1 far' }], mills: [{ looms: [{ speed: 'x1 near' }] }] },
          { looms: [], mills: [{ looms: [{ speed: 'y1 ' }] }] },
        ],
      },
    });
    expect(hub.sent).toHaveLength(2);
  });

  it('have one alternative for each type; carried by a union, through items of different types', async () => {
    const hub = createHub({
      a: {
        sdl: 'type Query { places: [Place] } union Place @context(name: "unit") = Mill | Shed type Mill @key(fields: "id") { id: ID! unit: String looms: [Loom] } type Shed @key(fields: "id") { id: ID! measure: String looms: [Loom] } type Loom @key(fields: "id") { id: ID! speed(in: String @fromContext(field: "$unit ... on Mill { unit } ... on Shed { measure }")): String }',
        resolvers: {
          Query: {
            places: () => [
              { __typename: 'Mill', id: 'm', unit: 'rpm', looms: looms('x') },
              { __typename: 'Shed', id: 's', measure: 'Hz', looms: looms('y') },
              { __typename: 'Shed', id: 't', measure: 'rpm', looms: looms('z') },
            ],
          },
          Loom,
        },
      },
    });
    const text = '{ places { ... on Mill { looms { speed } } ... on Shed { looms { speed } } } }';
    expect(await ask(hub, text)).toEqual({
      data: { places: [{ looms: [{ speed: 'x1 rpm' }] }, { looms: [{ speed: 'y1 Hz' }] }, { looms: [{ speed: 'z1 rpm' }] }] },
    });
    // Two paths, one selection: tuples are grouped over both.
    expect(Object.keys(hub.sent[1]?.variables ?? {})).toEqual(['_r0', '_c0_0', '_r0_1', '_c0_0_1']);
  });

  it('are carried by an interface for all its types, and may be the name of the type', async () => {
    const hub = createHub({
      a: {
        sdl: 'type Query { places: [Place] } interface Place @context(name: "place") { unit: String looms: [Loom] } type Mill implements Place @key(fields: "id") { id: ID! unit: String looms: [Loom] } type Shed implements Place @key(fields: "id") { id: ID! unit: String looms: [Loom] } type Loom @key(fields: "id") { id: ID! speed(in: String @fromContext(field: "$place { unit }")): String place(of: String @fromContext(field: "$place { __typename }")): String }',
        resolvers: {
          Query: {
            places: () => [
              { __typename: 'Mill', id: 'm', unit: 'rpm', looms: looms('x') },
              { __typename: 'Shed', id: 's', unit: 'Hz', looms: looms('y') },
            ],
          },
          Loom: { ...Loom, place: says },
        },
      },
    });
    expect(await ask(hub, '{ places { looms { speed place } } }')).toEqual({
      data: { places: [{ looms: [{ speed: 'x1 rpm', place: 'x1 Mill' }] }, { looms: [{ speed: 'y1 Hz', place: 'y1 Shed' }] }] },
    });
  });

  it('wait for values of another graph, nested ones and lists too, beside a requirement of the same field', async () => {
    const hub = createHub({
      a: {
        sdl: 'type Query { mills: [Mill] } type Mill @key(fields: "id") @context(name: "unit") { id: ID! settings: Settings @external looms: [Loom] } type Settings @external { units: [String] } type Loom @key(fields: "id") { id: ID! width: Int @external name: String speed(in: [String] @fromContext(field: "$unit { settings { units } }")): String @requires(fields: "width") }',
        resolvers: {
          Query: {
            mills: () => [
              { id: 'm', looms: looms('x') },
              { id: 'n', looms: looms('y') },
            ],
          },
          Loom: {
            __resolveReference: same,
            name: ({ id }: Row) => `loom ${String(id)}`,
            speed: ({ id, width }: Row, args: Row) => `${String(id)} ${String(width)} ${JSON.stringify(args['in'])}`,
          },
        },
      },
      b: {
        sdl: 'type Mill @key(fields: "id") { id: ID! settings: Settings } type Settings { units: [String] } type Loom @key(fields: "id") { id: ID! width: Int }',
        resolvers: {
          Mill: { __resolveReference: same, settings: ({ id }: Row) => (id === 'm' ? { units: ['rpm', null] } : null) },
          Loom: { __resolveReference: same, width: () => 9 },
        },
      },
    });
    expect(await ask(hub, '{ mills { looms { name speed } } }')).toEqual({
      data: {
        mills: [{ looms: [{ name: 'loom x1', speed: 'x1 9 ["rpm",null]' }] }, { looms: [{ name: 'loom y1', speed: 'y1 9 null' }] }],
      },
    });
    expect(hub.sent.map(({ graph }) => graph)).toEqual(['a', 'b', 'a']);
  });

  it('are not asked for when the value is not known: the graph would compute from nothing', async () => {
    const hub = createHub({
      a: {
        sdl: 'type Query { mills: [Mill] } type Mill @key(fields: "id") @context(name: "unit") { id: ID! unit: String @external looms: [Loom] } type Loom @key(fields: "id") { id: ID! name: String speed(in: String @fromContext(field: "$unit { unit }")): String }',
        resolvers: { Query: { mills: () => [{ id: 'm', looms: looms('x') }] }, Loom: { ...Loom, name: () => 'L' } },
      },
      b: { sdl: 'type Mill @key(fields: "id") { id: ID! unit: String }' },
    });
    const intercept = ({ graph }: { graph: string }) => (graph === 'b' ? { status: 500, text: '{}' } : undefined);
    const answer = await ask(hub, '{ mills { looms { name speed } } }', { intercept });
    expect(answer).toMatchObject({
      data: { mills: [{ looms: [{ name: 'L', speed: null }] }] },
      errors: [{ path: ['mills', 0, 'looms', 0, 'speed'] }],
    });
    expect(hub.sent.map(({ graph }) => graph)).toEqual(['a', 'b']);
  });

  it('make the field null with FORBIDDEN where the selection is denied, and nothing denied is fetched', async () => {
    const hub = createHub(mills(() => [{ id: 'm', unit: 'rpm', looms: looms('x') }]));
    const options = { denied: new Set(['Mill.unit']) };
    expect(await ask(hub, '{ mills { id looms { id speed } } }', options)).toMatchObject({
      data: { mills: [{ id: 'm', looms: [{ id: 'x1', speed: null }] }] },
      errors: [{ path: ['mills', 0, 'looms', 0, 'speed'], extensions: { code: 'FORBIDDEN' } }],
    });
    expect(hub.sent.map(({ query }) => query)).toEqual(['{ mills { id looms { id } } }']);
  });

  it(`go ${CONTEXT_CALLS} to a request, the others in the requests after it; what fails costs its own objects`, async () => {
    const count = 2 * CONTEXT_CALLS + 1;
    const rows = Array.from({ length: count }, (_, index) => ({ id: `m${index}`, unit: `u${index}`, looms: looms(`x${index}-`) }));
    const hub = createHub(mills(() => rows));
    const text = 'query ($f: Int) { mills { looms { speed(factor: $f) } } }';
    const expected = (lost: (index: number) => boolean) =>
      rows.map(({ unit }, index) => ({ looms: [{ speed: lost(index) ? null : `x${index}-1 7 ${unit}` }] }));
    expect(await ask(hub, text, { variables: { f: 7 } })).toEqual({ data: { mills: expected(() => false) } });
    expect(hub.sent.slice(1).map(({ query }) => query.split('_entities').length - 1)).toEqual([CONTEXT_CALLS, CONTEXT_CALLS, 1]);
    let requests = 0;
    const intercept = () => (requests++ === 2 ? { status: 503, text: 'busy' } : undefined);
    const answer = await ask(hub, text, { variables: { f: 7 }, intercept });
    expect(answer.data).toEqual({ mills: expected((index) => Math.floor(index / CONTEXT_CALLS) === 1) });
    expect(answer.errors).toHaveLength(CONTEXT_CALLS);
  });

  it('tell errors of a call at the places that used it', async () => {
    const hub = createHub(
      mills(
        () => [
          { id: 'm', unit: 'rpm', looms: looms('x') },
          { id: 'n', unit: 'Hz', looms: looms('x') },
        ],
        {
          Loom: {
            __resolveReference: same,
            speed: (row: Row, args: Row) => {
              if (args['in'] === 'Hz') throw new Error('unknown unit');
              return says(row, args);
            },
          },
        },
      ),
    );
    expect(await ask(hub, '{ mills { looms { speed } } }')).toMatchObject({
      data: { mills: [{ looms: [{ speed: 'x1 rpm' }] }, { looms: [{ speed: null }] }] },
      errors: [{ message: 'unknown unit', path: ['mills', 1, 'looms', 0, 'speed'] }],
    });
  });

  it('refuse an operation in which no ancestor carries the context', () => {
    const hub = createHub(
      mills(() => []),
      (sdl) => sdl.replace('mills: [Mill]', 'mills: [Mill] loom: Loom'),
    );
    expect(() => plan(hub.supergraph, '{ loom { speed } }')).toThrow('No way through the graphs leads to Loom.speed');
  });
});

describe('text of documents made at run time', () => {
  const call = { alias: '_e0', variable: '_r0', contexts: [{ variable: '_c0_0', type: '[String!]' }], pieces: ['{ a(b: $', 0, ') }'] };

  it('is that of the plan for one tuple', () => {
    expect(writeEntityDocument([call], ['$x: Int'])).toBe(
      'query($_r0: [_Any!]!, $_c0_0: [String!], $x: Int) { _e0: _entities(representations: $_r0) { a(b: $_c0_0) } }',
    );
  });

  it.each([
    { ...call, alias: 'a b' },
    { ...call, variable: 'x) { evil }' },
    { ...call, contexts: [{ variable: '', type: 'Int' }] },
    { ...call, contexts: [{ variable: '_c', type: 'Int = 3' }] },
    { ...call, contexts: [] },
  ])('takes nothing for a name or a type that is none: %j', (bad) => {
    expect(() => writeEntityDocument([bad], [])).toThrow(RangeError);
  });
});
