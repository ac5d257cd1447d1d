/** What the mutations of downstream store, and every problem they can have. */
import { toDemoGmn } from '../../../subgraph-kit/gs1.ts';
import { styleLife } from '../../../subgraphs/downstream/state-machines.ts';
import { generator } from '../../_kit/subgraph.ts';
import {
  agency,
  call,
  carrier,
  cny,
  creator,
  curve,
  gln,
  gmn,
  gtin,
  maker,
  makeWorld,
  newDemand,
  newSale,
  newStyle,
  next,
  open,
  openDownstream,
  problemsOf,
  rival,
  topicsOf,
  type Downstream,
} from './_kit.ts';

let d: Downstream;
beforeAll(async () => {
  d = await openDownstream();
}, 60_000);
afterAll(() => d.close());
beforeEach(() => d.forgetEvents());

const payloads = async (topic: string): Promise<Record<string, unknown>[]> =>
  (await d.events()).filter((event) => event.topic === topic).map(({ payload }) => payload);

describe('creators and agencies', () => {
  it('are entered under the calling member, with the origin of who writes', async () => {
    const { mcn } = await call(d, agency, 'registerMcn', { name: ' Stars ', takeRateBps: 2_000 });
    const { creator: made } = await call(d, creator, 'registerCreator', {
      displayName: ' Ada ',
      tier: 'AMATEUR',
      country: 'FR',
      mcnId: mcn.mcnId,
    });
    expect(made).toEqual({
      creatorId: expect.stringMatching(/^crt_/),
      displayName: 'Ada',
      tier: 'AMATEUR',
      country: 'FR',
      mcn: { mcnId: mcn.mcnId },
      changedAt: '2026-11-22T09:00:00.000Z',
    });
    const demo = await call(d, generator('mbr_demo', 'CREATOR'), 'registerCreator', { displayName: 'Demo', tier: 'KOC' });
    const rows = await d.db.creator.findMany({
      where: { creatorId: { in: [made.creatorId, demo.creator.creatorId] } },
      orderBy: { creatorId: 'asc' },
    });
    expect(rows.map(({ memberId, origin }) => [memberId, origin])).toEqual([
      ['mbr_creator', 'REPORTED'],
      ['mbr_demo', 'GENERATED'],
    ]);
    expect(await payloads('mcn.changed')).toEqual([
      { mcnId: mcn.mcnId, memberId: 'mbr_agency', name: 'Stars', takeRateBps: 2_000, changedAt: '2026-11-22T09:00:00.000Z' },
    ]);
    expect((await payloads('creator.changed'))[0]).toEqual({
      creatorId: made.creatorId,
      memberId: 'mbr_creator',
      displayName: 'Ada',
      tier: 'AMATEUR',
      mcnId: mcn.mcnId,
      changedAt: '2026-11-22T09:00:00.000Z',
    });
  });

  it('keep what an update leaves out, and lose their agency only by null', async () => {
    const { mcn } = await call(d, agency, 'registerMcn', { name: 'Stars', takeRateBps: 0 });
    const { creator: made } = await call(d, creator, 'registerCreator', { displayName: 'Ada', tier: 'KOC', mcnId: mcn.mcnId });
    const { creatorId } = made;
    const first = (await call(d, creator, 'updateCreator', { creatorId, displayName: 'Ada L.' })).creator;
    expect(first).toMatchObject({ displayName: 'Ada L.', tier: 'KOC', mcn: { mcnId: mcn.mcnId } });
    // the clock stands still: the time of the row moves on all the same
    expect(first.changedAt > made.changedAt).toBe(true);
    expect((await call(d, creator, 'updateCreator', { creatorId, mcnId: null })).creator).toMatchObject({
      displayName: 'Ada L.',
      mcn: null,
    });
  });

  it('refuse an unknown agency, empty names, rates over the whole, and other kinds of members', async () => {
    expect(problemsOf(await call(d, creator, 'registerCreator', { displayName: 'A', tier: 'KOC', mcnId: 'mcn_0' }))).toEqual([
      'NOT_FOUND mcnId',
    ]);
    expect(problemsOf(await call(d, creator, 'registerCreator', { displayName: ' ', tier: 'KOC' }))).toEqual(['TOO_LONG displayName']);
    expect(problemsOf(await call(d, agency, 'registerMcn', { name: 'x'.repeat(201), takeRateBps: 10_001 }))).toEqual([
      'TOO_LONG name',
      'OUT_OF_RANGE takeRateBps',
    ]);
    expect(problemsOf(await call(d, creator, 'registerMcn', { name: 'x', takeRateBps: 1 }))).toEqual(['WRONG_KIND']);
    expect(problemsOf(await call(d, maker, 'registerCreator', { displayName: 'A', tier: 'KOC' }))).toEqual(['WRONG_KIND']);
    expect(await d.events()).toEqual([]);
  });
});

describe('brands and segments', () => {
  it('replace lists as a whole', async () => {
    const { brandId, segmentId, creatorId } = await makeWorld(d);
    const other = (await call(d, creator, 'defineSegment', { creatorId, name: 'Tall', size: 10, sizeCurve: curve })).segment.segmentId;
    const words = { name: 'New', positioning: 'two', promise: 'three', slogan: 'four' };
    expect((await call(d, creator, 'updateBrand', { brandId, ...words, segmentIds: [other, segmentId] })).brand).toMatchObject({
      ...words,
      segments: [{ segmentId: other }, { segmentId }],
    });
    expect((await call(d, creator, 'updateBrand', { brandId, segmentIds: [] })).brand).toMatchObject({ ...words, segments: [] });
    const redefined = {
      segmentId,
      name: 'Slimmer',
      size: 77,
      priceFrom: cny(100),
      priceTo: cny(900),
      sizeCurve: [{ size: 'XS', shareBps: 10_000 }],
    };
    expect((await call(d, creator, 'defineSegment', redefined)).segment).toMatchObject({
      segmentId,
      name: 'Slimmer',
      size: 77,
      priceBand: { from: { amountMinor: 100 }, to: { amountMinor: 900 } },
      sizeCurve: [{ size: 'XS', shareBps: 10_000 }],
    });
  });

  it('refuse segments that are unknown, of others, or too many', async () => {
    const { segmentId } = await makeWorld(d);
    const brand = { name: 'b', positioning: 'p', promise: 'p', slogan: 's' };
    expect(problemsOf(await call(d, rival, 'registerBrand', { ...brand, segmentIds: [segmentId, 'seg_0'] }))).toEqual([
      'NOT_YOURS segmentIds.0',
      'NOT_FOUND segmentIds.1',
    ]);
    expect(problemsOf(await call(d, creator, 'registerBrand', { ...brand, segmentIds: [segmentId, segmentId] }))).toEqual([
      'DUPLICATE segmentIds.1',
    ]);
    expect(
      problemsOf(
        await call(d, creator, 'registerBrand', { ...brand, slogan: '', segmentIds: Array.from({ length: 101 }, (_, i) => `seg_${i}`) }),
      ),
    ).toEqual(['TOO_LONG slogan', 'TOO_MANY segmentIds']);
  });

  it('refuse curves that do not add up and impossible prices', async () => {
    const { creatorId } = await makeWorld(d);
    const segment = { name: 's', size: 1, sizeCurve: curve };
    const problems = async (extra: Record<string, unknown>, as = creator) =>
      problemsOf(await call(d, as, 'defineSegment', { ...segment, ...extra }));
    expect(await problems({ sizeCurve: [{ size: 'S', shareBps: 9_999 }] })).toEqual(['SUM_MISMATCH sizeCurve']);
    expect(await problems({ sizeCurve: [] })).toEqual(['TOO_FEW sizeCurve', 'SUM_MISMATCH sizeCurve']);
    expect(
      await problems({
        sizeCurve: [
          { size: 'S', shareBps: 5_000 },
          { size: 'S', shareBps: 5_000 },
        ],
      }),
    ).toEqual(['DUPLICATE sizeCurve.1']);
    expect(await problems({ size: 0, name: '' })).toEqual(['TOO_LONG name', 'OUT_OF_RANGE size']);
    expect(await problems({ priceFrom: cny(2), priceTo: cny(1) })).toEqual(['OUT_OF_RANGE priceTo.amountMinor']);
    expect(await problems({ priceFrom: cny(2), priceTo: { amountMinor: 3, currency: 'EUR' } })).toEqual([
      'CURRENCY_MISMATCH priceTo.currency',
    ]);
    expect(await problems({ creatorId: 'crt_0' })).toEqual(['NOT_FOUND creatorId']);
    expect(await problems({ creatorId }, rival)).toEqual(['NOT_YOURS creatorId']);
  });

  it('give a creator 100 segments at most', async () => {
    const { creatorId } = await makeWorld(d);
    const [row] = await d.db.audienceSegment.findMany({ where: { creatorId } });
    if (row === undefined) throw new Error('the world has a segment');
    await d.db.audienceSegment.createMany({ data: Array.from({ length: 99 }, (_, i) => ({ ...row, segmentId: `seg_many_${i}` })) });
    expect(problemsOf(await call(d, creator, 'defineSegment', { creatorId, name: 's', size: 1, sizeCurve: curve }))).toEqual([
      'TOO_MANY creatorId',
    ]);
  });
});

describe('styles', () => {
  it('stand or fall alone, each with its event', async () => {
    const { creatorId, brandId } = await makeWorld(d);
    await d.forgetEvents();
    const [good, taken, alsoGood] = [newStyle({ creatorId, brandId }), newStyle({ gmn: toDemoGmn('taken') }), newStyle()];
    await call(d, rival, 'proposeStyles', { styles: [newStyle({ gmn: toDemoGmn('taken') })] });
    await d.forgetEvents();
    const answer = await call(d, creator, 'proposeStyles', { styles: [good, taken, alsoGood] });
    expect(problemsOf(answer)).toEqual(['DUPLICATE styles.1.gmn']);
    expect(answer.styles.map((style: { gmn: string } | null) => style?.gmn ?? null)).toEqual([good.gmn, null, alsoGood.gmn]);
    expect(answer.styles[0].skus.nodes).toEqual(good.skus);
    expect(await payloads('style.proposed')).toEqual([
      expect.objectContaining({
        styleId: answer.styles[0].styleId,
        gmn: good.gmn,
        memberId: 'mbr_creator',
        creatorId,
        category: 'SHIRT',
        retailPrice: cny(9_900),
      }),
      expect.objectContaining({ gmn: alsoGood.gmn, creatorId: null }),
    ]);
  });

  it('refuse wrong keys, taken keys and repeats, and name each place', async () => {
    const { gtins } = await makeWorld(d);
    const problems = async (extra: Record<string, unknown>) =>
      problemsOf(await call(d, creator, 'proposeStyles', { styles: [newStyle(extra)] }));
    const sku = (extra: Record<string, unknown> = {}) => ({ gtin: gtin(next()), colour: 'blue', size: 'S', ...extra });
    const twice = gtin(next());
    expect(await problems({ gmn: 'ABC' })).toEqual(['BAD_CODE styles.0.gmn']);
    expect(await problems({ gmn: `${gmn(next()).slice(0, -1)}!` })).toEqual(['BAD_CHECK_DIGIT styles.0.gmn']);
    expect(await problems({ skus: [] })).toEqual(['TOO_FEW styles.0.skus']);
    expect(await problems({ skus: [sku({ gtin: '9520000000012' })] })).toEqual(['BAD_CHECK_DIGIT styles.0.skus.0.gtin']);
    expect(await problems({ skus: [sku({ gtin: twice }), sku({ gtin: twice, size: 'M' })] })).toEqual(['DUPLICATE styles.0.skus.1']);
    expect(await problems({ skus: [sku(), sku()] })).toEqual(['DUPLICATE styles.0.skus.1']);
    expect(await problems({ skus: [sku({ gtin: gtins[0] })] })).toEqual(['DUPLICATE styles.0.skus.0.gtin']);
    expect(await problems({ creatorId: 'crt_0', brandId: 'brd_0' })).toEqual([
      'NOT_FOUND styles.0.creatorId',
      'NOT_FOUND styles.0.brandId',
    ]);
    expect(await problems({ name: '', retailPrice: cny(-1) })).toEqual([
      'TOO_LONG styles.0.name',
      'OUT_OF_RANGE styles.0.retailPrice.amountMinor',
    ]);
    expect(problemsOf(await call(d, creator, 'proposeStyles', { styles: [] }))).toEqual(['TOO_FEW styles']);
    expect(problemsOf(await call(d, creator, 'proposeStyles', { styles: Array.from({ length: 101 }, () => newStyle()) }))).toEqual([
      'TOO_MANY styles',
    ]);
    expect(problemsOf(await call(d, maker, 'proposeStyles', { styles: [newStyle()] }))).toEqual(['WRONG_KIND']);
    const same = newStyle();
    const sharing = [newStyle({ skus: [sku({ gtin: twice })] }), newStyle({ skus: [sku({ gtin: twice })] }), same, same];
    expect(problemsOf(await call(d, creator, 'proposeStyles', { styles: sharing }))).toEqual([
      'DUPLICATE styles.3',
      'DUPLICATE styles.0.skus.0.gtin',
      'DUPLICATE styles.1.skus.0.gtin',
    ]);
  });

  it('never give one GTIN to two styles that are proposed at the same time', async () => {
    const shared = gtin(next());
    const propose = (as: typeof creator) =>
      call(d, as, 'proposeStyles', { styles: [newStyle({ skus: [{ gtin: shared, colour: 'blue', size: 'S' }] })] });
    const answers = await Promise.all([propose(creator), propose(rival), propose(agency)]);
    expect(answers.filter((answer) => answer.styles[0] !== null)).toHaveLength(1);
    expect(answers.flatMap(problemsOf)).toEqual(['DUPLICATE styles.0.skus.0.gtin', 'DUPLICATE styles.0.skus.0.gtin']);
  });

  it('a hundred styles with their trade items take as many statements as one', async () => {
    const count = (n: number) =>
      d.countStatements(() => call(d, creator, 'proposeStyles', { styles: Array.from({ length: n }, () => newStyle()) }));
    expect(await count(100)).toBe(await count(1));
  });

  it('live as their state machine says: every move of the table, and no other', async () => {
    const { styleId } = await makeWorld(d);
    const states = Object.keys(styleLife.moves) as (keyof typeof styleLife.moves)[];
    for (const from of states) {
      for (const to of states) {
        await d.db.style.update({ where: { styleId }, data: { life: from } });
        const answer = await call(d, creator, 'updateStyle', { styleId, life: to });
        expect([from, to, problemsOf(answer), answer.style?.life]).toEqual(
          styleLife.moves[from].includes(to) ? [from, to, [], to] : [from, to, ['WRONG_STATE'], undefined],
        );
      }
    }
  });

  it('change name, brand and price, but not the currency their sales are summed in', async () => {
    const { styleId } = await makeWorld(d);
    const brand = (await call(d, creator, 'registerBrand', { name: 'n', positioning: 'p', promise: 'p', slogan: 's' })).brand.brandId;
    const theirs = (await call(d, rival, 'registerBrand', { name: 'n', positioning: 'p', promise: 'p', slogan: 's' })).brand.brandId;
    await d.forgetEvents();
    const changed = await call(d, creator, 'updateStyle', { styleId, name: 'Autumn', brandId: brand, retailPrice: cny(1) });
    expect(changed.style).toMatchObject({ name: 'Autumn', brand: { brandId: brand }, retailPrice: cny(1) });
    expect(await payloads('style.changed')).toEqual([
      { styleId, memberId: 'mbr_creator', name: 'Autumn', life: 'PROPOSED', retailPrice: cny(1), changedAt: changed.style.changedAt },
    ]);
    expect(problemsOf(await call(d, creator, 'updateStyle', { styleId, retailPrice: { amountMinor: 1, currency: 'EUR' } }))).toEqual([
      'CURRENCY_MISMATCH retailPrice.currency',
    ]);
    expect(problemsOf(await call(d, creator, 'updateStyle', { styleId, brandId: theirs }))).toEqual(['NOT_YOURS brandId']);
  });
});

describe('campaigns', () => {
  it('refuse what they cannot sell or aim at', async () => {
    const { creatorId, styleId, brandId, segmentId } = await makeWorld(d);
    const theirs = await makeWorld(d, rival);
    const euro = (await call(d, creator, 'proposeStyles', { styles: [newStyle({ retailPrice: { amountMinor: 1, currency: 'EUR' } })] }))
      .styles[0].styleId;
    const plan = { creatorId, title: 'T', startsAt: '2026-12-02T00:00:00Z', cpsRateBps: 1, styleIds: [styleId] };
    const problems = async (extra: Record<string, unknown>) => problemsOf(await call(d, creator, 'createCampaign', { ...plan, ...extra }));
    expect(await problems({ endsAt: '2026-12-01T00:00:00Z' })).toEqual(['DATES_REVERSED endsAt']);
    expect(await problems({ styleIds: [] })).toEqual(['TOO_FEW styleIds']);
    expect(await problems({ styleIds: [styleId, 'sty_0'], brandId: 'brd_0' })).toEqual(['NOT_FOUND brandId', 'NOT_FOUND styleIds.1']);
    expect(await problems({ styleIds: [styleId, styleId] })).toEqual(['DUPLICATE styleIds.1']);
    expect(await problems({ styleIds: [styleId, euro] })).toEqual(['CURRENCY_MISMATCH styleIds.1']);
    expect(await problems({ cpsRateBps: 10_001, slotFee: cny(-1), title: '' })).toEqual([
      'TOO_LONG title',
      'OUT_OF_RANGE cpsRateBps',
      'OUT_OF_RANGE slotFee.amountMinor',
    ]);
    expect(await problems({ segmentIds: [theirs.segmentId] })).toEqual(['NOT_YOURS segmentIds.0']);
    expect(await problems({ creatorId: theirs.creatorId })).toEqual(['NOT_YOURS creatorId']);
    // for the brand of another member, its segments and styles are fine
    expect(
      await problems({ brandId: theirs.brandId, segmentIds: [theirs.segmentId, segmentId], styleIds: [theirs.styleId, styleId] }),
    ).toEqual([]);
    expect(await problems({ brandId })).toEqual([]);
    expect(problemsOf(await call(d, carrier, 'createCampaign', plan))).toEqual(['WRONG_KIND']);
  });

  it('change until they are over', async () => {
    const { campaignId, creatorId, styleId } = await makeWorld(d);
    const other = (await call(d, creator, 'proposeStyles', { styles: [newStyle()] })).styles[0].styleId;
    const segment = (await call(d, creator, 'defineSegment', { creatorId, name: 's', size: 1, sizeCurve: curve })).segment.segmentId;
    await d.forgetEvents();
    const changed = await call(d, creator, 'updateCampaign', {
      campaignId,
      title: 'New',
      startsAt: '2026-11-26T00:00:00Z',
      endsAt: '2026-11-27T00:00:00Z',
      styleIds: [other, styleId],
      segmentIds: [segment],
    });
    expect(changed.campaign).toMatchObject({
      title: 'New',
      status: 'DRAFT',
      startsAt: '2026-11-26T00:00:00.000Z',
      styles: { nodes: [{ styleId: other }, { styleId }] },
      segments: [{ segmentId: segment }],
    });
    expect(await payloads('campaign.changed')).toEqual([
      {
        campaignId,
        memberId: 'mbr_creator',
        cpsRateBps: 1_500,
        creatorId,
        status: 'DRAFT',
        previousStatus: 'DRAFT',
        startsAt: '2026-11-26T00:00:00.000Z',
        endsAt: '2026-11-27T00:00:00.000Z',
        changedAt: changed.campaign.changedAt,
      },
    ]);
    // the new end against the start that stays
    expect(problemsOf(await call(d, creator, 'updateCampaign', { campaignId, endsAt: '2026-11-25T00:00:00Z' }))).toEqual([
      'DATES_REVERSED endsAt',
    ]);
    expect(problemsOf(await call(d, creator, 'updateCampaign', { campaignId, styleIds: [] }))).toEqual(['TOO_FEW styleIds']);
    for (const status of ['CLOSED', 'CANCELLED'] as const) {
      await d.db.campaign.update({ where: { campaignId }, data: { status } });
      expect(problemsOf(await call(d, creator, 'updateCampaign', { campaignId, title: 'Late' }))).toEqual(['WRONG_STATE']);
    }
  });

  it.each([
    ['openPresale', 'PRESALE', ['DRAFT']],
    ['closePresale', 'LIVE', ['PRESALE']],
    ['closeCampaign', 'CLOSED', ['LIVE']],
    ['cancelCampaign', 'CANCELLED', ['DRAFT', 'PRESALE']],
  ] as const)('%s leads to %s from %s only', async (name, to, legal) => {
    const { campaignId } = await makeWorld(d);
    for (const status of ['DRAFT', 'PRESALE', 'LIVE', 'CLOSED', 'CANCELLED'] as const) {
      await d.db.campaign.update({ where: { campaignId }, data: { status } });
      await d.forgetEvents();
      const answer = await call(d, creator, name, { campaignId, ...(name === 'cancelCampaign' ? { reason: 'OTHER' } : {}) });
      const isLegal = (legal as readonly string[]).includes(status);
      expect([status, problemsOf(answer), answer.campaign?.status]).toEqual(
        isLegal ? [status, [], to] : [status, ['WRONG_STATE'], undefined],
      );
      expect((await payloads('campaign.changed')).map((event) => [event['previousStatus'], event['status']])).toEqual(
        isLegal ? [[status, to]] : [],
      );
    }
  });

  it('take their open demand with them when they are called off, and leave what is in production', async () => {
    const { campaignId, styleId, gtins } = await makeWorld(d);
    const line = newDemand(styleId, gtins[0] ?? '', { campaignId });
    const { demandLines } = await call(d, creator, 'submitDemands', { demands: [line, line, line, line] });
    const ids: string[] = demandLines.map((made: { demandLineId: string }) => made.demandLineId);
    await d.db.demandLine.update({ where: { demandLineId: ids[1] ?? '' }, data: { status: 'ALLOCATED' } });
    await d.db.demandLine.update({ where: { demandLineId: ids[2] ?? '' }, data: { status: 'IN_PRODUCTION' } });
    await d.forgetEvents();
    expect(problemsOf(await call(d, creator, 'cancelCampaign', { campaignId, reason: 'SOLD_BADLY' }))).toEqual([]);
    const rows = await d.db.demandLine.findMany({ where: { campaignId }, orderBy: { demandLineId: 'asc' } });
    expect(rows.map(({ status, cancelReason }) => [status, cancelReason])).toEqual([
      ['CANCELLED', 'CAMPAIGN_CANCELLED'],
      ['CANCELLED', 'CAMPAIGN_CANCELLED'],
      ['IN_PRODUCTION', null],
      ['CANCELLED', 'CAMPAIGN_CANCELLED'],
    ]);
    expect(rows.map(({ changedAt }) => changedAt.getTime() > d.clock.now().getTime())).toEqual([true, true, false, true]);
    expect((await topicsOf(d)).sort()).toEqual(['campaign.changed', 'demand.cancelled', 'demand.cancelled', 'demand.cancelled']);
    expect((await payloads('demand.cancelled'))[0]).toMatchObject({
      campaignId,
      quantity: 120,
      reason: 'CAMPAIGN_CANCELLED',
      memberId: 'mbr_creator',
    });
    expect((await d.db.campaign.findUniqueOrThrow({ where: { campaignId } })).cancelReason).toBe('SOLD_BADLY');
  });
});

describe('sales', () => {
  it('are stored one by one, with a keyed hash for the buyer, and told once per style, campaign and store', async () => {
    const { campaignId, styleId, gtins, segmentId } = await makeWorld(d);
    const [small = '', medium = ''] = gtins;
    await open(d, campaignId);
    await d.forgetEvents();
    const sales = [
      newSale(small, { campaignId, segmentId, platform: 'TIKTOK', buyerPseudonym: 'buyer 7', quantity: 2 }),
      newSale(small, { campaignId, kind: 'RETURN', soldAt: '2026-11-22T08:30:00.000Z' }),
      newSale(medium, { campaignId }),
      newSale(medium, { siteGln: gln }),
      newSale(medium),
    ];
    expect(await call(d, creator, 'recordSales', { sales })).toEqual({ recorded: 5, problems: [] });
    const rows = await d.db.sale.findMany({ where: { styleId } });
    expect(rows).toHaveLength(5);
    const marked = rows.filter(({ buyerHash }) => buyerHash !== null);
    expect(marked.map(({ memberId, origin, segmentId: of, platform }) => [memberId, origin, of, platform])).toEqual([
      ['mbr_creator', 'REPORTED', segmentId, 'TIKTOK'],
    ]);
    expect(JSON.stringify(rows, (_, value: unknown) => (typeof value === 'bigint' ? Number(value) : value))).not.toContain('buyer 7');
    expect(await payloads('sales.recorded')).toEqual([
      {
        memberId: 'mbr_creator',
        styleId,
        campaignId,
        siteGln: null,
        piecesSold: 3,
        piecesReturned: 1,
        gmv: cny(29_700),
        at: '2026-11-22T08:30:00.000Z',
        lines: [
          { gtin: small, siteGln: null, piecesSold: 2, piecesReturned: 1 },
          { gtin: medium, siteGln: null, piecesSold: 1, piecesReturned: 0 },
        ],
      },
      expect.objectContaining({
        campaignId: null,
        siteGln: gln,
        lines: [{ gtin: medium, siteGln: gln, piecesSold: 1, piecesReturned: 0 }],
      }),
      expect.objectContaining({ campaignId: null, siteGln: null, piecesSold: 1 }),
    ]);
  });

  it('stand or fall alone', async () => {
    const { campaignId, gtins, segmentId } = await makeWorld(d);
    const theirs = await makeWorld(d, rival);
    const draft = await makeWorld(d);
    await open(d, campaignId);
    await open(d, theirs.campaignId);
    await d.forgetEvents();
    const [small = ''] = gtins;
    const sales = [
      newSale(small),
      newSale('9520000000012'),
      newSale(gtin(99_999_999)),
      newSale(small, { quantity: 0 }),
      newSale(small, { soldAt: '2026-11-22T09:00:00.001Z' }),
      newSale(small, { unitPrice: { amountMinor: 1, currency: 'EUR' } }),
      newSale(small, { unitPrice: cny(-1) }),
      newSale(small, { siteGln: '123' }),
      newSale(small, { campaignId: 'cmp_0' }),
      newSale(small, { campaignId: theirs.campaignId }),
      newSale(small, { segmentId: theirs.segmentId }),
      newSale(small, { segmentId: 'seg_0' }),
      newSale(theirs.gtins[0] ?? ''),
      newSale(draft.gtins[0] ?? '', { campaignId: draft.campaignId }),
      newSale(small, { campaignId, segmentId, buyerPseudonym: '' }),
      newSale(small, { campaignId, segmentId }),
    ];
    const answer = await call(d, creator, 'recordSales', { sales });
    expect(answer.recorded).toBe(2);
    expect(problemsOf(answer).sort()).toEqual(
      [
        'BAD_CHECK_DIGIT sales.1.gtin',
        'NOT_FOUND sales.2.gtin',
        'OUT_OF_RANGE sales.3.quantity',
        'DAY_IN_FUTURE sales.4.soldAt',
        'CURRENCY_MISMATCH sales.5.unitPrice.currency',
        'OUT_OF_RANGE sales.6.unitPrice.amountMinor',
        'BAD_CHECK_DIGIT sales.7.siteGln',
        'NOT_FOUND sales.8.campaignId',
        'NOT_FOUND sales.9.campaignId',
        'NOT_YOURS sales.10.segmentId',
        'NOT_FOUND sales.11.segmentId',
        'NOT_YOURS sales.12.gtin',
        'WRONG_STATE sales.13.campaignId',
        'TOO_LONG sales.14.buyerPseudonym',
      ].sort(),
    );
    expect(await topicsOf(d)).toEqual(['sales.recorded', 'sales.recorded']);
    expect(problemsOf(await call(d, creator, 'recordSales', { sales: [] }))).toEqual(['TOO_FEW sales']);
    expect(problemsOf(await call(d, creator, 'recordSales', { sales: Array.from({ length: 1_001 }, () => newSale(small)) }))).toEqual([
      'TOO_MANY sales',
    ]);
    expect(problemsOf(await call(d, maker, 'recordSales', { sales: [newSale(small)] }))).toEqual(['WRONG_KIND']);
  });

  it('may be recorded by the owner of the campaign that sells the style of another', async () => {
    const theirs = await makeWorld(d, rival);
    const { creatorId, segmentId } = await makeWorld(d);
    const { campaign } = await call(d, creator, 'createCampaign', {
      creatorId,
      title: 'T',
      startsAt: '2026-11-22T00:00:00Z',
      cpsRateBps: 1,
      styleIds: [theirs.styleId],
    });
    await open(d, campaign.campaignId);
    const sale = newSale(theirs.gtins[0] ?? '', { campaignId: campaign.campaignId, segmentId });
    expect(await call(d, creator, 'recordSales', { sales: [sale] })).toEqual({ recorded: 1, problems: [] });
    expect(await call(d, rival, 'recordSales', { sales: [sale] })).toEqual({ recorded: 1, problems: [] });
  });

  it('a thousand sales take as many statements as one', async () => {
    const { gtins } = await makeWorld(d);
    const count = (n: number) =>
      d.countStatements(() => call(d, creator, 'recordSales', { sales: Array.from({ length: n }, (_, i) => newSale(gtins[i % 3] ?? '')) }));
    expect(await count(1_000)).toBe(await count(1));
  });
});
