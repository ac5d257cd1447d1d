// The prices of scarcity that a run publishes. A dual need not be the worth of one more minute when several bases fit the same optimum, so
// the dearest minutes are tested: the program is solved again with one minute more, and with one less.
import { PRICES_TESTED } from './constants.ts';
import { priceAll } from './generate-columns.ts';
import type { Master, MasterSolution } from './master.ts';
import type { Prices } from './pricing.ts';
import type { Problem } from './problem.ts';
import type { PlannedPrice } from './types.ts';

/** Below this a price is rounding. */
const LEAST = 1e-7;
/** Two differences of the objective that are as near as this are the same. */
const EQUAL = 1e-6;

/** A price with what it limits, by number. */
export type NumberedPrice = { readonly published: PlannedPrice; readonly bucket: number | null; readonly maker: number | null };

export function publishPrices(problem: Problem, prices: Prices, test: PriceTest | null): NumberedPrice[] {
  const { lines, makers, buckets } = problem;
  const base = { lineId: null, bucketId: null, gln: null, validFrom: null, validTo: null };
  const demand = lines.map(({ of, unservedCost }, number) => {
    const price = Math.min(prices.demand[number] ?? 0, unservedCost);
    return { published: { ...base, kind: 'DEMAND' as const, lineId: of.id, price }, bucket: null, maker: null };
  });
  const capacity = buckets.map(({ of }, bucket) => {
    const price = prices.bucket[bucket] ?? 0;
    return { published: { ...base, kind: 'CAPACITY' as const, bucketId: of.id, gln: of.gln, price }, bucket, maker: null };
  });
  const share = makers.map(({ gln }, maker) => {
    const price = prices.share[maker] ?? 0;
    return { published: { ...base, kind: 'SHARE_CAP' as const, gln, price }, bucket: null, maker };
  });
  const tested =
    test === null ? capacity : testDearest(capacity.filter(({ published }) => published.price > LEAST).toSorted(byPrice), test);
  return [...demand, ...tested, ...share].filter(({ published }) => published.price > LEAST).toSorted(byPrice);
}

// sorting keeps the drawn order of equals
const byPrice = (a: NumberedPrice, b: NumberedPrice): number => b.published.price - a.published.price;

export type PriceTest = {
  readonly problem: Problem;
  readonly master: Master;
  readonly solution: MasterSolution;
  readonly leftMs: () => number;
};

function testDearest(sorted: readonly NumberedPrice[], test: PriceTest): NumberedPrice[] {
  return sorted.map((one, place) => (place < PRICES_TESTED && one.bucket !== null ? testPrice(one, one.bucket, test) : one));
}

function testPrice(one: NumberedPrice, bucket: number, test: PriceTest): NumberedPrice {
  const minutes = test.problem.buckets[bucket]?.of.freeMinutes ?? 0;
  const { objective } = test.solution;
  const [more, less] = [solveWith(test, bucket, minutes + 1), solveWith(test, bucket, minutes - 1)];
  test.master.setMinutes(bucket, minutes);
  // the time is up: the price stays as the solver gave it
  if (more === null || less === null) return one;
  const [saved, lost] = [objective - more, less - objective];
  const isStraight = Math.abs(lost - saved) <= EQUAL * Math.max(1, Math.abs(saved));
  const price = Math.max(0, saved);
  return { ...one, published: { ...one.published, price, validFrom: isStraight ? minutes - 1 : minutes, validTo: minutes + 1 } };
}

/** Objective over all columns with other minutes in a bucket; null when the time is up. */
function solveWith({ problem, master, solution, leftMs }: PriceTest, bucket: number, minutes: number): number | null {
  master.setMinutes(bucket, minutes);
  for (;;) {
    const next = master.solve(leftMs());
    if (next === null) return null;
    // the same prices find the same columns
    if (isSame(next.prices, solution.prices) || master.add(priceAll(problem, next.prices).columns) === 0) return next.objective;
  }
}

const isSame = (a: Prices, b: Prices): boolean =>
  a.demand.every((price, i) => Math.abs(price - (b.demand[i] ?? 0)) < LEAST) &&
  a.bucket.every((price, i) => Math.abs(price - (b.bucket[i] ?? 0)) < LEAST) &&
  a.share.every((price, i) => Math.abs(price - (b.share[i] ?? 0)) < LEAST) &&
  [...a.bid].every(([pair, price]) => Math.abs(price - (b.bid.get(pair) ?? 0)) < LEAST);
