/**
 * Every command of docker-compose.yml that runs our image, run once without a container: the same program with the same variables, where
 * host names, ports and the folder /data are those of this machine. Each makes what it should or says that it is ready, and ends when told.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readdir, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '../../lib/free-port.ts';
import { silentLog } from '../../lib/log/log.ts';
import { fromRoot } from '../../lib/paths.ts';
import { deleteEmbedded, startEmbedded, type Embedded } from '../../lib/postgres/embedded.ts';
import { run, type Outcome } from '../checks/plant.ts';
import { ownImage, readCompose } from './read-deployment.ts';

const readyLimitMs = 30_000;
const stopLimitMs = 10_000;
const pauseMs = 100;

const { services } = readCompose();
const subgraphs = Object.keys(services).filter((name) => services[name]?.command?.[1]?.startsWith('dist/subgraphs/'));
const gateways = Object.keys(services).filter((name) => services[name]?.command?.[1] === 'dist/gateway/main.js');

let folder: string;
let postgres: Embedded;
let passwordFile: string;
const ports = new Map<string, number>();
const running: ChildProcess[] = [];

/** The variables of a service, as the image and docker-compose.yml give them, on this machine. */
function toVariables(name: string): Record<string, string> {
  const given = { NODE_ENV: 'production', HUB_DATA: join(folder, 'data'), HUB_HOST: '127.0.0.1', ...services[name]?.environment };
  const hereOf: Record<string, (value: string) => string> = {
    PORT: () => String(ports.get(name)),
    DATABASE_URL: (value) =>
      value
        .replace('@postgres:5432', '@127.0.0.1:5432')
        .replace('//postgres:5432', '//127.0.0.1:5432')
        .replace(':5432', `:${postgres.port}`),
    HUB_DATABASE_PASSWORD_FILE: () => passwordFile,
    HUB_SUBGRAPH_URLS: (value) =>
      value.replace(/(\w+)=http:\/\/\w+:\d+/g, (_all, graph: string) => `${graph}=http://127.0.0.1:${ports.get(graph)}`),
    // As when the variable is not set outside
    HUB_ISSUERS: () => '',
    HUB_AUTH: () => '',
  };
  const own = Object.entries(given).map(([key, value]): [string, string] => [key, hereOf[key]?.(value) ?? value]);
  return { ...Object.fromEntries(own), PATH: process.env['PATH'] ?? '' };
}

const programOf = (name: string): string => fromRoot(services[name]?.command?.[1] ?? '');

async function runOnce(name: string): Promise<Outcome> {
  const child = spawn(process.execPath, [programOf(name)], { env: toVariables(name), stdio: ['ignore', 'pipe', 'pipe'] });
  return collect(child);
}

async function collect(child: ChildProcess): Promise<Outcome> {
  const chunks: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => chunks.push(chunk));
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  return { code, output: Buffer.concat(chunks).toString() };
}

/** Starts a service and waits until the image's own health check passes. */
async function startService(name: string): Promise<{ child: ChildProcess; ended: Promise<Outcome> }> {
  ports.set(name, await findFreePort('127.0.0.1'));
  const child = spawn(process.execPath, [programOf(name)], { env: toVariables(name), stdio: ['ignore', 'pipe', 'pipe'] });
  running.push(child);
  const ended = collect(child);
  const until = performance.now() + readyLimitMs;
  for (;;) {
    const { code, output } = await checkHealth(name);
    if (code === 0) return { child, ended };
    if (child.exitCode !== null) throw new Error(`${name} ended: ${(await ended).output}`);
    if (performance.now() > until) throw new Error(`${name} is not ready: ${output}`);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

async function checkHealth(name: string): Promise<Outcome> {
  const child = spawn(process.execPath, [fromRoot('scripts', 'health.mjs')], {
    env: { PORT: String(ports.get(name)) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return collect(child);
}

async function stopService({ child, ended }: { child: ChildProcess; ended: Promise<Outcome> }): Promise<Outcome> {
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), stopLimitMs);
  const outcome = await ended;
  clearTimeout(late);
  return outcome;
}

beforeAll(async () => {
  const { code, output } = await run(fromRoot('scripts', 'build.mjs'), [], fromRoot());
  if (code !== 0) throw new Error(output);
  folder = await mkdtemp(join(tmpdir(), 'ir-deploy-'));
  postgres = await startEmbedded({ dataDir: join(folder, 'postgres'), log: silentLog, settings: { fsync: 'off' } });
  passwordFile = join(folder, 'postgres.password');
  await writeFile(passwordFile, decodeURIComponent(new URL(postgres.url).password), { mode: 0o600 });
}, 120_000);

afterAll(async () => {
  for (const child of running) child.kill('SIGKILL');
  await postgres.stop();
  await deleteEmbedded(folder);
}, 30_000);

describe('the programs of docker-compose.yml', () => {
  it('are those of our image and no other', () => {
    const own = Object.keys(services).filter((name) => services[name]?.image === ownImage);
    expect(own.sort()).toEqual(['keys', 'migrate', ...subgraphs, ...gateways].sort());
  });

  it('make keys and passwords that only their owner can read, and leave them alone the second time', async () => {
    const first = await runOnce('keys');
    expect(first).toMatchObject({ code: 0 });
    const keys = join(folder, 'data', 'keys');
    const names = await readdir(keys);
    expect(names).toEqual(
      expect.arrayContaining(['issuer.jwk.json', 'postgres.password', 'ir_upstream.password', 'ir_feed.password', 'ir_gateway.password']),
    );
    const before = await Promise.all(names.map(async (name) => ({ name, ...pick(await stat(join(keys, name))) })));
    const secrets = before.filter(({ name }) => !name.includes('public'));
    expect(secrets.length).toBeGreaterThan(6);
    for (const { name, mode } of secrets) expect({ name, mode }).toEqual({ name, mode: 0o600 });
    expect(await runOnce('keys')).toMatchObject({ code: 0 });
    expect(await Promise.all(names.map(async (name) => ({ name, ...pick(await stat(join(keys, name))) })))).toEqual(before);
  }, 60_000);

  it('make the database, and find it made the second time', async () => {
    expect(await runOnce('migrate')).toMatchObject({ code: 0, output: expect.stringMatching(/^Applied: .*upstream\//) });
    expect(await runOnce('migrate')).toMatchObject({ code: 0, output: 'The database is up to date.\n' });
  }, 120_000);

  it('serve: four subgraphs and two gateways become ready, refuse who has no token, and end when told', async () => {
    const started = await Promise.all(subgraphs.map(startService));
    const doors = await Promise.all(gateways.map(startService));
    for (const name of [...subgraphs, ...gateways]) {
      const answer = await fetch(`http://127.0.0.1:${ports.get(name)}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: '{ __typename }' }),
      });
      expect({ name, status: answer.status }).toEqual({ name, status: 401 });
    }
    for (const service of [...doors, ...started]) expect(await stopService(service)).toMatchObject({ code: 0 });
  }, 120_000);

  it('fail their health check when they are gone', async () => {
    expect(await checkHealth(subgraphs[0] ?? '')).toMatchObject({ code: 1 });
  });
});

const pick = ({ mode, mtimeMs }: { mode: number; mtimeMs: number }): { mode: number; mtimeMs: number } => ({ mode: mode & 0o777, mtimeMs });
