/** The feed over PostgreSQL: the default. postgres-schema.ts says why its positions have no gaps. */
import type pg from 'pg';
import { createError, isHubError, toErrorCode, toMessage } from '../errors/errors.ts';
import type { Log } from '../log/log.ts';
import { createPool, toSettingName } from '../postgres/pool.ts';
import { isPassing, withRetry } from '../postgres/retry.ts';
import { assertName, feedLimits, toPayloadText, toStart, type Feed, type FeedEvent, type FeedPosition, type StreamState } from './feed.ts';
import { createGroupAppender, type AppendGroup, type GroupAppender } from './group-append.ts';
import { startListener } from './postgres-listener.ts';
import { ensureFeedSchema, toChannel } from './postgres-schema.ts';
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
/** A read ends after about so many bytes, as stored. */
const readBytes = 8_388_608;
const trimChunk = 10_000;

export function createPostgresFeed(options: PostgresFeedOptions): Feed {
  const { schema = 'feed', log, appendLimitMs = 30_000, pollMs = 1_000, maxConnections = 4 } = options;
  const pool = options.pool ?? createOwnPool(options, maxConnections);
  const sql = toSql(toSettingName(schema));
  const wakes = createWakes();
  const closing = new AbortController();
  const appenders = new Map<string, GroupAppender>();
  let ready: Promise<void> | undefined;
  let stopListening: (() => Promise<void>) | undefined;
  let refusing = false;

  const ensureTables = async (): Promise<void> => {
    ready ??= withClient(pool, (client) => ensureFeedSchema(client, schema));
    await ready.catch((error: unknown) => {
      ready = undefined;
      throw error;
    });
  };

  /** Runs on the feed's tables, which are made at the first use, and again if somebody wipes them: then every stream has a new epoch. */
  async function run<T>(limitMs: number, work: (pool: pg.Pool) => Promise<T>, signal = closing.signal): Promise<T> {
    if (closing.signal.aborted) throw createError('FEED_CLOSED', 'The feed was closed.');
    return withRetry(
      async () => {
        await ensureTables();
        return work(pool).catch(async (error: unknown) => {
          // The server that comes back may be one restored from a backup
          if (isMissing(error) || isPassing(error)) ready = undefined;
          if (!isMissing(error)) throw error;
          await ensureTables();
          return work(pool);
        });
      },
      { limitMs, signal },
    );
  }

  const appendGroupTo = (stream: string): AppendGroup => async (events) => {
    const parameters = [stream, events.map(({ id }) => id), events.map(({ payloadText }) => payloadText)];
    const { rows } = await run(appendLimitMs, (on) => on.query<AppendRow>(sql.append, parameters)).catch((error: unknown) => {
      throw toAppendError(error, appendLimitMs, closing.signal.aborted);
    });
    return toAppended(rows);
  };

  async function openState(stream: string): Promise<StreamState> {
    assertName('stream', stream);
    const { rows } = await run(readLimitMs, async (on) => {
      const found = await on.query<StateRow>(sql.state, [stream]);
      return found.rows.length > 0 ? found : on.query<StateRow>(sql.create, [stream]).then(() => on.query<StateRow>(sql.state, [stream]));
    });
    return toState(rows);
  }

  async function readWithin(limitMs: number, stream: string, after: FeedPosition | null, limit: number) {
    assertName('stream', stream);
    const parameters = [stream, after?.seq ?? -1, Math.max(1, Math.min(limit, feedLimits.readEvents)), readBytes];
    const { rows } = await run(limitMs, (on) => on.query<ReadRow>(sql.read, parameters));
    const state = rows.length > 0 ? toState(rows) : await openState(stream);
    const start = toStart(stream, after, state);
    const events = rows.flatMap(({ seq, id, payload }) => (seq === null || id === null ? [] : [{ id, payload, seq: Number(seq) }]));
    return { epoch: state.epoch, events, next: { epoch: state.epoch, seq: events.at(-1)?.seq ?? start } };
  }

  return {
    append: async (stream, events) => {
      if (refusing) throw createError('FEED_CLOSED', 'The feed was closed.');
      assertName('stream', stream);
      const prepared = events.map((event) => ({ id: event.id, payloadText: toPayloadText(event) }));
      if (prepared.length === 0) return toHead(await openState(stream));
      let appender = appenders.get(stream);
      if (!appender) {
        appender = createGroupAppender(appendGroupTo(stream));
        appenders.set(stream, appender);
      }
      return appender.append(prepared);
    },
    read: (stream, after, limit) => readWithin(readLimitMs, stream, after, limit),
    tail: (stream, tailOptions) => {
      stopListening ??= startListener({ pool, channel: toChannel(schema), wakes, closed: closing.signal, ...(log ? { log } : {}) });
      const read: Feed['read'] = (name, after, limit) => readWithin(Number.POSITIVE_INFINITY, name, after, limit);
      return tailStream(stream, tailOptions, { read, wakes, pollMs, closed: closing.signal });
    },
    trim: async (stream, before) => {
      const state = await openState(stream);
      toStart(stream, { epoch: before.epoch, seq: Math.max(before.seq, state.first) - 1 }, state);
      await run(readLimitMs, (on) => on.query(sql.moveFirst, [stream, before.seq]));
      for (;;) {
        const { rowCount } = await run(readLimitMs, (on) => on.query(sql.deleteChunk, [stream, trimChunk]));
        if ((rowCount ?? 0) < trimChunk) return;
      }
    },
    head: async (stream) => toHead(await openState(stream)),
    close: async () => {
      refusing = true;
      const drained = Promise.all([...appenders.values()].map((appender) => appender.drain()));
      await Promise.race([drained, new Promise((resolve) => setTimeout(resolve, drainLimitMs).unref())]);
      closing.abort();
      await stopListening?.();
      if (!options.pool) await pool.end();
    },
  };
}

/**
 * Appends inside the caller's own transaction, for writers whose rows lie in the same database. Until that transaction ends, other
 * appends to the stream wait; several streams must be appended to in one order, or transactions may block each other.
 */
export async function appendWithin(client: pg.ClientBase, stream: string, events: readonly FeedEvent[], { schema = 'feed' }: { schema?: string } = {}): Promise<FeedPosition> {
  assertName('stream', stream);
  const { rows } = await client.query<AppendRow>(toSql(toSettingName(schema)).append, [stream, events.map(({ id }) => id), events.map(toPayloadText)]);
  const { epoch, seqs } = toAppended(rows);
  return { epoch, seq: seqs.at(-1) ?? 0 };
}

type AppendRow = { epoch: string; seqs: string[] };
type StateRow = { epoch: string; first: string; last: string };
type ReadRow = StateRow & { seq: string | null; id: string | null; payload: unknown };

function toSql(schema: string) {
  return {
    append: `SELECT epoch, seqs FROM ${schema}.append($1, $2, $3)`,
    state: `SELECT epoch, first, last FROM ${schema}.streams WHERE name = $1`,
    create: `INSERT INTO ${schema}.streams (name) VALUES ($1) ON CONFLICT DO NOTHING`,
    // One statement, so one snapshot: the state and the events belong together
    read: `SELECT s.epoch, s.first, s.last, e.seq, e.id, e.payload
      FROM ${schema}.streams s LEFT JOIN LATERAL (
        SELECT * FROM (
          SELECT seq, id, payload, sum(pg_column_size(payload)) OVER (ORDER BY seq) - pg_column_size(payload) AS bytes_before
          FROM (SELECT seq, id, payload FROM ${schema}.events WHERE stream = s.id AND seq > greatest($2, s.first - 1) ORDER BY seq LIMIT $3) AS page
        ) AS measured WHERE bytes_before < $4
      ) e ON true
      WHERE s.name = $1 ORDER BY e.seq`,
    moveFirst: `UPDATE ${schema}.streams SET first = greatest(first, least($2, last + 1)) WHERE name = $1`,
    deleteChunk: `DELETE FROM ${schema}.events e USING ${schema}.streams s WHERE s.name = $1 AND e.stream = s.id AND e.seq < s.first
      AND e.seq IN (SELECT o.seq FROM ${schema}.events o WHERE o.stream = s.id AND o.seq < s.first ORDER BY o.seq LIMIT $2)`,
  };
}

function toState(rows: readonly StateRow[]): StreamState {
  const [row] = rows;
  if (!row) throw createError('FEED_UNAVAILABLE', 'A stream vanished while it was read. Read again.');
  return { epoch: row.epoch, first: Number(row.first), last: Number(row.last) };
}

function toHead({ epoch, last }: StreamState): FeedPosition {
  return { epoch, seq: last };
}

function toAppended(rows: readonly AppendRow[]): { epoch: string; seqs: number[] } {
  return { epoch: rows[0]?.epoch ?? '', seqs: (rows[0]?.seqs ?? []).map(Number) };
}

function toAppendError(error: unknown, limitMs: number, closed: boolean): unknown {
  if (closed) return createError('FEED_CLOSED', 'The feed was closed before the events were appended.', { cause: error });
  if (isHubError(error) || !isPassing(error)) return error;
  return createError('FEED_UNAVAILABLE', `The feed's database did not take the events within ${limitMs} ms: ${toMessage(error)}. See whether it runs; then append again.`, { cause: error });
}

/** A table, schema or function is not there. */
function isMissing(error: unknown): boolean {
  return ['42P01', '3F000', '42883'].includes(toErrorCode(error));
}

async function withClient<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    return await work(client);
  } finally {
    client.release();
  }
}

function createOwnPool({ url, log }: PostgresFeedOptions, max: number): pg.Pool {
  if (url === undefined) throw new TypeError('Expected a url or a pool for the feed.');
  return createPool({ url, max, applicationName: 'feed', ...(log ? { log } : {}) });
}
