/** The statements of the feed over PostgreSQL, each tried again while the server is away. */
import type pg from 'pg';
import { createError, toErrorCode } from '../errors/errors.ts';
import { isPassing, withRetry } from '../postgres/retry.ts';
import {
  assertName,
  feedLimits,
  toPayloadText,
  toStart,
  type FeedBatch,
  type FeedEvent,
  type FeedPosition,
  type StreamState,
} from './feed.ts';
import type { AppendedGroup, PreparedEvent } from './group-append.ts';
import { ensureFeedSchema } from './postgres-schema.ts';

export type Store = {
  /** `limitMs`: for how long to wait for a server that is away. */
  append(stream: string, events: readonly PreparedEvent[], limitMs: number): Promise<AppendedGroup>;
  read(stream: string, after: FeedPosition | null, limit: number, limitMs: number): Promise<FeedBatch>;
  /** The stream is made when there is none. */
  readState(stream: string): Promise<StreamState>;
  trim(stream: string, seq: number): Promise<void>;
};

type StateRow = { epoch: string; first: string; last: string };
type ReadRow = StateRow & { seq: string | null; id: string | null; payload: unknown };
type AppendRow = { epoch: string; seqs: string[]; before: string };
type Run = <T>(limitMs: number, work: (pool: pg.Pool) => Promise<T>) => Promise<T>;

const stateLimitMs = 10_000;
/** A read ends after about so many bytes, as stored. */
const readBytes = 8_388_608;
const trimChunk = 10_000;

export function createStore({ pool, schema, closed }: { pool: pg.Pool; schema: string; closed: AbortSignal }): Store {
  const run = createRun(pool, schema, closed);
  const sql = toSql(schema);

  async function readState(stream: string): Promise<StreamState> {
    assertName('stream', stream);
    return run(stateLimitMs, async (on) => {
      const found = await on.query<StateRow>(sql.state, [stream]);
      if (found.rows.length > 0) return toState(found.rows);
      await on.query(sql.create, [stream]);
      return toState((await on.query<StateRow>(sql.state, [stream])).rows);
    });
  }

  return {
    readState,
    append: (stream, events, limitMs) =>
      run(limitMs, async (on) => {
        const parameters = [stream, events.map(({ id }) => id), events.map(({ payloadText }) => payloadText)];
        return toAppended((await on.query<AppendRow>(sql.append, parameters)).rows);
      }),
    read: async (stream, after, limit, limitMs) => {
      assertName('stream', stream);
      const parameters = [stream, after?.seq ?? -1, Math.max(1, Math.min(limit, feedLimits.readEvents)), readBytes];
      const { rows } = await run(limitMs, (on) => on.query<ReadRow>(sql.read, parameters));
      const state = rows.length > 0 ? toState(rows) : await readState(stream);
      const start = toStart(stream, after, state);
      const events = rows.flatMap(({ seq, id, payload }) => (seq === null || id === null ? [] : [{ id, payload, seq: Number(seq) }]));
      return { epoch: state.epoch, events, next: { epoch: state.epoch, seq: events.at(-1)?.seq ?? start } };
    },
    trim: async (stream, seq) => {
      await run(stateLimitMs, (on) => on.query(sql.moveFirst, [stream, seq]));
      for (let deleted = trimChunk; deleted === trimChunk;) {
        deleted = (await run(stateLimitMs, (on) => on.query(sql.deleteChunk, [stream, trimChunk]))).rowCount ?? 0;
      }
    },
  };
}

/**
 * Appends inside the caller's own transaction, for writers whose rows lie in the same database. Until that transaction ends, other
 * appends to the stream wait; several streams must be appended to in one order, or transactions may block each other.
 */
export async function appendWithin(
  client: pg.ClientBase,
  stream: string,
  events: readonly FeedEvent[],
  { schema = 'feed' }: { schema?: string } = {},
): Promise<FeedPosition> {
  assertName('stream', stream);
  const parameters = [stream, events.map(({ id }) => id), events.map(toPayloadText)];
  const { epoch, seqs } = toAppended((await client.query<AppendRow>(toSql(schema).append, parameters)).rows);
  return { epoch, seq: seqs.at(-1) ?? 0 };
}

/** Runs on the feed's tables, which are made at the first use, and again if somebody wipes them: then every stream has a new epoch. */
function createRun(pool: pg.Pool, schema: string, closed: AbortSignal): Run {
  let ready: Promise<void> | undefined;

  async function ensureTables(): Promise<void> {
    ready ??= withClient(pool, (client) => ensureFeedSchema(client, schema));
    try {
      await ready;
    } catch (error) {
      ready = undefined;
      throw error;
    }
  }

  async function attempt<T>(work: (pool: pg.Pool) => Promise<T>): Promise<T> {
    await ensureTables();
    try {
      return await work(pool);
    } catch (error) {
      // The server that comes back may be one restored from a backup
      if (isMissing(error) || isPassing(error)) ready = undefined;
      if (!isMissing(error)) throw error;
    }
    await ensureTables();
    return work(pool);
  }

  return async (limitMs, work) => {
    if (closed.aborted) throw createError('FEED_CLOSED', 'The feed was closed.');
    return withRetry(() => attempt(work), { limitMs, signal: closed });
  };
}

async function withClient<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    return await work(client);
  } finally {
    client.release();
  }
}

function toSql(schema: string) {
  return {
    append: `SELECT epoch, seqs, before FROM ${schema}.append($1, $2, $3)`,
    state: `SELECT epoch, first, last FROM ${schema}.streams WHERE name = $1`,
    create: `SELECT FROM ${schema}.append($1, '{}', '{}')`,
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

function toAppended([row]: readonly AppendRow[]): AppendedGroup {
  return { epoch: row?.epoch ?? '', seqs: (row?.seqs ?? []).map(Number), before: Number(row?.before ?? 0) };
}

/** A table, schema or function is not there. */
function isMissing(error: unknown): boolean {
  return ['42P01', '3F000', '42883'].includes(toErrorCode(error));
}
