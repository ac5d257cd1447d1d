/** Planning in a thread of its own: the same plans, a queue that ends somewhere, and a thread that may die. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'graphql';
import { planOperation, printPlan } from '../../../engine/plan/index.ts';
import { loadSupergraph } from '../../../engine/supergraph/index.ts';
import { createPlanElsewhere, type PlanElsewhere, type PlanJob } from '../../../gateway/pipeline/plan-elsewhere.ts';
import { fromRoot } from '../../../lib/paths.ts';
import { composeShop, startShopGateway } from '../kit.ts';

const nothing = {
  denied: new Set<string>(),
  activeLabels: new Set<string>(),
  conditions: new Map<string, boolean>(),
  operationName: null,
  defer: false,
};
const open = (): AbortSignal => new AbortController().signal;

const sdl = composeShop();
const jobOf = (text: string, given: Partial<PlanJob> = {}): PlanJob => ({ ...nothing, schemaHash: 'shop', sdl, text, ...given });

/** More than 700 fields, by fragments of which each spreads the next one twice. */
const large = `{ crate(id: "1") { ...F0 } } ${Array.from(
  { length: 8 },
  (_, index) => `fragment F${index} on Crate { name ${index === 7 ? '' : `inside { ...F${index + 1} } inner { ...F${index + 1} }`} }`,
).join(' ')}`;

let folder: string;
const running: PlanElsewhere[] = [];
const start = (options: Partial<Parameters<typeof createPlanElsewhere>[0]> = {}): PlanElsewhere => {
  const elsewhere = createPlanElsewhere({ requestMs: 60_000, ...options });
  running.push(elsewhere);
  return elsewhere;
};
/** A thread that does something else than planning. */
const threadThat = async (name: string, onMessage: string): Promise<string> => {
  const file = join(folder, `${name}.mjs`);
  await writeFile(file, `import { parentPort } from 'node:worker_threads';\nparentPort.on('message', (job) => { ${onMessage} });\n`);
  return file;
};
const echo = 'parentPort.postMessage({ kind: "refused", code: null, message: job.text });';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ir-thread-'));
});
afterEach(async () => {
  for (const elsewhere of running.splice(0)) await elsewhere.stop();
});
afterAll(() => rm(folder, { recursive: true }));

describe('a plan made in the thread', () => {
  it('is the plan that would be made here, frozen as that is', async () => {
    const hubSdl = await readFile(fromRoot('schema', 'supergraph.graphql'), 'utf8');
    const elsewhere = start();
    for (const [schemaHash, text, ofSdl] of [
      ['shop', large, sdl],
      ['hub', '{ __schema { queryType { name } } viewer { __typename } }', hubSdl],
      ['shop', '{ crate(id: "2") { name } __typename }', sdl],
      ['shop', large.replaceAll('inside {', '... @defer { later: inside { name } } inside {'), sdl],
    ] as const) {
      const supergraph = loadSupergraph(ofSdl);
      const defer = text.includes('@defer');
      const here = planOperation({ ...nothing, supergraph, document: parse(text, { noLocation: true }), defer });
      const reply = await elsewhere.plan(text, jobOf(text, { schemaHash, sdl: ofSdl, defer }), open());
      if (reply.kind !== 'plan') throw new Error(reply.message);
      expect(reply.plan.deferred !== null).toBe(defer);
      expect(reply.plan).toEqual(here);
      expect(printPlan(reply.plan, supergraph)).toBe(printPlan(here, supergraph));
      expect(Object.isFrozen(reply.plan.fetches[0]?.dependsOn)).toBe(true);
    }
  });

  it.each([
    ['override labels', 'override-progressive', '{ looms { code colour rating } }', { activeLabels: new Set(['codes', 'percent(40)']) }],
    ['deferred fragments', 'defer', '{ mills { name ... @defer(label: "later") { tax owner { rating } } } }', { defer: true }],
    ['contexts', 'contexts', '{ sites { looms { speed } mills { looms { name speed(factor: 2) } } } }', {}],
    ['denied fields', 'authorisation', '{ mills { name wage bonus } }', { denied: new Set(['Mill.wage', 'Mill.bonus']) }],
  ])('is the plan that would be made here with %s', async (_, construct, text, given) => {
    const ofSdl = await readFile(fromRoot('tests', 'constructs', construct, 'v05.graphql'), 'utf8');
    const supergraph = loadSupergraph(ofSdl);
    const here = planOperation({ ...nothing, ...given, supergraph, document: parse(text, { noLocation: true }) });
    const without = planOperation({ ...nothing, supergraph, document: parse(text, { noLocation: true }) });
    expect(printPlan(here, supergraph) === printPlan(without, supergraph)).toBe(Object.keys(given).length === 0);
    const reply = await start().plan(text, jobOf(text, { ...given, schemaHash: construct, sdl: ofSdl }), open());
    if (reply.kind !== 'plan') throw new Error(reply.message);
    expect(reply.plan).toEqual(here);
  });

  it('is refused by the code that planning refuses with', async () => {
    const reply = await start().plan('x', jobOf('query A { crate(id: "1") { name } }', { operationName: 'B' }), open());
    expect(reply).toMatchObject({ kind: 'refused', code: 'OPERATION_NOT_FOUND' });
  });

  it('is served as any other: a large operation is answered', async () => {
    const gateway = await startShopGateway({ limits: { cost: 10_000_000_000 } });
    try {
      const answer = await gateway.post({ query: large });
      expect(answer.body.errors).toBeUndefined();
      expect(answer.body.data).toMatchObject({
        crate: { name: 'crate 1', inside: { name: 'crate 1-in' }, inner: [{ name: 'crate 1.0' }] },
      });
    } finally {
      await gateway.stop();
    }
  });
});

describe('the queue before the thread', () => {
  it('takes equal operations as one, and refuses one more than its limit', async () => {
    const elsewhere = start({ queue: 1, file: await threadThat('slow', `setTimeout(() => { ${echo} }, 50)`) });
    const all = ['a', 'a', 'b', 'b'].map((text) => elsewhere.plan(text, jobOf(text), open()));
    await expect(elsewhere.plan('c', jobOf('c'), open())).rejects.toMatchObject({ code: 'PLANNING_OVERLOADED' });
    expect((await Promise.all(all)).map((reply) => reply.kind === 'refused' && reply.message)).toEqual(['a', 'a', 'b', 'b']);
    await expect(elsewhere.plan('c', jobOf('c'), open())).resolves.toMatchObject({ message: 'c' });
  });

  it('is left by who has waited for as long as a request may take, and by clients that go away', async () => {
    const elsewhere = start({ requestMs: 30, queue: 1, file: await threadThat('silent', '') });
    const controller = new AbortController();
    const first = elsewhere.plan('a', jobOf('a'), controller.signal);
    const second = elsewhere.plan('b', jobOf('b'), open());
    controller.abort();
    await expect(first).rejects.toMatchObject({ code: 'REQUEST_ABORTED' });
    await expect(second).rejects.toMatchObject({ code: 'REQUEST_TIMEOUT' });
    // There is room again
    await expect(elsewhere.plan('c', jobOf('c'), open())).rejects.toMatchObject({ code: 'REQUEST_TIMEOUT' });
  });
});

describe('a thread that ends', () => {
  it('costs the operation it was planning, and no other: the next has a new one', async () => {
    const elsewhere = start({ file: await threadThat('mortal', `if (job.text === 'die') process.exit(3); ${echo}`) });
    const dies = elsewhere.plan('die', jobOf('die'), open());
    const waits = elsewhere.plan('wait', jobOf('wait'), open());
    await expect(dies).rejects.toMatchObject({ code: 'INTERNAL' });
    await expect(waits).resolves.toMatchObject({ message: 'wait' });
  });

  it('is told the supergraph again, and only once', async () => {
    const elsewhere = start({
      file: await threadThat('asked', `if (job.text === 'die') process.exit(3); job.text = String(job.sdl !== null); ${echo}`),
    });
    const told = async (text: string, schemaHash: string): Promise<unknown> => elsewhere.plan(text, jobOf(text, { schemaHash }), open());
    expect(await told('1', 'x')).toMatchObject({ message: 'true' });
    expect(await told('2', 'x')).toMatchObject({ message: 'false' });
    await expect(told('die', 'x')).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(await told('3', 'x')).toMatchObject({ message: 'true' });
    expect(await told('4', 'y')).toMatchObject({ message: 'true' });
    expect(await told('5', 'z')).toMatchObject({ message: 'true' });
    // Two are remembered
    expect(await told('6', 'x')).toMatchObject({ message: 'true' });
  });
});
