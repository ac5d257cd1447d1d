/** One operation through the whole engine and through the monolith: what differs. */
import type { ExecutionResult } from 'graphql';
import { compilePlan } from '../../engine/compile/index.ts';
import { conditionVariables, planOperation } from '../../engine/plan/index.ts';
import type { Plan } from '../../engine/plan/index.ts';
import { executePlan } from '../../gateway/execute/index.ts';
import type { SubgraphRequest } from '../../gateway/execute/index.ts';
import { checkPlan } from '../_kit/plan-checker.ts';
import type { ReadyCut } from './compose-cut.ts';
import { runMonolith } from './monolith.ts';
import type { Store } from './monolith.ts';
import type { Operation } from './operations.ts';
import { runGraph } from './run-graph.ts';
import type { GraphRequest } from './run-graph.ts';
import { getVariableValues } from 'graphql';

export type Answer = { readonly data: unknown; readonly errors: readonly { readonly message: string; readonly path: string }[] };

export type Difference = { readonly kind: string; readonly detail: string };

export function planFor(
  { supergraph }: ReadyCut,
  { document, variables }: Operation,
): { plan: Plan; values: Readonly<Record<string, unknown>> } {
  const [definition] = document.definitions;
  if (definition?.kind !== 'OperationDefinition') throw new Error('The operation comes first');
  const coerced = getVariableValues(supergraph.publicSchema, definition.variableDefinitions ?? [], variables);
  if (coerced.coerced === undefined) throw new Error(coerced.errors.map((error) => error.message).join('\n'));
  const values = coerced.coerced;
  const conditions = new Map(conditionVariables(document, 'Q').map((name) => [name, values[name] === true]));
  return { plan: planOperation({ supergraph, document, operationName: 'Q', conditions }), values };
}

export async function runHub(ready: ReadyCut, plan: Plan, variables: Readonly<Record<string, unknown>>): Promise<Answer> {
  const store: Store = { counters: new Map() };
  const faults: string[] = [];
  const fetcher = async (request: Pick<SubgraphRequest, 'graph' | 'body'>): Promise<{ status: number; text: string }> => {
    const graph = ready.cut.graphs.find((one) => one.name === request.graph.name);
    const schema = ready.schemas.get(request.graph.name);
    if (graph === undefined || schema === undefined) throw new Error(`No graph ${request.graph.name}`);
    try {
      const body = JSON.parse(request.body) as GraphRequest; // the executor's own text
      const result = runGraph(ready.cut, graph, schema, store, body);
      for (const error of result.errors ?? []) if (!isHonest(error.message)) faults.push(`${graph.name}: ${error.message}`);
      return { status: 200, text: JSON.stringify(result) };
    } catch (error) {
      faults.push(String(error));
      throw error;
    }
  };
  const compiled = compilePlan(plan, ready.supergraph);
  const { data, errors = [] } = await executePlan({
    compiled,
    supergraph: ready.supergraph,
    variables,
    fetcher,
    signal: AbortSignal.timeout(10_000),
  });
  if (faults.length > 0) throw new Fault(faults);
  return { data, errors: errors.map(({ message, path }) => ({ message, path: (path ?? []).join('.') })) };
}

/** What the data itself does: fields that fail, mutations of objects that do not exist. */
function isHonest(message: string): boolean {
  return message.startsWith('risky') || message.startsWith('Cannot return null for non-nullable field Mutation.');
}

/** A subgraph was asked for what it cannot give: poison, an invalid document, a non-null value that is null. */
class Fault extends Error {
  constructor(faults: readonly string[]) {
    super(faults.slice(0, 3).join('\n'));
    this.name = 'Fault';
  }
}

export async function compareOperation(ready: ReadyCut, operation: Operation): Promise<Difference | null> {
  const expected = toAnswer(runMonolith(ready.cut.monolith, ready.monolith, operation.document, operation.variables));
  try {
    const { plan, values } = planFor(ready, operation);
    const broken = checkPlan(plan, ready.supergraph, operation.document);
    if (broken.length > 0) return { kind: 'checker', detail: broken.join('\n') };
    return diff(expected, await runHub(ready, plan, values));
  } catch (error) {
    const { name, message, stack = '' } = error instanceof Error ? error : new Error(String(error));
    return {
      kind: name === 'EngineError' && 'code' in (error as object) ? String((error as { code: string }).code) : name,
      detail: name === 'Fault' ? message : `${message}\n${stack}`,
    };
  }
}

function diff(expected: Answer, actual: Answer): Difference | null {
  const [wanted, got] = [expected.data, actual.data].map((data) => JSON.stringify(data));
  if (wanted !== got)
    return {
      kind: 'data',
      detail: `expected ${wanted}\nreceived ${got}\nerrors expected ${paths(expected)}\nerrors received ${paths(actual)}`,
    };
  return isSameErrors(expected, actual)
    ? null
    : { kind: 'errors', detail: `expected ${paths(expected)}\nreceived ${paths(actual)}\ndata ${got}` };
}

/**
 * Where nothing bubbled both report the same places. When a non-null field failed, siblings of it that failed too may or may not be
 * reported (the specification leaves it open): then every null needs an error at or below it on both sides, which equal data and one
 * shared place show well enough.
 */
function isSameErrors(expected: Answer, actual: Answer): boolean {
  const wanted = new Set(expected.errors.map((error) => error.path));
  const got = new Set(actual.errors.map((error) => error.path));
  if (wanted.size === 0 || got.size === 0) return wanted.size === got.size;
  if (got.size !== actual.errors.length) return false;
  const missing = [...wanted].filter((path) => !got.has(path));
  const extra = [...got].filter((path) => !wanted.has(path));
  if (missing.length === 0 && extra.length === 0) return true;
  return [...missing, ...extra].every((path) => isBubbled(expected.data, path));
}

/** True when the place that the path names is gone: a null above it. */
function isBubbled(data: unknown, path: string): boolean {
  let value: unknown = data;
  for (const step of path.split('.')) {
    if (value === null || typeof value !== 'object') return true;
    value = (value as Record<string, unknown>)[step]; // an array counts
  }
  return false;
}

function paths(answer: Answer): string {
  return JSON.stringify(answer.errors.map((error) => error.path).toSorted());
}

function toAnswer(result: ExecutionResult): Answer {
  return {
    data: result.data ?? null,
    errors: (result.errors ?? []).map((error) => ({ message: error.message, path: (error.path ?? []).join('.') })),
  };
}
