// Chance that is drawn from the seed of the run: it decides between equals, never an id or the order of the input.
import { createHash } from 'node:crypto';

/** 32 bits drawn for a text. */
export const drawText = (seed: string, text: string): number => createHash('sha256').update(`${seed}\n${text}`).digest().readUInt32BE(0);

/** 32 bits drawn for two that were drawn. */
export function drawPair(a: number, b: number): number {
  let mixed = Math.imul(a ^ (b >>> 15) ^ Math.imul(b, 0x9e3779b1), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

export type Drawn<T> = { readonly value: T; readonly draw: number };

/** The values in an order drawn by the seed; the same whatever the order they came in. */
export function shuffle<T>(values: readonly T[], seed: string, idOf: (value: T) => string): Drawn<T>[] {
  const drawn = values.map((value) => ({ value, id: idOf(value), draw: drawText(seed, idOf(value)) }));
  return drawn.toSorted((a, b) => a.draw - b.draw || (a.id < b.id ? -1 : 1)).map(({ value, draw }) => ({ value, draw }));
}
