/** Brings a schema up to date: applies what of its migration folder has not been applied, as `prisma migrate deploy` would. */
import pg from 'pg';
import { createError, toMessage } from '../errors/errors.ts';
import { createEngineAdapter } from './engine-adapter.ts';
import { toSettingName } from './pool.ts';
import { createSchemaEngine, listMigrations, noFilters } from './schema-engine.ts';

export type MigrateOptions = {
  /** Of the role that owns the schema. */
  readonly url: string;
  readonly schema: string;
  readonly migrationsDir: string;
};

const lockKey = 4_701_002;

/** Returns the names of the migrations applied now. Several processes may call it at once. Throws MIGRATION_FAILED. */
export async function applyMigrations({ url, schema, migrationsDir }: MigrateOptions): Promise<readonly string[]> {
  const options = `-c search_path=${toSettingName(schema)}`;
  const guard = new pg.Client({ connectionString: url, options, connectionTimeoutMillis: 5_000 });
  guard.on('error', () => undefined);
  try {
    await guard.connect();
    await guard.query('SELECT pg_advisory_lock($1, hashtext($2))', [lockKey, schema]);
    await forgetInterrupted(guard, schema);
    return await runEngine({ url, schema, migrationsDir, options });
  } catch (cause) {
    const name = await findUnfinished(guard).catch(() => undefined);
    const which = name === undefined ? `The migrations of schema ${schema}` : `Migration ${name} of schema ${schema}`;
    throw createError('MIGRATION_FAILED', `${which} (${migrationsDir}) did not apply: ${toReason(cause)}`, { cause });
  } finally {
    await guard.end().catch(() => undefined);
  }
}

async function runEngine({ url, schema, migrationsDir, options }: MigrateOptions & { options: string }): Promise<readonly string[]> {
  const { factory, close } = createEngineAdapter({ url, options, schema });
  const engine = await createSchemaEngine(factory);
  try {
    const { appliedMigrationNames } = await engine.applyMigrations({
      migrationsList: await listMigrations(migrationsDir),
      filters: noFilters,
    });
    return appliedMigrationNames;
  } finally {
    engine.free();
    await close();
  }
}

/**
 * A migration that was begun and not finished would be refused for ever (P3009). Each runs as one implicit transaction, so one that was
 * interrupted has left nothing and may be tried again; one that failed for a reason will say that reason again.
 */
async function forgetInterrupted(client: pg.Client, schema: string): Promise<void> {
  const { rows } = await client.query<{ found: string | null }>('SELECT to_regclass($1) AS found', [`${schema}._prisma_migrations`]);
  if (rows[0]?.found == null) return;
  await client.query('UPDATE _prisma_migrations SET rolled_back_at = now() WHERE finished_at IS NULL AND rolled_back_at IS NULL');
}

async function findUnfinished(client: pg.Client): Promise<string | undefined> {
  const { rows } = await client.query<{ name: string }>(
    'SELECT migration_name AS name FROM _prisma_migrations WHERE finished_at IS NULL AND rolled_back_at IS NULL',
  );
  return rows[0]?.name;
}

/** Without the engine's own stack. */
function toReason(cause: unknown): string {
  return (
    toMessage(cause)
      .split(/\n\s+0: /)[0]
      ?.replace(/\s*\n\s*/g, ' ')
      .trim() ?? ''
  );
}
