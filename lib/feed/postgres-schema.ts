/**
 * The feed's tables and its one function, which runs with the rights of their owner: a guest (lib/postgres/roles.ts) that may read the
 * tables and call it can append, and can neither change nor forget what was appended.
 *
 * Why positions have no gaps: append() locks the stream's row in `streams` until its transaction ends, and numbers its events from the
 * counter in that row. So the writers of one stream come one after the other, in the order of their commits; a rollback takes the
 * counter back too. (A `bigserial` read by `id > cursor` loses events: a smaller number may be committed after a greater one. An
 * advisory lock would do as well, but its keys are shared by the whole database, and a counter row is needed for `first` and `epoch`
 * anyway.) Streams do not wait for each other, and group append makes up for the one-at-a-time.
 */
import pg from 'pg';
import { toSettingName } from '../postgres/pool.ts';

const version = 2;
const lockKey = 4_701_003;

/** Stands for this database in this state of restores: another server, another database, or a restore from a backup has another one. */
const incarnationSql = `(SELECT s.system_identifier || '/' || d.oid || '/' || c.timeline_id
  FROM pg_control_system() s, pg_control_checkpoint() c, pg_database d WHERE d.datname = current_database())`;
const epochSql = `substr(replace(gen_random_uuid()::text, '-', ''), 1, 12)`;

/** Makes what is missing. When the database was restored or copied, all streams get a new epoch: acknowledged events may be lost. */
export async function ensureFeedSchema(client: pg.ClientBase, schema: string): Promise<void> {
  if (await isUpToDate(client, schema)) return;
  if (await isGuest(client, schema)) throw new NotPreparedError(schema);
  await client.query('BEGIN');
  try {
    await client.query('SELECT pg_advisory_xact_lock($1)', [lockKey]);
    const { rowCount } = await client.query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [schema]);
    // Only who may create schemas can even say IF NOT EXISTS
    if (rowCount === 0) await client.query(`CREATE SCHEMA ${schema}`);
    await client.query(toTablesSql(schema));
    await client.query(toFunctionSql(schema));
    await client.query(
      `UPDATE ${schema}.streams SET epoch = ${epochSql} WHERE (SELECT incarnation FROM ${schema}.about) <> ${incarnationSql}`,
    );
    await client.query(`INSERT INTO ${schema}.about (single, version, incarnation) VALUES (true, ${version}, ${incarnationSql})
      ON CONFLICT (single) DO UPDATE SET version = excluded.version, incarnation = excluded.incarnation`);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/** Does it ahead of the first use, for guests who cannot. `url`: of the schema's owner. */
export async function prepareFeed({ url, schema = 'feed' }: { url: string; schema?: string }): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await ensureFeedSchema(client, toSettingName(schema));
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Passes by itself, as its SQLSTATE says (object not in prerequisite state): the owner prepares the feed when it connects. */
class NotPreparedError extends Error {
  readonly code = '55000';

  constructor(schema: string) {
    super(`the tables of the feed in schema ${schema} are missing or of another server, and this role may not make them`);
  }
}

async function isGuest(client: pg.ClientBase, schema: string): Promise<boolean> {
  const sql = `SELECT has_schema_privilege(oid, 'CREATE') AS owned FROM pg_namespace WHERE nspname = $1`;
  const { rows } = await client.query<{ owned: boolean }>(sql, [schema]);
  return rows[0]?.owned === false;
}

async function isUpToDate(client: pg.ClientBase, schema: string): Promise<boolean> {
  const { rows } = await client.query<{ found: string | null }>('SELECT to_regclass($1) AS found', [`${schema}.about`]);
  if (rows[0]?.found == null) return false;
  const { rowCount } = await client.query(`SELECT 1 FROM ${schema}.about WHERE version = ${version} AND incarnation = ${incarnationSql}`);
  return rowCount === 1;
}

function toTablesSql(schema: string): string {
  return `
    CREATE TABLE IF NOT EXISTS ${schema}.about (single boolean PRIMARY KEY DEFAULT true CHECK (single), version int NOT NULL, incarnation text NOT NULL);
    CREATE TABLE IF NOT EXISTS ${schema}.streams (
      id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      name text NOT NULL UNIQUE,
      epoch text NOT NULL DEFAULT ${epochSql},
      first bigint NOT NULL DEFAULT 1,
      last bigint NOT NULL DEFAULT 0
    ) WITH (fillfactor = 50);
    CREATE TABLE IF NOT EXISTS ${schema}.events (
      stream int NOT NULL,
      seq bigint NOT NULL,
      id text NOT NULL,
      payload json NOT NULL,
      at timestamptz NOT NULL DEFAULT clock_timestamp(),
      PRIMARY KEY (stream, seq),
      UNIQUE (stream, id)
    );`;
}

/** Each statement of the function sees what was committed before it began, so after the lock it sees all events of the stream. */
function toFunctionSql(schema: string): string {
  return `
    DROP FUNCTION IF EXISTS ${schema}.append(text, text[], text[]);
    CREATE FUNCTION ${schema}.append(p_stream text, p_ids text[], p_payloads text[])
    RETURNS TABLE (epoch text, seqs bigint[], before bigint)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
      v_stream ${schema}.streams%ROWTYPE;
      v_added bigint;
    BEGIN
      SELECT * INTO v_stream FROM ${schema}.streams s WHERE s.name = p_stream FOR UPDATE;
      IF NOT FOUND THEN
        INSERT INTO ${schema}.streams (name) VALUES (p_stream) ON CONFLICT DO NOTHING;
        SELECT * INTO v_stream FROM ${schema}.streams s WHERE s.name = p_stream FOR UPDATE;
      END IF;
      WITH fresh AS (
        SELECT DISTINCT ON (g.id) g.id, g.payload, g.place
        FROM unnest(p_ids, p_payloads) WITH ORDINALITY AS g (id, payload, place)
        WHERE NOT EXISTS (SELECT 1 FROM ${schema}.events e WHERE e.stream = v_stream.id AND e.id = g.id)
        ORDER BY g.id, g.place
      ), added AS (
        INSERT INTO ${schema}.events (stream, seq, id, payload)
        SELECT v_stream.id, v_stream.last + row_number() OVER (ORDER BY f.place), f.id, f.payload::json FROM fresh f
        RETURNING 1
      )
      SELECT count(*) INTO v_added FROM added;
      IF v_added > 0 THEN
        UPDATE ${schema}.streams s SET last = v_stream.last + v_added WHERE s.id = v_stream.id;
        PERFORM pg_notify('${toChannel(schema)}', p_stream);
      END IF;
      epoch := v_stream.epoch;
      before := v_stream.last;
      IF v_added = cardinality(p_ids) THEN
        seqs := ARRAY(SELECT v_stream.last + n FROM generate_series(1, v_added) n);
      ELSE
        seqs := ARRAY(SELECT e.seq FROM unnest(p_ids) WITH ORDINALITY AS g (id, place)
          JOIN ${schema}.events e ON e.stream = v_stream.id AND e.id = g.id ORDER BY g.place);
      END IF;
      RETURN NEXT;
    END $$;`;
}

/** Where wake-ups are sent. Their payload is the name of the stream, never data: it may be at most 8,000 bytes. */
export function toChannel(schema: string): string {
  return `ir_${schema}`;
}
