// Looks for what was changed: every row once in the tables, every event once in the feed.
import pg from 'pg';
import { createPostgresFeed } from '../../lib/feed/index.ts';
import type { ChaosHub } from './hub.ts';
import { kinds, type Change, type Kind } from './mutations.ts';

export type Found = { readonly lost: number; readonly doubled: number; readonly eventsLost: number; readonly eventsDoubled: number };

const FEED_LIMIT_MS = 30_000;
const READ = 1_000;

/** Counts by name; the relay is given time to pass the last events on. */
export async function findChanges(hub: ChaosHub, changes: readonly Change[]): Promise<Found> {
  const rows = await countRows(hub);
  const began = performance.now();
  let events = await countEvents(hub);
  while (changes.some(({ name }) => !events.has(name)) && performance.now() - began < FEED_LIMIT_MS) {
    await new Promise((resolve) => setTimeout(resolve, 250));
    events = await countEvents(hub);
  }
  const count = (of: ReadonlyMap<string, number>, isWrong: (times: number) => boolean): number =>
    changes.filter(({ name }) => isWrong(of.get(name) ?? 0)).length;
  return {
    lost: count(rows, (times) => times === 0),
    doubled: count(rows, (times) => times > 1),
    eventsLost: count(events, (times) => times === 0),
    eventsDoubled: count(events, (times) => times > 1),
  };
}

async function countRows(hub: ChaosHub): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const { subgraph, table } of Object.values(kinds)) {
    const client = new pg.Client({ connectionString: await hub.databaseUrl(`ir_${subgraph}`) });
    await client.connect();
    const { rows } = await client.query<{ name: string; times: number }>(
      `SELECT "name", count(*)::int AS times FROM "${subgraph}"."${table}" WHERE starts_with("name", 'chaos-') GROUP BY "name"`,
    );
    await client.end();
    for (const { name, times } of rows) counts.set(name, times);
  }
  return counts;
}

async function countEvents(hub: ChaosHub): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  const feed = createPostgresFeed({ url: await hub.databaseUrl('ir_feed') });
  try {
    for (const kind of Object.keys(kinds)) {
      // the keys of the table are the kinds
      const { topic } = kinds[kind as Kind];
      for (let batch = await feed.read(topic, null, READ); batch.events.length > 0; batch = await feed.read(topic, batch.next, READ)) {
        for (const { payload } of batch.events) {
          const name = /"name":"(chaos-[a-z]+-\d+\.)"/.exec(JSON.stringify(payload))?.[1];
          if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
        }
      }
    }
    return counts;
  } finally {
    await feed.close();
  }
}
