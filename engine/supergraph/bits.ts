/**
 * Sets of small integers (concrete types by `objectId`, graphs by `GraphId`) as one bigint: immutable, compared by `===`, usable
 * as a key of a Map. Exports the set operations; none of them changes its arguments.
 */
export type Bits = bigint;

export const NO_BITS: Bits = 0n;

export function bit(id: number): Bits {
  return 1n << BigInt(id);
}

export function bitsOf(ids: Iterable<number>): Bits {
  let bits = NO_BITS;
  for (const id of ids) bits |= bit(id);
  return bits;
}

export function hasBit(bits: Bits, id: number): boolean {
  return ((bits >> BigInt(id)) & 1n) === 1n;
}

/** True when every member of `inner` is in `outer`. */
export function isSubset(inner: Bits, outer: Bits): boolean {
  return (inner & ~outer) === NO_BITS;
}

/** Members in rising order. */
export function idsOf(bits: Bits): number[] {
  const ids: number[] = [];
  let rest = bits;
  for (let base = 0; rest !== NO_BITS; base += 32, rest >>= 32n) {
    let word = Number(rest & 0xffff_ffffn);
    while (word !== 0) {
      const low = 31 - Math.clz32(word & -word);
      ids.push(base + low);
      word &= word - 1;
    }
  }
  return ids;
}

export function countBits(bits: Bits): number {
  let count = 0;
  for (let rest = bits; rest !== NO_BITS; rest >>= 32n) {
    for (let word = Number(rest & 0xffff_ffffn); word !== 0; word &= word - 1) count += 1;
  }
  return count;
}

/** The lowest member, -1 for the empty set. */
export function firstBit(bits: Bits): number {
  for (let base = 0, rest = bits; rest !== NO_BITS; base += 32, rest >>= 32n) {
    const word = Number(rest & 0xffff_ffffn);
    if (word !== 0) return base + 31 - Math.clz32(word & -word);
  }
  return -1;
}
