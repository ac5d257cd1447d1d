/**
 * The joiner that splices: it reads each answer once and copies pieces. Answers that requests share are read once for all of them, and
 * what was made of the same answers is not made again; all of that lives as long as the answers do. Exports `compileSplice`,
 * `createSpliceJoiner`.
 */
import type { Plan, PlanFetch } from '../../plan/index.ts';
import type { Supergraph } from '../../supergraph/types.ts';
import type { Outcome } from '../joiner.ts';
import type { Prepared } from '../prepare.ts';
import { compileEmit } from './emit.ts';
import type { Emit } from './emit.ts';
import { NotSpliced } from './not-spliced.ts';
import { compileCalls } from './represent.ts';
import type { Call } from './represent.ts';
import { compileAccess } from './rows.ts';
import type { Accesses } from './rows.ts';
import { Run } from './run.ts';
import { scan } from './scan.ts';
import type { Tape } from './scan.ts';
import { compileShapes } from './shape.ts';
import type { FetchShapes, Shape } from './shape.ts';

export type CompiledSplice = {
  readonly accesses: Accesses;
  readonly fetches: readonly SpliceFetch[];
  readonly emit: Emit;
};

type SpliceFetch = {
  readonly shapes: FetchShapes;
  readonly calls: readonly Call[];
  /** Of each call: its variable, and what its list of entities is read as. */
  readonly lists: readonly { readonly variable: string; readonly shape: Shape }[];
  /** All fetches that its body comes from, the ones before those too. */
  readonly from: readonly number[];
  readonly head: string;
  readonly variables: readonly { readonly name: string; readonly prefix: string }[];
};

/** Null for plans that this path does not take. */
export function compileSplice(plan: Plan, supergraph: Supergraph): CompiledSplice | null {
  if (plan.kind !== 'query' || plan.introspection !== null || plan.parts.length !== 1) return null;
  // What comes in several payloads is joined as objects.
  if (plan.deferred !== null) return null;
  // One answer to one document: calls that are repeated for the values of their contexts have several.
  if (plan.fetches.some(({ kind, calls }) => kind === 'reentry' || calls.some(({ contexts }) => contexts.length > 0))) return null;
  try {
    const shapes = plan.fetches.map((fetch) => compileShapes(plan, supergraph, fetch));
    const accesses = compileAccess(plan, supergraph, shapes);
    const fetches = plan.fetches.map((fetch) => compileFetch(plan, accesses, fetch));
    const emit = compileEmit(plan, accesses);
    accesses.close();
    return { accesses, fetches, emit };
  } catch (error) {
    if (error instanceof NotSpliced) return null;
    throw error;
  }
}

function compileFetch(plan: Plan, accesses: Accesses, fetch: PlanFetch): SpliceFetch {
  const shapes = accesses.shapes(fetch.id);
  const toLists = ({ alias, variable }: PlanFetch['calls'][number]) => {
    const shape = shapes.root.fields.find(({ name }) => name === alias)?.child ?? null;
    return shape === null ? [] : [{ variable, shape }];
  };
  return {
    shapes,
    lists: fetch.kind === 'entity' ? fetch.calls.flatMap(toLists) : [],
    calls: fetch.kind === 'entity' ? compileCalls(accesses, fetch) : [],
    from: ancestorsOf(plan, fetch),
    head: `{"query":${JSON.stringify(fetch.document)}`,
    variables: fetch.variables.map((name) => ({ name, prefix: `${JSON.stringify(name)}:` })),
  };
}

function ancestorsOf(plan: Plan, { dependsOn }: PlanFetch): number[] {
  const found = new Set<number>();
  const add = (id: number): void => {
    if (found.has(id)) return;
    found.add(id);
    for (const above of plan.fetches[id]?.dependsOn ?? []) add(above);
  };
  for (const id of dependsOn) add(id);
  return [...found].toSorted((a, b) => a - b);
}

export type SpliceJoiner = {
  /** As a Joiner; each throws NotSpliced when this path cannot go on. */
  prepare(fetch: number): Prepared;
  take(fetch: number, outcome: Outcome): void;
  /** UTF-8 of `{"data":{…}}`. */
  emit(): Uint8Array;
};

export function createSpliceJoiner(compiled: CompiledSplice, variables: Readonly<Record<string, unknown>>): SpliceJoiner {
  const run = new Run(compiled.accesses, compiled.fetches.length);
  /** By fetch: number of representations by variable. */
  const sent: (ReadonlyMap<string, number> | undefined)[] = [];
  return {
    prepare(id) {
      const fetch = compiled.fetches[id];
      if (fetch === undefined) throw new NotSpliced('no such fetch');
      const own = writeVariables(fetch, variables);
      if (fetch.calls.length === 0) return { body: toBody(fetch, [], own), representations: 0 };
      const made = makeOnce(fetch, { tapes: fetch.from.map((one) => run.tapes[one] ?? null), text: own.join() }, () =>
        prepareCalls(run, fetch, own),
      );
      for (const { node, map } of made.maps) run.maps[node] = map;
      sent[id] = made.sent;
      return made.prepared;
    },
    take(id, outcome) {
      const fetch = compiled.fetches[id];
      if (fetch === undefined || outcome.kind !== 'response' || outcome.status !== 200) throw new NotSpliced('no answer that can be read');
      const tape = readOnce(fetch.shapes, outcome);
      const isOther = ({ variable, shape }: SpliceFetch['lists'][number]) =>
        shape.stride > 0 && tape.counts[shape.index] !== (sent[id]?.get(variable) ?? 0);
      if (fetch.lists.some(isOther)) throw new NotSpliced('another number of entities');
      run.tapes[id] = tape;
    },
    emit: () => makeOnce(compiled, { tapes: run.tapes, text: '' }, () => compiled.emit(run)),
  };
}

function writeVariables({ variables: own }: SpliceFetch, variables: Readonly<Record<string, unknown>>): string[] {
  return own.flatMap(({ name, prefix }) =>
    Object.hasOwn(variables, name) && variables[name] !== undefined ? [prefix + JSON.stringify(variables[name])] : [],
  );
}

function toBody({ head }: SpliceFetch, calls: readonly string[], own: readonly string[]): string {
  const parts = [...calls, ...own];
  return parts.length === 0 ? `${head}}` : `${head},"variables":{${parts.join(',')}}}`;
}

type MadeCalls = {
  readonly prepared: Prepared;
  readonly maps: readonly { readonly node: number; readonly map: Int32Array }[];
  readonly sent: ReadonlyMap<string, number>;
};

function prepareCalls(run: Run, fetch: SpliceFetch, own: readonly string[]): MadeCalls {
  let representations = 0;
  const sent = new Map<string, number>();
  const calls = fetch.calls.map((call) => {
    const { text, count } = call.write(run);
    representations += count;
    sent.set(call.variable, count);
    return `${JSON.stringify(call.variable)}:${text}`;
  });
  const nodes = fetch.calls.flatMap((call) => call.nodes);
  const maps = nodes.map((node) => ({ node, map: run.maps[node] ?? new Int32Array(0) }));
  return { prepared: representations === 0 ? null : { body: toBody(fetch, calls, own), representations }, maps, sent };
}

/** Answers by identity, and by what they were read as. */
const tapes = new WeakMap<Outcome, Map<FetchShapes, Tape>>();

function readOnce(shapes: FetchShapes, outcome: Outcome & { readonly kind: 'response' }): Tape {
  const known = tapes.get(outcome)?.get(shapes);
  if (known !== undefined) return known;
  const tape = scan(shapes, outcome.text);
  if (tape === null) throw new NotSpliced('an answer of another form');
  const byShapes = tapes.get(outcome);
  if (byShapes === undefined) tapes.set(outcome, new Map([[shapes, tape]]));
  else byShapes.set(shapes, tape);
  return tape;
}

type From = { readonly tapes: readonly (Tape | null)[]; readonly text: string };
type Made = { readonly from: From; readonly value: unknown };

/** Made of the same answers and the same text, it is the same. Kept with the last of the answers. */
function makeOnce<T>(by: object, from: From, make: () => T): T {
  let keeper: Tape | null = null;
  for (const tape of from.tapes) keeper = tape ?? keeper;
  if (keeper === null) return make();
  // What was made for `by` has the type that `make` gives for it.
  const known = keeper.made.get(by) as (Made & { readonly value: T }) | undefined;
  if (known !== undefined && isSame(known.from, from)) return known.value;
  const value = make();
  keeper.made.set(by, { from: { tapes: [...from.tapes], text: from.text }, value } satisfies Made);
  return value;
}

function isSame(one: From, other: From): boolean {
  return (
    one.text === other.text && one.tapes.length === other.tapes.length && one.tapes.every((tape, index) => tape === other.tapes[index])
  );
}
