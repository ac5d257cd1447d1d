/** Progressive override: which labels are active in a request, and which subgraph is asked in consequence. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chooseLabels, drawOf, loadLabelFunction } from '../../../gateway/pipeline/override-labels.ts';
import { compose, createHub, plan, planText, asClient } from '../execute/in-memory-graphs.ts';

type StageNeeds = Parameters<typeof chooseLabels.run>[0];
type StageHub = Parameters<typeof chooseLabels.run>[1];

const on = (...labels: string[]): { activeLabels: ReadonlySet<string> } => ({ activeLabels: new Set(labels) });
const same = (row: unknown): unknown => row;

const graphs = (label: string) => ({
  a: {
    sdl: 'type Query { loom: Loom } type Loom @key(fields: "id") { id: ID! speed: String }',
    resolvers: { Query: { loom: () => ({ id: '1', speed: 'old' }) } },
  },
  b: {
    sdl: `type Loom @key(fields: "id") { id: ID! speed: String @override(from: "a", label: "${label}") }`,
    resolvers: { Loom: { __resolveReference: same, speed: () => 'new' } },
  },
});

/** What the stage decides for the labels of a supergraph. */
function decide(labels: readonly string[], labelFunction?: StageHub['labelFunction'], memberId: string | null = 'm1') {
  const told: unknown[] = [];
  const supergraph = { labels };
  const needs = {
    graph: { supergraph },
    checked: { canonicalText: '{ loom { speed } }' },
    operation: { name: 'Looms' },
    principal: { memberId, kinds: ['MAKER'], scopes: ['read'], claims: { site: 'x' }, roles: [] },
  } as unknown as StageNeeds; // what the stage reads of them
  const hub = { labelFunction, log: { error: (fields: unknown) => void told.push(fields) } } as unknown as StageHub;
  const run = () => [...(chooseLabels.run(needs, hub) as { activeLabels: ReadonlySet<string> }).activeLabels];
  return { run, told };
}

describe('percent(x)', () => {
  it('is never active at 0 and always at 100', () => {
    for (let index = 0; index < 500; index += 1) {
      expect(decide(['percent(0)', 'percent(100)', 'percent(0.0)'], undefined, `m${index}`).run()).toEqual(['percent(100)']);
    }
  });

  it('is active for a quarter of the members at 25, the same ones each time and in every gateway', () => {
    const members = Array.from({ length: 4_000 }, (_, index) => `member-${index}`);
    const active = members.filter((member) => decide(['percent(25)'], undefined, member).run().length === 1);
    // Six standard deviations of 4,000 draws
    expect(Math.abs(active.length - 1_000)).toBeLessThan(165);
    expect(active.slice(0, 50).every((member) => decide(['percent(25)'], undefined, member).run().length === 1)).toBe(true);
    expect(drawOf('percent(25)', 'member-1', 'Looms')).toBe(drawOf('percent(25)', 'member-1', 'Looms'));
  });

  it('draws anew for another label, member or operation', () => {
    const draws = [drawOf('a', 'm', 'o'), drawOf('b', 'm', 'o'), drawOf('a', 'n', 'o'), drawOf('a', 'm', 'p'), drawOf('a', null, 'o')];
    expect(new Set(draws).size).toBe(draws.length);
    for (const draw of draws) expect(draw >= 0 && draw < 100).toBe(true);
  });
});

describe('labels of another name', () => {
  it('are inactive without a function', () => {
    expect(decide(['beta', 'percent(101)']).run()).toEqual([]);
  });

  it('are asked of the function once a request, with who asks', () => {
    const asked: unknown[] = [];
    const { run } = decide(['beta', 'gamma', 'percent(100)'], (label, asker) => {
      asked.push([label, asker]);
      return label === 'beta';
    });
    expect(run()).toEqual(['beta', 'percent(100)']);
    const asker = { member: 'm1', kinds: ['MAKER'], scopes: ['read'], claims: { site: 'x' }, operationName: 'Looms' };
    expect(asked).toEqual([
      ['beta', asker],
      ['gamma', asker],
    ]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('broken');
      },
    ],
    ['returns a text', () => 'yes'],
    ['returns a promise', async () => true],
  ])('are inactive when the function %s, which is told once for each label', (_, labelFunction) => {
    const { run, told } = decide(['beta', 'gamma'], labelFunction);
    expect([run(), run()]).toEqual([[], []]);
    expect(told).toHaveLength(2);
  });
});

describe('the file of the function', () => {
  it.each([
    ['f.mjs', 'export default 7;', 'expected a function'],
    ['f.mjs', 'throw new Error("at start");', 'at start'],
    ['f.txt', '', 'expected a file .mjs or .js'],
  ])('refuses to start with %s: %s', async (name, text, reason) => {
    const folder = await mkdtemp(join(tmpdir(), 'labels-'));
    await writeFile(join(folder, name), text);
    await expect(loadLabelFunction(join(folder, name))).rejects.toMatchObject({
      code: 'CONFIG_INVALID_VALUE',
      message: expect.stringContaining(reason),
    });
    await rm(folder, { recursive: true });
  });

  it('gives its default export', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'labels-'));
    await writeFile(join(folder, 'f.mjs'), 'export default (label, { member }) => label === "beta" && member === "m1";');
    const labelFunction = await loadLabelFunction(join(folder, 'f.mjs'));
    expect(decide(['beta', 'gamma'], labelFunction).run()).toEqual(['beta']);
    await rm(folder, { recursive: true });
  });
});

describe('a labelled override', () => {
  it('is answered by the new subgraph when active and by the old one when not', async () => {
    const hub = createHub(graphs('beta'));
    expect(asClient(await hub.run('{ loom { speed } }', on('beta')))).toEqual({ data: { loom: { speed: 'new' } } });
    expect(hub.sent.map(({ graph }) => graph)).toEqual(['a', 'b']);
    expect(asClient(await hub.run('{ loom { speed } }'))).toEqual({ data: { loom: { speed: 'old' } } });
    expect(hub.sent.map(({ graph }) => graph)).toEqual(['a']);
  });

  it('says in the plan which labels were looked at, and no others', () => {
    const { supergraph } = createHub(graphs('beta'));
    expect(plan(supergraph, '{ loom { speed } }', {}, on('beta')).labels).toEqual([['beta', true]]);
    expect(planText(supergraph, '{ loom { speed } }').split('\n')[0]).toContain('labels {beta: off}');
    expect(plan(supergraph, '{ loom { id } }', {}, on('beta')).labels).toEqual([]);
  });

  it('moves what a requirement is fed with', async () => {
    const { a, b } = graphs('beta');
    // The composer refuses a labelled field in a requirement: it is labelled after composition.
    const plain = { ...b, sdl: b.sdl.replace(', label: "beta"', '') };
    const label = (sdl: string) =>
      sdl.replace('override: "a"', 'override: "a", overrideLabel: "beta") @join__field(graph: A, overrideLabel: "beta"');
    const c = {
      sdl: 'type Loom @key(fields: "id") { id: ID! speed: String @external load: String @requires(fields: "speed") }',
      resolvers: { Loom: { __resolveReference: same, load: ({ speed }: { speed: string }) => `from ${speed}` } },
    };
    const hub = createHub({ a, b: plain, c }, label);
    expect(asClient(await hub.run('{ loom { load } }', on('beta')))).toEqual({ data: { loom: { load: 'from new' } } });
    expect(asClient(await hub.run('{ loom { load } }'))).toEqual({ data: { loom: { load: 'from old' } } });
  });

  it('changes nothing when the subgraph it comes from is gone', () => {
    const supergraph = compose({
      a: 'type Query { loom: Loom } type Loom @key(fields: "id") { id: ID! speed: String @override(from: "gone", label: "beta") }',
    });
    expect(plan(supergraph, '{ loom { speed } }').fetches).toHaveLength(1);
  });
});
