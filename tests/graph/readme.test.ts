/** The queries that the README shows, and the examples that GraphiQL opens with, answer with data on the demo industry. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { playIndustry } from '../../demo/industry.ts';
import { fromRoot } from '../../lib/paths.ts';
import { startTestHub, type TestHub } from '../_kit/hub.ts';

let hub: TestHub;
beforeAll(async () => {
  hub = await startTestHub();
  await playIndustry({ url: hub.url, keys: hub.keys, seed: 1, now: hub.clock.now(), today: '2026-11-22', currency: 'CNY' });
  await hub.settle();
}, 120_000);
afterAll(() => hub.stop());

const readme = readFileSync(fromRoot('README.md'), 'utf8');
const blocks = [...readme.matchAll(/```graphql\n([\s\S]*?)```/g)].map((match) => match[1] ?? '');
const inCommands = [...readme.matchAll(/-d '(\{"query":.*?\})'/g)].map(
  (match) => (JSON.parse(match[1] ?? '{}') as { query: string }).query,
);
const exampleFolder = fromRoot('schema', 'examples');
const examples = existsSync(exampleFolder)
  ? readdirSync(exampleFolder)
      .filter((file) => file.endsWith('.graphql'))
      .map((file) => readFileSync(`${exampleFolder}/${file}`, 'utf8'))
  : [];
// who asks for itself is nobody without a token
const isForVisitors = (source: string): boolean => !source.includes('mutation') && !source.includes('viewer');

/** True when every list has something in it. */
const isFull = (value: unknown): boolean => {
  if (Array.isArray(value)) return value.some(isFull);
  return typeof value !== 'object' || value === null || Object.values(value).every(isFull);
};

it('the README shows a query to begin with and one over the chain', () => {
  expect(inCommands.length).toBeGreaterThan(0);
  expect(blocks.length).toBeGreaterThan(0);
});

it.each([...inCommands, ...blocks, ...examples].filter(isForVisitors))('a visitor asks %s', async (source) => {
  const { data, errors } = await hub.ask(null, source);
  expect(errors ?? []).toEqual([]);
  expect(isFull(data)).toBe(true);
});

it.each([...blocks, ...examples].filter((source) => source.includes('mutation')))('a creator changes %s', async (source) => {
  const { memberId } = (await hub.ask(null, '{ members(kind: CREATOR, first: 1) { nodes { memberId } } }')).data.members.nodes[0];
  const { data, errors } = await hub.ask(await hub.enter(memberId, ['CREATOR']), source);
  expect(errors ?? []).toEqual([]);
  for (const payload of Object.values(data as Record<string, { problems: unknown[] }>)) expect(payload.problems).toEqual([]);
});
