/**
 * What was sent already in one call. Most objects of a list were met before: what was sent for them is found again without writing it.
 * Exports `sendAll`, which finds it before anything is written, and `Seen`, which finds it by the bytes that were written.
 */
import { hashWords, isEqual } from './bytes.ts';
import type { Access } from './rows.ts';
import { find } from './run.ts';
import type { Bound, Order, Run } from './run.ts';
import type { Leaf } from './same-objects.ts';
import { NONE } from './scan-values.ts';
import { hashSince, isEqualSince, position } from './writer.ts';

/** What decides about the text of a representation. */
export type Decided = {
  /** When it is made of leaves only. */
  readonly leaves: readonly Leaf[] | null;
  /** Equal indexes in what was sent for this node: equal representations, too. */
  readonly decidedBy: Access | null;
};

/** Writes the representation of an object, and says its index in what is sent; NONE when nothing is to be sent. */
export type Send = (row: number) => number;

/** Notes in `map` what each row of `order` is sent as. What is equal is sent once. */
export function sendAll(run: Run, { leaves, decidedBy }: Decided, { order, map }: Rows, send: Send): void {
  const sent = decidedBy === null ? undefined : run.maps[decidedBy.node.id];
  if (sent !== undefined) sendBySent(sent, order, map, send);
  else if (leaves === null) sendEach(order, map, send);
  else sendByLeaves(run, leaves, { order, map }, send);
}

export type Rows = { readonly order: Order; readonly map: Int32Array };

export function sendEach({ rows, count }: Order, map: Int32Array, send: Send): void {
  for (let at = 0; at < count; at += 1) {
    const row = rows === null ? at : (rows[at] ?? 0);
    map[row] = send(row);
  }
}

/** Nothing is known; NONE says that nothing is to be sent. */
const UNKNOWN = -2;

function sendBySent(sent: Int32Array, { rows, count }: Order, map: Int32Array, send: Send): void {
  const indexes = new Int32Array(map.length).fill(UNKNOWN);
  for (let at = 0; at < count; at += 1) {
    const row = rows === null ? at : (rows[at] ?? 0);
    const index = sent[row] ?? NONE;
    const known = index === NONE ? UNKNOWN : (indexes[index] ?? UNKNOWN);
    if (known !== UNKNOWN) map[row] = known;
    else {
      const fresh = send(row);
      map[row] = fresh;
      if (index !== NONE) indexes[index] = fresh;
    }
  }
}

/** Rows by the hash of their leaves, one in each place: what another took is written again. Used by one at a time. */
const places = new Int32Array(4_096);

function sendByLeaves(run: Run, leaves: readonly Leaf[], { order, map }: Rows, send: Send): void {
  const columns = leaves.map(({ access, column }): Column => ({ bound: run.bind(access), column }));
  let size = 16;
  while (size < 2 * order.count && size < places.length) size *= 2;
  places.fill(NONE, 0, size);
  for (let at = 0; at < order.count; at += 1) {
    const row = order.rows === null ? at : (order.rows[at] ?? 0);
    let hash = 0;
    for (let index = 0; index < columns.length; index += 1) hash = addLeaf(columns[index], row, hash);
    const place = hash & (size - 1);
    const other = places[place] ?? NONE;
    let isKnown = other !== NONE;
    for (let index = 0; isKnown && index < columns.length; index += 1) isKnown = isSame(columns[index], row, other);
    if (isKnown) map[row] = map[other] ?? NONE;
    else {
      map[row] = send(row);
      places[place] = row;
    }
  }
}

type Column = { readonly bound: Bound; readonly column: number };

function addLeaf(leaf: Column | undefined, row: number, hash: number): number {
  if (leaf === undefined) return hash;
  const { bound, column } = leaf;
  const at = find(bound, row);
  const from = at === NONE ? NONE : (bound.rows[at + column] ?? NONE);
  return from === NONE ? hash : hashWords(bound.view, from, bound.rows[at + column + 1] ?? from, hash);
}

function isSame(leaf: Column | undefined, row: number, other: number): boolean {
  if (leaf === undefined) return false;
  const { bound, column } = leaf;
  const one = find(bound, row);
  const two = find(bound, other);
  if (one === NONE || two === NONE) return one === two;
  const { rows, view } = bound;
  const from = rows[one + column] ?? NONE;
  const otherFrom = rows[two + column] ?? NONE;
  if (from === NONE || otherFrom === NONE) return from === otherFrom;
  const length = (rows[one + column + 1] ?? 0) - from;
  return (rows[two + column + 1] ?? 0) - otherFrom === length && isEqual(view, from, otherFrom, length);
}

/** What was written, by its bytes. */
export class Seen {
  count = 0;

  readonly #byHash = new Map<number, number[]>();
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  #hash = 0;

  find(from: number): number {
    this.#hash = hashSince(from);
    const length = position() - from;
    for (const index of this.#byHash.get(this.#hash) ?? NOTHING) {
      const start = this.#starts[index] ?? 0;
      if ((this.#ends[index] ?? 0) - start === length && isEqualSince(from, start)) return index;
    }
    return NONE;
  }

  /** After `find`, which has the hash. */
  add(from: number): number {
    const index = this.count;
    this.count += 1;
    this.#starts.push(from);
    this.#ends.push(position());
    const same = this.#byHash.get(this.#hash);
    if (same === undefined) this.#byHash.set(this.#hash, [index]);
    else same.push(index);
    return index;
  }
}

const NOTHING: readonly number[] = [];
