/**
 * `npm run fuzz`: random cuts of a monolith, random operations, the hub's answer against the monolith's; a table of what was met.
 *
 *   --cuts n         how many (default 40; with --minutes as many as fit)   --operations n   per cut (default 1,000)
 *   --minutes n      ends then, with the cut that runs                      --from n         first seed (default 1)
 *   --jobs n         processes that share the cuts out (default 1)          --first          ends with the first difference
 *   --cases n        random demands and principals besides (default one for eight operations, 5,000 at most; with --minutes none)
 *   --auth           only those: nobody may get what is denied
 *   --defer          random `@defer` instead, read at every door by hand and by Apollo Client
 *   --cut s --operation n   one case again, with the subgraphs and the plan
 */
import { fork } from 'node:child_process';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { parse } from 'graphql';
import { addAuthTally, createAuthTally, replayCase, runAuthorisation } from '../tests/differential/authorise.ts';
import type { AuthTally } from '../tests/differential/authorise.ts';
import { composeCut } from '../tests/differential/compose-cut.ts';
import type { DeferTally } from '../tests/differential/defer-run.ts';
import { graphSdl } from '../tests/differential/graph-sdl.ts';
import { describeRun, shortfallsOf } from '../tests/differential/report.ts';
import type { Run } from '../tests/differential/report.ts';
import { addTally, createTally, describeFinding, operationOf, planText, runCuts, tryAgain } from '../tests/differential/run.ts';
import type { Tally } from '../tests/differential/run.ts';

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
    cases: text,
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
  // Only here: it brings Apollo Client along.
  const { replayDefer, runDefer } = await import('../tests/differential/defer-run.ts');
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

async function search(worker: number): Promise<Run> {
  const beganAt = process.cpuUsage();
  const from = Number(values.from ?? 1) + worker;
  const endsAt = values.minutes === undefined ? Infinity : Date.now() + Number(values.minutes) * 60_000;
  const all = Number(values.cuts ?? (values.minutes === undefined ? 40 : Infinity));
  const cuts = Math.ceil((all - worker) / jobs);
  const loop = createLoopWatch();
  let shown = 0;
  const tally = await runCuts({
    from,
    step: jobs,
    operationsPerCut: Number(values.operations ?? 1_000),
    ...(values.first === true ? { mostFindings: 1 } : {}),
    breathe: () => setImmediate(),
    onPause: (paused) => (paused ? loop.pause() : loop.resume()),
    goOn(known) {
      shown = show(known, shown);
      return Date.now() < endsAt && known.cuts < cuts;
    },
  });
  loop.pause();
  show(tally, shown);
  const allowed = values.first === true && tally.findings.length > 0 ? createAuthTally() : await authorise(from);
  const { user, system } = process.cpuUsage(beganAt);
  return { tally, allowed, longestMs: loop.longestMs(), cpuSeconds: (user + system) / 1e6 };
}

/** This process's share of the cases with demands. */
async function authorise(from: number): Promise<AuthTally> {
  const operations = Number(values.cuts ?? 40) * Number(values.operations ?? 1_000);
  const usual = values.minutes === undefined ? Math.min(5_000, Math.ceil(operations / 8)) : 0;
  const cases = Math.ceil(Number(values.cases ?? usual) / jobs);
  const goOn = (known: AuthTally): boolean => known.cases < cases && known.findings.length < 20;
  const tally = await runAuthorisation({ from, step: jobs, casesPerCut: 200, goOn });
  for (const finding of tally.findings) console.log(`\n${finding}`);
  return tally;
}

/** From the second cut on: before, the engine is not compiled yet. A histogram that is switched off and on again takes the pause for a delay: so each stretch has its own. */
function createLoopWatch(): { pause(): void; resume(): void; longestMs(): number } {
  let longest = 0;
  let isWarm = false;
  let delay: ReturnType<typeof monitorEventLoopDelay> | null = null;
  return {
    pause() {
      delay?.disable();
      if (isWarm) longest = Math.max(longest, delay?.max ?? 0);
      isWarm ||= delay !== null;
      delay = null;
    },
    resume() {
      delay = monitorEventLoopDelay({ resolution: 5 });
      delay.enable();
    },
    longestMs: () => longest / 1e6,
  };
}

function show(tally: Tally, shown: number): number {
  for (const finding of tally.findings.slice(shown)) console.log(`\n${describeFinding(finding)}`);
  return tally.findings.length;
}

/** The same in several processes, each with every n-th seed. */
async function share(): Promise<Run> {
  const sum: Run = { tally: createTally(), allowed: createAuthTally(), longestMs: 0, cpuSeconds: 0 };
  const found = await Promise.all(
    Array.from(
      { length: jobs },
      (_, index) =>
        new Promise<Run>((resolve, reject) => {
          const child = fork(fileURLToPath(import.meta.url), [...process.argv.slice(2), '--worker', String(index)], {
            serialization: 'advanced',
          });
          child.once('message', (message) => resolve(message as Run)); // what `search` gave
          child.once('error', reject);
          child.once('exit', (code) => reject(new Error(`A worker ended with ${code} before it had told its result.`)));
        }),
    ),
  );
  for (const { tally, allowed, longestMs, cpuSeconds } of found) {
    addTally(sum.tally, tally);
    addAuthTally(sum.allowed, allowed);
    sum.longestMs = Math.max(sum.longestMs, longestMs);
    sum.cpuSeconds += cpuSeconds;
  }
  return sum;
}

function report(run: Run): void {
  const shortfalls = shortfallsOf(run);
  const { passed, failed, refused } = describeRun(run, Number(values.from ?? 1), (line) => console.log(line));
  for (const shortfall of shortfalls) console.log(`TOO SELDOM: ${shortfall}`);
  console.log(`${passed} passed, ${failed + shortfalls.length} failed, ${refused} skipped`);
  process.exitCode = failed + shortfalls.length === 0 ? 0 : 1;
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
  const finding = await tryAgain(ready, number);
  for (const graph of ready.cut.graphs) console.log(`# ${graph.name}\n${graphSdl(ready.cut, graph)}\n`);
  const small = finding === null ? operation : { ...operation, text: finding.text, document: parse(finding.text) };
  console.log(`${small.text.trim()}\nvariables ${JSON.stringify(small.variables)}\n\n${planText(ready, small)}\n`);
  console.log(finding === null ? 'equal' : `${finding.difference.kind}: ${finding.difference.detail}`);
  process.exitCode = finding === null ? 0 : 1;
}
