/**
 * One running operation: the answers so far, and which of their rows belong to which objects. Exports `Run`, `Bound`.
 */
import { NotSpliced } from './not-spliced.ts';
import { fieldOf } from './rows.ts';
import type { Access, Accesses, Site } from './rows.ts';
import { NONE } from './scan-values.ts';
import type { Tape } from './scan.ts';
import { INNER_LIST, PRESENT, TYPE } from './shape.ts';
import type { Shape, ShapeField } from './shape.ts';

/** `map`: null where the row of the object is the row in this answer; else rows by it. */
export type Bound = {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly rows: Int32Array;
  readonly start: number;
  readonly stride: number;
  readonly map: Int32Array | null;
  readonly tape: Tape | null;
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
  let found: Int32Array | null = null;
  for (let at = 0; at < map.length; at += 1) {
    const row = map[at] ?? NONE;
    if (row === NONE || (row < count && rows[start + row * stride + PRESENT] !== NONE)) continue;
    found ??= map.slice();
    found[at] = NONE;
  }
  return found ?? map;
}

/** Rows one after the other; `rows` is null where they are 0, 1, 2 and so on. */
export type Order = { readonly rows: Int32Array | null; readonly count: number };

/** One running operation. */
export class Run {
  readonly accesses: Accesses;
  /** By fetch; null when nothing was asked, or nothing has come yet. */
  readonly tapes: (Tape | null)[];
  /** By node: rows by the row of the object. */
  readonly maps: (Int32Array | undefined)[] = [];
  readonly #bounds: (Bound | undefined)[] = [];
  readonly #orders: (Order | undefined)[] = [];

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
    const bound: Bound = { bytes, view, rows, start: tape.starts[index] ?? 0, stride, map, tape };
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
  order(site: Site): Order {
    const { position, holder, primary } = site;
    const known = this.#orders[position.id];
    if (known !== undefined) return known;
    const order = holder === null || primary === null ? ROOT : site.inOrder ? this.#all(primary) : this.#walk(site, holder, primary);
    this.#orders[position.id] = order;
    return order;
  }

  /** How many rows a node has. */
  rowsOf({ fetch, shape }: Access): number {
    return this.tapes[fetch]?.counts[shape.index] ?? 0;
  }

  /** How many rows an object of the position may have. */
  size({ primary }: Site): number {
    if (primary === null) return 1;
    return this.rowsOf(primary);
  }

  /** All objects that are not null. */
  #all(primary: Access): Order {
    const { rows, start, stride } = this.bind(primary);
    const size = this.rowsOf(primary);
    let found: Int32Array | null = null;
    let count = 0;
    for (let row = 0; row < size; row += 1) {
      if (rows[start + row * stride + PRESENT] === NONE) found ??= Int32Array.from({ length: size }, (_, index) => index);
      else {
        if (found !== null) found[count] = row;
        count += 1;
      }
    }
    return { rows: found, count };
  }

  #walk(site: Site, { site: above, access, field }: NonNullable<Site['holder']>, primary: Access): Order {
    const tape = this.tapes[primary.fetch];
    if (tape === null || tape === undefined) return NO_OBJECTS;
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
    const { rows: rowsAbove, count: countAbove } = this.order(above);
    for (let index = 0; index < countAbove; index += 1) {
      const row = rowsAbove === null ? index : (rowsAbove[index] ?? 0);
      if (this.classOf(above, row) !== classIndex) continue;
      const at = find(bound, row);
      if (at === NONE || field.child === null) continue;
      const first = bound.rows[at + field.childAt] ?? NONE;
      if (first !== NONE) takeAll(field.child, first, bound.rows[at + field.childAt + 1] ?? 0);
    }
    return { rows: found, count };
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
      const { rows, count } = this.order(holder.site);
      for (let index = 0; index < count; index += 1) {
        const row = rows === null ? index : (rows[index] ?? 0);
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

const ROOT: Order = { rows: null, count: 1 };
const NO_OBJECTS: Order = { rows: null, count: 0 };
const NO_ROWS = new Int32Array(0);

/** Of an answer that was not asked for. */
export const ABSENT: Bound = {
  bytes: new Uint8Array(0),
  view: new DataView(new ArrayBuffer(0)),
  rows: NO_ROWS,
  start: 0,
  stride: 0,
  map: NO_ROWS,
  tape: null,
};
