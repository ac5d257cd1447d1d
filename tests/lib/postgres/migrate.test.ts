import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrationDrift, writeMigration } from '../../../lib/postgres/drift.ts';
import { applyMigrations } from '../../../lib/postgres/migrate.ts';
import { createTestDatabase, readServerUrl, type TestDatabase } from '../../_kit/postgres.ts';
import { withAdmin } from '../../_kit/test-run.ts';

let database: TestDatabase;
let folder: string;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hub-migrate-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function plan(...scripts: readonly string[]): Promise<string> {
  for (const [index, sql] of scripts.entries()) {
    const path = join(folder, `2026010100000${index}_step`);
    await mkdir(path, { recursive: true });
    await writeFile(join(path, 'migration.sql'), sql);
  }
  return folder;
}

const tables = async (url: string) =>
  (
    await withAdmin(url, (client) =>
      client.query<{ name: string }>(`SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema ORDER BY 1`),
    )
  ).rows.map(({ name }) => name);

describe('migrations', () => {
  it('apply in order, once, and later the new ones', async () => {
    const url = await database.urlOf('once');
    const migrationsDir = await plan('CREATE TABLE a (id int);', 'ALTER TABLE a ADD COLUMN b int;');
    expect(await applyMigrations({ url, schema: 'once', migrationsDir })).toEqual(['20260101000000_step', '20260101000001_step']);
    expect(await applyMigrations({ url, schema: 'once', migrationsDir })).toEqual([]);
    await plan('CREATE TABLE a (id int);', 'ALTER TABLE a ADD COLUMN b int;', 'CREATE TABLE c (id int);');
    expect(await applyMigrations({ url, schema: 'once', migrationsDir })).toEqual(['20260101000002_step']);
    expect(await tables(url)).toEqual(['_prisma_migrations', 'a', 'c']);
  });

  it('apply once when several processes start together', async () => {
    const url = await database.urlOf('together');
    const migrationsDir = await plan('CREATE TABLE a (id int);');
    const applied = await Promise.all(Array.from({ length: 4 }, () => applyMigrations({ url, schema: 'together', migrationsDir })));
    expect(applied.flat()).toEqual(['20260101000000_step']);
  });

  it('say which one failed and why, leave nothing of it, and go on when it is corrected', async () => {
    const url = await database.urlOf('failing');
    const migrationsDir = await plan('CREATE TABLE a (id int);', 'CREATE TABLE b (id int); SELECT nonsense;');
    const run = () => applyMigrations({ url, schema: 'failing', migrationsDir });
    for (let time = 0; time < 2; time += 1) {
      await expect(run()).rejects.toMatchObject({
        code: 'MIGRATION_FAILED',
        message: expect.stringMatching(/^Migration 20260101000001_step of schema failing .*nonsense/),
      });
      expect(await tables(url)).toEqual(['_prisma_migrations', 'a']);
    }
    await plan('CREATE TABLE a (id int);', 'CREATE TABLE b (id int);');
    expect(await run()).toEqual(['20260101000001_step']);
  });

  it('may hold semicolons in texts and function bodies', async () => {
    const url = await database.urlOf('semicolons');
    const migrationsDir = await plan(`CREATE FUNCTION f() RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN 'a;b'; END $$; -- done; really`);
    await applyMigrations({ url, schema: 'semicolons', migrationsDir });
    expect((await withAdmin(url, (client) => client.query('SELECT f()'))).rows).toEqual([{ f: 'a;b' }]);
  });

  it('begin again after they were interrupted', async () => {
    const url = await database.urlOf('interrupted');
    const migrationsDir = await plan('CREATE TABLE a (id int);', 'CREATE TABLE b (id int);');
    await applyMigrations({ url, schema: 'interrupted', migrationsDir });
    await withAdmin(url, (client) =>
      client.query(
        `DROP TABLE b; UPDATE _prisma_migrations SET finished_at = NULL, applied_steps_count = 0 WHERE migration_name LIKE '%1_step'`,
      ),
    );
    expect(await applyMigrations({ url, schema: 'interrupted', migrationsDir })).toEqual(['20260101000001_step']);
    expect(await tables(url)).toContain('b');
  });
});

const schema = `
generator client { 
  provider = "prisma-client" 
  output = "./generated" 
}
datasource db { 
  provider = "postgresql" 
}
model Thing { 
  id String @id 
  amountMinor BigInt
}
`;

describe('writing migrations', () => {
  it('turns the difference between the migrations and the schema into SQL that makes it', async () => {
    const files = { schemaFile: join(folder, 'schema.prisma'), migrationsDir: join(folder, 'migrations'), url: readServerUrl() };
    await writeFile(files.schemaFile, schema);
    const first = await writeMigration(files, 'The start!', new Date('2026-01-02T03:04:05Z'));
    expect(first).toBe('20260102030405_the_start_');
    expect(await readFile(join(files.migrationsDir, String(first), 'migration.sql'), 'utf8')).toContain('CREATE TABLE "Thing"');
    expect(await readdir(files.migrationsDir)).toContain('migration_lock.toml');
    expect(await writeMigration(files, 'again', new Date())).toBeNull();

    await writeFile(files.schemaFile, schema.replace('amountMinor BigInt', 'amountMinor BigInt\n  name String?'));
    expect(await migrationDrift(files)).toBe('-- AlterTable\nALTER TABLE "Thing" ADD COLUMN     "name" TEXT;');

    const url = await database.urlOf('written');
    await cp(files.migrationsDir, join(folder, 'copy'), { recursive: true });
    expect(await applyMigrations({ url, schema: 'written', migrationsDir: join(folder, 'copy') })).toEqual([first]);
    expect(await tables(url)).toEqual(['Thing', '_prisma_migrations']);
  }, 120_000);

  it('says that a schema is not valid', async () => {
    const files = { schemaFile: join(folder, 'schema.prisma'), migrationsDir: join(folder, 'migrations'), url: readServerUrl() };
    await writeFile(files.schemaFile, 'model Broken { id Nonsense }');
    await expect(migrationDrift(files)).rejects.toMatchObject({ code: 'MIGRATION_FAILED' });
  }, 60_000);
});
