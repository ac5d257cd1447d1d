/**
 * `npm run chaos`: kill -9 of each part of a running hub, then of all at once, each in the middle of 200 mutations. The hub must be ready
 * again by itself (by `npm start` when its supervisor died), every mutation that was answered must be there once, and every event once.
 *
 *   --short          one round of each kind (the default)
 *   --rounds n       so many rounds of each kind
 *   --only a,b       these kinds only: PostgreSQL, gateway, upstream, midstream, downstream, routing, supervisor, all
 *
 * Linux only, since it looks for processes in /proc. Ends with 1 when a promise was broken.
 */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { deleteEmbedded } from '../lib/postgres/index.ts';
import { findChanges } from './chaos/check.ts';
import { openChaosHub, partNames, type ChaosHub, type PartName } from './chaos/hub.ts';
import { enterPlayers, makeChanges, sendUntilAnswered, type Players } from './chaos/mutations.ts';
import { isAlive, killNow, untilGone } from './chaos/processes.ts';

const MUTATIONS = 200;
const WIDTH = 8;
/** Children end by themselves within this time when the supervisor is gone. */
const ORPHAN_LIMIT_MS = 5_000;
const READY_LIMIT_MS = 60_000;

const victims = [...partNames, 'all'] as const;
type Victim = (typeof victims)[number];

type Row = {
  readonly victim: string;
  readonly again: number;
  readonly readyMs: number;
  readonly goneMs: number | null;
  readonly broken: string;
};

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { short: { type: 'boolean' }, rounds: { type: 'string', default: '1' }, only: { type: 'string' } },
  });
  const asked = values.only?.split(',') ?? victims;
  const chosen = victims.filter((victim) => asked.includes(victim));
  if (chosen.length !== asked.length) throw new Error(`--only takes ${victims.join(', ')}`);
  const folder = await mkdtemp(join(tmpdir(), 'hub-chaos-'));
  await chmod(folder, 0o711);
  const hub = await openChaosHub(folder);
  try {
    console.log(`hub up in ${await hub.start()} ms`);
    const broken = await runRounds(hub, chosen, values.short === true ? 1 : Number(values.rounds));
    console.log(`stopped in ${await hub.stop()} ms, no process left`);
    console.log(broken === 0 ? 'Every answered mutation is there once, and every event once.' : `${broken} rounds broke a promise.`);
    return broken === 0 ? 0 : 1;
  } finally {
    await cleanUp(hub);
  }
}

async function runRounds(hub: ChaosHub, chosen: readonly Victim[], rounds: number): Promise<number> {
  let broken = 0;
  console.log('killed      | sent again | ready again | children gone | lost and doubled');
  for (let round = 0; round < rounds * chosen.length; round += 1) {
    const victim = chosen[round % chosen.length];
    if (victim === undefined) break;
    const row = await runRound(hub, await enterPlayers(hub, round + 1), victim, round + 1);
    if (row.broken !== '') broken += 1;
    const gone = row.goneMs === null ? '-' : `${row.goneMs} ms`;
    console.log(
      `${row.victim.padEnd(11)} | ${String(row.again).padStart(10)} | ${`${row.readyMs} ms`.padStart(11)} | ${gone.padStart(13)} | ${row.broken || 'none'}`,
    );
  }
  return broken;
}

/** One kind: kills after a random share of the mutations was answered, and waits until all 200 are. */
async function runRound(hub: ChaosHub, players: Players, victim: Victim, round: number): Promise<Row> {
  const changes = makeChanges(round, MUTATIONS, players);
  const killAfter = Math.round(MUTATIONS * (0.2 + Math.random() * 0.5));
  let answered = 0;
  let again = 0;
  let strike: Promise<{ readyMs: number; goneMs: number | null }> | undefined;
  const waiting = [...changes];
  const worker = async (): Promise<void> => {
    for (let change = waiting.shift(); change !== undefined; change = waiting.shift()) {
      if ((await sendUntilAnswered(hub.url, players, change)) > 1) again += 1;
      answered += 1;
      if (answered >= killAfter) strike ??= kill(hub, victim);
    }
  };
  await Promise.all(Array.from({ length: WIDTH }, worker));
  const { readyMs, goneMs } = (await strike) ?? { readyMs: 0, goneMs: null };
  const found = await findChanges(hub, changes);
  const faults = [
    ...Object.entries(found).flatMap(([what, count]) => (count > 0 ? [`${what}: ${count}`] : [])),
    ...(goneMs !== null && goneMs > ORPHAN_LIMIT_MS ? [`children outlived the supervisor by ${goneMs} ms`] : []),
  ];
  return { victim, again, readyMs, goneMs, broken: faults.join(', ') };
}

async function kill(hub: ChaosHub, victim: Victim): Promise<{ readyMs: number; goneMs: number | null }> {
  const all = hub.pids();
  if (victim === 'all') {
    for (const pid of all) killNow(pid);
    await untilGone(all, ORPHAN_LIMIT_MS);
    return { readyMs: await hub.start(), goneMs: null };
  }
  const pid = hub.pidOf(victim);
  killNow(pid);
  if (victim === 'supervisor') {
    const goneMs = await untilGone(all, 3 * ORPHAN_LIMIT_MS);
    return { readyMs: await hub.start(), goneMs };
  }
  return { readyMs: await untilBack(hub, victim, pid), goneMs: null };
}

/** Until another process has taken the place of the killed one and the hub answers in full. */
async function untilBack(hub: ChaosHub, part: PartName, killed: number): Promise<number> {
  const began = performance.now();
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    if (performance.now() - began > READY_LIMIT_MS) throw new Error(`${part} is not back after ${READY_LIMIT_MS / 1_000} s`);
    if (isReplaced(hub, part, killed) && (await answersWhole(hub))) return Math.round(performance.now() - began);
  }
}

function isReplaced(hub: ChaosHub, part: PartName, killed: number): boolean {
  try {
    const pid = hub.pidOf(part);
    return pid !== killed && isAlive(pid);
  } catch {
    return false;
  }
}

/** /ready is 200 and a question to all four subgraphs is answered without an error. */
async function answersWhole(hub: ChaosHub): Promise<boolean> {
  const names = ['members', 'makers', 'distributors', 'creators'];
  const query = `{ ${names.map((name) => `${name}(first: 1) { totalCount }`).join(' ')} }`;
  try {
    if ((await fetch(`${hub.url}/ready`)).status !== 200) return false;
    const answer = await (await fetch(`${hub.url}/graphql?query=${encodeURIComponent(query)}`)).text();
    return !answer.includes('"errors"') && names.every((name) => answer.includes(`"${name}":{"totalCount":`));
  } catch {
    return false;
  }
}

async function cleanUp(hub: ChaosHub): Promise<void> {
  const left = (() => {
    try {
      return hub.pids();
    } catch {
      return [];
    }
  })();
  for (const pid of left) killNow(pid);
  await untilGone(left, ORPHAN_LIMIT_MS);
  await deleteEmbedded(hub.data.postgres);
  await rm(hub.data.path, { recursive: true, force: true });
}

process.exitCode = await main();
