/** One operation through the whole engine and through the monolith: what differs. */
import { getVariableValues } from 'graphql';
import type { ExecutionResult } from 'graphql';
import { compilePlan } from '../../engine/compile/index.ts';
import { conditionVariables, planOperation } from '../../engine/plan/index.ts';
import type { Plan } from '../../engine/plan/index.ts';
import type { JoinPath, SubgraphFetcher, SubgraphRequest, SubgraphResponse } from '../../gateway/execute/index.ts';
import { executeBothWays } from '../_kit/both-paths.ts';
import { checkPlan } from '../_kit/plan-checker.ts';
import type { ReadyCut } from './compose-cut.ts';
import { marksOfOperation } from './coverage.ts';
import type { Mark } from './coverage.ts';
import type { Operation } from './operations.ts';
import { createHubRun, runGraph } from './run-graph.ts';
import type { GraphRequest, HubRun } from './run-graph.ts';
import { fromJson, runMonolith, toJson } from './truth.ts';

/** `data`: JSON text; key order counts. */
export type Answer = { readonly data: string; readonly errors: readonly { readonly message: string; readonly path: string }[] };

export type Difference = { readonly kind: string; readonly detail: string };

export function planFor(
  { supergraph }: ReadyCut,
  { document, variables, labels }: Operation,
  denied: ReadonlySet<string> = new Set(),
): { plan: Plan; values: Readonly<Record<string, unknown>> } {
  const [definition] = document.definitions;
  if (definition?.kind !== 'OperationDefinition') throw new Error('The operation comes first');
  const coerced = getVariableValues(supergraph.publicSchema, definition.variableDefinitions ?? [], variables);
  if (coerced.coerced === undefined) throw new Error(coerced.errors.map((error) => error.message).join('\n'));
  const values = coerced.coerced;
  const conditions = new Map(conditionVariables(document, 'Q').map((name) => [name, values[name] === true]));
  return { plan: planOperation({ supergraph, document, operationName: 'Q', conditions, denied, activeLabels: labels }), values };
}

/** Asks the graphs of the cut, in one run; `assertFaultless` throws what they were asked wrongly. */
export function createFetcher(ready: ReadyCut, run: HubRun = createHubRun()): { fetcher: SubgraphFetcher; assertFaultless: () => void } {
  const faults: string[] = [];
  const fetcher = async (request: Pick<SubgraphRequest, 'graph' | 'body'>): Promise<SubgraphResponse> => {
    const graph = ready.graphs.get(request.graph.name);
    if (graph === undefined) throw new Error(`No graph ${request.graph.name}`);
    try {
      const body = fromJson(request.body) as GraphRequest; // the executor's own text
      const result = runGraph(graph, run, body);
      for (const error of result.errors ?? []) if (!isHonest(error.message)) faults.push(`${request.graph.name}: ${error.message}`);
      return { kind: 'response', status: 200, text: toJson(result) };
    } catch (error) {
      faults.push(String(error));
      throw error;
    }
  };
  const assertFaultless = (): void => {
    if (faults.length > 0) throw new Fault(faults);
  };
  return { fetcher, assertFaultless };
}

export async function runHub(
  ready: ReadyCut,
  plan: Plan,
  variables: Readonly<Record<string, unknown>>,
  run?: HubRun,
): Promise<Answer & { readonly join: JoinPath }> {
  const { fetcher, assertFaultless } = createFetcher(ready, run);
  const { result, path: join } = await executeBothWays({
    compiled: compilePlan(plan, ready.supergraph),
    supergraph: ready.supergraph,
    variables,
    fetcher,
    signal: AbortSignal.timeout(10_000),
  });
  assertFaultless();
  const { data, errors = [] } = result;
  return { join, data, errors: errors.map(({ message, path }) => ({ message, path: (path ?? []).join('.') })) };
}

/** What the data itself does: fields that fail, mutations of objects that do not exist. */
export function isHonest(message: string): boolean {
  return message.startsWith('risky') || message.startsWith('Cannot return null for non-nullable field Mutation.');
}

/** A subgraph was asked for what it cannot give: poison, an invalid document, a non-null value that is null. */
export class Fault extends Error {
  constructor(faults: readonly string[]) {
    super(faults.slice(0, 3).join('\n'));
    this.name = 'Fault';
  }
}

/** What one operation showed besides being right. */
export type Observed = {
  readonly marks: ReadonlySet<Mark>;
  readonly fetches: number;
  readonly hasData: boolean;
  readonly join: JoinPath;
  readonly planMs: number;
};

export type Compared = { readonly difference: Difference | null; readonly observed: Observed | null };

/** `breathe`: awaited between the steps, so that none of them keeps the event loop for longer than it takes itself. */
export async function compareOperation(ready: ReadyCut, operation: Operation, breathe?: () => Promise<void>): Promise<Compared> {
  const monolith = runMonolith(ready.cut.monolith, ready.monolith, operation.document, operation.variables);
  const expected = toAnswer(monolith.result);
  try {
    await breathe?.();
    // Processor time: the machine may be busy with other things.
    const from = process.cpuUsage();
    const { plan, values } = planFor(ready, operation);
    const spent = process.cpuUsage(from);
    const planMs = (spent.user + spent.system) / 1_000;
    await breathe?.();
    const broken = checkPlan(plan, ready.supergraph, operation.document);
    await breathe?.();
    if (broken.length > 0) return { difference: { kind: 'checker', detail: broken.join('\n') }, observed: null };
    const run = createHubRun(operation.labels);
    const actual = await runHub(ready, plan, values, run);
    const difference = diff(expected, actual) ?? diffCalls(monolith.calls, run.store.calls);
    return { difference, observed: { ...observe(ready, operation, plan, run, actual), planMs } };
  } catch (error) {
    const { name, message, stack = '' } = error instanceof Error ? error : new Error(String(error));
    const kind = name === 'EngineError' && 'code' in (error as object) ? String((error as { code: string }).code) : name;
    return { difference: { kind, detail: name === 'Fault' ? message : `${message}\n${stack}` }, observed: null };
  }
}

function observe(
  ready: ReadyCut,
  operation: Operation,
  plan: Plan,
  run: HubRun,
  answer: Answer & { readonly join: JoinPath },
): Omit<Observed, 'planMs'> {
  const marks = new Set<Mark>([...run.met, ...marksOfOperation(operation.document, plan)]);
  if (answer.errors.some(({ path }) => path !== '')) marks.add('an error with a path');
  if (
    answer.errors.some(({ message }) => message.includes('has a value that its type does not allow')) &&
    ready.cut.monolith.hiddenGrade !== null
  )
    marks.add('a hidden enum value').add('something @inaccessible');
  if (marks.has('@interfaceObject') && marks.has('an implementer extended where its interface is unknown'))
    marks.add('@interfaceObject, a type extended elsewhere');
  return { marks, fetches: plan.fetches.length, hasData: answer.data !== 'null', join: answer.join };
}

/** Mutations are counted where they are done: each exactly as often, and in the order, in which one server would do them. */
function diffCalls(expected: readonly string[], actual: readonly string[]): Difference | null {
  if (expected.join() === actual.join()) return null;
  return { kind: 'mutations', detail: `expected ${expected.join()}\nreceived ${actual.join()}` };
}

function diff(expected: Answer, actual: Answer): Difference | null {
  const [wanted, got] = [expected.data, actual.data];
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
  const data: unknown = JSON.parse(expected.data);
  return [...missing, ...extra].every((path) => isBubbled(data, path));
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
    data: toJson(result.data ?? null),
    errors: (result.errors ?? []).map((error) => ({ message: error.message, path: (error.path ?? []).join('.') })),
  };
}
