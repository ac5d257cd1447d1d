// Seeded randomness: the same seed gives the same industry on every machine.

export type Random = {
  /** A number in [0, 1). */
  readonly next: () => number;
  /** A whole number within the range, ends included. */
  readonly int: (from: number, to: number) => number;
  readonly pick: <T>(list: readonly T[]) => T;
  /** Some of a list, in the list's order. */
  readonly some: <T>(list: readonly T[], count: number) => T[];
  /** Log-normal: many small values and few large ones; `median` and the spread of the logarithm. */
  readonly logNormal: (median: number, spread: number) => number;
  /** True with the given chance. */
  readonly chance: (share: number) => boolean;
};

// mulberry32: 32 bits of state are plenty for a demo.
function createGenerator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = state;
    value = Math.imul(value ^ (value >>> 15), value | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function createRandom(seed: number): Random {
  const next = createGenerator(seed);
  const int = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1));
  const pick = <T>(list: readonly T[]): T => {
    const item = list[int(0, list.length - 1)];
    if (item === undefined) throw new RangeError('nothing to pick from');
    return item;
  };
  const some = <T>(list: readonly T[], count: number): T[] => {
    const places = list.map((_, i) => ({ i, order: next() }));
    const chosen = new Set(
      places
        .sort((a, b) => a.order - b.order)
        .slice(0, count)
        .map((place) => place.i),
    );
    return list.filter((_, i) => chosen.has(i));
  };
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  return { next, int, pick, some, logNormal: (median, spread) => median * Math.exp(spread * normal()), chance: (share) => next() < share };
}
