/** Unions and interfaces whose members differ from graph to graph. */
import { asClient, createHub, plan } from './in-memory-graphs.ts';

const same = (row: unknown): unknown => row;

describe('abstract types', () => {
  it('completes entities behind a union from another graph, one call for all types', async () => {
    const hub = createHub({
      a: {
        sdl: 'type Query { goods: [Goods] } union Goods = Silk | Jute | Tag type Silk @key(fields: "id") { id: ID! } type Jute @key(fields: "code") { code: ID! } type Tag { text: String }',
        resolvers: {
          Query: {
            goods: () => [{ __typename: 'Silk', id: 's' }, { __typename: 'Jute', code: 'j' }, null, { __typename: 'Tag', text: 't' }],
          },
        },
      },
      b: {
        sdl: 'type Silk @key(fields: "id") { id: ID! price: Int } type Jute @key(fields: "code") { code: ID! price: Float }',
        resolvers: { Silk: { __resolveReference: same, price: () => 9 }, Jute: { __resolveReference: same, price: () => 1.5 } },
      },
    });
    const text = '{ goods { __typename ... on Silk { p: price } ... on Jute { q: price kind: __typename } ... on Tag { text } } }';
    expect(asClient(await hub.run(text))).toEqual({
      data: { goods: [{ __typename: 'Silk', p: 9 }, { __typename: 'Jute', q: 1.5, kind: 'Jute' }, null, { __typename: 'Tag', text: 't' }] },
    });
    expect(hub.sent).toHaveLength(2);
  });

  it('sends no name that a graph does not know: an interface of another graph becomes its members', async () => {
    const hub = createHub({
      a: {
        sdl: 'type Query { goods: Goods } union Goods = Silk | Jute type Silk @key(fields: "id") { id: ID! } type Jute { code: ID! }',
        resolvers: { Query: { goods: () => ({ __typename: 'Silk', id: 's' }) } },
      },
      b: {
        sdl: 'interface Woven { id: ID! thread: String } type Silk implements Woven @key(fields: "id") { id: ID! thread: String }',
        resolvers: { Silk: { __resolveReference: same, thread: () => 'fine' } },
      },
    });
    expect(asClient(await hub.run('{ goods { ... on Woven { id thread } } }'))).toEqual({ data: { goods: { id: 's', thread: 'fine' } } });
    expect(hub.sent[0]?.query).not.toContain('Woven');
  });

  it('asks an interface as one where all its types answer alike, and each type where they do not', async () => {
    const hub = createHub({
      a: {
        sdl: 'type Query { looms: [Loom] } interface Loom { id: ID! speed: Int } type Jacquard implements Loom @key(fields: "id") { id: ID! speed: Int } type Rapier implements Loom @key(fields: "id") { id: ID! speed: Int }',
        resolvers: {
          Query: {
            looms: () => [
              { __typename: 'Jacquard', id: '1', speed: 666 },
              { __typename: 'Rapier', id: '2', speed: 2 },
            ],
          },
        },
      },
      b: {
        sdl: 'type Jacquard @key(fields: "id") { id: ID! speed: Int @override(from: "a") }',
        resolvers: { Jacquard: { __resolveReference: same, speed: () => 1 } },
      },
    });
    expect(asClient(await hub.run('{ looms { id speed } }'))).toEqual({
      data: {
        looms: [
          { id: '1', speed: 1 },
          { id: '2', speed: 2 },
        ],
      },
    });
    expect(hub.sent[0]?.query).toBe('{ looms { __typename id ... on Rapier { speed } } }');
  });

  it('gives one name one type in a document, however deep the types differ', async () => {
    const hub = createHub({
      a: {
        sdl: 'type Query { goods: [Goods] } union Goods = Silk | Jute type Silk { n: Int! next: Silk! } type Jute { n: Int next: Jute }',
        resolvers: {
          Query: {
            goods: () => [
              { __typename: 'Silk', n: 1, next: { n: 2 } },
              { __typename: 'Jute', n: null, next: { n: 3 } },
            ],
          },
        },
      },
    });
    // Valid for clients only under different keys: the graph's own nullability must not reach them.
    const text = '{ goods { ... on Silk { a: n next { n } } ... on Jute { b: n after: next { n } } } }';
    expect(asClient(await hub.run(text))).toEqual({
      data: {
        goods: [
          { a: 1, next: { n: 2 } },
          { b: null, after: { n: 3 } },
        ],
      },
    });
  });

  it('keeps fragments on types that cannot come empty, and the order of keys per runtime type', async () => {
    const hub = createHub({
      a: {
        sdl: 'type Query { goods: [Goods] } union Goods = Silk | Jute type Silk { a: Int b: Int } type Jute { a: Int b: Int }',
        resolvers: {
          Query: {
            goods: () => [
              { __typename: 'Silk', a: 1, b: 2 },
              { __typename: 'Jute', a: 3, b: 4 },
            ],
          },
        },
      },
    });
    const text = '{ goods { ... on Silk { b } ... on Goods { ... on Jute { a b } ... on Silk { a __typename } } __typename } }';
    expect(JSON.stringify(await hub.run(text))).toBe(
      '{"data":{"goods":[{"b":2,"a":1,"__typename":"Silk"},{"a":3,"b":4,"__typename":"Jute"}]}}',
    );
  });

  it('plans only members that every graph which could answer knows', async () => {
    const hub = createHub({
      a: {
        sdl: 'type Query { weave: Weave @shareable } union Weave = Plain | Twill type Plain { ends: Int @shareable } type Twill { code: Int }',
        resolvers: { Query: { weave: () => ({ __typename: 'Twill', code: 3 }) } },
      },
      b: {
        sdl: 'type Query { weave: Weave @shareable } union Weave = Plain | Satin type Plain { ends: Int @shareable } type Satin { gloss: Int }',
      },
    });
    expect(asClient(await hub.run('{ weave { __typename ... on Plain { ends } ... on Twill { code } } }'))).toEqual({
      data: { weave: { __typename: 'Twill', code: null } },
    });
  });

  it('makes one class of many types that behave alike', () => {
    const types = Array.from({ length: 70 }, (_, index) => `type T${index} implements Loom @key(fields: "id") { id: ID! speed: Int }`).join(
      ' ',
    );
    const more = Array.from({ length: 70 }, (_, index) => `type T${index} @key(fields: "id") { id: ID! price: Int }`).join(' ');
    const { supergraph } = createHub({
      a: { sdl: `type Query { looms: [Loom] } interface Loom { id: ID! speed: Int } ${types}` },
      b: { sdl: more },
    });
    const made = plan(supergraph, '{ looms { id speed __typename } }');
    expect(made.positions[1]?.classes).toHaveLength(1);
    expect(made.fetches[0]?.document).toBe('{ looms { __typename id speed } }');
  });

  it('shows null with an error for a type that is hidden from clients, without naming it', async () => {
    const hub = createHub({
      a: {
        sdl: 'type Query { goods: [Goods] } union Goods = Silk | Secret type Silk { n: Int } type Secret @inaccessible { n: Int }',
        resolvers: {
          Query: {
            goods: () => [
              { __typename: 'Silk', n: 1 },
              { __typename: 'Secret', n: 2 },
            ],
          },
        },
      },
    });
    const result = asClient(await hub.run('{ goods { __typename ... on Silk { n } } }'));
    expect(result.data).toEqual({ goods: [{ __typename: 'Silk', n: 1 }, null] });
    expect(result.errors?.map(({ path }) => path)).toEqual([['goods', 1]]);
    expect(JSON.stringify(result.errors)).not.toContain('Secret');
  });

  it('refuses a field of an interface that no single entry gives for all types, and answers the part that one gives', async () => {
    const loom = (mine: string, other: string): string =>
      `type Query { loom: Loom @shareable } interface Loom { id: ID! } type ${mine} implements Loom @key(fields: "id") { id: ID! } type ${other} implements Loom { id: ID! @external extra${mine}: Int }`;
    const hub = createHub({
      a: { sdl: loom('Jacquard', 'Rapier'), resolvers: { Query: { loom: () => ({ __typename: 'Jacquard', id: '1' }) } } },
      b: { sdl: loom('Rapier', 'Jacquard'), resolvers: { Query: { loom: () => ({ __typename: 'Jacquard' }) } } },
    });
    await expect(hub.run('{ loom { id } }')).rejects.toMatchObject({ code: 'PLAN_UNREACHABLE_FIELD' });
    expect(hub.sent).toHaveLength(0);
    expect(asClient(await hub.run('{ loom { ... on Jacquard { id } } }'))).toEqual({ data: { loom: { id: '1' } } });
  });

  it('serves an interface field of one type from a graph that knows nothing of the interface', async () => {
    const hub = createHub({
      a: {
        sdl: 'type Query { fabrics: [Fabric] } interface Fabric { id: ID! } type Silk implements Fabric @key(fields: "id") { id: ID! } type Wool implements Fabric @key(fields: "id") { id: ID! weight: Int }',
        resolvers: {
          Query: {
            fabrics: () => [
              { __typename: 'Silk', id: '1' },
              { __typename: 'Wool', id: '2', weight: 20 },
            ],
          },
        },
      },
      b: {
        sdl: 'type Silk @key(fields: "id") { id: ID! weight: Int }',
        resolvers: { Silk: { __resolveReference: same, weight: () => 10 } },
      },
    });
    const text = '{ fabrics { id ... on Silk { weight } ... on Wool { weight } } }';
    expect(asClient(await hub.run(text))).toEqual({
      data: {
        fabrics: [
          { id: '1', weight: 10 },
          { id: '2', weight: 20 },
        ],
      },
    });
    expect(hub.sent[1]?.variables).toEqual({ _r0: [{ __typename: 'Silk', id: '1' }] });
  });
});
