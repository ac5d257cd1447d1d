/**
 * `npm run bad-input`: a gateway as it runs in production, in a process of its own, gets thousands of spoiled requests at every door and
 * a list made by hand. It must live, answer each with 4xx or GraphQL, show nothing of its inside, keep its prototypes and its memory.
 *
 *   --inputs n   how many spoiled requests (default 20,000)      --seed n    of the randomness (default 1)
 *   --short      3,000 of them                                   --input n   this one alone, with its bytes and its answer
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DOCUMENTS } from './bad-input/documents.ts';
import { createInputsByHand } from './bad-input/by-hand.ts';
import { startGateway, type Probed, type TestedGateway } from './bad-input/gateway.ts';
import { judge } from './bad-input/judge.ts';
import { SECRET, startMills, type Mills } from './bad-input/mills.ts';
import { createInput, type Input } from './bad-input/mutate.ts';
import { DOORS, type Door } from './bad-input/request.ts';
import { send } from './bad-input/send.ts';
import { checkHealth } from './bad-input/valid.ts';

const text = { type: 'string' } as const;
const { values } = parseArgs({ options: { inputs: text, seed: text, input: text, short: { type: 'boolean' } } });
const seed = Number(values.seed ?? 1);
const inputs = Number(values.inputs ?? (values.short === true ? 3_000 : 20_000));

/** So many at a time; those by hand one after the other, so that each has the event loop for itself. */
const WIDTH = 4;
const HEALTH_EVERY = 500;
const MEMORY_LIMIT_BYTES = 64 * 1_048_576;
const LOOP_GOAL_MS = 100;
const MOST_SHOWN = 20;

type Gateways = { readonly open: TestedGateway; readonly trusting: TestedGateway };
type Row = { inputs: number; readonly statuses: Map<number, number>; wrong: number };

const rows = new Map<Door, Row>(DOORS.map(({ name }) => [name, { inputs: 0, statuses: new Map(), wrong: 0 }]));
const failures: string[] = [];

function fail(line: string): void {
  failures.push(line);
  if (failures.length <= MOST_SHOWN) console.log(`WRONG ${line}`);
}

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'bad-input-'));
  const mills = await startMills();
  const gateways = await startGateways(folder, mills);
  try {
    if (values.input === undefined) await runAll(gateways, mills);
    else await showOne(createInput(seed, Number(values.input), gateways.open.token), gateways);
  } finally {
    await Promise.all([gateways.open.stop(), gateways.trusting.stop(), mills.stop()]);
    await rm(folder, { recursive: true });
  }
}

/** The second one runs trusted documents only, and is as talkative as a gateway in development. */
async function startGateways(folder: string, { supergraphSdl }: Mills): Promise<Gateways> {
  const manifest = join(folder, 'trusted.json');
  await writeFile(manifest, JSON.stringify(Object.fromEntries(DOCUMENTS.map(({ query }, index) => [`d${index}`, query]))));
  const variables = {
    HUB_APQ: 'on',
    HUB_LIMIT_BATCH: '10',
    HUB_LIMIT_RATE: '0',
    HUB_PLUGINS: 'mask-errors',
    HUB_COST_IN_ANSWERS: 'on',
  } as const;
  const open = await startGateway(folder, {
    supergraphSdl,
    variables: { ...variables, NODE_ENV: 'production', HUB_ALLOWED_ORIGINS: 'https://app.example' },
  });
  const trusting = await startGateway(folder, {
    supergraphSdl,
    variables: { ...variables, NODE_ENV: 'development', HUB_TRUSTED_DOCUMENTS: manifest, HUB_TRUSTED_DOCUMENTS_ONLY: 'on' },
  });
  return { open, trusting };
}

async function runAll(gateways: Gateways, mills: Mills): Promise<void> {
  await checkHealth(gateways.open, fail);
  for (const gateway of Object.values(gateways)) await gateway.probe({ begin: true });
  const byHand = [...createInputsByHand(gateways.open.token)];
  await runInputs({ count: byHand.length, of: (number) => byHand[number], width: 1 }, gateways);
  const offset = Math.ceil(inputs / 10);
  await runInputs({ count: offset, of: (number) => createInput(seed, number, gateways.open.token), width: WIDTH }, gateways);
  const early = await gateways.open.probe({ memory: true });
  await runInputs(
    { count: inputs - offset, of: (number) => createInput(seed, offset + number, gateways.open.token), width: WIDTH },
    gateways,
  );
  const last = await gateways.open.probe({ memory: true });
  report({ early, last, trusting: await gateways.trusting.probe(), byHand: byHand.length });
  const invalid = mills.servers.flatMap(({ invalid: documents }) => documents);
  for (const document of invalid.slice(0, 3)) fail(`a subgraph was asked what is not valid there: ${document}`);
  console.log(
    `${mills.servers.reduce((sum, { requests }) => sum + requests.length, 0)} requests to subgraphs, ${invalid.length} of them not valid there`,
  );
  console.log(`${byHand.length + inputs - failures.length} passed, ${failures.length} failed, 0 skipped`);
  process.exitCode = failures.length === 0 ? 0 : 1;
}

type Work = { readonly count: number; readonly of: (number: number) => Input | undefined; readonly width: number };

/** Several at a time; between them it is looked whether the gateway is well. */
async function runInputs({ count, of, width }: Work, gateways: Gateways): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < count) {
      const number = next;
      next += 1;
      const input = of(number);
      if (input) await runInput(input, gateways);
      if (!gateways.open.isAlive() || !gateways.trusting.isAlive()) return;
      if (number % HEALTH_EVERY === HEALTH_EVERY - 1) await checkHealth(gateways.open, fail);
    }
  };
  await Promise.all(Array.from({ length: width }, work));
  for (const [name, gateway] of Object.entries(gateways)) {
    if (gateway.isAlive()) continue;
    throw new Error(`the gateway "${name}" ended: ${gateway.said()}`);
  }
}

async function runInput({ door, name, pieces, whole, isHead }: Input, gateways: Gateways): Promise<void> {
  const { port } = door.endsWith('trusted') ? gateways.trusting : gateways.open;
  const { wrong, statuses } = judge(await send(port, pieces, whole), isHead);
  const row = rows.get(door);
  if (row) {
    row.inputs += 1;
    row.wrong += wrong === null ? 0 : 1;
    for (const status of statuses) row.statuses.set(status, (row.statuses.get(status) ?? 0) + 1);
  }
  if (wrong !== null) fail(`${door}, ${name}: ${wrong}`);
}

async function showOne({ door, name, pieces, whole, isHead }: Input, gateways: Gateways): Promise<void> {
  const { port } = door.endsWith('trusted') ? gateways.trusting : gateways.open;
  const sent = await send(port, pieces, whole);
  console.log(
    `${door}, ${name}\n\n${Buffer.concat(pieces).toString('latin1').slice(0, 20_000)}\n\n${sent.end}:\n${sent.bytes.toString('utf8')}`,
  );
  console.log(judge(sent, isHead).wrong ?? 'as it must be');
  process.exitCode = judge(sent, isHead).wrong === null ? 0 : 1;
}

const mebi = (bytes: number): string => (bytes / 1_048_576).toFixed(1);

function report({ early, last, trusting, byHand }: { early: Probed; last: Probed; trusting: Probed; byHand: number }): void {
  console.log(`\n${'door'.padEnd(24)}${'inputs'.padStart(8)}${'wrong'.padStart(8)}  statuses`);
  for (const [door, row] of rows) {
    const statuses = [...row.statuses].toSorted(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`);
    console.log(`${door.padEnd(24)}${String(row.inputs).padStart(8)}${String(row.wrong).padStart(8)}  ${statuses.join(', ')}`);
  }
  const grownBytes = (last.memory?.heldBytes ?? Infinity) - (early.memory?.heldBytes ?? 0);
  console.log(`\nseed ${seed}: ${inputs} spoiled requests, ${byHand} made by hand`);
  console.log(
    `memory after a forced collection: ${mebi(early.memory?.heldBytes ?? 0)} MiB early, ${mebi(last.memory?.heldBytes ?? 0)} MiB at the end, grown by ${mebi(grownBytes)} MiB`,
  );
  if (!(grownBytes < MEMORY_LIMIT_BYTES)) fail(`memory grew by ${mebi(grownBytes)} MiB`);
  for (const [name, probed] of Object.entries({ open: last, trusting })) {
    if (probed.polluted !== null) fail(`a prototype was changed, ${name}: ${probed.polluted}`);
    for (const error of probed.escaped) fail(`an error escaped, ${name}: ${error}`);
    const { maxMs, p99Ms, longestOwnMs } = probed.loop;
    const goal = maxMs < LOOP_GOAL_MS ? 'met' : 'missed';
    console.log(
      `gateway "${name}": prototypes looked at ${probed.looks} times; event loop: longest delay ${maxMs.toFixed(0)} ms (goal below ${LOOP_GOAL_MS}: ${goal}), p99 ${p99Ms.toFixed(0)} ms; longest turn with the processor ${longestOwnMs.toFixed(0)} ms; ${probed.cpuSeconds.toFixed(0)} s of CPU`,
    );
  }
  const own = process.cpuUsage();
  console.log(
    `this side: ${((own.user + own.system) / 1e6).toFixed(0)} s of CPU; subgraphs’ secret is "${SECRET}", found nowhere unless said above`,
  );
}

await main();
