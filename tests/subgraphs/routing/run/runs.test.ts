/** How runs are done: one at a time in all processes, by whoever lives, tried again when nothing could be read, and never left waiting. */
import type { Part } from '../../../../lib/lifecycle/index.ts';
import { createError } from '../../../../lib/errors/errors.ts';
import { silentLog } from '../../../../lib/log/log.ts';
import type { AskHub } from '../../../../subgraph-kit/ask-hub.ts';
import { openClient } from '../../../../subgraphs/routing/data/client.ts';
import type { RunRow } from '../../../../subgraphs/routing/data/tables.ts';
import type { RoutingInput, RoutingPlan } from '../../../../subgraphs/routing/model/types.ts';
import { createRuns, type RunsOptions } from '../../../../subgraphs/routing/run/runs.ts';
import { createSolver, type Solve } from '../../../../subgraphs/routing/run/solver.ts';
import { createAskHub, enterRun, openRouting, smallIndustry } from './_kit.ts';

let routing: Awaited<ReturnType<typeof openRouting>>;
const parts: Part[] = [];

const stopAll = async (): Promise<void> => {
  for (const part of parts.splice(0)) await part.stop();
};

beforeEach(async () => {
  routing = await openRouting();
});
afterEach(async () => {
  await stopAll();
  await routing.close();
});

/** A plan that serves nobody: what is done with a run is looked at here, not how it is planned. */
function refuseAll(text: string): RoutingPlan {
  const input = JSON.parse(text) as RoutingInput;
  const pieces = input.lines.reduce((sum, { quantity }) => sum + quantity, 0);
  return {
    status: 'OPTIMAL',
    objective: pieces * 1_000,
    bound: pieces * 1_000,
    gap: 0,
    solveMs: 1,
    demandedPieces: pieces,
    placedPieces: 0,
    unservedPieces: pieces,
    allocations: [],
    decisions: input.lines.map(({ id, quantity }) => ({
      lineId: id,
      outcome: 'REFUSED',
      placed: 0,
      candidates: [],
      excluded: [{ reason: 'CAPACITY_SHORT', makers: input.makers.length, examples: [] }],
      binding: [],
      unserved: { pieces: quantity, because: 'NO_CANDIDATE' },
    })),
    prices: [],
    fairness: { hhi: 0, hhiNormalised: 0, hhiLimit: 0.15, largestShareBps: 0, gini: 0, newMakerShareBps: 0 },
  };
}

const solveAtOnce: Solve = async ({ text }) => refuseAll(text);

/** A process of routing. */
function start(options: Partial<RunsOptions> = {}): Part {
  const part = createRuns({
    db: routing.db,
    clock: routing.clock,
    settings: routing.settings,
    log: silentLog,
    wakeRelay: () => undefined,
    askHub: createAskHub(() => smallIndustry()).askHub,
    solve: solveAtOnce,
    ...options,
  });
  parts.push(part);
  void part.start(new AbortController().signal);
  return part;
}

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const ended = (runId: string): Promise<RunRow> =>
  until(async () => {
    const run = await routing.run(runId);
    return run.status === 'RUNNING' ? undefined : run;
  });

const allRuns = () => routing.db.run.findMany({ orderBy: [{ attempt: 'asc' }, { runId: 'asc' }] });
const down: AskHub = async () => {
  throw createError('GATEWAY_UNREACHABLE', 'the gateway at http://127.0.0.1:9 cannot be reached');
};

/** A thread that does this. */
const thread = (code: string): URL => new URL(`data:text/javascript,${encodeURIComponent(code)}`);
const solverThat = (code: string, graceMs = 20_000): Solve => createSolver({ file: thread(code), graceMs });

describe('a run', () => {
  it('is read, kept, solved and stored, with its events', async () => {
    const { runId } = await enterRun(routing.write);
    await routing.forgetEvents();
    start();
    const run = await ended(runId);
    expect(run).toMatchObject({ status: 'OPTIMAL', demandedPieces: 300, placedPieces: 0, unservedPieces: 300, problems: [] });
    expect(await routing.db.runInput.findMany({ select: { inputHash: true } })).toEqual([{ inputHash: run.inputHash }]);
    const topics = (await routing.events()).map(({ topic }) => topic);
    expect(topics.toSorted()).toEqual(['decision.made', 'decision.made', 'decision.made', 'run.completed']);
  });

  it('is done after those that waited longer', async () => {
    const order: string[] = [];
    const ids: string[] = [];
    for (let i = 0; i < 3; i += 1) {
      ids.push((await enterRun(routing.write)).runId);
      routing.clock.advance(1);
    }
    start({
      solve: async ({ text, seed }) => {
        order.push(seed);
        return refuseAll(text);
      },
    });
    for (const id of ids) await ended(id);
    expect(order).toEqual(ids);
    expect(await routing.db.runInput.count()).toBe(1);
  });

  it('is done by one process of two, and one at a time', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 6; i += 1) ids.push((await enterRun(routing.write)).runId);
    let [atOnce, most] = [0, 0];
    const solved: string[] = [];
    const solve: Solve = async ({ text, seed }) => {
      atOnce += 1;
      most = Math.max(most, atOnce);
      await new Promise((resolve) => setTimeout(resolve, 30));
      solved.push(seed);
      atOnce -= 1;
      return refuseAll(text);
    };
    const other = openClient({ url: routing.url, connections: 4 });
    start({ solve });
    start({ solve, db: other });
    for (const id of ids) await ended(id);
    await stopAll();
    await other.$disconnect();
    expect([most, solved.toSorted()]).toEqual([1, ids.toSorted()]);
  });

  it('of a process that ended is begun anew by the next', async () => {
    const { runId } = await enterRun(routing.write);
    const begun = new Promise<void>((resolve) => {
      start({
        solve: (_job, signal) => {
          resolve();
          return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('ended'))));
        },
      });
    });
    await begun;
    await stopAll();
    expect(await routing.run(runId)).toMatchObject({ status: 'RUNNING' });
    start();
    expect(await ended(runId)).toMatchObject({ status: 'OPTIMAL' });
  });

  it('whose process lost its connections is taken up while that one still works, and ends once', async () => {
    const { runId } = await enterRun(routing.write);
    await routing.forgetEvents();
    const dying = openClient({ url: routing.url, connections: 3 });
    const [{ pid = 0 } = {}] = await routing.db.$queryRaw<{ pid?: number }[]>`SELECT pg_backend_pid() AS pid`;
    let letGo: () => void = () => undefined;
    const stuck = new Promise<void>((resolve) => (letGo = resolve));
    const begun = new Promise<void>((resolve) => {
      start({
        db: dying,
        solve: async ({ text }) => {
          resolve();
          await stuck;
          return { ...refuseAll(text), objective: 1 };
        },
      });
    });
    await begun;
    // All but those of this test itself, and of no other test: the server may be shared
    await routing.db.$queryRaw`
      SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
      WHERE l.locktype = 'advisory' AND l.pid <> ${pid} AND d.datname = current_database()`;
    start();
    expect(await ended(runId)).toMatchObject({ status: 'OPTIMAL' });
    letGo();
    await stopAll();
    await dying.$disconnect();
    const run = await routing.run(runId);
    expect([run.status, Number(run.objective)]).toEqual(['OPTIMAL', 300_000]);
    expect((await routing.events()).filter(({ topic }) => topic === 'run.completed')).toHaveLength(1);
  });
});

describe('a gateway that cannot be asked', () => {
  it('fails the run with its reason, and a later attempt is fine', async () => {
    const first = await enterRun(routing.write);
    let up = false;
    const { askHub } = createAskHub(() => smallIndustry());
    start({ askHub: (...question) => (up ? askHub(...question) : down(...question)), retryMs: [20, 20] });
    const failed = await ended(first.runId);
    expect(failed).toMatchObject({
      status: 'FAILED',
      inputHash: null,
      problems: [{ code: 'READ_FAILED', path: [], message: expect.stringContaining('cannot be reached') }],
    });
    expect(failed.finishedAt).not.toBeNull();
    up = true;
    const fine = await until(async () => (await allRuns()).find(({ status }) => status === 'OPTIMAL'));
    expect(fine).toMatchObject({ trigger: 'SCHEDULED', memberId: first.memberId });
    expect(fine.attempt).toBeGreaterThan(1);
    const [before] = (await allRuns()).filter(({ attempt }) => attempt === fine.attempt - 1);
    expect(fine.triggerRef).toBe(before?.runId);
  });

  it('is tried three times, not oftener', async () => {
    await enterRun(routing.write);
    start({ askHub: down, retryMs: [10, 10] });
    await until(async () => ((await allRuns()).filter(({ status }) => status === 'FAILED').length === 3 ? true : undefined));
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect((await allRuns()).map(({ attempt, status, trigger }) => [attempt, status, trigger])).toEqual([
      [1, 'FAILED', 'MANUAL'],
      [2, 'FAILED', 'SCHEDULED'],
      [3, 'FAILED', 'SCHEDULED'],
    ]);
  });

  it('is waited for five seconds at first', async () => {
    const { runId } = await enterRun(routing.write);
    start({ askHub: down });
    await ended(runId);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(await allRuns()).toHaveLength(1);
  });

  it('is named by the variable to set when routing knows none', async () => {
    const { runId } = await enterRun(routing.write);
    const part = createRuns({
      db: routing.db,
      clock: routing.clock,
      settings: routing.settings,
      log: silentLog,
      wakeRelay: () => undefined,
    });
    parts.push(part);
    void part.start(new AbortController().signal);
    expect((await ended(runId)).problems).toMatchObject([{ code: 'READ_FAILED', message: expect.stringContaining('HUB_GATEWAY_URL') }]);
  });
});

describe('a solver that fails', () => {
  const failing: readonly (readonly [what: string, code: string, words: RegExp, logged: RegExp])[] = [
    ['throws', `throw new Error('no such model in /home');`, /broke off/, /no such model/],
    ['ends by itself', 'process.exit(3);', /code 3/, /code 3/],
    ['eats all its memory', 'const all = []; for (;;) all.push(new Array(1000).fill({}));', /ran out of memory/, /memory/],
    [
      'says so',
      `import { parentPort } from 'node:worker_threads'; parentPort.postMessage({ kind: 'failed', message: 'numbers too large' });`,
      /no plan/,
      /numbers too large/,
    ],
  ];
  it.each(failing)('fails the run when it %s, and the next run is done', async (_what, code, words, logged) => {
    const lines: string[] = [];
    const { runId } = await enterRun(routing.write);
    let broken = true;
    const solve = solverThat(code);
    start({
      log: { ...silentLog, warn: (line: object | string) => lines.push(JSON.stringify(line)) },
      solve: (job, signal) => {
        const solver = broken ? solve : solveAtOnce;
        broken = false;
        return solver(job, signal);
      },
    });
    const run = await ended(runId);
    expect(run).toMatchObject({ status: 'FAILED', problems: [{ code: 'SOLVE_FAILED', message: expect.stringMatching(words) }] });
    expect(lines.join('\n')).toMatch(logged);
    expect(JSON.stringify(run.problems)).not.toContain('/home');
    // what it was to solve can be looked into
    expect(await routing.db.runInput.count({ where: { inputHash: run.inputHash ?? '' } })).toBe(1);
    expect(await ended((await enterRun(routing.write)).runId)).toMatchObject({ status: 'OPTIMAL' });
    expect(await allRuns()).toHaveLength(2);
  });

  it('is ended when it takes longer than it may', async () => {
    const { runId } = await enterRun(routing.write);
    start({ settings: { ...routing.settings, solveLimitMs: 50 }, solve: solverThat('for (;;);', 150) });
    expect((await ended(runId)).problems).toMatchObject([{ code: 'SOLVE_FAILED', message: 'solving did not end within 200 ms' }]);
  });

  it('is told how long it may take, and by what seed ties are drawn', async () => {
    const { runId } = await enterRun(routing.write);
    const told: object[] = [];
    start({
      settings: { ...routing.settings, solveLimitMs: 1_234 },
      solve: async ({ text, ...options }) => {
        told.push(options);
        return refuseAll(text);
      },
    });
    await ended(runId);
    expect(told).toEqual([{ seed: runId, limitMs: 1_234 }]);
  });
});
