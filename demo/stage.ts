// What every actor gets: the client, randomness of its own, the day, and keys that make each step safe to repeat.
import type { Clock } from '../lib/clock/clock.ts';
import type { Client, Player } from './client.ts';
import { createRandom, type Random } from './random.ts';

export type Stage = {
  readonly client: Client;
  readonly hub: Player;
  readonly seed: number;
  /** When the play began. */
  readonly now: Date;
  /** When a step is made that follows an earlier one. */
  readonly clock: Clock;
  /** Business day of `now`. */
  readonly today: string;
  readonly currency: string;
  /** Randomness for one actor or step; the same for the same words. */
  readonly random: (...words: readonly (string | number)[]) => Random;
  /** Idempotency key of one step. */
  readonly key: (...words: readonly (string | number)[]) => string;
  readonly yuan: (amount: number) => { amountMinor: number; currency: string };
};

const KEY_MOST = 64;

const hash = (text: string): number =>
  Array.from(text).reduce((sum, char) => Math.imul(sum ^ char.charCodeAt(0), 16_777_619) >>> 0, 2_166_136_261);

export function createStage(options: {
  client: Client;
  hub: Player;
  seed: number;
  now: Date;
  clock: Clock;
  today: string;
  currency: string;
}): Stage {
  const { seed, currency } = options;
  return {
    ...options,
    random: (...words) => createRandom(hash(`${seed}:${words.join(':')}`)),
    key: (...words) => {
      const key = `demo:${seed}:${words.join(':')}`;
      return key.length <= KEY_MOST ? key : `${key.slice(0, KEY_MOST - 9)}:${hash(key).toString(16).padStart(8, '0')}`;
    },
    yuan: (amount) => ({ amountMinor: Math.round(amount * 100), currency }),
  };
}

/** Runs the work for every item, at most `width` at a time, in the order of the list. */
export async function forEachOf<T, R>(list: readonly T[], width: number, work: (item: T, index: number) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < list.length) {
      const index = next;
      next += 1;
      // the index is below the length
      results[index] = await work(list[index] as T, index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, list.length) }, worker));
  return results;
}

/** The list in parts of at most `size`. */
export const inParts = <T>(list: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(list.length / size) }, (_, i) => list.slice(i * size, (i + 1) * size));
