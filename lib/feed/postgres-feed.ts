/** The feed over PostgreSQL: the default. postgres-schema.ts says why its positions have no gaps, postgres-store.ts has the statements. */
import type pg from 'pg';
import { createError, isHubError, toMessage } from '../errors/errors.ts';
import type { Log } from '../log/log.ts';
import { createPool, toSettingName } from '../postgres/pool.ts';
import { isPassing } from '../postgres/retry.ts';
import { assertName, toPayloadText, toStart, type Feed } from './feed.ts';
import { createGroupAppender, type GroupAppender } from './group-append.ts';
import { startListener } from './postgres-listener.ts';
import { toChannel } from './postgres-schema.ts';
import { createStore, type Store } from './postgres-store.ts';
import { tailStream } from './tail.ts';
import { createWakes } from './wakes.ts';

export type PostgresFeedOptions = {
  /** A pool of one's own is made from it … */
  readonly url?: string;
  /** … or one is lent, which stays open. A tailing feed keeps one of its connections. */
  readonly pool?: pg.Pool;
  readonly schema?: string;
  readonly log?: Log;
  /** For how long append() waits for a server that is away. */
  readonly appendLimitMs?: number;
  /** After this time a tail looks even if no wake-up came. */
  readonly pollMs?: number;
  readonly maxConnections?: number;
};

const readLimitMs = 10_000;
const drainLimitMs = 5_000;

export function createPostgresFeed(options: PostgresFeedOptions): Feed {
  const { schema = 'feed', log, appendLimitMs = 30_000, pollMs = 1_000, maxConnections = 4 } = options;
  const closing = new AbortController();
  const closed = closing.signal;
  const pool = options.pool ?? createOwnPool(options, maxConnections);
  const store = createStore({ pool, schema: toSettingName(schema), closed });
  const appenders = createAppenders(store, appendLimitMs, closed);
  const wakes = createWakes();
  let stopListening: (() => Promise<void>) | undefined;

  const readHead: Feed['head'] = async (stream) => {
    const { epoch, last } = await store.readState(stream);
    return { epoch, seq: last };
  };

  return {
    append: async (stream, events) => {
      appenders.assertOpen();
      assertName('stream', stream);
      const prepared = events.map((event) => ({ id: event.id, payloadText: toPayloadText(event) }));
      return prepared.length === 0 ? { ...(await readHead(stream)), repeated: 0 } : appenders.of(stream).append(prepared);
    },
    read: (stream, after, limit) => store.read(stream, after, limit, readLimitMs),
    tail: (stream, tailOptions) => {
      stopListening ??= startListener({ pool, channel: toChannel(schema), wakes, closed, ...(log ? { log } : {}) });
      const read: Feed['read'] = (name, after, limit) => store.read(name, after, limit, Number.POSITIVE_INFINITY);
      return tailStream(stream, tailOptions, { read, wakes, pollMs, closed });
    },
    trim: async (stream, before) => {
      const state = await store.readState(stream);
      toStart(stream, { epoch: before.epoch, seq: Math.max(before.seq, state.first) - 1 }, state);
      await store.trim(stream, before.seq);
    },
    head: readHead,
    close: async () => {
      await appenders.close();
      closing.abort();
      await stopListening?.();
      if (!options.pool) await pool.end();
    },
  };
}

type Appenders = {
  of(stream: string): GroupAppender;
  /** Throws FEED_CLOSED after close(). */
  assertOpen(): void;
  /** Waits for what was handed in, within a limit. */
  close(): Promise<void>;
};

/** One appender for each stream that this process has appended to. */
function createAppenders(store: Store, limitMs: number, closed: AbortSignal): Appenders {
  const appenders = new Map<string, GroupAppender>();
  let open = true;
  return {
    of: (stream) => {
      const found = appenders.get(stream);
      if (found) return found;
      const appender = createGroupAppender((events) =>
        store.append(stream, events, limitMs).catch((error: unknown) => {
          throw toAppendError(error, limitMs, closed.aborted);
        }),
      );
      appenders.set(stream, appender);
      return appender;
    },
    assertOpen: () => {
      if (!open) throw createError('FEED_CLOSED', 'The feed was closed.');
    },
    close: async () => {
      open = false;
      const drained = Promise.all([...appenders.values()].map((appender) => appender.drain()));
      await Promise.race([drained, new Promise((resolve) => setTimeout(resolve, drainLimitMs).unref())]);
    },
  };
}

function toAppendError(error: unknown, limitMs: number, closed: boolean): unknown {
  if (closed) return createError('FEED_CLOSED', 'The feed was closed before the events were appended.', { cause: error });
  if (isHubError(error) || !isPassing(error)) return error;
  const message = `The feed's database did not take the events within ${limitMs} ms: ${toMessage(error)}. See whether it runs; then append again.`;
  return createError('FEED_UNAVAILABLE', message, { cause: error });
}

function createOwnPool({ url, log }: PostgresFeedOptions, max: number): pg.Pool {
  if (url === undefined) throw new TypeError('Expected a url or a pool for the feed.');
  return createPool({ url, max, applicationName: 'feed', ...(log ? { log } : {}) });
}
