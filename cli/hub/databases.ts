// Databases of the hub: a schema and a role for each subgraph and for the feed, with passwords of their own, and their migrations; and the
// role with which gateways use the feed.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { prepareFeed } from '../../lib/feed/index.ts';
import { fromRoot } from '../../lib/paths.ts';
import { applyMigrations, ensureGuest, ensureSchema, startEmbedded } from '../../lib/postgres/index.ts';
import type { Log } from '../../lib/log/log.ts';
import { readOrCreatePassword } from './data-folder.ts';
import { feedGuest, schemaOwners, secretNames, type DataFolder } from './layout.ts';

/** A server that the hub may use as its administrator. */
export type Server = { readonly adminUrl: string; readonly stop: () => Promise<void> };

/** The server of DATABASE_URL (its password may stand in a file), or an embedded one in the data folder. */
export async function openServer(options: {
  data: DataFolder;
  databaseUrl: string | undefined;
  passwordFile: string | undefined;
  log: Log;
}): Promise<Server> {
  if (options.databaseUrl === undefined) {
    const embedded = await startEmbedded({ dataDir: options.data.postgres, log: options.log });
    return { adminUrl: embedded.url, stop: () => embedded.stop() };
  }
  const url = new URL(options.databaseUrl);
  if (url.password === '' && options.passwordFile !== undefined)
    url.password = encodeURIComponent((await readFile(options.passwordFile, 'utf8')).trim());
  return { adminUrl: url.href, stop: async () => undefined };
}

/** The same server and database without any credentials. */
export function withoutCredentials(url: string): string {
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  return bare.href;
}

/** Makes schemas and roles and applies what migrations are missing; resolves to the names of those applied now. */
export async function prepareDatabases(options: { data: DataFolder; adminUrl: string }): Promise<string[]> {
  const applied: string[] = [];
  for (const name of secretNames) await readOrCreatePassword(options.data, name);
  for (const { schema, role } of schemaOwners) {
    const password = await readOrCreatePassword(options.data, role);
    const url = await ensureSchema(options.adminUrl, { schema, role, password });
    if (schema === feedGuest.schema) await prepareFeed({ url });
    const migrationsDir = fromRoot('subgraphs', schema, 'data', 'migrations');
    if (!existsSync(migrationsDir)) continue;
    applied.push(...(await applyMigrations({ url, schema, migrationsDir })).map((name) => `${schema}/${name}`));
  }
  await ensureGuest(options.adminUrl, { ...feedGuest, password: await readOrCreatePassword(options.data, feedGuest.role) });
  return applied;
}
