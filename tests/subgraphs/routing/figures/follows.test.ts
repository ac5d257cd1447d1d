/** What routing keeps of others: the newest change counts in whatever order topics come, reports add up once, and many cost what one costs. */
import { dump, empty, later, noon, openRouting, type Routing } from './_kit.ts';

let r: Routing;

beforeAll(async () => {
  r = await openRouting();
}, 60_000);
afterAll(() => r.close());

const tables = ['MakerCopy', 'CreatorCopy', 'McnCopy', 'CampaignCopy', 'DemandCopy', 'CapacityFact', 'WorkFact', 'LotFact', 'LotStageFact'];
const sums = ['ReceiptFact', 'SaleFact'];
beforeEach(() => empty(r, ...tables, ...sums, 'Outbox'));

type Event = { topic: string; payload: Record<string, unknown>; id?: string };

const maker = (n: number, status = 'ACTIVE', gln = '9520000000011'): Event => ({
  topic: 'maker.changed',
  payload: { gln, memberId: 'mbr_maker', name: `Name ${n}`, status, country: 'CN', changedAt: later(n) },
});
const line = (topic: string, n: number, extra: Record<string, unknown> = {}, demandLineId = 'dln_1'): Event => ({
  topic,
  payload: { demandLineId, memberId: 'mbr_creator', styleId: 'sty_1', campaignId: null, quantity: 100 + n, changedAt: later(n), ...extra },
});
const days = { dueDate: '2026-12-01', latestDate: '2026-12-10' };
const submitted = (n: number, id?: string): Event =>
  line('demand.submitted', n, { ...days, kind: 'ORDER', origin: 'REPORTED', submittedAt: later(n), status: 'OPEN' }, id);
const revised = (n: number, status: string, dueDate: string): Event =>
  line('demand.changed', n, { dueDate, latestDate: dueDate, status, previousStatus: 'OPEN', origin: 'REPORTED', submittedAt: later(1) });
const cancelled = (n: number): Event => line('demand.cancelled', n, { reason: 'OTHER' });

/** The same events in every order; a topic itself keeps its order, as in the feed. */
function orders(events: readonly Event[]): Event[][] {
  const [first, ...rest] = events;
  if (first === undefined) return [[]];
  return orders(rest).flatMap((order) =>
    Array.from({ length: order.length + 1 }, (_, i) => [...order.slice(0, i), first, ...order.slice(i)]).filter(
      (made) => !made.slice(0, made.indexOf(first)).some((before) => before.topic === first.topic),
    ),
  );
}

async function afterEachOrder(events: readonly Event[], table: string): Promise<unknown[][]> {
  const ends: unknown[][] = [];
  for (const order of orders(events)) {
    await empty(r, ...tables);
    for (const event of order) await r.follow([event]);
    ends.push((await dump(r, table))[table] ?? []);
  }
  return ends;
}

describe('copies', () => {
  it('keep the newest change of a maker and the time of the first', async () => {
    await r.follow([maker(5), maker(9, 'PAUSED')]);
    await r.follow([maker(7)]);
    const kept = await r.db.makerCopy.findMany();
    expect(kept).toMatchObject([{ name: 'Name 9', status: 'PAUSED', enteredAt: new Date(later(5)), changedAt: new Date(later(9)) }]);
  });

  it('keep agency, share and commission as they are now; an event that says no commission leaves it', async () => {
    const creator = (n: number, mcnId: string | null): Event => ({
      topic: 'creator.changed',
      payload: { creatorId: 'crt_1', memberId: 'mbr_creator', displayName: 'Mei', tier: 'KOL', mcnId, changedAt: later(n) },
    });
    const campaign = (n: number, status: string, cpsRateBps?: number): Event => ({
      topic: 'campaign.changed',
      payload: {
        campaignId: 'cmp_1',
        memberId: 'mbr_creator',
        creatorId: 'crt_1',
        status,
        previousStatus: null,
        startsAt: later(0),
        endsAt: null,
        changedAt: later(n),
        ...(cpsRateBps === undefined ? {} : { cpsRateBps }),
      },
    });
    const mcn = (n: number, takeRateBps: number): Event => ({
      topic: 'mcn.changed',
      payload: { mcnId: 'mcn_1', memberId: 'mbr_agency', name: 'Agency', takeRateBps, changedAt: later(n) },
    });
    await r.follow([creator(1, 'mcn_1'), creator(2, null), mcn(1, 1_000), mcn(2, 1_500), campaign(1, 'DRAFT', 2_000)]);
    await r.follow([campaign(2, 'LIVE')]);
    await r.follow([creator(1, 'mcn_1'), mcn(1, 1_000), campaign(1, 'DRAFT', 900)]);
    expect(await r.db.creatorCopy.findMany()).toMatchObject([{ creatorId: 'crt_1', mcnId: null }]);
    expect(await r.db.mcnCopy.findMany()).toMatchObject([{ mcnId: 'mcn_1', takeRateBps: 1_500 }]);
    expect(await r.db.campaignCopy.findMany()).toMatchObject([{ campaignId: 'cmp_1', status: 'LIVE', cpsRateBps: 2_000, endsAt: null }]);
  });

  it('of a demand line end alike in whatever order its topics come', async () => {
    const ends = await afterEachOrder([submitted(1), revised(2, 'PARTIAL', '2026-12-05')], 'DemandCopy');
    expect(ends).toHaveLength(2);
    expect(ends[0]).toMatchObject([
      { kind: 'ORDER', origin: 'REPORTED', quantity: 102, dueDate: '2026-12-05', latestDate: '2026-12-05', status: 'PARTIAL' },
    ]);
    expect(ends[1]).toEqual(ends[0]);
  });

  it('of a cancelled demand line have no days, in whatever order its topics come', async () => {
    const ends = await afterEachOrder([submitted(1), revised(2, 'OPEN', '2026-12-05'), cancelled(3)], 'DemandCopy');
    expect(ends).toHaveLength(6);
    expect(ends[0]).toMatchObject([{ kind: 'ORDER', quantity: 103, dueDate: null, latestDate: null, status: 'CANCELLED' }]);
    for (const end of ends) expect(end).toEqual(ends[0]);
  });
});

const bucket = (topic: string, n: number, extra: Record<string, unknown>, bucketId = 'bkt_1'): Event => ({
  topic,
  payload: {
    bucketId,
    gln: '9520000000011',
    country: 'CN',
    stage: 'SEWING',
    day: '2026-12-01',
    freeMinutes: 0,
    changedAt: later(n),
    ...extra,
  },
});
const lot = (topic: string, n: number, extra: Record<string, unknown>, lotId = 'lot_1'): Event => ({
  topic,
  payload: {
    lotId,
    allocationId: 'alc_1',
    gln: '9520000000011',
    styleId: 'sty_1',
    memberId: 'mbr_maker',
    demandMemberId: 'mbr_creator',
    changedAt: later(n),
    ...extra,
  },
});
const report = (n: number, stage: string | null, extra: Record<string, unknown> = {}): Event =>
  lot('lot.progressed', n, { status: 'IN_PROGRESS', previousStatus: 'RELEASED', stage, progressBps: 0, goodQty: n, ...extra });

describe('facts', () => {
  it('of a bucket end alike whether it was published or booked first', async () => {
    const published = bucket('capacity.published', 1, { actualMinutes: 600, maximumMinutes: 800, efficiencyBps: 7_000 });
    const booked = bucket('capacity.booked', 2, { committedMinutes: 100, heldMinutes: 50 });
    const ends = await afterEachOrder([published, booked], 'CapacityFact');
    expect(ends[0]).toMatchObject([{ actualMinutes: 600, efficiencyBps: 7_000, committedMinutes: 100, heldMinutes: 50 }]);
    expect(ends[1]).toEqual(ends[0]);
  });

  it('of the work on a style are those recorded last, added up by stage', async () => {
    const work = (operations: unknown): Event => ({
      topic: 'operations.recorded',
      payload: { styleId: 'sty_1', memberId: 'mbr_creator', smvTotal: 1, operations },
    });
    await r.follow([work([{ stage: 'CUTTING', smv: '9' }])]);
    await r.follow([
      work([
        { stage: 'SEWING', smv: '10.1' },
        { stage: 'SEWING', smv: '0.2' },
        { stage: 'QC', smv: '1.25' },
      ]),
    ]);
    await r.follow([work(null)]);
    const rows = await r.db.workFact.findMany({ orderBy: { stage: 'asc' } });
    expect(rows.map(({ stage, smv }) => [stage, Number(smv)])).toEqual([
      ['QC', 1.25],
      ['SEWING', 10.3],
    ]);
  });

  it('of a lot end alike in whatever order its topics come', async () => {
    const events = [
      lot('lot.created', 1, { status: 'PLANNED', plannedQty: 100 }),
      report(2, null),
      lot('lot.closed', 3, { status: 'CLOSED', goodQty: 95, scrapQty: 5 }),
    ];
    const ends = await afterEachOrder(events, 'LotFact');
    expect(ends).toHaveLength(6);
    expect(ends[0]).toMatchObject([{ status: 'CLOSED', plannedQty: 100, goodQty: 95, scrapQty: 5 }]);
    expect(ends[0]).toMatchObject([{ createdAt: expect.stringContaining('2026-11-01T00:00:01') }]);
    for (const end of ends) expect(end).toEqual(ends[0]);
  });

  it('of a stage add up what is reported now and keep its first and last hour', async () => {
    await r.follow([
      report(1, 'SEWING', { qtyOut: 40, scrap: 1, startedAt: later(1), completedAt: null }),
      report(2, 'CUTTING', { qtyOut: 100, scrap: 0, startedAt: later(0), completedAt: later(2) }),
      report(3, 'SEWING', { qtyOut: 30, scrap: 0, startedAt: later(1), completedAt: null }),
    ]);
    await r.follow([report(4, 'SEWING', { qtyOut: 28, scrap: 1, startedAt: later(1), completedAt: later(4) })]);
    expect(await r.db.lotStageFact.findMany({ orderBy: { stage: 'asc' } })).toEqual([
      { lotId: 'lot_1', stage: 'CUTTING', qtyOut: 100, scrap: 0, startedAt: new Date(later(0)), completedAt: new Date(later(2)) },
      { lotId: 'lot_1', stage: 'SEWING', qtyOut: 98, scrap: 2, startedAt: new Date(later(1)), completedAt: new Date(later(4)) },
    ]);
  });

  it('of receipts and sales count each event once, also when the feed hands all out again', async () => {
    const sale = (day: string, piecesSold: number, campaignId: string | null, id: string): Event => ({
      topic: 'sales.recorded',
      id,
      payload: {
        styleId: 'sty_1',
        campaignId,
        siteGln: null,
        memberId: 'mbr_creator',
        piecesSold,
        piecesReturned: 1,
        lines: [],
        gmv: { amountMinor: piecesSold * 100, currency: 'CNY' },
        at: noon(day),
      },
    });
    const receipt: Event = {
      topic: 'receipt.recorded',
      id: 'evt_receipt',
      payload: {
        gsin: '95200000000000011',
        allocationId: 'alc_1',
        siteGln: '9520000000028',
        memberId: 'mbr_carrier',
        good: 90,
        damaged: 2,
        otif: false,
        changedAt: later(1),
        distributorGln: '9520000000035',
        demandMemberId: 'mbr_creator',
        at: noon('2026-11-20'),
        documentsMatch: true,
        onTime: false,
        lines: [],
      },
    };
    const all = [
      sale('2026-11-20', 3, null, 'evt_1'),
      sale('2026-11-20', 4, null, 'evt_2'),
      sale('2026-11-20', 5, 'cmp_1', 'evt_3'),
      sale('2026-11-21', 6, null, 'evt_4'),
      receipt,
    ];
    await r.follow(all);
    const once = await dump(r, ...sums);
    expect(once['SaleFact']).toHaveLength(3);
    expect(await r.db.saleFact.findFirst({ where: { campaignId: '', day: new Date('2026-11-20') } })).toMatchObject({
      piecesSold: 7,
      piecesReturned: 2,
      gmvMinor: 700n,
    });
    expect(once['ReceiptFact']).toMatchObject([{ good: 90, damaged: 2, onTime: false, documentsMatch: true }]);
    await r.db.$executeRawUnsafe('DELETE FROM "FeedPosition"');
    await r.follow([sale('2026-11-22', 1, null, 'evt_5'), { ...receipt, id: 'evt_again' }]);
    const twice = await dump(r, ...sums);
    expect(twice['ReceiptFact']).toEqual(once['ReceiptFact']);
    expect(twice['SaleFact']).toHaveLength(4);
    expect(twice['SaleFact']).toEqual(expect.arrayContaining(once['SaleFact'] ?? []));
  });
});

describe('a batch', () => {
  const makers = (n: number): Event[] => Array.from({ length: n }, (_, i) => maker(i, 'ACTIVE', `gln_${i % 50}`));
  const lines = (n: number): Event[] => Array.from({ length: n }, (_, i) => submitted(i, `dln_${i}`));
  const reports = (n: number): Event[] =>
    Array.from({ length: n }, (_, i) =>
      lot('lot.progressed', i, { status: 'IN_PROGRESS', stage: 'QC', qtyOut: 1, scrap: 0, goodQty: i }, `lot_${i % 9}`),
    );

  it.each([
    ['makers', makers],
    ['demand lines', lines],
    ['reports of lots', reports],
  ])('of 150 %s takes as many statements as one event', async (_, make) => {
    await r.follow(make(1));
    const one = await r.countStatements(() => r.follow(make(1)));
    expect(await r.countStatements(() => r.follow(make(150)))).toBe(one);
  });
});
