/**
 * What one request costs the gateway itself: CPU time (user and system) of its process per request, and beside it that of a bare node:http
 * server, asked in turn so that both meet the same machine. Time on the clock means little where other work runs; this still does.
 * `npm run bench:tiny`, optionally `-- --query tiny|big|differ|differ-tiny --rounds n --warm seconds`.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { composeSupergraph } from '../engine/compose/index.ts';
import { findFreePort } from '../lib/free-port.ts';
import { fromRoot } from '../lib/paths.ts';
import { QUERIES, SDL, SUBGRAPHS, type QueryName } from './kit/graph.ts';
import type { LoadOptions, LoadResult } from './kit/load.ts';
import { ours } from './kit/peers.ts';
import { cpuMicrosecondsOf, start, stop, waitFor, type Started } from './kit/process.ts';

type Target = { readonly name: string; readonly process: Started; readonly port: number };

const text = { type: 'string' } as const;
const { values } = parseArgs({ options: { query: text, rounds: text, warm: text } });
const query = toQuery(values.query ?? 'tiny');
const rounds = Number(values.rounds ?? 8);
/** V8 compiles for so long: before, a request costs two to three times as much. */
const warmMs = 1_000 * Number(values.warm ?? 20);
const sliceMs = 2_000;
const connections = 50;
let nonces = 0;
/** The programs run where there is room: no processor is theirs, as in `bench:peers`. */
const cpus = '0-1';

const bareServer = `
  const answer = '{"data":{"me":{"name":"Ann Weaver"}}}';
  require('node:http').createServer((message, response) => {
    message.on('data', () => undefined);
    message.on('end', () => {
      response.writeHead(200, ['content-type', 'application/json; charset=utf-8', 'content-length', String(answer.length)]);
      response.end(answer);
    });
  }).listen(Number(process.argv[1]), '127.0.0.1');`;

execFileSync(process.execPath, [fromRoot('scripts/build.mjs')], { stdio: 'inherit' });
const folder = mkdtempSync(join(tmpdir(), 'bench-tiny-'));
const started: Started[] = [];
try {
  await run();
} finally {
  for (const one of started.toReversed()) await stop(one);
  rmSync(folder, { recursive: true, force: true });
}

async function run(): Promise<void> {
  const targets = [await startBare(), await startGateway()];
  for (const target of targets) await load(target, warmMs);
  const costs = new Map<Target, number[]>(targets.map((target) => [target, []]));
  for (let round = 0; round < rounds; round += 1) for (const target of targets) costs.get(target)?.push(await costOf(target));
  for (const [{ name }, list] of costs)
    console.log(`${name.padEnd(20)} ${median(list).toFixed(1)} µs CPU per request, median of ${rounds}`);
}

async function startBare(): Promise<Target> {
  const port = await findFreePort();
  return begin('bare node:http', [process.execPath, '--max-semi-space-size=64', '-e', bareServer, String(port)], {
    port,
    env: {},
    cwd: folder,
  });
}

async function startGateway(): Promise<Target> {
  const standIn = start([process.execPath, '--import', 'tsx', fromRoot('bench/kit/stand-in.ts'), '0'], { cpu: cpus, cwd: fromRoot() });
  started.push(standIn);
  const standInPort = await waitFor(async () => Number(/^(\d+)$/m.exec(standIn.output())?.[1] ?? Number.NaN) || null, 'the stand-in');
  const supergraphFile = join(folder, 'supergraph.graphql');
  writeFileSync(supergraphFile, compose(standInPort));
  const port = await findFreePort();
  const { args, env, cwd } = ours('industry router', {}).command({ supergraphFile, standInPort, port, folder });
  return begin(`gateway, ${query}`, args, { port, env, cwd });
}

type Place = { readonly port: number; readonly env: Readonly<Record<string, string>>; readonly cwd: string };

async function begin(name: string, args: readonly string[], { port, env, cwd }: Place): Promise<Target> {
  const process = start(args, { cpu: cpus, cwd, env });
  started.push(process);
  await waitFor(async () => ((await isAnswered(port)) ? true : null), name);
  return { name, process, port };
}

async function isAnswered(port: number): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(QUERIES[query]),
  });
  return response.ok && (await response.text()).startsWith('{"data"');
}

function compose(standInPort: number): string {
  const result = composeSupergraph(SUBGRAPHS.map((name) => ({ name, url: `http://127.0.0.1:${standInPort}/${name}`, sdl: SDL[name] })));
  if (result.kind === 'failed') throw new Error(result.errors.map(({ message }) => message).join('\n'));
  return result.supergraphSdl;
}

async function costOf(target: Target): Promise<number> {
  const before = cpuMicrosecondsOf(target.process.pid);
  const { all, failed } = await load(target, sliceMs);
  if (failed > 0) throw new Error(`${failed} requests to ${target.name} failed`);
  return (cpuMicrosecondsOf(target.process.pid) - before) / all;
}

async function load({ port }: Target, runMs: number): Promise<LoadResult> {
  const body = JSON.stringify(QUERIES[query]);
  const options: LoadOptions = { port, path: '/graphql', body, connections, warmMs: 0, runMs, count: (nonces += 10_000_000) };
  const one = start([process.execPath, '--import', 'tsx', fromRoot('bench/kit/load.ts'), JSON.stringify(options)], {
    cpu: cpus,
    cwd: fromRoot(),
  });
  await new Promise((resolve) => one.child.once('close', resolve));
  const line = /^\{.*\}$/m.exec(one.output())?.[0];
  if (line === undefined) throw new Error(`The load failed: ${one.output()}`);
  return JSON.parse(line) as LoadResult; // its one line
}

function median(list: readonly number[]): number {
  return list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? Number.NaN;
}

function toQuery(name: string): QueryName {
  if (name === 'tiny' || name === 'big' || name === 'differ' || name === 'differ-tiny') return name;
  throw new Error(`There is no query ${name}: expected tiny, big, differ or differ-tiny.`);
}
