// Prices all routes of a line at given prices of scarcity: every maker competes, although the solver holds only a few columns.
import type { Column } from './master.ts';
import { arrivalOf, type Line, type Problem } from './problem.ts';

/** What limits cost: nothing here is below zero. */
export type Prices = {
  /** One more piece of a line. */
  readonly demand: Float64Array;
  /** One minute of a bucket. */
  readonly bucket: Float64Array;
  /** One standard minute of the share of a maker. */
  readonly share: Float64Array;
  /** One piece of a bid that is for some pieces only, by pair. */
  readonly bid: ReadonlyMap<number, number>;
};

/** The cheapest route of each maker for one line. It is filled again for each line. */
export type Best = {
  /** Cost of a piece with the prices of the minutes it takes; infinite when no route counts. */
  readonly cost: Float64Array;
  readonly route: Int32Array;
};

export const createBest = (makers: number): Best => ({ cost: new Float64Array(makers), route: new Int32Array(makers) });

export const freePrices = ({ lines, buckets, makers }: Problem): Prices => ({
  demand: new Float64Array(lines.length),
  bucket: new Float64Array(buckets.length),
  share: new Float64Array(makers.length),
  bid: new Map(),
});

/** Price of a standard minute in each bucket. */
export const toStandard = ({ minuteFactor }: Problem, prices: Prices): Float64Array =>
  prices.bucket.map((price, number) => price * (minuteFactor[number] ?? 1));

/** Cost of lateness of a piece that arrives on a day. */
export const latenessOf = ({ input: { policy } }: Problem, line: Line, arrival: number): number =>
  arrival <= line.dueDay ? 0 : policy.weights.LATENESS * policy.latenessPenalty * (arrival - line.dueDay);

/**
 * Fills `best` with the cheapest route of each maker for the line; makers whose piece costs `most` or more are passed over.
 * `standard` is the price of a standard minute by bucket.
 */
export function priceLine(
  problem: Problem,
  number: number,
  at: { prices: Prices; standard: Float64Array; most: number },
  best: Best,
): void {
  const line = problem.lines[number];
  if (line === undefined) return;
  const { makers, pieceCost } = problem;
  for (let maker = 0; maker < makers.length; maker += 1) {
    const pair = number * makers.length + maker;
    const base = pieceCost[pair] ?? Infinity;
    best.cost[maker] = Infinity;
    best.route[maker] = -1;
    if (base < at.most) pricePair(problem, { number, line, maker, pair, base }, at, best);
  }
}

type PairAt = { readonly number: number; readonly line: Line; readonly maker: number; readonly pair: number; readonly base: number };

function pricePair(
  problem: Problem,
  { number, line, maker, pair, base }: PairAt,
  at: { prices: Prices; standard: Float64Array },
  best: Best,
): void {
  const { firstOf, finishDay, bucket, stages } = line.routes;
  const { minutes, latestDay } = line;
  const [from, to] = [firstOf[maker] ?? 0, firstOf[maker + 1] ?? 0];
  const hasBid = problem.bids.has(pair);
  const transit = problem.transitDays[pair] ?? 0;
  const fixed = base + (at.prices.share[maker] ?? 0) * line.totalMinutes + (hasBid ? (at.prices.bid.get(pair) ?? 0) : 0);
  // where days are equal, lines begin on different ones
  const turn = ((line.draw >>> 3) + maker) % Math.max(1, to - from);
  let least = Infinity;
  let chosen = -1;
  for (let step = from; step < to; step += 1) {
    const route = step + turn < to ? step + turn : step + turn - to + from;
    const finish = finishDay[route] ?? 0;
    const arrival = hasBid ? arrivalOf(problem, number, maker, finish) : finish + transit;
    if (arrival > latestDay) continue;
    let cost = fixed + (arrival > line.dueDay ? latenessOf(problem, line, arrival) : 0);
    for (let stage = 0; stage < stages.length; stage += 1)
      cost += (minutes[stage] ?? 0) * (at.standard[bucket[route * stages.length + stage] ?? 0] ?? 0);
    if (cost < least) {
      least = cost;
      chosen = route;
    }
  }
  best.cost[maker] = least;
  best.route[maker] = chosen;
}

/** What a piece on a column costs more, with the prices of what it takes, than the line is worth. */
export function reducedCost(problem: Problem, { line, maker, route, cost }: Column, prices: Prices, standard: Float64Array): number {
  const of = problem.lines[line];
  if (of === undefined) return 0;
  const share = (prices.share[maker] ?? 0) * of.totalMinutes;
  let sum = cost - (prices.demand[line] ?? 0) + share + (prices.bid.get(line * problem.makers.length + maker) ?? 0);
  for (let stage = 0; stage < of.minutes.length; stage += 1)
    sum += (of.minutes[stage] ?? 0) * (standard[of.routes.bucket[route * of.minutes.length + stage] ?? 0] ?? 0);
  return sum;
}
