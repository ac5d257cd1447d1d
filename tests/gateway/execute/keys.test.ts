/** Entities moved between graphs by keys of every kind. */
import { asClient, createHub } from './in-memory-graphs.ts';

type Row = Record<string, unknown>;
const same = (row: unknown): unknown => row;

describe('keys', () => {
  it('goes through a transit graph where no key is shared', async () => {
    const hub = createHub({
      a: { sdl: 'type Query { loom: Loom } type Loom @key(fields: "id") { id: ID! }', resolvers: { Query: { loom: () => ({ id: '1' }) } } },
      b: {
        sdl: 'type Loom @key(fields: "id") @key(fields: "code") { id: ID! code: ID! }',
        resolvers: { Loom: { __resolveReference: ({ id }: Row) => ({ id, code: `c${String(id)}` }) } },
      },
      c: {
        sdl: 'type Loom @key(fields: "code") { code: ID! speed: Int }',
        resolvers: { Loom: { __resolveReference: same, speed: ({ code }: Row) => (code === 'c1' ? 7 : 0) } },
      },
    });
    expect(asClient(await hub.run('{ loom { speed } }'))).toEqual({ data: { loom: { speed: 7 } } });
    expect(hub.sent.map(({ graph }) => graph)).toEqual(['a', 'b', 'c']);
  });

  it('ends the chain of a row for which the transit graph answers null, and goes on with the others', async () => {
    const hub = createHub({
      a: {
        sdl: 'type Query { looms: [Loom] } type Loom @key(fields: "id") { id: ID! }',
        resolvers: { Query: { looms: () => ['1', '2', '3'].map((id) => ({ id })) } },
      },
      b: {
        sdl: 'type Loom @key(fields: "id") @key(fields: "code") { id: ID! code: ID! }',
        resolvers: { Loom: { __resolveReference: ({ id }: Row) => (id === '2' ? null : { id, code: `c${String(id)}` }) } },
      },
      c: {
        sdl: 'type Loom @key(fields: "code") { code: ID! speed: Int }',
        resolvers: { Loom: { __resolveReference: same, speed: ({ code }: Row) => Number(String(code).slice(1)) } },
      },
    });
    expect(asClient(await hub.run('{ looms { id speed } }'))).toEqual({
      data: {
        looms: [
          { id: '1', speed: 1 },
          { id: '2', speed: null },
          { id: '3', speed: 3 },
        ],
      },
    });
    expect(hub.sent[2]?.variables).toEqual({
      _r0: [
        { __typename: 'Loom', code: 'c1' },
        { __typename: 'Loom', code: 'c3' },
      ],
    });
  });

  it('sends composite and nested keys, with lists of objects, empty and null lists', async () => {
    const bolts = [
      { no: 1, year: 2020, mill: { ref: { n: 4 } }, parts: [{ n: 1 }, null, { n: 2 }] },
      { no: 2, year: 2020, mill: { ref: { n: 5 } }, parts: [] },
      { no: 3, year: 2021, mill: { ref: { n: 6 } }, parts: null },
    ];
    const key = '@key(fields: "no year mill { ref { n } } parts { n }")';
    const types = 'type Mill @shareable { ref: Ref } type Ref @shareable { n: Int } type Part @shareable { n: Int }';
    const hub = createHub({
      a: {
        sdl: `type Query { bolts: [Bolt] } type Bolt ${key} { no: Int year: Int mill: Mill parts: [Part] } ${types}`,
        resolvers: { Query: { bolts: () => bolts } },
      },
      b: {
        sdl: `type Bolt ${key} { no: Int year: Int mill: Mill parts: [Part] seen: String } ${types}`,
        resolvers: { Bolt: { __resolveReference: same, seen: (row: Row) => JSON.stringify({ ...row, __typename: undefined }) } },
      },
    });
    const seen = bolts.map(({ mill, no, parts, year }) => ({ seen: JSON.stringify({ mill, no, parts, year }) }));
    expect(asClient(await hub.run('{ bolts { seen } }'))).toEqual({ data: { bolts: seen } });
  });

  it('gathers one key from two graphs', async () => {
    const hub = createHub({
      a: { sdl: 'type Query { bolt: Bolt } type Bolt @key(fields: "id") { id: ID! }', resolvers: { Query: { bolt: () => ({ id: 'x' }) } } },
      b: {
        sdl: 'type Bolt @key(fields: "id") { id: ID! batch: Int @shareable }',
        resolvers: { Bolt: { __resolveReference: same, batch: () => 3 } },
      },
      c: {
        sdl: 'type Bolt @key(fields: "id") { id: ID! lane: Int @shareable }',
        resolvers: { Bolt: { __resolveReference: same, lane: () => 9 } },
      },
      d: {
        sdl: 'type Bolt @key(fields: "batch lane") { batch: Int @shareable lane: Int @shareable place: String }',
        resolvers: { Bolt: { __resolveReference: same, place: ({ batch, lane }: Row) => `${String(batch)}/${String(lane)}` } },
      },
    });
    expect(asClient(await hub.run('{ bolt { place } }'))).toEqual({ data: { bolt: { place: '3/9' } } });
    expect(hub.sent).toHaveLength(4);
  });

  it('asks once for an entity that stands in many places, and once per graph and level', async () => {
    const hub = createHub({
      a: {
        sdl: 'type Query { looms: [Loom] first: Loom } type Loom @key(fields: "id") { id: ID! twin: Loom }',
        resolvers: {
          Query: { looms: () => Array.from({ length: 50 }, () => ({ id: '1', twin: { id: '2' } })), first: () => ({ id: '2' }) },
        },
      },
      b: {
        sdl: 'type Loom @key(fields: "id") { id: ID! speed: Int }',
        resolvers: { Loom: { __resolveReference: same, speed: ({ id }: Row) => Number(id) * 10 } },
      },
    });
    const result = asClient(await hub.run('{ looms { speed twin { speed } } first { speed } }'));
    expect(result).toEqual({
      data: { looms: Array.from({ length: 50 }, () => ({ speed: 10, twin: { speed: 20 } })), first: { speed: 20 } },
    });
    expect(hub.sent).toHaveLength(2);
    expect(hub.sent[1]?.variables).toEqual({
      _r0: [
        { __typename: 'Loom', id: '1' },
        { __typename: 'Loom', id: '2' },
      ],
    });
  });

  it('never enters by a key that is not resolvable, and refuses what only it would give', async () => {
    const sources = {
      a: {
        sdl: 'type Query { loom: Loom } type Loom @key(fields: "id") { id: ID! code: ID! }',
        resolvers: { Query: { loom: () => ({ id: '1', code: 'c' }) } },
      },
      b: {
        sdl: 'type Loom @key(fields: "id", resolvable: false) @key(fields: "code") { id: ID! @shareable code: ID! speed: Int }',
        resolvers: { Loom: { __resolveReference: ({ id, code }: Row) => (id === undefined && code === 'c' ? { speed: 5 } : null) } },
      },
    };
    sources.a.sdl = 'type Query { loom: Loom } type Loom @key(fields: "id") @key(fields: "code") { id: ID! @shareable code: ID! }';
    expect(asClient(await createHub(sources).run('{ loom { speed } }'))).toEqual({ data: { loom: { speed: 5 } } });
  });

  it('keeps keys apart from aliases of the client', async () => {
    const hub = createHub({
      a: {
        sdl: 'type Query { loom: Loom } type Loom @key(fields: "id") { id: ID! code: ID! }',
        resolvers: { Query: { loom: () => ({ id: '1', code: 'wrong' }) } },
      },
      b: {
        sdl: 'type Loom @key(fields: "id") { id: ID! speed: Int }',
        resolvers: { Loom: { __resolveReference: same, speed: ({ id }: Row) => Number(id) } },
      },
    });
    const text =
      '{ loom { id: code __typename: id __proto__: speed constructor: speed then: code _entities: id toString: speed _q0: code } }';
    const result = await hub.run(text);
    expect(JSON.stringify(result)).toBe(
      '{"data":{"loom":{"id":"wrong","__typename":"1","__proto__":1,"constructor":1,"then":"wrong","_entities":"1","toString":1,"_q0":"wrong"}}}',
    );
    expect(({} as Row)['polluted']).toBeUndefined();
  });

  it('sends nothing for an object whose key is null, and no request when nothing is left', async () => {
    const hub = createHub({
      a: {
        sdl: 'type Query { loom: Loom none: Loom } type Loom @key(fields: "id") { id: ID }',
        resolvers: { Query: { loom: () => ({ id: null }), none: () => null } },
      },
      b: { sdl: 'type Loom @key(fields: "id") { id: ID speed: Int }', resolvers: { Loom: { __resolveReference: same, speed: () => 1 } } },
    });
    expect(asClient(await hub.run('{ loom { id speed } none { speed } }'))).toEqual({
      data: { loom: { id: null, speed: null }, none: null },
    });
    expect(hub.sent).toHaveLength(1);
    expect(hub.traces.map(({ outcome }) => outcome)).toEqual(['answered', 'skipped']);
  });

  it('joins an object without a key that is split over two graphs by asking its parent in both', async () => {
    const hub = createHub({
      a: {
        sdl: 'type Query { crates: [Crate] } type Crate @key(fields: "id") { id: ID! seal: Seal @shareable } type Seal { code: Int }',
        resolvers: {
          Query: {
            crates: () => [
              { id: '1', seal: { code: 11 } },
              { id: '2', seal: null },
            ],
          },
        },
      },
      b: {
        sdl: 'type Crate @key(fields: "id") { id: ID! seal: Seal @shareable } type Seal { owner: String }',
        resolvers: { Crate: { __resolveReference: ({ id }: Row) => ({ id, seal: id === '1' ? { owner: 'Ann' } : null }) } },
      },
    });
    expect(asClient(await hub.run('{ crates { seal { code owner } } }'))).toEqual({
      data: { crates: [{ seal: { code: 11, owner: 'Ann' } }, { seal: null }] },
    });
  });
});
