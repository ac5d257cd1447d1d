/** The worked example of the planner's algorithm note, planned and run. */
import { asClient, createHub, planText } from './in-memory-graphs.ts';
import type { GraphSource } from './in-memory-graphs.ts';

const widths = { IN: 40, CM: 100 };

const graphs: Record<string, GraphSource> = {
  mill: {
    sdl: 'type Query { bolt: Bolt } type Bolt @key(fields: "id") { id: ID! weave: Weave } union Weave = Plain | Twill type Plain { ends: Int } type Twill @key(fields: "code") { code: ID! }',
    resolvers: { Query: { bolt: () => ({ id: 'b1', weave: { __typename: 'Twill', code: 't1' } }) } },
  },
  dye: {
    sdl: 'type Bolt @key(fields: "id") @key(fields: "lot") { id: ID! lot: ID! shade: String }',
    resolvers: { Bolt: { __resolveReference: () => ({ id: 'b1', lot: 'l1', shade: 'indigo' }) } },
  },
  store: {
    sdl: 'enum U { CM IN } type Bolt @key(fields: "lot") { lot: ID! width(unit: U): Int @external rolls: Int @requires(fields: "width(unit: CM)") }',
    resolvers: {
      Bolt: {
        __resolveReference: (bolt: unknown) => bolt,
        rolls: (bolt: { lot: string; width: number }) => (bolt.lot === 'l1' ? bolt.width / 10 : -1),
      },
    },
  },
  lab: {
    sdl: 'enum U { CM IN } type Bolt @key(fields: "id") { id: ID! width(unit: U): Int } type Twill @key(fields: "code") { code: ID! angle: Int }',
    resolvers: {
      Bolt: { __resolveReference: (bolt: unknown) => bolt, width: (_: unknown, { unit }: { unit: 'IN' | 'CM' }) => widths[unit] },
      Twill: { __resolveReference: (twill: unknown) => twill, angle: () => 63 },
    },
  },
};

const QUERY = '{ bolt { id: shade rolls width(unit: IN) weave { ... on Twill { angle } ... on Plain { ends } } } }';

describe('a bolt gathered from four graphs', () => {
  it('is planned in four requests on three levels, each waiting only for what it reads', () => {
    expect(planText(createHub(graphs).supergraph, QUERY)).toMatchSnapshot();
  });

  it('is answered with a requirement fed by two fetches and an alias that hides a key', async () => {
    const hub = createHub(graphs);
    expect(asClient(await hub.run(QUERY))).toEqual({ data: { bolt: { id: 'indigo', rolls: 10, width: 40, weave: { angle: 63 } } } });
    expect(hub.sent.map(({ graph }) => graph)).toEqual(['mill', 'dye', 'lab', 'store']);
  });

  it('masks what hangs on a lost requirement and keeps the rest when a graph is down', async () => {
    const hub = createHub(graphs);
    const result = asClient(
      await hub.run(QUERY, { intercept: ({ graph }) => (graph === 'lab' ? { status: 503, text: 'busy' } : undefined) }),
    );
    expect(result.data).toEqual({ bolt: { id: 'indigo', rolls: null, width: null, weave: { angle: null } } });
    expect(result.errors?.map(({ path }) => path?.join('.'))).toEqual(['bolt.rolls', 'bolt.width', 'bolt.weave.angle']);
    expect(hub.sent.map(({ graph }) => graph)).toEqual(['mill', 'dye', 'lab']);
  });
});
