/** Demand: what is submitted, revised, withdrawn and let lapse, and who may see what of it. */
import { runChange } from '../../../subgraph-kit/change.ts';
import { topicsThatArise } from '../../../subgraph-kit/consumer.ts';
import type { DemandStatus } from '../../../subgraphs/downstream/data/rows.ts';
import { expiresDemand } from '../../../subgraphs/downstream/expire-demand.ts';
import { generator, hub, member, visitor } from '../../_kit/subgraph.ts';
import {
  allocationChanged,
  call,
  carrier,
  cny,
  creator,
  gln,
  gtin,
  maker,
  makeWorld,
  newDemand,
  newKey,
  next,
  openDownstream,
  problemsOf,
  rival,
  settings,
  topicsOf,
  type Downstream,
  type World,
} from './_kit.ts';

let d: Downstream;
let world: World;
let small = '';
beforeAll(async () => {
  d = await openDownstream();
}, 60_000);
afterAll(() => d.close());
beforeEach(async () => {
  world = await makeWorld(d);
  small = world.gtins[0] ?? '';
  await d.forgetEvents();
});

const submit = (extra: Record<string, unknown> = {}, as = creator) =>
  call(d, as, 'submitDemands', { demands: [newDemand(world.styleId, small, extra)] });
const submitted = async (extra: Record<string, unknown> = {}, as = creator): Promise<{ demandLineId: string; changedAt: string }> =>
  (await submit(extra, as)).demandLines[0];
const move = (demandLineId: string, status: DemandStatus) => d.db.demandLine.update({ where: { demandLineId }, data: { status } });
const payloadsOf = async (topic: string) => (await d.events()).filter((event) => event.topic === topic).map(({ payload }) => payload);
const fields = `demandLineId member { memberId } origin campaign { campaignId } store { siteGln } style { styleId } kind quantity sizes { sku { gtin size } quantity }
  segment { segmentId } dueDate latestDate shipToUnlocode requiredCapabilities requiredCertificates qualityFloorBps
  unitPriceCap { amountMinor currency } unitMargin { amountMinor currency } depositPaid { amountMinor currency } status submittedAt changedAt`;

describe('submitting', () => {
  const full = () => ({
    campaignId: world.campaignId,
    siteGln: gln,
    kind: 'REORDER_TRIGGER',
    cut: { curve: { quantity: 101, segmentId: world.segmentId, colour: 'blue' } },
    requiredCapabilities: ['SEWING_WOVEN'],
    requiredCertificates: ['GOTS'],
    qualityFloorBps: 9_000,
    unitPriceCap: cny(5_000),
    depositPaid: cny(20_000),
  });

  it('stores every field and tells of the line once', async () => {
    const { demandLineId } = await submitted(full());
    const { data } = await d.ask(creator, `{ demandLine(demandLineId: "${demandLineId}") { ${fields} } }`);
    expect(data.demandLine).toEqual({
      demandLineId,
      member: { memberId: 'mbr_creator' },
      origin: 'REPORTED',
      campaign: { campaignId: world.campaignId },
      store: { siteGln: gln },
      style: { styleId: world.styleId },
      kind: 'REORDER_TRIGGER',
      quantity: 101,
      sizes: [
        { sku: { gtin: world.gtins[0], size: 'S' }, quantity: 25 },
        { sku: { gtin: world.gtins[1], size: 'M' }, quantity: 51 },
        { sku: { gtin: world.gtins[2], size: 'L' }, quantity: 25 },
      ],
      segment: { segmentId: world.segmentId },
      dueDate: '2026-12-01',
      latestDate: '2026-12-10',
      shipToUnlocode: 'CNHGH',
      requiredCapabilities: ['SEWING_WOVEN'],
      requiredCertificates: ['GOTS'],
      qualityFloorBps: 9_000,
      unitPriceCap: cny(5_000),
      unitMargin: cny(3_000),
      depositPaid: cny(20_000),
      status: 'OPEN',
      submittedAt: '2026-11-22T09:00:00.000Z',
      changedAt: '2026-11-22T09:00:00.000Z',
    });
    expect(await payloadsOf('demand.submitted')).toEqual([
      {
        demandLineId,
        memberId: 'mbr_creator',
        styleId: world.styleId,
        campaignId: world.campaignId,
        kind: 'REORDER_TRIGGER',
        quantity: 101,
        dueDate: '2026-12-01',
        latestDate: '2026-12-10',
        shipToUnlocode: 'CNHGH',
        status: 'OPEN',
        origin: 'REPORTED',
        submittedAt: '2026-11-22T09:00:00.000Z',
        changedAt: '2026-11-22T09:00:00.000Z',
      },
    ]);
  });

  it('keeps when the buyer ordered, at most 90 days ago and not to come', async () => {
    const problems = async (orderedAt: string) => problemsOf(await submit({ orderedAt }));
    const { demandLineId } = await submitted({ orderedAt: '2026-11-20T23:15:00.000Z' });
    const { data } = await d.ask(creator, `{ demandLine(demandLineId: "${demandLineId}") { submittedAt changedAt } }`);
    expect(data.demandLine).toEqual({ submittedAt: '2026-11-20T23:15:00.000Z', changedAt: '2026-11-22T09:00:00.000Z' });
    expect((await payloadsOf('demand.submitted'))[0]).toMatchObject({ submittedAt: '2026-11-20T23:15:00.000Z' });
    expect(await problems('2026-11-22T09:00:00.001Z')).toEqual(['DAY_IN_FUTURE demands.0.orderedAt']);
    expect(await problems('2026-08-24T09:00:00.000Z')).toEqual([]);
    expect(await problems('2026-08-24T08:59:59.999Z')).toEqual(['OUT_OF_RANGE demands.0.orderedAt']);
  });

  it('takes every kind of demand, of stores too', async () => {
    for (const kind of ['ORDER', 'PRESALE', 'FORECAST', 'REORDER_TRIGGER']) expect(problemsOf(await submit({ kind }))).toEqual([]);
    expect(problemsOf(await submit({ siteGln: gln }, carrier))).toEqual([]);
    expect(problemsOf(await submit({}, maker))).toEqual(['WRONG_KIND']);
  });

  it('names every problem by its place', async () => {
    const theirs = await makeWorld(d, rival);
    const problems = async (extra: Record<string, unknown>) => problemsOf(await submit(extra));
    expect(await problems({ dueDate: '2026-11-21' })).toEqual(['DAY_IN_PAST demands.0.dueDate']);
    expect(await problems({ latestDate: '2026-11-30' })).toEqual(['DATES_REVERSED demands.0.latestDate']);
    expect(await problems({ siteGln: '9520000000012', qualityFloorBps: -1 })).toEqual([
      'BAD_CHECK_DIGIT demands.0.siteGln',
      'OUT_OF_RANGE demands.0.qualityFloorBps',
    ]);
    expect(await problems({ unitMargin: cny(-1), unitPriceCap: { amountMinor: 1, currency: 'EUR' } })).toEqual([
      'OUT_OF_RANGE demands.0.unitMargin.amountMinor',
      'CURRENCY_MISMATCH demands.0.unitMargin.currency',
    ]);
    expect(await problems({ requiredCapabilities: ['no tag!'], requiredCertificates: ['', 'A', 'A'] })).toEqual([
      'BAD_CODE demands.0.requiredCapabilities.0',
      'DUPLICATE demands.0.requiredCertificates.2',
      'TOO_LONG demands.0.requiredCertificates.0',
    ]);
    expect(await problems({ requiredCapabilities: Array.from({ length: 51 }, (_, i) => `T${i}`) })).toEqual([
      'TOO_MANY demands.0.requiredCapabilities',
    ]);
    expect(await problems({ styleId: 'sty_0' })).toEqual(['NOT_FOUND demands.0.styleId']);
    expect(await problems({ campaignId: 'cmp_0' })).toEqual(['NOT_FOUND demands.0.campaignId']);
    expect(await problems({ campaignId: theirs.campaignId })).toEqual(['NOT_YOURS demands.0.campaignId']);
    expect(await problems({ cut: { sizes: [{ gtin: theirs.gtins[0], quantity: 1 }] } })).toEqual([
      'NOT_OF_STYLE demands.0.cut.sizes.0.gtin',
    ]);
    expect(await problems({ cut: { curve: { quantity: 5, segmentId: theirs.segmentId, colour: 'blue' } } })).toEqual([
      'NOT_YOURS demands.0.cut.curve.segmentId',
    ]);
    expect(await problems({ cut: { curve: { quantity: 5, segmentId: world.segmentId, colour: 'red' } } })).toEqual([
      'SIZE_MISSING demands.0.cut.curve.colour',
    ]);
    await d.db.style.update({ where: { styleId: world.styleId }, data: { life: 'RETIRED' } });
    expect(await problems({})).toEqual(['WRONG_STATE demands.0.styleId']);
    expect(problemsOf(await call(d, creator, 'submitDemands', { demands: [] }))).toEqual(['TOO_FEW demands']);
    const line = newDemand(world.styleId, small);
    expect(problemsOf(await call(d, creator, 'submitDemands', { demands: Array.from({ length: 101 }, () => line) }))).toEqual([
      'TOO_MANY demands',
    ]);
  });

  it('is cut in exactly one way', async () => {
    const both = { sizes: [{ gtin: small, quantity: 1 }], curve: { quantity: 5, segmentId: world.segmentId, colour: 'blue' } };
    for (const cut of [both, {}]) {
      const input = { demands: [newDemand(world.styleId, small, { cut })], idempotencyKey: newKey() };
      const { errors } = await d.ask(
        creator,
        'mutation ($input: SubmitDemandsInput!) { submitDemands(input: $input) { problems { code } } }',
        { input },
      );
      expect(errors?.[0]?.message).toMatch(/[Ee]xactly one/);
    }
    expect(await topicsOf(d)).toEqual([]);
  });

  it('a hundred lines take as many statements as one, and each stands or falls alone', async () => {
    const lines = (n: number) => Array.from({ length: n }, (_, i) => newDemand(world.styleId, small, i % 2 === 0 ? {} : full()));
    const count = (n: number) => d.countStatements(() => call(d, creator, 'submitDemands', { demands: lines(n) }));
    expect(await count(100)).toBe(await count(2));
    const answer = await call(d, creator, 'submitDemands', {
      demands: [newDemand(world.styleId, small), newDemand(world.styleId, gtin(next())), newDemand(world.styleId, small)],
    });
    expect(answer.demandLines.map((line: unknown) => line !== null)).toEqual([true, false, true]);
    expect(problemsOf(answer)).toEqual(['NOT_OF_STYLE demands.1.cut.sizes.0.gtin']);
  });

  it('waits for a campaign that is being called off, and is refused then', async () => {
    const { campaignId } = world;
    const [cancelled, answer] = await Promise.all([
      call(d, creator, 'cancelCampaign', { campaignId, reason: 'MISTAKE' }),
      submit({ campaignId }),
    ]);
    expect(cancelled.problems).toEqual([]);
    const rows = await d.db.demandLine.findMany({ where: { campaignId } });
    // whichever came first: no open line is left behind
    expect(rows.filter(({ status }) => status === 'OPEN')).toEqual([]);
    expect(rows).toHaveLength(problemsOf(answer).length === 0 ? 1 : 0);
  });
});

describe('revising', () => {
  it('cuts anew, moves days, and keeps the rest', async () => {
    const { demandLineId } = await submitted();
    await d.forgetEvents();
    const { demandLine } = await call(d, creator, 'reviseDemand', {
      demandLineId,
      cut: { curve: { quantity: 10, segmentId: world.segmentId, colour: 'blue' } },
    });
    expect(demandLine).toMatchObject({
      quantity: 10,
      segment: { segmentId: world.segmentId },
      dueDate: '2026-12-01',
      latestDate: '2026-12-10',
      status: 'OPEN',
    });
    expect(demandLine.sizes.map(({ quantity }: { quantity: number }) => quantity)).toEqual([3, 5, 2]);
    const moved = (
      await call(d, creator, 'reviseDemand', {
        demandLineId,
        dueDate: '2026-12-02',
        latestDate: '2026-12-03',
        cut: { sizes: [{ gtin: small, quantity: 7 }] },
      })
    ).demandLine;
    expect(moved).toMatchObject({
      quantity: 7,
      segment: null,
      dueDate: '2026-12-02',
      latestDate: '2026-12-03',
      sizes: [{ sku: { gtin: small }, quantity: 7 }],
    });
    expect(await payloadsOf('demand.changed')).toEqual([
      expect.objectContaining({ demandLineId, quantity: 10, status: 'OPEN', previousStatus: 'OPEN' }),
      expect.objectContaining({ demandLineId, quantity: 7, dueDate: '2026-12-02', latestDate: '2026-12-03', changedAt: moved.changedAt }),
    ]);
  });

  it('opens a refused line again, and is refused once production began', async () => {
    const { demandLineId } = await submitted();
    const expected: Readonly<Record<DemandStatus, DemandStatus | null>> = {
      OPEN: 'OPEN',
      PARTIAL: 'PARTIAL',
      ALLOCATED: 'ALLOCATED',
      REFUSED: 'OPEN',
      IN_PRODUCTION: null,
      SHIPPED: null,
      FULFILLED: null,
      EXPIRED: null,
      CANCELLED: null,
    };
    for (const [status, after] of Object.entries(expected) as [DemandStatus, DemandStatus | null][]) {
      await move(demandLineId, status);
      await d.db.allocationCopy.deleteMany({ where: { demandLineId } });
      const placed = { PARTIAL: 50, ALLOCATED: 120 }[String(status)];
      if (placed !== undefined) await d.follow([allocationChanged(demandLineId, { quantity: placed })]);
      await d.forgetEvents();
      const answer = await call(d, creator, 'reviseDemand', { demandLineId, latestDate: '2026-12-11' });
      expect([status, problemsOf(answer), answer.demandLine?.status ?? null]).toEqual([
        status,
        after === null ? ['WRONG_STATE'] : [],
        after,
      ]);
      expect((await payloadsOf('demand.changed')).map((event) => event['previousStatus'])).toEqual(after === null ? [] : [status]);
    }
  });

  it('refuses days that passed or are reversed, and cuts that do not fit', async () => {
    const { demandLineId } = await submitted();
    const problems = async (extra: Record<string, unknown>) =>
      problemsOf(await call(d, creator, 'reviseDemand', { demandLineId, ...extra }));
    expect(await problems({ dueDate: '2026-11-01' })).toEqual(['DAY_IN_PAST dueDate']);
    expect(await problems({ dueDate: '2026-12-11' })).toEqual(['DATES_REVERSED latestDate']);
    expect(await problems({ cut: { sizes: [] } })).toEqual(['TOO_FEW cut.sizes']);
    expect(await problems({ cut: { sizes: [{ gtin: gtin(next()), quantity: 1 }] } })).toEqual(['NOT_OF_STYLE cut.sizes.0.gtin']);
    expect(await problems({ cut: { curve: { quantity: 1, segmentId: 'seg_0', colour: 'blue' } } })).toEqual([
      'NOT_FOUND cut.curve.segmentId',
    ]);
  });
});

describe('withdrawing', () => {
  it.each(['SOLD_BADLY', 'TOO_LATE', 'FOUND_ELSEWHERE', 'CAMPAIGN_CANCELLED', 'MISTAKE', 'OTHER'])(
    'takes the reason %s',
    async (reason) => {
      const { demandLineId } = await submitted();
      await d.forgetEvents();
      const answer = await call(d, creator, 'cancelDemand', { demandLineId, reason });
      expect(answer).toMatchObject({ demandLine: { status: 'CANCELLED' }, problems: [] });
      expect((await d.events()).map(({ topic, payload }) => [topic, payload['reason']])).toEqual([['demand.cancelled', reason]]);
    },
  );

  it('is possible until production begins', async () => {
    const { demandLineId } = await submitted();
    const states: DemandStatus[] = [
      'OPEN',
      'PARTIAL',
      'ALLOCATED',
      'REFUSED',
      'IN_PRODUCTION',
      'SHIPPED',
      'FULFILLED',
      'EXPIRED',
      'CANCELLED',
    ];
    for (const [i, status] of states.entries()) {
      await move(demandLineId, status);
      expect([status, problemsOf(await call(d, creator, 'cancelDemand', { demandLineId, reason: 'OTHER' }))]).toEqual([
        status,
        i < 4 ? [] : ['WRONG_STATE'],
      ]);
    }
  });
});

describe('lapsing', () => {
  const run = () =>
    runChange(
      { db: d.db, clock: d.clock, cause: { actorId: null, causeId: null, requestId: null }, topics: topicsThatArise('downstream') },
      (change) => expiresDemand.run({ ...change, settings }),
    );

  it('ends open lines whose latest day has passed in the zone of the hub, each with its event', async () => {
    const lines = {
      open: await submitted({ latestDate: '2026-12-01' }),
      partial: await submitted({ latestDate: '2026-12-01' }),
      later: await submitted({ latestDate: '2026-12-02' }),
    };
    await move(lines.partial.demandLineId, 'PARTIAL');
    await d.forgetEvents();
    // 23:59:59 of 1 December in Shanghai
    d.clock.advance(new Date('2026-12-01T15:59:59Z').getTime() - d.clock.now().getTime());
    expect(await run()).toBe(false);
    expect(await topicsOf(d)).toEqual([]);
    d.clock.advance(1_000);
    expect(await run()).toBe(false);
    expect(
      (await d.events()).map(({ topic, actorId, payload }) => [
        topic,
        actorId,
        payload['demandLineId'],
        payload['previousStatus'],
        payload['status'],
      ]),
    ).toEqual([['demand.changed', null, lines.open.demandLineId, 'OPEN', 'EXPIRED']]);
    const statusOf = async ({ demandLineId }: { demandLineId: string }) =>
      (await d.db.demandLine.findUniqueOrThrow({ where: { demandLineId } })).status;
    expect([await statusOf(lines.open), await statusOf(lines.partial), await statusOf(lines.later)]).toEqual([
      'EXPIRED',
      'PARTIAL',
      'OPEN',
    ]);
    await run();
    expect(await topicsOf(d)).toHaveLength(1);
    d.clock.advance(new Date('2026-11-22T09:00:00Z').getTime() - d.clock.now().getTime());
  });

  it('goes on in parts of 500', async () => {
    const { demandLineId } = await submitted({ latestDate: '2026-12-01' });
    const row = await d.db.demandLine.findUniqueOrThrow({ where: { demandLineId } });
    await d.db.demandLine.createMany({ data: Array.from({ length: 500 }, (_, i) => ({ ...row, demandLineId: `dln_many_${i}` })) });
    await d.forgetEvents();
    d.clock.advance(new Date('2026-12-02T00:00:00Z').getTime() - d.clock.now().getTime());
    expect([await run(), await run()]).toEqual([true, false]);
    expect(await topicsOf(d)).toHaveLength(501);
    d.clock.advance(new Date('2026-11-22T09:00:00Z').getTime() - d.clock.now().getTime());
  });
});

describe('who sees a line', () => {
  const look = async (as: typeof visitor, demandLineId: string) =>
    (await d.ask(as, `{ demandLine(demandLineId: "${demandLineId}") { ${fields} } }`)).data.demandLine;
  const hidden = { member: null, campaign: null, store: null, segment: null, unitPriceCap: null, unitMargin: null, depositPaid: null };
  const extra = () => ({
    campaignId: world.campaignId,
    siteGln: gln,
    unitPriceCap: cny(1),
    depositPaid: cny(1),
    cut: { curve: { quantity: 10, segmentId: world.segmentId, colour: 'blue' } },
  });

  it('its owner and the hub see it whole, other creators and visitors not at all', async () => {
    const { demandLineId } = await submitted(extra());
    for (const as of [creator, hub]) {
      const line = await look(as, demandLineId);
      expect(line).toMatchObject({
        member: { memberId: 'mbr_creator' },
        store: { siteGln: gln },
        unitMargin: cny(3_000),
        segment: { segmentId: world.segmentId },
        campaign: { campaignId: world.campaignId },
      });
    }
    for (const as of [rival, visitor, member('mbr_partner', 'PARTNER')]) expect(await look(as, demandLineId)).toBeNull();
  });

  it('makers and distributors see lines that wait, without names and prices', async () => {
    const { demandLineId } = await submitted(extra());
    for (const as of [maker, carrier]) {
      for (const status of ['OPEN', 'PARTIAL'] as const) {
        await move(demandLineId, status);
        expect(await look(as, demandLineId)).toMatchObject({ ...hidden, quantity: 10, style: { styleId: world.styleId }, status });
      }
      for (const status of ['ALLOCATED', 'IN_PRODUCTION', 'SHIPPED', 'FULFILLED', 'REFUSED', 'EXPIRED', 'CANCELLED'] as const) {
        await move(demandLineId, status);
        expect(await look(as, demandLineId)).toBeNull();
        expect(await look(creator, demandLineId)).toMatchObject({ status });
      }
    }
  });

  it('visitors see demonstration rows whole', async () => {
    const demo = generator('mbr_demo', 'CREATOR');
    world = await makeWorld(d, demo);
    small = world.gtins[0] ?? '';
    const { demandLineId } = await submitted(extra(), demo);
    expect(await look(visitor, demandLineId)).toMatchObject({
      origin: 'GENERATED',
      member: { memberId: 'mbr_demo' },
      campaign: { campaignId: world.campaignId },
      unitMargin: cny(3_000),
    });
    expect(await look(maker, demandLineId)).toMatchObject(hidden);
  });

  it('lists and counts hold only what the viewer may see', async () => {
    const { campaignId, styleId } = world;
    const lines = [
      newDemand(styleId, small, { campaignId, dueDate: '2026-12-03' }),
      newDemand(styleId, small, { campaignId }),
      newDemand(styleId, small),
    ];
    const { demandLines } = await call(d, creator, 'submitDemands', { demands: lines });
    await move(demandLines[0].demandLineId, 'ALLOCATED');
    const source = `{ style(styleId: "${styleId}") {
      demand { totalCount nodes { dueDate } } waiting: demand(status: [OPEN]) { totalCount } early: demand(from: "2026-12-01", to: "2026-12-02") { totalCount } } }`;
    const counts = async (as: typeof visitor) => {
      const { demand, waiting, early } = (await d.ask(as, source)).data.style;
      return [demand.totalCount, demand.nodes.length, waiting.totalCount, early.totalCount];
    };
    expect(await counts(creator)).toEqual([3, 3, 2, 2]);
    expect(await counts(maker)).toEqual([2, 2, 2, 2]);
    expect(await counts(rival)).toEqual([0, 0, 0, 0]);
    const own = (
      await d.ask(
        creator,
        `{ campaign(campaignId: "${campaignId}") { demand { totalCount nodes { dueDate } } open: demand(status: [OPEN]) { totalCount } } }`,
      )
    ).data.campaign;
    expect([own.demand.totalCount, own.demand.nodes.map((line: { dueDate: string }) => line.dueDate), own.open.totalCount]).toEqual([
      2,
      ['2026-12-01', '2026-12-03'],
      1,
    ]);
    const all = (
      await d.ask(
        creator,
        '{ demandLines(status: [ALLOCATED], dueFrom: "2026-12-03", dueTo: "2026-12-03", first: 200) { nodes { demandLineId } } }',
      )
    ).data.demandLines;
    expect(all.nodes).toContainEqual({ demandLineId: demandLines[0].demandLineId });
    expect(all.nodes).not.toContainEqual({ demandLineId: demandLines[1].demandLineId });
  });
});
