/**
 * The promise of the feed under everything at once: 32 concurrent writers whose transactions commit out of order, readers that tail all
 * the while, 100,000 events, and PostgreSQL killed with SIGKILL in between. On a server of the test's own, with fsync on.
 */
import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { appendWithin, createPostgresFeed, type FeedEvent } from '../../../lib/feed/index.ts';
import { silentLog } from '../../../lib/log/log.ts';
import { deleteEmbedded, startEmbedded, withRetry, type Embedded } from '../../../lib/postgres/index.ts';

const stream = 'proof';
const total = 100_000;
const writerCount = 32;
const eventsEach = total / writerCount;
const batch = 25;
const outageLimitMs = 30_000;

let folder: string;
let server: Embedded;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hub-proof-'));
  await chmod(folder, 0o711);
  server = await startEmbedded({ dataDir: join(folder, 'postgres'), log: silentLog });
  const feed = createPostgresFeed({ url: server.url });
  await feed.head(stream);
  await feed.close();
  await query('CREATE TABLE work (id bigserial PRIMARY KEY, name text UNIQUE)');
}, 60_000);
afterAll(async () => {
  await server.stop();
  await deleteEmbedded(folder);
}, 30_000);

async function connect(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: server.url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

async function query<Row extends pg.QueryResultRow>(sql: string, parameters: unknown[] = []): Promise<Row[]> {
  const client = await connect();
  try {
    return (await client.query<Row>(sql, parameters)).rows;
  } finally {
    await client.end();
  }
}

const toEvents = (writer: number, from: number, count: number): FeedEvent[] =>
  Array.from({ length: count }, (_, index) => ({ id: `w${writer}-${from + index}`, payload: { writer, n: from + index } }));

/** Appends in transactions of its own, each of which does other work first and takes its time; every tenth is rolled back once. */
async function writeInTransactions(writer: number): Promise<void> {
  let client: pg.Client | undefined;
  const attempt = async (events: FeedEvent[], rollBack: boolean) => {
    client ??= await connect();
    await client.query('BEGIN');
    await client.query('INSERT INTO work (name) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING', [events.map(({ id }) => id)]);
    await sleep(Math.random() * 8);
    await appendWithin(client, stream, events);
    if (Math.random() < 0.2) await sleep(Math.random() * 4);
    await client.query(rollBack ? 'ROLLBACK' : 'COMMIT');
  };
  const untilDone = (events: FeedEvent[], rollBack: boolean) =>
    withRetry(
      () =>
        attempt(events, rollBack).catch(async (error: unknown) => {
          await client?.end().catch(() => undefined);
          client = undefined;
          throw error;
        }),
      { limitMs: outageLimitMs },
    );
  for (let n = 0; n < eventsEach; n += batch) {
    if (n % (10 * batch) === 0) await untilDone([{ id: `rolled-back-${writer}-${n}`, payload: null }], true);
    await untilDone(toEvents(writer, n, batch), false);
  }
  await client?.end();
}

/** Appends as a relay does: many small appends at once, grouped by the feed. */
async function writeByAppends(writer: number): Promise<void> {
  const feed = createPostgresFeed({ url: server.url, appendLimitMs: outageLimitMs });
  for (let n = 0; n < eventsEach; n += 5 * batch) {
    await Promise.all(Array.from({ length: batch }, (_, index) => feed.append(stream, toEvents(writer, n + index * 5, 5))));
    await sleep(Math.random() * 60);
  }
  await feed.close();
}

/** The ids in the order read; stops after `total`. Throws when a seq does not follow the one before. */
async function readAll(limit: number, onCount: (count: number) => void): Promise<string[]> {
  const feed = createPostgresFeed({ url: server.url });
  const stop = new AbortController();
  const ids: string[] = [];
  for await (const { events } of feed.tail(stream, { after: null, signal: stop.signal, limit })) {
    for (const { id, seq } of events) {
      ids.push(id);
      if (seq !== ids.length) throw new Error(`Expected seq ${ids.length}, got ${seq} (${id}).`);
    }
    onCount(ids.length);
    if (ids.length >= total) stop.abort();
  }
  await feed.close();
  return ids;
}

/** SIGKILL to the server itself the first time, to one of its connections the second time (it then ends all of them and recovers). */
function killServer(time: number): number {
  const connections = () => execFileSync('pgrep', ['-P', String(server.pid()), '-f', 'COMMIT|SELECT|idle|INSERT'], { encoding: 'utf8' });
  const pid = time === 0 ? server.pid() : Number(connections().split('\n')[0]);
  process.kill(pid, 'SIGKILL');
  return pid;
}

describe('the feed, proven', () => {
  it('reads every committed event exactly once, in one order for all readers, over out-of-order commits and kills of PostgreSQL', async () => {
    const killAt = [total * 0.25, total * 0.6];
    const killed: number[] = [];
    const onCount = (count: number) => {
      if (count >= (killAt[killed.length] ?? Number.POSITIVE_INFINITY)) killed.push(killServer(killed.length));
    };
    const readers = [1_000, 100, 37, 1_000].map((limit, index) => readAll(limit, index === 0 ? onCount : () => undefined));
    const writers = Array.from({ length: writerCount }, (_, writer) =>
      writer % 2 === 0 ? writeInTransactions(writer) : writeByAppends(writer),
    );
    await Promise.all(writers);
    const orders = await Promise.all(readers);

    expect(killed).toHaveLength(2);
    expect(killed).not.toContain(server.pid());
    const [first = []] = orders;
    const committed = Array.from({ length: writerCount }, (_, writer) => toEvents(writer, 0, eventsEach).map(({ id }) => id)).flat();
    expect(first).toHaveLength(total);
    expect(new Set(first)).toEqual(new Set(committed));
    for (const order of orders) expect(order).toEqual(first);
    const stored = await query<{ id: string }>('SELECT id FROM feed.events ORDER BY seq');
    expect(stored.map(({ id }) => id)).toEqual(first);
    // The transactions did commit out of the order in which they began: their other rows, numbered by a bigserial, show it
    const [inversions] = await query<{ n: string }>(`SELECT count(*) AS n FROM (
      SELECT w.id < lag(w.id) OVER (ORDER BY e.seq) AS back FROM feed.events e JOIN work w ON w.name = e.id) AS steps WHERE back`);
    expect(Number(inversions?.n)).toBeGreaterThan(100);
  }, 120_000);

  it('gives a later writer its place only after an earlier one has committed, where a bigserial read by id would lose the earlier row', async () => {
    const [early, late] = [await connect(), await connect()];
    const feed = createPostgresFeed({ url: server.url });
    await feed.head('order');
    await query('CREATE TABLE naive (id bigserial PRIMARY KEY, name text)');
    const readNaive = async (after: number) =>
      query<{ id: string; name: string }>('SELECT id, name FROM naive WHERE id > $1 ORDER BY id', [after]);

    await early.query('BEGIN');
    await early.query(`INSERT INTO naive (name) VALUES ('early')`);
    await appendWithin(early, 'order', [{ id: 'early', payload: null }]);
    await late.query(`INSERT INTO naive (name) VALUES ('late')`);
    let lateIsDone = false;
    const appending = feed.append('order', [{ id: 'late', payload: null }]).then(() => (lateIsDone = true));
    const naive = await readNaive(0);
    await query('SELECT pg_sleep(0.2)');
    expect(lateIsDone).toBe(false);
    expect((await feed.read('order', null, 10)).events).toEqual([]);
    await early.query('COMMIT');
    await appending;

    expect((await feed.read('order', null, 10)).events.map(({ id, seq }) => [id, seq])).toEqual([
      ['early', 1],
      ['late', 2],
    ]);
    const naiveRest = await readNaive(Number(naive.at(-1)?.id));
    expect([...naive, ...naiveRest].map(({ name }) => name)).toEqual(['late']);
    await Promise.all([early.end(), late.end(), feed.close()]);
  });
});
