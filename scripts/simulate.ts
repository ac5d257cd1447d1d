/**
 * `npm run simulate`: the live core on a clock that does not wait. Each seed is an industry that writes, gateways that die, a log that is trimmed and
 * restored, members that lose rights, and clients that are slow and come back anywhere; in the end the ledgers of all are checked.
 *
 *   --seeds n   how many (default 5,000)      --from n   the first one (default 1)      --jobs n   processes (default 1)
 *   --short     300 of them                   --until p    ends with the first that breaks a property (several: with commas between)
 *   --seed n    this one alone, with all that is wrong and what happened
 *   --planted   known bugs instead, each planted into a copy of the sources: each must be caught; --short: half of the seeds
 *               --only text   bugs whose name contains it      --seed n   that seed, with the bug
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Fault } from '../tests/simulation/check.ts';
import { PLANTED_LIVE } from '../tests/simulation/planted.ts';
import type { PlantedLive } from '../tests/simulation/planted.ts';
import { simulate } from '../tests/simulation/run.ts';
import { runPlanted } from './planted/run-planted.ts';

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const { values } = parseArgs({
  options: { seeds: text, from: text, jobs: text, seed: text, worker: text, until: text, only: text, short: flag, planted: flag },
});
const seeds = Number(values.seeds ?? (values.short === true ? 300 : 5_000));
const from = Number(values.from ?? 1);
const jobs = Number(values.jobs ?? 1);
const ends = new Set(values.until?.split(','));
const beganAt = Date.now();
const MOST_SHOWN = 5;
/** Of one planted bug. */
const LIMIT_MS = 300_000;
const COPIED = [
  'gateway/live',
  'lib',
  'subgraph-kit',
  'schema/events.json',
  'tests/simulation',
  'tests/differential/random.ts',
  'scripts/simulate.ts',
  'scripts/planted',
  'package.json',
  'tsconfig.json',
];

type Sum = { passed: number; failed: number; readonly counts: Record<string, number> };

const sum: Sum = { passed: 0, failed: 0, counts: {} };

if (values.planted === true) plantAll();
else if (values.worker !== undefined) {
  await runShare(Number(values.worker));
  process.send?.(sum, () => process.disconnect());
} else {
  if (values.seed !== undefined) await runOne(Number(values.seed), true);
  else if (jobs > 1) await share();
  else await runShare(0);
  report();
}

function report(): void {
  for (const [name, count] of Object.entries(sum.counts).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    console.log(`${String(count).padStart(11)}  ${name}`);
  const [run, seconds] = [sum.passed + sum.failed, (Date.now() - beganAt) / 1_000];
  console.log(`from seed ${values.seed ?? from}: ${run} seeds in ${seconds.toFixed(0)} s, ${(run / seconds).toFixed(0)} a second`);
  console.log(`${sum.passed} passed, ${sum.failed} failed, 0 skipped`);
  process.exitCode = sum.failed === 0 ? 0 : 1;
}

function add(counts: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(counts)) sum.counts[name] = (sum.counts[name] ?? 0) + count;
}

async function runShare(worker: number): Promise<void> {
  for (let seed = from + worker; seed < from + seeds; seed += jobs) {
    if (await runOne(seed, false)) return;
  }
}

/** True when it broke a property that ends the run. */
async function runOne(seed: number, isAll: boolean): Promise<boolean> {
  const { faults, counts } = await simulate(seed);
  add(counts);
  const inTime = faults.toSorted((a, b) => a.at - b.at);
  const [first] = inTime;
  // The first of each property, or all
  const one = isAll ? inTime : inTime.filter(({ property }, index) => inTime.findIndex((other) => other.property === property) === index);
  if (first === undefined) sum.passed += 1;
  else sum.failed += 1;
  const isSought = one.some(({ property }) => ends.has(property));
  if (first === undefined || (sum.failed > MOST_SHOWN && !isSought)) return isSought;
  console.log(`== seed ${seed} fails; again: npm run simulate -- --seed ${seed}`);
  for (const fault of one) console.log(describe(fault));
  if (faults.length > one.length) console.log(`… and ${faults.length - one.length} more`);
  // The same seed is the same run: this time somebody writes down what happens
  const { story } = await simulate(seed, { story: true });
  console.log(`\nWhat happened before the first of them, ${describe(first)}:\n${story(first).join('\n')}\n`);
  return isSought;
}

function describe({ property, who, at, text: what }: Fault): string {
  return `${property}: ${who ?? 'the stream'}: ${what} (at ${at.toFixed(1)} ms)`;
}

async function share(): Promise<void> {
  await Promise.all(
    Array.from(
      { length: jobs },
      (_, index) =>
        new Promise<void>((resolve, reject) => {
          const child = fork(fileURLToPath(import.meta.url), [...process.argv.slice(2), '--worker', String(index)]);
          child.once('message', (message) => {
            const { passed, failed, counts } = message as Sum; // what a worker sends
            sum.passed += passed;
            sum.failed += failed;
            add(counts);
            resolve();
          });
          child.once('exit', (code) => reject(new Error(`A worker ended with ${code} and did not say what it found.`)));
        }),
    ),
  );
}

function plantAll(): void {
  const bugs = PLANTED_LIVE.filter(({ name }) => name.includes(values.only ?? ''));
  const missed = bugs.filter((bug) => !isCaught(bug));
  console.log(`${bugs.length - missed.length} passed, ${missed.length} failed, 0 skipped`);
  process.exitCode = missed.length === 0 ? 0 : 1;
}

function isCaught(bug: PlantedLive): boolean {
  const { name, withinSeeds, caughtAs } = bug;
  const within = values.short === true ? Math.ceil(withinSeeds / 2) : withinSeeds;
  const args = values.seed === undefined ? ['--until', caughtAs.join(','), '--seeds', String(within)] : ['--seed', values.seed];
  const { stdout, stderr } = runPlanted(bug, { copied: COPIED, script: 'scripts/simulate.ts', args, limitMs: LIMIT_MS });
  if (values.seed !== undefined) console.log(stdout);
  const run = Number(/^from seed \d+: (\d+) seeds/m.exec(stdout)?.[1] ?? 0);
  const seed = values.seed ?? run;
  const fault = stdout.split('\n').findLast((line) => caughtAs.some((property) => line.startsWith(`${property}: `)));
  if (fault === undefined) {
    console.log(`NOT CAUGHT within ${within} seeds: ${name}\n${stdout.slice(0, 1_000)}${stderr.slice(-1_000)}`);
    return false;
  }
  console.log(`caught by seed ${seed} of ${within}: ${name}\n  ${fault}\n  npm run simulate -- --planted --only '${name}' --seed ${seed}`);
  return true;
}
