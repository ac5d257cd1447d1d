/** Operations as a whole: mutations in order, conditions, variables, introspection, shared and re-entered roots. */
import { getIntrospectionQuery } from 'graphql';
import { asClient, createHub, plan } from './in-memory-graphs.ts';

type Row = Record<string, unknown>;
const same = (row: unknown): unknown => row;

describe('mutations', () => {
  const order: string[] = [];
  const set =
    (graph: string) =>
    (_: unknown, { rate }: Row) => {
      order.push(`${graph}:${String(rate)}`);
      return rate === 13 ? null : { ok: true, loom: { id: String(rate) } };
    };
  const hub = createHub({
    a: {
      sdl: 'type Query { a: Int } type Mutation { setA(rate: Int): Payload must(rate: Int): Payload! share(rate: Int): Payload @shareable } type Payload @shareable { ok: Boolean loom: Loom } type Loom @key(fields: "id") { id: ID! }',
      resolvers: { Query: { a: () => 1 }, Mutation: { setA: set('a'), must: set('a'), share: set('a') } },
    },
    b: {
      sdl: 'type Query { b: Int } type Mutation { setB(rate: Int): Payload share(rate: Int): Payload @shareable } type Payload @shareable { ok: Boolean loom: Loom } type Loom @key(fields: "id") { id: ID! speed: Int }',
      resolvers: {
        Query: { b: () => 2 },
        Mutation: { setB: set('b'), share: set('b') },
        Loom: { __resolveReference: same, speed: ({ id }: Row) => (order.push(`speed:${String(id)}`) > 0 ? Number(id) : null) },
      },
    },
  });
  beforeEach(() => void (order.length = 0));

  it('runs them strictly in order over two graphs, follow-ups included', async () => {
    const result = asClient(
      await hub.run('mutation { x: setA(rate: 1) { loom { speed } } y: setB(rate: 2) { ok } z: setA(rate: 3) { ok loom { id } } }'),
    );
    expect(result).toEqual({ data: { x: { loom: { speed: 1 } }, y: { ok: true }, z: { ok: true, loom: { id: '3' } } } });
    expect(order).toEqual(['a:1', 'speed:1', 'b:2', 'a:3']);
    expect(hub.sent.map(({ graph }) => graph)).toEqual(['a', 'b', 'b', 'a']);
  });

  it('sends neighbours of one graph in one request only where nothing follows the first, and equal ones twice', async () => {
    await hub.run('mutation { x: setA(rate: 1) { ok } y: setA(rate: 1) { ok loom { speed } } z: setA(rate: 2) { ok } __typename }');
    expect(hub.sent.map(({ graph }) => graph)).toEqual(['a', 'b', 'a']);
    expect(order).toEqual(['a:1', 'a:1', 'speed:1', 'a:2']);
  });

  it('asks one graph only for a shared mutation: the one that needs no further request', async () => {
    expect(asClient(await hub.run('mutation { share(rate: 4) { loom { speed } } }'))).toEqual({ data: { share: { loom: { speed: 4 } } } });
    expect(order).toEqual(['b:4', 'speed:4']);
  });

  it('does not run what comes after a field that may not be null', async () => {
    const result = asClient(await hub.run('mutation { x: must(rate: 13) { ok } y: setB(rate: 2) { ok } }'));
    expect(result.data).toBeNull();
    expect(result.errors).toHaveLength(1);
    expect(order).toEqual(['a:13']);
  });

  it('enters the query root again from a payload, in another graph', async () => {
    const payload = 'type Query { a: Int } type Mutation { setA(rate: Int): Result } type Result { ok: Boolean }';
    const again = createHub(
      {
        a: {
          sdl: payload.replace('ok: Boolean', 'ok: Boolean query: Query'),
          composeAs: payload,
          resolvers: { Query: { a: () => 1 }, Mutation: { setA: (_: unknown, { rate }: Row) => (rate === 13 ? null : { query: {} }) } },
        },
        b: { sdl: 'type Query { b: Int }', resolvers: { Query: { b: () => 2 } } },
      },
      (sdl) => sdl.replace(/(type Result[^{]*\{)/, '$1 query: Query '),
    );
    expect(asClient(await again.run('mutation { setA(rate: 1) { query { a b } } }'))).toEqual({
      data: { setA: { query: { a: 1, b: 2 } } },
    });
    expect(asClient(await again.run('mutation { setA(rate: 13) { query { b } } }'))).toEqual({ data: { setA: null } });
    expect(again.sent).toHaveLength(1);
  });
});

describe('conditions, variables and local answers', () => {
  const hub = createHub({
    a: {
      sdl: 'type Query { loom(id: ID, tags: [String!], in: In): Loom echo(in: In, n: Int = 5): String } input In { a: Int b: [In] } type Loom @key(fields: "id") { id: ID! }',
      resolvers: { Query: { loom: () => ({ id: '1' }), echo: (_: unknown, args: Row) => JSON.stringify(args) } },
    },
    b: {
      sdl: 'type Loom @key(fields: "id") { id: ID! speed: Int size: Int }',
      resolvers: { Loom: { __resolveReference: same, speed: () => 3, size: () => 4 } },
    },
  });

  it('makes no call for what is skipped', async () => {
    const text =
      'query ($fast: Boolean!) { loom { id ... @include(if: $fast) { speed } ...S @skip(if: $fast) } } fragment S on Loom { size @include(if: $fast) __typename }';
    expect(asClient(await hub.run(text, { variables: { fast: false } }))).toEqual({ data: { loom: { id: '1', __typename: 'Loom' } } });
    expect(hub.sent).toHaveLength(1);
    expect(asClient(await hub.run(text, { variables: { fast: true } }))).toEqual({ data: { loom: { id: '1', speed: 3 } } });
    expect(hub.sent).toHaveLength(2);
  });

  it('asks no graph for an operation that is skipped whole or only names its type', async () => {
    expect(asClient(await hub.run('{ loom @skip(if: true) { id } __typename }'))).toEqual({ data: { __typename: 'Query' } });
    expect(hub.sent).toHaveLength(0);
  });

  it('sends only the variables used, absent ones stay absent, null stays null', async () => {
    const text = 'query ($n: Int, $in: In, $id: ID = "d") { echo(n: $n, in: { a: 1, b: [$in] }) loom(id: $id) { speed } }';
    expect(asClient(await hub.run(text, { variables: { in: { a: 2 } } })).data).toEqual({
      echo: '{"in":{"a":1,"b":[{"a":2}]},"n":5}',
      loom: { speed: 3 },
    });
    expect(hub.sent.map(({ variables }) => Object.keys(variables))).toEqual([['in'], ['_r0']]);
    expect(asClient(await hub.run(text, { variables: { n: null, in: null } })).data).toMatchObject({
      echo: '{"in":{"a":1,"b":[null]},"n":null}',
    });
  });

  it('shows two aliases of one field with their own selections, fetched once', async () => {
    expect(asClient(await hub.run('{ x: loom { id } y: loom { speed } z: loom(id: "2") { n: speed } }'))).toEqual({
      data: { x: { id: '1' }, y: { speed: 3 }, z: { n: 3 } },
    });
    expect(hub.sent).toHaveLength(2);
  });

  it('answers introspection by itself, mixed with data, through fragments and variables', async () => {
    const result = asClient(
      await hub.run(
        'query ($t: String!) { loom { id } one: __type(name: $t) { ...T } __schema { queryType { name } } } fragment T on __Type { name fields { name } }',
        { variables: { t: 'Loom' } },
      ),
    );
    expect(result.data).toEqual({
      loom: { id: '1' },
      one: { name: 'Loom', fields: expect.arrayContaining([{ name: 'id' }, { name: 'speed' }]) },
      __schema: { queryType: { name: 'Query' } },
    });
    const full = asClient(await hub.run(getIntrospectionQuery()));
    expect(JSON.stringify(full.data)).not.toContain('join__');
    expect(hub.sent).toHaveLength(0);
  });

  it('refuses a fragment bomb and an operation over its budget by code', () => {
    const bomb = Array.from(
      { length: 22 },
      (_, index) => `fragment F${index} on Query { ${index === 21 ? '__typename' : `...F${index + 1} ...F${index + 1}`} }`,
    ).join(' ');
    expect(plan(hub.supergraph, `{ ...F0 } ${bomb}`).fetches).toHaveLength(0);
  });

  it('stops when its signal says so', async () => {
    const abort = new AbortController();
    abort.abort(new Error('gone'));
    await expect(hub.run('{ loom { id } }', { signal: abort.signal })).rejects.toThrow('gone');
  });
});
