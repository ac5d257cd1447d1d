/**
 * npx tsx scripts/prove-start.ts: does what a new user does and checks what is promised: a fresh clone in a folder with a space, `npm ci`,
 * `npm start`, the README's first query, Ctrl-C, a second start; then the same without any network, and as an ordinary user.
 * The last two need root and are said to be left out otherwise. Takes some minutes. Exit code 1 when a promise is broken.
 * --no-times: times are shown and not judged, for machines that others share.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withVariables } from '../lib/config/index.ts';
import { findFreePort } from '../lib/free-port.ts';
import { fromRoot } from '../lib/paths.ts';

const FIRST_START_MS = 60_000;
const SECOND_START_MS = 10_000;
const STOP_MS = 10_000;
const MEMORY_MOST_MB = 900;
const PORT = await findFreePort();

let broken = 0;
function check(promise: string, kept: boolean, found: unknown = ''): void {
  if (!kept) broken += 1;
  process.stdout.write(`${kept ? 'ok    ' : 'BROKEN'} ${promise}${found === '' ? '' : ` (${String(found)})`}\n`);
}

const judgesTimes = !process.argv.includes('--no-times');
/** A promise about a time, in milliseconds; null: it never happened. */
function checkTime(promise: string, ms: number | null, mostMs: number, otherwise = ''): void {
  check(promise, ms !== null && (ms < mostMs || !judgesTimes), ms === null ? otherwise : `${seconds(ms)}, promised ${seconds(mostMs)}`);
}

const readme = readFileSync(fromRoot('README.md'), 'utf8');
const firstQuery = /-d '(\{"query":.*?\})'/.exec(readme)?.[1] ?? '';
const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

type Started = { readonly child: ChildProcess; readonly text: () => string; readonly ms: number };

/** Starts the hub in a process group of its own, as a terminal does, and waits for its welcome. */
async function start(command: string, parameters: readonly string[], folder: string, variables: Record<string, string>): Promise<Started> {
  const began = performance.now();
  const child = spawn(command, parameters, {
    cwd: folder,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...withVariables({}), ...variables },
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (part: string) => (text += part));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const welcomed = (async () => {
    while (!/^memory/m.test(text)) await new Promise((resolve) => setTimeout(resolve, 50));
  })();
  const late = new Promise<void>((resolve) => setTimeout(resolve, 3 * FIRST_START_MS).unref());
  await Promise.race([welcomed, ended, late]);
  return { child, text: () => text, ms: performance.now() - began };
}

/** Ctrl-C: the signal goes to the whole group. Gives the time until the last process is gone, or null when one stays. */
async function interrupt({ child }: Started, folder: string): Promise<number | null> {
  const began = performance.now();
  if (child.pid !== undefined) process.kill(-child.pid, 'SIGINT');
  while (performance.now() - began < 2 * STOP_MS) {
    if (processesIn(folder).length === 0) return performance.now() - began;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return null;
}

// Processes that run from the folder or name it in their command.
function processesIn(folder: string): string[] {
  return readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) return false;
    try {
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8');
      return command !== '' && (command.includes(folder) || readlinkSync(`/proc/${name}/cwd`).startsWith(folder));
    } catch {
      return false;
    }
  });
}

const post = async (body: string): Promise<string> => {
  const answer = await fetch(`http://localhost:${PORT}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  return answer.text();
};

const answersWithData = (text: string): boolean => text.includes('"nodes":[{') && !text.includes('"errors"');

async function proveClone(folder: string): Promise<void> {
  const variables = { PORT: String(PORT) };
  const first = await start('npm', ['start'], folder, variables);
  check('npm start shows the address', /GraphQL: http:\/\/localhost:\d+\/graphql/.test(first.text()), seconds(first.ms));
  check(
    'one line per part with its time',
    ['PostgreSQL', 'upstream', 'midstream', 'downstream', 'routing', 'gateway'].every((part) =>
      new RegExp(`^${part} .*\\d`, 'm').test(first.text()),
    ),
  );
  checkTime('ready and filled within a minute', first.ms, FIRST_START_MS);
  check('/ready is 200', (await fetch(`http://localhost:${PORT}/ready`)).status === 200);
  check('the first query of the README answers with data', answersWithData(await post(firstQuery)));
  check(
    'a visitor is answered',
    answersWithData(await post(JSON.stringify({ query: '{ __typename makers(first: 1) { nodes { gln } } }' }))),
  );
  const memory = Number(/^memory\s+(\d+) MB/m.exec(first.text())?.[1] ?? Number.NaN);
  check(`at most ${MEMORY_MOST_MB} MB at rest`, memory <= MEMORY_MOST_MB, `${memory} MB`);
  const stopped = await interrupt(first, folder);
  check(
    'Ctrl-C ends all and leaves no process',
    stopped !== null && stopped < STOP_MS,
    stopped === null ? `left: ${processesIn(folder).join(' ')}` : seconds(stopped),
  );

  const second = await start('npm', ['start'], folder, variables);
  checkTime('the second start is quick', /GraphQL: /.test(second.text()) ? second.ms : null, SECOND_START_MS, second.text());
  check('its data is still there', answersWithData(await post(firstQuery)));
  const again = await interrupt(second, folder);
  checkTime('Ctrl-C again', again, STOP_MS, 'processes stay');
}

// In a network of its own, with nothing in it but loopback; the query is asked from inside.
async function proveOffline(folder: string): Promise<void> {
  const script = `ip link set lo up && exec npm start`;
  const hub = await start('unshare', ['-n', 'sh', '-c', script], folder, { PORT: String(PORT), HUB_DATA: join(folder, '.hub-offline') });
  check('starts without any network', /GraphQL: /.test(hub.text()), seconds(hub.ms));
  const asked = spawn(
    'nsenter',
    [
      '-t',
      String(hub.child.pid),
      '-n',
      'curl',
      '-s',
      `http://localhost:${PORT}/graphql`,
      '-H',
      'content-type: application/json',
      '-d',
      firstQuery,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let text = '';
  asked.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
  await new Promise((resolve) => asked.once('close', resolve));
  check('and answers there', answersWithData(text));
  const stopped = await interrupt(hub, folder);
  checkTime('and ends', stopped, STOP_MS, 'processes stay');
}

async function proveOrdinaryUser(folder: string, work: string): Promise<void> {
  const own = join(work, 'of nobody');
  cpSync(folder, own, { recursive: true, verbatimSymlinks: true, filter: (path) => !path.includes('.hub') });
  const home = join(work, 'home');
  mkdirSync(home);
  execFileSync('chown', ['-R', 'nobody:', own, home]);
  const hub = await start('runuser', ['-u', 'nobody', '--', 'npm', 'start'], own, { PORT: String(PORT), HOME: home });
  check('starts as an ordinary user', /GraphQL: /.test(hub.text()), seconds(hub.ms));
  check('and answers', answersWithData(await post(firstQuery)));
  const stopped = await interrupt(hub, own);
  checkTime('and ends', stopped, STOP_MS, `left: ${processesIn(own).join(' ')}`);
}

async function main(): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), 'hub-new-user-'));
  chmodSync(work, 0o755);
  const folder = join(work, 'industry router');
  try {
    execFileSync('git', ['clone', '--quiet', fromRoot(), folder]);
    const began = performance.now();
    execFileSync('npm', ['ci'], { cwd: folder, stdio: 'ignore' });
    check('npm ci in a fresh clone, in a folder with a space', true, seconds(performance.now() - began));
    await proveClone(folder);
    if (process.getuid?.() === 0) {
      await proveOffline(folder);
      await proveOrdinaryUser(folder, work);
    } else {
      process.stdout.write('left out: without network, and as another user (they need root)\n');
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  process.exitCode = broken === 0 ? 0 : 1;
}

await main();
