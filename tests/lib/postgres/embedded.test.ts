import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findFreePort } from '../../../lib/free-port.ts';
import { createLog, silentLog } from '../../../lib/log/log.ts';
import { fromRoot } from '../../../lib/paths.ts';
import { deleteEmbedded, startEmbedded, withRetry, type Embedded } from '../../../lib/postgres/index.ts';
import { withAdmin } from '../../_kit/test-run.ts';

let folder: string;
let started: Embedded[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hub embedded '));
  await chmod(folder, 0o711);
});
afterEach(async () => {
  await Promise.all(started.map((server) => server.stop()));
  started = [];
  await deleteEmbedded(join(folder, 'postgres'));
  await rm(folder, { recursive: true });
});

const dataDir = () => join(folder, 'postgres');
async function start(options: { port?: number; dir?: string } = {}): Promise<Embedded> {
  const server = await startEmbedded({
    dataDir: options.dir ?? dataDir(),
    log: silentLog,
    ...(options.port === undefined ? {} : { port: options.port }),
  });
  started.push(server);
  return server;
}
const ask = async (url: string, sql: string) => (await withAdmin(url, (client) => client.query(sql))).rows;
/** A process that has ended and that nobody has asked about yet (Z) is not alive. */
const isAlive = (pid: number) => /^[^Z]/.test(spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).stdout);

describe('the embedded PostgreSQL', () => {
  it('starts in a folder whose path has a space, keeps its data, and leaves no process', async () => {
    const first = await start();
    await ask(first.url, 'CREATE TABLE kept AS SELECT 42 AS n');
    const pid = first.pid();
    await first.stop();
    expect(isAlive(pid)).toBe(false);
    const second = await start();
    expect(await ask(second.url, 'SELECT n FROM kept')).toEqual([{ n: 42 }]);
  }, 30_000);

  it('has a random password in a file that only its owner can read, and refuses any other', async () => {
    const { url } = await start();
    const file = join(dataDir(), 'password');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(decodeURIComponent(new URL(url).password)).toBe((await readFile(file, 'utf8')).trim());
    const wrong = new URL(url);
    wrong.password = 'password';
    await expect(ask(wrong.href, 'SELECT 1')).rejects.toThrow(/password authentication failed/);
    expect(await ask(url, 'SHOW listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }]);
  }, 30_000);

  it('is started again on the same port when it is killed', async () => {
    const server = await start();
    const pid = server.pid();
    process.kill(pid, 'SIGKILL');
    await sleep(50);
    const rows = await withRetry(() => ask(server.url, 'SELECT 1 AS n'), { limitMs: 15_000 });
    expect(rows).toEqual([{ n: 1 }]);
    expect(server.pid()).not.toBe(pid);
  }, 30_000);

  it('is ended when the process that started it is killed', async () => {
    const pid = await startElsewhere('and stay');
    await untilGone(pid);
    expect(isAlive(pid)).toBe(false);
  }, 30_000);

  it('takes over a server that was left running', async () => {
    const pid = await startElsewhere('and kill the watcher');
    expect(isAlive(pid)).toBe(true);
    const server = await start();
    expect(server.pid()).toBe(pid);
    expect(await ask(server.url, 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
    await server.stop();
    expect(isAlive(pid)).toBe(false);
  }, 30_000);

  it('ends a server that was left running when another port is wanted', async () => {
    const pid = await startElsewhere('and kill the watcher');
    const server = await start({ port: await findFreePort() });
    expect(server.pid()).not.toBe(pid);
    expect(isAlive(pid)).toBe(false);
  }, 30_000);

  it('is not fooled by a postmaster.pid of a process that is something else', async () => {
    await (await start()).stop();
    await writeFile(join(dataDir(), 'cluster', 'postmaster.pid'), `${process.pid}\n${dataDir()}\n0\n5432\n`);
    expect(await ask((await start()).url, 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
  }, 30_000);

  it('does not take a database whose making was interrupted for a whole one', async () => {
    await mkdir(join(dataDir(), 'cluster.partial'), { recursive: true });
    await writeFile(join(dataDir(), 'cluster.partial', 'PG_VERSION'), '18');
    expect(await ask((await start()).url, 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
    expect(await readdir(dataDir())).not.toContain('cluster.partial');
  }, 30_000);

  it('says which process has the data folder', async () => {
    await start();
    await expect(startEmbedded({ dataDir: dataDir(), log: silentLog })).rejects.toMatchObject({
      code: 'DATA_FOLDER_IN_USE',
      message: expect.stringContaining(String(process.pid)),
    });
  }, 30_000);

  it('says that a wanted port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    await expect(start({ port })).rejects.toMatchObject({ code: 'PORT_TAKEN' });
    other.close();
  }, 30_000);

  it('says that the folder cannot be written', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(start({ dir: join(folder, 'file', 'postgres') })).rejects.toMatchObject({ code: 'DATA_FOLDER_UNUSABLE' });
  });

  it('does not start over a database whose password is lost', async () => {
    await (await start()).stop();
    await rm(join(dataDir(), 'password'));
    await expect(start()).rejects.toMatchObject({ code: 'POSTGRES_START_FAILED', message: expect.stringContaining('npm run reset') });
  }, 30_000);

  it('keeps its files elsewhere when its user cannot reach the data folder, and deletes them there too', async () => {
    if (process.getuid?.() !== 0) return;
    await chmod(folder, 0o700);
    const lines: string[] = [];
    const server = await startEmbedded({
      dataDir: dataDir(),
      log: createLog({ service: 'test', stream: { write: (line) => lines.push(line) } }),
    });
    const [row] = await ask(server.url, 'SHOW data_directory');
    const home = join(String(row.data_directory), '..');
    expect(home.startsWith(folder)).toBe(false);
    expect(lines.join('')).toContain(home);
    await server.stop();
    expect((await start()).port).toBeGreaterThan(0);
    await Promise.all(started.map((one) => one.stop()));
    started = [];
    await deleteEmbedded(dataDir());
    await expect(stat(home)).rejects.toThrow(/ENOENT/);
  }, 30_000);
});

/** Starts a server in this folder from another process and kills that process; the server's pid. */
async function startElsewhere(then: 'and stay' | 'and kill the watcher'): Promise<number> {
  const program = `
    const { startEmbedded } = await import(${JSON.stringify(fromRoot('lib/postgres/embedded.ts'))});
    const { silentLog } = await import(${JSON.stringify(fromRoot('lib/log/log.ts'))});
    const server = await startEmbedded({ dataDir: ${JSON.stringify(dataDir())}, log: silentLog });
    process.stdout.write(String(server.pid()));
    setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
    cwd: fromRoot(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output] = await once(child.stdout, 'data');
  const pid = Number(String(output));
  if (then === 'and kill the watcher') spawnSync('pkill', ['-KILL', '-P', String(child.pid), '-x', 'sh']);
  child.kill('SIGKILL');
  await once(child, 'exit');
  return pid;
}

async function untilGone(pid: number): Promise<void> {
  for (let waitedMs = 0; waitedMs < 5_000 && isAlive(pid); waitedMs += 50) await sleep(50);
}
