/**
 * The topics that are followed now: one reader of each for all cohorts of this gateway, which keeps what came last. Outages of the feed are
 * waited out. Exports `createTopics`.
 */
import { isHubError } from '../../lib/errors/errors.ts';
import type { Feed, FeedBatch, FeedPosition, StoredEvent } from '../../lib/feed/index.ts';
import type { Log } from '../../lib/log/log.ts';

/** What a cohort reads (`CohortPorts`), and how far its reader came. */
export type Topic = {
  /** Where the reader stands: at most a moment behind the stream. Waits for the feed. */
  position(): Promise<FeedPosition>;
  seen(): number;
  wait(seen: number, signal: AbortSignal): Promise<void>;
  /** Throws FEED_RESET, FEED_CLOSED. */
  read(after: FeedPosition, limit: number): Promise<FeedBatch>;
  head(): Promise<FeedPosition>;
  /** Once, by each who opened it. */
  release(): void;
};

export type Topics = { open(topic: string): Topic; close(): void };

/** Events that are kept of one topic, and their size as JSON. */
const keptEvents = 2_000;
const keptBytes = 16_777_216;
const firstPauseMs = 50;
const longestPauseMs = 2_000;

export function createTopics(feed: Feed, log: Log): Topics {
  const readers = new Map<string, { reader: TopicReader; users: number }>();
  return {
    open(topic) {
      const entry = readers.get(topic) ?? { reader: new TopicReader(topic, feed, log), users: 0 };
      readers.set(topic, entry);
      entry.users += 1;
      const { reader } = entry;
      return {
        position: () => reader.position(),
        seen: () => reader.seen(),
        wait: (seen, signal) => reader.wait(seen, signal),
        read: (after, limit) => reader.read(after, limit),
        head: () => reader.head(),
        release() {
          entry.users -= 1;
          if (entry.users > 0) return;
          readers.delete(topic);
          reader.end();
        },
      };
    },
    close() {
      for (const { reader } of readers.values()) reader.end();
      readers.clear();
    },
  };
}

class TopicReader {
  readonly #topic: string;
  readonly #feed: Feed;
  readonly #log: Log;
  readonly #ending = new AbortController();
  readonly #kept = new Kept();
  readonly #waiting = new Set<() => void>();
  readonly #begun: Promise<void>;
  #version = 0;
  /** A call of the feed's head that has not begun yet: whoever asks now may share it. */
  #nextHead: Promise<FeedPosition> | null = null;
  #head: Promise<unknown> = Promise.resolve();

  constructor(topic: string, feed: Feed, log: Log) {
    this.#topic = topic;
    this.#feed = feed;
    this.#log = log;
    this.#begun = this.#startAnew();
    this.#begun.then(
      () => this.#follow(),
      () => undefined, // the feed is closed: whoever asks is told
    );
  }

  async position(): Promise<FeedPosition> {
    await this.#begun;
    return this.#kept.position;
  }

  seen(): number {
    return this.#version;
  }

  wait(seen: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted || this.#ending.signal.aborted || this.#version !== seen) return resolve();
      const done = (): void => {
        signal.removeEventListener('abort', done);
        this.#waiting.delete(done);
        resolve();
      };
      signal.addEventListener('abort', done);
      this.#waiting.add(done);
    });
  }

  async read(after: FeedPosition, limit: number): Promise<FeedBatch> {
    return this.#kept.after(after, limit) ?? this.#insist(() => this.#feed.read(this.#topic, after, limit));
  }

  /** As of now or later: a call that runs already may be too old. */
  head(): Promise<FeedPosition> {
    if (this.#nextHead !== null) return this.#nextHead;
    const next = this.#head.then(() => {
      this.#nextHead = null;
      return this.#insist(() => this.#feed.head(this.#topic));
    });
    this.#nextHead = next;
    this.#head = next.catch(() => undefined);
    return next;
  }

  end(): void {
    this.#ending.abort();
    this.#wake();
  }

  async #startAnew(): Promise<void> {
    this.#kept.startAt(await this.head());
  }

  async #follow(): Promise<void> {
    const { signal } = this.#ending;
    for (let pauseMs = firstPauseMs; !signal.aborted; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
      try {
        for await (const batch of this.#feed.tail(this.#topic, { after: this.#kept.position, signal })) {
          this.#kept.add(batch);
          pauseMs = firstPauseMs;
          this.#wake();
        }
      } catch (error) {
        if (signal.aborted || isHubError(error, 'FEED_CLOSED')) return;
        if (isHubError(error, 'FEED_RESET')) await this.#startAnew().catch(() => undefined);
        else this.#log.warn({ topic: this.#topic, err: error }, 'a topic cannot be read now');
        this.#wake();
      }
      await pause(pauseMs, signal);
    }
  }

  /** Until the feed answers, refuses the position, or is closed. */
  async #insist<Result>(call: () => Promise<Result>): Promise<Result> {
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
      try {
        return await call();
      } catch (error) {
        if (this.#ending.signal.aborted || isHubError(error, 'FEED_RESET') || isHubError(error, 'FEED_CLOSED')) throw error;
        if (pauseMs === longestPauseMs) this.#log.warn({ topic: this.#topic, err: error }, 'the feed does not answer');
        await pause(pauseMs, this.#ending.signal);
      }
    }
  }

  #wake(): void {
    this.#version += 1;
    for (const done of this.#waiting) done();
  }
}

/** The newest events of one topic, as its reader got them. */
class Kept {
  #epoch = '';
  #events: StoredEvent[] = [];
  #sizes: number[] = [];
  #bytes = 0;
  /** Events after `from` are here, up to `upTo`. */
  #from = 0;
  #upTo = 0;

  get position(): FeedPosition {
    return { epoch: this.#epoch, seq: this.#upTo };
  }

  startAt({ epoch, seq }: FeedPosition): void {
    this.#epoch = epoch;
    this.#events = [];
    this.#sizes = [];
    this.#bytes = 0;
    this.#from = seq;
    this.#upTo = seq;
  }

  add({ events, next }: FeedBatch): void {
    for (const event of events) {
      const size = JSON.stringify(event.payload).length;
      this.#events.push(event);
      this.#sizes.push(size);
      this.#bytes += size;
    }
    this.#upTo = next.seq;
    let spare = Math.max(0, this.#events.length - keptEvents);
    for (let at = 0; at < this.#events.length && (at < spare || this.#bytes > keptBytes); at += 1) {
      this.#bytes -= this.#sizes[at] ?? 0;
      spare = Math.max(spare, at + 1);
    }
    if (spare === 0) return;
    this.#from = this.#events[spare - 1]?.seq ?? this.#from;
    this.#events = this.#events.slice(spare);
    this.#sizes = this.#sizes.slice(spare);
  }

  /** Null: not all of them are here. */
  after({ epoch, seq }: FeedPosition, limit: number): FeedBatch | null {
    if (epoch !== this.#epoch || seq < this.#from || seq > this.#upTo) return null;
    let low = 0;
    for (let high = this.#events.length; low < high;) {
      const middle = (low + high) >> 1;
      if ((this.#events[middle]?.seq ?? 0) <= seq) low = middle + 1;
      else high = middle;
    }
    const events = this.#events.slice(low, low + limit);
    const isAll = low + limit >= this.#events.length;
    return { epoch, events, next: { epoch, seq: isAll ? this.#upTo : (events.at(-1)?.seq ?? seq) } };
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
