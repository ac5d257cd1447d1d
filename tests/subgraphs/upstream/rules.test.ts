/** The plain rules: prices, terms, quality, feasibility, states, capability tags. */
import fc from 'fast-check';
import {
  compareRanked,
  firstDayWith,
  judgeBinding,
  judgeTerms,
  rankFirst,
  type Candidate,
  type EarnedMinutes,
  type InfeasibleReason,
  type MinutesOfMaker,
  type Wish,
} from '../../../subgraphs/upstream/feasibility.ts';
import { minorDigits } from '../../../subgraph-kit/money.ts';
import { parseDecimal, pricePerPiece } from '../../../subgraphs/upstream/price.ts';
import { scoreOf } from '../../../subgraphs/upstream/quality.ts';
import { leadTimeOf, moqOf, pickTerm } from '../../../subgraphs/upstream/terms.ts';
import { CAPABILITY_TAGS, explainTag, makerStates } from '../../../subgraphs/upstream/words.ts';
import { isLegalMove } from '../../../subgraph-kit/state-machine.ts';

const priceOf = (smv: string, minutePrice: string, currency: string): bigint =>
  pricePerPiece(parseDecimal(smv), parseDecimal(minutePrice), currency);

describe('the price of a piece', () => {
  it('is minutes times price in minor units, rounded half-even once', () => {
    expect(priceOf('20.0000', '0.45', 'CNY')).toBe(900n);
    expect(priceOf('1.0000', '0.005', 'CNY')).toBe(0n);
    expect(priceOf('3.0000', '0.005', 'CNY')).toBe(2n);
    expect(priceOf('1.0000', '0.0051', 'CNY')).toBe(1n);
  });

  it('knows currencies without and with three decimals', () => {
    expect([minorDigits('JPY'), minorDigits('CNY'), minorDigits('KWD')]).toEqual([0, 2, 3]);
    expect(priceOf('20', '9', 'JPY')).toBe(180n);
    expect(priceOf('2', '3', 'KWD')).toBe(6_000n);
  });

  it('never differs from the exact product by more than half a minor unit', () => {
    const price = fc.integer({ min: 1, max: 999_999_999 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000_000 }), price, (smvUnits, priceUnits) => {
        const amount = priceOf((smvUnits / 10_000).toFixed(4), (priceUnits / 1_000_000).toFixed(6), 'CNY');
        // exact: units of 10^-10 major are 10^8 to a minor unit
        const error = amount * 100_000_000n - BigInt(smvUnits) * BigInt(priceUnits);
        return error <= 50_000_000n && error >= -50_000_000n;
      }),
    );
  });
});

describe('the terms of a maker', () => {
  const general = { category: null, moq: 100, leadTimeDays: 10 };
  const dresses = { category: 'DRESS', moq: 300, leadTimeDays: 5 };

  it('are those of the category, else the general ones, else none', () => {
    expect(pickTerm([general, dresses], 'DRESS')).toBe(dresses);
    expect(pickTerm([general, dresses], 'SKIRT')).toBe(general);
    expect(pickTerm([dresses], 'SKIRT')).toBeNull();
  });

  it('without a category give the lowest lot and the shortest time of all', () => {
    expect([moqOf([general, dresses]), leadTimeOf([general, dresses])]).toEqual([100, 5]);
    expect([moqOf([general, dresses], 'DRESS'), leadTimeOf([general, dresses], 'SKIRT')]).toEqual([300, 10]);
    expect([moqOf([]), leadTimeOf([]), moqOf([dresses], 'SKIRT')]).toEqual([null, null, null]);
  });
});

describe('the quality score', () => {
  const sums = { lots: 4, pieces: 1_000n, firstPassPieces: 900n, rejectedLots: 1, onTimeLots: 3, changedAt: new Date('2026-11-22') };

  it('follows the published formula', () => {
    expect(scoreOf(sums)).toEqual({
      firstPassYieldBps: 9_000,
      aqlRejectBps: 2_500,
      onTimeBps: 7_500,
      score: 0.5 * 0.9 + 0.3 * 0.75 + 0.2 * 0.75,
      sampleSize: 4,
      asOf: sums.changedAt,
    });
  });

  it('lies within 0 and 1', () => {
    expect(scoreOf({ ...sums, firstPassPieces: 1_000n, rejectedLots: 0, onTimeLots: 4 }).score).toBe(1);
    expect(scoreOf({ ...sums, firstPassPieces: 0n, rejectedLots: 4, onTimeLots: 0 }).score).toBe(0);
  });
});

const wish = (more: Partial<Wish> = {}): Wish =>
  withAllTags({
    quantity: 100,
    latestDay: 20,
    category: 'T_SHIRT',
    requiredCapabilities: [],
    requiredCertificates: [],
    qualityFloorBps: null,
    unitPriceCap: null,
    work: [
      { stage: 'CUTTING', minutes: 200 },
      { stage: 'SEWING', minutes: 800 },
    ],
    smvTotal: parseDecimal('10.0000'),
    ...more,
  });
const withAllTags = (line: Omit<Wish, 'allTags'>): Wish => ({
  ...line,
  allTags: [...line.requiredCapabilities, 'CUT_AUTO', 'KNIT_OVERLOCK'],
});

const maker = (more: Partial<Candidate> = {}): Candidate => ({
  gln: '9520000000011',
  status: 'ACTIVE',
  tags: new Set(['CUT_AUTO', 'KNIT_OVERLOCK']),
  evidences: new Set(['ISO 9001']),
  terms: [
    {
      category: null,
      moq: 50,
      acceptsShortLots: false,
      leadTimeDays: 7,
      minutePrice: parseDecimal('0.5'),
      currency: 'CNY',
      setupCostMinor: 100n,
    },
  ],
  score: 0.9,
  ...more,
});

const earned = (...minutes: number[]): EarnedMinutes => {
  let sum = 0;
  return { days: minutes.map((_, day) => day), sums: minutes.map((minute) => (sum += minute)) };
};
const hours = (cutting: EarnedMinutes, sewing: EarnedMinutes): MinutesOfMaker =>
  new Map([
    ['CUTTING', cutting],
    ['SEWING', sewing],
  ]);
const enough = hours(earned(1_000), earned(1_000));
const none: MinutesOfMaker = new Map();
const [published] = maker().terms;
const withTerm = (more: Partial<NonNullable<typeof published>>): Candidate =>
  maker({ terms: maker().terms.map((term) => ({ ...term, ...more })) });

describe('a maker that can serve a line', () => {
  it('offers the price of the work, its set-up cost and its lead time', () => {
    expect(judgeTerms(wish(), maker(), enough)).toEqual({
      unitPrice: { amountMinor: 500n, currency: 'CNY' },
      setupCostMinor: 100n,
      minQty: 50,
      finishDay: 7,
      reasons: [],
    });
  });

  it('finishes when the last stage has its minutes', () => {
    const minutes = hours(earned(200), earned(300, 0, 200, 100, 0, 0, 0, 0, 0, 199, 1));
    expect(judgeTerms(wish(), maker(), minutes).finishDay).toBe(10);
  });

  it('finds the first day with enough minutes as a plain count does', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 50 }), { maxLength: 40 }), fc.nat({ max: 900 }), (minutes, wanted) => {
        let sum = 0;
        const plain = minutes.findIndex((minute) => (sum += minute) >= wanted);
        expect(firstDayWith(earned(...minutes), wanted)).toBe(plain === -1 ? null : plain);
      }),
    );
  });
});

describe('a maker that cannot serve a line', () => {
  const cases: [InfeasibleReason, Wish, Candidate][] = [
    ['CAPABILITY_MISSING', wish(), maker({ tags: new Set(['KNIT_OVERLOCK']) })],
    ['CAPABILITY_MISSING', wish({ requiredCapabilities: ['QC_NEEDLE'] }), maker()],
    ['CAPABILITY_MISSING', wish(), withTerm({ category: 'DRESS' })],
    ['CERTIFICATE_MISSING', wish({ requiredCertificates: ['GOTS'] }), maker()],
    ['TOO_LATE', wish({ latestDay: 6 }), maker()],
    ['BELOW_MOQ', wish({ quantity: 49 }), maker()],
    ['PRICE_OVER_CAP', wish({ unitPriceCap: { amountMinor: 499n, currency: 'CNY' } }), maker()],
    ['QUALITY_UNDER_FLOOR', wish({ qualityFloorBps: 9_001 }), maker()],
    ['QUALITY_UNDER_FLOOR', wish({ qualityFloorBps: 1 }), maker({ score: null })],
    ['MAKER_NOT_ACTIVE', wish(), maker({ status: 'PAUSED' })],
  ];
  it.each(cases)('says %s and offers nothing', (reason, line, candidate) => {
    expect(judgeTerms(line, candidate, enough)).toMatchObject({
      reasons: [reason],
      unitPrice: null,
      setupCostMinor: null,
      finishDay: null,
    });
  });

  it('says CAPACITY_SHORT when one stage never has its minutes', () => {
    expect(judgeTerms(wish(), maker(), hours(earned(199), earned(1_000))).reasons).toEqual(['CAPACITY_SHORT']);
    expect(judgeTerms(wish(), maker(), none).reasons).toEqual(['CAPACITY_SHORT']);
  });

  it('is none when the number is exactly the limit', () => {
    const atLimit = wish({ quantity: 50, latestDay: 7, qualityFloorBps: 9_000, unitPriceCap: { amountMinor: 500n, currency: 'CNY' } });
    expect(judgeTerms(atLimit, maker(), enough).reasons).toEqual([]);
  });

  it('is none for a lot under its smallest when it takes short lots', () => {
    expect(judgeTerms(wish({ quantity: 1 }), withTerm({ acceptsShortLots: true }), enough).reasons).toEqual([]);
  });

  it('is none when the cap is in another currency: no rate, no comparison', () => {
    expect(judgeTerms(wish({ unitPriceCap: { amountMinor: 1n, currency: 'EUR' } }), maker(), enough).reasons).toEqual([]);
  });

  it('gives every reason at once', () => {
    const line = wish({
      quantity: 1,
      latestDay: 0,
      requiredCertificates: ['GOTS'],
      qualityFloorBps: 9_999,
      unitPriceCap: { amountMinor: 0n, currency: 'CNY' },
    });
    const { reasons } = judgeTerms(line, maker({ status: 'CLOSED', tags: new Set() }), none);
    expect([...reasons].sort()).toEqual([
      'BELOW_MOQ',
      'CAPABILITY_MISSING',
      'CAPACITY_SHORT',
      'CERTIFICATE_MISSING',
      'MAKER_NOT_ACTIVE',
      'PRICE_OVER_CAP',
      'QUALITY_UNDER_FLOOR',
      'TOO_LATE',
    ]);
  });
});

describe('a binding quote', () => {
  const quote = { unitPrice: { amountMinor: 450n, currency: 'CNY' }, setupCostMinor: 0n, minQty: 80, finishDay: 12 };

  it('counts as given, whatever the published terms and minutes say', () => {
    expect(judgeBinding(wish(), maker({ tags: new Set(), terms: [] }), quote)).toEqual({ ...quote, reasons: [] });
  });

  it.each<[InfeasibleReason, Wish]>([
    ['BELOW_MOQ', wish({ quantity: 79 })],
    ['TOO_LATE', wish({ latestDay: 11 })],
    ['PRICE_OVER_CAP', wish({ unitPriceCap: { amountMinor: 449n, currency: 'CNY' } })],
    ['CAPABILITY_MISSING', wish({ requiredCapabilities: ['QC_NEEDLE'] })],
    ['CERTIFICATE_MISSING', wish({ requiredCertificates: ['GOTS'] })],
  ])('is no offer when %s', (reason, line) => {
    expect(judgeBinding(line, maker(), quote).reasons).toEqual([reason]);
  });
});

it('makers are named by price and GLN, the currency of the hub first, then near misses by their number of reasons', () => {
  const ranked = (gln: string, amountMinor: bigint | null, currency = 'CNY', reasons: InfeasibleReason[] = []) => ({
    gln,
    verdict: {
      unitPrice: amountMinor === null ? null : { amountMinor, currency },
      setupCostMinor: null,
      minQty: null,
      finishDay: null,
      reasons,
    },
  });
  const list = [
    ranked('6', null, 'CNY', ['TOO_LATE', 'BELOW_MOQ']),
    ranked('5', null, 'CNY', ['TOO_LATE']),
    ranked('4', 1n, 'EUR'),
    ranked('3', 500n),
    ranked('2', 500n),
    ranked('1', 900n),
  ];
  expect(list.sort(compareRanked('CNY')).map(({ gln }) => gln)).toEqual(['2', '3', '1', '4', '5', '6']);
});

it('the first ones are the same whether few or all makers are judged in full', () => {
  const reasons: InfeasibleReason[] = ['CAPACITY_SHORT', 'TOO_LATE', 'BELOW_MOQ'];
  const one = fc.record({ gln: fc.uuid(), price: fc.integer({ min: 1, max: 9 }), before: fc.nat({ max: 1 }), after: fc.nat({ max: 2 }) });
  fc.assert(
    fc.property(fc.array(one, { maxLength: 60 }), fc.integer({ min: 1, max: 20 }), (list, first) => {
      const verdict = (price: number, count: number) => ({
        unitPrice: count === 0 ? { amountMinor: BigInt(price), currency: 'CNY' } : null,
        setupCostMinor: null,
        minQty: null,
        finishDay: null,
        reasons: reasons.slice(0, count),
      });
      const hopeful = list.map(({ gln, price, before, after }) => ({
        gln,
        verdict: verdict(price, before),
        full: verdict(price, before + after),
      }));
      const judge = (candidate: (typeof hopeful)[number]) => ({ ...candidate, verdict: candidate.full });
      const all = hopeful.map(judge).sort(compareRanked('CNY')).slice(0, first);
      expect(rankFirst(hopeful, { first, currency: 'CNY', judge }).map(({ gln }) => gln)).toEqual(all.map(({ gln }) => gln));
    }),
  );
});

it('a maker pauses and works again, and closes for good', () => {
  const all = ['ACTIVE', 'PAUSED', 'CLOSED'] as const;
  const legal = all.flatMap((from) => all.filter((to) => isLegalMove(makerStates, from, to)).map((to) => `${from} ${to}`));
  expect(legal).toEqual(['ACTIVE PAUSED', 'ACTIVE CLOSED', 'PAUSED ACTIVE', 'PAUSED CLOSED']);
});

it('a capability tag belongs to one stage', () => {
  expect(CAPABILITY_TAGS.get('KNIT_OVERLOCK')).toBe('SEWING');
  expect(explainTag('KNIT_OVERLOCK', 'SEWING')).toBeNull();
  expect(explainTag('KNIT_OVERLOCK', 'QC')).toBe('"KNIT_OVERLOCK" belongs to the stage SEWING, not to QC');
  expect(explainTag('KNITTING', 'QC')).toBe('"KNITTING" is no capability; for QC expected one of QC_AQL, QC_MEASURE, QC_NEEDLE');
});
