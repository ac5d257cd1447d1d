/** Figures over the whole hub: rows come from mutations of members by way of their events, and what the tower says is held against the graph. */
import { addDays } from '../../../../lib/clock/clock.ts';
import { startTestHub, type Player, type TestHub } from '../../../_kit/hub.ts';
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

async function enterIndustry(): Promise<void> {
  const { gln } = await world.newMaker();
  const other = (await world.done(world.otherMaker, 'registerMaker', world.makerInput(), 'maker { gln }')).maker.gln;
  for (const [player, facility] of [
    [world.maker, gln],
    [world.otherMaker, other],
  ] as const) {
    const buckets = Array.from({ length: 14 }, (_, i) => addDays(today, i + 1)).flatMap((day) =>
      stages.map((stage) => ({ gln: facility, stage, day, actualMinutes: 90, maximumMinutes: 120 })),
    );
    await world.done(player, 'publishCapacity', { buckets }, 'buckets { bucketId }');
  }
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
  // sewing: 1,440 minutes asked in the week of 30 November, in which two makers offer 90 minutes on each of seven days
  const { data } = await hub.ask(
    hub.hub,
    '{ capacityBuckets(from: "2026-11-30", to: "2026-12-06", first: 1) { nodes { efficiencyBps } } }',
  );
  const sewing = (14 * 90 * data.capacityBuckets.nodes[0].efficiencyBps) / 10_000;
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
