/**
 * npx tsx scripts/prove-spine.ts FACILITIES ORDERS PRODUCTIVITY CREATORS [--seed 1]
 * Asks the spine query of imported real data: the orders of one real day are taken through allocation, acceptance, stages, despatch, receipt
 * and settlement by mutations through the gateway, then 20 creators picked by a seed are asked for. Exit code 1 when a list is empty.
 */
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { createClient } from '../demo/client.ts';
import { deliverLots } from '../demo/play/deliver.ts';
import { makeLots, type Lot } from '../demo/play/make.ts';
import { settleUp, takeDeposits } from '../demo/play/pay.ts';
import { answerOffers, planAndOffer, type Job } from '../demo/play/plan.ts';
import { createRandom } from '../demo/random.ts';
import { createStage, type Stage } from '../demo/stage.ts';
import { addDays } from '../lib/clock/clock.ts';
import globalSetup from '../tests/_kit/global-setup.ts';
import globalTeardown from '../tests/_kit/global-teardown.ts';
import { startTestHub, type TestHub } from '../tests/_kit/hub.ts';
import { removeFolders } from '../tests/import/_kit.ts';
import { buildProgram } from '../tests/import/_process.ts';
import { askSpine, createHistory, creatorsOnSale, emptyLists, missingParts } from '../tests/journeys/_spine.ts';
import { buildDay, DAY, type Day, type Files } from './spine/build-day.ts';
import { settleLong, TODAY } from './week/build-week.ts';

const { values, positionals } = parseArgs({ options: { seed: { type: 'string', default: '1' } }, allowPositionals: true });
const CREATORS = 20;
/** Capacity begins today; the lines are wanted within two weeks, and their last days follow a week later. */
const WINDOW = { from: TODAY, to: addDays(TODAY, 21) };

let broken = 0;
function check(promise: string, kept: boolean, found: unknown = ''): void {
  if (!kept) broken += 1;
  const text = typeof found === 'string' ? found : JSON.stringify(found);
  console.log(`${kept ? 'ok    ' : 'BROKEN'} ${promise}${text === '' || text === '[]' ? '' : ` (${text.slice(0, 1_000)})`}`);
}

/** Runs a step and says how long it took. */
async function timed<T>(name: string, work: () => Promise<T>): Promise<T> {
  const beganMs = performance.now();
  const result = await work();
  console.log(`       ${name}: ${((performance.now() - beganMs) / 1_000).toFixed(1)} s`);
  return result;
}

async function playDay(stage: Stage, { lines, carriers }: Day): Promise<Lot[]> {
  const jobs = await timed('plan and offers', () => planAndOffer(stage, 'the day'));
  sayPlaced(lines, jobs);
  await timed('answers and deposits', async () => {
    await answerOffers(stage, jobs, () => 'accept');
    await takeDeposits(stage, jobs, jobs);
  });
  const lots = await timed('lots', () => makeLots(stage, jobs, (_job, stages) => stages));
  check('every allocation is made whole', lots.length === jobs.length, `${lots.length} lots`);
  const received = await timed('shipments', () => deliver(stage, lots, { lines, carriers }));
  check('every lot is received', received.length === lots.length, `${received.length} shipments`);
  await timed('settlements', () =>
    settleUp(
      stage,
      jobs,
      received.map(({ job }) => job),
    ),
  );
  return received;
}

function sayPlaced(lines: Day['lines'], jobs: readonly Job[]): void {
  const placed = new Map<string, number>();
  for (const { demandLineId, quantity } of jobs) placed.set(demandLineId, (placed.get(demandLineId) ?? 0) + quantity);
  const short = lines.filter(({ demandLineId, quantity }) => (placed.get(demandLineId) ?? 0) < quantity);
  const pieces = (list: Iterable<number>): number => [...list].reduce((sum, n) => sum + n, 0);
  check(
    'every line of the day is placed whole',
    short.length === 0,
    `${lines.length} lines of ${pieces(lines.map(({ quantity }) => quantity))} pieces; ${pieces(placed.values())} pieces placed in ${jobs.length} allocations; ${short.length} lines short`,
  );
}

// Each lot goes to the distributor's place in the country it was ordered to.
async function deliver(stage: Stage, lots: readonly Lot[], { lines, carriers }: Day): Promise<Lot[]> {
  const placeOf = new Map(lines.map(({ demandLineId, shipToUnlocode }) => [demandLineId, shipToUnlocode]));
  const received: Lot[] = [];
  for (const [place, carrier] of carriers) {
    const there = lots.filter(({ job }) => placeOf.get(job.demandLineId) === place);
    received.push(...(await deliverLots(stage, there, [carrier], () => 'received')));
  }
  return received;
}

async function askCreators(hub: TestHub): Promise<void> {
  const onSale = await creatorsOnSale(hub);
  const picked = createRandom(Number(values.seed)).some(onSale, CREATORS);
  check(`${CREATORS} creators are picked by seed`, picked.length === CREATORS, `of ${onSale.length} on sale, seed ${values.seed}`);
  const [empty, missing, asked]: [string[], string[], number[]] = [[], [], []];
  const unknown = new Map<string, number>();
  const settlements: z.infer<typeof settlementShape>[] = [];
  for (const creatorId of picked) {
    const beganMs = performance.now();
    const creator: unknown = await askSpine(hub, hub.hub, creatorId, WINDOW);
    asked.push(performance.now() - beganMs);
    const { displayName } = z.object({ displayName: z.string() }).parse(creator);
    empty.push(...emptyLists(creator, displayName));
    missing.push(...missingParts(creator, displayName));
    countNulls(creator, unknown);
    settlements.push(...collect(creator, 'settlement').map((found) => settlementShape.parse(found)));
  }
  const times = `${Math.round(Math.max(...asked))} ms at most, ${Math.round(asked.reduce((a, b) => a + b, 0) / asked.length)} ms on average`;
  console.log(`       the spine query: ${times}`);
  console.log(`       fields that nobody knows: ${[...unknown].map(([name, count]) => `${name} ${count}`).join(', ') || 'none'}`);
  const unbalanced = settlements.filter(({ balanced }) => !balanced);
  const statuses = [...new Set(settlements.map(({ status }) => status))].join(', ');
  check('every settlement is balanced', settlements.length > 0 && unbalanced.length === 0, `seen ${settlements.length} times: ${statuses}`);
  check('no list is empty at any level', empty.length === 0, empty);
  check('nothing on the way is missing', missing.length === 0, missing);
}

const settlementShape = z.object({ status: z.string(), balanced: z.boolean() });

/** Values of a field at any level. */
function collect(value: unknown, field: string): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]: [string, unknown]) => (name === field ? [item] : collect(item, field)));
}

// A scalar may be null: public files say nothing of customs classes, and a bucket that is not scarce has no price.
function countNulls(value: unknown, counts: Map<string, number>): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, item] of Object.entries(value)) {
    if (item === null) counts.set(name, (counts.get(name) ?? 0) + 1);
    else countNulls(item, counts);
  }
}

async function checkHistory(hub: TestHub, received: readonly Lot[]): Promise<void> {
  const missingOf = await createHistory(hub);
  const missing = received.flatMap(({ job }) => missingOf(job.allocationId).map((step) => `${job.allocationId} ${step}`));
  check('an event of a mutation stands behind each step of each allocation', missing.length === 0, missing);
}

async function prove(files: Files): Promise<void> {
  const hub = await startTestHub();
  const client = createClient({ url: hub.url, keys: hub.keys, seed: Number(values.seed) });
  try {
    const { clock } = hub;
    const stage = createStage({ client, hub: hub.hub, seed: Number(values.seed), now: clock.now(), clock, today: TODAY, currency: 'CNY' });
    const day = await timed(`imports and orders of ${DAY}`, () => buildDay(hub, stage, files));
    const received = await playDay(stage, day);
    await timed('events', () => settleLong(hub));
    console.log(`       ${client.count()} mutations`);
    await askCreators(hub);
    await checkHistory(hub, received);
  } finally {
    await client.close();
    await hub.stop();
  }
}

const [facilities, orders, productivity, creators] = positionals;
if (facilities === undefined || orders === undefined || productivity === undefined || creators === undefined) {
  console.error('Usage: npx tsx scripts/prove-spine.ts FACILITIES ORDERS PRODUCTIVITY CREATORS [--seed 1]');
  process.exitCode = 1;
} else {
  buildProgram();
  await globalSetup();
  try {
    await prove({ facilities, orders, productivity, creators });
  } finally {
    await globalTeardown();
    await removeFolders();
  }
  console.log(broken === 0 ? 'every promise was kept' : `${broken} promises were broken`);
  process.exitCode = broken === 0 ? 0 : 1;
}
