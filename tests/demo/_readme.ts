/** The queries that the README shows, and the examples that GraphiQL opens with, on the demo industry. */
import { readdirSync, readFileSync } from 'node:fs';
import { fromRoot } from '../../lib/paths.ts';
import type { Player, TestHub } from '../_kit/hub.ts';

const readme = readFileSync(fromRoot('README.md'), 'utf8');
const blocks = [...readme.matchAll(/```graphql\n([\s\S]*?)```/g)].map((match) => match[1] ?? '');
const inCommands = [...readme.matchAll(/-d '(\{"query":.*?\})'/g)].map(
  // what the README sends is JSON with a query in it
  (match) => (JSON.parse(match[1] ?? '{}') as { query: string }).query,
);
const examples = readdirSync(fromRoot('schema', 'examples'))
  .filter((file) => file.endsWith('.graphql'))
  .map((file) => readFileSync(fromRoot('schema', 'examples', file), 'utf8').replace(/^#.*\n/, ''));
// who asks for itself is nobody without a token
const isForVisitors = (source: string): boolean => !source.includes('mutation') && !source.includes('viewer');

/** True when every list has something in it, and something with all of its own lists. */
const isFull = (value: unknown): boolean => {
  if (Array.isArray(value)) return value.some(isFull);
  return typeof value !== 'object' || value === null || Object.values(value).every(isFull);
};

/** Values of a field, wherever it stands in an answer. */
function valuesOf(answer: unknown, field: string): unknown[] {
  if (Array.isArray(answer)) return answer.flatMap((item) => valuesOf(item, field));
  if (typeof answer !== 'object' || answer === null) return [];
  return Object.entries(answer).flatMap(([name, value]) => (name === field ? [value] : valuesOf(value, field)));
}

const viewOf = (name: string): string => {
  const found = blocks.find((source) => source.startsWith(`query ${name} `));
  if (found === undefined) throw new Error(`the README has no query ${name}`);
  return found;
};

export function describeReadme(hubOf: () => TestHub): void {
  describe('the README', () => {
    const ask = async (player: Player | null, source: string): Promise<any> => {
      const { data, errors } = await hubOf().ask(player, source);
      expect(errors ?? []).toEqual([]);
      return data;
    };
    /** The member of a kind that has the most rows of some states in a list of the graph. */
    const busiest = async (kind: string, list: string, states: string): Promise<Player> => {
      const { members } = await ask(null, `{ members(kind: ${kind}, first: 200) { nodes { memberId } } }`);
      const asked = await ask(hubOf().hub, `{ ${list}(status: [${states}], first: 200) { nodes { member { memberId } } } }`);
      const counts = new Map<string, number>(members.nodes.map(({ memberId }: { memberId: string }) => [memberId, 0]));
      for (const { member } of asked[list].nodes)
        if (counts.has(member.memberId)) counts.set(member.memberId, (counts.get(member.memberId) ?? 0) + 1);
      const [[memberId, rows] = ['', 0]] = [...counts].toSorted(([, a], [, b]) => b - a);
      expect(rows).toBeGreaterThan(0);
      return hubOf().enter(memberId, [kind]);
    };

    it('shows a query to begin with, and what a creator, a maker and the hub see', () => {
      expect(inCommands.length).toBeGreaterThan(0);
      expect(blocks.map((source) => /^query (\w+)/.exec(source)?.[1])).toEqual(['Creator', 'Maker', 'Hub']);
    });

    it.each([...new Set([...inCommands, ...blocks, ...examples])].filter(isForVisitors))('a visitor asks %s', async (source) => {
      expect(isFull(await ask(null, source))).toBe(true);
    });

    it('the view of a creator shows with its token its own lines only: promise, maker, lot and why', async () => {
      const creator = await busiest('CREATOR', 'demandLines', 'FULFILLED');
      const data = await ask(creator, viewOf('Creator').replace('quantity', 'quantity member { memberId }'));
      expect(isFull(data)).toBe(true);
      expect(new Set(valuesOf(data, 'memberId'))).toEqual(new Set([creator.memberId]));
      const [line] = data.demandLines.nodes;
      expect(line.allocations.nodes[0]).toMatchObject({ promisedDate: expect.any(String), lot: { status: expect.any(String) } });
      expect(line.decision.text).toContain(`${line.allocations.nodes[0].maker.name} makes`);
    });

    it('the view of a maker shows with its token its own jobs and load, and no rival in a decision', async () => {
      const maker = await busiest('MAKER', 'lots', 'IN_PROGRESS');
      const { makers } = await ask(hubOf().hub, '{ makers(first: 200) { nodes { name member { memberId } } } }');
      const data = await ask(maker, viewOf('Maker').replace('progressBps', 'progressBps member { memberId }'));
      expect(new Set(valuesOf(data.lots, 'memberId'))).toEqual(new Set([maker.memberId]));
      expect(valuesOf(data.lots, 'loadShareBps').every((share) => typeof share === 'number')).toBe(true);
      expect(data.decisions.nodes.length).toBeGreaterThan(0);
      const told = JSON.stringify(data.decisions);
      const named = makers.nodes.filter(({ name }: { name: string }) => told.includes(name));
      expect(new Set(valuesOf(named, 'memberId'))).toEqual(new Set([maker.memberId]));
    });

    it('the view of the hub shows with its token all orders, and a plan whose cost is not below its bound', async () => {
      const { controlTower, routingRuns } = await ask(hubOf().hub, viewOf('Hub'));
      const [run] = routingRuns.nodes;
      expect(run.placedPieces).toBeGreaterThan(0);
      expect(Number(run.objective)).toBeGreaterThanOrEqual(Number(run.bound));
      expect(controlTower.after.overlapBps).toBeGreaterThan(controlTower.before.overlapBps);
      expect(controlTower.cycleByStage).toHaveLength(8);
    });

    it.each(examples.filter((source) => source.includes('mutation')))('a creator changes %s', async (source) => {
      const { members } = await ask(null, '{ members(kind: CREATOR, first: 1) { nodes { memberId } } }');
      const data = await ask(await hubOf().enter(members.nodes[0].memberId, ['CREATOR']), source);
      for (const { problems } of Object.values<{ problems: unknown[] }>(data)) expect(problems).toEqual([]);
    });
  });
}
