/**
 * The objects of a running operation as rows of tapes. An object of a position is known by its row in the answer that holds the
 * position's objects; where another answer has the same object is looked up by that row. Exports `compileAccess`, `Run`.
 */
import type { Plan, PlanNode, PlanPath, PlanPosition } from '../../plan/index.ts';
import type { Supergraph } from '../../supergraph/types.ts';
import { NotSpliced } from './not-spliced.ts';
import { NONE } from './scan-values.ts';
import type { Tape } from './scan.ts';
import { INNER_LIST, PRESENT, TYPE, record, useChild } from './shape.ts';
import type { FetchShapes, Shape, ShapeField } from './shape.ts';

/**
 * How a node's row is found. 'same': it is the row by which the object is known. 'root': the answer itself. 'sent': by the index of the
 * representation. 'beside': the same place of the same list in another answer.
 */
export type Access = {
  readonly node: PlanNode;
  readonly mode: 'same' | 'root' | 'sent' | 'beside';
  readonly fetch: number;
  readonly shape: Shape;
};

export type Site = {
  readonly position: PlanPosition;
  /** Class by number of the type in the shape of `typed`; where the type is not read there is one class, 0. */
  readonly typed: Access | null;
  readonly classByType: readonly number[];
  /** Where the objects are held: null at the root. */
  readonly holder: { readonly site: Site; readonly access: Access; readonly field: ShapeField } | null;
  readonly primary: Access | null;
};

export type Accesses = {
  node(id: number): Access;
  site(id: number): Site;
  shapes(fetch: number): FetchShapes;
  /** What is sent for a node. */
  pathOf(access: Access): PlanPath | undefined;
  /** After all has been compiled: what lists beside each other are followed by is recorded too. */
  close(): void;
};

export function compileAccess(plan: Plan, supergraph: Supergraph, shapes: readonly FetchShapes[]): Accesses {
  const nodes = new Map<number, Access>();
  const sites = new Map<number, Site>();
  const accesses: Accesses = {
    node(id) {
      const known = nodes.get(id) ?? toAccess(plan, shapes, id);
      nodes.set(id, known);
      return known;
    },
    site(id) {
      const known = sites.get(id) ?? toSite(plan, supergraph, accesses, id);
      sites.set(id, known);
      return known;
    },
    shapes(fetch) {
      const found = shapes[fetch];
      if (found === undefined) throw new NotSpliced('no such fetch');
      return found;
    },
    pathOf({ node }) {
      const { origin } = node;
      return origin.kind === 'entity' ? plan.fetches[node.fetch]?.calls[origin.call]?.paths[origin.path] : undefined;
    },
    close() {
      // A Map goes on over what is added meanwhile.
      for (const access of nodes.values()) {
        const { mode, node } = access;
        if (mode !== 'beside' || node.origin.kind !== 'field') continue;
        useOrder(accesses.site(node.position));
        const other = accesses.node(node.origin.node);
        useChild(other.shape, fieldOf(other.shape, node.origin.name));
        record(access.shape);
      }
    },
  };
  return accesses;
}

/** The objects of a position will be walked through. */
export function useOrder({ holder }: Site): void {
  if (holder === null) return;
  useChild(holder.access.shape, holder.field);
  useOrder(holder.site);
}

function toAccess(plan: Plan, shapes: readonly FetchShapes[], id: number): Access {
  const node = plan.nodes[id];
  const shape = node === undefined ? undefined : shapes[node.fetch]?.ofNode.get(id);
  const position = node === undefined ? undefined : plan.positions[node.position];
  if (node === undefined || shape === undefined || position === undefined) throw new NotSpliced('a node that no document asks for');
  const atRoot = plan.parts.some((part) => part.position === position.id);
  if ((node.origin.kind === 'root') !== atRoot) throw new NotSpliced('a root in the middle');
  const mode = node.origin.kind === 'root' ? 'root' : node.origin.kind === 'entity' ? 'sent' : position.primary === id ? 'same' : 'beside';
  return { node, mode, fetch: node.fetch, shape };
}

function toSite(plan: Plan, supergraph: Supergraph, accesses: Accesses, id: number): Site {
  const position = plan.positions[id];
  if (position === undefined || position.classes.length === 0) throw new NotSpliced('no such position');
  const typed = position.typeNode === null ? null : accesses.node(position.typeNode);
  if (typed !== null) record(typed.shape);
  if (typed === null && !position.typeless && position.classes.length > 1) throw new NotSpliced('several types, none known');
  const classByType = (typed?.shape.typeNames ?? []).map((name) =>
    isShown(supergraph, name) ? position.classes.findIndex(({ types }) => types.includes(name)) : NONE,
  );
  const [only] = position.classes;
  const staticName = position.classes.length === 1 && only?.types.length === 1 ? only.types[0] : undefined;
  if (typed === null && !position.typeless && staticName !== undefined && !isShown(supergraph, staticName))
    throw new NotSpliced('a type that nobody is shown');
  if (position.parent === null) return { position, typed, classByType, holder: null, primary: null };
  const primary = accesses.node(position.primary);
  const { origin } = primary.node;
  if (origin.kind !== 'field') throw new NotSpliced('objects that no field holds');
  const access = accesses.node(origin.node);
  const field = fieldOf(access.shape, origin.name);
  assertKnownByRow(plan, position, access);
  return { position, typed, classByType, holder: { site: accesses.site(position.parent.position), access, field }, primary };
}

/**
 * One entity may stand at several places: below it a row is one object for all of them. That is right as long as everything there
 * comes from below it as well.
 */
function assertKnownByRow(plan: Plan, position: PlanPosition, holder: Access): void {
  if (holder.mode === 'same' || holder.mode === 'root') return;
  for (const id of position.nodes) {
    const origin = plan.nodes[id]?.origin;
    if (origin?.kind === 'field' && origin.node !== holder.node.id) throw new NotSpliced('below one entity, but from two answers');
  }
}

/** As the emitter of objects judges it. */
function isShown(supergraph: Supergraph, name: string): boolean {
  const type = supergraph.types.get(name);
  return type === undefined || type.kind !== 'object' || type.public;
}

export function fieldOf(shape: Shape, name: string): ShapeField {
  const found = shape.fields.find((field) => field.name === name);
  if (found === undefined) throw new NotSpliced('a field that no document asks for');
  return found;
}

/** `map`: null where the row of the object is the row in this answer; else rows by it. */
export type Bound = {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly rows: Int32Array;
  readonly start: number;
  readonly stride: number;
  readonly map: Int32Array | null;
};

/** Where the row of an object begins in the answer of a node; NONE when there is null. */
export function find({ map, start, stride }: Bound, row: number): number {
  if (map === null) return start + row * stride;
  const at = map[row];
  return at === undefined || at === NONE ? NONE : start + at * stride;
}

/** Null for an entity, or none for it, is no row. */
function withoutNulls(map: Int32Array, { rows, starts, counts }: Tape, { index, stride }: Shape): Int32Array {
  const start = starts[index] ?? 0;
  const count = counts[index] ?? 0;
  const isNull = (row: number): boolean => row >= count || rows[start + row * stride + PRESENT] === NONE;
  return map.some((row) => row !== NONE && isNull(row)) ? map.map((row) => (row === NONE || isNull(row) ? NONE : row)) : map;
}

/** One running operation. */
export class Run {
  readonly accesses: Accesses;
  /** By fetch; null when nothing was asked, or nothing has come yet. */
  readonly tapes: (Tape | null)[];
  /** By node: rows by the row of the object. */
  readonly maps: (Int32Array | undefined)[] = [];
  readonly #bounds: (Bound | undefined)[] = [];
  readonly #orders: (Int32Array | undefined)[] = [];

  constructor(accesses: Accesses, fetches: number) {
    this.accesses = accesses;
    this.tapes = Array.from({ length: fetches }, () => null);
  }

  /** An answer as a node reads it. */
  bind(access: Access): Bound {
    const { node, fetch } = access;
    const known = this.#bounds[node.id];
    if (known !== undefined) return known;
    const tape = this.tapes[fetch];
    if (tape === null || tape === undefined) return ABSENT;
    const { index, stride } = access.shape;
    const { bytes, view, rows } = tape;
    const map =
      access.mode === 'same' || access.mode === 'root'
        ? null
        : withoutNulls(this.maps[node.id] ?? this.#beside(access), tape, access.shape);
    const bound: Bound = { bytes, view, rows, start: tape.starts[index] ?? 0, stride, map };
    this.#bounds[node.id] = bound;
    return bound;
  }

  /** Class of the object; refuses types that cannot stand here. */
  classOf({ typed, classByType }: Site, row: number): number {
    if (typed === null) return 0;
    const found = classByType[this.typeOf(typed, row)] ?? NONE;
    if (found === NONE) throw new NotSpliced('a type that cannot stand here');
    return found;
  }

  /** Number of its type in `typed.shape.typeNames`. */
  typeOf(typed: Access, row: number): number {
    const bound = this.bind(typed);
    const at = find(bound, row);
    return at === NONE ? NONE : (bound.rows[at + TYPE] ?? NONE);
  }

  /** Rows of all objects of a position, each once, in the order in which they are met. */
  order(site: Site): Int32Array {
    const { position, holder, primary } = site;
    const known = this.#orders[position.id];
    if (known !== undefined) return known;
    const order = holder === null || primary === null ? ROOT : this.#walk(site, holder, primary);
    this.#orders[position.id] = order;
    return order;
  }

  /** How many rows an object of the position may have. */
  size({ primary }: Site): number {
    if (primary === null) return 1;
    return this.tapes[primary.fetch]?.counts[primary.shape.index] ?? 0;
  }

  #walk(site: Site, { site: above, access, field }: NonNullable<Site['holder']>, primary: Access): Int32Array {
    const tape = this.tapes[primary.fetch];
    if (tape === null || tape === undefined) return NO_ROWS;
    const size = this.size(site);
    const found = new Int32Array(size);
    const seen = access.mode === 'sent' || access.mode === 'beside' ? new Uint8Array(size) : null;
    let count = 0;
    const take = (shape: Shape, row: number): void => {
      const at = (tape.starts[shape.index] ?? 0) + row * shape.stride;
      if (tape.rows[at + PRESENT] === NONE) return;
      if (shape.item !== null) return takeAll(shape.item, tape.rows[at + INNER_LIST] ?? NONE, tape.rows[at + INNER_LIST + 1] ?? 0);
      if (seen !== null) {
        if (seen[row] === 1) return;
        seen[row] = 1;
      }
      found[count] = row;
      count += 1;
    };
    const takeAll = (shape: Shape, first: number, items: number): void => {
      for (let item = 0; item < items; item += 1) take(shape, first + item);
    };
    const classIndex = site.position.parent?.classIndex ?? 0;
    const bound = this.bind(access);
    for (const row of this.order(above)) {
      if (this.classOf(above, row) !== classIndex) continue;
      const at = find(bound, row);
      if (at === NONE || field.child === null) continue;
      const first = bound.rows[at + field.childAt] ?? NONE;
      if (first !== NONE) takeAll(field.child, first, bound.rows[at + field.childAt + 1] ?? 0);
    }
    return found.subarray(0, count);
  }

  /** Two answers hold one list: item by item. */
  #beside(access: Access): Int32Array {
    const { node, mode } = access;
    if (mode !== 'beside' || node.origin.kind !== 'field') return NO_ROWS;
    const site = this.accesses.site(node.position);
    const { holder, primary } = site;
    const map = new Int32Array(this.size(site)).fill(NONE);
    if (holder !== null && primary !== null) {
      const other = this.accesses.node(node.origin.node);
      const otherField = fieldOf(other.shape, node.origin.name);
      const classIndex = site.position.parent?.classIndex ?? 0;
      for (const row of this.order(holder.site)) {
        if (this.classOf(holder.site, row) !== classIndex) continue;
        const at = find(this.bind(holder.access), row);
        const otherAt = find(this.bind(other), row);
        if (at === NONE || otherAt === NONE) continue;
        const one = this.#list(holder.access, holder.field, at);
        const two = this.#list(other, otherField, otherAt);
        pair(map, one, two);
      }
    }
    this.maps[node.id] = map;
    return map;
  }

  #list(access: Access, { child, childAt }: ShapeField, at: number): ListAt {
    const tape = this.tapes[access.fetch];
    if (tape === null || tape === undefined || child === null) throw new NotSpliced('no list');
    return { tape, shape: child, first: tape.rows[at + childAt] ?? NONE, items: tape.rows[at + childAt + 1] ?? 0 };
  }
}

type ListAt = { readonly tape: Tape; readonly shape: Shape; readonly first: number; readonly items: number };

function pair(map: Int32Array, one: ListAt, two: ListAt): void {
  if (one.first === NONE || two.first === NONE) return;
  if (one.items !== two.items) throw new NotSpliced('lists of different lengths');
  for (let item = 0; item < one.items; item += 1) {
    const row = one.first + item;
    const at = rowAt(one, row);
    const otherAt = rowAt(two, two.first + item);
    if (one.tape.rows[at + PRESENT] === NONE || two.tape.rows[otherAt + PRESENT] === NONE) continue;
    if (one.shape.item === null || two.shape.item === null) map[row] = two.first + item;
    else pair(map, inner(one, one.shape.item, at), inner(two, two.shape.item, otherAt));
  }
}

function rowAt({ tape, shape }: ListAt, row: number): number {
  return (tape.starts[shape.index] ?? 0) + row * shape.stride;
}

function inner({ tape }: ListAt, shape: Shape, at: number): ListAt {
  return { tape, shape, first: tape.rows[at + INNER_LIST] ?? NONE, items: tape.rows[at + INNER_LIST + 1] ?? 0 };
}

const ROOT = Int32Array.of(0);
const NO_ROWS = new Int32Array(0);

const ABSENT: Bound = {
  bytes: new Uint8Array(0),
  view: new DataView(new ArrayBuffer(0)),
  rows: NO_ROWS,
  start: 0,
  stride: 0,
  map: NO_ROWS,
};
