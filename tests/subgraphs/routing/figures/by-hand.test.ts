/** Small worlds whose figures are worked out by hand beside them. Today is Sunday, 22 November 2026. */
import { hub, member, visitor } from '../../../_kit/subgraph.ts';
import { noon, openRouting, type Routing } from './_kit.ts';
import { allocation, bucket, fill, line, lot, maker, receipt, sale, stage, work, type World } from './_world.ts';

let r: Routing;

beforeAll(async () => {
  r = await openRouting();
}, 60_000);
afterAll(() => r.close());

const index = 'wapeBps biasBps fillRateBps bullwhip overlapBps unmetMinutes idleMinutes';
const tower = `{ controlTower { from to perfectOrderBps orderFulfilmentCycleDays cycleByStage { stage lots days } fairness { hhi gini }
  before: mismatch(phase: BEFORE) { ${index} } after: mismatch { ${index} } } }`;
const read = async (world: World, viewer = hub) => {
  await fill(r, world);
  const { data, errors } = await r.ask(viewer, tower);
  expect(errors).toBeUndefined();
  return data.controlTower;
};
const styleOf = async (styleId: string, viewer = hub) => {
  const { data, errors } = await r.ask(
    viewer,
    `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Style { before: mismatch(phase: BEFORE) { ${index} } after: mismatch { ${index} } } } }`,
    { of: [{ __typename: 'Style', styleId }] },
  );
  expect(errors).toBeUndefined();
  return data._entities[0];
};

const nothing = { wapeBps: null, biasBps: null, fillRateBps: null, bullwhip: null, overlapBps: null, unmetMinutes: 0, idleMinutes: 0 };

// Both lines are due in the week of 30 November.
const dress = line('dln_1', 'mbr_mei', 'sty_dress', 100, '2026-12-01');
const shirt = line('dln_2', 'mbr_lin', 'sty_shirt', 50, '2026-12-02');
const works = [work('sty_dress', 'SEWING', 10), work('sty_dress', 'QC', 1), work('sty_shirt', 'SEWING', 20)];
// 1,000 min at 75 % earn 750 standard minutes; 100 min of QC are wanted and 400 offered.
const capacity = [
  bucket('a', 'SEWING', '2026-11-30', 1_000, { efficiencyBps: 7_500, committedMinutes: 400 }),
  bucket('b', 'QC', '2026-12-03', 400, { heldMinutes: 100 }),
];
const base: World = { DemandCopy: [dress, shirt], WorkFact: works, CapacityFact: capacity, MakerCopy: [maker('a'), maker('b')] };

describe('an empty database', () => {
  it('gives nulls and zeros, and no stage', async () => {
    expect(await read({})).toEqual({
      from: '2026-10-25',
      to: '2026-12-20',
      perfectOrderBps: null,
      orderFulfilmentCycleDays: null,
      cycleByStage: [],
      fairness: null,
      before: nothing,
      after: nothing,
    });
    expect(await styleOf('sty_none')).toEqual({ before: nothing, after: nothing });
  });
});

describe('before routing', () => {
  it('meets minutes wanted with minutes offered, by stage and week', async () => {
    const { before } = await read(base);
    // sewing: wanted 100*10 + 50*20 = 2,000, offered 750; QC: wanted 100, offered 400
    // overlap (750 + 100) / max(2,100; 1,150) = 4,047.6; unmet 1,250; idle 300
    // fill: sewing covers 37.5 % of both lines and is their scarcest stage
    expect(before).toEqual({
      ...nothing,
      wapeBps: 10_000,
      biasBps: -10_000,
      overlapBps: 4_048,
      unmetMinutes: 1_250,
      idleMinutes: 300,
      fillRateBps: 3_750,
    });
  });

  it('gives each style the share of the offer that it has in what is wanted', async () => {
    await fill(r, base);
    // dress: sewing 1,000 of 2,000 wanted, so 375 of 750; QC all 400. overlap (375 + 100) / max(1,100; 775) = 4,318.2
    expect((await styleOf('sty_dress')).before).toMatchObject({
      overlapBps: 4_318,
      unmetMinutes: 625,
      idleMinutes: 300,
      fillRateBps: 3_750,
    });
    // shirt: 375 of 1,000
    expect((await styleOf('sty_shirt')).before).toMatchObject({ overlapBps: 3_750, unmetMinutes: 625, idleMinutes: 0, fillRateBps: 3_750 });
  });

  it('serves no line whose work is unknown, and none without an offer in its week', async () => {
    const late = bucket('a', 'SEWING', '2026-12-08', 9_000);
    const { before } = await read({ ...base, WorkFact: [work('sty_dress', 'SEWING', 10)], CapacityFact: [late] });
    expect(before).toMatchObject({ fillRateBps: 0, overlapBps: 0, unmetMinutes: 1_000, idleMinutes: 9_000 });
  });
});

describe('after routing', () => {
  it('meets minutes wanted with minutes given to makers', async () => {
    const { after } = await read({
      ...base,
      // 60 dresses a week early, 20 a week late and after the latest day; 60 shirts of 50 wanted; 40 only proposed
      Allocation: [
        allocation('alc_1', dress, 'a', 60, '2026-11-25'),
        allocation('alc_2', dress, 'b', 20, '2026-12-08'),
        allocation('alc_3', shirt, 'a', 60, '2026-12-04'),
        allocation('alc_4', dress, 'a', 40, '2026-12-01', { status: 'PROPOSED' }),
      ],
    });
    // in the week of the due day: dress 60 of 100 pieces at 11 min, shirt 60 of 50 at 20 min; in the week after: dress 20 pieces, none wanted
    // meet 60*11 + 50*20 = 1,660; wanted 1,100 + 1,000 = 2,100; given 80*11 + 60*20 = 2,080; overlap 1,660 / 2,100 = 7,904.8
    // unmet 40*11; idle: (1,000 - 400) * 0.75 of sewing and 300 of QC
    // fill: 60 of 100 dresses by the 4th, 50 of 50 shirts: 110 / 150
    expect(after).toMatchObject({ overlapBps: 7_905, unmetMinutes: 440, idleMinutes: 750, fillRateBps: 7_333 });
  });

  it('splits what is idle among styles as it splits the offer', async () => {
    await fill(r, base);
    // sewing: half of 450; QC: all 300
    expect((await styleOf('sty_dress')).after).toMatchObject({ overlapBps: 0, unmetMinutes: 1_100, idleMinutes: 525, fillRateBps: 0 });
  });
});

describe('forecasts', () => {
  it('are compared with what was asked by style and week', async () => {
    const forecast = { kind: 'FORECAST' };
    const { before, after } = await read({
      DemandCopy: [
        dress,
        shirt,
        // dress 120 for 100, shirt 10 in the same week and 30 in another; a cancelled one does not count
        line('dln_3', 'mbr_mei', 'sty_dress', 120, '2026-12-06', forecast),
        line('dln_4', 'mbr_lin', 'sty_shirt', 10, '2026-11-30', forecast),
        line('dln_5', 'mbr_lin', 'sty_shirt', 30, '2026-12-07', forecast),
        line('dln_6', 'mbr_lin', 'sty_shirt', 999, '2026-12-07', { ...forecast, status: 'CANCELLED' }),
      ],
    });
    // errors 20 + 40 + 30 over 150 asked; bias (20 - 40 + 30) / 150
    expect(after).toMatchObject({ wapeBps: 6_000, biasBps: 667 });
    expect(before).toMatchObject({ wapeBps: 6_000, biasBps: 667 });
  });
});

describe('the bullwhip', () => {
  const weeks = ['2026-10-28', '2026-11-04', '2026-11-11', '2026-11-18'];
  // the weeks of 26 October, 2, 9 and (not over before midnight) 16 November
  it('sets the swing of orders to makers against that of sales', async () => {
    const asked = weeks.map((day, i) =>
      line(`dln_${i}`, 'mbr_mei', 'sty_dress', [10, 40, 10, 500][i] ?? 0, '2026-12-01', { submittedAt: noon(day) }),
    );
    const { before, after } = await read({
      DemandCopy: asked,
      Allocation: asked.map((of, i) =>
        allocation(`alc_${i}`, of, 'a', [10, 30, 20, 500][i] ?? 0, '2026-12-01', { proposedAt: noon(weeks[i] ?? '') }),
      ),
      SaleFact: weeks.map((day, i) => sale('sty_dress', 'mbr_mei', day, [20, 30, 10, 500][i] ?? 0)),
    });
    // sales 20, 30, 10: variance 200/3 over mean 20; lines 10, 40, 10: variance 200 over mean 20; given 10, 30, 20: as sales
    expect(before.bullwhip).toBeCloseTo(3, 12);
    expect(after.bullwhip).toBeCloseTo(1, 12);
  });

  it('takes the lines for the demand where no sale is known, which leaves nothing to compare before routing', async () => {
    const asked = weeks.map((day, i) =>
      line(`dln_${i}`, 'mbr_mei', 'sty_dress', [10, 40, 10, 1][i] ?? 0, '2026-12-01', { submittedAt: noon(day) }),
    );
    const { before, after } = await read({
      DemandCopy: asked,
      Allocation: [allocation('alc_1', dress, 'a', 60, '2026-12-01', { proposedAt: noon('2026-11-04') })],
    });
    // given 0, 60, 0: variance 800 over mean 20 is 40; lines 200 over 20 is 10
    expect(before.bullwhip).toBeNull();
    expect(after.bullwhip).toBeCloseTo(4, 12);
  });

  it('is null where demand does not vary', async () => {
    const { after } = await read({ DemandCopy: [], SaleFact: weeks.map((day) => sale('sty_dress', 'mbr_mei', day, 5)) });
    expect(after.bullwhip).toBeNull();
  });
});

describe('orders', () => {
  const done = (id: string, quantity: number) => line(id, 'mbr_mei', 'sty_dress', quantity, '2026-11-20', { status: 'FULFILLED' });
  const [good, short, late] = [done('dln_1', 100), done('dln_2', 100), done('dln_3', 10)];
  const given = [
    allocation('alc_1', good, 'a', 60, '2026-11-10', { status: 'COMPLETED' }),
    allocation('alc_2', good, 'b', 40, '2026-11-12', { status: 'COMPLETED' }),
    allocation('alc_3', short, 'a', 100, '2026-11-12', { status: 'COMPLETED' }),
    allocation('alc_4', late, 'b', 10, '2026-11-12', { status: 'COMPLETED' }),
  ] as const;
  const world: World = {
    DemandCopy: [good, short, late],
    Allocation: [...given],
    ReceiptFact: [
      receipt('1', given[0], 60, noon('2026-11-10')),
      receipt('2', given[1], 40, noon('2026-11-12')),
      receipt('3', given[2], 98, noon('2026-11-12'), { damaged: 2 }),
      receipt('4', given[3], 10, noon('2026-11-21'), { onTime: false }),
    ],
    LotFact: [lot('lot_1', given[0]), lot('lot_2', given[3])],
    LotStageFact: [
      stage('lot_1', 'SEWING', noon('2026-11-06'), noon('2026-11-08')),
      stage('lot_2', 'SEWING', noon('2026-11-06'), noon('2026-11-07')),
      stage('lot_1', 'CUTTING', noon('2026-11-05'), '2026-11-06T16:00:00.000Z'),
      stage('lot_2', 'PACKING', noon('2026-11-08'), null),
    ],
  };

  it('are perfect in full, on time, with right papers and unhurt; their time runs to the last receipt', async () => {
    // raised on the 2nd: 10, 10 and 19 days
    expect(await read(world)).toMatchObject({ perfectOrderBps: 3_333, orderFulfilmentCycleDays: 13 });
  });

  it('are, for who makes them, what it was given', async () => {
    // proposed on the 5th; maker a: the 10th and the 12th, one perfect of two; maker b: the 12th and the 21st
    expect(await read(world, member('mbr_a', 'MAKER'))).toMatchObject({ perfectOrderBps: 5_000, orderFulfilmentCycleDays: 6 });
    expect(await read(world, member('mbr_b', 'MAKER'))).toMatchObject({ perfectOrderBps: 5_000, orderFulfilmentCycleDays: 11.5 });
  });

  it('show the hours of each stage in the order of the work', async () => {
    const { cycleByStage } = await read(world);
    expect(cycleByStage).toEqual([
      { stage: 'CUTTING', lots: 1, days: 1.5 },
      { stage: 'SEWING', lots: 2, days: 1.5 },
    ]);
  });
});

describe('what a member is not shown', () => {
  const canary = { ...base, Allocation: [allocation('alc_1', dress, 'a', 60, '2026-12-01', { distributorMemberId: 'mbr_carrier' })] };

  it('does not move its figures: a creator counts her lines and what was given for them', async () => {
    const { before, after } = await read(canary, member('mbr_mei', 'CREATOR'));
    expect(before).toMatchObject({ overlapBps: 0, unmetMinutes: 1_100, idleMinutes: 0, fillRateBps: 0 });
    expect(after).toMatchObject({ overlapBps: 6_000, unmetMinutes: 440, idleMinutes: 0, fillRateBps: 6_000 });
  });

  it('does not move its figures: a maker counts its minutes and what it was given', async () => {
    const { before, after } = await read(canary, member('mbr_a', 'MAKER'));
    expect(before).toMatchObject({ overlapBps: 0, unmetMinutes: 0, idleMinutes: 750, fillRateBps: null, wapeBps: null });
    expect(after).toMatchObject({ overlapBps: 10_000, unmetMinutes: 0, idleMinutes: 450, fillRateBps: 10_000 });
  });

  it('does not move its figures: a distributor counts what it delivers, a stranger nothing', async () => {
    expect((await read(canary, member('mbr_carrier', 'DISTRIBUTOR'))).after).toMatchObject({
      overlapBps: 10_000,
      fillRateBps: 10_000,
      idleMinutes: 0,
    });
    expect((await read(canary, member('mbr_other', 'DISTRIBUTOR', 'MAKER', 'CREATOR'))).after).toEqual(nothing);
  });

  it('does not move its figures: a visitor counts the demonstration', async () => {
    expect(await read(canary, visitor)).toMatchObject({ before: nothing, after: nothing });
    const shown = { origin: 'GENERATED' };
    const demo = line('dln_1', 'mbr_mei', 'sty_dress', 100, '2026-12-01', shown);
    const { after } = await read(
      {
        ...canary,
        DemandCopy: [demo, shirt],
        MakerCopy: [maker('a', shown), maker('b')],
        Allocation: [allocation('alc_1', demo, 'a', 60, '2026-12-01')],
      },
      visitor,
    );
    expect(after).toMatchObject({ fillRateBps: 6_000, idleMinutes: 450 });
  });
});

describe('the window', () => {
  const ask = (args: string) => r.ask(hub, `{ controlTower(${args}) { from to } }`);

  it('is as asked, up to 366 days', async () => {
    expect((await ask('from: "2026-01-01", to: "2027-01-01"')).data.controlTower).toEqual({ from: '2026-01-01', to: '2027-01-01' });
    expect((await ask('from: "2026-11-22", to: "2026-11-22"')).errors).toBeUndefined();
  });

  it.each([
    ['from: "2026-11-22", to: "2026-11-21"', 'lies before'],
    ['from: "2026-01-01", to: "2027-01-02"', 'at most 366 days'],
    ['from: "2027-01-01"', 'lies before'],
  ])('refuses %s', async (args, words) => {
    const { data, errors } = await ask(args);
    expect(data.controlTower).toBeNull();
    expect(errors).toMatchObject([{ message: expect.stringContaining(words), originalError: { code: 'BAD_USER_INPUT' } }]);
  });
});
