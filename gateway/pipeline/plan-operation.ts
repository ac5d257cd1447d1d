/**
 * Stages `recall`, `plan` and `compile`: from the operation to something that runs, remembered under everything it depends on. The key
 * is the whole text, never a hash of it, so a hit is an equal operation.
 */
import { compilePlan, type CompiledPlan } from '../../engine/compile/index.ts';
import { planOperation, type Plan } from '../../engine/plan/index.ts';
import { isEngineError } from '../../engine/supergraph/index.ts';
import { createError, errorCatalogue, type ErrorCode } from '../../lib/errors/errors.ts';
import type { Denied } from './access.ts';
import type { Variables } from './choose-operation.ts';
import type { Hub } from './hub.ts';
import type { KnownDocument, KnownOperation } from './known-document.ts';
import type { PlanElsewhere } from './plan-elsewhere.ts';
import type { GatewayRequest } from './request.ts';
import type { Stage } from './stage.ts';
import type { KnownPlan, LoadedGraph } from './supergraph/loaded-graph.ts';
import { weighPlan } from './weights.ts';

type RecallNeeds = {
  request: GatewayRequest;
  graph: LoadedGraph;
  checked: KnownDocument;
  operation: KnownOperation;
  variables: Variables;
  denied: Denied;
  activeLabels: ReadonlySet<string>;
};
type Conditions = ReadonlyMap<string, boolean>;
type RecallGives = {
  planKey: string;
  conditions: Conditions;
  /** null where the supergraph has no labels. */
  labelsKey: string | null;
  /** The answer comes in several payloads where the operation defers. */
  defer: boolean;
  knownPlan: KnownPlan | undefined;
};

/** Whole keys kept for one operation; their length is counted as weight of its document. */
const maxPlanKeys = 4;

const noConditions: Conditions = new Map();
const noLabels: readonly string[] = Object.freeze([]);

export const recallStage: Stage<RecallNeeds, RecallGives, Hub> = {
  name: 'recall',
  run(needs, { metrics }) {
    const { request, graph, operation, variables, activeLabels } = needs;
    const defer = operation.defers && request.payloads !== undefined;
    const depends: KeyNeeds = { graph, checked: needs.checked, operation, denied: needs.denied, defer };
    const names = operation.conditionVariables;
    const conditions = names.length === 0 ? noConditions : new Map(names.map((name) => [name, variables[name] === true]));
    // Two steps: first the labels that planning this operation has ever looked at, only these make a difference; then the plan
    const labelsKey = graph.supergraph.labels.length === 0 ? null : recallKey(depends, conditions, null);
    const looked = (labelsKey !== null && graph.planLabels.get(labelsKey)) || noLabels;
    const planKey = recallKey(depends, conditions, toLabels(looked, activeLabels));
    const knownPlan = graph.plans.get(planKey);
    metrics.countPlan(knownPlan ? 'hit' : 'miss');
    return { planKey, conditions, labelsKey, defer, knownPlan };
  },
};

type Labels = PlanKeyParts['labels'];
type KeyNeeds = Pick<RecallNeeds & RecallGives, 'graph' | 'checked' | 'operation' | 'denied' | 'defer'>;

const noActivity: Labels = Object.freeze([]);

function toLabels(looked: readonly string[], activeLabels: ReadonlySet<string>): Labels {
  return looked.length === 0 ? noActivity : looked.map((label) => [label, activeLabels.has(label)]);
}

/** The key of a plan, made once for what it depends on besides the text. */
function recallKey(needs: KeyNeeds, conditions: Conditions, labels: Labels): string {
  const { operation, denied, defer } = needs;
  const isPlain = !defer && conditions.size === 0 && denied.id === '' && labels?.length === 0;
  // All that a key holds besides the operation and the schema, to which the operation belongs
  const variant = isPlain ? '' : JSON.stringify([[...conditions.values()], denied.id, defer, labels]);
  const known = operation.planKeys.get(variant);
  if (known !== undefined) return known;
  const planKey = toKey(needs, conditions, labels);
  if (operation.planKeys.size >= maxPlanKeys) operation.planKeys.clear();
  operation.planKeys.set(variant, planKey);
  return planKey;
}

function toKey({ graph, checked, operation, denied, defer }: KeyNeeds, conditions: Conditions, labels: Labels): string {
  const { hash: schemaHash } = graph.supergraph;
  return toPlanKey({
    text: checked.canonicalText,
    operationName: operation.name,
    conditions,
    denied: denied.id,
    defer,
    schemaHash,
    labels,
  });
}

type PlanNeeds = RecallNeeds & RecallGives & { request: GatewayRequest };
type PlanGives = { planKey: string; plan: Plan };

export const planStage: Stage<PlanNeeds, PlanGives, Hub> = {
  name: 'plan',
  run(needs, { elsewhere }) {
    const { checked, knownPlan, planKey } = needs;
    if (knownPlan) return { planKey, plan: knownPlan.plan };
    if (checked.fieldCount < elsewhere.fromFields) return rememberLabels(needs, planHere(needs));
    return planElsewhere(needs, elsewhere).then((plan) => rememberLabels(needs, plan));
  },
};

function planHere({ graph, checked, operation, conditions, denied, defer, activeLabels }: PlanNeeds): Plan {
  try {
    return planOperation({
      supergraph: graph.supergraph,
      document: checked.document,
      operationName: operation.name,
      conditions,
      denied: denied.coordinates,
      activeLabels,
      defer,
    });
  } catch (error) {
    if (isEngineError(error) && isErrorCode(error.code)) throw createError(error.code, error.message, { cause: error });
    throw error;
  }
}

async function planElsewhere(needs: PlanNeeds, elsewhere: PlanElsewhere): Promise<Plan> {
  const { request, graph, checked, operation, conditions, denied, defer, activeLabels, planKey } = needs;
  // Labels may be looked at that no plan has looked at yet
  const key = JSON.stringify([planKey, [...activeLabels].toSorted(compareTexts)]);
  const job = {
    schemaHash: graph.supergraph.hash,
    sdl: graph.sdl,
    text: checked.canonicalText,
    operationName: operation.name,
    conditions,
    denied: denied.coordinates,
    activeLabels,
    defer,
  };
  const reply = await elsewhere.plan(key, job, request.signal);
  if (reply.kind === 'plan') return reply.plan;
  const { code, message } = reply;
  throw createError(code !== null && isErrorCode(code) ? code : 'INTERNAL', message);
}

/** Under which key the plan is found again. */
function rememberLabels(needs: PlanNeeds, plan: Plan): PlanGives {
  const { graph, conditions, activeLabels, planKey, labelsKey } = needs;
  if (labelsKey === null) return { planKey, plan };
  const looked = graph.planLabels.get(labelsKey) ?? noLabels;
  if (plan.labels.every(([label]) => looked.includes(label))) return { planKey, plan };
  // Never fewer than before: what is known under the keys of fewer labels is not found again, and forgotten
  const all = [...new Set([...looked, ...plan.labels.map(([label]) => label)])].toSorted(compareTexts);
  graph.planLabels.set(labelsKey, all, 1 + all.length);
  return { planKey: toKey(needs, conditions, toLabels(all, activeLabels)), plan };
}

type CompileNeeds = Pick<RecallNeeds, 'graph' | 'checked' | 'operation'> & RecallGives & PlanGives;

export const compileStage: Stage<CompileNeeds, { compiled: CompiledPlan }, Hub> = {
  name: 'compile',
  run({ graph, checked, operation, planKey, plan, knownPlan }) {
    if (knownPlan) return { compiled: knownPlan.compiled };
    const compiled = compilePlan(plan, graph.supergraph);
    const operationKey = JSON.stringify([operation.name, checked.canonicalText]);
    graph.plans.set(planKey, { plan, compiled, operationKey }, weighPlan(plan, planKey));
    return { compiled };
  },
};

type PlanKeyParts = {
  text: string;
  operationName: string | null;
  conditions: ReadonlyMap<string, boolean>;
  /** `Denied.id`: stands for one set, for this text on this supergraph. */
  denied: string;
  /** The answer may come in several payloads. */
  defer: boolean;
  schemaHash: string;
  /**
   * Override labels that were looked at and whether they are active: a plan is found only by who looks at no fewer. Null in the key under
   * which these labels are remembered.
   */
  labels: readonly (readonly [string, boolean])[] | null;
};

/** JSON keeps the parts apart, whatever stands in them. */
export function toPlanKey({ text, operationName, conditions, denied, defer, schemaHash, labels }: PlanKeyParts): string {
  const sortedConditions = [...conditions].toSorted(([a], [b]) => compareTexts(a, b));
  return JSON.stringify([schemaHash, operationName, sortedConditions, denied, defer, labels, text]);
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorCatalogue, code);
}
