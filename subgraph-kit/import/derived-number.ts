// Numbers made from a text instead of chance: what a generator makes up for a row is the same on every hub and in every run.
import { createHash } from 'node:crypto';

/** A whole number from 0 to below `limit` (at most 2^32), spread evenly over texts. */
export const toNumber = (text: string, limit: number): number =>
  Math.floor((createHash('sha256').update(text).digest().readUInt32BE(0) / 2 ** 32) * limit);
