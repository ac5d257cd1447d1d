/**
 * A durable log that can be hurt: a process may die before or after an append is durable, a stream be trimmed, or restored from a backup that lacks
 * its end. It keeps the whole truth beside what can be read: what stood at each position of each epoch.
 */
import { createError } from '../../lib/errors/errors.ts';
import { toStart } from '../../lib/feed/feed.ts';
import type { FeedBatch, FeedPosition, StoredEvent } from '../../lib/feed/index.ts';

export type SimLog = {
  /** Durable when it returns. An id that is kept already is not appended again. */
  append(events: readonly { readonly id: string; readonly payload: unknown }[]): FeedPosition;
  read(after: FeedPosition, limit: number): FeedBatch;
  head(): FeedPosition;
  /** Forgets events with a smaller seq. */
  trim(before: number): void;
  /** The last events are lost; so the epoch is another one. */
  restore(lost: number): void;
  onAppend(wake: () => void): void;
  readonly first: number;
  /** By epoch, everything that ever stood there, in order. */
  readonly truth: ReadonlyMap<string, readonly StoredEvent[]>;
};

export function createSimLog(): SimLog {
  const wakes: (() => void)[] = [];
  const truth = new Map<string, StoredEvent[]>();
  let [epochs, first, last] = [0, 1, 0];
  let epoch = '';
  let kept: StoredEvent[] = [];

  const begin = (events: readonly StoredEvent[]): void => {
    epoch = `epoch${(epochs += 1)}`;
    kept = [...events];
    truth.set(epoch, [...events]);
  };
  begin([]);
  return {
    append(events) {
      for (const { id, payload } of events) {
        if (kept.some((one) => one.id === id)) continue;
        const event = { id, payload, seq: (last += 1) };
        kept.push(event);
        truth.get(epoch)?.push(event);
      }
      for (const wake of wakes) wake();
      return { epoch, seq: last };
    },
    read(after, limit) {
      if (limit < 1) throw createError('INTERNAL', 'A read asks for one event at least.');
      const start = toStart('simulated', after, { epoch, first, last });
      const events = kept.filter(({ seq }) => seq > start).slice(0, limit);
      return { epoch, events, next: { epoch, seq: events.at(-1)?.seq ?? start } };
    },
    head: () => ({ epoch, seq: last }),
    trim(before) {
      first = Math.max(first, Math.min(before, last + 1));
      kept = kept.filter(({ seq }) => seq >= first);
    },
    restore(lost) {
      last = Math.max(first - 1, last - lost);
      begin(kept.filter(({ seq }) => seq <= last));
      for (const wake of wakes) wake();
    },
    onAppend: (wake) => void wakes.push(wake),
    get first() {
      return first;
    },
    truth,
  };
}
