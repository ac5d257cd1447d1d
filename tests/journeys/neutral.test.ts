/**
 * No fee is an input of routing: every fee there is is changed, by mutations and in the rows themselves, and neither input nor plan moves.
 * The order of the input moves nothing either; equals are drawn by the seed of the run.
 */
import { createRandom } from '../../demo/random.ts';
import { addDays } from '../../lib/clock/clock.ts';
import { hashInput, readStoredText } from '../../subgraphs/routing/run/input-hash.ts';
import { solveRouting } from '../../subgraphs/routing/model/index.ts';
import type { RoutingInput, RoutingPlan } from '../../subgraphs/routing/model/types.ts';
import { subgraphNames } from '../_kit/hub.ts';
import { route } from '../_kit/route.ts';
import { feesInput } from '../graph/chain.ts';
import { today } from '../graph/world.ts';
import {
  demandInput,
  enterCarrier,
  enterCreator,
  enterMaker,
  openCampaign,
  proposeStyle,
  startStage,
  submit,
  type Stage,
  type Star,
} from './_cast.ts';

/** Minutes of a stage and day: so few that lines share them. */
const MINUTES = 400;
const LINES = 12;
let stage: Stage;
let ann: Star;
let first: { readonly runId: string; readonly inputHash: string; readonly input: RoutingInput; readonly plan: unknown };

const planFields = `inputHash objective demandedPieces placedPieces allocations(first: 200) { nodes { quantity promisedDate unitPrice { amountMinor }
  maker { gln } demandLine { demandLineId } slots { stage day minutes pieces } } }`;
async function readRun(runId: string): Promise<{ inputHash: string; objective: string; plan: any }> {
  const { routingRun } = await stage.see(stage.hub.hub, `{ routingRun(runId: "${runId}") { ${planFields} } }`);
  return { inputHash: routingRun.inputHash, objective: routingRun.objective, plan: routingRun };
}
async function readInput(inputHash: string): Promise<RoutingInput> {
  const text = await readStoredText(stage.hub.running.routing.db, inputHash);
  if (text === null) throw new Error('the input was not kept');
  // printed by routing itself
  return JSON.parse(text) as RoutingInput;
}
/** All that a plan says, but how long it took. */
async function solve(input: RoutingInput, seed: string): Promise<RoutingPlan> {
  return { ...(await solveRouting(input, { seed, limitMs: 10_000 })), solveMs: 0 };
}

beforeAll(async () => {
  stage = await startStage();
  const place = { sewing: 'KNIT_OVERLOCK', unlocode: 'CNHGH', minutes: MINUTES };
  // two are equal in all but name: between them the seed draws
  const makers = [];
  for (const [name, minutePrice] of [
    ['Oak Works', '1.25'],
    ['Elm Works', '1.25'],
    ['Ash Works', '1.40'],
  ] as const)
    makers.push(await enterMaker(stage, name, { ...place, minutePrice }));
  const [maker] = makers;
  if (maker === undefined) throw new Error('no maker');
  const carrier = await enterCarrier(stage, 'Elm Road', 'CNHGH', 'CNSHA');
  ann = await enterCreator(stage, 'Ann');
  const style = await proposeStyle(stage, ann, 'Rain Tee', { maker, sewing: 'KNIT_OVERLOCK', carrier });
  const campaignId = await openCampaign(stage, ann, style, 'Rain week');
  const random = createRandom(7);
  const wishes = Array.from({ length: LINES }, () => ({
    ...demandInput(style, campaignId, random.int(60, 400), 'CNSHA'),
    dueDate: addDays(today, random.int(8, 13)),
  }));
  await submit(stage, ann, wishes);
  const { runId } = await route(stage.hub);
  const { inputHash, plan } = await readRun(runId);
  first = { runId, inputHash, plan, input: await readInput(inputHash) };
}, 120_000);
afterAll(() => stage.hub.stop());

async function expectSameRun(): Promise<void> {
  const { runId } = await route(stage.hub);
  const { inputHash, objective } = await readRun(runId);
  expect({ inputHash, objective }).toEqual({ inputHash: first.inputHash, objective: (first.plan as { objective: string }).objective });
  // every run draws with a seed of its own, so the plans are compared under one
  expect(await solve(await readInput(inputHash), first.runId)).toEqual(await solve(first.input, first.runId));
}

describe('fees', () => {
  it('the plan that is stored is the one that its input and seed give', async () => {
    const { allocations, objective } = await solve(first.input, first.runId);
    const { plan } = await readRun(first.runId);
    expect(Number(plan.objective)).toBeCloseTo(objective, 4);
    const ofModel = allocations.map(({ lineId, gln, quantity, promisedDay }) => [lineId, gln, quantity, promisedDay].join(' '));
    const stored = plan.allocations.nodes.map((node: any) =>
      [node.demandLine.demandLineId, node.maker.gln, node.quantity, node.promisedDate].join(' '),
    );
    expect(stored.toSorted()).toEqual(ofModel.toSorted());
    expect(stored.length).toBeGreaterThanOrEqual(LINES);
    expect(new Set(allocations.map(({ gln }) => gln)).size).toBeGreaterThan(1);
  });

  it('those that members and the hub can change by mutations change nothing', async () => {
    const fees = { taxBps: 900, paymentFeeBps: 800, returnReserveBps: 2_000, returnWindowDays: 30, makerDepositBps: 0, hubFeeBps: 3_000 };
    await stage.done(stage.hub.hub, 'publishFees', { ...feesInput('journey.2'), ...fees }, 'fees { version }');
    const { mcn } = await stage.done(ann.agency, 'registerMcn', { name: 'Dear Agency', takeRateBps: 9_900 }, 'mcn { mcnId }');
    await stage.hub.settle();
    await stage.done(ann.player, 'updateCreator', { creatorId: ann.creatorId, mcnId: mcn.mcnId }, 'creator { creatorId }');
    await stage.hub.settle();
    await expectSameRun();
  }, 60_000);

  it('nor does any of the columns that hold a fee, a rate of commission or a price of a place', async () => {
    const touched: string[] = [];
    for (const name of subgraphNames) {
      const { db } = stage.hub.running[name];
      const columns = await db.$queryRawUnsafe<{ t: string; c: string; type: string }[]>(
        `SELECT table_name AS t, column_name AS c, data_type AS type FROM information_schema.columns WHERE table_schema = current_schema()
           AND column_name ~* '(fee|tax|reserveBps|takeRate|cpsRate|commission|slotFee|makerDeposit|returnWindow)' AND data_type IN ('integer', 'bigint')
           ORDER BY 1, 2`,
      );
      for (const { t, c } of columns) {
        await db.$executeRawUnsafe(`UPDATE "${t}" SET "${c}" = "${c}" * 3 + 17`);
        touched.push(`${name} ${t}.${c}`);
      }
    }
    // a fee that is added is seen here
    expect(touched).toEqual([
      'downstream Campaign.cpsRateBps',
      'downstream Campaign.slotFeeMinor',
      'downstream Mcn.takeRateBps',
      'routing CampaignCopy.cpsRateBps',
      'routing FeeSchedule.hubFeeBps',
      'routing FeeSchedule.makerDepositBps',
      'routing FeeSchedule.paymentFeeBps',
      'routing FeeSchedule.returnReserveBps',
      'routing FeeSchedule.returnWindowDays',
      'routing FeeSchedule.taxBps',
      'routing McnCopy.takeRateBps',
    ]);
    const { campaigns } = (
      await stage.see(
        ann.player,
        `{ creator(creatorId: "${ann.creatorId}") { campaigns { nodes { slotFee { amountMinor } cpsRateBps } } } }`,
      )
    ).creator;
    expect(campaigns.nodes).toEqual([{ slotFee: { amountMinor: 3_017 }, cpsRateBps: 4_517 }]);
    await expectSameRun();
  }, 60_000);

  it('while what is wanted does, so that the hash tells', async () => {
    const line = (await readRun(first.runId)).plan.allocations.nodes[0].demandLine.demandLineId;
    await stage.done(ann.player, 'reviseDemand', { demandLineId: line, dueDate: addDays(today, 14) }, 'demandLine { demandLineId }');
    await stage.hub.settle();
    const { inputHash } = await readRun((await route(stage.hub)).runId);
    expect(inputHash).not.toBe(first.inputHash);
  }, 60_000);

  it('no key of the input names one, nor a place that can be bought, nor a membership', () => {
    const keys = new Set<string>();
    const walk = (value: unknown): void => {
      if (Array.isArray(value)) value.forEach(walk);
      else if (typeof value === 'object' && value !== null)
        for (const [key, inner] of Object.entries(value)) {
          keys.add(key);
          walk(inner);
        }
    };
    walk(first.input);
    expect(keys.size).toBeGreaterThan(40);
    const named = /fee|tax|slot|commission|rateBps|cps|membership|tier|level|plan|rank|sponsor|paid|deposit|reserve|mcn|boost/i;
    expect([...keys].filter((key) => named.test(key))).toEqual([]);
  });
});

const inAnotherOrder = <T>(items: readonly T[], next: () => number): T[] =>
  items
    .map((item) => ({ item, at: next() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item);

/** The same value with all lists and keys in another order. */
function shuffleAll(value: unknown, next: () => number): unknown {
  if (Array.isArray(value))
    return inAnotherOrder(
      value.map((item) => shuffleAll(item, next)),
      next,
    );
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    inAnotherOrder(
      Object.entries(value).map(([key, inner]) => [key, shuffleAll(inner, next)] as const),
      next,
    ),
  );
}

describe('the order of the input', () => {
  it('changes neither hash nor plan', async () => {
    const expected = await solve(first.input, first.runId);
    for (const seed of [1, 2, 3, 4, 5]) {
      const { next } = createRandom(seed);
      // the same items, in another order
      const shuffled = shuffleAll(first.input, next) as RoutingInput;
      expect(JSON.stringify(shuffled)).not.toBe(JSON.stringify(first.input));
      expect(hashInput(shuffled)).toBe(first.inputHash);
      const { objective, allocations } = await solve(shuffled, first.runId);
      expect(objective).toBeCloseTo(expected.objective, 6);
      const texts = (list: RoutingPlan['allocations']) =>
        list.map(({ lineId, gln, quantity }) => `${lineId} ${gln} ${quantity}`).toSorted();
      expect(texts(allocations)).toEqual(texts(expected.allocations));
    }
  }, 60_000);

  it('another seed draws between equals, at the same cost', async () => {
    const expected = await solve(first.input, first.runId);
    const plans = [expected];
    for (const seed of ['a', 'b', 'c', 'd']) plans.push(await solve(first.input, seed));
    for (const { objective, placedPieces } of plans) {
      expect(objective).toBeCloseTo(expected.objective, 4);
      expect(placedPieces).toBe(expected.placedPieces);
    }
    expect(new Set(plans.map(({ allocations }) => JSON.stringify(allocations))).size).toBeGreaterThan(1);
  }, 60_000);
});
