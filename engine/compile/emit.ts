/**
 * Emission: the client's answer, written from the places once all fetches have settled. Keys come in the client's order; nulls bubble
 * by the types of the public schema, each bubble with exactly one error; every error stands at the client's own path.
 */
import type { Plan, PlanEntry, PlanPosition } from '../plan/index.ts';
import type { Supergraph, TypeRef } from '../supergraph/types.ts';
import { Lost, isObject, read } from './answers.ts';
import type { GraphError } from './answers.ts';
import { EmptyRecord } from './record.ts';
import { INVALID, compileCoerce } from './leaf.ts';
import { below, classOf, dataOf, isList, struckAt, typeNameOf } from './places.ts';
import type { Join, Place, Tree } from './places.ts';
import { compileTail } from './tails.ts';
import type { TailOf } from './tails.ts';

/** One error of the answer. `graph` null: it is the gateway's own. */
export type AnswerError = {
  readonly message: string;
  readonly path: readonly (string | number)[] | null;
  readonly code: string;
  readonly graph: string | null;
};

export type EmitContext = {
  readonly join: Join;
  readonly errors: AnswerError[];
  /** What has been told already: causes of other losses need not be told again. */
  readonly told: Set<GraphError>;
  readonly toldEntities: Set<Lost>;
  /** Answer to the introspection part, by internal name. */
  readonly local: Readonly<Record<string, unknown>> | null;
  /** Objects met of which something is sent later; an object comes before those below it. */
  readonly found: Found[];
};

/** An object of which something is deferred: the fragments that begin there, and what each group shows. */
export type Found = {
  readonly place: Place;
  readonly path: Path | null;
  readonly opens: readonly number[];
  readonly later: readonly Later[];
};

/** Emits what one group shows of an object; BUBBLE when the object cannot stand without it. */
export type Later = { readonly group: number; readonly emit: EmitPlace };

export type Path = { readonly above: Path | null; readonly key: string | number };

/** A null that the parent may not hold: it becomes null itself. */
export const BUBBLE: unique symbol = Symbol('bubble');

export type EmitPlace = (context: EmitContext, place: Place, path: Path | null) => unknown;
type EmitEntry = { readonly responseKey: string; emit(context: EmitContext, place: Place, path: Path): unknown };

export function compileEmit(plan: Plan, supergraph: Supergraph): EmitPlace[] {
  const compiler: Compiler = { plan, supergraph, known: new Map() };
  return plan.parts.map((part) => {
    const position = plan.positions[part.position];
    if (position === undefined) throw new RangeError('A part of the plan has no position.');
    return compilePosition(compiler, position, 0, 0);
  });
}

type Compiler = { readonly plan: Plan; readonly supergraph: Supergraph; readonly known: Map<string, EmitPlace> };

/** `group`: of the entry that shows the lane. What belongs to it is emitted at once, the rest is found for later. */
function compilePosition(compiler: Compiler, position: PlanPosition, lane: number, group: number): EmitPlace {
  const key = `${position.id}:${lane}`;
  const found = compiler.known.get(key);
  if (found !== undefined) return found;
  const classes = position.classes.map((cls) =>
    compileLane(compiler, position, { entries: cls.lanes[lane] ?? [], opens: cls.opens[lane] ?? [], group }),
  );
  const isPublic = compilePublicTypes(compiler.supergraph, position);
  const emit: EmitPlace = (context, place, path) => {
    const index = classOf(context.join, place);
    if (index instanceof Lost) return tellLost(context, index, path);
    if (index < 0 || !isShown(position, isPublic, typeNameOf(context.join, place))) {
      tell(
        context,
        {
          message: `An object of a type that cannot stand in a ${position.typeName} was answered.`,
          code: 'SUBGRAPH_INVALID_RESPONSE',
          graph: null,
        },
        path,
      );
      return null;
    }
    const cls = classes[index];
    if (cls === undefined) return new EmptyRecord();
    // Before its own fields are emitted: what is deferred inside them comes after. A fragment of which nothing is left here may still
    // have something below.
    if (cls.later.length > 0 || cls.opens.length > 0) context.found.push({ place, path, opens: cls.opens, later: cls.later });
    return emitObject(context, place, path, cls.entries);
  };
  compiler.known.set(key, emit);
  return emit;
}

function isShown({ typeless }: PlanPosition, isPublic: ReadonlySet<string>, name: string | null | Lost): boolean {
  return typeless || typeof name !== 'string' || isPublic.has(name);
}

type Lane = { readonly entries: readonly PlanEntry[]; readonly opens: readonly number[]; readonly group: number };
type EmitLane = { readonly entries: readonly EmitEntry[]; readonly opens: readonly number[]; readonly later: readonly Later[] };

function compileLane(compiler: Compiler, position: PlanPosition, { entries, opens, group }: Lane): EmitLane {
  const byGroup = new Map<number, EmitEntry[]>();
  for (const entry of entries) {
    const compiled = compileEntry(compiler, position, entry);
    const known = byGroup.get(entry.group);
    if (known === undefined) byGroup.set(entry.group, [compiled]);
    else known.push(compiled);
  }
  const own = byGroup.get(group) ?? [];
  byGroup.delete(group);
  const later = [...byGroup].map(([id, shown]): Later => ({
    group: id,
    emit: (context, place, path) => emitObject(context, place, path, shown),
  }));
  return { entries: own, opens, later };
}

function compilePublicTypes(supergraph: Supergraph, position: PlanPosition): ReadonlySet<string> {
  return new Set(
    position.classes.flatMap(({ types }) =>
      types.filter((name) => supergraph.types.get(name)?.kind !== 'object' || isPublicType(supergraph, name)),
    ),
  );
}

function isPublicType(supergraph: Supergraph, name: string): boolean {
  const type = supergraph.types.get(name);
  return type !== undefined && type.public;
}

function emitObject(context: EmitContext, place: Place, path: Path | null, entries: readonly EmitEntry[]): unknown {
  // No prototype: a client's key is only ever a key.
  const object = new EmptyRecord();
  for (const { responseKey, emit } of entries) {
    const value = emit(context, place, { above: path, key: responseKey });
    if (value === BUBBLE) return BUBBLE;
    object[responseKey] = value;
  }
  return object;
}

function compileEntry(compiler: Compiler, position: PlanPosition, entry: PlanEntry): EmitEntry {
  const { responseKey } = entry;
  switch (entry.kind) {
    case 'typename':
      return { responseKey, emit: (context, place) => typeNameOf(context.join, place) ?? position.typeName };
    case 'local':
      return { responseKey, emit: ({ local }) => (local === null ? null : (local[entry.name] ?? null)) };
    case 'field': {
      const { source, type, coordinate } = entry;
      const guard = compileNonNull(type, coordinate);
      switch (source.kind) {
        case 'denied':
          return {
            responseKey,
            emit: guard((context, _place, path) => {
              tell(context, { message: `Not allowed to read ${coordinate}.`, code: 'FORBIDDEN', graph: null }, path);
              return null;
            }),
          };
        case 'none':
          return { responseKey, emit: guard(() => null) };
        case 'leaf':
          return { responseKey, emit: guard(compileLeaf(compiler, type, coordinate, source.node, source.name)) };
        case 'position': {
          const child = compiler.plan.positions[source.position];
          if (child === undefined) throw new RangeError('An entry of the plan has no position.');
          return {
            responseKey,
            emit: guard(compileComposite(compiler, { type, coordinate, child, lane: source.lane, group: entry.group })),
          };
        }
      }
    }
  }
}

type EmitValue = (context: EmitContext, place: Place, path: Path) => unknown;

/** Null where the type forbids it: one error, unless one at or below the path says why already. */
function compileNonNull(type: TypeRef, coordinate: string): (emit: EmitValue) => EmitValue {
  if (!type.nonNull)
    return (emit) => (context, place, path) => {
      const value = emit(context, place, path);
      return value === BUBBLE ? null : value;
    };
  return (emit) => (context, place, path) => {
    const before = context.errors.length;
    const value = emit(context, place, path);
    if (value !== null && value !== undefined && value !== BUBBLE) return value;
    if (context.errors.length === before) tellNull(context, coordinate, path);
    return BUBBLE;
  };
}

function tellNull(context: EmitContext, coordinate: string, path: Path): void {
  tell(context, { message: `Cannot return null for non-nullable field ${coordinate}.`, code: 'NULL_FOR_NON_NULL', graph: null }, path);
}

/** Where a leaf stands in the graph's answer and in the client's. */
type LeafPlace = { readonly holder: object; readonly key: string | number; readonly path: Path };

function compileLeaf(compiler: Compiler, type: TypeRef, coordinate: string, id: number, name: string): EmitValue {
  const coerce = compileCoerce(compiler.supergraph, type);
  const fetch = compiler.plan.nodes[id]?.fetch ?? 0;
  const complete = (context: EmitContext, at: TypeRef, value: unknown, { holder, key, path }: LeafPlace): unknown => {
    const answer = context.join.answers[fetch];
    if (answer !== undefined && answer.struck.size > 0)
      for (const error of struckAt(answer, holder, key)) tellGraph(context, error, path, []);
    if (value === null || value === undefined) {
      if (answer !== undefined) tellLoose(context, answer.loose, path);
      return null;
    }
    if (at.of === null) {
      const coerced = coerce(value);
      if (coerced !== INVALID) return coerced;
      tell(
        context,
        {
          message: `${coordinate} has a value that its type does not allow.`,
          code: 'SUBGRAPH_INVALID_RESPONSE',
          graph: answer?.graph ?? null,
        },
        path,
      );
      return null;
    }
    if (!Array.isArray(value)) {
      tell(context, { message: `${coordinate} should be a list.`, code: 'SUBGRAPH_INVALID_RESPONSE', graph: answer?.graph ?? null }, path);
      return null;
    }
    const items: unknown[] = [];
    for (const [index, item] of value.entries()) {
      const itemPath = { above: path, key: index };
      const before = context.errors.length;
      const completed = complete(context, at.of, item, { holder: value, key: index, path: itemPath });
      const isNull = completed === null || completed === BUBBLE;
      if (isNull && at.of.nonNull) {
        if (context.errors.length === before) tellNull(context, coordinate, itemPath);
        return null;
      }
      items.push(completed === BUBBLE ? null : completed);
    }
    return items;
  };
  return (context, place, path) => {
    const data = dataOf(context.join, place, id);
    if (data instanceof Lost) return tellLost(context, data, path);
    if (!isObject(data)) return null;
    const masked = place.masks.get(id)?.get(name);
    if (masked !== undefined) return tellLost(context, masked, path);
    return complete(context, type, read(data, name), { holder: data, key: name, path });
  };
}

type Composite = {
  readonly type: TypeRef;
  readonly coordinate: string;
  readonly child: PlanPosition;
  readonly lane: number;
  readonly group: number;
};

function compileComposite(compiler: Compiler, { type, coordinate, child, lane, group }: Composite): EmitValue {
  const emitPlace = compilePosition(compiler, child, lane, group);
  const tailOf = compileTail(compiler.plan, child, lane);
  const complete = (context: EmitContext, at: TypeRef, tree: Tree, path: Path): unknown => {
    if (tree === null) {
      const answer = context.join.answers[compiler.plan.nodes[child.primary]?.fetch ?? -1];
      if (answer !== undefined) tellLoose(context, answer.loose, path);
      return null;
    }
    if (tree instanceof Lost) return tellLost(context, tree, path, tailOf);
    const found = context.found.length;
    if (!isList(tree)) {
      const value = emitPlace(context, tree, path);
      if (value !== BUBBLE && value !== null) return value;
      forget(context, found);
      return null;
    }
    const items: unknown[] = [];
    const of = at.of ?? at;
    for (const [index, item] of tree.entries()) {
      const itemPath = { above: path, key: index };
      const before = context.errors.length;
      const value = complete(context, of, item, itemPath);
      if (value === null && of.nonNull) {
        if (context.errors.length === before) tellNull(context, coordinate, itemPath);
        forget(context, found);
        return null;
      }
      items.push(value);
    }
    return items;
  };
  return (context, place, path) => complete(context, type, below(context.join, place, child), path);
}

/** Nothing is sent later of an object that became null. */
function forget({ found }: EmitContext, length: number): void {
  if (found.length > length) found.length = length;
}

/** Always answers null. */
function tellLost(context: EmitContext, lost: Lost, path: Path | null, tailOf?: TailOf): null {
  if (lost.kind === 'entity') {
    if (context.toldEntities.has(lost)) return null;
    context.toldEntities.add(lost);
  }
  for (const error of lost.errors) {
    if (lost.kind === 'fetch') tell(context, error, path);
    else if (lost.kind !== 'need' || !context.told.has(error))
      tellGraph(context, error, path, tailOf === undefined ? [] : tailOf(error.tail));
  }
  return null;
}

function tellGraph(context: EmitContext, error: GraphError, path: Path | null, tail: readonly (string | number)[]): void {
  context.told.add(error);
  context.errors.push({ message: error.message, code: error.code, graph: error.graph, path: [...toKeys(path), ...tail] });
}

/** The first null that has no reason of its own takes all of them. */
function tellLoose(context: EmitContext, loose: GraphError[], path: Path): void {
  for (const error of loose.splice(0)) tellGraph(context, error, path, []);
}

function tell(
  context: EmitContext,
  error: { readonly message: string; readonly code: string; readonly graph: string | null },
  path: Path | null,
): void {
  context.errors.push({ message: error.message, code: error.code, graph: error.graph, path: toKeys(path) });
}

export function toKeys(path: Path | null): (string | number)[] {
  const keys: (string | number)[] = [];
  for (let at = path; at !== null; at = at.above) keys.push(at.key);
  return keys.toReversed();
}
