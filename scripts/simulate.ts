/**
 * `npm run simulate`: the live core on a clock that does not wait. Each seed is an industry that writes, gateways that die, a log that is trimmed and
 * restored, members that lose rights, and clients that are slow and come back anywhere; in the end each client's ledger is checked.
 *
 *   --seeds n   how many (default 5,000)      --from n   the first one (default 1)      --jobs n   processes (default 1)
 *   --short     300 of them                   --seed n   this one alone, with all that is wrong
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { simulate } from '../tests/simulation/run.ts';

const text = { type: 'string' } as const;
const { values } = parseArgs({ options: { seeds: text, from: text, jobs: text, seed: text, worker: text, short: { type: 'boolean' } } });
const seeds = Number(values.seeds ?? (values.short === true ? 300 : 5_000));
const from = Number(values.from ?? 1);
const jobs = Number(values.jobs ?? 1);
const MOST_SHOWN = 5;

type Sum = { passed: number; failed: number; readonly counts: Record<string, number> };

const sum: Sum = { passed: 0, failed: 0, counts: {} };

function add(counts: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(counts)) sum.counts[name] = (sum.counts[name] ?? 0) + count;
}

async function runOne(seed: number, most: number): Promise<void> {
  const { faults, counts } = await simulate(seed);
  add(counts);
  if (faults.length === 0) sum.passed += 1;
  else sum.failed += 1;
  if (faults.length > 0 && sum.failed <= MOST_SHOWN)
    console.log(`npm run simulate -- --seed ${seed}\n  ${faults.slice(0, most).join('\n  ')}\n`);
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
          child.once('exit', (code) => (code === 0 ? undefined : reject(new Error(`a worker ended with ${code}`))));
        }),
    ),
  );
}

if (values.seed !== undefined) await runOne(Number(values.seed), Infinity);
else if (jobs > 1 && values.worker === undefined) await share();
else for (let seed = from + Number(values.worker ?? 0); seed < from + seeds; seed += jobs) await runOne(seed, 3);

if (values.worker !== undefined) process.send?.(sum, () => process.disconnect());
else {
  for (const [name, count] of Object.entries(sum.counts).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    console.log(`${String(count).padStart(11)}  ${name}`);
  console.log(`from seed ${from}: ${sum.passed + sum.failed} seeds`);
  console.log(`${sum.passed} passed, ${sum.failed} failed, 0 skipped`);
  process.exitCode = sum.failed === 0 ? 0 : 1;
}
