/**
 * Do the migrations make the schema? Compares them on an in-memory PostgreSQL (PGlite), so no server is needed. For tests and for
 * writing the next migration; PGlite is a development dependency and is loaded only here.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createError, toMessage } from '../errors/errors.ts';
import { createSchemaEngine, listMigrations, migrationLock, noFilters } from './schema-engine.ts';

export type MigrationFiles = { readonly schemaFile: string; readonly migrationsDir: string };

/** The SQL that leads from the migrations to the schema: '' when they make exactly it. Throws MIGRATION_FAILED for a schema that is not valid. */
export async function migrationDrift({ schemaFile, migrationsDir }: MigrationFiles): Promise<string> {
  const schema = await readFile(schemaFile, 'utf8');
  const [{ PGlite }, { PrismaPGlite }] = await Promise.all([import('@electric-sql/pglite'), import('pglite-prisma-adapter')]);
  const database = new PGlite();
  const path = basename(schemaFile);
  try {
    const engine = await createSchemaEngine(new PrismaPGlite(database), [[path, schema]]);
    const { exitCode, stdout } = await engine.diff({
      from: { tag: 'migrations', ...(await listMigrations(migrationsDir)) },
      to: { tag: 'schemaDatamodel', files: [{ path, content: schema }] },
      script: true,
      exitCode: true,
      filters: noFilters,
    });
    engine.free();
    // 2 = there is a difference; otherwise the script is a comment that says there is none
    return exitCode === 2 ? (stdout ?? '').trim() : '';
  } catch (cause) {
    throw createError('MIGRATION_FAILED', `${schemaFile} and ${migrationsDir} cannot be compared: ${toMessage(cause)}`, { cause });
  } finally {
    await database.close();
  }
}

/** Writes <timestamp>_<name>/migration.sql and the lock file. Returns the new folder's name, or null when there is nothing to do. */
export async function writeMigration(files: MigrationFiles, name: string, at: Date): Promise<string | null> {
  const sql = await migrationDrift(files);
  if (sql === '') return null;
  const stamp = at.toISOString().replace(/\D/g, '').slice(0, 14);
  const folder = `${stamp}_${name.toLowerCase().replace(/[^a-z0-9]+/g, '_')}`;
  await mkdir(join(files.migrationsDir, folder), { recursive: true });
  await writeFile(join(files.migrationsDir, folder, 'migration.sql'), `${sql}\n`);
  await writeFile(join(files.migrationsDir, 'migration_lock.toml'), migrationLock);
  return folder;
}
