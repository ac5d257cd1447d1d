/**
 * Random steps of all members, many at once and some repeated, on one hub: what plan, minutes, goods and money say of each other
 * holds all the time. CONSISTENCY_SEED and CONSISTENCY_STEPS play another game.
 */
import { addDays } from '../../lib/clock/clock.ts';
import type { FixedClock } from '../../lib/clock/clock.ts';
import { findMisfit, readEventContract } from '../../lib/feed/index.ts';
import { runChange } from '../../subgraph-kit/change.ts';
import { topicsThatArise } from '../../subgraph-kit/consumer.ts';
import type { Database, HubSettings } from '../../subgraph-kit/context.ts';
import type { Job } from '../../subgraph-kit/job.ts';
import { execute, query, sql } from '../../subgraph-kit/sql.ts';
import type { Tx } from '../../subgraphs/routing/data/client.ts';
import { freezesNearWork, lapsesOffers } from '../../subgraphs/routing/near-work.ts';
import { postsLateFacts } from '../../subgraphs/routing/writes/late-facts.ts';
import { repost } from '../../subgraphs/routing/writes/settlements.ts';
import { startTestHub, subgraphNames, type Player, type TestHub } from '../_kit/hub.ts';
import { feesInput, newSscc, policyInput, prepareStyle, WORK, type Style } from '../graph/chain.ts';
import { createWorld, today, yuan, type World } from '../graph/world.ts';
import { findBroken } from './_invariants.ts';
import { readTopic } from './_spine.ts';

const SEED = Number(process.env['CONSISTENCY_SEED'] ?? 1);
const STEPS = Number(process.env['CONSISTENCY_STEPS'] ?? 160);
const CHECK_EVERY = 40;
const HOUR_MS = 3_600_000;

/** mulberry32: the same numbers for the same seed. */
function createRandom(seed: number) {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  const upTo = (most: number): number => Math.floor(next() * (most + 1));
  const one = <T>(list: readonly T[]): T | undefined => list[upTo(list.length - 1)];
  return { upTo, one, isLucky: (share: number): boolean => next() < share };
}

let hub: TestHub;
let world: World;
let clock: FixedClock;
const random = createRandom(SEED);
const styles: (Style & { readonly campaignId: string | null })[] = [];
const glns: string[] = [];
const roads: string[] = [];
let siteGln = '';
let keys = 0;
const seen = new Map<string, { done: number; refused: number }>();

const at = (): string => clock.now().toISOString();
const settings: HubSettings = { timeZone: 'Asia/Shanghai', currency: 'CNY', pseudonymKey: 'test' };

/** Does a mutation; what is refused is part of the game, an error is not. One in ten is sent again and answers the same. */
async function act(player: Player, name: string, input: Record<string, unknown>, fields: string): Promise<void> {
  const whole = { ...input, idempotencyKey: `game-${(keys += 1)}` };
  const again = random.isLucky(0.1);
  const answer = await hub.change(player, name, whole, fields);
  const count = seen.get(name) ?? { done: 0, refused: 0 };
  seen.set(name, {
    done: count.done + (answer.problems.length === 0 ? 1 : 0),
    refused: count.refused + (answer.problems.length === 0 ? 0 : 1),
  });
  if (again) {
    const second = await hub.change(player, name, whole, fields);
    // A refusal is made anew, and events may have come since: its words may name another state
    expect(codesOf(second.problems)).toEqual(codesOf(answer.problems));
  }
}

const codesOf = (problems: readonly { readonly code: string }[]): readonly string[] => problems.map(({ code }) => code);

const runJob = (job: Pick<Job<Tx>, 'run'>): Promise<boolean> =>
  runChange(
    {
      db: hub.running.routing.db as Database<Tx>,
      clock,
      cause: { actorId: null, causeId: null, requestId: null },
      topics: topicsThatArise('routing'),
    },
    (change) => job.run({ ...change, settings }),
  );

type Allocation = { allocationId: string; memberId: string; quantity: number; promisedDate: Date };
const allocationsIn = (...states: string[]): Promise<Allocation[]> =>
  query(hub.running.routing.db, sql`SELECT * FROM "Allocation" WHERE "status" = ANY(${states}::text[]) ORDER BY "allocationId"`);
type Lot = { lotId: string; memberId: string; allocationId: string; styleId: string; goodQty: number; plannedQty: number };
const lotsIn = (...states: string[]): Promise<Lot[]> =>
  query(hub.running.upstream.db, sql`SELECT * FROM "ProductionLot" WHERE "status" = ANY(${states}::text[]) ORDER BY "lotId"`);
type Shipment = { gsin: string; allocationId: string };
const shipmentsIn = (...states: string[]): Promise<Shipment[]> =>
  query(hub.running.midstream.db, sql`SELECT * FROM "Shipment" WHERE "status" = ANY(${states}::text[]) ORDER BY "gsin"`);
const settlements = (): Promise<{ settlementId: string; memberId: string }[]> =>
  query(hub.running.routing.db, sql`SELECT * FROM "Settlement" ORDER BY "settlementId"`);
const demandLines = (): Promise<{ demandLineId: string; styleId: string; quantity: number }[]> =>
  query(
    hub.running.downstream.db,
    sql`SELECT * FROM "DemandLine" WHERE "status" NOT IN ('FULFILLED', 'CANCELLED') ORDER BY "demandLineId"`,
  );

const ownerOf = ({ memberId }: { memberId: string }): Player => (memberId === world.maker.memberId ? world.maker : world.otherMaker);
const some =
  <T>(read: () => Promise<T[]>, work: (one: T) => Promise<void>) =>
  async (): Promise<void> => {
    const one = random.one(await read());
    if (one !== undefined) await work(one);
  };

async function submit(): Promise<void> {
  const style = random.one(styles);
  if (style === undefined) return;
  const demands = Array.from({ length: 1 + random.upTo(2) }, () => ({
    ...world.demandInput({ styleId: style.styleId, gtins: [...style.gtins] }, random.isLucky(0.7) ? style.campaignId : null),
    cut: { sizes: [{ gtin: style.gtins[0], quantity: 20 + random.upTo(140) }] },
    dueDate: addDays(today, 18),
    latestDate: addDays(today, 24),
  }));
  await act(world.creator, 'submitDemands', { demands }, 'demandLines { demandLineId }');
}

const commit = some(
  () =>
    query<{ runId: string }>(
      hub.running.routing.db,
      sql`SELECT "runId" FROM "Run" WHERE "status" <> 'FAILED' ORDER BY "startedAt" DESC LIMIT 2`,
    ),
  ({ runId }) => act(hub.hub, 'commitRun', { runId }, 'run { runId }'),
);

async function plan(): Promise<void> {
  await act(hub.hub, 'reroute', {}, 'run { runId }');
  if (random.isLucky(0.8)) await hub.settle();
  await commit();
}

async function report({ lotId, memberId }: Lot): Promise<void> {
  type Stage = { stage: string; qtyIn: number; qtyOut: number; scrap: number; there: number };
  const stages = await query<Stage>(
    hub.running.upstream.db,
    sql`SELECT s.*, coalesce(lag(s."qtyOut") OVER (ORDER BY s."position"), l."plannedQty") AS there FROM "LotStage" s JOIN "ProductionLot" l USING ("lotId")
        WHERE s."lotId" = ${lotId} ORDER BY s."position"`,
  );
  const open = stages.find(({ qtyOut, scrap, there }) => there > qtyOut + scrap);
  if (open === undefined) return;
  const rest = open.there - open.qtyOut - open.scrap;
  const scrap = random.isLucky(0.3) ? random.upTo(Math.min(5, rest)) : 0;
  const qtyOut = random.isLucky(0.8) ? rest - scrap : random.upTo(rest - scrap);
  const qtyIn = open.there - open.qtyIn;
  if (qtyIn + qtyOut + scrap > 0)
    await act(ownerOf({ memberId }), 'reportStage', { lotId, stage: open.stage, qtyIn, qtyOut, scrap, at: at() }, 'lot { status }');
}

async function despatch({ gsin, allocationId }: Shipment): Promise<void> {
  const lot = (await lotsIn('IN_PROGRESS', 'ON_HOLD', 'COMPLETED', 'CLOSED')).find((one) => one.allocationId === allocationId);
  const style = styles.find(({ styleId }) => styleId === lot?.styleId);
  if (lot === undefined || style === undefined || lot.goodQty === 0) return;
  const quantity = random.isLucky(0.7) ? lot.goodQty : 1 + random.upTo(lot.goodQty);
  const units = [{ sscc: newSscc(), contents: [{ gtin: style.gtins[0], lotId: lot.lotId, quantity }] }];
  await act(world.distributor, 'despatchShipment', { gsin, units, at: at() }, 'shipment { status }');
}

async function receive({ gsin }: Shipment): Promise<void> {
  const units = await query<{ gtin: string; lotId: string; quantity: number }>(
    hub.running.midstream.db,
    sql`SELECT "gtin", "lotId", sum("quantity")::int AS quantity FROM "UnitContent" WHERE "gsin" = ${gsin} GROUP BY 1, 2`,
  );
  const lines = units.map(({ gtin, lotId, quantity }) => {
    const damaged = random.isLucky(0.3) ? random.upTo(3) : 0;
    return { gtin, lotId, good: Math.max(0, quantity - damaged), damaged: Math.min(damaged, quantity) };
  });
  await act(world.distributor, 'receiveShipment', { gsin, siteGln, lines, at: at() }, 'shipment { status }');
}

const money = (kind: string, direction: string) =>
  some(settlements, async ({ settlementId }) => {
    const isForeign = random.isLucky(0.2);
    const amount = { amountMinor: 1 + random.upTo(direction === 'IN' ? 1_500_000 : 60_000), currency: isForeign ? 'USD' : 'CNY' };
    const done = random.isLucky(0.9) ? { at: at() } : {};
    const party = { memberId: world.creator.memberId };
    await act(
      hub.hub,
      'recordCashFlow',
      { settlementId, kind, direction, amount, party, due: addDays(today, random.upTo(9)), ...done },
      'cashFlow { cashFlowId }',
    );
  });

async function publishCapacity(): Promise<void> {
  const gln = random.one(glns);
  if (gln === undefined) return;
  const [owned] = await query<{ memberId: string }>(hub.running.upstream.db, sql`SELECT "memberId" FROM "Maker" WHERE "gln" = ${gln}`);
  const minutes = random.upTo(500);
  const day = addDays(today, 4 + random.upTo(8));
  const buckets = WORK.map((stage) => ({ gln, stage, day, actualMinutes: minutes, maximumMinutes: minutes, efficiencyBps: 10_000 }));
  if (owned !== undefined) await act(ownerOf(owned), 'publishCapacity', { buckets }, 'buckets { bucketId }');
}

// A subgraph reads the feed of a topic again from its beginning.
async function readAgain(): Promise<void> {
  const { db } = hub.running[random.one(subgraphNames) ?? 'routing'];
  const topic = random.one(await query<{ topic: string }>(db, sql`SELECT "topic" FROM "FeedPosition" ORDER BY "topic"`));
  if (topic !== undefined) await execute(db, sql`UPDATE "FeedPosition" SET "seq" = 0 WHERE "topic" = ${topic.topic}`);
}

const date = (day: Date): string => day.toISOString().slice(0, 10);
const lotMove = (name: string, states: string[], more: (lot: Lot) => object = () => ({})) =>
  some(
    () => lotsIn(...states),
    (lot) => act(ownerOf(lot), name, { lotId: lot.lotId, ...more(lot) }, 'lot { status }'),
  );
const answer = (name: string, states: string[], more: (one: Allocation) => object = () => ({})) =>
  some(
    () => allocationsIn(...states),
    (one) => act(ownerOf(one), name, { allocationId: one.allocationId, ...more(one) }, 'allocation { status }'),
  );
const settlementMove = (name: string, by: () => Player, more: object = {}) =>
  some(settlements, ({ settlementId }) => act(by(), name, { settlementId, ...more }, 'settlement { status }'));

/** What may happen next, and how often. */
const moves: readonly (readonly [number, () => Promise<void>])[] = [
  [10, submit],
  [8, plan],
  [2, commit],
  [24, answer('acceptAllocation', ['OFFERED'])],
  [3, answer('declineAllocation', ['OFFERED'], () => ({ reason: 'NO_CAPACITY' }))],
  [
    5,
    answer('counterAllocation', ['OFFERED'], ({ quantity, promisedDate }) => ({
      quantity: random.isLucky(0.5) ? quantity : 1 + random.upTo(quantity - 1),
      unitPrice: yuan(2 + random.upTo(8)),
      promisedDate: date(promisedDate),
    })),
  ],
  [2, answer('freezeAllocation', ['ACCEPTED'])],
  [
    3,
    some(demandLines, ({ demandLineId }) =>
      act(world.creator, 'cancelDemand', { demandLineId, reason: 'MISTAKE' }, 'demandLine { status }'),
    ),
  ],
  [
    3,
    some(demandLines, ({ demandLineId, styleId, quantity }) => {
      const sizes = [{ gtin: styles.find((style) => style.styleId === styleId)?.gtins[0], quantity: 1 + random.upTo(quantity * 2) }];
      return act(world.creator, 'reviseDemand', { demandLineId, cut: { sizes } }, 'demandLine { status }');
    }),
  ],
  [4, publishCapacity],
  [8, lotMove('releaseLot', ['PLANNED'])],
  [28, some(() => lotsIn('RELEASED', 'IN_PROGRESS'), report)],
  [2, lotMove('holdLot', ['IN_PROGRESS'], () => ({ reason: 'OTHER' }))],
  [3, lotMove('resumeLot', ['ON_HOLD'])],
  [14, lotMove('completeLot', ['IN_PROGRESS'], ({ goodQty }) => ({ goodQty }))],
  [3, lotMove('closeLot', ['COMPLETED'])],
  [1, lotMove('scrapLot', ['PLANNED', 'RELEASED', 'IN_PROGRESS'], () => ({ note: 'torn' }))],
  [
    10,
    some(
      () => allocationsIn('ACCEPTED', 'FROZEN'),
      ({ allocationId }) => {
        const booking = {
          allocationId,
          distributorGln: random.one(roads),
          carrier: 'River',
          plannedArrival: `${addDays(today, 30)}T10:00:00Z`,
        };
        return act(world.distributor, 'bookShipment', booking, 'shipment { gsin }');
      },
    ),
  ],
  [14, some(() => shipmentsIn('BOOKED'), despatch)],
  [14, some(() => shipmentsIn('PICKED_UP', 'IN_TRANSIT'), receive)],
  [
    1,
    some(
      () => shipmentsIn('BOOKED'),
      ({ gsin }) => act(world.distributor, 'cancelShipment', { gsin, note: 'rain' }, 'shipment { status }'),
    ),
  ],
  [12, money('DEPOSIT', 'IN')],
  [2, money('BALANCE', 'IN')],
  [3, money('REFUND', 'OUT')],
  [14, settlementMove('releaseSettlement', () => hub.hub)],
  [1, settlementMove('disputeSettlement', () => world.creator, { note: 'late' })],
  [2, settlementMove('resolveDispute', () => hub.hub, { note: 'settled' })],
  [3, settlementMove('closeSettlement', () => hub.hub)],
  [
    1,
    () =>
      act(
        hub.hub,
        'publishFees',
        { ...feesInput(`game.${keys}`), taxBps: random.upTo(2_000), makerDepositBps: random.upTo(10_000) },
        'fees { version }',
      ),
  ],
  [
    1,
    () =>
      act(
        hub.hub,
        'recordFxRates',
        { rates: [{ date: at().slice(0, 10), from: 'USD', to: 'CNY', rate: `7.${100 + random.upTo(800)}` }] },
        'rates { rate }',
      ),
  ],
  [2, readAgain],
  [2, async () => void (await runJob(lapsesOffers))],
  [2, async () => void (await runJob(freezesNearWork))],
  [2, async () => void (await runJob(postsLateFacts))],
];
const wheel = moves.flatMap(([weight, move]) => Array.from({ length: weight }, () => move));

beforeAll(async () => {
  hub = await startTestHub();
  clock = hub.clock as FixedClock;
  world = await createWorld(hub, hub.change);
  const { done, maker, otherMaker, distributor, creator } = world;
  await done(hub.hub, 'publishPolicy', { ...policyInput('game.1'), frozenDays: 2 }, 'policy { version }');
  await done(hub.hub, 'publishFees', feesInput('game.1'), 'fees { version }');
  for (const player of [maker, maker, otherMaker]) {
    const { gln } = (await done(player, 'registerMaker', world.makerInput(), 'maker { gln }')).maker;
    const days = Array.from({ length: 14 }, (_, i) => addDays(today, i + 3));
    const buckets = WORK.flatMap((stage) => days.map((day) => ({ gln, stage, day, actualMinutes: 200, maximumMinutes: 600 })));
    await done(player, 'publishCapacity', { buckets }, 'buckets { bucketId }');
    glns.push(gln);
  }
  for (const price of [yuan(4), { amountMinor: 90, currency: 'USD' }]) {
    const { gln } = await world.newDistributor();
    const lane = { originUnlocode: 'CNHGH', destinationUnlocode: 'CNSHA', transitDays: 2, validFrom: '2026-11-01' };
    await done(
      distributor,
      'publishTariffs',
      { gln, tariffs: [{ service: 'FREIGHT', unit: 'KGM', price, ...lane }] },
      'distributor { gln }',
    );
    roads.push(gln);
  }
  siteGln = (await world.newSite()).siteGln;
  const { mcnId } = await world.newMcn();
  const star = { displayName: 'Ann', tier: 'KOC', country: 'CN', mcnId };
  const { creatorId } = (await done(creator, 'registerCreator', star, 'creator { creatorId }')).creator;
  for (const hasCampaign of [true, true, false]) {
    const input = world.styleInput(creatorId);
    const { styleId } = (await done(creator, 'proposeStyles', { styles: [input] }, 'styles { styleId }')).styles[0];
    const style = { styleId, gtins: input.skus.map(({ gtin }) => gtin) };
    await hub.settle();
    await prepareStyle(world, style);
    const plan = world.campaignInput(creatorId, [styleId]);
    const campaignId = hasCampaign ? (await done(creator, 'createCampaign', plan, 'campaign { campaignId }')).campaign.campaignId : null;
    if (hasCampaign) await done(creator, 'openPresale', { campaignId }, 'campaign { status }');
    styles.push({ ...style, campaignId });
  }
  await hub.settle();
}, 120_000);
afterAll(() => hub.stop());

/** One to four moves at once; then mostly everybody hears of it, sometimes the game goes on before. */
async function step(): Promise<void> {
  clock.advance(1_000 + random.upTo(random.isLucky(0.03) ? 30 * HOUR_MS : HOUR_MS / 2));
  const count = random.isLucky(0.4) ? 2 + random.upTo(2) : 1;
  const chosen = Array.from({ length: count }, () => random.one(wheel));
  await Promise.all(chosen.map(async (move) => move?.()));
  if (random.isLucky(0.7)) await hub.settle();
}

describe('an industry in which everybody does something', () => {
  it('stays consistent in plan, minutes, goods and money', async () => {
    for (let n = 1; n <= STEPS; n += 1) {
      await step();
      if (n % CHECK_EVERY !== 0 && n !== STEPS) continue;
      await hub.settle();
      expect({ step: n, broken: await findBroken(hub) }).toEqual({ step: n, broken: {} });
    }
    if (process.env['CONSISTENCY_SEED'] !== undefined) console.info(Object.fromEntries(seen));
  }, 300_000);

  it('tells of itself by events that fit schema/events.json, as those that are posted must', async () => {
    const contract = readEventContract();
    let count = 0;
    for (const topic of Object.keys(contract.topics)) {
      for (const { id, payload } of await readTopic(hub, topic)) {
        expect({ id, topic, misfit: findMisfit(contract, topic, payload) }).toEqual({ id, topic, misfit: null });
        count += 1;
      }
    }
    expect(count).toBeGreaterThan(100);
  }, 60_000);

  it('has posted everything: computing all settlements anew changes none', async () => {
    await runJob(postsLateFacts);
    await hub.settle();
    const state = () => query(hub.running.routing.db, sql`SELECT "settlementId", "status", "changedAt" FROM "Settlement" ORDER BY 1`);
    const before = await state();
    const ids = (await settlements()).map(({ settlementId }) => settlementId);
    await runJob({
      run: async (change) => {
        await repost(change, ids);
        return false;
      },
    });
    expect(await state()).toEqual(before);
    expect(await findBroken(hub)).toEqual({});
  }, 60_000);
});
