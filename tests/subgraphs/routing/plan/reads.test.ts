/** Reading a plan: orders, pages, entities, and the same number of statements for one allocation and for fifty. */
import { hub } from '../../../_kit/subgraph.ts';
import { toMinor } from '../../../../subgraphs/routing/minor-units.ts';
import { accept, allocate, anna, carla, codes, commit, GLN, line, openRouting, readLine, runPlan, type Routing } from './_kit.ts';

let r: Routing;
beforeAll(async () => {
  r = await openRouting();
}, 60_000);
afterAll(() => r.close());

/** A committed run of so many lines; every second one is bert's. */
async function runOf(count: number): Promise<string> {
  r.clock.advance(1_000);
  const lines = Array.from({ length: count }, (_, i) => line(`dln_${r.clock.now().getTime()}_${i}`, { quantity: 10 + i }));
  const runId = await runPlan(r, {
    lines,
    allocations: lines.map(({ id, quantity }, i) => allocate(id, i % 2 === 0 ? GLN.anna : GLN.bert, quantity)),
    prices: lines.map((_, i) => ({
      kind: 'CAPACITY',
      lineId: null,
      bucketId: 'bkt_anna',
      gln: GLN.anna,
      price: i + 9.5,
      validFrom: null,
      validTo: null,
    })),
  });
  expect(codes(await commit(r, runId))).toEqual([]);
  return runId;
}

const DEEP = `allocationId status quantity unitPrice { amountMinor } member { name } maker { gln name loadShareBps } settlement { settlementId status } counterOffer { quantity }
  slots { stage day minutes pieces bucket { bucketId shadowPrice { price run { runId } } } } run { runId status policy { version } }
  demandLine { demandLineId unservedQty decision { decisionId } allocations { totalCount nodes { quantity } } }
  decision { text outcome replayable policy { version } run { runId } chosen { maker { gln name } totalCost { amountMinor } } runnerUp { quantity } considered { totalCount nodes { quantity } } bindingConstraints { name price } }
  changes { totalCount nodes { at reason run { runId } to { status maker { gln } } } }`;

describe('a deep question', () => {
  it('costs as many statements for one allocation as for ten and for fifty', async () => {
    const counts: number[] = [];
    for (const size of [1, 10, 50]) {
      const runId = await runOf(size);
      const ask = async () => {
        const { data, errors } = await r.ask(
          hub,
          `{ routingRun(runId: "${runId}") { allocations(first: 200) { totalCount nodes { ${DEEP} } } } }`,
        );
        expect(errors).toBeUndefined();
        expect(data.routingRun.allocations.nodes).toHaveLength(size);
        expect(data.routingRun.allocations.nodes[0]).toMatchObject({
          status: 'OFFERED',
          decision: { outcome: 'ALLOCATED' },
          maker: { name: expect.any(String) },
          changes: { totalCount: 2 },
        });
      };
      counts.push(await r.countStatements(ask));
    }
    expect(new Set(counts).size).toBe(1);
    expect(counts[0]).toBeLessThan(30);
  });

  it('costs no more through entities', async () => {
    const statements = async (size: number): Promise<number> => {
      const runId = await runOf(size);
      const { data } = await r.ask(hub, `{ routingRun(runId: "${runId}") { allocations(first: 200) { nodes { allocationId } } } }`);
      const rows = data.routingRun.allocations.nodes.map((node: object) => ({ __typename: 'Allocation', ...node }));
      return r.countStatements(async () => {
        const { errors } = await r.ask(
          hub,
          `query ($rows: [_Any!]!) { _entities(representations: $rows) { ... on Allocation { ${DEEP} } } }`,
          { rows },
        );
        expect(errors).toBeUndefined();
      });
    };
    expect(await statements(50)).toBe(await statements(1));
  });
});

describe('lists', () => {
  it('of a run come dearest first, page by page, and so do its prices beyond ten', async () => {
    const runId = await runOf(12);
    const page = async (after: string | null) =>
      (
        await r.ask(
          hub,
          `query ($after: String) { routingRun(runId: "${runId}") {
        allocations(first: 5, after: $after) { totalCount nodes { quantity } pageInfo { endCursor hasNextPage } } } }`,
          { after },
        )
      ).data.routingRun.allocations;
    const seen: number[] = [];
    let after: string | null = null;
    do {
      const { nodes, pageInfo, totalCount }: any = await page(after);
      expect(totalCount).toBe(12);
      seen.push(...nodes.map((node: { quantity: number }) => node.quantity));
      after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
    } while (after !== null);
    expect(seen).toEqual([21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10]);
    const prices = async (cursor: string | null) =>
      (
        await r.ask(
          anna,
          'query ($cursor: String) { scarcity(from: "2026-11-01", to: "2026-12-31", stage: SEWING, first: 7, after: $cursor) { nodes { price } pageInfo { endCursor } } }',
          { cursor },
        )
      ).data.scarcity;
    const first = await prices(null);
    const second = await prices(first.pageInfo.endCursor);
    expect([...first.nodes, ...second.nodes].map(({ price }) => Number(price))).toEqual([
      20.5, 19.5, 18.5, 17.5, 16.5, 15.5, 14.5, 13.5, 12.5, 11.5, 10.5, 9.5,
    ]);
    expect((await r.ask(anna, '{ scarcity(from: "2026-12-01", to: "2026-12-31") { totalCount } }')).data.scarcity.totalCount).toBe(0);
    expect(
      (await r.ask(anna, '{ scarcity(from: "2026-11-01", to: "2026-12-31", stage: CUTTING) { totalCount } }')).data.scarcity.totalCount,
    ).toBe(0);
  });

  it('are cut by state, by maker and by outcome', async () => {
    await runOf(4);
    const { data } = await r.ask(
      hub,
      `{ offered: allocations(status: [OFFERED], gln: "${GLN.bert}", first: 2) { nodes { maker { gln } status } }
      none: allocations(status: []) { totalCount } refused: decisions(outcome: REFUSED) { totalCount } decided: decisions(outcome: ALLOCATED, first: 1) { nodes { outcome } }
      routingRuns(first: 2) { nodes { status startedAt } } }`,
    );
    expect(data.offered.nodes).toEqual([
      { maker: { gln: GLN.bert }, status: 'OFFERED' },
      { maker: { gln: GLN.bert }, status: 'OFFERED' },
    ]);
    expect(data.none.totalCount).toBe(0);
    expect(data.refused.totalCount).toBe(0);
    expect(data.decided.nodes).toEqual([{ outcome: 'ALLOCATED' }]);
    const [newest, older] = data.routingRuns.nodes;
    expect(newest.startedAt > older.startedAt).toBe(true);
  });

  it('of a line leave out what was superseded, unless asked for', async () => {
    const id = 'dln_twice';
    const wish = (gln: string) => ({ lines: [line(id)], allocations: [allocate(id, gln, 200)] });
    r.clock.advance(1_000);
    await runPlan(r, wish(GLN.bert));
    r.clock.advance(1_000);
    await commit(r, await runPlan(r, wish(GLN.anna)));
    await accept(r, (await readLine(r, id)).allocationId);
    const ask = async (args: string) =>
      (
        await r.ask(
          carla,
          `{ _entities(representations: [{ __typename: "DemandLine", demandLineId: "${id}" }]) { ... on DemandLine { allocations${args} { totalCount nodes { status } } } } }`,
        )
      ).data._entities[0].allocations;
    expect(await ask('')).toEqual({ totalCount: 1, nodes: [{ status: 'ACCEPTED' }] });
    expect(await ask('(status: [SUPERSEDED])')).toEqual({ totalCount: 1, nodes: [{ status: 'SUPERSEDED' }] });
  });
});

describe('amounts of the model', () => {
  it.each<[number, string, bigint]>([
    [12.345, 'CNY', 1_234n],
    [12.355, 'CNY', 1_236n],
    [0.005, 'CNY', 0n],
    [0.015, 'CNY', 2n],
    [0.1 + 0.2, 'CNY', 30n],
    [2.5, 'JPY', 2n],
    [3.5, 'JPY', 4n],
    [1.2345, 'KWD', 1_234n],
    [-0.015, 'CNY', -2n],
    [123_456_789.99, 'CNY', 12_345_678_999n],
  ])('%d %s become whole minor units, a half to the even one: %s', (amount, currency, minor) => {
    expect(toMinor(amount, currency)).toBe(minor);
  });
});
