/**
 * Nobody sees another member's rows: canaries are planted in every fenced table, and whoever may not see them looks for them by every
 * way there is: by id, in lists, through other entities, by counting, and by what a refused change says.
 */
import { startTestHub, type Player, type TestHub } from '../_kit/hub.ts';
import { describeSecrets, type Secret } from './canaries.ts';
import { createWorld, yuan, type World } from './world.ts';

let hub: TestHub;
let world: World;

const DAYS = 'from: "2026-11-22", to: "2026-12-31"';
const MINUTES = 7_654_321;
const PIECES = 765_432;
/** Amounts that stand nowhere else. */
const PRICE = 43_219_871;
const CAP = 53_219_872;
const MARGIN = 63_219_873;
const DEPOSIT = 73_219_874;
const TAKINGS = 83_219_875;

/** Ids of the planted rows, by what they are. */
const ids = { gln: '', bucketId: '', styleId: '', gtin: '', demandLineId: '', quoteId: '', segmentId: '', brandId: '', creatorId: '' };
const more = { draftId: '', campaignId: '', siteGln: '' };

beforeAll(async () => {
  hub = await startTestHub();
  world = await createWorld(hub, (player, mutation, input, fields) => hub.change(player, mutation, input, fields));
  await plantStyleAndCampaigns();
  await plantDemand();
  await plantCapacityAndStock();
}, 120_000);
afterAll(() => hub.stop());

async function plantStyleAndCampaigns(): Promise<void> {
  const { done, creator } = world;
  ids.creatorId = (await world.newCreator()).creatorId;
  const size = { name: 'CANARY-segment', size: 900, creatorId: ids.creatorId, sizeCurve: [{ size: 'S', shareBps: 10_000 }] };
  ids.segmentId = (await done(creator, 'defineSegment', size, 'segment { segmentId }')).segment.segmentId;
  const brand = { name: 'Day', positioning: 'CANARY-positioning', promise: 'fits', slogan: 'yes', segmentIds: [ids.segmentId] };
  ids.brandId = (await done(creator, 'registerBrand', brand, 'brand { brandId }')).brand.brandId;
  const style = { ...world.styleInput(ids.creatorId, ids.brandId), retailPrice: yuan(79) };
  ids.styleId = (await done(creator, 'proposeStyles', { styles: [style] }, 'styles { styleId }')).styles[0].styleId;
  ids.gtin = style.skus[0]?.gtin ?? '';
  const plan = { ...world.campaignInput(ids.creatorId, [ids.styleId]), brandId: ids.brandId, segmentIds: [ids.segmentId] };
  more.draftId = (await done(creator, 'createCampaign', { ...plan, title: 'CANARY-draft' }, 'campaign { campaignId }')).campaign.campaignId;
  more.campaignId = (await done(creator, 'createCampaign', plan, 'campaign { campaignId }')).campaign.campaignId;
  await done(creator, 'openPresale', { campaignId: more.campaignId }, 'campaign { status }');
  const sale = { kind: 'SALE', gtin: ids.gtin, quantity: 1, soldAt: '2026-11-22T08:00:00Z', campaignId: more.campaignId };
  const takings = { amountMinor: TAKINGS, currency: 'CNY' };
  await done(creator, 'recordSales', { sales: [{ ...sale, unitPrice: takings, segmentId: ids.segmentId }] }, 'recorded');
}

async function plantDemand(): Promise<void> {
  const line = {
    ...world.demandInput({ styleId: ids.styleId, gtins: [ids.gtin] }, more.campaignId),
    cut: { curve: { quantity: 77, segmentId: ids.segmentId, colour: 'white' } },
    unitPriceCap: { amountMinor: CAP, currency: 'CNY' },
    unitMargin: { amountMinor: MARGIN, currency: 'CNY' },
    depositPaid: { amountMinor: DEPOSIT, currency: 'CNY' },
  };
  const { demandLines } = await world.done(world.creator, 'submitDemands', { demands: [line] }, 'demandLines { demandLineId }');
  ids.demandLineId = demandLines[0].demandLineId;
  await hub.settle();
}

async function plantCapacityAndStock(): Promise<void> {
  const { done, maker, distributor } = world;
  ids.gln = (await world.newMaker()).gln;
  const bucket = { gln: ids.gln, stage: 'SEWING', day: '2026-12-01', actualMinutes: MINUTES, maximumMinutes: MINUTES };
  ids.bucketId = (await done(maker, 'publishCapacity', { buckets: [bucket] }, 'buckets { bucketId }')).buckets[0].bucketId;
  const work = [{ stage: 'SEWING', smv: 6, capability: 'KNIT_OVERLOCK' }];
  await done(maker, 'recordOperations', { styleId: ids.styleId, operations: work }, 'style { styleId }');
  const quote = {
    demandLineId: ids.demandLineId,
    gln: ids.gln,
    unitPrice: { amountMinor: PRICE, currency: 'CNY' },
    setupCost: yuan(1),
    minQty: 1,
    earliestFinish: '2026-12-01',
    validUntil: '2026-12-31T00:00:00Z',
  };
  ids.quoteId = (await done(maker, 'quoteDemand', quote, 'quote { quoteId }')).quote.quoteId;
  more.siteGln = (await world.newSite()).siteGln;
  const stock = { siteGln: more.siteGln, gtin: ids.gtin, delta: PIECES, reason: 'COUNT' };
  await done(distributor, 'adjustInventory', stock, 'position { onHand }');
}

type Who = 'rival maker' | 'other creator' | 'agency' | 'buyer' | 'distributor' | 'visitor';
const everybody: readonly Who[] = ['rival maker', 'other creator', 'agency', 'buyer', 'distributor', 'visitor'];
const playerOf = (who: Who): Player | null =>
  ({
    'rival maker': world.otherMaker,
    'other creator': world.otherCreator,
    agency: world.mcn,
    buyer: world.partner,
    distributor: world.otherDistributor,
    visitor: null,
  })[who];

const BUCKETS = 'totalCount nodes { bucketId actualMinutes } edges { cursor }';
const LINES = 'totalCount nodes { demandLineId }';
const secrets: Readonly<Record<string, Secret<Who>>> = {
  'a bucket of capacity': {
    tells: () => [ids.bucketId, MINUTES],
    owner: () => world.maker,
    hiddenFrom: ['rival maker', 'visitor'],
    ways: () => [
      `{ capacityBuckets(${DAYS}) { ${BUCKETS} } }`,
      `{ capacityBuckets(gln: "${ids.gln}", ${DAYS}, stage: SEWING) { ${BUCKETS} } }`,
      `{ maker(gln: "${ids.gln}") { capacity(${DAYS}) { ${BUCKETS} } } }`,
      `{ makers(capability: "KNIT_OVERLOCK") { nodes { capacity(${DAYS}) { ${BUCKETS} } } } }`,
    ],
  },
  'a binding quote': {
    tells: () => [ids.quoteId, PRICE],
    owner: () => world.maker,
    hiddenFrom: everybody,
    ways: () => [
      `{ makerQuote(quoteId: "${ids.quoteId}") { quoteId unitPrice { amountMinor } demandLine { demandLineId } } }`,
      `{ demandLine(demandLineId: "${ids.demandLineId}") { feasibleMakers { quoteId unitPrice { amountMinor } } } }`,
      `{ style(styleId: "${ids.styleId}") { demand { nodes { feasibleMakers { quoteId unitPrice { amountMinor } } } } } }`,
    ],
  },
  'a demand line': {
    tells: () => [ids.demandLineId],
    owner: () => world.creator,
    hiddenFrom: ['other creator', 'agency', 'buyer', 'visitor'],
    ways: () => [
      `{ demandLine(demandLineId: "${ids.demandLineId}") { demandLineId } }`,
      `{ demandLines { ${LINES} } }`,
      `{ demandLines(status: [OPEN], dueFrom: "2026-12-01") { ${LINES} } }`,
      `{ style(styleId: "${ids.styleId}") { demand { ${LINES} } } }`,
      `{ campaign(campaignId: "${more.campaignId}") { demand { ${LINES} } } }`,
      `{ styles { nodes { demand { ${LINES} edges { cursor } } } } }`,
    ],
  },
  'whose a demand line is, and what it pays': {
    tells: () => [world.creator.memberId, more.campaignId, ids.segmentId, CAP, MARGIN, DEPOSIT],
    owner: () => world.creator,
    hiddenFrom: everybody,
    ways: () => {
      const fields = ['member { memberId }', 'campaign { campaignId }', 'segment { segmentId }'];
      const amounts = ['unitPriceCap', 'unitMargin', 'depositPaid'].map((field) => `${field} { amountMinor }`);
      return [...fields, ...amounts].flatMap((field) => [
        `{ demandLine(demandLineId: "${ids.demandLineId}") { ${field} } }`,
        `{ demandLines { nodes { ${field} } } }`,
      ]);
    },
  },
  'which lines a campaign raised': {
    tells: () => [ids.demandLineId],
    owner: () => world.creator,
    hiddenFrom: everybody,
    ways: () => [
      `{ campaign(campaignId: "${more.campaignId}") { demand { ${LINES} } } }`,
      `{ campaign(campaignId: "${more.campaignId}") { demand(status: [OPEN]) { ${LINES} edges { cursor } } } }`,
      `{ creator(creatorId: "${ids.creatorId}") { campaigns(status: [PRESALE]) { nodes { demand { ${LINES} } } } } }`,
    ],
  },
  'a segment': {
    tells: () => [ids.segmentId, 'CANARY-segment'],
    owner: () => world.creator,
    hiddenFrom: everybody,
    ways: () => [
      `{ segment(segmentId: "${ids.segmentId}") { segmentId name } }`,
      '{ segments { totalCount nodes { segmentId } edges { cursor } } }',
      '{ segments(minArpuMinor: 1) { totalCount nodes { name } } }',
      `{ creator(creatorId: "${ids.creatorId}") { segments { segmentId name } } }`,
      `{ brand(brandId: "${ids.brandId}") { segments { segmentId name } } }`,
      `{ campaign(campaignId: "${more.campaignId}") { segments { segmentId name } } }`,
      `{ demandLine(demandLineId: "${ids.demandLineId}") { segment { segmentId name } } }`,
    ],
  },
  'a campaign in preparation': {
    tells: () => [more.draftId, 'CANARY-draft'],
    owner: () => world.creator,
    hiddenFrom: everybody,
    ways: () => [
      `{ campaign(campaignId: "${more.draftId}") { campaignId title } }`,
      `{ creator(creatorId: "${ids.creatorId}") { campaigns(status: [DRAFT]) { totalCount nodes { campaignId } edges { cursor } } } }`,
      `{ creators { nodes { campaigns { nodes { title } } } } }`,
    ],
  },
  'stock at a place': {
    tells: () => [PIECES],
    owner: () => world.distributor,
    hiddenFrom: everybody,
    ways: () => [
      `{ inventoryPosition(siteGln: "${more.siteGln}", gtin: "${ids.gtin}") { onHand availableToPromise } }`,
      `{ site(siteGln: "${more.siteGln}") { inventory { totalCount nodes { onHand } edges { cursor } } } }`,
      `{ site(siteGln: "${more.siteGln}") { inventory(gtin: "${ids.gtin}") { totalCount nodes { onHand } } } }`,
      `{ sku(gtin: "${ids.gtin}") { inventory { totalCount nodes { onHand } } } }`,
      `{ sites { nodes { inventory { nodes { onHand } } } } }`,
    ],
  },
  'the place a brand wants, and what is sold': {
    tells: () => ['CANARY-positioning', TAKINGS],
    owner: () => world.creator,
    hiddenFrom: everybody,
    ways: () => [
      `{ brand(brandId: "${ids.brandId}") { positioning } }`,
      `{ style(styleId: "${ids.styleId}") { brand { positioning } } }`,
      `{ style(styleId: "${ids.styleId}") { sales(window: D90) { gmv { amountMinor } netGmv { amountMinor } } } }`,
      `{ campaign(campaignId: "${more.campaignId}") { gmv { amountMinor } netGmv { amountMinor } } }`,
      `{ creator(creatorId: "${ids.creatorId}") { campaigns { nodes { gmv { amountMinor } } } } }`,
    ],
  },
};

describeSecrets(secrets, { hub: () => hub, playerOf });

it('a maker sees a line that waits, without what it is judged by in secret: no verdict speaks of a price over a hidden cap', async () => {
  const way = `{ demandLine(demandLineId: "${ids.demandLineId}") { quantity unitPriceCap { amountMinor } feasibleMakers { infeasibleBecause } } }`;
  await world.done(world.otherMaker, 'registerMaker', world.makerInput(), 'maker { gln }');
  const { data, errors } = await hub.ask(world.otherMaker, way);
  expect({ errors, quantity: data.demandLine.quantity, cap: data.demandLine.unitPriceCap }).toEqual({
    errors: undefined,
    quantity: 77,
    cap: null,
  });
  expect(JSON.stringify(data)).not.toContain('PRICE_OVER_CAP');
});

it('_entities and _service are no fields of the public graph', async () => {
  const representation = `{__typename: "CapacityBucket", bucketId: "${ids.bucketId}"}`;
  for (const question of [`{ _entities(representations: [${representation}]) { __typename } }`, '{ _service { sdl } }']) {
    const { data, errors } = await hub.ask(hub.hub, question);
    expect({ data, codes: errors?.map((e) => e.extensions?.['code']) }).toEqual({ data: undefined, codes: ['GRAPHQL_VALIDATION_FAILED'] });
  }
});

describe('a refused change says nothing of what is hidden', () => {
  const refusal = async (player: Player, mutation: string, input: Record<string, unknown>) => {
    const payload = await hub.change(player, mutation, { ...input, idempotencyKey: world.key() }, '__typename');
    return payload.problems as { code: string; message: string }[];
  };
  it('not the state of a campaign in preparation, to whom sales of it are refused', async () => {
    const unitPrice = yuan(1);
    const sale = { kind: 'SALE', gtin: ids.gtin, quantity: 1, unitPrice, soldAt: '2026-11-22T08:00:00Z', campaignId: more.draftId };
    const problems = await refusal(world.otherCreator, 'recordSales', { sales: [sale] });
    expect(problems.length).toBeGreaterThan(0);
    expect(JSON.stringify(problems)).not.toMatch(/DRAFT|WRONG_STATE/);
  });
  it('not the state that a demand line has come to, once it waits no more', async () => {
    const lines = [world.demandInput({ styleId: ids.styleId, gtins: [ids.gtin] })];
    const { demandLines } = await world.done(world.creator, 'submitDemands', { demands: lines }, 'demandLines { demandLineId }');
    const { demandLineId } = demandLines[0];
    await world.done(world.creator, 'cancelDemand', { demandLineId, reason: 'SOLD_BADLY' }, 'demandLine { status }');
    await hub.settle();
    const { gln } = await world.newMaker();
    const quote = { demandLineId, gln, unitPrice: yuan(1), setupCost: yuan(1), minQty: 1, earliestFinish: '2026-12-01' };
    const problems = await refusal(world.maker, 'quoteDemand', { ...quote, validUntil: '2026-12-31T00:00:00Z' });
    expect(problems.map(({ code }) => code)).toEqual(['WRONG_STATE']);
    expect(JSON.stringify(problems)).not.toMatch(/CANCELLED|SOLD_BADLY/);
  });
  it('not what rows of others hold', async () => {
    const stale = { ifChangedAt: '2020-01-01T00:00:00Z' };
    const bucket = { gln: ids.gln, stage: 'SEWING', day: '2026-12-01', actualMinutes: 1, maximumMinutes: 1, ...stale };
    const curve = { curve: { quantity: 7, segmentId: ids.segmentId, colour: 'none' } };
    const line = { ...world.demandInput({ styleId: ids.styleId, gtins: [] }), cut: curve };
    const attempts: [Player, string, Record<string, unknown>][] = [
      [world.otherMaker, 'publishCapacity', { buckets: [bucket] }],
      [world.otherCreator, 'reviseDemand', { demandLineId: ids.demandLineId, dueDate: '2026-12-06', ...stale }],
      [world.otherCreator, 'cancelDemand', { demandLineId: ids.demandLineId, reason: 'OTHER', ...stale }],
      [world.otherCreator, 'cancelCampaign', { campaignId: more.draftId, reason: 'OTHER', ...stale }],
      [world.otherCreator, 'submitDemands', { demands: [line] }],
      [world.otherDistributor, 'adjustInventory', { siteGln: more.siteGln, gtin: ids.gtin, delta: -1_000_000, reason: 'COUNT', ...stale }],
    ];
    for (const [player, mutation, input] of attempts) {
      const problems = await refusal(player, mutation, input);
      expect({ mutation, codes: problems.map(({ code }) => code) }).toEqual({ mutation, codes: ['NOT_YOURS'] });
    }
  });
});

it('a quote of a line that waits no more still answers: the line itself is hidden, and nothing fails', async () => {
  const lines = [world.demandInput({ styleId: ids.styleId, gtins: [ids.gtin] })];
  const { demandLines } = await world.done(world.creator, 'submitDemands', { demands: lines }, 'demandLines { demandLineId }');
  const { demandLineId } = demandLines[0];
  await hub.settle();
  const given = { demandLineId, gln: ids.gln, unitPrice: yuan(1), setupCost: yuan(1), minQty: 1, earliestFinish: '2026-12-01' };
  const { quote } = await world.done(world.maker, 'quoteDemand', { ...given, validUntil: '2026-12-31T00:00:00Z' }, 'quote { quoteId }');
  await world.done(world.creator, 'cancelDemand', { demandLineId, reason: 'OTHER' }, 'demandLine { status }');
  const way = `{ makerQuote(quoteId: "${quote.quoteId}") { minQty demandLine { quantity feasibleMakers { quoteId } } } }`;
  const { data, errors } = await hub.ask(world.maker, way);
  expect(data.makerQuote.minQty).toBe(1);
  expect(JSON.stringify(errors ?? [])).not.toContain('INTERNAL');
});

describe('a visitor', () => {
  it('sees demonstration rows, and in their figures only what is for demonstration too', async () => {
    const kinds = ['CREATOR'];
    const player = await hub.enter('mbr_played', kinds, ['generator']);
    const { creator } = await world.done(player, 'registerCreator', { displayName: 'Demo', tier: 'KOL' }, 'creator { creatorId }');
    const curve = { size: 100, creatorId: creator.creatorId, sizeCurve: [{ size: 'S', shareBps: 10_000 }] };
    const { segment } = await world.done(player, 'defineSegment', { ...curve, name: 'made up' }, 'segment { segmentId }');
    const style = world.styleInput(null);
    const { styles } = await world.done(player, 'proposeStyles', { styles: [style] }, 'styles { styleId }');
    const plan = { ...world.campaignInput(creator.creatorId, [styles[0].styleId]), segmentIds: [segment.segmentId] };
    const { campaign } = await world.done(player, 'createCampaign', plan, 'campaign { campaignId }');
    await world.done(player, 'openPresale', { campaignId: campaign.campaignId }, 'campaign { status }');
    const reporter = await hub.enter('mbr_played', kinds);
    const sale = { kind: 'SALE', gtin: style.skus[0]?.gtin, quantity: 1, soldAt: '2026-11-22T08:00:00Z', platform: 'TIKTOK' };
    const sold = { ...sale, ...campaign, segmentId: segment.segmentId, buyerPseudonym: 'ann' };
    await world.done(player, 'recordSales', { sales: [{ ...sold, unitPrice: yuan(700) }] }, 'recorded');
    await world.done(reporter, 'recordSales', { sales: [{ ...sold, unitPrice: yuan(9_000) }] }, 'recorded');
    const way = `{ style(styleId: "${styles[0].styleId}") { sales { piecesSold gmv { amountMinor } } }
      campaign(campaignId: "${campaign.campaignId}") { gmv { amountMinor } netGmv { amountMinor } returnRateBps }
      segments { nodes { segmentId arpu { amountMinor } cohorts(from: "2026-11-16", to: "2026-11-22") { buyers revenue { amountMinor } } } } }`;
    const figures = (minor: number, pieces: number) => ({
      style: { sales: { piecesSold: pieces, gmv: { amountMinor: minor } } },
      campaign: { gmv: { amountMinor: minor }, netGmv: { amountMinor: minor }, returnRateBps: 0 },
      segments: {
        nodes: [
          { segmentId: segment.segmentId, arpu: { amountMinor: minor / 100 }, cohorts: [{ buyers: 1, revenue: { amountMinor: minor } }] },
        ],
      },
    });
    expect(await hub.ask(reporter, way)).toEqual({ data: figures(970_000, 2) });
    expect(await hub.ask(null, way)).toEqual({ data: figures(70_000, 1) });
    // a segment that its member defines anew is reported from then on
    await world.done(reporter, 'defineSegment', { ...curve, ...segment, name: 'CANARY-real' }, 'segment { name }');
    expect((await hub.ask(null, '{ segments { totalCount } }')).data).toEqual({ segments: { totalCount: 0 } });
  });
});
