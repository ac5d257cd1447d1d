/**
 * `npm run fuzz`: random cuts of a monolith, random operations, the hub's answer against the monolith's; a table of what was met.
 *
 *   --cuts n         how many (default 40; with --minutes as many as fit)   --operations n   per cut (default 1,000)
 *   --minutes n      ends then, with the cut that runs                      --from n         first seed (default 1)
 *   --jobs n         processes that share the cuts out (default 1)          --first          ends with the first difference
 *   --auth           random demands and principals instead: nobody may get what is denied
 *   --defer          random `@defer` instead, read at every door by hand and by Apollo Client
 *   --cut s --operation n   one case again, with the subgraphs and the plan
 */
import { fork } from 'node:child_process';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { replayCase, runAuthorisation } from '../tests/differential/authorise.ts';
import type { AuthTally } from '../tests/differential/authorise.ts';
import { compareOperation } from '../tests/differential/compare.ts';
import { composeCut } from '../tests/differential/compose-cut.ts';
import { describeCoverage } from '../tests/differential/coverage.ts';
import { replayDefer, runDefer } from '../tests/differential/defer-run.ts';
import type { DeferTally } from '../tests/differential/defer-run.ts';
import { graphSdl } from '../tests/differential/graph-sdl.ts';
import { addTally, createTally, describeFinding, medianOf, operationOf, planText, runCuts } from '../tests/differential/run.ts';
import type { Tally } from '../tests/differential/run.ts';
import { shrinkOperation } from '../tests/differential/shrink.ts';

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const { values } = parseArgs({
  options: {
    minutes: text,
    from: text,
    operations: text,
    cuts: text,
    jobs: text,
    cut: text,
    operation: text,
    worker: text,
    first: flag,
    auth: flag,
    defer: flag,
  },
});
const jobs = Number(values.jobs ?? 1);

if (values.auth === true) await fuzzAuthorisation();
else if (values.defer === true) await fuzzDefer();
else if (values.cut !== undefined) await replay(Number(values.cut), Number(values.operation ?? 1));
else if (values.worker !== undefined) process.send?.(await search(Number(values.worker)));
else report(jobs > 1 ? await share() : await search(0));

async function fuzzAuthorisation(): Promise<void> {
  if (values.cut !== undefined) {
    console.log(await replayCase(Number(values.cut), Number(values.operation ?? 1)));
    return;
  }
  const from = Number(values.from ?? 1);
  const endsAt = Date.now() + Number(values.minutes ?? 5) * 60_000;
  const goOn = ({ findings }: AuthTally): boolean => findings.length < 20 && Date.now() < endsAt;
  const { findings, ...counts } = await runAuthorisation({ from, casesPerCut: Number(values.operations ?? 200), goOn });
  console.log(`${findings.join('\n\n')}\nfrom seed ${from}: ${JSON.stringify(counts)}`);
  console.log(`${counts.cases - findings.length} passed, ${findings.length} failed, 0 skipped`);
  process.exitCode = findings.length === 0 ? 0 : 1;
}

async function fuzzDefer(): Promise<void> {
  if (values.cut !== undefined) {
    console.log(
      (await replayDefer(Number(values.cut), Number(values.operation ?? 1))) ?? 'The grammar made no valid operation from this seed.',
    );
    return;
  }
  const from = Number(values.from ?? 1);
  const endsAt = Date.now() + Number(values.minutes ?? 10) * 60_000;
  const goOn = ({ counts }: DeferTally): boolean => counts.cuts < Number(values.cuts ?? Infinity) && Date.now() < endsAt;
  const options = { from, operationsPerCut: Number(values.operations ?? 40), goOn };
  const { findings, counts, doors } = await runDefer(values.first === true ? { ...options, mostFindings: 1 } : options);
  console.log(findings.join('\n\n'));
  for (const [name, count] of [...Object.entries(counts), ...Object.entries(doors)]) console.log(`${String(count).padStart(9)}  ${name}`);
  console.log(`from seed ${from}: ${counts.operations - findings.length} passed, ${findings.length} failed, 0 skipped`);
  process.exitCode = findings.length === 0 ? 0 : 1;
}

type Searched = { readonly tally: Tally; readonly longestMs: number };

async function search(worker: number): Promise<Searched> {
  const from = Number(values.from ?? 1) + worker;
  const endsAt = values.minutes === undefined ? Infinity : Date.now() + Number(values.minutes) * 60_000;
  const all = Number(values.cuts ?? (values.minutes === undefined ? 40 : Infinity));
  const cuts = Math.ceil((all - worker) / jobs);
  const delay = monitorEventLoopDelay({ resolution: 5 });
  let shown = 0;
  const tally = await runCuts({
    from,
    step: jobs,
    operationsPerCut: Number(values.operations ?? 1_000),
    ...(values.first === true ? { mostFindings: 1 } : {}),
    breathe: () => setImmediate(),
    onPause: (paused) => void (paused ? delay.disable() : delay.enable()),
    goOn(known) {
      shown = show(known, shown);
      return Date.now() < endsAt && known.cuts < cuts;
    },
  });
  show(tally, shown);
  return { tally, longestMs: delay.max / 1e6 };
}

function show(tally: Tally, shown: number): number {
  for (const finding of tally.findings.slice(shown)) console.log(`\n${describeFinding(finding)}`);
  return tally.findings.length;
}

/** The same in several processes, each with every n-th seed. */
async function share(): Promise<Searched> {
  const tally = createTally();
  const found = await Promise.all(
    Array.from(
      { length: jobs },
      (_, index) =>
        new Promise<Searched>((resolve, reject) => {
          const child = fork(fileURLToPath(import.meta.url), [...process.argv.slice(2), '--worker', String(index)], {
            serialization: 'advanced',
          });
          child.once('message', (message) => resolve(message as Searched)); // what `search` gave
          child.once('error', reject);
          child.once('exit', (code) => reject(new Error(`A worker ended with ${code} before it had told its result.`)));
        }),
    ),
  );
  for (const one of found) addTally(tally, one.tally);
  return { tally, longestMs: Math.max(...found.map(({ longestMs }) => longestMs)) };
}

function report({ tally, longestMs }: Searched): void {
  const refused = [...tally.refused.values()].reduce((sum, count) => sum + count, 0);
  const reasons = [...tally.refused].map(([code, count]) => `${code} ${count}`).join(', ') || 'none';
  const withData = (100 * tally.withData) / Math.max(1, tally.operations);
  console.log(`\n${describeCoverage(tally.met)}\n`);
  console.log(
    `${tally.cuts} cuts from seed ${values.from ?? 1}, refused by the composer: ${reasons}; ${tally.invalid} tries of the grammar not valid`,
  );
  console.log(`median ${medianOf(tally.fetches)} fetches; ${withData.toFixed(1)} % of the answers with data`);
  console.log(`planning: median ${(medianOf(tally.planTenths) / 10).toFixed(1)} ms; event loop: longest delay ${longestMs.toFixed(0)} ms`);
  console.log(`joined, each also as objects: ${[...tally.joins].map(([join, count]) => `${join} ${count}`).join(', ')}`);
  console.log(`asked again: ${[...tally.looks].map(([name, count]) => `${count} ${name}`).join(', ')} (${tally.saved} requests saved)`);
  const failed = tally.findings.length;
  console.log(`${tally.operations - failed} passed, ${failed} failed, ${refused} skipped`);
  process.exitCode = failed === 0 ? 0 : 1;
}

async function replay(cut: number, number: number): Promise<void> {
  const ready = composeCut(cut);
  if (!('cut' in ready)) {
    console.log(ready.map((error) => `${error.code}: ${error.message}`).join('\n'));
    process.exitCode = 1;
    return;
  }
  const operation = operationOf(ready, number);
  if (operation === null) {
    console.log('The grammar made no valid operation from this seed.');
    return;
  }
  const { difference } = await compareOperation(ready, operation);
  const small =
    difference === null
      ? operation
      : await shrinkOperation(
          ready.supergraph.publicSchema,
          operation,
          async (smaller) => (await compareOperation(ready, smaller)).difference?.kind === difference.kind,
        );
  const last = difference === null ? null : (await compareOperation(ready, small)).difference;
  for (const graph of ready.cut.graphs) console.log(`# ${graph.name}\n${graphSdl(ready.cut, graph)}\n`);
  console.log(`${small.text.trim()}\nvariables ${JSON.stringify(small.variables)}\n\n${planText(ready, small)}\n`);
  console.log(last === null ? 'equal' : `${last.kind}: ${last.detail}`);
  process.exitCode = last === null ? 0 : 1;
}
