/** Nulls bubble by the public types, each with one error at the client's own path; failures of graphs null their part only. */
import { createError } from '../../../lib/errors/errors.ts';
import { asClient, createHub } from './in-memory-graphs.ts';

type Row = Record<string, unknown>;
const same = (row: unknown): unknown => row;
const broken = (message: string) => (): never => {
  throw new Error(message);
};

const graphs = {
  mill: {
    sdl: 'type Query { mills: [Mill] hard: Mill! grid: [[Mill!]] } type Mill @key(fields: "id") { id: ID! name: String bolts: [Bolt!] } type Bolt @key(fields: "id") { id: ID! }',
    resolvers: {
      Query: {
        mills: () => [
          { id: '1', name: 'One', bolts: [{ id: 'a' }, { id: 'b' }] },
          { id: '2', name: null, bolts: null },
        ],
        hard: () => ({ id: '1' }),
        grid: () => [[{ id: '1' }], null, [{ id: '1' }, { id: '2' }]],
      },
    },
  },
  shop: {
    sdl: 'type Mill @key(fields: "id") { id: ID! owner: Owner! rank: Int! } type Owner { name: String! } type Bolt @key(fields: "id") { id: ID! price: Int! note: String }',
    resolvers: {
      Mill: { __resolveReference: ({ id }: Row) => (id === '2' ? null : { id, owner: { name: 'Ann' }, rank: 1 }) },
      Bolt: { __resolveReference: same, price: ({ id }: Row) => (id === 'b' ? broken('no price')() : 5), note: () => 'n' },
    },
  },
};

describe('nulls and errors', () => {
  it('bubbles from an entity through list items to the nearest nullable, with the graph’s own error', async () => {
    const result = asClient(await createHub(graphs).run('{ m: mills { n: name b: bolts { id p: price } } }'));
    expect(result.data).toEqual({
      m: [
        { n: 'One', b: null },
        { n: null, b: null },
      ],
    });
    expect(result.errors).toEqual([
      { message: 'no price', path: ['m', 0, 'b', 1, 'p'], extensions: { code: expect.any(String), service: 'shop' } },
    ]);
  });

  it('reports a null entity behind a non-null field once, at the field', async () => {
    const result = asClient(await createHub(graphs).run('{ mills { id owner { name } rank } }'));
    expect(result.data).toEqual({ mills: [{ id: '1', owner: { name: 'Ann' }, rank: 1 }, null] });
    expect(result.errors?.map(({ path }) => path)).toEqual([['mills', 1, 'owner']]);
  });

  it('keeps one index per list level in nested lists', async () => {
    const result = asClient(await createHub(graphs).run('{ grid { r: rank } }'));
    expect(result.data).toEqual({ grid: [[{ r: 1 }], null, null] });
    expect(result.errors?.map(({ path }) => path)).toEqual([['grid', 2, 1, 'r']]);
  });

  it('loses everything when the bubble reaches the root', async () => {
    const result = asClient(
      await createHub(graphs).run('{ hard { id rank } mills { id } }', {
        intercept: ({ graph }) => (graph === 'shop' ? { status: 200, text: '<html>' } : undefined),
      }),
    );
    expect(result.data).toBeNull();
    expect(result.errors).toEqual([
      { message: expect.any(String), path: ['hard', 'rank'], extensions: { code: 'SUBGRAPH_INVALID_RESPONSE', service: 'shop' } },
    ]);
  });

  const failures: [string, () => { status: number; text: string } | Promise<never>, string][] = [
    ['refuses the connection', () => Promise.reject(createError('SUBGRAPH_UNREACHABLE', 'no way')), 'SUBGRAPH_UNREACHABLE'],
    ['is too slow', () => Promise.reject(createError('SUBGRAPH_TIMEOUT', 'late')), 'SUBGRAPH_TIMEOUT'],
    ['answers too much', () => Promise.reject(createError('SUBGRAPH_RESPONSE_TOO_LARGE', 'big')), 'SUBGRAPH_RESPONSE_TOO_LARGE'],
    ['answers 500', () => ({ status: 500, text: 'oops' }), 'SUBGRAPH_REFUSED'],
    ['answers HTML', () => ({ status: 200, text: '<html>' }), 'SUBGRAPH_INVALID_RESPONSE'],
    ['answers JSON that is no GraphQL', () => ({ status: 200, text: '[1]' }), 'SUBGRAPH_INVALID_RESPONSE'],
    ['answers data of a wrong shape', () => ({ status: 200, text: '{"data":{"_entities":7}}' }), 'SUBGRAPH_INVALID_RESPONSE'],
    [
      'answers no data but an error',
      () => ({ status: 200, text: '{"errors":[{"message":"closed","extensions":{"code":"CLOSED"}}]}' }),
      'CLOSED',
    ],
  ];
  it.each(failures)('keeps the rest and tells every lost field when a graph %s', async (_, intercept, code) => {
    const result = asClient(
      await createHub(graphs).run('{ mills { name bolts { id note } } }', {
        intercept: ({ graph }) => (graph === 'shop' ? intercept() : undefined),
      }),
    );
    expect(result.data).toEqual({
      mills: [
        {
          name: 'One',
          bolts: [
            { id: 'a', note: null },
            { id: 'b', note: null },
          ],
        },
        { name: null, bolts: null },
      ],
    });
    expect(result.errors).toEqual(
      [0, 1].map((index) => ({
        message: expect.any(String),
        path: ['mills', 0, 'bolts', index, 'note'],
        extensions: { code, service: 'shop' },
      })),
    );
  });

  it('translates a path that ends below a null of the graph back to the client’s keys', async () => {
    const hub = createHub(graphs);
    const text = '{ mills { o: owner { full: name } } }';
    const answer = { data: { _entities: [{ o: null }, null] }, errors: [{ message: 'nameless', path: ['_entities', 0, 'o', 'full'] }] };
    const result = asClient(
      await hub.run(text, { intercept: ({ graph }) => (graph === 'shop' ? { status: 200, text: JSON.stringify(answer) } : undefined) }),
    );
    expect(result.data).toEqual({ mills: [null, null] });
    expect(result.errors?.map(({ message, path }) => [message, path?.join('.')])).toEqual([
      ['nameless', 'mills.0.o.full'],
      ['Cannot return null for non-nullable field Mill.owner.', 'mills.1.o'],
    ]);
  });

  it('tells an error of one representation at every place that used it', async () => {
    const hub = createHub({
      a: {
        sdl: 'type Query { looms: [Loom] } type Loom @key(fields: "id") { id: ID! }',
        resolvers: { Query: { looms: () => [{ id: '1' }, { id: '2' }, { id: '1' }] } },
      },
      b: {
        sdl: 'type Loom @key(fields: "id") { id: ID! speed: Int }',
        resolvers: { Loom: { __resolveReference: same, speed: ({ id }: Row) => (id === '1' ? broken('stuck')() : 2) } },
      },
    });
    const result = asClient(await hub.run('{ looms { speed } }'));
    expect(result.data).toEqual({ looms: [{ speed: null }, { speed: 2 }, { speed: null }] });
    expect(result.errors?.map(({ path }) => path)).toEqual([
      ['looms', 0, 'speed'],
      ['looms', 2, 'speed'],
    ]);
  });

  it('checks leaves: wrong kinds, unknown and hidden enum values are null with an error; custom scalars pass', async () => {
    const hub = createHub({
      a: {
        sdl: 'scalar Any type Query { i: Int f: Float s: String b: Boolean id: ID e: Kind h: Kind any: Any list: [Int!] } enum Kind { A B HIDDEN @inaccessible }',
      },
    });
    const data = { i: 1.5, f: 'x', s: 1, b: 'true', id: 12, e: 'C', h: 'HIDDEN', any: { deep: [1, { a: true }] }, list: [1, 'x'] };
    const result = asClient(
      await hub.run('{ i f s b id e h any list }', { intercept: () => ({ status: 200, text: JSON.stringify({ data }) }) }),
    );
    expect(result.data).toEqual({ i: null, f: null, s: null, b: null, id: '12', e: null, h: null, any: data.any, list: null });
    expect(result.errors?.map(({ path }) => path?.join('.'))).toEqual(['i', 'f', 's', 'b', 'e', 'h', 'list.1']);
    expect(JSON.stringify(result.errors)).not.toContain('HIDDEN');
  });

  it('says every error of a graph, also of an object or list that is there', async () => {
    const hub = createHub({
      a: { sdl: 'type Query { looms: [Loom] one: Loom } type Loom @shareable { name: String speed: Int }' },
    });
    const data = { looms: [], one: { name: null, speed: 1 } };
    const errors = [
      { message: 'half', path: ['looms'] },
      { message: 'stale', path: ['one'] },
      { message: 'lost', path: ['one', 'name'] },
    ];
    const result = asClient(
      await hub.run('{ looms { name } one { name speed } }', {
        intercept: () => ({ status: 200, text: JSON.stringify({ data, errors }) }),
      }),
    );
    expect(result.data).toEqual(data);
    expect(result.errors?.map(({ message, path }) => `${message} ${(path ?? []).join('.')}`)).toEqual(['lost one.name', 'half ', 'stale ']);
  });

  it('tells errors without a place once, however many nulls there are', async () => {
    const hub = createHub({ a: { sdl: 'type Query { looms: [Loom] } type Loom { name: String }' } });
    const data = { looms: Array.from({ length: 5_000 }, () => ({ name: null })) };
    const errors = Array.from({ length: 10_000 }, (_, index) => ({ message: String(index) }));
    const beganAt = performance.now();
    const result = await hub.run('{ looms { name } }', { intercept: () => ({ status: 200, text: JSON.stringify({ data, errors }) }) });
    expect(new Set(result.errors?.map(({ message }) => message)).size).toBe(10_000);
    expect(result.errors).toHaveLength(10_000);
    expect(performance.now() - beganAt).toBeLessThan(3_000);
  });

  it('keeps the two halves of a shared root apart when one of its graphs fails', async () => {
    const hub = createHub({
      a: {
        sdl: 'type Query { crates: [Crate] @shareable } type Crate @shareable { id: Int a: Int } ',
        resolvers: {
          Query: {
            crates: () => [
              { id: 1, a: 1 },
              { id: 2, a: 2 },
            ],
          },
        },
      },
      b: {
        sdl: 'type Query { crates: [Crate] @shareable } type Crate @shareable { id: Int b: Int }',
        resolvers: {
          Query: {
            crates: () => [
              { id: 1, b: 1 },
              { id: 2, b: 2 },
            ],
          },
        },
      },
    });
    expect(asClient(await hub.run('{ crates { id a b } }'))).toEqual({
      data: {
        crates: [
          { id: 1, a: 1, b: 1 },
          { id: 2, a: 2, b: 2 },
        ],
      },
    });
    const result = asClient(
      await hub.run('{ crates { a b } }', { intercept: ({ graph }) => (graph === 'b' ? { status: 503, text: '' } : undefined) }),
    );
    expect(result.data).toEqual({
      crates: [
        { a: 1, b: null },
        { a: 2, b: null },
      ],
    });
    expect(result.errors?.map(({ path }) => path?.join('.'))).toEqual(['crates.0.b', 'crates.1.b']);
    const uneven = asClient(
      await hub.run('{ crates { a b } }', {
        intercept: ({ graph }) => (graph === 'b' ? { status: 200, text: '{"data":{"crates":[{"b":1}]}}' } : undefined),
      }),
    );
    expect(uneven.data).toEqual({
      crates: [
        { a: 1, b: null },
        { a: 2, b: null },
      ],
    });
    expect(uneven.errors).toHaveLength(2);
  });

  it('answers FORBIDDEN for a coordinate that is denied, sends it nowhere and plans around it', async () => {
    const hub = createHub(graphs);
    const result = asClient(await hub.run('{ mills { id name } }', { denied: new Set(['Mill.name']) }));
    expect(result.data).toEqual({
      mills: [
        { id: '1', name: null },
        { id: '2', name: null },
      ],
    });
    expect(result.errors?.map(({ path }) => path?.join('.'))).toEqual(['mills.0.name', 'mills.1.name']);
    expect(hub.sent[0]?.query).toBe('{ mills { id } }');
  });
});
