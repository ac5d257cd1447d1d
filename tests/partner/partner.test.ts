/** docs/partner.md is true: its own commands, run as they stand there, join a fifth subgraph on three servers, and its query answers. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findAnyPort } from '../../cli/hub/ports.ts';
import { fromRoot } from '../../lib/paths.ts';
import { deleteEmbedded } from '../../lib/postgres/embedded.ts';
import { readBlocks, readPage } from '../docs/pages.ts';

const page = readPage('docs/partner.md');
const commands = readBlocks(page, 'sh').map((block) => block.trim());
const servers = commands.filter((command) => command.startsWith('node examples/'));
const compose = commands.find((command) => command.startsWith('npm run compose')) ?? '';
const start = commands.find((command) => command.endsWith('npm start')) ?? '';
const question = readBlocks(page, 'graphql').at(-1) ?? '';

const startLimitMs = 240_000;
const stopLimitMs = 15_000;

let data: string;
let partnerPort: number;
let hubPort: number;
let hub: Started;

type Started = { readonly child: ChildProcess; readonly output: () => string };

/** The command on this machine: the port, and the data folder, are those of the test. */
const toCommand = (command: string): string => command.replaceAll('.hub/', `${data}/`).replaceAll('4005', String(partnerPort));

function toEnvironment(): NodeJS.ProcessEnv {
  // A database that someone set for the tests is not one to start a hub on
  const { DATABASE_URL: _given, NODE_ENV: _mode, NODE_OPTIONS: _options, ...rest } = process.env;
  return { ...rest, HUB_DATA: data, PORT: String(hubPort) };
}

/** Starts a command that goes on, in a process group of its own, and resolves when it has printed `ready`. */
async function startCommand(command: string, ready: RegExp): Promise<Started> {
  const child = spawn('sh', ['-c', toCommand(command)], {
    cwd: fromRoot(),
    env: toEnvironment(),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  await new Promise<void>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`${command} is not ready: ${output}`)), startLimitMs);
    const read = (chunk: Buffer): void => {
      output += String(chunk);
      if (!ready.test(output)) return;
      clearTimeout(late);
      resolve();
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', (code) => reject(new Error(`${command} ended with ${code}: ${output}`)));
  });
  return { child, output: () => output };
}

async function stopCommand({ child }: Started): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  process.kill(-child.pid, 'SIGTERM');
  const late = setTimeout(() => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL'), stopLimitMs);
  await gone;
  clearTimeout(late);
}

async function ask(query: string): Promise<any> {
  const answer = await fetch(`http://127.0.0.1:${hubPort}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  return answer.json();
}

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'ir-partner-'));
  [partnerPort, hubPort] = [await findAnyPort('127.0.0.1'), await findAnyPort('127.0.0.1')];
  const made = spawnSync(process.execPath, [fromRoot('dist', 'cli', 'keys.js')], { env: toEnvironment(), encoding: 'utf8' });
  if (made.status !== 0) throw new Error(made.stderr);
}, startLimitMs);

afterAll(async () => {
  if (hub !== undefined) await stopCommand(hub);
  await deleteEmbedded(join(data, 'postgres'));
  await rm(data, { recursive: true, force: true });
}, 60_000);

describe('docs/partner.md', () => {
  it('shows a server each on graphql-http, mercurius and Apollo Server, and the steps to join', () => {
    expect(servers).toHaveLength(3);
    expect(compose).not.toBe('');
    expect(start).not.toBe('');
    expect(question).toContain('audits');
  });

  it('composes the subgraph into the graph', async () => {
    const { status, stdout, stderr } = spawnSync('sh', ['-c', toCommand(compose)], {
      cwd: fromRoot(),
      env: toEnvironment(),
      encoding: 'utf8',
    });
    expect({ status, stderr: status === 0 ? '' : stderr + stdout }).toEqual({ status: 0, stderr: '' });
    expect(await readFile(join(data, 'supergraph.graphql'), 'utf8')).toMatch(/AUDITS @join__graph\(name: "audits"/);
  }, 60_000);

  it(
    'starts the hub with it; as long as the partner is down only its field is null',
    async () => {
      hub = await startCommand(start, /Stop with Ctrl-C/);
      const { data: found, errors } = await ask(question);
      expect(found.makers.nodes).toHaveLength(2);
      for (const node of found.makers.nodes) expect(node).toEqual({ name: expect.any(String), audits: null });
      expect(errors[0]).toMatchObject({ extensions: { service: 'audits' }, path: ['makers', 'nodes', 0, 'audits'] });
    },
    startLimitMs,
  );

  it.each(servers)(
    'answers its question by "%s", and refuses who does not come through the gateway',
    async (command) => {
      const server = await startCommand(command, /audits on /);
      try {
        const { data: found, errors } = await ask(question);
        expect(errors).toBeUndefined();
        expect(found.makers.nodes).toHaveLength(2);
        const audit = { day: expect.stringMatching(/^\d{4}-\d\d-\d\d$/), marks: expect.any(Number) };
        for (const node of found.makers.nodes) expect(node).toEqual({ name: expect.any(String), audits: [audit, audit] });
        const straight = await fetch(`http://127.0.0.1:${partnerPort}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ query: '{ _service { sdl } }' }),
        });
        expect(straight.status).toBe(401);
      } finally {
        await stopCommand(server);
      }
    },
    60_000,
  );
});
