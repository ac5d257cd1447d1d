/** Connections to PostgreSQL. */
import pg from 'pg';
import type { Log } from '../log/log.ts';

export type PoolOptions = {
  readonly url: string;
  readonly max: number;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  /** The schema in which unqualified names are looked up. */
  readonly schema?: string;
  readonly log?: Log;
};

const connectLimitMs = 5_000;
const idleLimitMs = 5_000;

/** Every commit on these connections is on disk before it is acknowledged, whatever the server's default is. */
export function createPool({ url, max, applicationName, schema, log }: PoolOptions): pg.Pool {
  const settings = ['-c synchronous_commit=on', ...(schema === undefined ? [] : [`-c search_path=${toSettingName(schema)}`])];
  const pool = new pg.Pool({
    connectionString: url,
    max,
    application_name: applicationName,
    options: settings.join(' '),
    connectionTimeoutMillis: connectLimitMs,
    idleTimeoutMillis: idleLimitMs,
    keepAlive: true,
  });
  // A connection that breaks while nobody uses it: the pool makes a new one when it is needed
  pool.on('error', (error) => log?.warn({ err: error }, 'an idle database connection broke'));
  return pool;
}

/** Names of schemas and roles are ours and plain; anything else would be a mistake or an attack. */
export function toSettingName(name: string): string {
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(name)) throw new TypeError(`Expected a plain name (a-z, 0-9, _), got "${name}".`);
  return name;
}
