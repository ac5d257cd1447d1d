/**
 * A second set of members that does the whole chain with texts and numbers that stand nowhere else. Whoever is not of the set looks for them
 * by everything that can be asked: lists, rows by the ids of the set, and all that hangs on rows that are public.
 */
import { route } from '../_kit/route.ts';
import type { Player } from '../_kit/hub.ts';
import { addDays } from '../../lib/clock/clock.ts';
import { today } from '../graph/world.ts';
import {
  bookingInput,
  carton,
  demandInput,
  enterCarrier,
  enterCreator,
  enterMaker,
  makeLot,
  openCampaign,
  proposeStyle,
  submit,
  type Carrier,
  type Stage,
  type Star,
  type Style,
  type Trade,
} from './_cast.ts';
import { spineQuery } from './_spine.ts';
import { broadQuestions, findTells, type Ids, type Tell } from './_questions.ts';

const LANE = ['CNNGB', 'CNSZX'] as const;
const PIECES = 19_739;
const HELD_PIECES = 17_393;
const COUNTERED_PIECES = 13_977;
const DAMAGED = 7_177;
const MINUTES = 7_654_321;
const VIEWS = 77_654_123;
const ORDERS = 54_321_787;
const amounts = { cap: 98_765_432, margin: 9_876_541, deposit: 87_654_327, quote: 821_987, counter: 87_319_877, paid: 76_543_217_891 };
const cny = (amountMinor: number) => ({ amountMinor, currency: 'CNY' });

type Planted = { readonly ids: Ids; readonly tells: Readonly<Record<string, readonly Tell[]>> };
export type Canaries = Planted & { readonly questions: readonly string[] };

/** Plays the second set; its lines go through a run of their own. */
export async function plantCanaries(stage: Stage): Promise<Canaries> {
  const star = await enterCreator(stage, 'Cara Nary');
  const maker = await enterMaker(stage, 'Heron Works', {
    sewing: 'LEATHER_STITCH',
    unlocode: LANE[0],
    minutePrice: '1.20',
    minutes: MINUTES,
  });
  const carrier = await enterCarrier(stage, 'Heron Road', ...LANE);
  const style = await proposeStyle(stage, star, 'Heron Bag', { maker, sewing: 'LEATHER_STITCH', carrier });
  const audience = await plantAudience(stage, star, style);
  const demand = await plantDemand(stage, star, maker, style, audience);
  const trade = await plantTrade(stage, star, maker, carrier, style, demand.lines);
  const planted: Planted = {
    ids: {
      ...audience.ids,
      ...demand.ids,
      ...trade.ids,
      creatorId: [star.creatorId],
      mcnId: [star.mcnId],
      styleId: [style.styleId],
      gtin: style.gtins.slice(0, 1),
      gln: [maker.gln, carrier.gln],
      siteGln: [carrier.siteGln],
      memberId: [star.player.memberId, maker.player.memberId],
    },
    tells: { ...audience.tells, ...demand.tells, ...trade.tells, capacity: [MINUTES, maker.bucketIds[0] ?? ''] },
  };
  const spine = spineQuery
    .replace(/query Spine[^{]*/, '')
    .replace('$id', `"${star.creatorId}"`)
    .replaceAll('$from', `"${today}"`)
    .replaceAll('$to', `"${addDays(today, 20)}"`);
  return { ...planted, questions: [...broadQuestions(planted.ids), spine] };
}

async function plantAudience({ done, hub }: Stage, star: Star, style: Style) {
  const { player, creatorId } = star;
  const sizes = { size: 900, creatorId, sizeCurve: [{ size: 'S', shareBps: 10_000 }] };
  const { segment } = await done(player, 'defineSegment', { name: 'CANARY-segment', ...sizes }, 'segment { segmentId }');
  const words = { name: 'Heron', positioning: 'CANARY-positioning', promise: 'fits', slogan: 'yes' };
  const { brand } = await done(player, 'registerBrand', words, 'brand { brandId }');
  const draft = { creatorId, title: 'CANARY-draft', startsAt: '2026-11-25T12:00:00Z', cpsRateBps: 1_500, styleIds: [style.styleId] };
  await done(player, 'createCampaign', { ...draft, endsAt: '2026-12-01T12:00:00Z' }, 'campaign { campaignId }');
  const account = { creatorId, platform: 'TIKTOK', handle: '@heron', domain: 'PUBLIC' };
  const { trafficSource: source } = await done(player, 'addTrafficSource', account, 'trafficSource { sourceId }');
  const reading = { sourceId: source.sourceId, day: addDays(today, -1), views: VIEWS, reactions: 5 };
  await done(player, 'recordTraffic', { readings: [reading] }, 'sources { sourceId }');
  const signal = { styleId: style.styleId, sourceId: source.sourceId, at: '2026-11-22T08:00:00Z', windowSeconds: 3_600, orders: ORDERS };
  const { signals } = await done(player, 'recordSignals', { signals: [signal] }, 'signals { signalId }');
  await hub.settle();
  return {
    ids: { segmentId: [segment.segmentId], brandId: [brand.brandId] },
    tells: {
      'the audience': [segment.segmentId, 'CANARY-segment', VIEWS, ORDERS, signals[0].signalId],
      'the brand': ['CANARY-positioning'],
      'a campaign in preparation': ['CANARY-draft'],
    },
  };
}

async function plantDemand(stage: Stage, star: Star, maker: Trade, style: Style, audience: { ids: Ids }) {
  const campaignId = await openCampaign(stage, star, style, 'Heron week');
  const money = { unitPriceCap: cny(amounts.cap), unitMargin: cny(amounts.margin), depositPaid: cny(amounts.deposit) };
  const wishes = [PIECES, HELD_PIECES].map((pieces) => ({ ...demandInput(style, campaignId, pieces, LANE[1]), ...money }));
  const lines = await submit(stage, star, wishes);
  const quote = {
    demandLineId: lines[0],
    gln: maker.gln,
    unitPrice: cny(amounts.quote),
    setupCost: cny(100),
    minQty: 1,
    earliestFinish: addDays(today, 6),
    validUntil: '2026-12-31T00:00:00Z',
  };
  const { quote: given } = await stage.done(maker.player, 'quoteDemand', quote, 'quote { quoteId }');
  const { status, problems } = await route(stage.hub, { commit: true });
  if (status !== 'OPTIMAL') throw new Error(`the run ended as ${status}: ${JSON.stringify(problems)}`);
  return {
    lines,
    ids: { ...audience.ids, campaignId: [campaignId], demandLineId: lines, quoteId: [given.quoteId] },
    tells: {
      demand: [...lines, PIECES, amounts.cap, amounts.margin, amounts.deposit],
      'a quote': [given.quoteId, amounts.quote],
    },
  };
}

async function plantTrade(stage: Stage, star: Star, maker: Trade, carrier: Carrier, style: Style, lines: readonly string[]) {
  const { done, hub, see, at } = stage;
  const parts = 'nodes { allocationId decision { decisionId } settlement { settlementId } }';
  const placed = await Promise.all(
    lines.map(async (id) => (await see(hub.hub, `{ demandLine(demandLineId: "${id}") { allocations { ${parts} } } }`)).demandLine),
  );
  const [whole, held] = placed.map(({ allocations }) => allocations.nodes[0]);
  // so dear that no later run takes it: an accepted job without a distributor would be shown to all of them
  const terms = { quantity: COUNTERED_PIECES, unitPrice: cny(amounts.counter), promisedDate: addDays(today, 12) };
  await done(maker.player, 'counterAllocation', { allocationId: held.allocationId, ...terms }, 'allocation { status }');
  const { allocationId } = whole;
  await done(maker.player, 'acceptAllocation', { allocationId }, 'allocation { status }');
  await hub.settle();
  const { lotId } = (await see(maker.player, `{ allocation(allocationId: "${allocationId}") { lot { lotId } } }`)).allocation.lot;
  await makeLot(stage, maker, lotId, PIECES);
  const shipment = await plantShipment(stage, carrier, style, allocationId, lotId);
  const { settlementId } = whole.settlement;
  const party = { memberId: star.player.memberId };
  const payment = { settlementId, kind: 'DEPOSIT', direction: 'IN', amount: cny(amounts.paid), party, due: today, at: at() };
  const { cashFlow } = await done(hub.hub, 'recordCashFlow', payment, 'cashFlow { cashFlowId }');
  await done(star.player, 'disputeSettlement', { settlementId, note: 'CANARY-dispute' }, 'settlement { status }');
  await hub.settle();
  const { creator } = await see(hub.hub, `{ creator(creatorId: "${star.creatorId}") { cash { positionId } } }`);
  const allocations: string[] = [allocationId, held.allocationId];
  const decisions: string[] = [whole.decision.decisionId, held.decision.decisionId];
  return {
    ids: {
      allocationId: allocations,
      decisionId: decisions,
      lotId: [lotId],
      settlementId: [settlementId],
      positionId: [String(creator.cash.positionId)],
      ...shipment.ids,
    },
    tells: {
      allocations,
      decisions,
      'a counter-offer': [amounts.counter, COUNTERED_PIECES],
      'a lot': [String(lotId)],
      money: [String(settlementId), String(cashFlow.cashFlowId), String(creator.cash.positionId), amounts.paid, 'CANARY-dispute'],
      ...shipment.tells,
    },
  };
}

async function plantShipment(stage: Stage, carrier: Carrier, style: Style, allocationId: string, lotId: string) {
  const { done, hub, at } = stage;
  const { player, siteGln } = carrier;
  const booking = bookingInput(carrier, allocationId, 'CANARY-carrier');
  const { gsin } = (await done(player, 'bookShipment', booking, 'shipment { gsin }')).shipment;
  await hub.settle();
  const gtin = style.gtins[0];
  const unit = carton(gtin, lotId, PIECES);
  const left = await done(player, 'despatchShipment', { gsin, units: [unit], at: at() }, 'document { documentId }');
  const delay = { gsin, code: 'DELAYED', source: 'CARRIER', at: at(), note: 'CANARY-note' };
  await done(player, 'reportMilestone', delay, 'shipment { status }');
  const lines = [{ gtin, lotId, good: PIECES - DAMAGED, damaged: DAMAGED }];
  const came = await done(player, 'receiveShipment', { gsin, siteGln, lines, at: at() }, 'document { documentId }');
  await hub.settle();
  const documentIds: string[] = [left.document.documentId, came.document.documentId];
  return {
    ids: { gsin: [String(gsin)], documentId: documentIds },
    tells: {
      'a shipment': [String(gsin), unit.sscc, 'CANARY-carrier', 'CANARY-note', DAMAGED],
      documents: documentIds,
    },
  };
}

/** Minutes of a maker are hidden from other makers and from visitors; those who order and carry see what is free. */
const KNOWN_TO_BUYERS = ['capacity'];

/** Nothing of the second set is seen by somebody who is not of it. */
export async function expectHidden(stage: Stage, canaries: Canaries, player: Player | null, seesCapacity = false): Promise<void> {
  const hidden = Object.entries(canaries.tells).filter(([of]) => !(seesCapacity && KNOWN_TO_BUYERS.includes(of)));
  const seen = await findTells(
    stage,
    player,
    canaries.questions,
    hidden.flatMap(([, tells]) => tells),
  );
  expect([...seen]).toEqual([]);
}

/** The hub sees all of it by the same questions: what is looked for can be found. */
export async function expectSeenByHub(stage: Stage, { tells, questions }: Canaries): Promise<void> {
  const all = Object.values(tells).flat();
  const seen = await findTells(stage, stage.hub.hub, questions, all);
  expect(all.filter((tell) => !seen.has(tell))).toEqual([]);
}
