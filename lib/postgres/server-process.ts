/**
 * One PostgreSQL process: started by us, or found running (left behind by a supervisor that was killed). A tiny watcher process ends
 * the server when this process goes away without a word.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createError, toErrorCode } from '../errors/errors.ts';
import type { Log } from '../log/log.ts';
import type { Binaries, ServerUser } from './binaries.ts';

export type ServerProcess = {
  readonly pid: number;
  readonly port: number;
  /** Resolves when the process is gone, for whatever reason. */
  readonly exited: Promise<void>;
  /** Fast shutdown; harder after five seconds. */
  stop(): Promise<void>;
};

export type ServerSettings = Readonly<Record<string, string>>;
type StartOptions = { binaries: Binaries; user: ServerUser; cluster: string; port: number; settings: ServerSettings; log: Log };

const startLimitMs = 60_000;
const stopStepsMs = [
  ['SIGINT', 5_000],
  ['SIGQUIT', 3_000],
  ['SIGKILL', 2_000],
] as const;
const pollMs = 50;

const fixedSettings: ServerSettings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  timezone: 'UTC',
  log_timezone: 'UTC',
  lc_messages: 'C',
};

/** Throws POSTGRES_START_FAILED with the server's last words, or PORT_TAKEN. */
export async function startServer(options: StartOptions): Promise<ServerProcess> {
  const { binaries, user, cluster, port, settings, log } = options;
  const flags = Object.entries({ ...settings, ...fixedSettings }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(binaries.postgres, ['-D', cluster, '-p', String(port), ...flags], {
    ...user,
    cwd: '/',
    // A process group of its own: Ctrl-C must not reach the server before those who use it
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' },
  });
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  await untilReady(child, exited, port, log);
  const { pid } = child;
  if (pid === undefined) throw createError('POSTGRES_START_FAILED', 'The embedded PostgreSQL did not start.');
  return toServerProcess(pid, port, exited, startWatcher(pid, user));
}

/** The server that runs on the cluster now, as its postmaster.pid says; undefined when there is none (a stale file is removed). */
export async function findRunningServer(cluster: string): Promise<{ pid: number; port: number } | undefined> {
  const file = join(cluster, 'postmaster.pid');
  if (!existsSync(file)) return undefined;
  const lines = readFileSync(file, 'utf8').split('\n');
  const [pid, port] = [Number(lines[0]), Number(lines[3])];
  if (Number.isInteger(pid) && pid > 1 && isPostgres(pid)) return { pid, port };
  await rm(file, { force: true });
  return undefined;
}

/** A server that another process started becomes ours to stop. */
export function adoptServer({ pid, port }: { pid: number; port: number }, user: ServerUser): ServerProcess {
  return toServerProcess(pid, port, untilGone(pid), startWatcher(pid, user));
}

export async function stopServer(pid: number): Promise<void> {
  for (const [signal, waitMs] of stopStepsMs) {
    if (!isPostgres(pid)) return;
    process.kill(pid, signal);
    for (let waitedMs = 0; waitedMs < waitMs && isPostgres(pid); waitedMs += pollMs) await sleep(pollMs);
  }
}

function toServerProcess(pid: number, port: number, exited: Promise<void>, watcher: ChildProcess): ServerProcess {
  void exited.then(() => watcher.kill('SIGKILL'));
  return {
    pid,
    port,
    exited,
    stop: async () => {
      await stopServer(pid);
      await Promise.race([exited, sleep(pollMs * 10)]);
    },
  };
}

async function untilReady(child: ChildProcess, exited: Promise<void>, port: number, log: Log): Promise<void> {
  let lastWords = '';
  const ready = new Promise<true>((resolve) => {
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      lastWords = (lastWords + text).slice(-2_000);
      log.debug(text.trimEnd());
      if (text.includes('ready to accept connections')) resolve(true);
    });
  });
  const limit = new AbortController();
  const outcome = await Promise.race([ready, exited, sleep(startLimitMs, undefined, { signal: limit.signal }).catch(() => undefined)]);
  limit.abort();
  if (outcome) return;
  child.kill('SIGKILL');
  if (/could not bind|Address already in use/.test(lastWords))
    throw createError('PORT_TAKEN', `Port ${port} for PostgreSQL is taken by another process.`);
  throw createError(
    'POSTGRES_START_FAILED',
    `The embedded PostgreSQL did not start: ${lastWords.trim().split('\n').slice(-4).join(' | ') || 'no message'}`,
  );
}

/** Reads its standard input, which ends when this process does, however that happens; then tells the server to stop. */
function startWatcher(pid: number, user: ServerUser): ChildProcess {
  const watcher = spawn('/bin/sh', ['-c', `read -r nothing; kill -INT ${pid}`], {
    ...user,
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watcher.on('error', () => undefined);
  watcher.unref();
  // Its pipe must not keep this process alive either
  if (watcher.stdin instanceof Socket) watcher.stdin.unref();
  return watcher;
}

async function untilGone(pid: number): Promise<void> {
  while (isPostgres(pid)) await sleep(pollMs * 5, undefined, { ref: false });
}

/** Is this process alive, and a PostgreSQL server? A pid may since belong to something else. */
function isPostgres(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Alive, but of another user
    if (toErrorCode(error) !== 'EPERM') return false;
  }
  if (process.platform !== 'linux') return true;
  try {
    const state = /\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1];
    return state !== 'Z' && readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'postgres';
  } catch {
    return false;
  }
}
