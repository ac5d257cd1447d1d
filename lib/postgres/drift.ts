/**
 * Do the migrations make the schema? Both are made on a real server, in an empty database that is dropped again, and compared by
 * Prisma's own engine. For tests and for writing the next migration.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createError, toMessage } from '../errors/errors.ts';
import { createEngineAdapter } from './engine-adapter.ts';
import { createSchemaEngine, listMigrations, migrationLock, noFilters } from './schema-engine.ts';

export type MigrationFiles = {
  readonly schemaFile: string;
  readonly migrationsDir: string;
  /** Of a server on which databases may be created. */
  readonly url: string;
};

/** The SQL that leads from the migrations to the schema: '' when they make exactly it. Throws MIGRATION_FAILED for a schema that is not valid. */
export async function migrationDrift({ schemaFile, migrationsDir, url }: MigrationFiles): Promise<string> {
  const path = basename(schemaFile);
  const content = await readFile(schemaFile, 'utf8');
  const { factory, close } = createEngineAdapter({ url });
  try {
    const engine = await createSchemaEngine(factory, [[path, content]]);
    const { exitCode, stdout } = await engine.diff({
      from: { tag: 'migrations', ...(await listMigrations(migrationsDir)) },
      to: { tag: 'schemaDatamodel', files: [{ path, content }] },
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
    await close();
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
