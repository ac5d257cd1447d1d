/**
 * What else is looked at, now and then, of an operation that was answered rightly: by somebody who may not read all, by several at once,
 * in several payloads, for what it costs. Each look costs some executions of its own. Exports `LOOKS`.
 */
import { getVariableValues } from 'graphql';
import { compileCost } from '../../engine/cost/index.ts';
import { createAtOnce } from './at-once.ts';
import type { AtOnce, Seen } from './at-once.ts';
import { planFor, runHub } from './compare.ts';
import type { Difference } from './compare.ts';
import type { ReadyCut } from './compose-cut.ts';
import { addDefer } from './defer.ts';
import { deniedFields, findDeniedFetch } from './denied.ts';
import { runInPayloads } from './in-payloads.ts';
import { INSTANCES } from './monolith.ts';
import type { Operation } from './operations.ts';
import { hash } from './random.ts';
import { createHubRun } from './run-graph.ts';
import { fromJson, runMonolith, sorted, toJson } from './truth.ts';

export type LookName = 'with denied fields' | 'at once by several' | 'in several payloads' | 'for its cost';

export type Look = {
  readonly name: LookName;
  /** Of so many operations one: the one with this number. */
  readonly every: number;
  readonly at: number;
  /** Null where there is nothing to look at; then it does not count. */
  begin(ready: ReadyCut, number: number, seen: Seen): ((operation: Operation) => Promise<Difference | null>) | null;
};

const denied: Look = {
  name: 'with denied fields',
  every: 10,
  at: 0,
  begin(ready, number) {
    const fields = deniedFields(ready, number);
    return fields.size === 0 ? null : (operation) => findDeniedFetch(ready, operation, fields);
  },
};

const hubs = new WeakMap<ReadyCut, AtOnce>();

const atOnce: Look = {
  name: 'at once by several',
  every: 20,
  at: 7,
  begin(ready, _number, seen) {
    const hub = hubs.get(ready) ?? createAtOnce(ready);
    hubs.set(ready, hub);
    return (operation) => hub.compare(operation, seen);
  },
};

const deferred: Look = {
  name: 'in several payloads',
  every: 10,
  at: 3,
  begin: (ready, number, seen) => (operation) => compareDeferred(ready, operation, { number, seen }),
};

/** The final document is that of the operation without `@defer`; a null that may not stand takes less along. */
async function compareDeferred(
  ready: ReadyCut,
  plain: Operation,
  { number, seen }: { number: number; seen: Seen },
): Promise<Difference | null> {
  const operation = addDefer(ready.supergraph.publicSchema, plain, hash(ready.cut.seed, number));
  if (operation === null) return null;
  const { plan: whole, values } = planFor(ready, operation);
  const expected = await runHub(ready, whole, values, createHubRun(operation.labels));
  const merged = await runInPayloads(ready, operation, { values, form: number % 20 < 10 ? 'ids' : 'paths' });
  if (merged.payloads > 1) seen.marks.add('@defer');
  if (merged.failed.length > 0) return null;
  const [wanted, got] = [toJson(sorted(JSON.parse(expected.data))), toJson(sorted(merged.data))];
  return wanted === got ? null : { kind: 'deferred', detail: `${operation.text}\nexpected ${wanted}\nreceived ${got}` };
}

const cost: Look = {
  name: 'for its cost',
  every: 4,
  at: 1,
  begin: (ready) => async (operation) => {
    const { estimated, actual } = costOf(ready, operation);
    return estimated >= actual ? null : { kind: 'cost', detail: `estimated ${estimated}, actual ${actual}` };
  },
};

/** As the gateway estimates it before, and counts it in the answer's JSON. */
export function costOf({ cut, monolith, supergraph }: ReadyCut, { document, variables }: Operation): { estimated: number; actual: number } {
  const [operation] = document.definitions;
  if (operation?.kind !== 'OperationDefinition') throw new Error('The operation comes first');
  const { coerced } = getVariableValues(supergraph.publicSchema, operation.variableDefinitions ?? [], variables);
  if (coerced === undefined) throw new Error('The variables are not valid');
  // Lists of the monolith hold no more.
  const counter = compileCost(supergraph, { document, operation }, { listSize: INSTANCES, pageArguments: [] });
  const { data } = runMonolith(cut.monolith, monolith, document, variables).result;
  return { estimated: counter.estimate(coerced), actual: counter.count(fromJson(toJson(data ?? null)), coerced) };
}

export const LOOKS: readonly Look[] = [denied, atOnce, deferred, cost];
