/**
 * Plans of operations with override labels, as the pipeline remembers them: first which labels an operation looks at, then its plan for
 * their present values. Other labels make no further plans.
 */
import { readFileSync } from 'node:fs';
import { Kind, parse, print } from 'graphql';
import type { Plan } from '../../../engine/plan/index.ts';
import type { Hub } from '../../../gateway/pipeline/hub.ts';
import type { KnownDocument, KnownOperation } from '../../../gateway/pipeline/known-document.ts';
import { createPlanElsewhere } from '../../../gateway/pipeline/plan-elsewhere.ts';
import { compileStage, planStage, recallStage } from '../../../gateway/pipeline/plan-operation.ts';
import { loadGraph } from '../../../gateway/pipeline/supergraph/loaded-graph.ts';
import type { LoadedGraph } from '../../../gateway/pipeline/supergraph/loaded-graph.ts';
import { fromRoot } from '../../../lib/paths.ts';

const sdl = readFileSync(fromRoot('tests', 'constructs', 'override-progressive', 'v05.graphql'), 'utf8');

function known(query: string): { checked: KnownDocument; operation: KnownOperation } {
  const document = parse(query, { noLocation: true });
  const [definition] = document.definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error('The operation comes first.');
  const operation: KnownOperation = {
    name: null,
    definition,
    conditionVariables: [],
    pageVariables: [],
    introspects: false,
    defers: false,
    coordinates: [],
    planKeys: new Map(),
  };
  return { checked: { document, tokenCount: 0, fieldCount: 3, canonicalText: print(document), operations: [operation] }, operation };
}

/** `fromFields` 0: in the thread. */
function start(fromFields?: number) {
  const graph = loadGraph(sdl, new Map());
  const counted = { hit: 0, miss: 0 };
  const elsewhere = createPlanElsewhere({ requestMs: 60_000, ...(fromFields === undefined ? {} : { fromFields }) });
  const hub = { elsewhere, metrics: { countPlan: (what: 'hit' | 'miss') => void (counted[what] += 1) } } as unknown as Hub; // what they use
  return { graph, counted, hub, stop: () => elsewhere.stop() };
}

type Asked = { readonly graph: LoadedGraph; readonly hub: Hub };

/** The plan of a request, by the stages that the pipeline runs. */
async function ask(
  { graph, hub }: Asked,
  one: ReturnType<typeof known>,
  labels: readonly string[],
  denied: readonly string[] = [],
): Promise<Plan> {
  const request = { payloads: undefined, signal: new AbortController().signal };
  const before = {
    ...one,
    graph,
    request,
    variables: {},
    denied: { coordinates: new Set(denied), id: denied.join() },
    activeLabels: new Set(labels),
  } as unknown as Parameters<typeof recallStage.run>[0]; // what the stages read of a request
  const recalled = { ...before, ...(await recallStage.run(before, hub)) };
  const planned = { ...recalled, ...(await planStage.run(recalled, hub)) };
  await compileStage.run(planned, hub);
  return planned.plan;
}

const speed = '{ looms { speed } }';

describe('the plans of an operation with labels', () => {
  it('are one for each state of the labels that it looks at, and found again', async () => {
    const one = start();
    const operation = known(speed);
    const off = await ask(one, operation, []);
    const on = await ask(one, operation, ['percent(40)']);
    expect([off.fetches.length, on.fetches.length]).toEqual([1, 2]);
    expect(on.labels).toContainEqual(['percent(40)', true]);
    for (const labels of [[], ['percent(40)'], []]) {
      expect(await ask(one, operation, labels)).toBe(labels.length === 0 ? off : on);
    }
    expect(one.counted).toEqual({ hit: 3, miss: 2 });
  });

  it('do not multiply by labels that it does not look at', async () => {
    const one = start();
    const operation = known('{ looms { id } }');
    const plan = await ask(one, operation, []);
    expect(plan.labels.map(([label]) => label)).not.toContain('percent(40)');
    const again = await ask(one, operation, ['percent(40)', 'of another graph']);
    expect(again).toBe(plan);
    expect(one.counted).toEqual({ hit: 1, miss: 1 });
  });

  it('are another for whoever may not read the same', async () => {
    const one = start();
    const operation = known(speed);
    const all = await ask(one, operation, ['percent(40)']);
    const less = await ask(one, operation, ['percent(40)'], ['Loom.speed']);
    expect([all.fetches.length, less.fetches.length]).toEqual([2, 1]);
    expect(await ask(one, operation, ['percent(40)'])).toBe(all);
    expect(await ask(one, operation, [], ['Loom.speed'])).toBe(less);
  });

  it('are the same when they are made in the thread', async () => {
    const [here, there] = [start(), start(0)];
    for (const labels of [[], ['percent(40)'], ['codes']])
      for (const text of [speed, '{ looms { code colour rating } }'])
        expect(await ask(there, known(text), labels)).toEqual(await ask(here, known(text), labels));
    await there.stop();
  });
});
