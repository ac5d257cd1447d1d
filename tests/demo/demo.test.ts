/** The demo industry: seeded, labelled, and played through the gateway, so that it has a history like any other. */
import { createRandom } from '../../demo/random.ts';
import { playIndustry } from '../../demo/industry.ts';
import { readEventContract } from '../../lib/feed/event-contract.ts';
import { startTestHub, subgraphNames, type TestHub } from '../_kit/hub.ts';
import { describeReadme } from './_readme.ts';
import { describeSpine } from './_spine.ts';

/** Tables in which the hub itself has one row. */
const ofTheHub = ['Member', 'CashPool'];

let hub: TestHub;
let changes: number;
const play = () =>
  playIndustry({ url: hub.url, keys: hub.keys, seed: 3, now: hub.clock.now(), clock: hub.clock, today: '2026-11-22', currency: 'CNY' });

beforeAll(async () => {
  hub = await startTestHub();
  changes = await play();
  await hub.settle();
}, 180_000);
afterAll(() => hub.stop());

/** Tables of a subgraph that have the column. */
async function tablesOf(name: (typeof subgraphNames)[number], column: string): Promise<string[]> {
  const rows = await hub.running[name].db.$queryRawUnsafe<{ t: string }[]>(
    'SELECT table_name AS t FROM information_schema.columns WHERE table_schema = current_schema() AND column_name = $1 ORDER BY 1',
    column,
  );
  return rows.map((row) => row.t);
}

/** Rows by subgraph and table, and events by topic. */
async function countAll(): Promise<Record<string, number>> {
  await hub.settle();
  const counts: Record<string, number> = {};
  for (const name of subgraphNames) {
    const tables = await hub.running[name].db.$queryRawUnsafe<{ t: string }[]>(
      'SELECT table_name AS t FROM information_schema.tables WHERE table_schema = current_schema()',
    );
    for (const { t } of tables) {
      const [row] = await hub.running[name].db.$queryRawUnsafe<{ n: number }[]>(`SELECT count(*)::int AS n FROM "${t}"`);
      counts[`${name}.${t}`] = row?.n ?? 0;
    }
  }
  for (const topic of Object.keys(readEventContract().topics)) counts[topic] = (await hub.feed.head(topic)).seq;
  return counts;
}

describe('randomness', () => {
  it('is the same for the same seed, and another for another', () => {
    const draw = (seed: number): number[] => {
      const random = createRandom(seed);
      return Array.from({ length: 50 }, () => random.next());
    };
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
    expect(draw(1).every((number) => number >= 0 && number < 1)).toBe(true);
  });
});

describeSpine(() => hub, '2026-11-22');

describe('the demo industry', () => {
  it('labels every row as generated', async () => {
    let labelled = 0;
    for (const name of subgraphNames) {
      for (const table of await tablesOf(name, 'origin')) {
        const found = await hub.running[name].db.$queryRawUnsafe<{ origin: string; n: number }[]>(
          `SELECT "origin"::text, count(*)::int AS n FROM "${table}" GROUP BY 1`,
        );
        // the hub is a member from the beginning with a pool of its own, and no part of the demonstration
        expect({
          table,
          origins: found
            .filter(({ origin, n }) => !(ofTheHub.includes(table) && origin === 'REPORTED' && n === 1))
            .map((row) => row.origin),
        }).toEqual({
          table,
          origins: found.length === 0 ? [] : ['GENERATED'],
        });
        labelled += found.reduce((sum, { n }) => sum + n, 0);
      }
    }
    expect(labelled).toBeGreaterThan(500);
  });

  it('has makers, distributors and creators, with demand, quotes, sales and stock, that a visitor sees', async () => {
    const { data, errors } = await hub.ask(
      null,
      `{
        makers(first: 1) { totalCount } distributors(first: 1) { totalCount } creators(first: 1) { totalCount } styles(first: 1) { totalCount }
        demandLines(first: 1) { totalCount }
      }`,
    );
    expect(errors).toBeUndefined();
    for (const { totalCount } of Object.values<{ totalCount: number }>(data)) expect(totalCount).toBeGreaterThan(0);
  });

  it('has a history: its changes went through the mutations of members, each with its events in the feed', async () => {
    const counts = await countAll();
    const lively = ['maker.changed', 'capacity.published', 'quote.given', 'demand.submitted', 'sales.recorded', 'inventory.changed'];
    for (const topic of [...lively, 'style.proposed', 'campaign.changed', 'operations.recorded', 'tariff.published', 'member.changed'])
      expect([topic, (counts[topic] ?? 0) > 0]).toEqual([topic, true]);
    expect(changes).toBeGreaterThan(100);
  });

  it('is the same industry when it is played again with its seed: nothing is refused, no row and no event is added', async () => {
    const before = await countAll();
    expect(await play()).toBe(changes);
    expect(await countAll()).toEqual(before);
  }, 120_000);
});

// last: one of its examples enters a creator
describeReadme(() => hub);
