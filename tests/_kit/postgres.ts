/** A fresh database for each test file, on the one server of the run (global-setup.ts). */
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import pg from 'pg';
import { fromRoot } from '../../lib/paths.ts';
import { applyMigrations } from '../../lib/postgres/migrate.ts';
import { ensureGuest, ensureSchema, toRoleUrl } from '../../lib/postgres/roles.ts';
import { toDatabaseName, toTestRole, withAdmin, type TestRun } from './test-run.ts';

export type TestDatabase = {
  readonly name: string;
  /** Of the administrator. */
  readonly url: string;
  /** Of the role that owns the schema, as a subgraph connects. The schema is made when it is missing. */
  urlOf(schema: string): Promise<string>;
  /** Of a role that may read the tables of that schema and call its functions, as a gateway connects to the feed. */
  guestUrlOf(schema: string): Promise<string>;
  drop(): Promise<void>;
};

const feedSchema = 'feed';
const lockKey = 4_709_001;

/**
 * `migrated`: with the schema of every subgraph, all migrations applied, and an empty schema `feed`. It is a copy of a template that
 * the first test file to ask for it makes.
 */
export async function createTestDatabase({ migrated = false }: { migrated?: boolean } = {}): Promise<TestDatabase> {
  const run = readRun();
  const name = toDatabaseName(run, randomBytes(5).toString('hex'));
  const template = migrated ? await ensureTemplate(run) : 'template0';
  await withAdmin(run.url, (client) => client.query(`CREATE DATABASE ${name} TEMPLATE ${template}`));
  const url = toDatabaseUrl(run.url, name);
  const made = new Set(migrated ? [...listSubgraphs(), feedSchema] : []);
  const urlOf: TestDatabase['urlOf'] = async (schema) => {
    const role = toTestRole(run, schema);
    if (made.has(schema)) return toRoleUrl(url, role, run.password);
    made.add(schema);
    return ensureSchema(url, { schema, role, password: run.password });
  };
  return {
    name,
    url,
    urlOf,
    guestUrlOf: async (schema) => {
      await urlOf(schema);
      return ensureGuest(url, { schema, owner: toTestRole(run, schema), role: toTestRole(run, 'guest'), password: run.password });
    },
    drop: async () => {
      await withAdmin(run.url, (client) => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
    },
  };
}

/** The subgraphs that have migrations. */
export function listSubgraphs(): string[] {
  const folder = fromRoot('subgraphs');
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((name) => existsSync(migrationsOf(name)));
}

/** Of the server itself, for what makes databases of its own. */
export function readServerUrl(): string {
  return readRun().url;
}

function readRun(): TestRun {
  const text = process.env['TEST_DATABASE'];
  if (text === undefined) throw new Error('There is no test database: run the tests by jest with the settings of jest.config.js.');
  // written by global-setup.ts
  return JSON.parse(text) as TestRun;
}

/** Made under another name first, so that one that was interrupted is not taken for a whole one. */
async function ensureTemplate(run: TestRun): Promise<string> {
  const name = toDatabaseName(run, 'template');
  const partial = toDatabaseName(run, 'template_partial');
  await withAdmin(run.url, async (client) => {
    await client.query('SELECT pg_advisory_lock($1)', [lockKey]);
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (rowCount !== 0) return;
    await client.query(`DROP DATABASE IF EXISTS ${partial} WITH (FORCE)`);
    await client.query(`CREATE DATABASE ${partial} TEMPLATE template0`);
    await migrateAll(run, toDatabaseUrl(run.url, partial));
    await client.query(`ALTER DATABASE ${partial} RENAME TO ${name}`);
  });
  return name;
}

async function migrateAll(run: TestRun, url: string): Promise<void> {
  for (const schema of [...listSubgraphs(), feedSchema]) {
    const roleUrl = await ensureSchema(url, { schema, role: toTestRole(run, schema), password: run.password });
    if (schema !== feedSchema) await applyMigrations({ url: roleUrl, schema, migrationsDir: migrationsOf(schema) });
  }
  await untilUnused(url);
}

/** A database can be renamed or copied only when nobody is connected; the server takes a moment to notice. */
async function untilUnused(url: string): Promise<void> {
  const { pathname } = new URL(url);
  const maintenanceUrl = toDatabaseUrl(url, 'postgres');
  await withAdmin(maintenanceUrl, (client) =>
    client.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [pathname.slice(1)]),
  );
}

function migrationsOf(subgraph: string): string {
  return fromRoot('subgraphs', subgraph, 'data', 'migrations');
}

function toDatabaseUrl(url: string, name: string): string {
  const result = new URL(url);
  result.pathname = `/${pg.escapeIdentifier(name).slice(1, -1)}`;
  return result.href;
}
