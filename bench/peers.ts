/**
 * `npm run bench:peers`: requests per second of the gateway beside others from npm, in one run, on the same machine. The gateway has
 * processor 0, stand-in subgraphs and load have processor 1; 50 connections; every answer is compared with the right one before and after.
 *
 *   --runs n      default 5; medians are printed     --seconds n   of each run (default 8), after --warm seconds (default 3)
 *   --only text   contestants whose name holds it    --query names of big,tiny,differ,differ-tiny,hop (default all)
 *   --short       one run of two seconds, no verdict --memory n    minutes of load on ours: resident memory at 2 and at n minutes
 *
 * A row whose processor 1 was busy for more than 95 % is load-bound: the gateway could do more. Ratios are ours / theirs.
 */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, isDeepStrictEqual } from 'node:util';
import { execFileSync, spawnSync } from 'node:child_process';
import { graphql } from 'graphql';
import { composeSupergraph } from '../engine/compose/index.ts';
import { findFreePort } from '../lib/free-port.ts';
import { fromRoot } from '../lib/paths.ts';
import { QUERIES, SDL, SUBGRAPHS, createWholeSchema } from './kit/graph.ts';
import type { QueryName } from './kit/graph.ts';
import type { LoadOptions, LoadResult } from './kit/load.ts';
import { contestants } from './kit/peers.ts';
import type { Contestant } from './kit/peers.ts';
import { cpuTicks, memoryOf, rest, start, stop, waitFor } from './kit/process.ts';
import type { Started } from './kit/process.ts';

type Round = { readonly title: string; readonly query: QueryName; readonly delayMs: number; readonly connections: number };
type Run = {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly memoryMb: number;
  readonly fetchesPerRequest: number;
  readonly loadBusy: number;
  readonly failed: number;
};
type Row = Run & { readonly contestant: Contestant };

const text = { type: 'string' } as const;
const { values } = parseArgs({
  options: { runs: text, seconds: text, warm: text, only: text, query: text, memory: text, short: { type: 'boolean' } },
});
const runs = Number(values.runs ?? (values.short === true ? 1 : 5));
const runMs = 1_000 * Number(values.seconds ?? (values.short === true ? 2 : 8));
const warmMs = 1_000 * Number(values.warm ?? (values.short === true ? 1 : 3));
const gatewayCpu = 0;
const loadCpu = 1;
const connections = 50;

const rounds: readonly Round[] = [
  { title: 'big', query: 'big', delayMs: 0, connections },
  { title: 'differ', query: 'differ', delayMs: 0, connections },
  { title: 'tiny', query: 'tiny', delayMs: 0, connections },
  { title: 'differ-tiny', query: 'differ-tiny', delayMs: 0, connections },
  { title: 'hop', query: 'differ', delayMs: 4, connections },
];

execFileSync(process.execPath, [fromRoot('scripts/build.mjs')], { stdio: 'inherit' });
installPeers();
printMachine();
const wanted = contestants().filter(({ name }) => name.includes(values.only ?? ''));
let nonces = 0;
if (values.memory === undefined) {
  for (const round of rounds) if (values.query === undefined || values.query.split(',').includes(round.title)) await runRound(round);
} else await runMemory(Number(values.memory));

function installPeers(): void {
  const cwd = fromRoot('bench', 'peers');
  if (spawnSync('npm', ['ls', '--depth=0'], { cwd, stdio: 'ignore' }).status === 0) return;
  console.log('installing the peers under bench/peers (once)');
  execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
  // The package brings its program without the right to run it
  chmodSync(join(cwd, 'node_modules/@grafbase/cli-x86_64-unknown-linux-musl/grafbase'), 0o755);
}

function printMachine(): void {
  const [cpu] = cpus();
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: fromRoot() }).toString().trim();
  console.log(
    `${new Date().toISOString().slice(0, 10)}  ${cpu?.model ?? ''} × ${cpus().length}, Node ${process.versions.node}, commit ${commit}`,
  );
  console.log(
    `${connections} connections, ${runs} runs of ${runMs / 1_000} s after ${warmMs / 1_000} s, medians; npm run bench:peers ${process.argv.slice(2).join(' ')}`,
  );
}

async function runRound(round: Round): Promise<void> {
  console.log(`\n${round.title}${round.delayMs > 0 ? ` (${round.delayMs} ms at every subgraph, a nonce in every fetch)` : ''}`);
  const rows: Row[] = [];
  for (const contestant of wanted) {
    if (contestant.sharesRequests && round.title !== 'big') continue;
    const results: Run[] = [];
    for (let run = 0; run < runs; run += 1) results.push(await runOnce(contestant, round));
    const row = { contestant, ...medians(results) };
    rows.push(row);
    printRow(row, rows[0]);
  }
}

async function runOnce(contestant: Contestant, round: Round): Promise<Run> {
  return withGateway(contestant, round, async ({ gateway, port, standInPort }) => {
    await assertAnswers(port, round, contestant);
    const before = await countOf(standInPort);
    const ticks = cpuTicks(loadCpu);
    const load = await runLoad({
      port,
      path: '/graphql',
      body: JSON.stringify(QUERIES[round.query]),
      connections: round.connections,
      warmMs,
      runMs,
      count: (nonces += 10_000_000),
    });
    const now = cpuTicks(loadCpu);
    const after = await countOf(standInPort);
    const memoryMb = memoryOf(gateway.pid);
    await assertAnswers(port, round, contestant);
    return {
      perSecond: load.requests / load.seconds,
      p50Ms: load.p50Ms,
      p99Ms: load.p99Ms,
      memoryMb,
      fetchesPerRequest: (after - before) / load.all,
      loadBusy: (now.busy - ticks.busy) / (now.all - ticks.all),
      failed: load.failed,
    };
  });
}

type Place = { readonly gateway: Started; readonly port: number; readonly standInPort: number };

async function withGateway<T>(contestant: Contestant, { delayMs }: Pick<Round, 'delayMs'>, work: (place: Place) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-peers-'));
  const standIn = start([process.execPath, '--import', 'tsx', fromRoot('bench/kit/stand-in.ts'), String(delayMs)], {
    cpu: loadCpu,
    cwd: fromRoot(),
  });
  const started: Started[] = [standIn];
  try {
    const standInPort = await waitFor(async () => Number(/^(\d+)$/m.exec(standIn.output())?.[1] ?? Number.NaN) || null, 'the stand-in');
    const port = await findFreePort();
    const supergraphFile = join(folder, 'supergraph.graphql');
    writeFileSync(supergraphFile, compose(standInPort));
    const { args, env, cwd } = contestant.command({ supergraphFile, standInPort, port, folder });
    const gateway = start(args, { cpu: gatewayCpu, cwd, env });
    started.push(gateway);
    await waitFor(async () => ((await ask(port, 'tiny')) === null ? null : true), contestant.name).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${gateway.output()}`);
    });
    return await work({ gateway, port, standInPort });
  } finally {
    for (const one of started.toReversed()) await stop(one);
    rmSync(folder, { recursive: true, force: true });
  }
}

function compose(standInPort: number): string {
  const result = composeSupergraph(SUBGRAPHS.map((name) => ({ name, url: `http://127.0.0.1:${standInPort}/${name}`, sdl: SDL[name] })));
  if (result.kind === 'failed') throw new Error(result.errors.map(({ message }) => message).join('\n'));
  return result.supergraphSdl;
}

async function ask(port: number, query: QueryName): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(QUERIES[query]),
  });
  return response.ok ? response.json() : null;
}

async function assertAnswers(port: number, { query }: Round, { name }: Contestant): Promise<void> {
  const answer = await ask(port, query);
  const expected: unknown = JSON.parse(JSON.stringify(await graphql({ schema: createWholeSchema(), source: QUERIES[query].query })));
  if (!isDeepStrictEqual(answer, expected)) throw new Error(`${name} answers ${query} wrongly: ${JSON.stringify(answer).slice(0, 500)}`);
}

async function countOf(standInPort: number): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${standInPort}/count`);
  const { count } = (await response.json()) as { count: number }; // our own stand-in
  return count;
}

async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const load = start([process.execPath, '--import', 'tsx', fromRoot('bench/kit/load.ts'), JSON.stringify(options)], {
    cpu: loadCpu,
    cwd: fromRoot(),
  });
  const code = await new Promise((resolve) => load.child.once('exit', resolve));
  const line = /^\{.*\}$/m.exec(load.output())?.[0];
  if (code !== 0 || line === undefined) throw new Error(`The load failed: ${load.output()}`);
  return JSON.parse(line) as LoadResult; // its one line
}

function medians(results: readonly Run[]): Run {
  const median = (read: (run: Run) => number): number =>
    results.map(read).toSorted((a, b) => a - b)[Math.floor(results.length / 2)] ?? Number.NaN;
  return {
    perSecond: median((run) => run.perSecond),
    p50Ms: median((run) => run.p50Ms),
    p99Ms: median((run) => run.p99Ms),
    memoryMb: median((run) => run.memoryMb),
    fetchesPerRequest: median((run) => run.fetchesPerRequest),
    loadBusy: median((run) => run.loadBusy),
    failed: results.reduce((sum, { failed }) => sum + failed, 0),
  };
}

function printRow(
  { contestant, perSecond, p50Ms, p99Ms, memoryMb, fetchesPerRequest, loadBusy, failed }: Row,
  first: Row | undefined,
): void {
  const ratio = first === undefined ? 1 : first.perSecond / perSecond;
  const notes = [loadBusy > 0.95 ? 'load-bound' : '', failed > 0 ? `${failed} FAILED` : ''].filter((note) => note !== '').join(', ');
  console.log(
    [
      `${contestant.name} ${contestant.version}`.padEnd(78),
      `${perSecond.toFixed(0).padStart(7)}/s`,
      `p50 ${p50Ms.toFixed(1).padStart(7)} p99 ${p99Ms.toFixed(1).padStart(7)} ms`,
      `${memoryMb.toFixed(0).padStart(5)} MB`,
      `${fetchesPerRequest.toFixed(2).padStart(6)} fetches`,
      `ratio ${ratio.toFixed(2).padStart(6)}`,
      notes,
    ].join('  '),
  );
}

/** Load on ours for minutes: memory must be flat. */
async function runMemory(minutes: number): Promise<void> {
  const [contestant] = wanted;
  if (contestant === undefined) return;
  await withGateway(contestant, { delayMs: 0 }, async ({ gateway, port }) => {
    const load = runLoad({
      port,
      path: '/graphql',
      body: JSON.stringify(QUERIES.differ),
      connections,
      warmMs: 0,
      runMs: minutes * 60_000,
      count: 0,
    });
    const seen: number[] = [];
    for (let minute = 1; minute <= minutes; minute += 1) {
      await rest(60_000);
      seen.push(memoryOf(gateway.pid));
      console.log(`minute ${minute}: ${seen.at(-1)?.toFixed(0) ?? ''} MB`);
    }
    await load;
    console.log(`minute ${minutes} / minute 2: ${((seen.at(-1) ?? 0) / (seen[1] ?? 1)).toFixed(2)}`);
  });
}
