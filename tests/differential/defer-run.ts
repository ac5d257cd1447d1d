/**
 * Deferred operations over cut monoliths, read at every door of a gateway that listens: what is put together in the end is what the rules
 * of incremental delivery make of the monolith's data. Exports `runDefer`.
 */
import { Kind, getVariableValues, visit } from 'graphql';
import { conditionVariables, planOperation } from '../../engine/plan/index.ts';
import { drawOf } from '../../gateway/pipeline/override-labels.ts';
import type { WirePayload } from '../_kit/merge-incremental.ts';
import { checkPlan } from '../_kit/plan-checker.ts';
import { composeCut } from './compose-cut.ts';
import type { ReadyCut } from './compose-cut.ts';
import { addDefer } from './defer.ts';
import { DOORS, misleadsApollo, openDoors, toPlainPath, withPlainKeys } from './defer-doors.ts';
import type { Door, Doors, Read } from './defer-doors.ts';
import { runIncremental } from './defer-truth.ts';
import type { IncrementalTruth } from './defer-truth.ts';
import type { Operation } from './operations.ts';
import { hash } from './random.ts';
import { operationOf } from './run.ts';
import { buildGraph } from './run-graph.ts';
import { shrinkOperation } from './shrink.ts';
import { createStore, resolveTruth, rootThing } from './truth.ts';
import type { Thing } from './truth.ts';

export type DeferTally = {
  readonly findings: string[];
  readonly counts: Record<Count, number>;
  /** Answers that were put together, by the door they came through. */
  readonly doors: Record<Door, number>;
};

const COUNTS = [
  'cuts',
  'operations',
  'in several payloads',
  'payloads',
  'fragments announced',
  'fragments announced in lists',
  'fragments announced later than others',
  'fragments sent',
  'fragments that cannot stand',
  'fragments that cannot stand, in lists',
  'operations with such a fragment',
  'operations with errors',
  'conditions by variable',
  'mutations',
  'fragments on abstract types',
  'misleading for Apollo Client, left out there',
] as const;
type Count = (typeof COUNTS)[number];

export type DeferOptions = {
  readonly from: number;
  readonly step?: number;
  readonly operationsPerCut: number;
  /** Asked before each cut; false ends the run. */
  readonly goOn: (tally: DeferTally) => boolean;
  readonly mostFindings?: number;
};

export async function runDefer({ from, step = 1, operationsPerCut, goOn, mostFindings = 20 }: DeferOptions): Promise<DeferTally> {
  const tally = createTally();
  const { findings, counts } = tally;
  for (let seed = from; goOn(tally) && findings.length < mostFindings; seed += step) {
    const ready = composeCut(seed);
    if (!('cut' in ready)) continue;
    counts.cuts += 1;
    const lying = { ...ready, graphs: new Map(ready.cut.graphs.map((graph) => [graph.name, buildGraph(ready.cut, graph, true)])) };
    const doors = await openDoors(lying);
    try {
      for (let number = 1; number <= operationsPerCut && findings.length < mostFindings; number += 1)
        await tryOperation({ ready, doors, tally }, number);
    } finally {
      await doors.close();
    }
  }
  return tally;
}

function createTally(): DeferTally {
  const zero = <Name extends string>(all: readonly Name[]): Record<Name, number> =>
    Object.fromEntries(all.map((name) => [name, 0])) as Record<Name, number>; // each of them
  return { findings: [], counts: zero(COUNTS), doors: zero(DOORS) };
}

type Trial = { readonly ready: ReadyCut; readonly doors: Doors; readonly tally: DeferTally };

async function tryOperation({ ready, doors, tally }: Trial, number: number): Promise<void> {
  const seed = hash(ready.cut.seed, number);
  const operation = deferredOf(ready, number);
  if (operation === null) return;
  // In two operations of three some fields that may not be null fail.
  const breaks = number % 3 === 0 ? null : seed;
  const wrong = await compare({ ready, doors, tally }, operation, breaks);
  if (wrong === null) return;
  const kindOf = (text: string): string => text.split(':', 1)[0] ?? '';
  const small = await shrinkOperation(ready.supergraph.publicSchema, operation, async (smaller) => {
    const found = await compare({ ready, doors, tally: createTally() }, smaller, breaks);
    return found !== null && kindOf(found) === kindOf(wrong);
  });
  const last = (await compare({ ready, doors, tally: createTally() }, small, breaks)) ?? wrong;
  const replay = `npm run fuzz -- --defer --cut ${ready.cut.seed} --operation ${number}`;
  tally.findings.push(`${replay}\n${small.text.trim()}\nvariables ${JSON.stringify(small.variables)}\n${last}`);
}

/** One operation again; null where the grammar makes none. */
export async function replayDefer(seed: number, number: number): Promise<string | null> {
  const ready = composeCut(seed);
  if (!('cut' in ready)) return null;
  const tally = createTally();
  const lying = { ...ready, graphs: new Map(ready.cut.graphs.map((graph) => [graph.name, buildGraph(ready.cut, graph, true)])) };
  const doors = await openDoors(lying);
  try {
    await tryOperation({ ready, doors, tally }, number);
  } finally {
    await doors.close();
  }
  return tally.findings[0] ?? (tally.counts.operations === 0 ? null : 'equal');
}

/** The gateway draws for `percent(x)` itself, by the name of the operation. */
function deferredOf(ready: ReadyCut, number: number): Operation | null {
  const plain = operationOf(ready, number);
  if (plain === null) return null;
  const drawn = drawOf('percent(40)', null, 'Q') < 40 ? ['percent(40)'] : [];
  const labels = new Set([...[...(plain.labels ?? [])].filter((label) => !label.startsWith('percent')), ...drawn]);
  return addDefer(ready.supergraph.publicSchema, { ...plain, labels }, hash(ready.cut.seed, number));
}

/** Null: equal everywhere. Otherwise the door, a colon and what differs. */
async function compare({ ready, doors, tally }: Trial, operation: Operation, breaks: number | null): Promise<string | null> {
  try {
    const variables = coerce(ready, operation);
    const broken = checkDeferred(ready, operation, variables);
    if (broken.length > 0) return `plan: ${broken.join('\n')}`;
    const expected = truthOf(ready, operation, { variables, breaks, defers: true });
    const whole = truthOf(ready, operation, { variables, breaks, defers: false });
    note(tally, operation, expected);
    let misleading = false;
    for (const door of DOORS) {
      if (misleading && door === 'Apollo Client by id') continue;
      const read = await doors.read(door, operation, breaks);
      if (read === null) continue;
      tally.doors[door] += 1;
      const wrong = diff(door, door === 'one piece' ? whole : expected, read);
      if (wrong !== null) return `${door}: ${wrong}`;
      if (door !== 'multipart by id') continue;
      misleading = misleadsApollo(read.payloads);
      notePayloads(tally, read.payloads);
    }
    return null;
  } catch (error) {
    return `${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  }
}

function coerce({ supergraph }: ReadyCut, { document, variables }: Operation): Readonly<Record<string, unknown>> {
  const [definition] = document.definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error('The operation comes first');
  const { coerced, errors } = getVariableValues(supergraph.publicSchema, definition.variableDefinitions ?? [], variables);
  if (coerced === undefined) throw new Error(errors.map(({ message }) => message).join('\n'));
  return coerced;
}

function checkDeferred({ supergraph }: ReadyCut, { document, labels }: Operation, values: Readonly<Record<string, unknown>>): string[] {
  const conditions = new Map(conditionVariables(document, 'Q').map((name) => [name, values[name] === true]));
  const plan = planOperation({ supergraph, document, operationName: 'Q', conditions, activeLabels: labels, defer: true });
  return checkPlan(plan, supergraph, document);
}

type How = { readonly variables: Readonly<Record<string, unknown>>; readonly breaks: number | null; readonly defers: boolean };

function truthOf({ cut, monolith }: ReadyCut, { document }: Operation, { variables, breaks, defers }: How): IncrementalTruth {
  const store = createStore(breaks);
  const [operation] = document.definitions;
  const root = operation?.kind === Kind.OPERATION_DEFINITION && operation.operation === 'mutation' ? 'Mutation' : 'Query';
  const plain = visit(document, { Directive: (node) => (node.name.value === 'defer' ? null : undefined) });
  return runIncremental({
    schema: monolith,
    document: defers ? document : plain,
    variables,
    root: rootThing(root),
    resolve: (_parent, source, field, args) => resolveTruth(cut.monolith, store, source as Thing, { field, args }), // what truth gave
    typeOf: (source) => (source as Thing).t, // the same
  });
}

function diff(door: Door, expected: IncrementalTruth, { data, errors, failed }: Read): string | null {
  const isApollo = door.startsWith('Apollo');
  const [wanted, got] = isApollo ? [withPlainKeys(expected.data), withPlainKeys(data)] : [expected.data, data];
  if (sorted(wanted) !== sorted(got)) return `data\nexpected ${sorted(wanted)}\nreceived ${sorted(got)}\nerrors ${JSON.stringify(errors)}`;
  const paths = (list: readonly (readonly unknown[])[]): string =>
    list
      .map((path) => path.join('.'))
      .toSorted()
      .join(' ');
  if (failed !== null && paths(failed) !== paths(expected.failed))
    return `fragments that cannot be sent\nexpected ${paths(expected.failed)}\nreceived ${paths(failed)}`;
  // Below a null, and in a fragment that is not there, which of several errors is told is left open.
  const places = (list: readonly string[]): string =>
    [...new Set(isApollo ? list.map(toPlainPath) : list)]
      .filter((path) => isThere(wanted, path))
      .toSorted()
      .join(' ');
  const one = places(expected.errors);
  const other = places(errors.map(({ path = [] }) => path.join('.')));
  return one === other ? null : `errors\nexpected ${one}\nreceived ${other}`;
}

function isThere(data: unknown, path: string): boolean {
  let value = data;
  for (const step of path.split('.')) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, step)) return false;
    value = (value as Record<string, unknown>)[step]; // its own; an array counts
  }
  return true;
}

/** The order of keys is that of arrival; of long numbers a client keeps what a number of JavaScript holds. */
function sorted(value: unknown): string {
  return JSON.stringify(value, (_key, one: unknown) =>
    typeof one === 'bigint'
      ? Number(one)
      : typeof one === 'object' && one !== null && !Array.isArray(one)
        ? Object.entries(one).toSorted(([a], [b]) => (a < b ? -1 : 1))
        : one,
  );
}

function note({ counts }: DeferTally, { text }: Operation, { failed, sent, errors }: IncrementalTruth): void {
  counts.operations += 1;
  counts['fragments sent'] += sent;
  counts['fragments that cannot stand'] += failed.length;
  counts['fragments that cannot stand, in lists'] += failed.filter(hasIndex).length;
  counts['operations with such a fragment'] += failed.length > 0 ? 1 : 0;
  counts['operations with errors'] += errors.length > 0 ? 1 : 0;
  counts['conditions by variable'] += text.match(/@defer\([^)]*if: \$/g)?.length ?? 0;
  counts['fragments on abstract types'] += text.match(/\.\.\. on (Named|Fabric|Goods) @defer/g)?.length ?? 0;
  counts.mutations += text.startsWith('mutation') ? 1 : 0;
}

function notePayloads({ counts }: DeferTally, payloads: readonly WirePayload[]): void {
  const [first, ...rest] = payloads;
  const later = rest.flatMap(({ pending = [] }) => pending);
  const all = [...(first?.pending ?? []), ...later];
  counts.payloads += payloads.length;
  counts['in several payloads'] += rest.length > 0 ? 1 : 0;
  counts['fragments announced'] += all.length;
  counts['fragments announced in lists'] += all.filter(({ path }) => hasIndex(path)).length;
  counts['fragments announced later than others'] += later.length;
  counts['misleading for Apollo Client, left out there'] += misleadsApollo(payloads) ? 1 : 0;
}

const hasIndex = (path: readonly (string | number)[]): boolean => path.some((key) => typeof key === 'number');
