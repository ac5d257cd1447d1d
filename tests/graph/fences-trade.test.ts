/**
 * Nobody sees another member's trade: the plan for an order, its lot, its goods on their way, its money, and the traffic behind it. One order
 * has gone all the way, one is only proposed; whoever may not see them looks for them by every way there is.
 */
import { addDays } from '../../lib/clock/clock.ts';
import { createPrincipal, signPrincipal } from '../../lib/identity/index.ts';
import { startTestHub, type Player, type SubgraphName, type TestHub } from '../_kit/hub.ts';
import { route } from '../_kit/route.ts';
import { describeSecrets, type Secret } from './canaries.ts';
import { lineInput, newSscc, PIECES, WORK, type Piece, type Style } from './chain.ts';
import { createWorld, today, yuan, type World } from './world.ts';

let hub: TestHub;
let world: World;

/** Numbers and names that stand nowhere else. */
const GROSS = 98_765_431;
const VIEWS = 7_654_987;
const FOLLOWERS = 8_765_098;
const SIGNAL = 9_876_109;
const WINNER = 'CANARY-winner';
const RIVAL = 'CANARY-rival';
const CARRIER = 'CANARY-carrier';

const ids = {
  creatorId: '',
  mcnId: '',
  campaignId: '',
  rivalGln: '',
  proposedId: '',
  proposedLine: '',
  proposedRun: '',
  sourceId: '',
  signalId: '',
};
const trade = {
  runId: '',
  decisionId: '',
  settlementId: '',
  documentId: '',
  sscc: '',
  cashFlowId: '',
  positionId: '',
  priceId: '',
  bucketId: '',
};
let style: Style;
let piece: Piece;
let ground: Awaited<ReturnType<World['chain']['getGround']>>;
let OWNER_PART = 0;

beforeAll(async () => {
  hub = await startTestHub();
  world = await createWorld(hub, hub.change);
  ground = await world.chain.getGround();
  style = ground.style;
  await world.done(world.maker, 'updateMaker', { gln: ground.gln, name: WINNER }, 'maker { gln }');
  await enterRival();
  await openCampaign();
  await playTrade();
  await propose();
}, 120_000);
afterAll(() => hub.stop());

const look = async (question: string): Promise<any> => {
  const { data, errors } = await hub.ask(hub.hub, question);
  if (errors !== undefined) throw new Error(JSON.stringify(errors));
  return data;
};

// Dearer, so that it is a candidate and loses.
async function enterRival(): Promise<void> {
  const input = { ...world.makerInput(), name: RIVAL, terms: [{ ...world.term, minutePrice: '2.50' }] };
  ids.rivalGln = (await world.done(world.otherMaker, 'registerMaker', input, 'maker { gln }')).maker.gln;
  const days = Array.from({ length: 10 }, (_, i) => addDays(today, i + 1));
  const minutes = { actualMinutes: 4_000, maximumMinutes: 4_000 };
  const buckets = WORK.flatMap((stage) => days.map((day) => ({ gln: ids.rivalGln, stage, day, ...minutes })));
  await world.done(world.otherMaker, 'publishCapacity', { buckets }, 'buckets { bucketId }');
}

async function openCampaign(): Promise<void> {
  const { done, creator } = world;
  ids.mcnId = (await world.newMcn()).mcnId;
  const person = { displayName: 'Ann', tier: 'KOL', mcnId: ids.mcnId };
  ids.creatorId = (await done(creator, 'registerCreator', person, 'creator { creatorId }')).creator.creatorId;
  const plan = world.campaignInput(ids.creatorId, [style.styleId]);
  ids.campaignId = (await done(creator, 'createCampaign', plan, 'campaign { campaignId }')).campaign.campaignId;
  await done(creator, 'openPresale', { campaignId: ids.campaignId }, 'campaign { status }');
  const source = { creatorId: ids.creatorId, platform: 'TIKTOK', handle: '@ann', domain: 'PUBLIC' };
  ids.sourceId = (await done(creator, 'addTrafficSource', source, 'trafficSource { sourceId }')).trafficSource.sourceId;
  const reading = { sourceId: ids.sourceId, day: today, views: VIEWS, reactions: 1, clicks: 800, orders: 40, followers: FOLLOWERS };
  await done(creator, 'recordTraffic', { readings: [reading] }, 'sources { sourceId }');
  const window = { at: '2026-11-22T08:30:00Z', windowSeconds: 300, styleId: style.styleId, sourceId: ids.sourceId };
  const { signals } = await done(creator, 'recordSignals', { signals: [{ ...window, views: SIGNAL }] }, 'signals { signalId }');
  ids.signalId = signals[0].signalId;
  await hub.settle();
}

async function submit(more: Record<string, unknown> = {}): Promise<string> {
  const demands = [{ ...lineInput(world, style), campaignId: ids.campaignId, ...more }];
  const { demandLines } = await world.done(world.creator, 'submitDemands', { demands }, 'demandLines { demandLineId }');
  await hub.settle();
  return demandLines[0].demandLineId;
}

async function playTrade(): Promise<void> {
  const { done, chain } = world;
  const demandLineId = await submit();
  trade.runId = (await route(hub, { commit: true })).runId;
  const { demandLine } = await look(`{ demandLine(demandLineId: "${demandLineId}") { decision { decisionId } allocations { nodes {
    allocationId slots { bucket { bucketId } } settlement { settlementId } } } } }`);
  const [{ allocationId, slots, settlement }] = demandLine.allocations.nodes;
  trade.decisionId = demandLine.decision.decisionId;
  trade.bucketId = slots[0].bucket.bucketId;
  trade.settlementId = settlement.settlementId;
  await done(world.maker, 'acceptAllocation', { allocationId }, 'allocation { status }');
  await hub.settle();
  const { lotId } = (await look(`{ allocation(allocationId: "${allocationId}") { lot { lotId } } }`)).allocation.lot;
  piece = { allocationId, demandLineId, settlementId: trade.settlementId, lotId, gsin: '' };
  await chain.lotMove('releaseLot', piece);
  for (const stage of WORK) await chain.reportWork(piece, stage);
  await chain.lotMove('completeLot', piece, { goodQty: PIECES });
  await hub.settle();
  await deliver();
}

async function deliver(): Promise<void> {
  const { done, chain, distributor } = world;
  const booking = { ...(await chain.bookInput(piece)), carrier: CARRIER };
  piece = { ...piece, gsin: (await done(distributor, 'bookShipment', booking, 'shipment { gsin }')).shipment.gsin };
  trade.sscc = newSscc();
  const units = [{ sscc: trade.sscc, contents: [{ gtin: ground.gtin, lotId: piece.lotId, quantity: PIECES }] }];
  const sent = await done(distributor, 'despatchShipment', { gsin: piece.gsin, units, at: chain.at() }, 'document { documentId }');
  trade.documentId = sent.document.documentId;
  await done(distributor, 'receiveShipment', await chain.receiveInput(piece), 'shipment { status }');
  await hub.settle();
  const money = { amount: { amountMinor: GROSS, currency: 'CNY' }, documentId: trade.documentId };
  const { cashFlow } = await done(hub.hub, 'recordCashFlow', chain.payment(piece, money), 'cashFlow { cashFlowId }');
  trade.cashFlowId = cashFlow.cashFlowId;
  await chain.settle(piece, 'releaseSettlement');
  const { campaign } = await look(
    `{ campaign(campaignId: "${ids.campaignId}") { cash { positionId } settlement { splits { basis amount { amountMinor } } } } }`,
  );
  trade.positionId = campaign.cash.positionId;
  OWNER_PART = campaign.settlement.splits.find(({ basis }: { basis: string }) => basis === 'OWNER_MARGIN').amount.amountMinor;
}

// More than there are minutes for, so that minutes and pieces have a price.
async function propose(): Promise<void> {
  ids.proposedLine = await submit({
    cut: { sizes: [{ gtin: ground.gtin, quantity: 900_000 }] },
    dueDate: '2026-11-30',
    latestDate: '2026-12-01',
  });
  ids.proposedRun = (await route(hub)).runId;
  const { demandLine, routingRun } =
    await look(`{ demandLine(demandLineId: "${ids.proposedLine}") { allocations(status: [PROPOSED]) { nodes { allocationId maker { gln } } } }
    routingRun(runId: "${ids.proposedRun}") { prices(first: 200) { nodes { kind priceId } } } }`);
  ids.proposedId = demandLine.allocations.nodes.find(({ maker }: any) => maker.gln === ground.gln).allocationId;
  trade.priceId = routingRun.prices.nodes.find(({ kind }: any) => kind === 'DEMAND').priceId;
}

type Who = 'maker' | 'carrier' | 'rival maker' | 'other creator' | 'agency' | 'buyer' | 'distributor' | 'visitor';
const strangers: readonly Who[] = ['rival maker', 'other creator', 'agency', 'buyer', 'distributor', 'visitor'];
const allBut: readonly Who[] = ['maker', 'carrier', ...strangers];
const playerOf = (who: Who): Player | null =>
  ({
    maker: world.maker,
    carrier: world.distributor,
    'rival maker': world.otherMaker,
    'other creator': world.otherCreator,
    agency: world.mcn,
    buyer: world.partner,
    distributor: world.otherDistributor,
    visitor: null,
  })[who];

const allocation = (fields: string): string => `{ allocation(allocationId: "${piece.allocationId}") { ${fields} } }`;
const ALLOCATIONS = 'totalCount nodes { allocationId } edges { cursor }';
const PROPOSED = `status: [PROPOSED]`;
const DECISION = 'decisionId text';

const secrets: Readonly<Record<string, Secret<Who>>> = {
  'an allocation that is only proposed': {
    tells: () => [ids.proposedId],
    owner: () => world.creator,
    hiddenFrom: allBut,
    ways: () => [
      `{ allocation(allocationId: "${ids.proposedId}") { allocationId } }`,
      `{ allocations(${PROPOSED}) { ${ALLOCATIONS} } }`,
      `{ allocations(${PROPOSED}, gln: "${ground.gln}") { ${ALLOCATIONS} } }`,
      `{ demandLine(demandLineId: "${ids.proposedLine}") { allocations(${PROPOSED}) { ${ALLOCATIONS} } } }`,
      `{ style(styleId: "${style.styleId}") { demand { nodes { allocations(${PROPOSED}) { nodes { allocationId } } } } } }`,
      `{ maker(gln: "${ground.gln}") { allocations(${PROPOSED}) { ${ALLOCATIONS} } } }`,
      `{ routingRun(runId: "${ids.proposedRun}") { allocations { ${ALLOCATIONS} } } }`,
      `{ routingRuns { nodes { allocations { nodes { allocationId } } } } }`,
    ],
  },
  'whose line is to be routed': {
    tells: () => [world.creator.memberId, ids.campaignId],
    owner: () => world.creator,
    hiddenFrom: allBut,
    ways: () => [
      `{ demandLine(demandLineId: "${ids.proposedLine}") { member { memberId } campaign { campaignId } } }`,
      `{ demandLines(status: [OPEN, REFUSED]) { nodes { member { memberId } } } }`,
      `{ allocation(allocationId: "${ids.proposedId}") { demandLine { member { memberId } } } }`,
      `{ routingRun(runId: "${ids.proposedRun}") { decisions { nodes { demandLine { member { memberId } } } } } }`,
    ],
  },
  'an allocation': {
    tells: () => [piece.allocationId],
    owner: () => world.creator,
    hiddenFrom: strangers,
    ways: () => [
      allocation('allocationId'),
      `{ allocations { ${ALLOCATIONS} } }`,
      `{ allocations(gln: "${ground.gln}", status: [COMPLETED]) { ${ALLOCATIONS} } }`,
      `{ demandLine(demandLineId: "${piece.demandLineId}") { allocations { ${ALLOCATIONS} } } }`,
      `{ campaign(campaignId: "${ids.campaignId}") { demand { nodes { allocations { nodes { allocationId } } } } } }`,
      `{ maker(gln: "${ground.gln}") { allocations { ${ALLOCATIONS} } } }`,
      `{ distributor(gln: "${ground.distributorGln}") { allocations { ${ALLOCATIONS} } } }`,
      `{ routingRun(runId: "${trade.runId}") { allocations { ${ALLOCATIONS} } } }`,
      `{ lot(lotId: "${piece.lotId}") { allocation { allocationId } } }`,
      `{ shipment(gsin: "${piece.gsin}") { allocation { allocationId } } }`,
      `{ settlement(settlementId: "${piece.settlementId}") { allocations { ${ALLOCATIONS} } } }`,
    ],
  },
  'a decision': {
    tells: () => [trade.decisionId, WINNER],
    owner: () => world.creator,
    hiddenFrom: ['carrier', 'other creator', 'agency', 'buyer', 'distributor', 'visitor'],
    ways: () => [
      `{ decision(decisionId: "${trade.decisionId}") { ${DECISION} } }`,
      `{ decisions { totalCount nodes { ${DECISION} } edges { cursor } } }`,
      `{ demandLine(demandLineId: "${piece.demandLineId}") { decision { ${DECISION} } } }`,
      `{ routingRun(runId: "${trade.runId}") { decisions { totalCount nodes { ${DECISION} } } } }`,
      allocation(`decision { ${DECISION} }`),
    ],
  },
  'the name of a rival in a decision': {
    tells: () => [RIVAL, ids.rivalGln],
    owner: () => world.creator,
    hiddenFrom: ['maker'],
    ways: () => rivals('considered { nodes { maker { gln name } } } runnerUp { maker { gln } }'),
  },
  'the name of the winner in a decision': {
    tells: () => [WINNER, ground.gln],
    owner: () => world.creator,
    hiddenFrom: ['rival maker'],
    ways: () => rivals('chosen { maker { gln name } } considered { nodes { maker { gln } } }'),
  },
  'what one more piece of a line costs': {
    tells: () => [trade.priceId],
    owner: () => world.creator,
    hiddenFrom: allBut,
    ways: () => [
      `{ routingRun(runId: "${ids.proposedRun}") { prices(first: 200) { nodes { priceId } } } }`,
      `{ routingRuns(first: 1) { nodes { prices(first: 200) { nodes { priceId } } } } }`,
      `{ decisions(first: 5) { nodes { bindingConstraints { priceId } } } }`,
    ],
  },
  'a lot': {
    tells: () => [piece.lotId],
    owner: () => world.maker,
    hiddenFrom: strangers,
    ways: () => [
      `{ lot(lotId: "${piece.lotId}") { lotId progress { qtyOut } } }`,
      '{ lots { totalCount nodes { lotId } edges { cursor } } }',
      `{ lots(gln: "${ground.gln}", status: [COMPLETED]) { totalCount nodes { lotId } } }`,
      `{ maker(gln: "${ground.gln}") { lots { totalCount nodes { lotId } } } }`,
      allocation('lot { lotId }'),
      `{ shipment(gsin: "${piece.gsin}") { units { nodes { contents { lot { lotId } } } } receivedLines { lot { lotId } } } }`,
    ],
  },
  'how much of a lot was sent': {
    tells: () => [`"shippedQty":${PIECES}`, `"receivedQty":${PIECES}`],
    owner: () => world.maker,
    hiddenFrom: strangers,
    ways: () => [`{ lot(lotId: "${piece.lotId}") { shippedQty receivedQty } }`, '{ lots { nodes { shippedQty } } }'],
  },
  'a shipment': {
    tells: () => [piece.gsin, CARRIER],
    owner: () => world.distributor,
    hiddenFrom: strangers,
    ways: () => [
      `{ shipment(gsin: "${piece.gsin}") { gsin carrier } }`,
      '{ shipments { totalCount nodes { gsin carrier } edges { cursor } } }',
      '{ shipments(status: [DELIVERED]) { totalCount nodes { gsin } } }',
      `{ distributor(gln: "${ground.distributorGln}") { shipments { totalCount nodes { gsin } } } }`,
      allocation('shipments { totalCount nodes { gsin } }'),
      `{ document(documentId: "${trade.documentId}") { shipment { gsin } } }`,
    ],
  },
  'a unit': {
    tells: () => [trade.sscc],
    owner: () => world.distributor,
    hiddenFrom: strangers,
    ways: () => [
      `{ lot(lotId: "${piece.lotId}") { logisticUnits { totalCount nodes { sscc } } } }`,
      `{ shipment(gsin: "${piece.gsin}") { units { totalCount nodes { sscc } } } }`,
      allocation('shipments { nodes { units { totalCount nodes { sscc } } } }'),
    ],
  },
  'a document': {
    tells: () => [trade.documentId],
    owner: () => world.creator,
    hiddenFrom: strangers,
    ways: () => [
      `{ document(documentId: "${trade.documentId}") { documentId number } }`,
      `{ shipment(gsin: "${piece.gsin}") { despatchAdvice { documentId } receiptAdvice { references { documentId } } } }`,
      '{ shipments { nodes { despatchAdvice { documentId } } } }',
    ],
  },
  'a settlement': {
    tells: () => [trade.settlementId],
    owner: () => world.creator,
    // the agency of the creator gets its share
    hiddenFrom: strangers.filter((who) => who !== 'agency'),
    ways: () => [
      `{ settlement(settlementId: "${trade.settlementId}") { settlementId status } }`,
      '{ settlements { totalCount nodes { settlementId } edges { cursor } } }',
      `{ campaign(campaignId: "${ids.campaignId}") { settlement { settlementId } } }`,
      allocation('settlement { settlementId }'),
    ],
  },
  'the whole of a settlement': {
    tells: () => [GROSS, OWNER_PART, trade.cashFlowId],
    owner: () => world.creator,
    hiddenFrom: allBut,
    ways: () => [
      `{ settlement(settlementId: "${trade.settlementId}") { gross { amountMinor } } }`,
      `{ settlement(settlementId: "${trade.settlementId}") { splits { amount { amountMinor } } } }`,
      `{ settlement(settlementId: "${trade.settlementId}") { cashFlows { nodes { cashFlowId amount { amountMinor } } } } }`,
      '{ settlements { nodes { gross { amountMinor } splits { amount { amountMinor } } } } }',
      `{ campaign(campaignId: "${ids.campaignId}") { settlement { gross { amountMinor } } } }`,
      allocation('settlement { gross { amountMinor } cashFlows { nodes { cashFlowId } } }'),
    ],
  },
  'a pool': {
    tells: () => [trade.positionId, '"amountMinor":'],
    owner: () => world.creator,
    hiddenFrom: allBut,
    ways: () => [
      `{ cashPosition(positionId: "${trade.positionId}") { positionId balance { amountMinor } } }`,
      `{ campaign(campaignId: "${ids.campaignId}") { cash { positionId } } }`,
      `{ creator(creatorId: "${ids.creatorId}") { cash { balance { amountMinor } } } }`,
      `{ creators { nodes { cash { balance { amountMinor } } } } }`,
    ],
  },
  'what an audience did': {
    tells: () => [VIEWS, FOLLOWERS, SIGNAL, ids.signalId],
    owner: () => world.creator,
    hiddenFrom: allBut,
    ways: () => [
      `{ creator(creatorId: "${ids.creatorId}") { channels { followers reach7d readings(from: "${today}", to: "${today}") { views } } } }`,
      `{ creators { nodes { channels { signals { totalCount nodes { signalId views } } } } } }`,
      `{ style(styleId: "${style.styleId}") { signals { totalCount nodes { signalId views source { followers } } } } }`,
      `{ styles { nodes { signals { totalCount nodes { views } } } } }`,
    ],
  },
};

const rivals = (names: string): string[] =>
  [
    `text(locale: "en") ${names}`,
    `text(locale: "zh")`,
    names,
    `${names} excluded { examples { gln name } } bindingConstraints { name bucket { maker { gln name } } }`,
  ].map((fields) => `{ decision(decisionId: "${trade.decisionId}") { ${fields} } }`);

describeSecrets(secrets, { hub: () => hub, playerOf });

describe('a subgraph that is asked for an entity by its key, as the gateway does', () => {
  const entities = (): readonly (readonly [SubgraphName, string, Record<string, string>, string])[] => {
    const { allocationId, lotId, gsin, settlementId } = piece;
    const { cashFlowId, positionId, decisionId, priceId, documentId, sscc, bucketId } = trade;
    return [
      ['routing', 'Allocation', { allocationId }, 'quantity'],
      ['routing', 'Allocation', { allocationId: ids.proposedId }, 'quantity'],
      ['upstream', 'Allocation', { allocationId }, 'lot { lotId }'],
      ['midstream', 'Allocation', { allocationId }, 'shipments { totalCount nodes { gsin } }'],
      ['upstream', 'ProductionLot', { lotId }, 'plannedQty status'],
      ['midstream', 'ProductionLot', { lotId }, 'shippedQty receivedQty logisticUnits { totalCount }'],
      ['midstream', 'Shipment', { gsin }, 'carrier'],
      ['midstream', 'LogisticUnit', { sscc }, 'quantity contents { quantity }'],
      ['midstream', 'Document', { documentId }, 'number'],
      ['routing', 'Settlement', { settlementId }, 'status balanced'],
      ['routing', 'CashFlow', { cashFlowId }, 'kind amount { amountMinor }'],
      ['routing', 'CashPosition', { positionId }, 'balance { amountMinor }'],
      ['routing', 'RoutingDecision', { decisionId }, 'outcome text'],
      ['routing', 'ShadowPrice', { priceId }, 'price'],
      ['routing', 'DemandLine', { demandLineId: piece.demandLineId }, 'allocations { totalCount } decision { outcome } unservedQty'],
      ['downstream', 'DemandLine', { demandLineId: piece.demandLineId }, 'quantity status'],
      ['downstream', 'DemandSignal', { signalId: ids.signalId }, 'views'],
      ['downstream', 'TrafficSource', { sourceId: ids.sourceId }, 'followers reach7d signals { totalCount }'],
      ['routing', 'Campaign', { campaignId: ids.campaignId }, 'settlement { status } cash { positionId }'],
      ['routing', 'Creator', { creatorId: ids.creatorId }, 'cash { positionId }'],
      ['upstream', 'CapacityBucket', { bucketId }, 'committedMinutes'],
    ];
  };
  const ask = async (member: { memberId: string; kinds: string[] }, [name, type, key, fields]: ReturnType<typeof entities>[number]) => {
    const query = `query ($all: [_Any!]!) { _entities(representations: $all) { ... on ${type} { ${fields} } } }`;
    const answer = await fetch(hub.running[name].subgraph.url(), {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'ir-principal': await signPrincipal(hub.keys, createPrincipal(member), name, 'r') },
      body: JSON.stringify({ query, variables: { all: [{ __typename: type, ...key }] } }),
    });
    return (await answer.json()) as { data: { _entities: unknown[] }; errors?: unknown };
  };
  const leaves = (value: unknown): unknown[] =>
    typeof value === 'object' && value !== null ? Object.values(value).flatMap(leaves) : value === null || value === 0 ? [] : [value];

  it('tells the hub', async () => {
    for (const one of entities()) {
      const { data, errors } = await ask({ memberId: hub.hub.memberId, kinds: ['HUB'] }, one);
      expect({ one, errors, told: leaves(data).length > 0 }).toEqual({ one, errors: undefined, told: true });
    }
  });
  it.each(['other creator', 'buyer', 'distributor'] as const)('tells %s nothing', async (who) => {
    const kinds = { 'other creator': ['CREATOR'], buyer: ['PARTNER'], distributor: ['DISTRIBUTOR'] }[who];
    for (const one of entities().filter(([, type]) => type !== 'CapacityBucket')) {
      const { data, errors } = await ask({ memberId: playerOf(who)?.memberId ?? '', kinds }, one);
      expect({ one, errors, told: leaves(data) }).toEqual({ one, errors: undefined, told: [] });
    }
  });
  it('tells a rival maker nothing, but that it lost', async () => {
    for (const one of entities().filter(([, type]) => !['RoutingDecision', 'DemandLine'].includes(type))) {
      const { data, errors } = await ask({ memberId: world.otherMaker.memberId, kinds: ['MAKER'] }, one);
      expect({ one, errors, told: leaves(data) }).toEqual({ one, errors: undefined, told: [] });
    }
  });
});

it('a maker and a carrier see that they are paid, and what they are paid, and nothing of the rest', async () => {
  const question = `{ settlement(settlementId: "${trade.settlementId}") { gross { amountMinor } returnsReserve { amountMinor } balanced splits { basis payee { __typename } }
    cashFlows { totalCount nodes { kind } } } }`;
  const seen = async (player: Player): Promise<any> => (await hub.ask(player, question)).data.settlement;
  const maker = await seen(world.maker);
  expect([maker.gross, maker.returnsReserve, maker.balanced]).toEqual([null, null, true]);
  expect(maker.splits.map(({ basis }: any) => basis)).toEqual(['MAKER_PRICE', 'MAKER_PRICE']);
  expect(new Set(maker.cashFlows.nodes.map(({ kind }: any) => kind))).toEqual(new Set(['MAKER_PAYMENT']));
  expect(maker.cashFlows.totalCount).toBe(maker.cashFlows.nodes.length);
  const carrier = await seen(world.distributor);
  expect(carrier.splits.map(({ basis }: any) => basis)).toEqual(['FREIGHT']);
  expect(carrier.cashFlows).toEqual({ totalCount: 1, nodes: [{ kind: 'FREIGHT_PAYMENT' }] });
});

it('what a member may see of its own work is not hidden from it', async () => {
  const { data, errors } = await hub.ask(
    world.maker,
    allocation('demandLine { quantity member { memberId } } lot { lotId } shipments { nodes { gsin } } decision { outcome }'),
  );
  expect(errors).toBeUndefined();
  expect(data.allocation).toMatchObject({
    lot: { lotId: piece.lotId },
    shipments: { nodes: [{ gsin: piece.gsin }] },
    decision: { outcome: 'ALLOCATED' },
  });
  const lost = await hub.ask(
    world.otherMaker,
    `{ decision(decisionId: "${trade.decisionId}") { outcome considered { nodes { maker { gln } quantity } } text } }`,
  );
  expect(lost.data.decision.considered.nodes).toContainEqual({ maker: { gln: ids.rivalGln }, quantity: 0 });
  expect(lost.data.decision.text).toMatch(/another maker/i);
});

describe('a refused change says nothing of what is hidden', () => {
  const refusal = async (player: Player, mutation: string, input: Record<string, unknown>): Promise<{ code: string; message: string }[]> =>
    (await hub.change(player, mutation, { ...input, idempotencyKey: world.key() }, '__typename')).problems;
  it('to whom the row does not belong, neither its state nor that it was changed', async () => {
    const stale = { ifChangedAt: '2020-01-01T00:00:00Z' };
    const { allocationId, lotId, gsin, settlementId } = piece;
    const at = world.chain.at();
    const attempts: [Player, string, Record<string, unknown>][] = [
      [world.otherMaker, 'acceptAllocation', { allocationId, ...stale }],
      [world.otherMaker, 'freezeAllocation', { allocationId, ...stale }],
      [world.otherMaker, 'declineAllocation', { allocationId: ids.proposedId, reason: 'OTHER', ...stale }],
      [world.otherMaker, 'releaseLot', { lotId, ...stale }],
      [world.otherMaker, 'reportStage', { lotId, stage: 'SEWING', qtyOut: 1_000_000, at, ...stale }],
      [world.otherMaker, 'scrapLot', { lotId, note: 'x', ...stale }],
      [world.otherDistributor, 'despatchShipment', { ...(await world.chain.despatchInput(piece)), ...stale }],
      [world.otherDistributor, 'reportMilestone', { gsin, code: 'ARRIVED', at, source: 'CARRIER', ...stale }],
      [world.otherDistributor, 'cancelShipment', { gsin, note: 'x', ...stale }],
      [world.otherCreator, 'receiveShipment', { ...(await world.chain.receiveInput(piece)), ...stale }],
      [world.otherCreator, 'disputeSettlement', { settlementId, note: 'x' }],
      [world.otherCreator, 'recordTraffic', { readings: [{ sourceId: ids.sourceId, day: today, reactions: 1 }] }],
    ];
    for (const [player, mutation, input] of attempts) {
      const problems = await refusal(player, mutation, input);
      expect({ mutation, codes: problems.map(({ code }) => code) }).toEqual({ mutation, codes: ['NOT_YOURS'] });
      expect(JSON.stringify(problems)).not.toMatch(/COMPLETED|DELIVERED|PROPOSED|RELEASED|CANARY/);
    }
  });
  it('nor can a maker answer what was not offered to it, though it would be its own', async () => {
    const counter = { quantity: 1, unitPrice: yuan(1), promisedDate: '2026-12-08' };
    const answers = [
      await refusal(world.maker, 'acceptAllocation', { allocationId: ids.proposedId }),
      await refusal(world.maker, 'counterAllocation', { allocationId: ids.proposedId, ...counter }),
    ];
    expect(answers.map((problems) => problems.map(({ code }) => code))).toEqual([['WRONG_STATE'], ['WRONG_STATE']]);
  });
});
