/** Lots from the accepted allocation to the closed lot: every legal and illegal move, reports, events and quality. */
import { lotStates, type LotStatus } from '../../../subgraphs/upstream/lot-states.ts';
import { generator, hub as theHub } from '../../_kit/subgraph.ts';
import { allocationChanged, anna, bert, carla, codes, enterMaker, key, offer, openUpstream, styleProposed, type Upstream } from './_kit.ts';

let hub: Upstream;
let gln: string;
beforeAll(async () => {
  hub = await openUpstream();
  gln = await enterMaker(hub);
  await hub.follow([styleProposed('sty_1'), styleProposed('sty_bare')]);
  const operations = [
    { stage: 'SEWING', smv: 8, capability: 'KNIT_OVERLOCK' },
    { stage: 'CUTTING', smv: 1.5, capability: 'CUT_AUTO' },
    { stage: 'PACKING', smv: 0.5, capability: 'PACK_CARTON' },
  ];
  await hub.change(anna, 'recordOperations', { styleId: 'sty_1', operations, idempotencyKey: key() }, 'style { styleId }');
}, 60_000);
afterAll(() => hub.close());
beforeEach(() => hub.forgetEvents());

let count = 0;
/** Accepts an allocation and gives the id of its lot. */
async function openLot(more: Record<string, unknown> = {}): Promise<{ lotId: string; allocationId: string }> {
  const allocationId = `alc_lot${(count += 1)}`;
  await hub.follow([allocationChanged(allocationId, { gln, status: 'ACCEPTED', quantity: 10, ...more })]);
  const { lotId } = await hub.db.productionLot.findUniqueOrThrow({ where: { allocationId } });
  return { lotId, allocationId };
}

type Payload = { lot: any; problems: { code: string; path: string[]; message: string }[] };
const fields =
  'lot { lotId status holdReason goodQty scrapQty progressBps projectedFinish progress { stage qtyIn qtyOut wip scrap startedAt completedAt } }';
const call = (name: string, lotId: string, more: Record<string, unknown> = {}, by = anna): Promise<Payload> =>
  hub.change(by, name, { lotId, idempotencyKey: key(), ...more }, fields);
const report = (
  lotId: string,
  stage: string,
  qtyIn: number,
  qtyOut: number,
  scrap = 0,
  more: Record<string, unknown> = {},
): Promise<Payload> => call('reportStage', lotId, { stage, qtyIn, qtyOut, scrap, at: hub.clock.now().toISOString(), ...more });

const moves: Record<string, { to: LotStatus; more: Record<string, unknown> }> = {
  releaseLot: { to: 'RELEASED', more: {} },
  holdLot: { to: 'ON_HOLD', more: { reason: 'QUALITY' } },
  resumeLot: { to: 'IN_PROGRESS', more: {} },
  completeLot: { to: 'COMPLETED', more: { goodQty: 10 } },
  closeLot: { to: 'CLOSED', more: {} },
  scrapLot: { to: 'SCRAPPED', more: { note: 'cloth is torn' } },
};
const work = async (lotId: string): Promise<void> => {
  for (const stage of ['CUTTING', 'SEWING', 'PACKING']) expect(codes(await report(lotId, stage, 10, 10))).toEqual([]);
};

/** Brings a new lot into a state by mutations alone. */
const waysTo: Record<LotStatus, (lotId: string) => Promise<unknown>> = {
  PLANNED: async () => undefined,
  RELEASED: (lotId) => call('releaseLot', lotId),
  IN_PROGRESS: async (lotId) => {
    await waysTo.RELEASED(lotId);
    await work(lotId);
  },
  ON_HOLD: async (lotId) => {
    await waysTo.IN_PROGRESS(lotId);
    await call('holdLot', lotId, { reason: 'QUALITY' });
  },
  COMPLETED: async (lotId) => {
    await waysTo.IN_PROGRESS(lotId);
    await call('completeLot', lotId, { goodQty: 10 });
  },
  CLOSED: async (lotId) => {
    await waysTo.COMPLETED(lotId);
    await call('closeLot', lotId);
  },
  SCRAPPED: (lotId) => call('scrapLot', lotId, { note: 'no cloth' }),
};

describe('A last piece scrapped', () => {
  it('tells of the later stages too that wait for nothing more', async () => {
    const { lotId } = await openLot();
    await call('releaseLot', lotId);
    await report(lotId, 'CUTTING', 10, 9);
    await report(lotId, 'SEWING', 9, 9);
    await hub.forgetEvents();
    expect(codes(await report(lotId, 'CUTTING', 0, 0, 1))).toEqual([]);
    const told = (await hub.events()).map(({ payload }) => payload);
    const at = hub.clock.now().toISOString();
    expect(told).toEqual([
      expect.objectContaining({ stage: 'CUTTING', qtyOut: 0, scrap: 1, completedAt: at }),
      expect.objectContaining({ stage: 'SEWING', qtyOut: 0, scrap: 0, startedAt: at, completedAt: at }),
    ]);
  });
});

describe('An accepted allocation', () => {
  it('opens one lot with the stages of the work, and tells of it once', async () => {
    const { lotId, allocationId } = await openLot({
      origin: 'GENERATED',
      slots: [
        { stage: 'SEWING', day: '2026-12-01', bucketId: 'bkt_1', minutes: 80, pieces: 10 },
        { stage: 'CUTTING', day: '2026-11-30', bucketId: 'bkt_2', minutes: 15, pieces: 10 },
      ],
    });
    await hub.follow(
      ['FROZEN', 'COMPLETED'].map((status, i) =>
        allocationChanged(allocationId, { gln, status, changedAt: `2026-11-22T08:00:0${i + 1}.000Z` }),
      ),
    );
    const created = (await hub.events()).filter(({ topic }) => topic === 'lot.created');
    expect(created.map(({ payload }) => payload)).toEqual([
      {
        lotId,
        allocationId,
        gln,
        styleId: 'sty_1',
        memberId: 'mbr_anna',
        demandMemberId: 'mbr_carla',
        status: 'PLANNED',
        plannedQty: 10,
        changedAt: hub.clock.now().toISOString(),
      },
    ]);
    const { data } = await hub.ask(
      anna,
      'query ($lotId: ID!) { lot(lotId: $lotId) { epcClass origin member { memberId } maker { gln } style { styleId } allocation { allocationId } status plannedQty progressBps projectedFinish progress { stage qtyIn completedAt } } }',
      { lotId },
    );
    expect(data.lot).toEqual({
      epcClass: expect.stringMatching(/^urn:epc:class:lgtin:952/),
      origin: 'GENERATED',
      member: { memberId: 'mbr_anna' },
      maker: { gln },
      style: { styleId: 'sty_1' },
      allocation: { allocationId },
      status: 'PLANNED',
      plannedQty: 10,
      progressBps: 0,
      projectedFinish: null,
      progress: ['CUTTING', 'SEWING', 'PACKING'].map((stage) => ({ stage, qtyIn: 0, completedAt: null })),
    });
    const row = await hub.db.productionLot.findUniqueOrThrow({ where: { lotId } });
    expect(row.neededBy.toISOString()).toBe('2026-12-01T00:00:00.000Z');
  });

  it('of a style without known work has all eight stages', async () => {
    const { lotId } = await openLot({ styleId: 'sty_bare' });
    const { lot } = await call('releaseLot', lotId);
    expect(lot.progress.map(({ stage }: any) => stage)).toEqual([
      'FABRIC_PREP',
      'CUTTING',
      'PRINTING',
      'EMBROIDERY',
      'SEWING',
      'FINISHING',
      'QC',
      'PACKING',
    ]);
  });

  it('that is superseded gives up a lot that was not begun, and leaves one that was', async () => {
    const [planned, released, begun] = [await openLot(), await openLot(), await openLot()];
    await waysTo.RELEASED(released.lotId);
    await waysTo.RELEASED(begun.lotId);
    await report(begun.lotId, 'CUTTING', 1, 0);
    await hub.forgetEvents();
    await hub.follow(
      [planned, released, begun].map(({ allocationId }) =>
        allocationChanged(allocationId, { gln, status: 'SUPERSEDED', changedAt: '2026-11-22T08:30:00.000Z' }),
      ),
    );
    const rows = await hub.db.productionLot.findMany({ where: { lotId: { in: [planned, released, begun].map(({ lotId }) => lotId) } } });
    expect(Object.fromEntries(rows.map(({ lotId, status }) => [lotId, status]))).toEqual({
      [planned.lotId]: 'SCRAPPED',
      [released.lotId]: 'SCRAPPED',
      [begun.lotId]: 'IN_PROGRESS',
    });
    const closed = (await hub.events()).map(({ topic, payload }) => `${topic} ${String(payload['lotId'])} ${String(payload['status'])}`);
    expect(new Set(closed)).toEqual(new Set([planned, released].map(({ lotId }) => `lot.closed ${lotId} SCRAPPED`)));
    expect(closed).toHaveLength(2);
  });

  it('opens no lot when it is superseded before its acceptance is applied, and none by an older event', async () => {
    const states = ['ACCEPTED', 'SUPERSEDED'].map((status, i) =>
      allocationChanged('alc_never', { gln, status, changedAt: `2026-11-22T08:00:0${i}.000Z` }),
    );
    await hub.follow(states.toReversed());
    await hub.follow(states);
    expect(await hub.db.productionLot.count({ where: { allocationId: 'alc_never' } })).toBe(0);
  });
});

describe.each(Object.keys(lotStates.moves) as LotStatus[])('A lot that is %s', (from) => {
  it.each(Object.keys(moves))('is moved by %s as the table says', async (name) => {
    const { to, more } = moves[name] ?? { to: from, more: {} };
    const { lotId } = await openLot();
    await waysTo[from](lotId);
    await hub.forgetEvents();
    // a report moves a released lot, resuming is for one on hold
    const legal = lotStates.moves[from].includes(to) && !(name === 'resumeLot' && from === 'RELEASED');
    const answer = await call(name, lotId, more);
    const { status } = await hub.db.productionLot.findUniqueOrThrow({ where: { lotId } });
    const [event] = await hub.events();
    const isEnd = to === 'CLOSED' || to === 'SCRAPPED';
    const told = { lotId, status: to, ...(isEnd ? {} : { previousStatus: from, stage: null, qtyOut: null, scrap: null }) };
    expect({
      status,
      answered: answer.lot?.status ?? null,
      codes: codes(answer),
      topic: event?.topic,
      payload: event?.payload,
    }).toMatchObject(
      legal
        ? { status: to, answered: to, codes: [], topic: isEnd ? 'lot.closed' : 'lot.progressed', payload: told }
        : { status: from, answered: null, codes: ['WRONG_STATE'], topic: undefined, payload: undefined },
    );
  });

  it('takes reports only when it is RELEASED or IN_PROGRESS', async () => {
    const { lotId } = await openLot({ quantity: 11 });
    if (from === 'PLANNED' || from === 'RELEASED' || from === 'SCRAPPED') await waysTo[from](lotId);
    else {
      await waysTo.RELEASED(lotId);
      await report(lotId, 'CUTTING', 5, 5);
      await hub.db.productionLot.update({ where: { lotId }, data: { status: from } });
    }
    const answer = await report(lotId, 'CUTTING', 1, 1);
    const taken = from === 'RELEASED' || from === 'IN_PROGRESS';
    expect([codes(answer), answer.lot?.status ?? null]).toEqual(taken ? [[], 'IN_PROGRESS'] : [['WRONG_STATE'], null]);
  });
});

describe('A report of a stage', () => {
  it('moves the lot, keeps its pieces and tells of the stage', async () => {
    const { lotId, allocationId } = await openLot();
    await call('releaseLot', lotId);
    await hub.forgetEvents();
    const began = hub.clock.now().toISOString();
    await report(lotId, 'CUTTING', 10, 9);
    hub.clock.advance(86_400_000);
    const { lot } = await report(lotId, 'CUTTING', 0, 0, 1);
    expect(lot).toEqual({
      lotId,
      status: 'IN_PROGRESS',
      holdReason: null,
      goodQty: 0,
      scrapQty: 1,
      // 15 of 15 + 9 · 8.5 minutes
      progressBps: 1_639,
      // 76.5 minutes more at 15 a day
      projectedFinish: '2026-11-28',
      progress: [
        { stage: 'CUTTING', qtyIn: 10, qtyOut: 9, wip: 0, scrap: 1, startedAt: began, completedAt: hub.clock.now().toISOString() },
        { stage: 'SEWING', qtyIn: 0, qtyOut: 0, wip: 0, scrap: 0, startedAt: null, completedAt: null },
        { stage: 'PACKING', qtyIn: 0, qtyOut: 0, wip: 0, scrap: 0, startedAt: null, completedAt: null },
      ],
    });
    const [first, second] = await hub.events();
    expect([first?.topic, first?.payload['previousStatus'], first?.payload['status']]).toEqual([
      'lot.progressed',
      'RELEASED',
      'IN_PROGRESS',
    ]);
    expect(second).toMatchObject({
      topic: 'lot.progressed',
      payload: {
        lotId,
        allocationId,
        gln,
        styleId: 'sty_1',
        memberId: 'mbr_anna',
        demandMemberId: 'mbr_carla',
        status: 'IN_PROGRESS',
        previousStatus: 'IN_PROGRESS',
        stage: 'CUTTING',
        qtyOut: 0,
        scrap: 1,
        goodQty: 0,
        progressBps: 1_639,
        projectedFinish: '2026-11-28',
        startedAt: began,
        completedAt: hub.clock.now().toISOString(),
      },
    });
  });

  it.each<[string, () => [string, number, number, number, Record<string, unknown>], string, string[]]>([
    ['with pieces below zero', () => ['CUTTING', -1, 0, 0, {}], 'OUT_OF_RANGE', ['qtyIn']],
    ['without a piece', () => ['CUTTING', 0, 0, 0, {}], 'OUT_OF_RANGE', ['qtyOut']],
    ['with more than is planned', () => ['CUTTING', 11, 0, 0, {}], 'OUT_OF_RANGE', ['qtyIn']],
    ['with more out than in', () => ['CUTTING', 3, 3, 1, {}], 'OUT_OF_RANGE', ['qtyOut']],
    ['of a stage before its time', () => ['SEWING', 1, 1, 0, {}], 'OUT_OF_RANGE', ['qtyIn']],
    ['of a stage that is not of the work', () => ['QC', 1, 1, 0, {}], 'BAD_CODE', ['stage']],
    [
      'of a time to come',
      () => ['CUTTING', 1, 1, 0, { at: new Date(hub.clock.now().getTime() + 1).toISOString() }],
      'DAY_IN_FUTURE',
      ['at'],
    ],
  ])('%s is refused and changes nothing', async (_name, make, code, path) => {
    const { lotId } = await openLot();
    await call('releaseLot', lotId);
    await hub.forgetEvents();
    const [stage, qtyIn, qtyOut, scrap, more] = make();
    const answer = await report(lotId, stage, qtyIn, qtyOut, scrap, more);
    expect({ lot: answer.lot, problems: answer.problems.map((one) => [one.code, one.path]) }).toEqual({
      lot: null,
      problems: [[code, path]],
    });
    expect(await hub.events()).toEqual([]);
    expect((await hub.db.productionLot.findUniqueOrThrow({ where: { lotId } })).status).toBe('RELEASED');
  });

  it('that lies before the last one of the stage is refused', async () => {
    const { lotId } = await openLot();
    await call('releaseLot', lotId);
    await report(lotId, 'CUTTING', 1, 1);
    const at = new Date(hub.clock.now().getTime() - 1).toISOString();
    expect(codes(await report(lotId, 'CUTTING', 1, 1, 0, { at }))).toEqual(['DATES_REVERSED']);
  });

  it('counts once under one key', async () => {
    const { lotId } = await openLot();
    await call('releaseLot', lotId);
    const more = { idempotencyKey: key() };
    const [first, again] = [await report(lotId, 'CUTTING', 2, 1, 0, more), await report(lotId, 'CUTTING', 2, 1, 0, more)];
    expect(again).toEqual(first);
    expect(again.lot.progress[0]).toMatchObject({ qtyIn: 2, qtyOut: 1, wip: 1 });
  });
});

describe('Every change of a lot', () => {
  const all: [string, Record<string, unknown>][] = [
    ...Object.entries(moves).map(([name, { more }]): [string, Record<string, unknown>] => [name, more]),
    ['reportStage', { stage: 'CUTTING', qtyIn: 1, qtyOut: 0, scrap: 0, at: '2026-11-22T08:00:00.000Z' }],
  ];

  it.each(all)('%s is for the maker that owns it', async (name, more) => {
    const { lotId } = await openLot();
    expect(codes(await call(name, lotId, more, bert))).toEqual(['NOT_YOURS']);
    expect(codes(await call(name, lotId, more, carla))).toEqual(['WRONG_KIND']);
    expect(codes(await call(name, lotId, more, theHub))).toEqual(['WRONG_KIND']);
    expect(codes(await call(name, 'lot_none', more))).toEqual(['NOT_FOUND']);
    expect(codes(await call(name, lotId, { ...more, ifChangedAt: '2026-01-01T00:00:00.000Z' }))).toEqual(['STALE']);
    expect((await hub.db.productionLot.findUniqueOrThrow({ where: { lotId } })).status).toBe('PLANNED');
  });
});

describe('The end of a lot', () => {
  it('needs every stage complete and the right sum', async () => {
    const { lotId } = await openLot();
    await call('releaseLot', lotId);
    await report(lotId, 'CUTTING', 10, 10);
    await report(lotId, 'SEWING', 10, 9, 0);
    expect((await call('completeLot', lotId, { goodQty: 9 })).problems).toMatchObject([
      {
        code: 'WRONG_STATE',
        message: 'the stage SEWING is not complete: 10 pieces came out of CUTTING, 10 came in, 9 went out, 0 were scrapped',
      },
    ]);
    await report(lotId, 'SEWING', 0, 0, 1);
    await report(lotId, 'PACKING', 9, 9);
    expect((await call('completeLot', lotId, { goodQty: 10 })).problems).toMatchObject([{ code: 'SUM_MISMATCH', path: ['goodQty'] }]);
    const { lot } = await call('completeLot', lotId, { goodQty: 9 });
    expect(lot).toMatchObject({ status: 'COMPLETED', goodQty: 9, scrapQty: 1, progressBps: 10_000 });
    expect(lot.projectedFinish).toBe(hub.clock.now().toISOString().slice(0, 10));
  });

  it('says why it waits, only while it waits', async () => {
    const { lotId } = await openLot();
    await waysTo.ON_HOLD(lotId);
    const row = await hub.db.productionLot.findUniqueOrThrow({ where: { lotId } });
    expect(row.holdReason).toBe('QUALITY');
    expect((await call('resumeLot', lotId)).lot).toMatchObject({ status: 'IN_PROGRESS', holdReason: null });
  });

  it('needs a note when it is given up', async () => {
    const { lotId } = await openLot();
    expect(codes(await call('scrapLot', lotId, { note: ' ' }))).toEqual(['TOO_LONG']);
    expect(codes(await call('scrapLot', lotId, { note: 'x'.repeat(1_001) }))).toEqual(['TOO_LONG']);
  });

  it('adds the lot to the quality of its maker when it is closed, and only then', async () => {
    const demo = generator('mbr_other', 'MAKER');
    const other = await enterMaker(hub, { name: 'Other Hall' }, demo);
    const close = async (scrap: number, neededBy: string): Promise<void> => {
      const slots = [{ stage: 'SEWING', day: neededBy, bucketId: 'bkt_q', minutes: 1, pieces: 10 }];
      const { lotId } = await openLot({ gln: other, memberId: 'mbr_other', slots });
      const at = hub.clock.now().toISOString();
      await call('releaseLot', lotId, {}, demo);
      const good = 10 - scrap;
      await call('reportStage', lotId, { stage: 'CUTTING', qtyIn: 10, qtyOut: good, scrap, at }, demo);
      for (const stage of ['SEWING', 'PACKING']) await call('reportStage', lotId, { stage, qtyIn: good, qtyOut: good, at }, demo);
      expect(codes(await call('completeLot', lotId, { goodQty: good }, demo))).toEqual([]);
      expect(codes(await call('closeLot', lotId, {}, demo))).toEqual([]);
    };
    const today = hub.clock.now().toISOString().slice(0, 10);
    await close(0, today);
    await hub.forgetEvents();
    await close(1, '2026-11-20');
    expect((await hub.events()).slice(-2).map(({ topic, payload }) => [topic, payload['gln'], payload['pieces'] ?? null])).toEqual([
      ['lot.closed', other, null],
      ['quality.recorded', other, 10],
    ]);
    await close(2, today);
    const { data } = await hub.ask(
      carla,
      'query ($gln: ID!) { maker(gln: $gln) { quality { sampleSize firstPassYieldBps aqlRejectBps onTimeBps } } }',
      { gln: other },
    );
    expect(data.maker.quality).toEqual({ sampleSize: 3, firstPassYieldBps: 9_000, aqlRejectBps: 3_333, onTimeBps: 6_667 });
  });
});

it('Publishing, holding and making go together: the whole way of one allocation', async () => {
  const { buckets } = await hub.change(
    anna,
    'publishCapacity',
    { buckets: [offer(gln, { day: '2026-12-02' })], idempotencyKey: key() },
    'buckets { bucketId }',
  );
  const slots = [{ stage: 'SEWING', day: '2026-12-02', bucketId: buckets[0].bucketId, minutes: 80, pieces: 10 }];
  const { lotId } = await openLot({ slots });
  await waysTo.CLOSED(lotId);
  const row = await hub.db.capacityBucket.findUniqueOrThrow({ where: { bucketId: buckets[0].bucketId } });
  expect([row.heldMinutes, row.committedMinutes]).toEqual([0, 80]);
});
