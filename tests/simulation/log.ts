/**
 * A durable log that can be hurt: an append may fail before or after it is durable, a read bring less than was asked for, a stream be trimmed,
 * restored from a backup that lacks its end, or wiped. It keeps the whole truth beside what can be read: what stood at each position of each epoch.
 * Appends go through the product's group append, positions are judged by the product's rule.
 */
import { createError } from '../../lib/errors/errors.ts';
import { toStart } from '../../lib/feed/feed.ts';
import { createGroupAppender } from '../../lib/feed/group-append.ts';
import type { AppendedGroup, GroupAppender, PreparedEvent } from '../../lib/feed/group-append.ts';
import type { FeedBatch, FeedPosition, StoredEvent } from '../../lib/feed/index.ts';
import type { Random } from '../differential/random.ts';
import type { VirtualClock } from './clock.ts';
import type { Story } from './story.ts';

/** What ever stood in an epoch: `events[0]` at `first`, then one position after the other. */
export type Truth = { readonly first: number; readonly events: StoredEvent[] };

export type SimLog = {
  /** The way in of one process: its appends wait for each other and go together. */
  createAppender(): GroupAppender;
  /** null: from the first that is kept. Throws FEED_RESET. */
  read(after: FeedPosition | null, limit: number): FeedBatch;
  head(): FeedPosition;
  /** Appends that are under way fail; each may be durable all the same, or not at all. */
  crash(): void;
  /** Forgets the events that are more than so many behind the head. */
  trim(kept: number): void;
  /** The last appends are lost; so the epoch is another one. */
  restore(lost: number): void;
  wipe(): void;
  onAppend(wake: () => void): void;
  /** The least seq that could be read at a time. */
  firstAt(epoch: string, at: number): number | undefined;
  readonly truth: ReadonlyMap<string, Truth>;
};

type World = { readonly clock: VirtualClock; readonly random: Random; readonly story: Story };

/** A stream that has gone on for long begins somewhere: whatever counts positions meets a round one in every second run. */
const LONGEST_PAST = 2_000;

export function createSimLog({ clock, random, story }: World): SimLog {
  const wakes: (() => void)[] = [];
  const truth = new Map<string, Truth>();
  const trims: { readonly epoch: string; readonly first: number; readonly at: number }[] = [];
  let [epochs, crashes, epoch, first] = [0, 0, '', 1 + random.int(LONGEST_PAST)];
  let last = first - 1;
  let kept: StoredEvent[] = [];
  let seqs = new Map<string, number>();
  /** Positions at which an append ended: a backup holds whole ones. */
  let borders: number[] = [];

  const begin = (name: string, events: readonly StoredEvent[]): void => {
    epoch = name;
    kept = [...events];
    seqs = new Map(kept.map(({ id, seq }) => [id, seq]));
    truth.set(epoch, { first, events: [...events] });
    trims.push({ epoch, first, at: clock.now() });
    for (const wake of wakes) wake();
  };
  const nextEpoch = (): string => `epoch${(epochs += 1)}`;
  begin(nextEpoch(), []);

  const commit = (events: readonly PreparedEvent[]): AppendedGroup => {
    const before = last;
    for (const { id, payloadText } of events) {
      if (seqs.has(id)) continue;
      const event: StoredEvent = { id, payload: JSON.parse(payloadText), seq: (last += 1) };
      seqs.set(id, event.seq);
      kept.push(event);
      truth.get(epoch)?.events.push(event);
    }
    borders.push(last);
    for (const wake of wakes) wake();
    return { epoch, seqs: events.map(({ id }) => seqs.get(id) ?? 0), before };
  };
  /** As a transaction: until its end nobody sees it, and whoever waits for it may never hear how it ended. */
  const appendGroup = async (events: readonly PreparedEvent[]): Promise<AppendedGroup> => {
    const crashed = crashes;
    await clock.delay(random.int(random.chance(0.02) ? 300 : 8));
    const fails = crashes !== crashed || random.chance(0.04);
    if (fails && random.chance(0.5)) throw createError('FEED_UNAVAILABLE', 'The append was not durable.');
    const done = commit(events);
    story.note('log', () => `${events[0]?.id} to ${events.at(-1)?.id} durable at ${done.epoch}/${done.seqs[0]} to ${done.seqs.at(-1)}`);
    if (fails) throw createError('FEED_UNAVAILABLE', 'The append was durable, but its answer is lost.');
    return done;
  };
  return {
    createAppender: () => createGroupAppender(appendGroup),
    read(after, limit) {
      const start = toStart('simulated', after, { epoch, first, last });
      const from = Math.max(0, start - first + 1);
      const events = kept.slice(from, from + (random.chance(0.1) ? 1 + random.int(limit) : limit));
      return { epoch, events, next: { epoch, seq: events.at(-1)?.seq ?? start } };
    },
    head: () => ({ epoch, seq: last }),
    crash: () => void (crashes += 1),
    trim(most) {
      const dropped = kept.splice(0, Math.max(0, kept.length - most));
      for (const { id } of dropped) seqs.delete(id);
      first += dropped.length;
      trims.push({ epoch, first, at: clock.now() });
    },
    restore(lost) {
      borders = borders.slice(0, Math.max(0, borders.length - lost));
      last = Math.max(first - 1, borders.at(-1) ?? 0);
      begin(
        nextEpoch(),
        kept.filter(({ seq }) => seq <= last),
      );
    },
    wipe() {
      [first, last, borders] = [1, 0, []];
      begin(nextEpoch(), []);
    },
    onAppend: (wake) => void wakes.push(wake),
    firstAt: (name, at) => trims.findLast((one) => one.epoch === name && one.at <= at)?.first,
    truth,
  };
}
