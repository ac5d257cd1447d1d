/**
 * engine/plan: operation + supergraph → plan. The steps, in order, each a file (why so: docs/decisions/own-planner.md):
 *
 *   normalise.ts   document → positions, classes, slots            collect.ts, conditions.ts, defer.ts, alike.ts
 *   demand.ts      backward: which views, keys and requirements may give them
 *                  arguments that an ancestor fills: contexts.ts
 *   saturate.ts    forward: what can be known, and after how many round trips    queue.ts
 *   reach.ts       refuse what nothing gives                       one-entry.ts
 *   choose.ts      one source per slot, cheapest support           selection-state.ts, cost.ts, take-from-keys.ts
 *   nodes.ts       chosen views → selections                       group-views.ts, sink.ts, way-levels.ts, together.ts, sent-apart.ts
 *   build.ts       selections → requests with names and text       waits.ts, names.ts, print-document.ts
 *   to-plan.ts     → plain data (types.ts)                         representations.ts, merge-needs.ts, to-deferred.ts
 *   instantiate.ts root fields of one shape, planned once, all in the plan    twins.ts
 *   print-plan.ts  plan → canonical text
 */
import { EngineError } from '../supergraph/engine-error.ts';
import type { GraphId } from '../supergraph/types.ts';
import { buildFetches } from './build.ts';
import { choose, isUnreachable } from './choose.ts';
import type { Choice } from './choose.ts';
import { demandAll } from './demand.ts';
import type { Position } from './model.ts';
import { prefixesFor } from './names.ts';
import { collectNodes } from './nodes.ts';
import { normalise } from './normalise.ts';
import { denyUnreachable, findUnreachable, refuseUnreachable } from './reach.ts';
import { isOffered, isPlain, rowIn } from './rows.ts';
import { createRun, labelsOf } from './run.ts';
import type { Attempt, PlanRequest, Run } from './run.ts';
import { saturate } from './saturate.ts';
import { toPlan } from './to-plan.ts';
import type { Plan } from './types.ts';

export { conditionVariables } from './conditions.ts';
export { LIMITS } from './budget.ts';
export type { Limits } from './budget.ts';
export type { PlanRequest } from './run.ts';
export { mergeNeeds } from './merge-needs.ts';
export { printPlan } from './print-plan.ts';
export type * from './types.ts';

/** Keys that need key moves of their own, so deep, are tried before an operation is refused. */
const STAGES = 3;

/**
 * The document must be valid against the public schema. Throws EngineError: PLAN_UNREACHABLE_FIELD, PLAN_TOO_COMPLEX,
 * OPERATION_NOT_FOUND, BAD_USER_INPUT. Equal inputs give equal plans.
 */
export function planOperation(request: PlanRequest): Plan {
  if (request.conditions.size > (request.limits ?? { conditionVariables: 16 }).conditionVariables) {
    throw new EngineError('PLAN_TOO_COMPLEX', 'Too many variables decide about @skip and @include.');
  }
  const labels = labelsOf(request);
  for (let stage = 0; ; stage += 1) {
    try {
      return planAtStage({ request, labels, stage, fold: true });
    } catch (error) {
      if (stage >= STAGES || !isUnreachable(error)) throw error;
    }
  }
}

function planAtStage(attempt: Attempt): Plan {
  const only = assignRoots({ ...attempt, fold: false });
  const { run, roots } = prepare(attempt, only);
  // Keys of keys have been tried: what is lost now is lost by what is denied
  if (run.denied.size > 0 && attempt.stage === STAGES) denyUnreachable(run);
  const [lost] = findUnreachable(run);
  if (lost !== undefined) refuseUnreachable(lost.coordinate);
  const parts = roots.map((root, index) => collectNodes(run, choose(run, [root]).state, root, index));
  const fetches = buildFetches(run, parts, prefixesFor(attempt.request.document));
  // A query root inside a query is asked by a request of its own for each place, and each is planned by itself.
  if (run.folded !== null && fetches.some(({ kind }) => kind === 'reentry')) return planAtStage({ ...attempt, fold: false });
  return toPlan(run, parts, fetches);
}

type Prepared = { run: Run; roots: Position[] };

function prepare(attempt: Attempt, only: readonly (GraphId | null)[]): Prepared {
  const run = createRun(attempt);
  const roots = normalise(run, only);
  demandAll(run);
  saturate(run, roots);
  return { run, roots };
}

/** A mutation field is sent to exactly one graph; where several could take it, to the one with the cheapest plan. */
function assignRoots(attempt: Attempt): (GraphId | null)[] {
  const probe = createRun(attempt);
  if (probe.operation.operation !== 'mutation') return [];
  const candidates = normalise(probe, []).map((root) => candidatesOf(probe, root));
  const assigned = candidates.map(([first]) => first ?? null);
  const most = Math.max(0, ...candidates.map((graphs) => graphs.length));
  if (most < 2) return assigned;
  const best: (number | null)[] = candidates.map(() => null);
  for (let index = 0; index < most; index += 1) {
    const { run, roots } = prepare(
      attempt,
      candidates.map((graphs) => graphs[index] ?? graphs[0] ?? null),
    );
    const lost = new Set(findUnreachable(run).map(({ root }) => root));
    roots.forEach((root, part) => {
      const graph = candidates[part]?.[index];
      if (graph === undefined || lost.has(root)) return;
      const { cost }: Choice = choose(run, [root]);
      const before = best[part] ?? null;
      if (before !== null && before <= cost.total) return;
      best[part] = cost.total;
      assigned[part] = graph;
    });
  }
  return assigned;
}

function candidatesOf(run: Run, root: Position): GraphId[] {
  const [slot] = root.classes[0]?.slots.values() ?? [];
  if (slot === undefined) return [];
  return run.supergraph.graphs
    .filter(({ id }) => {
      const row = rowIn(run.supergraph, slot.field, id);
      return row !== undefined && isOffered(row, run.labels) && isPlain(row) && !row.external;
    })
    .map(({ id }) => id);
}
