// The model of routing: which maker makes which pieces on which days, at the least cost. docs/routing.md publishes its rules.
//
//   buildProblem     input → lines, makers, buckets by number; who may do what, and what a piece costs
//   startColumns     a guess of the prices, a first plan, first columns
//   generateColumns  the optimum of the linear program over all makers and days, its prices, the bound
//   roundPlan        whole pieces
//   publishPrices    what one more minute is worth, tested
//   explainLines     why each line went where it went
//   assertPlan       what must hold
import highsModule, { type Highs } from 'highs';
import { toAllocations } from './allocations.ts';
import { assertOptimum, assertPlan } from './assert-plan.ts';
import { SAME } from './constants.ts';
import { explainLines } from './decisions.ts';
import { measureFairness } from './fairness.ts';
import { generateColumns, type Generated } from './generate-columns.ts';
import type { Placed } from './greedy.ts';
import { createMaster, type Column } from './master.ts';
import { buildProblem, type Problem } from './problem.ts';
import { publishPrices, type NumberedPrice, type PriceTest } from './shadow-prices.ts';
import { startColumns, type Start } from './start-columns.ts';
import type { PlanStatus, RoutingInput, RoutingPlan, SolveOptions } from './types.ts';
import { costOf, joinPlaced, roomAfter, roundPlan, unservedOf } from './whole-pieces.ts';

// the types of the package are those of its CommonJS build, in which the loader is one level deeper than in the ES module that Node loads
const loadHighs = highsModule as unknown as typeof highsModule.default;

/** Solves; the same input and seed give the same plan, unless the time was up. Computes on its thread from when the solver is loaded. */
export async function solveRouting(input: RoutingInput, { seed, limitMs }: SolveOptions): Promise<RoutingPlan> {
  const highs = await loadHighs();
  const beganMs = performance.now();
  const spentMs = (): number => performance.now() - beganMs;
  const problem = buildProblem(input, seed);
  const start = startColumns(problem);
  const solved = solveProgram(highs, problem, start, () => limitMs - spentMs());
  const placed = choosePlan(problem, start, solved);
  const { prices, bound, end } = solved.generated;
  const objective = costOf(problem, placed);
  const lowest = Math.min(bound, objective);
  const outcome = {
    plan: placed,
    prices,
    published: solved.published,
    room: roomAfter(problem, placed),
    solved: solved.generated.solution !== null,
  };
  const unserved = unservedOf(problem, placed).reduce((sum, pieces) => sum + pieces, 0);
  const demanded = problem.lines.reduce((sum, { of }) => sum + of.quantity, 0);
  const plan: RoutingPlan = {
    status: statusOf(objective - lowest <= SAME * Math.abs(objective), end !== 'TIME_LIMIT'),
    objective,
    bound: lowest,
    gap: objective === 0 ? 0 : (objective - lowest) / objective,
    solveMs: Math.round(spentMs()),
    demandedPieces: demanded,
    placedPieces: demanded - unserved,
    unservedPieces: unserved,
    allocations: toAllocations(problem, placed),
    decisions: explainLines(problem, outcome),
    prices: solved.published.map(({ published }) => published),
    fairness: measureFairness(problem, placed),
  };
  assertPlan(problem, plan, placed);
  return { ...plan, solveMs: Math.round(spentMs()) };
}

const statusOf = (equal: boolean, converged: boolean): PlanStatus => (equal ? 'OPTIMAL' : converged ? 'FEASIBLE' : 'TIME_LIMIT');

type Solved = { readonly generated: Generated; readonly columns: readonly Column[]; readonly published: readonly NumberedPrice[] };

function solveProgram(highs: Highs, problem: Problem, start: Start, leftMs: () => number): Solved {
  const master = createMaster(highs, problem);
  try {
    master.add(start.columns);
    const generated = generateColumns(problem, master, { guess: start.prices, leftMs });
    // columns that tests of prices add come behind these
    const columns = master.columns.slice();
    return { generated, columns, published: publish({ problem, master, leftMs }, generated, columns) };
  } finally {
    master.dispose();
  }
}

function publish(at: Omit<PriceTest, 'solution'>, { solution, end, bound }: Generated, columns: readonly Column[]): NumberedPrice[] {
  // without a solved program there are no prices, only a guess
  if (solution === null) return [];
  if (end !== 'EXACT') return publishPrices(at.problem, solution.prices, null);
  assertOptimum(at.problem, columns, { solution, bound });
  return publishPrices(at.problem, solution.prices, { ...at, solution });
}

/** The rounded solution, or the first plan when that is cheaper or there was no time to solve. */
function choosePlan(problem: Problem, start: Start, { generated: { solution }, columns }: Solved): Placed[] {
  const first = joinPlaced(start.plan);
  if (solution === null) return first;
  const rounded = roundPlan(problem, columns, solution);
  return costOf(problem, rounded) <= costOf(problem, first) ? rounded : first;
}
