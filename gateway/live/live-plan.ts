/**
 * A checked subscription → what runs for each batch of its events: planned once for all who ask the same. Exports `planLive`.
 */
import { getArgumentValues, isNonNullType, Kind, type FieldNode, type GraphQLField, type SelectionSetNode } from 'graphql';
import { compileFilter, compilePlan, type CompiledPlan, type Filter } from '../../engine/compile/index.ts';
import { planOperation } from '../../engine/plan/index.ts';
import { isEngineError, toEventQuery, type FeedField } from '../../engine/supergraph/index.ts';
import { createError, errorCatalogue, type ErrorCode, type HubError } from '../../lib/errors/errors.ts';
import { BoundedCache } from '../pipeline/bounded-cache.ts';
import { toPlanKey } from '../pipeline/plan-operation.ts';
import type { CheckedOperation } from '../pipeline/subscription.ts';
import type { LoadedGraph } from '../pipeline/supergraph/loaded-graph.ts';
import { weighPlan } from '../pipeline/weights.ts';
import { eventGraphOf, type EventGraph } from './event-graph.ts';

export type LivePlan = {
  /** Holds schema, text, conditions, what is denied, and labels. */
  readonly key: string;
  readonly feed: FeedField;
  readonly events: EventGraph;
  readonly compiled: CompiledPlan;
  /** Response name of the root field, and of the proof before all it asks for; null: nothing is proved. */
  readonly responseName: string;
  /** The field may not be null. */
  readonly isRequired: boolean;
  readonly proof: string | null;
  readonly field: FieldNode;
  /** Names of the subgraphs that are asked. */
  readonly subgraphs: readonly string[];
};

const maxEntries = 2_000;
const maxWeight = 100_000;
const known = new WeakMap<LoadedGraph, BoundedCache<LivePlan>>();

/** Throws FORBIDDEN, BAD_USER_INPUT, LIVE_UNAVAILABLE, PLAN_… */
export function planLive(operation: CheckedOperation): LivePlan {
  const plans = known.get(operation.graph) ?? new BoundedCache<LivePlan>({ maxEntries, maxWeight });
  known.set(operation.graph, plans);
  const key = toKey(operation);
  const found = plans.get(key);
  if (found !== undefined) return found;
  const made = makePlan(operation, key);
  plans.set(key, made, weighPlan(made.compiled.plan, key));
  return made;
}

/** Of the events of one subscription: those it means. */
export function filterOf({ feed, field }: LivePlan, { graph, variables }: Pick<CheckedOperation, 'graph' | 'variables'>): Filter {
  return compileFilter(feed, getArgumentValues(definitionOf(graph, feed), field, variables));
}

function definitionOf({ supergraph }: LoadedGraph, feed: FeedField): GraphQLField<unknown, unknown> {
  const definition = supergraph.publicSchema.getSubscriptionType()?.getFields()[feed.name];
  if (definition === undefined) throw createError('INTERNAL', `The public schema has no ${feed.coordinate}.`);
  return definition;
}

function toKey({ graph, checked, operation, variables, denied, activeLabels }: CheckedOperation): string {
  return toPlanKey({
    text: checked.canonicalText,
    operationName: operation.name,
    conditions: conditionsOf({ operation, variables }),
    denied: denied.id,
    defer: false,
    schemaHash: graph.supergraph.hash,
    labels: [...activeLabels].toSorted(compareTexts).map((label) => [label, true]),
  });
}

function conditionsOf({ operation, variables }: Pick<CheckedOperation, 'operation' | 'variables'>): ReadonlyMap<string, boolean> {
  return new Map(operation.conditionVariables.map((name) => [name, variables[name] === true]));
}

function makePlan(checkedOperation: CheckedOperation, key: string): LivePlan {
  const { graph, checked, operation, denied, activeLabels } = checkedOperation;
  const field = rootFieldOf(checkedOperation);
  const feed = graph.supergraph.feeds.get(field.name.value);
  if (feed === undefined)
    throw createError('LIVE_UNAVAILABLE', `Subscription field ${field.name.value} has no feed that this gateway reads.`);
  if (denied.coordinates.has(feed.coordinate)) throw createError('FORBIDDEN', `The token does not allow ${feed.coordinate}.`);
  try {
    const events = eventGraphOf(graph, feed);
    const alias = freeName('ir__proof', checked.canonicalText);
    const proof = events.source.proof === null ? null : { field: events.source.proof, alias };
    const root = graph.supergraph.roots.subscription ?? 'Subscription';
    const plan = planOperation({
      supergraph: events.view,
      document: toEventQuery(checked.document, { operationName: operation.name, root, proof }),
      operationName: operation.name,
      conditions: conditionsOf(checkedOperation),
      denied: denied.coordinates,
      activeLabels,
    });
    const compiled = compilePlan(plan, events.view);
    const names = new Set(plan.fetches.map((fetch) => events.view.graphs[fetch.graph]?.name ?? ''));
    names.delete(events.source.graph);
    const responseName = field.alias?.value ?? field.name.value;
    const isRequired = isNonNullType(definitionOf(graph, feed).type);
    return {
      key,
      feed,
      events,
      compiled,
      responseName,
      isRequired,
      proof: proof && alias,
      field,
      subgraphs: [...names].toSorted(compareTexts),
    };
  } catch (error) {
    throw isEngineError(error) ? toHubError(error.code, error) : error;
  }
}

function toHubError(code: string, error: Error): HubError {
  return createError(isErrorCode(code) ? code : 'INTERNAL', error.message, { cause: error });
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorCatalogue, code);
}

/** A name that does not stand in the text. */
function freeName(name: string, text: string): string {
  let free = name;
  while (text.includes(free)) free += '_';
  return free;
}

/** Validation leaves one, unless it is skipped. */
function rootFieldOf(checkedOperation: CheckedOperation): FieldNode {
  const found = findField(checkedOperation.operation.definition.selectionSet, checkedOperation);
  if (found === undefined)
    throw createError('BAD_USER_INPUT', 'The subscription skips its field with these variables: nothing would ever come.');
  return found;
}

function findField(set: SelectionSetNode, checkedOperation: CheckedOperation): FieldNode | undefined {
  for (const selection of set.selections) {
    if (!isMeant(selection, checkedOperation)) continue;
    if (selection.kind === Kind.FIELD) return selection;
    const inner = selection.kind === Kind.INLINE_FRAGMENT ? selection.selectionSet : fragmentOf(selection.name.value, checkedOperation);
    const found = inner === undefined ? undefined : findField(inner, checkedOperation);
    if (found !== undefined) return found;
  }
  return undefined;
}

function fragmentOf(name: string, { checked }: CheckedOperation): SelectionSetNode | undefined {
  const found = checked.document.definitions.find((node) => node.kind === Kind.FRAGMENT_DEFINITION && node.name.value === name);
  return found?.kind === Kind.FRAGMENT_DEFINITION ? found.selectionSet : undefined;
}

function isMeant({ directives = [] }: SelectionSetNode['selections'][number], { variables }: CheckedOperation): boolean {
  return directives.every(({ name, arguments: given = [] }) => {
    if (name.value !== 'skip' && name.value !== 'include') return true;
    const value = given.find((one) => one.name.value === 'if')?.value;
    const holds = value?.kind === Kind.BOOLEAN ? value.value : value?.kind === Kind.VARIABLE && variables[value.name.value] === true;
    return holds === (name.value === 'include');
  });
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
