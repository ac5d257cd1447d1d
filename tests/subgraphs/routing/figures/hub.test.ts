/** Figures over the whole hub: rows come from mutations of members by way of their events, and what the tower says is held against the graph. */
import { addDays } from '../../../../lib/clock/clock.ts';
import { withCheckDigit } from '../../../../subgraph-kit/gs1.ts';
import { query, sql } from '../../../../subgraph-kit/sql.ts';
import { startTestHub, type Player, type TestHub } from '../../../_kit/hub.ts';
import { route } from '../../../_kit/route.ts';
import { createWorld, today, type World } from '../../../graph/world.ts';

let hub: TestHub;
let world: World;
const stages = ['FABRIC_PREP', 'CUTTING', 'SEWING', 'PACKING'];
const operations = [
  { stage: 'CUTTING', smv: 0.5, capability: 'CUT_AUTO' },
  { stage: 'SEWING', smv: 2, capability: 'KNIT_OVERLOCK' },
  { stage: 'PACKING', smv: 0.25, capability: 'PACK_CARTON' },
];
const LINES = 6;
const PIECES = 120;
/** Facilities that could make it, with the member of each; a third one, in the books as well, cannot sew. */
const able = new Map<string, Player>();

async function enterIndustry(): Promise<void> {
  const { gln } = await world.newMaker();
  const other = (await world.done(world.otherMaker, 'registerMaker', world.makerInput(), 'maker { gln }')).maker.gln;
  for (const [player, facility, actualMinutes] of [
    [world.maker, gln, 90],
    [world.otherMaker, other, 10],
  ] as const) {
    const buckets = Array.from({ length: 14 }, (_, i) => addDays(today, i + 1)).flatMap((day) =>
      stages.map((stage) => ({ gln: facility, stage, day, actualMinutes, maximumMinutes: 120 })),
    );
    await world.done(player, 'publishCapacity', { buckets }, 'buckets { bucketId }');
    able.set(facility, player);
  }
  await world.done(world.otherMaker, 'registerMaker', { ...world.makerInput(), capabilities: [world.capabilities[3]] }, 'maker { gln }');
  await world.newDistributor();
  const style = await world.newStyle();
  await hub.settle();
  await world.done(world.maker, 'recordOperations', { styleId: style.styleId, operations }, 'style { styleId }');
  const demands = Array.from({ length: LINES }, () => world.demandInput(style));
  await world.done(world.creator, 'submitDemands', { demands }, 'demandLines { demandLineId }');
  await hub.settle();
}

beforeAll(async () => {
  hub = await startTestHub();
  world = await createWorld(hub, hub.change);
  await enterIndustry();
}, 120_000);
afterAll(() => hub.stop());

const index = 'fillRateBps overlapBps unmetMinutes idleMinutes wapeBps';
const tower = async (player: Player): Promise<any> => {
  const { data, errors } = await hub.ask(
    player,
    `{ controlTower { before: mismatch(phase: BEFORE) { ${index} } after: mismatch { ${index} }
      fairness { hhi hhiNormalised hhiLimit largestShareBps gini newMakerShareBps } } }`,
  );
  expect(errors).toBeUndefined();
  return data.controlTower;
};
/** Standard minutes that makers offer, by what upstream says of its buckets. */
const offered = async (of: 'actualMinutes' | 'freeMinutes'): Promise<number> => {
  const { data } = await hub.ask(
    hub.hub,
    `{ capacityBuckets(from: "${today}", to: "${addDays(today, 28)}", first: 200) { nodes { ${of} efficiencyBps } pageInfo { hasNextPage } } }`,
  );
  expect(data.capacityBuckets.pageInfo.hasNextPage).toBe(false);
  return data.capacityBuckets.nodes.reduce((sum: number, bucket: any) => sum + (bucket[of] * bucket.efficiencyBps) / 10_000, 0);
};
const demanded = LINES * PIECES * 2.75;

it('before a plan, minutes asked stand against minutes offered, and nothing is served', async () => {
  const { before, after, fairness } = await tower(hub.hub);
  const supply = await offered('actualMinutes');
  // sewing: 1,440 minutes asked in the week of 30 November, in which makers offer 90 and 10 minutes on each of seven days
  const { data } = await hub.ask(
    hub.hub,
    '{ capacityBuckets(from: "2026-11-30", to: "2026-12-06", first: 1) { nodes { efficiencyBps } } }',
  );
  const sewing = (7 * 100 * data.capacityBuckets.nodes[0].efficiencyBps) / 10_000;
  expect(before).toMatchObject({ wapeBps: 10_000, fillRateBps: Math.round((Math.min(1_440, sewing) / 1_440) * 10_000) });
  const met = LINES * PIECES * 0.75 + Math.min(1_440, sewing);
  expect(before).toMatchObject({
    overlapBps: Math.round((met / Math.max(supply, demanded)) * 10_000),
    unmetMinutes: Math.round(demanded - met),
    idleMinutes: Math.round(supply - met),
  });
  expect(after).toMatchObject({ fillRateBps: 0, overlapBps: 0, unmetMinutes: demanded, idleMinutes: Math.round(supply) });
  expect(fairness).toBeNull();
});

describe('after a plan', () => {
  let runId: string;
  beforeAll(async () => {
    const run = await route(hub, { commit: true });
    if (run.problems.length > 0) throw new Error(JSON.stringify(run));
    ({ runId } = run);
  }, 60_000);

  it('fairness is what plain SQL makes of the slots of the plan', async () => {
    const [row] = await query<Record<string, number>>(
      hub.running.routing.db,
      sql`WITH load AS (
            SELECT g.gln, coalesce((SELECT sum(s."pieces" * w."smv") FROM "AllocationSlot" s JOIN "Allocation" a USING ("allocationId")
              JOIN "WorkFact" w ON w."styleId" = a."styleId" AND w."stage" = s."stage" WHERE a."runId" = ${runId} AND a."gln" = g.gln), 0) AS minutes
            FROM unnest(${[...able.keys()]}::text[]) AS g(gln)),
          share AS (SELECT gln, minutes / (SELECT sum(minutes) FROM load) AS part, (SELECT count(*) FROM load) AS n FROM load)
        SELECT sum(part ^ 2)::float8 AS hhi, ((sum(part ^ 2) - 1.0 / min(n)) / (1 - 1.0 / min(n)))::float8 AS "hhiNormalised", round(max(part) * 10000)::int AS "largestShareBps",
          (SELECT sum(abs(x.part - y.part)) / 2 / count(*) * min(x.n) FROM share x, share y)::float8 AS gini
        FROM share`,
    );
    const { fairness } = await tower(hub.hub);
    for (const name of ['hhi', 'hhiNormalised', 'gini']) expect(fairness[name]).toBeCloseTo(row?.[name] ?? Number.NaN, 9);
    expect(fairness).toMatchObject({ largestShareBps: row?.['largestShareBps'], newMakerShareBps: 10_000, hhiLimit: expect.any(Number) });
    expect(fairness.gini).toBeGreaterThan(0);
    expect((await tower(world.creator)).fairness).toEqual(fairness);
  });

  it('what was placed in time is served, and the minutes it takes are no longer idle', async () => {
    const { data } = await hub.ask(
      hub.hub,
      '{ allocations(status: [OFFERED], first: 200) { nodes { quantity promisedDate demandLine { latestDate } } pageInfo { hasNextPage } } }',
    );
    const { nodes } = data.allocations;
    const promisedBy = (last: (one: any) => string): number =>
      nodes.reduce((sum: number, one: any) => (one.promisedDate <= last(one) ? sum + one.quantity : sum), 0);
    const served = promisedBy((one) => one.demandLine.latestDate);
    // the week of the due day ends on the 6th
    const met = promisedBy(() => '2026-12-06') * 2.75;
    expect(served).toBeGreaterThan(0);
    const { after } = await tower(hub.hub);
    expect(after).toMatchObject({
      fillRateBps: Math.round((served / (LINES * PIECES)) * 10_000),
      overlapBps: Math.round((met / demanded) * 10_000),
      unmetMinutes: Math.round(demanded - met),
      idleMinutes: Math.round(await offered('freeMinutes')),
    });
    const seen = await tower(world.creator);
    expect(seen.after).toMatchObject({ fillRateBps: after.fillRateBps, overlapBps: after.overlapBps, idleMinutes: 0 });
  });

  it('the stage clock is what makers report of their lots', async () => {
    const { data } = await hub.ask(hub.hub, '{ allocations(status: [OFFERED], first: 200) { nodes { allocationId maker { gln } } } }');
    for (const { allocationId, maker } of data.allocations.nodes)
      await world.done(able.get(maker.gln) ?? hub.hub, 'acceptAllocation', { allocationId }, 'allocation { status }');
    await hub.settle();
    const listed = await hub.ask(
      hub.hub,
      '{ allocations(status: [ACCEPTED], first: 200) { nodes { maker { gln } lot { lotId plannedQty } } } }',
    );
    const [first, second] = listed.data.allocations.nodes;
    for (const [{ maker, lot }, hours] of [
      [first, 1],
      [second, 3],
    ] as const) {
      const player = able.get(maker.gln) ?? hub.hub;
      await world.done(player, 'releaseLot', { lotId: lot.lotId }, 'lot { status }');
      const half = Math.floor(lot.plannedQty / 2);
      const report = (stage: string, qty: number, hour: number) =>
        world.done(
          player,
          'reportStage',
          {
            lotId: lot.lotId,
            stage,
            qtyIn: qty,
            qtyOut: qty,
            scrap: 0,
            at: new Date(hub.clock.now().getTime() - hour * 3_600_000).toISOString(),
          },
          'lot { status }',
        );
      await report('CUTTING', half, 8);
      await report('CUTTING', lot.plannedQty - half, 8 - hours);
      await report('SEWING', half, 4);
    }
    await hub.settle();
    const asked = await hub.ask(hub.hub, '{ controlTower { cycleByStage { stage lots days } } }');
    // cutting took one hour and three; sewing goes on
    expect(asked.data.controlTower.cycleByStage).toEqual([{ stage: 'CUTTING', lots: 2, days: expect.closeTo(2 / 24, 9) }]);
  });

  it('an order that is delivered is perfect once all of it was received in time and unhurt', async () => {
    const { data } = await hub.ask(
      hub.hub,
      '{ allocations(first: 200) { nodes { allocationId quantity maker { gln } demandLine { demandLineId style { skus { nodes { gtin } } } } lot { lotId progress { stage wip qtyIn qtyOut } } } } }',
    );
    const begun = data.allocations.nodes.filter(({ lot }: any) => lot.progress.some(({ qtyIn }: any) => qtyIn > 0));
    const orders = '{ controlTower { perfectOrderBps orderFulfilmentCycleDays } }';
    const { gln } = await world.newDistributor();
    const { siteGln } = await world.newSite();
    await hub.settle();
    for (const [i, { allocationId, quantity, maker, demandLine, lot }] of begun.entries()) {
      const player = able.get(maker.gln) ?? hub.hub;
      const { lotId } = lot;
      const at = hub.clock.now().toISOString();
      const half = quantity - Math.floor(quantity / 2);
      await world.done(player, 'reportStage', { lotId, stage: 'SEWING', qtyIn: half, qtyOut: half, scrap: 0, at }, 'lot { status }');
      await world.done(
        player,
        'reportStage',
        { lotId, stage: 'PACKING', qtyIn: quantity, qtyOut: quantity, scrap: 0, at },
        'lot { status }',
      );
      await world.done(player, 'completeLot', { lotId, goodQty: quantity }, 'lot { status }');
      await hub.settle();
      const booking = { allocationId, distributorGln: gln, carrier: 'Road', plannedArrival: at };
      const { shipment } = await world.done(world.distributor, 'bookShipment', booking, 'shipment { gsin }');
      const content = { gtin: demandLine.style.skus.nodes[0].gtin, lotId };
      const units = [{ sscc: withCheckDigit(`0952000000000000${i}`), contents: [{ ...content, quantity }] }];
      await world.done(world.distributor, 'despatchShipment', { gsin: shipment.gsin, units, at }, 'shipment { status }');
      // of the second order one piece is hurt
      const lines = [{ ...content, good: quantity - i, damaged: i }];
      await world.done(world.distributor, 'receiveShipment', { gsin: shipment.gsin, siteGln, lines, at }, 'shipment { status }');
      await hub.settle();
      const seen = await hub.ask(world.distributor, orders);
      // one order for each line; all within the hour in which the clock of the tests stands
      const wanted = new Set(begun.slice(0, i + 1).map((one: any) => one.demandLine.demandLineId)).size;
      expect(seen.data.controlTower).toEqual({ perfectOrderBps: ((wanted - i) / wanted) * 10_000, orderFulfilmentCycleDays: 0 });
    }
    expect(begun).toHaveLength(2);
  });
});
