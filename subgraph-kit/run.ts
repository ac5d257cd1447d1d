// Runs one subgraph as a process, or builds it for a process that holds several: settings → database, feed, keys → service.
import { readFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { createClock } from '../lib/clock/clock.ts';
import { readConfig, requireValue } from '../lib/config/index.ts';
import { createPostgresFeed } from '../lib/feed/postgres-feed.ts';
import { loadPublicKeys, principalPublicFile, serviceTokenFile } from '../lib/identity/index.ts';
import type { Service } from '../lib/lifecycle/index.ts';
import { createLog } from '../lib/log/log.ts';
import { fromRoot } from '../lib/paths.ts';
import { toRoleUrl } from '../lib/postgres/roles.ts';
import { createHubAsker, readToken } from './ask-hub.ts';
import type { Database } from './context.ts';
import type { ClientOptions } from './prisma.ts';
import type { SqlRunner } from './sql.ts';
import { createSubgraph, type SubgraphDefinition } from './subgraph.ts';

const names = [
  'PORT',
  'DATABASE_URL',
  'FEED_URL',
  'NODE_ENV',
  'HUB_HOST',
  'HUB_DATA',
  'HUB_LOG_LEVEL',
  'HUB_LOG_FORMAT',
  'HUB_CLOCK',
  'HUB_TIME_ZONE',
  'HUB_CURRENCY',
  'HUB_PRINCIPAL_PUBLIC_KEYS',
  'HUB_DATABASE_PASSWORD_FILE',
  'HUB_GATEWAY_URL',
  'HUB_SERVICE_TOKEN_FILE',
  'HUB_SOLVE_SECONDS',
] as const;

/** A subgraph with the way to open its database and its usual port. */
export type SubgraphProgram<Tx extends SqlRunner> = {
  readonly definition: SubgraphDefinition<Tx>;
  readonly openClient: (options: ClientOptions) => Database<Tx>;
  readonly usualPort: number;
};

const readText = async (file: string): Promise<string> => (await readFile(file, 'utf8')).trim();

// A URL without a user is completed with the service's own role and the password that the hub made for it.
async function toOwnUrl(url: string, role: string, passwordFile: string): Promise<string> {
  return new URL(url).username === '' ? toRoleUrl(url, role, await readText(passwordFile)) : url;
}

/** Where a subgraph finds its database and the feed; importers use it too. */
export async function findDatabases(
  subgraph: string,
  settings: { databaseUrl: string; feedUrl?: string | undefined; keysFolder: string; passwordFile?: string | undefined },
) {
  const fileOf = (role: string): string => join(settings.keysFolder, `${role}.password`);
  const ownRole = `ir_${subgraph}`;
  return {
    databaseUrl: await toOwnUrl(settings.databaseUrl, ownRole, settings.passwordFile ?? fileOf(ownRole)),
    feedUrl: await toOwnUrl(settings.feedUrl ?? settings.databaseUrl, 'ir_feed', fileOf('ir_feed')),
  };
}

// Made by the hub with its other passwords; a subgraph that marks no buyers does without.
async function readPseudonymKey(keysFolder: string): Promise<{ pseudonymKey?: string }> {
  const text = await readText(join(keysFolder, 'pseudonym.password')).catch(() => '');
  return text === '' ? {} : { pseudonymKey: text };
}

/** Builds the service from the environment; `port` overrides PORT. */
export async function buildSubgraph<Tx extends SqlRunner>(program: SubgraphProgram<Tx>, port?: number): Promise<Service> {
  const config = readConfig(names);
  const dataFolder = isAbsolute(config.HUB_DATA) ? config.HUB_DATA : fromRoot(config.HUB_DATA);
  const keysFolder = join(dataFolder, 'keys');
  const databases = await findDatabases(program.definition.name, {
    databaseUrl: requireValue('DATABASE_URL', config.DATABASE_URL),
    feedUrl: config.FEED_URL,
    keysFolder,
    passwordFile: config.HUB_DATABASE_PASSWORD_FILE,
  });
  const log = createLog({ service: program.definition.name, level: config.HUB_LOG_LEVEL, format: config.HUB_LOG_FORMAT });
  const feed = createPostgresFeed({ url: databases.feedUrl, log });
  const tokenFile = config.HUB_SERVICE_TOKEN_FILE ?? serviceTokenFile(keysFolder, program.definition.name);
  const asker = createHubAsker({ url: () => config.HUB_GATEWAY_URL, token: () => readToken(tokenFile) });
  const subgraph = createSubgraph(program.definition, {
    db: program.openClient({ url: databases.databaseUrl }),
    feed,
    keys: await loadPublicKeys(config.HUB_PRINCIPAL_PUBLIC_KEYS ?? principalPublicFile(keysFolder)),
    clock: createClock(config.HUB_CLOCK),
    settings: {
      timeZone: config.HUB_TIME_ZONE,
      currency: config.HUB_CURRENCY,
      solveLimitMs: config.HUB_SOLVE_SECONDS * 1_000,
      ...(await readPseudonymKey(keysFolder)),
    },
    askHub: asker.ask,
    host: config.HUB_HOST,
    port: port ?? config.PORT ?? program.usualPort,
    log,
  });
  return {
    ...subgraph,
    start: async () => {
      await subgraph.start();
      // the supervisor, if there is one, learns that it is us who listen
      process.send?.({ kind: 'listening' });
    },
    stop: async () => {
      await subgraph.stop();
      await asker.close();
      await feed.close();
    },
  };
}
