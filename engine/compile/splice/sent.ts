/**
 * What was sent already in one call. Exports `Memory`, which finds it before anything is written, and `Seen`, which finds it by the
 * bytes that were written.
 */
import { hashOf } from './bytes.ts';
import type { Writer } from './bytes.ts';
import { find } from './rows.ts';
import type { Access, Bound, Run } from './rows.ts';
import { NONE } from './scan-values.ts';

export type Leaf = { readonly access: Access; readonly column: number };

/** What decides about the text of a representation. */
type Decided = {
  /** When it is made of leaves only. */
  readonly leaves: readonly Leaf[] | null;
  /** Equal indexes in what was sent for this node: equal representations, too. */
  readonly decidedBy: Access | null;
};

/**
 * Most objects of a list were met before. What was sent for them is found again without writing it: by the index of what another fetch
 * was sent for them, or by the bytes of their leaves.
 */
export class Memory {
  readonly #run: Run;
  readonly #map: Int32Array;
  readonly #rowByHash = new Map<number, number>();
  #entry: Decided | null = null;
  #bounds: Bound[] = [];
  #hash = 0;
  #index = NONE;
  #indexes: Int32Array | undefined = undefined;
  #sent: Int32Array | undefined = undefined;

  constructor(run: Run, map: Int32Array) {
    this.#run = run;
    this.#map = map;
  }

  recall(entry: Decided, row: number): number | undefined {
    if (entry !== this.#entry) this.#begin(entry);
    this.#index = this.#sent?.[row] ?? NONE;
    if (this.#index !== NONE) {
      const known = this.#indexes?.[this.#index] ?? UNKNOWN;
      return known === UNKNOWN ? undefined : known;
    }
    const { leaves } = entry;
    if (leaves === null) return undefined;
    this.#hash = 0;
    for (let index = 0; index < leaves.length; index += 1) this.#addLeaf(index, leaves, row);
    const other = this.#rowByHash.get(this.#hash);
    return other !== undefined && this.#isSame(leaves, row, other) ? this.#map[other] : undefined;
  }

  /** After `recall`, for the same object. */
  keep(row: number, sent: number): number {
    if (this.#index !== NONE && this.#indexes !== undefined) this.#indexes[this.#index] = sent;
    else if (this.#entry?.leaves !== null && !this.#rowByHash.has(this.#hash)) this.#rowByHash.set(this.#hash, row);
    return sent;
  }

  /** Objects of another type: nothing that is known helps. */
  #begin(entry: Decided): void {
    this.#entry = entry;
    this.#rowByHash.clear();
    this.#bounds = (entry.leaves ?? []).map(({ access }) => this.#run.bind(access));
    const { decidedBy } = entry;
    this.#sent = decidedBy === null ? undefined : this.#run.maps[decidedBy.node.id];
    this.#indexes = decidedBy === null ? undefined : new Int32Array(this.#map.length).fill(UNKNOWN);
  }

  #addLeaf(index: number, leaves: readonly Leaf[], row: number): void {
    const bound = this.#bounds[index];
    const leaf = leaves[index];
    if (bound === undefined || leaf === undefined) return;
    const at = find(bound, row);
    const from = at === NONE ? NONE : (bound.rows[at + leaf.column] ?? NONE);
    this.#hash =
      from === NONE
        ? Math.imul(this.#hash, 31)
        : Math.imul(this.#hash, 37) ^ hashOf(bound.bytes, from, bound.rows[at + leaf.column + 1] ?? from);
  }

  #isSame(leaves: readonly Leaf[], row: number, other: number): boolean {
    for (let index = 0; index < leaves.length; index += 1) {
      const bound = this.#bounds[index];
      const leaf = leaves[index];
      if (bound === undefined || leaf === undefined || !isSameLeaf(bound, leaf.column, find(bound, row), find(bound, other))) return false;
    }
    return true;
  }
}

function isSameLeaf({ bytes, rows }: Bound, column: number, one: number, other: number): boolean {
  if (one === NONE || other === NONE) return one === other;
  const from = rows[one + column] ?? NONE;
  const otherFrom = rows[other + column] ?? NONE;
  if (from === NONE || otherFrom === NONE) return from === otherFrom;
  const length = (rows[one + column + 1] ?? 0) - from;
  if ((rows[other + column + 1] ?? 0) - otherFrom !== length) return false;
  for (let at = 0; at < length; at += 1) if (bytes[from + at] !== bytes[otherFrom + at]) return false;
  return true;
}

/** Nothing was sent yet for an index; NONE says that nothing is to be sent. */
const UNKNOWN = -2;

/** What was written, by its bytes. */
export class Seen {
  readonly #out: Writer;

  count = 0;

  constructor(out: Writer) {
    this.#out = out;
  }

  readonly #byHash = new Map<number, number[]>();
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  #hash = 0;

  find(from: number): number {
    this.#hash = this.#out.hash(from);
    const length = this.#out.length - from;
    for (const index of this.#byHash.get(this.#hash) ?? NOTHING) {
      const start = this.#starts[index] ?? 0;
      if ((this.#ends[index] ?? 0) - start === length && this.#out.equals(from, start)) return index;
    }
    return NONE;
  }

  /** After `find`, which has the hash. */
  add(from: number): number {
    const index = this.count;
    this.count += 1;
    this.#starts.push(from);
    this.#ends.push(this.#out.length);
    const same = this.#byHash.get(this.#hash);
    if (same === undefined) this.#byHash.set(this.#hash, [index]);
    else same.push(index);
    return index;
  }
}

const NOTHING: readonly number[] = [];
