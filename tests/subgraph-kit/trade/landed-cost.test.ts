/** What carriage, duty and handling add to a price: which tariff counts, which units are understood, and that the parts make the total. */
import { divideHalfEven } from '../../../subgraph-kit/money.ts';
import {
  cheapestRate,
  costOf,
  countryOf,
  dutyBps,
  landedCost,
  laneRate,
  USUAL_WEIGHT_GRAMS,
  type TariffLine,
} from '../../../subgraph-kit/trade/landed-cost.ts';

const lane = { origin: 'CNHGH', destination: 'CNSHA', day: '2026-11-22' };
const tariff = (changes: Partial<TariffLine> = {}): TariffLine => ({
  service: 'FREIGHT',
  unit: 'KGM',
  priceMinor: 400n,
  currency: 'CNY',
  originUnlocode: null,
  destinationUnlocode: null,
  transitDays: 3,
  validFrom: '2026-01-01',
  validTo: null,
  ...changes,
});
/** A small generator of numbers, the same in every run. */
function numbers(seed: number): (most: number) => number {
  let state = seed;
  return (most) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state % (most + 1);
  };
}

describe('the rate of a lane', () => {
  it('is the freight of the lane with handling, in the sum and apart', () => {
    const tariffs = [tariff(), tariff({ service: 'HANDLING', unit: 'H87', priceMinor: 35n, transitDays: null })];
    expect(laneRate(tariffs, lane)).toEqual({
      perConsignmentMinor: 0,
      perKilogramMinor: 400,
      perPieceMinor: 35,
      transitDays: 3,
      currency: 'CNY',
      freight: { perConsignmentMinor: 0, perKilogramMinor: 400, perPieceMinor: 0 },
      handling: { perConsignmentMinor: 0, perKilogramMinor: 0, perPieceMinor: 35 },
    });
  });

  it('is none without a freight tariff that covers the lane on the day', () => {
    const others = [
      tariff({ originUnlocode: 'CNSZX' }),
      tariff({ destinationUnlocode: 'CNSZX' }),
      tariff({ validFrom: '2026-11-23' }),
      tariff({ validTo: '2026-11-21' }),
      tariff({ unit: 'DAY' }),
      tariff({ service: 'HANDLING' }),
    ];
    expect(laneRate(others, lane)).toBeNull();
    expect(laneRate([], lane)).toBeNull();
  });

  it('takes first and last day as valid, days or times alike', () => {
    expect(laneRate([tariff({ validFrom: '2026-11-22', validTo: '2026-11-22' })], lane)).not.toBeNull();
    const asDates = tariff({ validFrom: new Date('2026-11-22T00:00:00Z'), validTo: new Date('2026-11-22T00:00:00Z') });
    expect(laneRate([asDates], lane)).not.toBeNull();
  });

  it('takes the tariff that is cheapest for 100 pieces of 300 g, and of equal ones the faster', () => {
    // 100 pieces of 300 g weigh 30 kg: 30 × 400 = 12,000; 100 × 121 = 12,100; 12,000 for the consignment
    const dear = tariff({ unit: 'H87', priceMinor: 121n });
    const slow = tariff({ unit: 'E48', priceMinor: 12_000n, transitDays: 9 });
    expect(laneRate([dear, slow, tariff()], lane)).toMatchObject({ perKilogramMinor: 400, transitDays: 3 });
    expect(laneRate([dear, slow], lane)).toMatchObject({ perConsignmentMinor: 12_000, perKilogramMinor: 0, transitDays: 9 });
    expect(laneRate([tariff(), tariff({ unit: 'H87', priceMinor: 119n })], lane)).toMatchObject({ perPieceMinor: 119 });
  });

  it('understands pieces, weight, volume by weight, and consignments', () => {
    const rateOf = (unit: string, priceMinor: bigint) => laneRate([tariff({ unit, priceMinor })], lane)?.freight;
    for (const unit of ['H87', 'EA', 'C62']) expect(rateOf(unit, 7n)).toMatchObject({ perPieceMinor: 7 });
    expect(rateOf('TNE', 1_500n)).toMatchObject({ perKilogramMinor: 1.5 });
    expect(rateOf('MTQ', 16_700n)).toMatchObject({ perKilogramMinor: 100 });
    expect(rateOf('MTQ', 100n)).toMatchObject({ perKilogramMinor: 0.599 });
    expect(rateOf('E48', 9n)).toMatchObject({ perConsignmentMinor: 9 });
  });

  it('adds the clearing of customs between two countries only, and never storage, single orders or returns', () => {
    const services = ['CUSTOMS', 'STORAGE', 'PICK_AND_PACK', 'RETURNS'].map((service) => tariff({ service, unit: 'H87', priceMinor: 50n }));
    expect(laneRate([tariff(), ...services], lane)).toMatchObject({ perPieceMinor: 0 });
    expect(laneRate([tariff(), ...services], { ...lane, destination: 'USLAX' })).toMatchObject({
      perPieceMinor: 50,
      freight: { perPieceMinor: 0 },
    });
  });

  it('never mixes currencies: the one asked for, else that of the first freight tariff', () => {
    const tariffs = [tariff({ currency: 'USD', priceMinor: 60n }), tariff(), tariff({ service: 'HANDLING', unit: 'H87', priceMinor: 35n })];
    expect(laneRate(tariffs, lane)).toMatchObject({ currency: 'USD', perKilogramMinor: 60, perPieceMinor: 0 });
    expect(laneRate(tariffs, { ...lane, currency: 'CNY' })).toMatchObject({ currency: 'CNY', perKilogramMinor: 400, perPieceMinor: 35 });
    expect(laneRate(tariffs, { ...lane, currency: 'EUR' })).toBeNull();
  });

  it('does not depend on the order of the tariffs, but for equal ones', () => {
    const next = numbers(7);
    for (let round = 0; round < 200; round += 1) {
      const tariffs = Array.from({ length: 1 + next(8) }, (_, i) =>
        tariff({ unit: ['KGM', 'H87', 'E48', 'DAY'][next(3)] ?? 'KGM', priceMinor: BigInt(i + 10 * next(50)), transitDays: i }),
      );
      expect(laneRate(tariffs.toReversed(), lane)?.freight).toEqual(laneRate(tariffs, lane)?.freight);
    }
  });
});

describe('the cheapest of several rates', () => {
  const perPiece = laneRate([tariff({ unit: 'H87', priceMinor: 100n })], lane);
  const fixed = laneRate([tariff({ unit: 'E48', priceMinor: 5_000n })], lane);

  it('depends on what is sent', () => {
    expect(cheapestRate([perPiece, null, fixed], { quantity: 10, unitWeightGrams: 300 })).toBe(perPiece);
    expect(cheapestRate([perPiece, null, fixed], { quantity: 100, unitWeightGrams: 300 })).toBe(fixed);
    expect(cheapestRate([fixed, perPiece], { quantity: 50, unitWeightGrams: 300 })).toBe(fixed);
    expect(cheapestRate([null, null], { quantity: 1, unitWeightGrams: 1 })).toBeNull();
    expect(cheapestRate([], { quantity: 1, unitWeightGrams: 1 })).toBeNull();
  });
});

describe('duty', () => {
  it('is nothing within a country and within the European Union', () => {
    expect(dutyBps('610910', 'CN', 'CN')).toBe(0);
    expect(dutyBps('610910', 'IT', 'DE')).toBe(0);
    expect(dutyBps('610910', 'DE', 'GB')).toBeGreaterThan(0);
  });

  it('goes by chapter and destination; what was not classified counts as knitted', () => {
    expect(dutyBps('610910', 'CN', 'US')).toBe(1_600);
    expect(dutyBps('620342', 'CN', 'US')).toBe(1_300);
    expect(dutyBps('6302', 'CN', 'FR')).toBe(1_000);
    expect(dutyBps('4202929000', 'CN', 'FR')).toBe(400);
    expect(dutyBps(null, 'CN', 'US')).toBe(dutyBps('610910', 'CN', 'US'));
    expect(dutyBps('610910', 'CN', 'HK')).toBe(0);
  });

  it('is between nothing and the whole value for every country', () => {
    for (const destination of ['AU', 'BR', 'CA', 'CN', 'DE', 'GB', 'HK', 'IN', 'JP', 'KR', 'SG', 'US', 'VN', 'ZZ']) {
      for (const code of ['61', '62', '63', '42', '99', null]) {
        const bps = dutyBps(code, 'BD', destination);
        expect(Number.isInteger(bps) && bps >= 0 && bps <= 10_000).toBe(true);
      }
    }
  });
});

describe('landed cost', () => {
  it('is the sum of its four parts', () => {
    const rate = laneRate([tariff(), tariff({ service: 'HANDLING', unit: 'H87', priceMinor: 35n })], { ...lane, destination: 'USLAX' });
    if (rate === null) throw new Error('no rate');
    // 120 pieces of 250 g weigh 30 kg: freight 12,000; duty 16 % of 360,000 + 12,000
    expect(landedCost({ quantity: 120, unitWeightGrams: 250, unitPriceMinor: 3_000n, rate, dutyBps: 1_600 })).toEqual({
      exWorksMinor: 360_000n,
      freightMinor: 12_000n,
      dutyMinor: 59_520n,
      handlingMinor: 4_200n,
      totalMinor: 435_720n,
      incoterm: 'DDP',
    });
  });

  it('adds up for any numbers, grows with every price, and never rounds by more than half a minor unit', () => {
    const next = numbers(42);
    for (let round = 0; round < 500; round += 1) {
      const perKilogram = BigInt(next(5_000));
      const rate = laneRate([tariff({ unit: 'MTQ', priceMinor: perKilogram * 167n })], lane);
      if (rate === null) throw new Error('no rate');
      const input = {
        quantity: 1 + next(5_000),
        unitWeightGrams: 1 + next(2_000),
        unitPriceMinor: BigInt(next(100_000)),
        rate,
        dutyBps: next(4_000),
      };
      const cost = landedCost(input);
      expect(cost.exWorksMinor + cost.freightMinor + cost.dutyMinor + cost.handlingMinor).toBe(cost.totalMinor);
      const exactFreight = (Number(perKilogram) * input.quantity * input.unitWeightGrams) / 1_000;
      expect(Math.abs(Number(cost.freightMinor) - exactFreight)).toBeLessThanOrEqual(0.5);
      expect(landedCost({ ...input, unitPriceMinor: input.unitPriceMinor + 1n }).totalMinor).toBeGreaterThan(cost.totalMinor);
      expect(costOf(rate, input)).toBe(cost.freightMinor);
    }
  });

  it('rounds a half to the even neighbour, also below zero', () => {
    const pairs: [bigint, bigint][] = [
      [1n, 0n],
      [3n, 2n],
      [5n, 2n],
      [7n, 4n],
      [-1n, 0n],
      [-3n, -2n],
      [-5n, -2n],
      [4n, 2n],
    ];
    for (const [half, rounded] of pairs) expect([half, divideHalfEven(half, 2n)]).toEqual([half, rounded]);
    expect(() => divideHalfEven(1n, 0n)).toThrow(RangeError);
  });

  it('knows the country of a place and a usual weight', () => {
    expect(countryOf('CNHGH')).toBe('CN');
    expect(USUAL_WEIGHT_GRAMS).toBe(300);
  });
});
