// What must hold in every run. A plan that breaks one of these is not stored: the model or the solver is wrong.
import type { Placed } from './greedy.ts';
import type { Column, MasterSolution } from './master.ts';
import { reducedCost, toStandard } from './pricing.ts';
import type { Problem } from './problem.ts';
import type { RoutingPlan } from './types.ts';

/** Relative error of sums in double precision that a check forgives. */
const CLOSE = 1e-6;
/** Pieces and minutes that the solver may be off. */
const SOLVER = 1e-5;

const isClose = (a: number, b: number): boolean => Math.abs(a - b) <= CLOSE * Math.max(1, Math.abs(a), Math.abs(b));

function must(holds: boolean, words: () => string): void {
  if (!holds) throw new Error(`the plan breaks its own rules: ${words()}`);
}

export function assertPlan(problem: Problem, plan: RoutingPlan, placed: readonly Placed[]): void {
  must(plan.placedPieces + plan.unservedPieces === plan.demandedPieces, () => 'placed and unserved pieces are not those demanded');
  must(plan.bound <= plan.objective, () => `the bound ${plan.bound} lies above the objective ${plan.objective}`);
  assertLimits(problem, plan, placed);
  const cost = plan.decisions.reduce((sum, { lineId, candidates, placed: pieces, unserved, excluded }) => {
    const given = candidates.reduce((all, { quantity }) => all + quantity, 0);
    must(given === pieces, () => `candidates of ${lineId} have ${given} pieces of ${pieces} placed`);
    const makers = excluded.reduce((all, one) => all + one.makers, candidates.length);
    must(makers === problem.makers.length, () => `${lineId} accounts for ${makers} makers of ${problem.makers.length}`);
    for (const { gln, terms, totalCost } of candidates)
      must(
        isClose(
          terms.reduce((all, { amount }) => all + amount, 0),
          totalCost,
        ),
        () => `terms of ${gln} for ${lineId} are not its cost`,
      );
    const left = unserved === null ? 0 : unserved.pieces * (unservedCosts(problem).get(lineId) ?? 0);
    return sum + left + candidates.reduce((all, one) => (one.quantity > 0 ? all + one.totalCost : all), 0);
  }, 0);
  must(isClose(cost, plan.objective), () => `decisions cost ${cost}, the objective is ${plan.objective}`);
}

const costs = new WeakMap<Problem, Map<string, number>>();

function unservedCosts(problem: Problem): Map<string, number> {
  const known = costs.get(problem) ?? new Map(problem.lines.map(({ of, unservedCost }) => [of.id, unservedCost]));
  costs.set(problem, known);
  return known;
}

function assertLimits({ input, lines, makers, bids, shareMinutes }: Problem, plan: RoutingPlan, placed: readonly Placed[]): void {
  const free = new Map(input.buckets.map(({ id, freeMinutes }) => [id, freeMinutes]));
  for (const { lineId, slots } of plan.allocations)
    for (const { bucketId, minutes } of slots) {
      const left = (free.get(bucketId) ?? 0) - minutes;
      must(left >= 0, () => `${lineId} takes ${-left} minutes too many of ${bucketId}`);
      free.set(bucketId, left);
    }
  const shares = new Float64Array(makers.length);
  const ofPair = new Map<number, number>();
  for (const { line, maker, pieces } of placed) {
    shares[maker] = (shares[maker] ?? 0) + pieces * (lines[line]?.totalMinutes ?? 0);
    const pair = line * makers.length + maker;
    ofPair.set(pair, (ofPair.get(pair) ?? 0) + pieces);
  }
  shares.forEach((minutes, maker) => must(minutes <= shareMinutes * (1 + CLOSE), () => `${makers[maker]?.gln} passes its share`));
  for (const [pair, { id, maxQuantity }] of bids)
    must((ofPair.get(pair) ?? 0) <= (maxQuantity ?? Infinity), () => `bid ${id} is given more pieces than it is for`);
}

/** Strong duality and complementary slackness of the optimum over all columns. */
export function assertOptimum(
  problem: Problem,
  columns: readonly Column[],
  { solution, bound }: { solution: MasterSolution; bound: number },
): void {
  const { objective, pieces, prices } = solution;
  must(isClose(objective, bound), () => `the program costs ${objective}, its dual ${bound}`);
  const standard = toStandard(problem, prices);
  const load = new Float64Array(problem.buckets.length);
  columns.forEach((column, at) => {
    const value = pieces[at] ?? 0;
    if (value <= SOLVER) return;
    const over = reducedCost(problem, column, prices, standard);
    must(Math.abs(over) <= CLOSE * Math.max(1, column.cost), () => `pieces lie on a column that is ${over} too dear`);
    const line = problem.lines[column.line];
    line?.minutes.forEach((minutes, stage) => {
      const bucket = line.routes.bucket[column.route * line.minutes.length + stage] ?? 0;
      load[bucket] = (load[bucket] ?? 0) + value * minutes * (problem.minuteFactor[bucket] ?? 1);
    });
  });
  problem.buckets.forEach(({ of }, bucket) => {
    const idle = of.freeMinutes - (load[bucket] ?? 0);
    must(
      (prices.bucket[bucket] ?? 0) < SOLVER || idle <= SOLVER * Math.max(1, of.freeMinutes),
      () => `minutes of ${of.id} have a price but are idle`,
    );
  });
}
