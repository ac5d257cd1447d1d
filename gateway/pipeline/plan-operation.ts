/**
 * Stages `plan` and `compile`: from the operation to something that runs, remembered under everything it depends on. The key is the
 * whole text, never a hash of it, so a hit is an equal operation.
 */
import { compilePlan, type CompiledPlan } from '../../engine/compile/index.ts';
import { planOperation, type Plan } from '../../engine/plan/index.ts';
import { isEngineError } from '../../engine/supergraph/index.ts';
import { createError, errorCatalogue, type ErrorCode } from '../../lib/errors/errors.ts';
import type { Variables } from './choose-operation.ts';
import type { Hub } from './hub.ts';
import type { KnownDocument, KnownOperation } from './known-document.ts';
import type { Stage } from './stage.ts';
import type { LoadedGraph } from './supergraph/loaded-graph.ts';
import { weighPlan } from './weights.ts';

type PlanNeeds = {
  graph: LoadedGraph;
  checked: KnownDocument;
  operation: KnownOperation;
  variables: Variables;
  denied: ReadonlySet<string>;
};
type PlanGives = { planKey: string; plan: Plan; compiled: CompiledPlan | undefined };

export const planStage: Stage<PlanNeeds, PlanGives, Hub> = {
  name: 'plan',
  run(needs, { metrics }) {
    const { graph, checked, operation, variables, denied } = needs;
    const conditions = new Map(operation.conditionVariables.map((name) => [name, variables[name] === true]));
    const planKey = toPlanKey({
      text: checked.canonicalText,
      operationName: operation.name,
      conditions,
      denied,
      schemaHash: graph.supergraph.hash,
    });
    const known = graph.plans.get(planKey);
    metrics.countPlan(known ? 'hit' : 'miss');
    if (known) return { planKey, ...known };
    try {
      const plan = planOperation({
        supergraph: graph.supergraph,
        document: checked.document,
        operationName: operation.name,
        conditions,
        denied,
      });
      return { planKey, plan, compiled: undefined };
    } catch (error) {
      if (isEngineError(error) && isErrorCode(error.code)) throw createError(error.code, error.message, { cause: error });
      throw error;
    }
  },
};

type CompileNeeds = Pick<PlanNeeds, 'graph'> & PlanGives;

export const compileStage: Stage<CompileNeeds, { compiled: CompiledPlan }, Hub> = {
  name: 'compile',
  run({ graph, planKey, plan, compiled }) {
    if (compiled) return { compiled };
    const fresh = compilePlan(plan, graph.supergraph);
    graph.plans.set(planKey, { plan, compiled: fresh }, weighPlan(plan, planKey));
    return { compiled: fresh };
  },
};

type PlanKeyParts = {
  text: string;
  operationName: string | null;
  conditions: ReadonlyMap<string, boolean>;
  denied: ReadonlySet<string>;
  schemaHash: string;
};

/** JSON keeps the parts apart, whatever stands in them. */
export function toPlanKey({ text, operationName, conditions, denied, schemaHash }: PlanKeyParts): string {
  const sortedConditions = [...conditions].toSorted(([a], [b]) => compareTexts(a, b));
  return JSON.stringify([schemaHash, operationName, sortedConditions, [...denied].toSorted(compareTexts), text]);
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorCatalogue, code);
}
