// First guess of the prices of scarcity, without the solver. Each line spreads its pieces over its choices, most on the cheapest; buckets that
// get too much become dearer, those that get too little cheaper; and lines choose more sharply from pass to pass. Column generation
// begins from the columns that are cheapest at these prices. The guess decides only where the search starts, never the plan.
import { latenessOf } from './pricing.ts';
import { arrivalOf, type Problem } from './problem.ts';

/** Routes that lines may choose from in the guess: choices of line d are firstOf[d] up to firstOf[d + 1]. */
export type Choices = {
  readonly firstOf: Int32Array;
  readonly maker: Int32Array;
  readonly route: Int32Array;
  readonly cost: Float64Array;
};

const PASSES = 40;
/** How sharply lines choose at the end, as a part of the usual cost of a minute. */
const SHARPEST = 0.01;
/** Choices whose share would be below e^-10 get none. */
const FAR = 10;
/** Most that a price moves in one pass, in steps of the sharpness. */
const MOVE_MOST = 2;

/** All choices of the makers given for each line. */
export function listChoices(problem: Problem, makersOf: (line: number) => Iterable<number>): Choices {
  const firstOf = new Int32Array(problem.lines.length + 1);
  const [maker, route, cost]: [number[], number[], number[]] = [[], [], []];
  problem.lines.forEach((line, number) => {
    for (const one of makersOf(number)) {
      const base = problem.pieceCost[number * problem.makers.length + one] ?? Infinity;
      if (base >= line.unservedCost) continue;
      for (let at = line.routes.firstOf[one] ?? 0; at < (line.routes.firstOf[one + 1] ?? 0); at += 1) {
        const arrival = arrivalOf(problem, number, one, line.routes.finishDay[at] ?? 0);
        if (arrival > line.latestDay) continue;
        maker.push(one);
        route.push(at);
        cost.push(base + latenessOf(problem, line, arrival));
      }
    }
    firstOf[number + 1] = maker.length;
  });
  return { firstOf, maker: Int32Array.from(maker), route: Int32Array.from(route), cost: Float64Array.from(cost) };
}

export type Estimate = {
  /** Price of a standard minute by bucket. */
  readonly standard: Float64Array;
  /** How sharply lines chose at the end: a difference of so much per minute is a factor of e. */
  readonly sharpness: number;
};

/** Begins from the prices of `start`, and as soft as the cost of not serving when no sharpness is given. */
export function estimatePrices(
  problem: Problem,
  choices: Choices,
  { start, sharpness }: { start: Float64Array; sharpness?: number },
): Estimate {
  const { buckets, minuteFactor } = problem;
  const price = start.slice();
  const load = new Float64Array(buckets.length);
  const room = Float64Array.from(buckets, ({ of }, number) => of.freeMinutes / (minuteFactor[number] ?? 1));
  const usual = usualMinute(problem, choices);
  const last = usual.cost * SHARPEST;
  const first = Math.max(last, sharpness ?? usual.unserved / 4);
  const full = new Float64Array(choices.cost.length);
  for (let pass = 0; pass < PASSES; pass += 1) {
    const sharp = first * (last / first) ** (pass / (PASSES - 1));
    load.fill(0);
    for (let line = 0; line < problem.lines.length; line += 1) spread(problem, choices, { line, price, sharp, load, full });
    for (let bucket = 0; bucket < price.length; bucket += 1) {
      const wanted = Math.log(((load[bucket] ?? 0) + 1e-9) / (room[bucket] ?? 1));
      price[bucket] = Math.max(0, (price[bucket] ?? 0) + sharp * Math.max(-MOVE_MOST, Math.min(MOVE_MOST, wanted)));
    }
  }
  return { standard: price, sharpness: last };
}

/** Usual cost of a minute, and of a minute not served: the middle of all lines. */
function usualMinute({ lines }: Problem, { firstOf, cost }: Choices): { readonly cost: number; readonly unserved: number } {
  const [served, unserved]: [number[], number[]] = [[], []];
  lines.forEach(({ totalMinutes, unservedCost }, line) => {
    let least = Infinity;
    for (let at = firstOf[line] ?? 0; at < (firstOf[line + 1] ?? 0); at += 1) least = Math.min(least, cost[at] ?? Infinity);
    if (least === Infinity) return;
    served.push(least / totalMinutes);
    unserved.push(unservedCost / totalMinutes);
  });
  const middle = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 1;
  return { cost: Math.max(middle(served), 1e-6), unserved: Math.max(middle(unserved), 1e-6) };
}

type Pass = {
  readonly line: number;
  readonly price: Float64Array;
  readonly sharp: number;
  readonly load: Float64Array;
  readonly full: Float64Array;
};

function spread({ lines }: Problem, { firstOf, route, cost }: Choices, { line, price, sharp, load, full }: Pass): void {
  const of = lines[line];
  if (of === undefined) return;
  const { minutes, totalMinutes, routes, unservedCost } = of;
  const stages = minutes.length;
  const [from, to] = [firstOf[line] ?? 0, firstOf[line + 1] ?? 0];
  let least = unservedCost;
  for (let at = from; at < to; at += 1) {
    let sum = cost[at] ?? 0;
    const place = (route[at] ?? 0) * stages;
    for (let stage = 0; stage < stages; stage += 1) sum += (minutes[stage] ?? 0) * (price[routes.bucket[place + stage] ?? 0] ?? 0);
    full[at] = sum;
    if (sum < least) least = sum;
  }
  // a difference of one sharpness per minute is a factor of e
  const scale = 1 / (sharp * totalMinutes);
  let weights = Math.exp((least - unservedCost) * scale);
  for (let at = from; at < to; at += 1) {
    const far = ((full[at] ?? 0) - least) * scale;
    const weight = far > FAR ? 0 : Math.exp(-far);
    full[at] = weight;
    weights += weight;
  }
  const pieces = of.of.quantity / weights;
  for (let at = from; at < to; at += 1) {
    const weight = full[at] ?? 0;
    if (weight === 0) continue;
    const place = (route[at] ?? 0) * stages;
    for (let stage = 0; stage < stages; stage += 1) {
      const bucket = routes.bucket[place + stage] ?? 0;
      load[bucket] = (load[bucket] ?? 0) + pieces * weight * (minutes[stage] ?? 0);
    }
  }
}
