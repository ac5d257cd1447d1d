/** Requirements: values of other graphs sent with an entity call; provides and override beside them. */
import { asClient, createHub } from './in-memory-graphs.ts';

type Row = Record<string, unknown>;
const same = (row: unknown): unknown => row;

describe('requirements', () => {
  it('follows a zig-zag between two graphs over four round trips', async () => {
    const hub = createHub({
      a: {
        sdl: 'type Query { bolt: Bolt } type Bolt @key(fields: "id") { id: ID! w1: Int w2: Int @external w3: Int @requires(fields: "w2") w4: Int @external w5: Int @requires(fields: "w4") }',
        resolvers: {
          Query: { bolt: () => ({ id: '1', w1: 1 }) },
          Bolt: { __resolveReference: same, w3: ({ w2 }: Row) => Number(w2) + 1, w5: ({ w4 }: Row) => Number(w4) + 1 },
        },
      },
      b: {
        sdl: 'type Bolt @key(fields: "id") { id: ID! w1: Int @external w2: Int @requires(fields: "w1") w3: Int @external w4: Int @requires(fields: "w3") }',
        resolvers: { Bolt: { __resolveReference: same, w2: ({ w1 }: Row) => Number(w1) + 1, w4: ({ w3 }: Row) => Number(w3) + 1 } },
      },
    });
    expect(asClient(await hub.run('{ bolt { w5 } }'))).toEqual({ data: { bolt: { w5: 5 } } });
    expect(hub.sent.map(({ graph }) => graph)).toEqual(['a', 'b', 'a', 'b', 'a']);
  });

  it('sends nested requirements that a third graph completes', async () => {
    const hub = createHub({
      a: {
        sdl: 'type Query { bolt: Bolt } type Bolt @key(fields: "id") { id: ID! maker: Maker } type Maker @key(fields: "gln") { gln: ID! }',
        resolvers: { Query: { bolt: () => ({ id: '1', maker: { gln: 'g' } }) } },
      },
      b: {
        sdl: 'type Maker @key(fields: "gln") { gln: ID! years: Int }',
        resolvers: { Maker: { __resolveReference: same, years: () => 12 } },
      },
      c: {
        sdl: 'type Bolt @key(fields: "id") { id: ID! maker: Maker @external trust: String @requires(fields: "maker { years }") } type Maker @key(fields: "gln") { gln: ID! years: Int @external }',
        resolvers: { Bolt: { __resolveReference: same, trust: ({ maker }: Row) => JSON.stringify(maker) } },
      },
    });
    expect(asClient(await hub.run('{ bolt { trust } }'))).toEqual({ data: { bolt: { trust: '{"years":12}' } } });
  });

  it('keeps the arguments of a requirement apart from the client’s and from another requirement’s', async () => {
    const hub = createHub({
      a: {
        sdl: 'enum U { CM IN } type Query { bolt: Bolt } type Bolt @key(fields: "id") { id: ID! width(unit: U): Int }',
        resolvers: { Query: { bolt: () => ({ id: '1' }) }, Bolt: { width: (_: unknown, { unit }: Row) => (unit === 'IN' ? 40 : 100) } },
      },
      b: {
        sdl: 'enum U { CM IN } type Bolt @key(fields: "id") { id: ID! width(unit: U): Int @external metric: Int @requires(fields: "width(unit: CM)") inches: Int @requires(fields: "width(unit: IN)") plain: Int }',
        resolvers: {
          Bolt: { __resolveReference: same, metric: ({ width }: Row) => width, inches: ({ width }: Row) => width, plain: () => 1 },
        },
      },
    });
    const text = 'query ($u: U = IN) { bolt { metric inches plain width(unit: $u) } }';
    expect(asClient(await hub.run(text))).toEqual({ data: { bolt: { metric: 100, inches: 40, plain: 1, width: 40 } } });
    expect(hub.sent).toHaveLength(2);
  });

  it('sends the parts of a requirement with fragments that match the runtime type', async () => {
    const site = 'union Site = Port | Yard type Port { code: String } type Yard { lot: Int }';
    const hub = createHub({
      a: {
        sdl: `type Query { bolts: [Bolt] } type Bolt @key(fields: "id") { id: ID! site: Site } ${site}`,
        resolvers: {
          Query: {
            bolts: () => [
              { id: '1', site: { __typename: 'Port', code: 'RTM' } },
              { id: '2', site: { __typename: 'Yard', lot: 4 } },
              { id: '3', site: null },
            ],
          },
        },
      },
      b: {
        sdl: `type Bolt @key(fields: "id") { id: ID! site: Site @external label: String @requires(fields: "site { ... on Port { code } ... on Yard { lot } }") } ${site.replaceAll('code: String', 'code: String @external').replaceAll('lot: Int', 'lot: Int @external')}`,
        resolvers: { Bolt: { __resolveReference: same, label: ({ site: at }: Row) => JSON.stringify(at) } },
      },
    });
    expect(asClient(await hub.run('{ bolts { label } }'))).toEqual({
      data: { bolts: [{ label: '{"__typename":"Port","code":"RTM"}' }, { label: '{"__typename":"Yard","lot":4}' }, { label: 'null' }] },
    });
  });

  it('masks a field whose input failed, once with the error of the input, and keeps its plain siblings', async () => {
    const hub = createHub({
      a: { sdl: 'type Query { bolt: Bolt } type Bolt @key(fields: "id") { id: ID! }', resolvers: { Query: { bolt: () => ({ id: '1' }) } } },
      b: {
        sdl: 'type Bolt @key(fields: "id") { id: ID! weight: Int }',
        resolvers: {
          Bolt: {
            __resolveReference: same,
            weight: () => {
              throw new Error('scales broken');
            },
          },
        },
      },
      c: {
        sdl: 'type Bolt @key(fields: "id") { id: ID! weight: Int @external fee: Int @requires(fields: "weight") shelf: Int }',
        resolvers: { Bolt: { __resolveReference: same, fee: () => 666, shelf: () => 3 } },
      },
    });
    const hidden = asClient(await hub.run('{ bolt { fee shelf } }'));
    expect(hidden.data).toEqual({ bolt: { fee: null, shelf: 3 } });
    expect(hidden.errors).toEqual([
      { message: 'scales broken', path: ['bolt', 'fee'], extensions: { code: expect.any(String), service: 'b' } },
    ]);
    const shown = asClient(await hub.run('{ bolt { weight fee shelf } }'));
    expect(shown.data).toEqual({ bolt: { weight: null, fee: null, shelf: 3 } });
    expect(shown.errors?.map(({ path }) => path)).toEqual([['bolt', 'weight']]);
  });

  it('uses what a path provides instead of another request, and only on that path', async () => {
    const hub = createHub({
      a: {
        sdl: 'type Query { best: Loom @provides(fields: "maker { name }") other: Loom } type Loom @key(fields: "id") { id: ID! maker: Maker } type Maker @key(fields: "gln") { gln: ID! name: String @external }',
        resolvers: {
          Query: {
            best: () => ({ id: '1', maker: { gln: 'g', name: 'A' } }),
            other: () => ({ id: '2', maker: { gln: 'g', name: 'poison' } }),
          },
        },
      },
      b: {
        sdl: 'type Maker @key(fields: "gln") { gln: ID! name: String @shareable }',
        resolvers: { Maker: { __resolveReference: same, name: () => 'B' } },
      },
    });
    expect(asClient(await hub.run('{ best { maker { name } } }'))).toEqual({ data: { best: { maker: { name: 'A' } } } });
    expect(hub.sent).toHaveLength(1);
    expect(asClient(await hub.run('{ best { maker { name } } other { maker { name } } }'))).toEqual({
      data: { best: { maker: { name: 'A' } }, other: { maker: { name: 'B' } } },
    });
    expect(hub.sent).toHaveLength(2);
  });

  it('never reads a field from the graph that lost it', async () => {
    const hub = createHub({
      a: {
        sdl: 'type Query { loom: Loom } type Loom @key(fields: "id") { id: ID! speed: Int }',
        resolvers: { Query: { loom: () => ({ id: '1', speed: 666 }) } },
      },
      b: {
        sdl: 'type Loom @key(fields: "id") { id: ID! speed: Int @override(from: "a") }',
        resolvers: { Loom: { __resolveReference: same, speed: () => 4 } },
      },
      c: {
        sdl: 'type Loom @key(fields: "id") { id: ID! size: Int @override(from: "gone") }',
        resolvers: { Loom: { __resolveReference: same, size: () => 2 } },
      },
    });
    expect(asClient(await hub.run('{ loom { speed size } }'))).toEqual({ data: { loom: { speed: 4, size: 2 } } });
  });
});
