/** What downstream answers: every field, figures of sales and audiences, fences, pages, references, and a constant number of statements. */
import { runChange } from '../../../subgraph-kit/change.ts';
import type { SaleRow } from '../../../subgraphs/downstream/data/rows.ts';
import { hashBuyer, writeSales } from '../../../subgraphs/downstream/writes/sales.ts';
import { generator, hub, visitor } from '../../_kit/subgraph.ts';
import {
  agency,
  call,
  cny,
  creator,
  gmn,
  makeWorld,
  maker,
  newDemand,
  newSale,
  newStyle,
  next,
  open,
  openDownstream,
  rival,
  settings,
  type Downstream,
  type World,
} from './_kit.ts';

let d: Downstream;
let world: World;
beforeAll(async () => {
  d = await openDownstream();
}, 60_000);
afterAll(() => d.close());
beforeEach(async () => {
  world = await makeWorld(d);
});

const ask = async (as: typeof visitor, source: string): Promise<any> => {
  const { data, errors } = await d.ask(as, source);
  if (errors !== undefined) throw new Error(errors.map((error) => error.message).join('; '));
  return data;
};

/** Sales of the world's segment, by the write that importers use. */
type Sold = {
  readonly buyer: number | null;
  readonly at: string;
  readonly price?: number;
  readonly kind?: SaleRow['kind'];
  readonly platform?: SaleRow['platform'];
  readonly currency?: string;
};
async function sell(to: World, sold: readonly Sold[]): Promise<void> {
  const rows = sold.map(({ buyer, at, price = 10_000, kind = 'SALE', platform = 'TIKTOK', currency = 'CNY' }): SaleRow => ({
    saleId: `sal_${next()}`,
    memberId: 'mbr_creator',
    origin: 'REPORTED',
    kind,
    gtin: to.gtins[0] ?? '',
    styleId: to.styleId,
    quantity: 1,
    unitPriceMinor: BigInt(price),
    currency,
    soldAt: new Date(at),
    campaignId: to.campaignId,
    siteGln: null,
    segmentId: to.segmentId,
    platform,
    buyerHash: buyer === null ? null : hashBuyer(settings.pseudonymKey, 'mbr_creator', String(buyer)),
  }));
  await runChange(
    { db: d.db, clock: d.clock, cause: { actorId: null, causeId: null, requestId: null }, topics: ['sales.recorded'] },
    (change) => writeSales(change, rows, settings.timeZone),
  );
}

describe('styles, trade items and brands', () => {
  it('answer every field by either key', async () => {
    const { styleId, brandId, creatorId, segmentId, gtins } = world;
    const { style, sku, brand } = await ask(
      creator,
      `{ style(styleId: "${styleId}") { styleId gmn member { memberId } origin name category brand { brandId } proposedBy { creatorId } retailPrice { amountMinor currency } life
          skus { totalCount nodes { gtin colour size style { styleId } } } proposedAt changedAt }
        sku(gtin: "${gtins[1]}") { gtin style { styleId } colour size }
        brand(brandId: "${brandId}") { brandId member { memberId } name positioning promise slogan segments { segmentId } styles { nodes { styleId } } changedAt } }`,
    );
    const at = '2026-11-22T09:00:00.000Z';
    expect(style).toEqual({
      styleId,
      gmn: gmn(Number(styleId.slice(4))),
      member: { memberId: 'mbr_creator' },
      origin: 'REPORTED',
      name: 'Summer shirt',
      category: 'SHIRT',
      brand: { brandId },
      proposedBy: { creatorId },
      retailPrice: cny(9_900),
      life: 'PROPOSED',
      skus: { totalCount: 3, nodes: ['S', 'M', 'L'].map((size, i) => ({ gtin: gtins[i], colour: 'blue', size, style: { styleId } })) },
      proposedAt: at,
      changedAt: at,
    });
    expect(sku).toEqual({ gtin: gtins[1], style: { styleId }, colour: 'blue', size: 'M' });
    expect(brand).toEqual({
      brandId,
      member: { memberId: 'mbr_creator' },
      name: 'Ada',
      positioning: 'first',
      promise: 'fits',
      slogan: 'It fits',
      segments: [{ segmentId }],
      styles: { nodes: [{ styleId }] },
      changedAt: at,
    });
  });

  it('hide the positioning of a brand and its segments from all but its owner and the hub', async () => {
    const source = `{ brand(brandId: "${world.brandId}") { name positioning segments { segmentId } } }`;
    for (const as of [creator, hub])
      expect((await ask(as, source)).brand).toEqual({ name: 'Ada', positioning: 'first', segments: [{ segmentId: world.segmentId }] });
    for (const as of [rival, maker, visitor])
      expect((await ask(as, source)).brand).toEqual({ name: 'Ada', positioning: null, segments: [] });
  });

  it('list styles newest first, by category and step of life, page by page', async () => {
    d.clock.advance(1);
    const { styles } = await call(d, creator, 'proposeStyles', {
      styles: Array.from({ length: 5 }, (_, i) =>
        newStyle({ category: i < 3 ? 'BAG' : 'DRESS', creatorId: world.creatorId, brandId: world.brandId }),
      ),
    });
    const ids: string[] = styles.map((style: { styleId: string }) => style.styleId);
    await call(d, creator, 'updateStyle', { styleId: ids[1], life: 'SAMPLED' });
    const page = async (args: string) =>
      (
        await ask(
          visitor,
          `{ styles(${args}) { totalCount nodes { styleId } edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`,
        )
      ).styles;
    const first = await page('category: BAG, first: 2');
    expect(first.nodes.map((node: { styleId: string }) => node.styleId)).toEqual([ids[2], ids[1]]);
    expect(first).toMatchObject({
      totalCount: 3,
      pageInfo: { hasNextPage: true, hasPreviousPage: false, startCursor: first.edges[0].cursor, endCursor: first.edges[1].cursor },
    });
    const second = await page(`category: BAG, first: 2, after: "${first.pageInfo.endCursor}"`);
    expect(second.nodes).toEqual([{ styleId: ids[0] }]);
    expect(second.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
    expect((await page('category: BAG, life: [SAMPLED]')).nodes).toEqual([{ styleId: ids[1] }]);
    const { brand } = await ask(visitor, `{ brand(brandId: "${world.brandId}") { styles(first: 1) { totalCount nodes { styleId } } } }`);
    expect(brand.styles).toEqual({ totalCount: 6, nodes: [{ styleId: ids[4] }] });
    d.clock.advance(-1);
  });

  it('take the categories of the list, all of them', async () => {
    const categories = [
      'T_SHIRT',
      'SHIRT',
      'SWEATER',
      'JACKET',
      'DRESS',
      'SKIRT',
      'TROUSERS',
      'SPORTSWEAR',
      'UNDERWEAR',
      'BAG',
      'HOME_TEXTILE',
      'ACCESSORY',
      'OTHER',
    ];
    const { styles } = await call(d, creator, 'proposeStyles', { styles: categories.map((category) => newStyle({ category })) });
    const { data } = await d.ask(
      visitor,
      `{ ${styles.map((style: { styleId: string }, i: number) => `s${i}: style(styleId: "${style.styleId}") { category }`).join(' ')} }`,
    );
    expect(Object.values<{ category: string }>(data).map(({ category }) => category)).toEqual(categories);
  });
});

describe('creators, agencies and campaigns', () => {
  it('answer every field', async () => {
    const { mcn } = await call(d, agency, 'registerMcn', { name: 'Stars', takeRateBps: 2_000 });
    await call(d, creator, 'updateCreator', { creatorId: world.creatorId, mcnId: mcn.mcnId });
    const answer = await ask(
      creator,
      `{ creator(creatorId: "${world.creatorId}") { creatorId member { memberId } origin displayName tier country mcn { mcnId } segments { segmentId }
          campaigns { nodes { campaignId member { memberId } origin creator { creatorId } brand { brandId } title status startsAt endsAt cpsRateBps slotFee { amountMinor currency }
            styles { nodes { styleId } } segments { segmentId } gmv { amountMinor } netGmv { amountMinor } returnRateBps changedAt } } }
        mcn(mcnId: "${mcn.mcnId}") { mcnId member { memberId } origin name takeRateBps creators { totalCount nodes { creatorId } } changedAt } }`,
    );
    const { creatorId, segmentId, campaignId, brandId, styleId } = world;
    expect(answer.creator).toEqual({
      creatorId,
      member: { memberId: 'mbr_creator' },
      origin: 'REPORTED',
      displayName: 'Ada',
      tier: 'KOC',
      country: 'CN',
      mcn: { mcnId: mcn.mcnId },
      segments: [{ segmentId }],
      campaigns: {
        nodes: [
          {
            campaignId,
            member: { memberId: 'mbr_creator' },
            origin: 'REPORTED',
            creator: { creatorId },
            brand: { brandId },
            title: 'Launch',
            status: 'DRAFT',
            startsAt: '2026-11-25T00:00:00.000Z',
            endsAt: '2026-12-05T00:00:00.000Z',
            cpsRateBps: 1_500,
            slotFee: cny(0),
            styles: { nodes: [{ styleId }] },
            segments: [{ segmentId }],
            gmv: { amountMinor: 0 },
            netGmv: { amountMinor: 0 },
            returnRateBps: null,
            changedAt: '2026-11-22T09:00:00.000Z',
          },
        ],
      },
    });
    expect(answer.mcn).toEqual({
      mcnId: mcn.mcnId,
      member: { memberId: 'mbr_agency' },
      origin: 'REPORTED',
      name: 'Stars',
      takeRateBps: 2_000,
      creators: { totalCount: 1, nodes: [{ creatorId }] },
      changedAt: '2026-11-22T09:00:00.000Z',
    });
  });

  it('show a campaign in preparation to its owner, the hub, and of demonstration rows to visitors', async () => {
    const demo = await makeWorld(d, generator('mbr_demo', 'CREATOR'));
    const seen = async (as: typeof visitor, id: string): Promise<boolean> =>
      (await ask(as, `{ campaign(campaignId: "${id}") { title } }`)).campaign !== null;
    expect(await Promise.all([creator, hub, rival, visitor].map((as) => seen(as, world.campaignId)))).toEqual([true, true, false, false]);
    expect(await Promise.all([creator, hub, visitor].map((as) => seen(as, demo.campaignId)))).toEqual([false, true, true]);
    await open(d, world.campaignId, false);
    expect(await Promise.all([rival, visitor].map((as) => seen(as, world.campaignId)))).toEqual([true, true]);
    const listed = async (args: string) =>
      (await ask(creator, `{ creator(creatorId: "${world.creatorId}") { campaigns${args} { totalCount } } }`)).creator.campaigns.totalCount;
    expect([await listed(''), await listed('(status: [PRESALE])'), await listed('(status: [LIVE, CLOSED])')]).toEqual([1, 1, 0]);
  });

  it('list creators by name and tier', async () => {
    for (const [displayName, tier] of [
      ['Zoe', 'KOL'],
      ['Yan', 'AMATEUR'],
      ['Xi', 'KOL'],
    ])
      await call(d, creator, 'registerCreator', { displayName, tier });
    const names = async (args: string) =>
      (await ask(visitor, `{ creators(${args}) { nodes { displayName } } }`)).creators.nodes.map(
        (node: { displayName: string }) => node.displayName,
      );
    expect(await names('tier: KOL')).toEqual(['Xi', 'Zoe']);
    expect(await names('tier: AMATEUR, first: 1')).toEqual(['Yan']);
  });

  it('refuse a page that is too long or a cursor of another list', async () => {
    for (const [args, words] of [
      ['first: 201', 'within 1 and 200'],
      ['first: 0', 'within 1 and 200'],
      ['after: "x"', 'not a cursor'],
    ] as const) {
      expect((await d.ask(visitor, `{ creators(${args}) { totalCount } }`)).errors?.[0]?.message).toContain(words);
    }
  });
});

describe('sales', () => {
  it('are summed by window for those who may know them', async () => {
    await sell(world, [
      { buyer: 1, at: '2026-11-22T08:00:00Z' },
      { buyer: 2, at: '2026-11-10T08:00:00Z', price: 9_000 },
      { buyer: 2, at: '2026-11-12T08:00:00Z', price: 8_000, kind: 'RETURN' },
      { buyer: 3, at: '2026-09-01T08:00:00Z', price: 7_000 },
    ]);
    const source = `{ style(styleId: "${world.styleId}") { d7: sales(window: D7) { piecesSold piecesReturned gmv { amountMinor currency } netGmv { amountMinor } } d30: sales { piecesSold piecesReturned gmv { amountMinor } netGmv { amountMinor } } d90: sales(window: D90) { piecesSold gmv { amountMinor } } }
      campaign(campaignId: "${world.campaignId}") { gmv { amountMinor currency } netGmv { amountMinor } returnRateBps } }`;
    const expected = {
      style: {
        d7: { piecesSold: 1, piecesReturned: 0, gmv: cny(10_000), netGmv: { amountMinor: 10_000 } },
        d30: { piecesSold: 2, piecesReturned: 1, gmv: { amountMinor: 19_000 }, netGmv: { amountMinor: 11_000 } },
        d90: { piecesSold: 3, gmv: { amountMinor: 26_000 } },
      },
      campaign: { gmv: cny(26_000), netGmv: { amountMinor: 18_000 }, returnRateBps: 3_333 },
    };
    await open(d, world.campaignId);
    for (const as of [creator, hub]) expect(await ask(as, source)).toEqual(expected);
    for (const as of [rival, maker, visitor]) {
      expect(await ask(as, source)).toEqual({
        style: { d7: null, d30: null, d90: null },
        campaign: { gmv: null, netGmv: null, returnRateBps: null },
      });
    }
  });

  it('of a style without any are zero', async () => {
    const { style } = await ask(
      creator,
      `{ style(styleId: "${world.styleId}") { sales { piecesSold piecesReturned gmv { amountMinor currency } netGmv { amountMinor } } } }`,
    );
    expect(style.sales).toEqual({ piecesSold: 0, piecesReturned: 0, gmv: cny(0), netGmv: { amountMinor: 0 } });
  });
});

describe('segments', () => {
  const segmentOf = async (fields: string, as = creator) =>
    (await ask(as, `{ segment(segmentId: "${world.segmentId}") { ${fields} } }`)).segment;

  it('answer every field to their owner and the hub, of demonstration rows to visitors, and to nobody else', async () => {
    await call(d, creator, 'defineSegment', {
      segmentId: world.segmentId,
      creatorId: world.creatorId,
      name: 'Slim',
      size: 500,
      priceFrom: cny(100),
      priceTo: cny(900),
      sizeCurve: [{ size: 'S', shareBps: 10_000 }],
    });
    const fields =
      'segmentId member { memberId } name size priceBand { from { amountMinor currency } to { amountMinor currency } } sizeCurve { size shareBps }';
    const expected = {
      segmentId: world.segmentId,
      member: { memberId: 'mbr_creator' },
      name: 'Slim',
      size: 500,
      priceBand: { from: cny(100), to: cny(900) },
      sizeCurve: [{ size: 'S', shareBps: 10_000 }],
    };
    for (const as of [creator, hub]) expect(await segmentOf(fields, as)).toEqual(expected);
    for (const as of [rival, maker, visitor]) expect(await segmentOf(fields, as)).toBeNull();
    const demo = await makeWorld(d, generator('mbr_demo', 'CREATOR'));
    expect((await ask(visitor, `{ segment(segmentId: "${demo.segmentId}") { name priceBand { from { amountMinor } } } }`)).segment).toEqual(
      { name: 'Slim waists', priceBand: null },
    );
  });

  it('know their revenue per person and who came back', async () => {
    await sell(world, [
      { buyer: 1, at: '2026-10-15T00:00:00Z' },
      { buyer: 2, at: '2026-10-15T00:00:00Z' },
      { buyer: 3, at: '2026-10-15T00:00:00Z' },
      { buyer: 1, at: '2026-11-15T12:00:00Z', price: 20_500 },
      { buyer: 4, at: '2026-11-20T00:00:00Z', price: 5_000 },
      { buyer: 4, at: '2026-11-21T00:00:00Z', price: 1_000, kind: 'RETURN' },
      { buyer: null, at: '2026-11-21T00:00:00Z', price: 1_000 },
      { buyer: 5, at: '2026-11-21T00:00:00Z', price: 77_000, currency: 'EUR' },
    ]);
    // 25,500 in 30 days over 1,000 people, rounded; 30,000 more in 90 days
    expect(
      await segmentOf('d7: arpu(window: D7) { amountMinor } d30: arpu { amountMinor currency } d90: arpu(window: D90) { amountMinor }'),
    ).toEqual({ d7: { amountMinor: 26 }, d30: cny(26), d90: { amountMinor: 56 } });
    expect(await segmentOf('d7: retentionBps(window: D7) d30: retentionBps d90: retentionBps(window: D90)')).toEqual({
      d7: null,
      d30: 3_333,
      d90: null,
    });
    expect(await segmentOf('ltv { amountMinor }')).toEqual({ ltv: null });
  });

  it('know a lifetime value from 30 buyers on', async () => {
    const buyers = Array.from({ length: 30 }, (_, i) => i + 1);
    await sell(
      world,
      buyers.map((buyer) => ({ buyer, at: '2026-11-01T00:00:00Z' })),
    );
    expect(await segmentOf('ltv { amountMinor currency }')).toEqual({ ltv: cny(10_000) });
    // 20 buyers of the 90 days before, of whom 10 came back: half is lost each time
    await sell(
      world,
      Array.from({ length: 20 }, (_, i) => ({ buyer: i + 21, at: '2026-07-01T00:00:00Z' })),
    );
    expect(await segmentOf('ltv { amountMinor } retentionBps(window: D90)')).toEqual({ ltv: { amountMinor: 20_000 }, retentionBps: 5_000 });
  });

  it('show cohorts by the week of the hub and the platform of the first order', async () => {
    const platforms = ['TIKTOK', 'FACEBOOK', 'SNAPCHAT', 'INSTAGRAM', 'PINTEREST', 'OWN_COMMUNITY'] as const;
    await sell(world, [
      // Sunday 17:00 UTC is Monday in Shanghai
      ...platforms.map((platform, i) => ({ buyer: 10 + i, at: '2026-08-02T17:00:00Z', platform })),
      { buyer: 20, at: '2026-08-05T00:00:00Z' },
      { buyer: 10, at: '2026-08-20T00:00:00Z', platform: 'FACEBOOK' },
      { buyer: 20, at: '2026-10-20T00:00:00Z' },
      { buyer: 20, at: '2026-10-21T00:00:00Z', kind: 'RETURN' },
      { buyer: 30, at: '2026-11-20T00:00:00Z' },
      { buyer: 31, at: '2026-09-10T00:00:00Z' },
      { buyer: 32, at: '2026-08-04T00:00:00Z', platform: null },
      { buyer: null, at: '2026-08-04T00:00:00Z' },
    ]);
    const fields = 'week platform buyers retentionD30Bps retentionD90Bps revenue { amountMinor currency } ltv { amountMinor }';
    const { cohorts } = await segmentOf(`cohorts(from: "2026-08-05", to: "2026-11-22") { ${fields} }`);
    const one = { buyers: 1, ltv: null, revenue: cny(10_000) };
    expect(cohorts).toEqual([
      {
        week: '2026-08-03',
        platform: 'TIKTOK',
        buyers: 2,
        retentionD30Bps: 5_000,
        retentionD90Bps: 10_000,
        revenue: cny(40_000 - 10_000),
        ltv: null,
      },
      ...platforms.slice(1).map((platform) => ({ ...one, week: '2026-08-03', platform, retentionD30Bps: 0, retentionD90Bps: 0 })),
      { ...one, week: '2026-09-07', platform: 'TIKTOK', retentionD30Bps: 0, retentionD90Bps: null },
      { ...one, week: '2026-11-16', platform: 'TIKTOK', retentionD30Bps: null, retentionD90Bps: null },
    ]);
    await sell(
      world,
      Array.from({ length: 29 }, (_, i) => ({ buyer: 100 + i, at: '2026-11-20T00:00:00Z' })),
    );
    const later = (await segmentOf('cohorts(from: "2026-11-16", to: "2026-11-22") { buyers ltv { amountMinor currency } }')).cohorts;
    expect(later).toEqual([{ buyers: 30, ltv: cny(10_000) }]);
    for (const range of ['from: "2026-11-22", to: "2026-11-21"', 'from: "2024-01-01", to: "2026-11-22"']) {
      const { errors } = await d.ask(creator, `{ segment(segmentId: "${world.segmentId}") { cohorts(${range}) { week } } }`);
      expect(errors?.[0]?.extensions?.['code'] ?? errors?.[0]?.message).toMatch(/BAD_USER_INPUT|weeks|lies before/);
    }
  });

  it('are listed by revenue per person, from a least one, page by page', async () => {
    const demo = generator('mbr_list', 'CREATOR');
    const worlds = [await makeWorld(d, demo), await makeWorld(d, demo), await makeWorld(d, demo)];
    await Promise.all(worlds.map((each, i) => sell(each, [{ buyer: 1, at: '2026-11-20T00:00:00Z', price: (i + 1) * 100_000 }])));
    const page = async (args: string) =>
      (await ask(demo, `{ segments(${args}) { totalCount nodes { segmentId arpu { amountMinor } } pageInfo { endCursor hasNextPage } } }`))
        .segments;
    const first = await page('first: 2');
    expect(first).toMatchObject({
      totalCount: 3,
      nodes: [
        { segmentId: worlds[2]?.segmentId, arpu: { amountMinor: 300 } },
        { segmentId: worlds[1]?.segmentId, arpu: { amountMinor: 200 } },
      ],
    });
    expect((await page(`first: 2, after: "${first.pageInfo.endCursor}"`)).nodes).toEqual([
      { segmentId: worlds[0]?.segmentId, arpu: { amountMinor: 100 } },
    ]);
    expect((await page('minArpuMinor: 200')).totalCount).toBe(2);
    expect((await ask(rival, '{ segments { totalCount } }')).segments.totalCount).toBe(0);
  });
});

describe('as a part of the graph', () => {
  const entities = async (as: typeof visitor, representations: Record<string, unknown>[]) =>
    (
      await d.ask(
        as,
        `query ($representations: [_Any!]!) { _entities(representations: $representations) {
        ... on DemandLine { demandLineId quantity } ... on Style { styleId gmn } ... on Sku { gtin } ... on Creator { creatorId } ... on Mcn { mcnId }
        ... on Brand { brandId } ... on AudienceSegment { segmentId } ... on Campaign { campaignId } } }`,
        { representations },
      )
    ).data._entities;

  it('finds every entity by its keys, and null for what is unknown or hidden', async () => {
    const { mcn } = await call(d, agency, 'registerMcn', { name: 'Stars', takeRateBps: 1 });
    const { styleId, gtins, creatorId, brandId, segmentId, campaignId } = world;
    const { demandLines } = await call(d, creator, 'submitDemands', { demands: [newDemand(styleId, gtins[0] ?? '')] });
    const { demandLineId } = demandLines[0];
    const { style } = await ask(visitor, `{ style(styleId: "${styleId}") { gmn } }`);
    const representations = [
      { __typename: 'DemandLine', demandLineId },
      { __typename: 'Style', styleId },
      { __typename: 'Style', gmn: style.gmn },
      { __typename: 'Sku', gtin: gtins[2] },
      { __typename: 'Creator', creatorId },
      { __typename: 'Mcn', mcnId: mcn.mcnId },
      { __typename: 'Brand', brandId },
      { __typename: 'AudienceSegment', segmentId },
      { __typename: 'Campaign', campaignId },
      { __typename: 'Campaign', campaignId: 'cmp_0' },
    ];
    const whole = { styleId, gmn: style.gmn };
    const open_ = [whole, whole, { gtin: gtins[2] }, { creatorId }, { mcnId: mcn.mcnId }, { brandId }];
    expect(await entities(creator, representations)).toEqual([
      { demandLineId, quantity: 120 },
      ...open_,
      { segmentId },
      { campaignId },
      null,
    ]);
    expect(await entities(visitor, representations)).toEqual([null, ...open_, null, null, null]);
  });

  it('runs the same number of statements for 1, 10 and 100 campaigns', async () => {
    const { creatorId, styleId, segmentId, brandId, gtins } = world;
    const { styles } = await call(d, creator, 'proposeStyles', {
      styles: Array.from({ length: 20 }, () => newStyle({ creatorId, brandId })),
    });
    const styleIds: string[] = styles.map((style: { styleId: string }) => style.styleId);
    const base = await d.db.campaign.findUniqueOrThrow({ where: { campaignId: world.campaignId } });
    const ids = Array.from({ length: 100 }, (_, i) => `cmp_deep_${String(i).padStart(3, '0')}`);
    await d.db.campaign.createMany({
      data: ids.map((campaignId) => ({ ...base, campaignId, status: 'LIVE' as const, startsAt: new Date('2026-12-01T00:00:00Z') })),
    });
    await d.db.campaignStyle.createMany({
      data: ids.flatMap((campaignId, i) => [styleId, styleIds[i % 20] ?? ''].map((id, place) => ({ campaignId, styleId: id, place }))),
    });
    await d.db.campaignSegment.createMany({ data: ids.map((campaignId) => ({ campaignId, segmentId, place: 0 })) });
    const lines = ids.map((campaignId) =>
      newDemand(styleId, gtins[0] ?? '', {
        campaignId,
        siteGln: '9520000000011',
        cut: { curve: { quantity: 10, segmentId, colour: 'blue' } },
      }),
    );
    await call(d, creator, 'submitDemands', { demands: lines });
    // the first lines of each style stand under no campaign, so that what a page of campaigns has read already saves nothing
    const early = [styleId, ...styleIds].flatMap((id) => Array.from({ length: 5 }, () => ({ styleId: id })));
    const skuOf = new Map(
      (await d.db.sku.findMany({ where: { styleId: { in: early.map((line) => line.styleId) } } })).map((sku) => [sku.styleId, sku.gtin]),
    );
    for (const part of [early.slice(0, 100), early.slice(100)]) {
      await call(d, creator, 'submitDemands', {
        demands: part.map((line) =>
          newDemand(line.styleId, skuOf.get(line.styleId) ?? '', { dueDate: '2026-11-30', siteGln: '9520000000011' }),
        ),
      });
    }
    await call(d, creator, 'recordSales', {
      sales: ids.map((campaignId) => newSale(gtins[0] ?? '', { campaignId, segmentId, platform: 'TIKTOK', buyerPseudonym: campaignId })),
    });
    const deep = (
      first: number,
    ) => `{ creator(creatorId: "${creatorId}") { mcn { name } segments { name arpu { amountMinor } retentionBps ltv { amountMinor } sizeCurve { size } cohorts(from: "2026-11-01", to: "2026-11-22") { buyers } }
      campaigns(first: ${first}, status: [LIVE]) { totalCount nodes { title brand { name segments { name } styles { nodes { name } } } gmv { amountMinor } netGmv { amountMinor } returnRateBps
        segments { name arpu { amountMinor } } creator { displayName }
        styles { totalCount nodes { name retailPrice { amountMinor } sales { piecesSold } sd7: sales(window: D7) { piecesSold } brand { name } proposedBy { displayName } skus { nodes { gtin style { name } } }
          demand(first: 5) { totalCount nodes { quantity sizes { quantity sku { gtin style { name } } } campaign { title } segment { name } store { siteGln } } } } }
        demand(first: 3) { totalCount nodes { status style { name } sizes { sku { size } } segment { name sizeCurve { size } } } } } } } }`;
    const run = async (first: number) => {
      let campaigns = 0;
      const statements = await d.countStatements(
        async () => (campaigns = (await ask(creator, deep(first))).creator.campaigns.nodes.length),
      );
      return { campaigns, statements };
    };
    const [one, ten, hundred] = [await run(1), await run(10), await run(100)];
    expect([one.campaigns, ten.campaigns, hundred.campaigns]).toEqual([1, 10, 100]);
    expect([ten.statements, hundred.statements]).toEqual([one.statements, one.statements]);
    expect(one.statements).toBeLessThanOrEqual(40);
  });
});
