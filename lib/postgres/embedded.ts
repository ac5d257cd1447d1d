/**
 * A real PostgreSQL from npm, in a folder of its own: nothing to install, and the data stays. Steps: find the user and the programs,
 * make the cluster once, take over or end a server that was left behind, start, create the hub's database, keep it running.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { createError, isHubError, toMessage } from '../errors/errors.ts';
import { findFreePort } from '../free-port.ts';
import type { Log } from '../log/log.ts';
import { findBinaries, findHome, findServerUser, makeServerFolder, type Binaries, type ServerUser } from './binaries.ts';
import { releaseFolder, takeFolder } from './folder-owner.ts';
import { adoptServer, findRunningServer, startServer, stopServer, type ServerProcess, type ServerSettings } from './server-process.ts';

export type EmbeddedOptions = {
  /** Holds the cluster and the password; made when it is missing. */
  readonly dataDir: string;
  /** By default a free one, and the same again after a crash. */
  readonly port?: number;
  readonly log: Log;
  /** Further settings of PostgreSQL. */
  readonly settings?: ServerSettings;
};

export type Embedded = {
  /** Of the administrator; the database is `hub`. */
  readonly url: string;
  readonly port: number;
  /** Of the server that runs now. */
  pid(): number;
  stop(): Promise<void>;
};

const adminUser = 'postgres';
const databaseName = 'hub';
const restartDelaysMs = [0, 200, 500, 1_000, 2_000, 5_000];

/** Throws POSTGRES_START_FAILED, PORT_TAKEN, DATA_FOLDER_UNUSABLE or DATA_FOLDER_IN_USE. */
export async function startEmbedded({ dataDir, port, log, settings = {} }: EmbeddedOptions): Promise<Embedded> {
  await prepareFolder(dataDir);
  await takeFolder(dataDir);
  try {
    const user = findServerUser();
    const home = await findHome(dataDir, user);
    const binaries = await findBinaries(home, user);
    const cluster = join(home, 'cluster');
    const password = await readOrCreatePassword(dataDir, cluster);
    if (!existsSync(join(cluster, 'PG_VERSION'))) await createCluster({ binaries, user, cluster, password });
    if (home !== dataDir) log.info({ folder: home }, 'PostgreSQL keeps its files where its user can reach them');
    const place: Place = { binaries, user, cluster, password, settings, log };
    const server = (await takeOver(place, port)) ?? (await startOnPort(place, port));
    await ensureDatabase(toUrl(server.port, password, 'postgres'));
    const { pid, stop } = keepRunning(server, place);
    return {
      url: toUrl(server.port, password, databaseName),
      port: server.port,
      pid,
      stop: async () => {
        await stop();
        await releaseFolder(dataDir);
      },
    };
  } catch (error) {
    await releaseFolder(dataDir);
    throw error;
  }
}

/** Deletes what startEmbedded made, also where it lies outside the folder. The server must be stopped. */
export async function deleteEmbedded(dataDir: string): Promise<void> {
  if (!existsSync(dataDir)) return;
  const home = await findHome(dataDir, findServerUser());
  if (home !== dataDir) await rm(home, { recursive: true, force: true });
  await rm(dataDir, { recursive: true, force: true });
}

type Place = { binaries: Binaries; user: ServerUser; cluster: string; password: string; settings: ServerSettings; log: Log };

async function prepareFolder(dataDir: string): Promise<void> {
  try {
    // others must be able to pass through on the way to the cluster, which is closed to them
    await mkdir(dataDir, { recursive: true, mode: 0o711 });
    const probe = join(dataDir, `.probe-${process.pid}`);
    await writeFile(probe, '');
    await rm(probe);
  } catch (cause) {
    throw createError(
      'DATA_FOLDER_UNUSABLE',
      `${dataDir} cannot be written: ${toMessage(cause)}. Give this user the right to write there, or set HUB_DATA to another folder.`,
      { cause },
    );
  }
}

async function readOrCreatePassword(dataDir: string, cluster: string): Promise<string> {
  const file = join(dataDir, 'password');
  if (existsSync(file)) return (await readFile(file, 'utf8')).trim();
  if (existsSync(join(cluster, 'PG_VERSION'))) {
    throw createError(
      'POSTGRES_START_FAILED',
      `There is a database in ${cluster} but no password in ${file}. Restore that file, or delete the data folder (npm run reset).`,
    );
  }
  const password = randomBytes(24).toString('base64url');
  await writeFile(file, `${password}\n`, { mode: 0o600, flag: 'wx' });
  return password;
}

/** By way of a second name, so that a cluster whose making was interrupted is never taken for a whole one. */
async function createCluster({ binaries, user, cluster, password }: Omit<Place, 'log' | 'settings'>): Promise<void> {
  const partial = `${cluster}.partial`;
  const passwordFile = `${cluster}.password`;
  await rm(partial, { recursive: true, force: true });
  await makeServerFolder(partial, user);
  await rm(passwordFile, { force: true });
  await writeFile(passwordFile, password, { mode: 0o600, flag: 'wx' });
  if (user) await chown(passwordFile, user.uid, user.gid);
  try {
    await run(
      binaries.initdb,
      [
        `--pgdata=${partial}`,
        `--username=${adminUser}`,
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--locale=C',
        '--no-instructions',
      ],
      user,
    );
  } finally {
    await rm(passwordFile, { force: true });
  }
  await rename(partial, cluster);
}

async function run(program: string, parameters: readonly string[], user: ServerUser): Promise<void> {
  const child = spawn(program, parameters, {
    ...user,
    cwd: '/',
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' },
  });
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-2_000);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0)
    throw createError(
      'POSTGRES_START_FAILED',
      `The database could not be made (initdb, code ${code ?? 'none'}): ${words.trim().split('\n').slice(-4).join(' | ')}`,
    );
}

/** A server left behind by a killed supervisor is used again when it answers, and else ended. */
async function takeOver({ cluster, user, password, log }: Place, wantedPort: number | undefined): Promise<ServerProcess | undefined> {
  const running = await findRunningServer(cluster);
  if (!running) return undefined;
  const fits = wantedPort === undefined || wantedPort === 0 || wantedPort === running.port;
  if (fits && (await answers(toUrl(running.port, password, 'postgres'), cluster))) {
    log.info({ pid: running.pid, port: running.port }, 'took over the PostgreSQL that was left running');
    return adoptServer(running, user);
  }
  log.info({ pid: running.pid }, 'ended a PostgreSQL that was left running');
  await stopServer(running.pid);
  return undefined;
}

async function answers(url: string, cluster: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000, query_timeout: 2_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory');
    return rows[0]?.data_directory === cluster;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Retries what passes by itself: a free port that was taken meanwhile, and the memory of a killed server not yet given back. */
async function startOnPort(place: Place, wantedPort: number | undefined): Promise<ServerProcess> {
  const fixed = wantedPort !== undefined && wantedPort !== 0;
  for (let attempt = 0; ; attempt += 1) {
    const port = fixed ? wantedPort : await findFreePort();
    try {
      return await startServer({ ...place, port });
    } catch (error) {
      const passing =
        (!fixed && isHubError(error, 'PORT_TAKEN')) || /shared memory block|lock file|being started|shutting down/.test(toMessage(error));
      if (!passing || attempt >= 40) throw error;
      await sleep(250);
    }
  }
}

/** A server that dies is started again on the same port, until stop() is called. */
function keepRunning(first: ServerProcess, place: Place): { pid(): number; stop(): Promise<void> } {
  let current = first;
  const stopped = new AbortController();

  async function restart(): Promise<void> {
    for (let attempt = 0; !stopped.signal.aborted; attempt += 1) {
      await sleep(restartDelaysMs[Math.min(attempt, restartDelaysMs.length - 1)], undefined, { signal: stopped.signal, ref: false }).catch(
        () => undefined,
      );
      if (stopped.signal.aborted) return;
      try {
        current = await startOnPort(place, first.port);
        place.log.warn({ pid: current.pid, port: first.port }, 'PostgreSQL had died and runs again');
        return;
      } catch (error) {
        place.log.error({ err: error }, 'PostgreSQL could not be started again');
      }
    }
  }

  const watching = (async () => {
    while (!stopped.signal.aborted) {
      await current.exited;
      if (!stopped.signal.aborted) await restart();
    }
  })();

  return {
    pid: () => current.pid,
    stop: async () => {
      stopped.abort();
      await current.stop();
      await watching;
      // one that came up while we were stopping
      await current.stop();
    },
  };
}

async function ensureDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [databaseName]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${databaseName}`);
  } finally {
    await client.end();
  }
}

function toUrl(port: number, password: string, database: string): string {
  return `postgres://${adminUser}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
}
