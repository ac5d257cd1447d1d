/** Seeded randomness and hashing: the same seed gives the same cut, data and operations on every machine. */

export type Random = {
  /** In [0, 1). */
  next(): number;
  /** In [0, below). */
  int(below: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** `count` different items (or all), in random order. */
  sample<T>(list: readonly T[], count: number): T[];
};

export function createRandom(seed: number): Random {
  let state = hash('seed', seed);
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const int = (below: number): number => Math.floor(next() * below);
  const sample = <T>(list: readonly T[], count: number): T[] => {
    const rest = [...list];
    const taken: T[] = [];
    while (taken.length < count && rest.length > 0) taken.push(...rest.splice(int(rest.length), 1));
    return taken;
  };
  return {
    next,
    int,
    chance: (probability) => next() < probability,
    pick: (list) => {
      const [item] = sample(list, 1);
      if (item === undefined) throw new Error('Nothing to pick from');
      return item;
    },
    sample,
  };
}

/** FNV-1a over the parts, then mixed: a whole number from 0 to 2^32 - 1. */
export function hash(...parts: readonly (string | number)[]): number {
  const text = parts.join('\u0001');
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x7feb352d);
  value = Math.imul(value ^ (value >>> 15), 0x846ca68b);
  return (value ^ (value >>> 16)) >>> 0;
}
