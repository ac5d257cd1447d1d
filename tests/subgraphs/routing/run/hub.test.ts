/** Runs over the whole hub: read through the gateway with routing's own token, solved in the thread of the built tree, stored. */
import { createSolver } from '../../../../subgraphs/routing/run/solver.ts';
import { readStoredText } from '../../../../subgraphs/routing/run/input-hash.ts';
import { solveStored } from '../../../../subgraphs/routing/run/replay.ts';
import { openClient } from '../../../../subgraphs/routing/data/client.ts';
import type { RoutingInput } from '../../../../subgraphs/routing/model/types.ts';
import { addDays } from '../../../../lib/clock/clock.ts';
import { signRoutingToken } from '../../../../lib/identity/index.ts';
import { startTestHub, type Player, type TestHub } from '../../../_kit/hub.ts';
import { route } from '../../../_kit/route.ts';
import { createWorld, today, yuan, type World } from '../../../graph/world.ts';

const LINES = 230;
const DAYS = 14;

let hub: TestHub;
let world: World;
let db: ReturnType<typeof openClient>;

const fields = `status startedAt finishedAt objective bound gap inputHash demandedPieces placedPieces unservedPieces solveMs problems { code message }`;
const readRun = async (runId: string) =>
  (await hub.ask(hub.hub, `query ($runId: ID!) { routingRun(runId: $runId) { ${fields} } }`, { runId })).data.routingRun;

/** A maker of two with two weeks of minutes, tariffs on the lane, one style, and more lines than one page holds. */
async function enterIndustry(): Promise<void> {
  const { gln } = await world.newMaker();
  const other = (await world.done(world.otherMaker, 'registerMaker', world.makerInput(), 'maker { gln }')).maker.gln;
  const stages = ['FABRIC_PREP', 'CUTTING', 'SEWING', 'PACKING'];
  for (const [player, facility] of [
    [world.maker, gln],
    [world.otherMaker, other],
  ] as const) {
    const buckets = Array.from({ length: DAYS }, (_, i) => addDays(today, i + 1)).flatMap((day) =>
      stages.map((stage) => ({ gln: facility, stage, day, actualMinutes: 1_200, maximumMinutes: 1_500 })),
    );
    await world.done(player, 'publishCapacity', { buckets }, 'buckets { bucketId }');
  }
  const distributor = await world.newDistributor();
  const lane = { originUnlocode: 'CNHGH', destinationUnlocode: 'CNSHA', transitDays: 1, validFrom: today };
  await world.done(
    world.distributor,
    'publishTariffs',
    { gln: distributor.gln, tariffs: [{ service: 'FREIGHT', unit: 'KGM', price: yuan(4), ...lane }] },
    'distributor { gln }',
  );
  const style = await world.newStyle();
  await hub.settle();
  const operations = [
    { stage: 'CUTTING', smv: 0.5, capability: 'CUT_AUTO' },
    { stage: 'SEWING', smv: 2, capability: 'KNIT_OVERLOCK' },
    { stage: 'PACKING', smv: 0.25, capability: 'PACK_CARTON' },
  ];
  await world.done(world.maker, 'recordOperations', { styleId: style.styleId, operations }, 'style { styleId }');
  for (let start = 0; start < LINES; start += 100) {
    const demands = Array.from({ length: Math.min(100, LINES - start) }, () => world.demandInput(style));
    await world.done(world.creator, 'submitDemands', { demands }, 'demandLines { demandLineId }');
  }
  await hub.settle();
}

beforeAll(async () => {
  hub = await startTestHub();
  world = await createWorld(hub, hub.change);
  await enterIndustry();
  db = openClient({ url: await hub.database.urlOf('routing'), connections: 2 });
}, 120_000);
afterAll(async () => {
  await db.$disconnect();
  await hub.stop();
});

it('answers at once with a run that is RUNNING, and ends with a plan', async () => {
  const { run, problems } = await hub.change(world.creator, 'reroute', { idempotencyKey: 'first' }, `run { runId ${fields} }`);
  expect(problems).toEqual([]);
  expect(run).toMatchObject({ status: 'RUNNING', finishedAt: null, objective: null, bound: null, inputHash: null });
  await hub.settle();
  const ended = await readRun(run.runId);
  expect(ended.problems).toEqual([]);
  expect(['OPTIMAL', 'FEASIBLE']).toContain(ended.status);
  expect(ended.demandedPieces).toBe(LINES * 120);
  expect(ended.placedPieces + ended.unservedPieces).toBe(ended.demandedPieces);
  expect(ended.placedPieces).toBeGreaterThan(0);
  expect(Number(ended.bound)).toBeLessThanOrEqual(Number(ended.objective) + 1e-6);
  expect(ended.inputHash).toMatch(/^[0-9a-f]{64}$/);
}, 60_000);

it('reads every member’s demand and minutes, what is paid for it included', async () => {
  const { runId } = await route(hub);
  const { inputHash } = await readRun(runId);
  const input = JSON.parse((await readStoredText(db, inputHash)) ?? 'null') as RoutingInput;
  // minutes of the three stages that the lines need, of four
  expect([input.lines.length, input.makers.length, input.buckets.length, input.lanes.length]).toEqual([LINES, 2, 2 * 3 * DAYS, 1]);
  expect(new Set(input.makers.map(({ memberId }) => memberId))).toEqual(new Set([world.maker.memberId, world.otherMaker.memberId]));
  expect(input.lines[0]).toMatchObject({ memberId: world.creator.memberId, quantity: 120, priceCap: 60, margin: 30, shipTo: 'CNSHA' });
  expect(input.lines[0]?.work.map(({ stage, minutes }) => [stage, minutes])).toEqual([
    ['CUTTING', 0.5],
    ['SEWING', 2],
    ['PACKING', 0.25],
  ]);
  expect(input.lanes[0]).toMatchObject({ origin: 'CNHGH', destination: 'CNSHA', transitDays: 1, perKilogram: 4 });
}, 60_000);

it('comes to the same objective when it is solved again from what was stored', async () => {
  const { runId } = await route(hub);
  const { inputHash, objective, status, problems } = await readRun(runId);
  expect([['OPTIMAL', 'FEASIBLE'].includes(status), problems]).toEqual([true, []]);
  const plan = await solveStored(db, createSolver(), { inputHash, seed: runId, limitMs: 10_000 });
  expect(plan?.objective.toFixed(6)).toBe(Number(objective).toFixed(6));
  expect(await solveStored(db, createSolver(), { inputHash: 'none', seed: runId, limitMs: 10_000 })).toBeNull();
}, 60_000);

it('has the same input while nothing changes', async () => {
  const [one, two] = [await route(hub), await route(hub)];
  // a second later nothing is another day
  expect((await readRun(two.runId)).inputHash).toBe((await readRun(one.runId)).inputHash);
}, 60_000);

it('keeps pieces that were committed out of the next run', async () => {
  const committed = await route(hub, { commit: true });
  const before = await readRun(committed.runId);
  const after = await readRun((await route(hub)).runId);
  expect(after.demandedPieces).toBe(before.demandedPieces - before.placedPieces);
}, 60_000);

it('reads with a token that may change nothing', async () => {
  const service: Player = { memberId: '', token: await signRoutingToken(hub.keys) };
  const { data } = await hub.ask(service, '{ demandLines(first: 1) { nodes { unitMargin { amountMinor } } } viewer { memberId } }');
  expect(data).toEqual({
    demandLines: { nodes: [{ unitMargin: yuan(30) }].map(({ unitMargin: { amountMinor } }) => ({ unitMargin: { amountMinor } })) },
    viewer: null,
  });
  const answer = await hub.ask(service, 'mutation { reroute(input: { idempotencyKey: "x" }) { run { runId } problems { code } } }');
  expect(answer.errors?.map(({ extensions }) => extensions?.['code'])).toEqual(['FORBIDDEN']);
});
