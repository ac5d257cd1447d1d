/** Interface objects: a graph that gives fields to all types of an interface without knowing any of them. */
import { asClient, createHub } from './in-memory-graphs.ts';

type Row = Record<string, unknown>;
const same = (row: unknown): unknown => row;

describe('interface objects', () => {
  const calls: Row[] = [];
  const hub = createHub({
    real: {
      sdl: 'type Query { fabric: Fabric } interface Fabric @key(fields: "id") { id: ID! } type Silk implements Fabric @key(fields: "id") { id: ID! shine: Int } type Wool implements Fabric @key(fields: "id") { id: ID! itch: Int }',
      resolvers: {
        Query: { fabric: () => ({ __typename: 'Silk', id: 's1', shine: 8 }) },
        Fabric: {
          __resolveReference: ({ id }: Row) =>
            String(id).startsWith('s') ? { __typename: 'Silk', id, shine: 8 } : { __typename: 'Wool', id, itch: 9 },
        },
        Silk: { __resolveReference: ({ id }: Row) => ({ id, shine: 8 }) },
        Wool: { __resolveReference: ({ id }: Row) => ({ id, itch: 9 }) },
      },
    },
    object: {
      sdl: 'type Query { stock: [Fabric] } type Fabric @key(fields: "id") @interfaceObject { id: ID! pieces: Int }',
      resolvers: {
        Query: {
          stock: () => [
            { id: 's1', pieces: 1 },
            { id: 'w1', pieces: 2 },
          ],
        },
        Fabric: {
          __resolveReference: (row: Row) => {
            calls.push(row);
            return { ...row, pieces: 5 };
          },
        },
      },
    },
    third: {
      sdl: 'type Silk @key(fields: "id") { id: ID! origin: String }',
      resolvers: { Silk: { __resolveReference: same, origin: () => 'Como' } },
    },
  });

  it('answers fields that need no type from one graph', async () => {
    expect(asClient(await hub.run('{ stock { id pieces } }'))).toEqual({
      data: {
        stock: [
          { id: 's1', pieces: 1 },
          { id: 'w1', pieces: 2 },
        ],
      },
    });
    expect(hub.sent).toHaveLength(1);
  });

  it('asks the graph with the real interface for the type', async () => {
    expect(asClient(await hub.run('{ stock { __typename pieces } }'))).toEqual({
      data: {
        stock: [
          { __typename: 'Silk', pieces: 1 },
          { __typename: 'Wool', pieces: 2 },
        ],
      },
    });
    expect(hub.sent.map(({ graph }) => graph)).toEqual(['object', 'real']);
  });

  it('reads fields of the concrete types, also from a graph that knows only those', async () => {
    const text = '{ stock { id ... on Silk { shine origin } ... on Wool { itch pieces } } }';
    expect(asClient(await hub.run(text))).toEqual({
      data: {
        stock: [
          { id: 's1', shine: 8, origin: 'Como' },
          { id: 'w1', itch: 9, pieces: 2 },
        ],
      },
    });
    expect(hub.sent.map(({ graph }) => graph)).toEqual(['object', 'real', 'third']);
    expect(hub.sent[2]?.variables).toEqual({ _r0: [{ __typename: 'Silk', id: 's1' }] });
  });

  it('asks a field that may not be null only of the objects it is meant for', async () => {
    const strict = createHub({
      real: {
        sdl: 'interface Fabric @key(fields: "id") { id: ID! } type Silk implements Fabric @key(fields: "id") { id: ID! } type Wool implements Fabric @key(fields: "id") { id: ID! } type Query { r: Int }',
        resolvers: { Fabric: { __resolveReference: ({ id }: Row) => ({ __typename: id === 's' ? 'Silk' : 'Wool', id }) } },
      },
      object: {
        sdl: 'type Query { stock: [Fabric] } type Fabric @key(fields: "id") @interfaceObject { id: ID! pieces: Int! }',
        resolvers: {
          Query: { stock: () => [{ id: 's' }, { id: 'w' }] },
          Fabric: { __resolveReference: same, pieces: ({ id }: Row) => (id === 's' ? 4 : null) },
        },
      },
    });
    expect(asClient(await strict.run('{ stock { id ... on Silk { pieces } } }'))).toEqual({
      data: { stock: [{ id: 's', pieces: 4 }, { id: 'w' }] },
    });
    expect(strict.sent.map(({ graph }) => graph)).toEqual(['object', 'real', 'object']);
  });

  it('asks for the type where only what lies deeper differs from type to type', async () => {
    const seller = { name: 'Ada', town: 'Como' };
    const deep = createHub({
      real: {
        sdl: 'interface Fabric @key(fields: "id") { id: ID! } type Silk implements Fabric @key(fields: "id") { id: ID! } type Wool implements Fabric @key(fields: "id") { id: ID! } type Query { r: Int }',
        resolvers: { Fabric: { __resolveReference: ({ id }: Row) => ({ __typename: id === 's' ? 'Silk' : 'Wool', id }) } },
      },
      object: {
        sdl: 'type Query { stock: [Fabric] } type Fabric @key(fields: "id") @interfaceObject { id: ID! seller: Seller } type Seller { name: String town: String }',
        resolvers: {
          Query: {
            stock: () => [
              { id: 's', seller },
              { id: 'w', seller },
            ],
          },
        },
      },
    });
    expect(asClient(await deep.run('{ stock { ... on Silk { seller { name } } seller { town } } }'))).toEqual({
      data: { stock: [{ seller }, { seller: { town: 'Como' } }] },
    });
    expect(asClient(await deep.run('{ stock { seller { name } ... on Silk { seller { name } } } }'))).toEqual({
      data: { stock: [{ seller: { name: 'Ada' } }, { seller: { name: 'Ada' } }] },
    });
    expect(deep.sent).toHaveLength(1);
  });

  it('enters the interface object under the name of the interface', async () => {
    calls.length = 0;
    expect(asClient(await hub.run('{ fabric { __typename pieces } }'))).toEqual({ data: { fabric: { __typename: 'Silk', pieces: 5 } } });
    expect(calls).toEqual([{ __typename: 'Fabric', id: 's1' }]);
  });
});
