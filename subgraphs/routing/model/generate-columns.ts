// Column generation: the solver holds few columns, the pricing sees all of them. Each round solves the restricted master, prices every
// maker and day for every line at its duals, and adds what would lower the cost; without any, the optimum over all columns is found.
import { LARGE, toColumn, type Column, type Master, type MasterSolution } from './master.ts';
import { createBest, freePrices, priceLine, reducedCost, toStandard, type Best, type Prices } from './pricing.ts';
import { arrivalOf, drawOf, type Line, type Problem } from './problem.ts';
import type { Stage } from './types.ts';

/** Reduced costs of a piece above this are rounding. */
const NEGATIVE = -1e-7;
/** Columns of one line that a round adds: enough for its pieces, within these. */
const ADDED_LEAST = 4;
const ADDED_MOST = 150;

/**
 * A program of more columns than LARGE is not driven to its very optimum: the last half percent takes as many rounds as all before, and whole
 * pieces cost more than that.
 */
const NEAR = 5e-3;

export type Generated = {
  /** Last master that was solved; null when the time was up before the first. */
  readonly solution: MasterSolution | null;
  readonly prices: Prices;
  /** No plan costs less. */
  readonly bound: number;
  /** All columns were priced and none would lower the cost (EXACT), or all together by little (NEAR). */
  readonly end: 'EXACT' | 'NEAR' | 'TIME_LIMIT';
};

/** Runs rounds until nothing is added or the time is up. `guess` are prices from which a first bound follows. */
export function generateColumns(problem: Problem, master: Master, { guess, leftMs }: { guess: Prices; leftMs: () => number }): Generated {
  let bound = Math.max(priceAll(problem, atMost(problem, guess)).bound, priceAll(problem, atMost(problem, freePrices(problem))).bound);
  let solution: MasterSolution | null = null;
  for (;;) {
    const next = master.solve(leftMs());
    if (next === null) return { solution, prices: solution?.prices ?? guess, bound, end: 'TIME_LIMIT' };
    solution = next;
    const priced = priceAll(problem, solution.prices, solution.unserved);
    bound = Math.max(bound, priced.bound);
    const isNear = master.columns.length > LARGE && solution.objective - bound <= NEAR * Math.abs(solution.objective);
    if (isNear) return { solution, prices: solution.prices, bound, end: 'NEAR' };
    if (master.add(priced.columns) === 0) return { solution, prices: solution.prices, bound, end: 'EXACT' };
  }
}

/** The prices with each piece worth what not serving it costs: the bound of any prices of minutes. */
const atMost = ({ lines }: Problem, prices: Prices): Prices => ({
  ...prices,
  demand: Float64Array.from(lines, ({ unservedCost }) => unservedCost),
});

/** Numbers of the cheapest makers below `below`, cheapest first; equals as drawn. */
export function pickCheapest(problem: Problem, line: number, { cost }: Best, { most, below }: { most: number; below: number }): number[] {
  const picked: number[] = [];
  const isBefore = (a: number, b: number): boolean => {
    const [x, y] = [cost[a] ?? Infinity, cost[b] ?? Infinity];
    return x < y || (x === y && drawOf(problem, line, a) < drawOf(problem, line, b));
  };
  for (let maker = 0; maker < cost.length; maker += 1) {
    const own = cost[maker] ?? Infinity;
    if (own >= below || (picked.length === most && own > (cost[picked.at(-1) ?? 0] ?? 0))) continue;
    let place = picked.length;
    while (place > 0 && isBefore(maker, picked[place - 1] ?? 0)) place -= 1;
    picked.splice(place, 0, maker);
    if (picked.length > most) picked.pop();
  }
  return picked;
}

/** Prices all lines: the columns that would lower the cost, and the bound that the prices prove. `unserved`: pieces by line. */
export function priceAll(
  problem: Problem,
  prices: Prices,
  unserved?: Float64Array,
): { readonly bound: number; readonly columns: readonly Column[] } {
  const standard = toStandard(problem, prices);
  const best = createBest(problem.makers.length);
  const added = createAddedMost(problem);
  const columns: Column[] = [];
  const demand = new Float64Array(problem.lines.length);
  problem.lines.forEach((line, number) => {
    // a price of demand above the cost of not serving is rounding
    const worth = Math.min(prices.demand[number] ?? 0, line.unservedCost);
    priceLine(problem, number, { prices, standard, most: worth }, best);
    const picked = pickCheapest(problem, number, best, {
      most: added(line),
      below: worth,
    });
    demand[number] = Math.min(worth, best.cost[picked[0] ?? -1] ?? worth);
    const wanted = picked.filter((maker) => (best.cost[maker] ?? 0) - worth < NEGATIVE);
    // a line that lacks room gets all days of a maker that would help, one day of each else
    const lacks = (unserved?.[number] ?? 0) > 0;
    for (const maker of wanted)
      columns.push(
        ...(lacks ? allDays(problem, { number, maker, prices, standard }) : [toColumn(problem, number, maker, best.route[maker] ?? 0)]),
      );
  });
  return { bound: lagrangian(problem, { ...prices, demand }), columns };
}

type PairAt = { readonly number: number; readonly maker: number; readonly prices: Prices; readonly standard: Float64Array };

function allDays(problem: Problem, { number, maker, prices, standard }: PairAt): Column[] {
  const line = problem.lines[number];
  if (line === undefined) return [];
  const { firstOf, finishDay } = line.routes;
  const [from, to] = [firstOf[maker] ?? 0, firstOf[maker + 1] ?? 0];
  return Array.from({ length: to - from }, (_, i) => from + i)
    .filter((route) => arrivalOf(problem, number, maker, finishDay[route] ?? 0) <= line.latestDay)
    .map((route) => toColumn(problem, number, maker, route))
    .filter((column) => reducedCost(problem, column, prices, standard) < NEGATIVE);
}

/** How many columns a line needs to find room for all its pieces twice over in usual buckets of its stages. */
export function createAddedMost({ buckets, minuteFactor }: Problem): (line: Line) => number {
  const sums = new Map<Stage, { minutes: number; buckets: number }>();
  buckets.forEach(({ of }, number) => {
    const sum = sums.get(of.stage) ?? { minutes: 0, buckets: 0 };
    sums.set(of.stage, { minutes: sum.minutes + of.freeMinutes / (minuteFactor[number] ?? 1), buckets: sum.buckets + 1 });
  });
  const usual = (stage: Stage): number => {
    const { minutes, buckets: count } = sums.get(stage) ?? { minutes: 0, buckets: 0 };
    return Math.max(1, minutes / Math.max(1, count));
  };
  return ({ of }) => {
    const wanted = Math.max(0, ...of.work.map(({ stage, minutes }) => (2 * of.quantity * minutes) / usual(stage)));
    return Math.min(ADDED_MOST, Math.max(ADDED_LEAST, Math.ceil(wanted)));
  };
}

/** Cost that no plan can go below: each piece at its cheapest, with every limit sold at its price. */
function lagrangian({ lines, buckets, bids, shareMinutes }: Problem, prices: Prices): number {
  let bound = 0;
  lines.forEach(({ of }, number) => (bound += of.quantity * (prices.demand[number] ?? 0)));
  buckets.forEach(({ of }, number) => (bound -= of.freeMinutes * (prices.bucket[number] ?? 0)));
  for (const price of prices.share) bound -= shareMinutes * price;
  for (const [pair, price] of prices.bid) bound -= (bids.get(pair)?.maxQuantity ?? 0) * price;
  return bound;
}
