/** Tailing, the same for every driver: read until there is nothing more, wait for a wake-up, look again. */
import { feedLimits, type Feed, type FeedBatch, type FeedPosition, type TailOptions } from './feed.ts';
import type { Wakes } from './wakes.ts';

export type TailParts = {
  readonly read: Feed['read'];
  readonly wakes: Wakes;
  /** Wake-ups may get lost; after this time a tail looks all the same. */
  readonly pollMs: number;
  /** Fires when the feed is closed. */
  readonly closed: AbortSignal;
};

export async function* tailStream(
  stream: string,
  { after, signal, limit = feedLimits.readEvents }: TailOptions,
  parts: TailParts,
): AsyncGenerator<FeedBatch> {
  const { read, wakes, pollMs, closed } = parts;
  const ended = AbortSignal.any([signal, closed]);
  let position: FeedPosition | null = after;
  while (!ended.aborted) {
    const seen = wakes.count(stream);
    let batch: FeedBatch;
    try {
      batch = await read(stream, position, limit);
    } catch (error) {
      if (ended.aborted) return;
      throw error;
    }
    position = batch.next;
    if (batch.events.length > 0) yield batch;
    else await wakes.wait(stream, seen, { limitMs: pollMs, signal: ended });
  }
}
