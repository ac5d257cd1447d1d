/** Single cases of the model that can be followed by hand. */
import { dayAt, makeBucket, makeInput, makeLine, makeMaker, makeTerm, solve } from './_kit.ts';
import type { Bid, InputLane, RoutingPlan, Stage } from '../../../../subgraphs/routing/model/types.ts';

const reasonsOf = (plan: RoutingPlan): Record<string, number> =>
  Object.fromEntries(plan.decisions[0]?.excluded.map(({ reason, makers }) => [reason, makers]) ?? []);

describe("Dantzig's transportation example", () => {
  const distances: readonly (readonly [string, string, number])[] = [
    ['USSEA', 'USNYC', 2.5],
    ['USSEA', 'USCHI', 1.7],
    ['USSEA', 'USTOP', 1.8],
    ['USSAN', 'USNYC', 2.5],
    ['USSAN', 'USCHI', 1.8],
    ['USSAN', 'USTOP', 1.4],
  ];
  const lanes = distances.map(([origin, destination, thousandMiles]): InputLane => ({
    origin,
    destination,
    transitDays: 1,
    perConsignment: 0,
    perKilogram: 0,
    perPiece: (90 * thousandMiles) / 1_000,
  }));
  const plant = (gln: string) => makeMaker({ gln, unlocode: gln, country: 'US', terms: [makeTerm({ minutePrice: 0 })] });
  const market = (shipTo: string, quantity: number) =>
    makeLine({ id: shipTo, shipTo, quantity, work: [{ stage: 'SEWING', minutes: 1, tags: [] }] });
  const input = makeInput({
    makers: [plant('USSEA'), plant('USSAN')],
    lines: [market('USNYC', 325), market('USCHI', 300), market('USTOP', 275)],
    buckets: [makeBucket('USSEA', 0, 350), makeBucket('USSAN', 0, 600)],
    lanes,
  });

  it('costs 153.675, with the known prices of demand', async () => {
    const plan = await solve(input);
    expect(plan.status).toBe('OPTIMAL');
    expect(plan.objective).toBeCloseTo(153.675, 9);
    expect(plan.bound).toBeCloseTo(153.675, 9);
    const demand = Object.fromEntries(plan.prices.filter(({ kind }) => kind === 'DEMAND').map(({ lineId, price }) => [lineId, price]));
    expect(demand['USNYC']).toBeCloseTo(0.225, 9);
    expect(demand['USCHI']).toBeCloseTo(0.153, 9);
    expect(demand['USTOP']).toBeCloseTo(0.126, 9);
  });
});

describe('an amount beyond all sense', () => {
  const absurd = 90_071_992_547_409;
  const makers = ['one', 'two'].map((gln) => makeMaker({ gln }));
  const buckets = ['one', 'two'].flatMap((gln) => [0, 1].map((day) => makeBucket(gln, day, 1_000)));

  it('claimed as a margin stops no run, and counts up to the limit', async () => {
    const lines = [makeLine({ id: 'claim', quantity: 1_000_000, margin: absurd }), makeLine({ id: 'plain' })];
    const plan = await solve(makeInput({ makers, lines, buckets }));
    expect(plan.placedPieces).toBe(2_000);
    expect(plan.prices.find(({ lineId }) => lineId === 'claim')?.price).toBeCloseTo(100 + 10_000, 6);
  });

  it('asked as the price of a minute is not taken', async () => {
    const dear = makeMaker({ gln: 'two', terms: [makeTerm({ minutePrice: absurd })] });
    const plan = await solve(
      makeInput({ makers: [makeMaker({ gln: 'one' }), dear], lines: [makeLine({ id: 'line', quantity: 1_500 })], buckets }),
    );
    expect(plan.allocations.map(({ gln, quantity }) => [gln, quantity])).toEqual([['one', 1_000]]);
  });

  it('asked for a lane is not taken', async () => {
    const lane = { origin: 'CNZZZ', destination: 'CNSHA', transitDays: 1, perConsignment: absurd, perKilogram: 0, perPiece: absurd };
    const plan = await solve(makeInput({ makers, lines: [makeLine({ id: 'line' })], buckets, lanes: [lane] }));
    expect(plan.decisions[0]?.unserved).toEqual({ pieces: 10, because: 'NO_CANDIDATE' });
    expect(reasonsOf(plan)).toEqual({ PRICE_OVER_CAP: 2 });
  });

  it('asked in a counter-offer is not taken', async () => {
    const bid: Bid = {
      kind: 'COUNTER',
      id: 'bid',
      gln: 'two',
      unitPrice: absurd,
      setupCost: 0,
      minQuantity: 10,
      maxQuantity: 10,
      day: dayAt(10),
    };
    const plan = await solve(makeInput({ makers, lines: [makeLine({ id: 'line', bids: [bid] })], buckets }));
    expect(plan.allocations.map(({ gln }) => gln)).toEqual(['one']);
    // nor is it shown: its total would be no number that one could read
    expect(plan.decisions[0]?.candidates.map(({ gln }) => gln)).toEqual(['one']);
    expect(reasonsOf(plan)).toEqual({ PRICE_OVER_CAP: 1 });
  });
});

describe('equal makers', () => {
  const input = makeInput({
    makers: ['left', 'right'].map((gln) => makeMaker({ gln })),
    lines: [makeLine({ id: 'line' })],
    buckets: ['left', 'right'].flatMap((gln) => [0, 1].map((day) => makeBucket(gln, day, 1_000))),
  });
  const winnerWith = async (seed: string): Promise<string | undefined> => (await solve(input, seed)).allocations[0]?.gln;

  it('win by the draw of the seed: each about half of the time, with one seed always the same', async () => {
    const winners = await Promise.all(Array.from({ length: 60 }, (_, i) => winnerWith(`seed ${i}`)));
    const left = winners.filter((gln) => gln === 'left').length;
    expect(left).toBeGreaterThan(15);
    expect(left).toBeLessThan(45);
    expect(await winnerWith('seed 7')).toBe(winners[7]);
  });
});

describe('stages', () => {
  const work = (['CUTTING', 'SEWING', 'PACKING'] as const).map((stage) => ({ stage, minutes: 1, tags: [] }));
  const onDays = (stage: Stage, ...days: number[]) => days.map((day) => makeBucket('one', day, 100, { stage }));

  it('follow one another, over a week-end as well', async () => {
    // day 4 is a Friday, day 7 a Monday
    const buckets = [...onDays('CUTTING', 3, 4, 7), ...onDays('SEWING', 7), ...onDays('PACKING', 7, 8)];
    const plan = await solve(makeInput({ makers: [makeMaker({ gln: 'one' })], lines: [makeLine({ id: 'line', work })], buckets }));
    expect(plan.allocations[0]?.slots.map(({ stage, day }) => [stage, day])).toEqual([
      ['CUTTING', dayAt(4)],
      ['SEWING', dayAt(7)],
      ['PACKING', dayAt(8)],
    ]);
    expect(plan.allocations[0]?.promisedDay).toBe(dayAt(10));
  });

  it('that lack a day leave no way to make the piece', async () => {
    const buckets = [...onDays('CUTTING', 7), ...onDays('SEWING', 7), ...onDays('PACKING', 8)];
    const plan = await solve(makeInput({ makers: [makeMaker({ gln: 'one' })], lines: [makeLine({ id: 'line', work })], buckets }));
    expect(reasonsOf(plan)).toEqual({ CAPACITY_SHORT: 1 });
    expect(plan.decisions[0]?.unserved).toEqual({ pieces: 10, because: 'NO_CANDIDATE' });
  });

  it('of a style that is not sewn follow its last one', async () => {
    const print = [
      { stage: 'PRINTING' as const, minutes: 1, tags: [] },
      { stage: 'CUTTING' as const, minutes: 1, tags: [] },
    ];
    const buckets = [...onDays('CUTTING', 0), ...onDays('PRINTING', 0, 1)];
    const plan = await solve(makeInput({ makers: [makeMaker({ gln: 'one' })], lines: [makeLine({ id: 'line', work: print })], buckets }));
    expect(plan.allocations[0]?.slots.map(({ day }) => day)).toEqual([dayAt(0), dayAt(1)]);
  });
});

describe('a maker that may not do a line', () => {
  const refused: readonly (readonly [string, Partial<Parameters<typeof makeMaker>[0]>])[] = [
    ['MAKER_NOT_ACTIVE', { status: 'PAUSED' }],
    ['CAPABILITY_MISSING', { capabilities: [] }],
    ['CERTIFICATE_MISSING', { certificates: [] }],
    ['QUALITY_UNDER_FLOOR', { qualityScore: 0.2 }],
    ['BELOW_MOQ', { terms: [makeTerm({ moq: 11 })] }],
    ['NO_EXCHANGE_RATE', { terms: [makeTerm({ minutePrice: null })] }],
    ['PRICE_OVER_CAP', { terms: [makeTerm({ minutePrice: 9 })] }],
  ];
  const line = makeLine({
    id: 'line',
    requiredCapabilities: ['HEM_STRAIGHT'],
    requiredCertificates: ['GOTS'],
    qualityFloorBps: 5_000,
    priceCap: 10,
    declinedBy: ['no thanks'],
    latestDay: dayAt(6),
  });
  const good = { capabilities: ['HEM_STRAIGHT'], certificates: ['GOTS'] };

  it('is counted under the first reason that holds', async () => {
    const makers = [
      ...refused.map(([gln, rest]) => makeMaker({ gln, ...good, ...rest })),
      ...['no thanks', 'no minutes', 'too late', 'good'].map((gln) => makeMaker({ gln, ...good })),
    ];
    const buckets = makers.flatMap(({ gln }) => (gln === 'no minutes' ? [] : [makeBucket(gln, gln === 'too late' ? 5 : 1, 100)]));
    const plan = await solve(makeInput({ makers, lines: [line], buckets }));
    expect(reasonsOf(plan)).toEqual({
      ...Object.fromEntries(refused.map(([reason]) => [reason, 1])),
      DECLINED_BEFORE: 1,
      CAPACITY_SHORT: 1,
      TOO_LATE: 1,
    });
    expect(plan.allocations.map(({ gln }) => gln)).toEqual(['good']);
  });

  it('is not near when the list of candidates is full', async () => {
    const makers = [1, 2, 3, 4, 5].map((price) => makeMaker({ gln: `at ${price}`, terms: [makeTerm({ minutePrice: price })] }));
    const buckets = makers.map(({ gln }) => makeBucket(gln, 0, 100));
    const plan = await solve(makeInput({ makers, lines: [makeLine({ id: 'line' })], buckets }));
    expect(plan.decisions[0]?.candidates.map(({ gln, reducedCost }) => [gln, reducedCost])).toEqual([
      ['at 1', 0],
      ['at 2', 2],
      ['at 3', 4],
    ]);
    expect(reasonsOf(plan)).toEqual({ NOT_NEAR: 2 });
  });
});

describe('costs', () => {
  it('of a short lot carry the set-up, those of a full one do not', async () => {
    const maker = makeMaker({ gln: 'one', qualityScore: 0.6, terms: [makeTerm({ moq: 20, acceptsShortLots: true, setupCost: 30 })] });
    const lines = [makeLine({ id: 'full', quantity: 20 }), makeLine({ id: 'short', quantity: 10 })];
    const plan = await solve(makeInput({ makers: [maker], lines, buckets: [makeBucket('one', 0, 100)] }));
    const termsOf = (id: string) => plan.decisions.find(({ lineId }) => lineId === id)?.candidates[0]?.terms;
    expect(termsOf('full')?.map(({ kind }) => kind)).toEqual(['EX_WORKS', 'QUALITY_RISK']);
    expect(termsOf('full')?.map(({ amount }) => amount)).toEqual([expect.closeTo(40, 9), expect.closeTo(1.6, 9)]);
    expect(termsOf('short')?.map(({ kind }) => kind)).toEqual(['EX_WORKS', 'SETUP', 'QUALITY_RISK']);
    expect(plan.allocations.find(({ lineId }) => lineId === 'short')?.unitPrice).toBeCloseTo(5, 9);
  });

  it('of a maker without a place are those of a tariff for any origin, by the usual weight of a piece', async () => {
    const lanes = [{ origin: 'CNZZZ', destination: 'CNSHA', transitDays: 4, perConsignment: 0, perKilogram: 10, perPiece: 0 }];
    const buckets = [makeBucket('one', 0, 100)];
    const plan = await solve(makeInput({ makers: [makeMaker({ gln: 'one' })], lines: [makeLine({ id: 'line' })], buckets, lanes }));
    expect(plan.decisions[0]?.candidates[0]?.terms).toEqual([
      { kind: 'EX_WORKS', amount: expect.closeTo(20, 9) },
      { kind: 'FREIGHT', amount: expect.closeTo(30, 9) },
    ]);
    expect(plan.allocations[0]).toMatchObject({ origin: 'CNZZZ', promisedDay: dayAt(4) });
  });
});

describe('bids', () => {
  const bid = (rest: Partial<Bid>): Bid => ({
    kind: 'COUNTER',
    id: 'bid',
    gln: 'one',
    unitPrice: 1,
    setupCost: 0,
    minQuantity: null,
    maxQuantity: null,
    day: dayAt(9),
    ...rest,
  });
  const makers = [makeMaker({ gln: 'one' }), makeMaker({ gln: 'two' })];
  const buckets = makers.map(({ gln }) => makeBucket(gln, 0, 1_000));
  const withBid = (one: Bid) => makeInput({ makers, buckets, lines: [makeLine({ id: 'line', bids: [one] })] });

  it('that counter are taken at their price and day, for no more pieces than offered', async () => {
    const plan = await solve(withBid(bid({ maxQuantity: 6 })));
    expect(plan.allocations).toHaveLength(2);
    expect(plan.allocations).toContainEqual(expect.objectContaining({ gln: 'one', quantity: 6, unitPrice: 1, bidId: 'bid' }));
    expect(plan.allocations).toContainEqual(expect.objectContaining({ gln: 'two', quantity: 4, unitPrice: 2, bidId: null }));
    expect(plan.allocations.find(({ gln }) => gln === 'one')?.promisedDay).toBe(dayAt(9));
    expect(plan.status).toBe('OPTIMAL');
  });

  it('that come after the latest day are too late', async () => {
    expect(reasonsOf(await solve(withBid(bid({ day: dayAt(21) }))))).toEqual({ TOO_LATE: 1 });
  });

  it('that quote leave no earlier than their day', async () => {
    const plan = await solve(withBid(bid({ kind: 'QUOTE' })));
    expect(plan.allocations).toEqual([expect.objectContaining({ gln: 'one', quantity: 10, promisedDay: dayAt(11) })]);
  });
});

describe('pieces that are not placed', () => {
  const makers = [makeMaker({ gln: 'one' })];
  const because = async (parts: Parameters<typeof makeInput>[0]): Promise<unknown> =>
    (await solve(makeInput({ makers, lines: [makeLine({ id: 'line' })], buckets: [makeBucket('one', 0, 100)], ...parts }))).decisions[0]
      ?.unserved;

  it('say what stood in the way', async () => {
    expect(await because({ buckets: [makeBucket('one', 0, 7)] })).toEqual({ pieces: 7, because: 'NO_MINUTES' });
    expect(await because({ policy: { maxShareBps: 5_000 } })).toEqual({ pieces: 5, because: 'SHARE_CAP' });
    expect(await because({ policy: { unservedPenalty: 1 } })).toEqual({ pieces: 10, because: 'DEARER_THAN_NOT_SERVING' });
    expect(await because({ makers: [] })).toEqual({ pieces: 10, because: 'NO_CANDIDATE' });
    expect(await because({})).toBeNull();
  });
});

describe('nothing to plan', () => {
  it('is an optimal plan of nothing', async () => {
    const plan = await solve(makeInput({}));
    expect(plan).toMatchObject({ status: 'OPTIMAL', objective: 0, bound: 0, gap: 0, allocations: [], decisions: [], prices: [] });
    expect(plan.fairness).toEqual({ hhi: 0, hhiNormalised: 0, hhiLimit: 0.25, largestShareBps: 0, gini: 0, newMakerShareBps: 0 });
  });
});
