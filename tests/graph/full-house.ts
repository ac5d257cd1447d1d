/**
 * One row of each kind that has something in all its fields: a creator under contract with everything around one campaign, which sells, is
 * planned where minutes are scarce, made, delivered and settled.
 */
import { route } from '../_kit/route.ts';
import { lineInput, newSscc, PIECES, prepareStyle, WORK, type Style } from './chain.ts';
import { today, yuan, type World } from './world.ts';

export type Ids = Readonly<Record<string, string>>;

/** Makes them, and gives their ids by the names of arguments. */
export async function fillHouse(world: World): Promise<Ids> {
  const range = await openRange(world);
  const traffic = await recordAudience(world, range);
  await sell(world, range);
  const { distributorGln, gln } = await world.chain.getGround();
  const goods = await trade(world, range);
  await leaveOpen(world);
  const { data } = await world.hub.ask(world.hub.hub, `{ campaign(campaignId: "${range.campaignId}") { cash { positionId } } }`);
  const parties = { gln, distributorGln, memberId: world.creator.memberId, positionId: data.campaign.cash.positionId };
  return { ...parties, ...range.ids, ...traffic, ...goods };
}

type Range = {
  readonly creatorId: string;
  readonly campaignId: string;
  readonly style: Style;
  readonly siteGln: string;
  readonly ids: Ids;
};

async function openRange(world: World): Promise<Range> {
  const { done, creator } = world;
  const { mcnId } = await world.newMcn();
  const { creatorId } = (
    await done(creator, 'registerCreator', { displayName: 'Ann', tier: 'KOL', country: 'CN', mcnId }, 'creator { creatorId }')
  ).creator;
  const curve = {
    name: 'tall',
    size: 900,
    creatorId,
    priceFrom: yuan(20),
    priceTo: yuan(200),
    sizeCurve: [{ size: 'M', shareBps: 10_000 }],
  };
  const { segmentId } = (await done(creator, 'defineSegment', curve, 'segment { segmentId }')).segment;
  const brand = { name: 'Day', positioning: 'calm', promise: 'fits', slogan: 'yes', segmentIds: [segmentId] };
  const { brandId } = (await done(creator, 'registerBrand', brand, 'brand { brandId }')).brand;
  const input = world.styleInput(creatorId, brandId);
  const { styleId } = (await done(creator, 'proposeStyles', { styles: [input] }, 'styles { styleId }')).styles[0];
  const style = { styleId, gtins: input.skus.map(({ gtin }) => gtin) };
  await world.hub.settle();
  await prepareStyle(world, style);
  const plan = { ...world.campaignInput(creatorId, [styleId]), brandId, segmentIds: [segmentId] };
  const { campaignId } = (await done(creator, 'createCampaign', plan, 'campaign { campaignId }')).campaign;
  await done(creator, 'openPresale', { campaignId }, 'campaign { status }');
  const { siteGln, distributorGln } = await world.chain.getGround();
  const yard = { siteGln: world.newGln('yard'), distributorGln, name: 'Yard', kind: 'WAREHOUSE', unlocode: 'CNSHA', freeCubicMetres: 40 };
  await done(world.distributor, 'registerSite', yard, 'site { siteGln }');
  const gtin = style.gtins[0] ?? '';
  await done(world.distributor, 'adjustInventory', { siteGln: yard.siteGln, gtin, delta: 500, reason: 'COUNT' }, 'position { onHand }');
  const ids = { creatorId, mcnId, segmentId, brandId, styleId, campaignId, gtin, siteGln: yard.siteGln, stockGtin: gtin };
  return { creatorId, campaignId, style, siteGln, ids };
}

async function recordAudience(world: World, { creatorId, campaignId, style }: Range): Promise<Ids> {
  const { done, creator } = world;
  const source = { creatorId, platform: 'TIKTOK', handle: '@ann', domain: 'PUBLIC' };
  const { sourceId } = (await done(creator, 'addTrafficSource', source, 'trafficSource { sourceId }')).trafficSource;
  const reading = { sourceId, day: today, views: 90_000, reactions: 1_200, clicks: 800, orders: 40, joinedPrivate: 25, followers: 12_345 };
  await done(creator, 'recordTraffic', { readings: [reading] }, 'sources { sourceId }');
  const window = { at: '2026-11-22T08:30:00Z', windowSeconds: 300, styleId: style.styleId, sourceId, campaignId };
  const signal = { ...window, views: 4_000, reactions: 300, addToCarts: 60, deposits: 20, orders: 12 };
  await done(creator, 'recordSignals', { signals: [signal] }, 'signals { signalId }');
  return { sourceId };
}

// Two weeks of sales that are not alike, one of them at a place with stock.
async function sell(world: World, { campaignId, style, ids }: Range): Promise<void> {
  const one = { kind: 'SALE', gtin: style.gtins[0], unitPrice: yuan(79), campaignId, segmentId: ids['segmentId'], platform: 'TIKTOK' };
  const sales = [
    { ...one, quantity: 3, soldAt: '2026-11-04T12:00:00Z', buyerPseudonym: 'b1' },
    { ...one, quantity: 9, soldAt: '2026-11-12T12:00:00Z', buyerPseudonym: 'b2' },
    { ...one, quantity: 4, soldAt: '2026-11-21T12:00:00Z', siteGln: ids['siteGln'] },
    { ...one, kind: 'RETURN', quantity: 1, soldAt: '2026-11-22T08:00:00Z' },
  ];
  await world.done(world.creator, 'recordSales', { sales }, 'recorded');
}

/** Takes one line of the campaign through all of it. */
async function trade(world: World, range: Range): Promise<Ids> {
  const { hub, done, chain } = world;
  const { gln } = await chain.getGround();
  const inspection = { gln, day: today, pieces: 100, firstPassPieces: 98, rejected: false, onTime: true };
  await done(hub.hub, 'recordInspections', { inspections: [inspection] }, 'makers { gln }');
  const line = {
    ...lineInput(world, range.style),
    campaignId: range.campaignId,
    siteGln: range.ids['siteGln'],
    cut: { curve: { quantity: PIECES, segmentId: range.ids['segmentId'], colour: 'white' } },
    qualityFloorBps: 5_000,
    orderedAt: '2026-11-11T10:00:00Z',
  };
  const forecast = { ...lineInput(world, range.style), kind: 'FORECAST' };
  const { demandLines } = await done(world.creator, 'submitDemands', { demands: [line, forecast] }, 'demandLines { demandLineId }');
  const { demandLineId } = demandLines[0];
  await hub.settle();
  const quote = {
    demandLineId,
    gln,
    unitPrice: yuan(2),
    setupCost: yuan(9),
    minQty: 50,
    earliestFinish: '2026-12-01',
    validUntil: '2026-12-10T00:00:00Z',
  };
  const { quoteId } = (await done(world.maker, 'quoteDemand', quote, 'quote { quoteId }')).quote;
  await hub.settle();
  const { runId } = await route(hub, { commit: true });
  const { data } = await hub.ask(
    hub.hub,
    `{ demandLine(demandLineId: "${demandLineId}") { decision { decisionId } allocations { nodes { allocationId settlement { settlementId } } } } }`,
  );
  const [{ allocationId, settlement }] = data.demandLine.allocations.nodes;
  const ids = {
    demandLineId,
    quoteId,
    runId,
    allocationId,
    decisionId: data.demandLine.decision.decisionId,
    settlementId: settlement.settlementId,
  };
  await done(hub.hub, 'recordCashFlow', chain.payment({ ...ids, lotId: '', gsin: '' }), 'cashFlow { cashFlowId }');
  await done(world.maker, 'acceptAllocation', { allocationId }, 'allocation { status }');
  return { ...ids, ...(await deliver(world, range, ids)) };
}

// Made and delivered, in a carton on a pallet, with a milestone on the way; a payment in another currency for what was received.
async function deliver(
  world: World,
  range: Range,
  { allocationId, settlementId }: { allocationId: string; settlementId: string },
): Promise<Ids> {
  const { hub, done, chain, distributor } = world;
  await hub.settle();
  const { data } = await hub.ask(world.maker, `{ allocation(allocationId: "${allocationId}") { lot { lotId } } }`);
  const made = { allocationId, settlementId, demandLineId: '', gsin: '', lotId: data.allocation.lot.lotId };
  await chain.lotMove('releaseLot', made);
  for (const stage of WORK) await chain.reportWork(made, stage);
  await chain.lotMove('completeLot', made, { goodQty: PIECES });
  await hub.settle();
  await done(hub.hub, 'recordFxRates', { rates: [{ date: today, from: 'USD', to: 'CNY', rate: '7.1234' }] }, 'rates { rate }');
  const booking = { ...(await chain.bookInput(made)), distributorGln: await enterForeignRoad(world) };
  const { gsin } = (await done(distributor, 'bookShipment', booking, 'shipment { gsin }')).shipment;
  const piece = { ...made, gsin };
  const [pallet, carton] = [newSscc(), newSscc()];
  const gtin = range.style.gtins[1] ?? '';
  const contents = [{ gtin, lotId: piece.lotId, quantity: PIECES }];
  const units = [
    { sscc: pallet, contents: [] },
    { sscc: carton, parentSscc: pallet, contents },
  ];
  const { document } = await done(distributor, 'despatchShipment', { gsin, units, at: chain.at() }, 'document { documentId }');
  const way = {
    gsin,
    code: 'DEPARTED',
    at: chain.at(),
    source: 'CARRIER',
    note: 'by night',
    eta: '2026-11-25T09:00:00Z',
    etaConfidenceBps: 8_000,
  };
  await done(distributor, 'reportMilestone', way, 'shipment { status }');
  const receipt = { gsin, siteGln: range.siteGln, lines: [{ gtin, lotId: piece.lotId, good: PIECES - 2, damaged: 2 }], at: chain.at() };
  const { documentId } = (await done(distributor, 'receiveShipment', receipt, 'document { documentId }')).document;
  await hub.settle();
  const usd = { kind: 'BALANCE', amount: { amountMinor: 1_000, currency: 'USD' }, documentId: document.documentId };
  await done(hub.hub, 'recordCashFlow', chain.payment(piece, usd), 'cashFlow { conversion { rate } }');
  await chain.settle(piece, 'releaseSettlement');
  return { lotId: piece.lotId, gsin, documentId };
}

// A distributor that is paid in another currency.
async function enterForeignRoad(world: World): Promise<string> {
  const { gln } = await world.newDistributor();
  const lane = { originUnlocode: 'CNHGH', destinationUnlocode: 'CNSHA', transitDays: 2, validFrom: today, validTo: '2027-01-31' };
  const tariffs = [{ service: 'FREIGHT', unit: 'H87', price: { amountMinor: 12, currency: 'USD' }, ...lane }];
  await world.done(world.distributor, 'publishTariffs', { gln, tariffs }, 'distributor { gln }');
  return gln;
}

// Allocations that were answered otherwise, a lot on hold, a settlement in dispute.
async function leaveOpen(world: World): Promise<void> {
  const { done, chain, maker } = world;
  const counter = { quantity: 100, unitPrice: yuan(4), promisedDate: '2026-12-08' };
  await done(maker, 'counterAllocation', { allocationId: (await chain.take('offered')).allocationId, ...counter }, 'allocation { status }');
  const declined = { allocationId: (await chain.take('offered')).allocationId, reason: 'NO_CAPACITY' };
  await done(maker, 'declineAllocation', declined, 'allocation { status }');
  await chain.lotMove('holdLot', await chain.take('begun'), { reason: 'CUSTOMER_REQUEST' });
  await chain.settle(await chain.take('accepted'), 'disputeSettlement', { note: 'short sleeves' }, world.creator);
}

/** A plan in which minutes are short: lines that only two small facilities may make. Gives their ids; the run is for the caller to start. */
export async function makeScarce(world: World): Promise<string[]> {
  const { done } = world;
  const { style } = await world.chain.getGround();
  const evidence = `rare ${world.next()}`;
  for (const actualMinutes of [101, 151]) {
    const { gln } = await world.newMaker();
    const capabilities = [...world.capabilities, { tag: 'QC_AQL', stage: 'QC', evidence }];
    await done(world.maker, 'updateMaker', { gln, capabilities }, 'maker { gln }');
    const days = ['2026-12-01', '2026-12-02'];
    const buckets = WORK.flatMap((stage) => days.map((day) => ({ gln, stage, day, actualMinutes, maximumMinutes: actualMinutes })));
    await done(world.maker, 'publishCapacity', { buckets }, 'buckets { bucketId }');
  }
  const demands = [30, 40, 50, 60].map((margin) => ({
    ...lineInput(world, style),
    unitMargin: yuan(margin),
    requiredCertificates: [evidence],
  }));
  const { demandLines } = await done(world.creator, 'submitDemands', { demands }, 'demandLines { demandLineId }');
  await world.hub.settle();
  return demandLines.map(({ demandLineId }: { demandLineId: string }) => demandLineId);
}
