import { randomBytes } from 'node:crypto';
import { createMemoryFeed, createPostgresFeed, feedLimits, prepareFeed, type Feed, type FeedPosition } from '../../../lib/feed/index.ts';
import { createTestDatabase, type TestDatabase } from '../../_kit/postgres.ts';
import { withAdmin } from '../../_kit/test-run.ts';

let database: TestDatabase;
let feedUrl: string;
beforeAll(async () => {
  database = await createTestDatabase();
  feedUrl = await database.urlOf('feed');
});
afterAll(() => database.drop());

const drivers: readonly [string, () => Feed][] = [
  ['memory', () => createMemoryFeed()],
  ['postgres', () => createPostgresFeed({ url: feedUrl, pollMs: 60_000 })],
];

const toEvents = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => ({ id: `e${from + index}`, payload: { n: from + index } }));
const toStream = () => `topic.${randomBytes(4).toString('hex')}`;

describe.each(drivers)('a feed in %s', (_name, create) => {
  let feed: Feed;
  let stream: string;
  beforeEach(() => {
    feed = create();
    stream = toStream();
  });
  afterEach(() => feed.close());

  const ids = async (after: FeedPosition | null = null, limit = 100) => (await feed.read(stream, after, limit)).events.map(({ id }) => id);

  it('gives events back in the order in which they were appended, numbered from 1 without a gap', async () => {
    const position = await feed.append(stream, toEvents(1, 3));
    await feed.append(stream, toEvents(4, 5));
    const { epoch, events, next } = await feed.read(stream, null, 100);
    expect(events).toEqual([1, 2, 3, 4, 5].map((n) => ({ id: `e${n}`, payload: { n }, seq: n })));
    expect(position).toEqual({ epoch, seq: 3, repeated: 0 });
    expect(next).toEqual({ epoch, seq: 5 });
  });

  it('reads on from a position, page by page', async () => {
    await feed.append(stream, toEvents(1, 5));
    const first = await feed.read(stream, null, 2);
    const second = await feed.read(stream, first.next, 2);
    const third = await feed.read(stream, second.next, 2);
    const fourth = await feed.read(stream, third.next, 2);
    expect([first, second, third, fourth].map(({ events }) => events.map(({ seq }) => seq))).toEqual([[1, 2], [3, 4], [5], []]);
    expect(fourth.next).toEqual(third.next);
  });

  it('keeps every JSON payload as it was', async () => {
    const payloads = [null, 0, 'text with "quotes", \u0000 and 中文 😀', [], {}, { b: 1, a: [1.5, -2e20, true, { deep: null }] }, '\ud800'];
    await feed.append(
      stream,
      payloads.map((payload, index) => ({ id: `p${index}`, payload })),
    );
    const { events } = await feed.read(stream, null, 100);
    expect(events.map(({ payload }) => payload)).toEqual(payloads);
  });

  it('does not append an id twice: not in one call, not in another, not at the same time', async () => {
    await feed.append(stream, [...toEvents(1, 2), ...toEvents(1, 3)]);
    const again = await feed.append(stream, toEvents(2, 2));
    await Promise.all(Array.from({ length: 8 }, () => feed.append(stream, toEvents(3, 6))));
    expect(again).toMatchObject({ seq: 2, repeated: 1 });
    expect(await ids()).toEqual(['e1', 'e2', 'e3', 'e4', 'e5', 'e6']);
  });

  it('answers a repeated append with the place of the first', async () => {
    const first = await feed.append(stream, toEvents(1, 2));
    await feed.append(stream, toEvents(3, 9));
    expect(await feed.append(stream, toEvents(1, 2))).toEqual({ ...first, repeated: 2 });
  });

  it('says to each of several appends at once how many of its own events were repeats', async () => {
    await feed.append(stream, toEvents(1, 3));
    const appended = await Promise.all([
      feed.append(stream, toEvents(2, 4)),
      feed.append(stream, toEvents(5, 6)),
      feed.append(stream, [...toEvents(4, 4), ...toEvents(7, 7), ...toEvents(7, 7)]),
      feed.append(stream, toEvents(1, 1)),
    ]);
    expect(appended.map(({ seq, repeated }) => ({ seq, repeated }))).toEqual([
      { seq: 4, repeated: 2 },
      { seq: 6, repeated: 0 },
      { seq: 7, repeated: 2 },
      { seq: 1, repeated: 1 },
    ]);
  });

  it('has an epoch and a head before the first event, which stay', async () => {
    const head = await feed.head(stream);
    expect(head.seq).toBe(0);
    const empty = await feed.read(stream, null, 10);
    expect(empty).toEqual({ epoch: head.epoch, events: [], next: head });
    expect(await feed.append(stream, toEvents(1, 1))).toEqual({ epoch: head.epoch, seq: 1, repeated: 0 });
    expect(await feed.append(stream, [])).toEqual({ epoch: head.epoch, seq: 1, repeated: 0 });
    expect(await ids(head)).toEqual(['e1']);
  });

  it('gives every stream an epoch of its own', async () => {
    const epochs = await Promise.all([toStream(), toStream(), toStream()].map(async (name) => (await feed.head(name)).epoch));
    expect(new Set(epochs).size).toBe(3);
  });

  it.each([
    ['of another epoch', (head: FeedPosition) => ({ epoch: 'another', seq: head.seq })],
    ['after the head', (head: FeedPosition) => ({ epoch: head.epoch, seq: head.seq + 1 })],
  ])('refuses a position %s with FEED_RESET', async (_case, change) => {
    const foreign = change(await feed.append(stream, toEvents(1, 3)));
    await expect(feed.read(stream, foreign, 10)).rejects.toMatchObject({ code: 'FEED_RESET' });
    const tail = feed.tail(stream, { after: foreign, signal: new AbortController().signal });
    await expect(tail[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'FEED_RESET' });
  });

  it('forgets what is trimmed, and says so to a reader that was not that far', async () => {
    const { epoch } = await feed.append(stream, toEvents(1, 10));
    await feed.trim(stream, { epoch, seq: 5 });
    expect(await ids()).toEqual(['e5', 'e6', 'e7', 'e8', 'e9', 'e10']);
    expect(await ids({ epoch, seq: 4 })).toHaveLength(6);
    await expect(feed.read(stream, { epoch, seq: 3 }, 10)).rejects.toMatchObject({ code: 'FEED_RESET' });
    await feed.trim(stream, { epoch, seq: 2 });
    expect(await ids()).toHaveLength(6);
    await feed.trim(stream, { epoch, seq: 11 });
    expect(await ids()).toEqual([]);
    expect(await feed.append(stream, toEvents(11, 11))).toEqual({ epoch, seq: 11, repeated: 0 });
    expect(await ids()).toEqual(['e11']);
  });

  it('does not trim by a position of another epoch or after the head', async () => {
    const { epoch } = await feed.append(stream, toEvents(1, 3));
    await expect(feed.trim(stream, { epoch: 'another', seq: 2 })).rejects.toMatchObject({ code: 'FEED_RESET' });
    await expect(feed.trim(stream, { epoch, seq: 5 })).rejects.toMatchObject({ code: 'FEED_RESET' });
    expect(await ids()).toHaveLength(3);
  });

  it('wakes a tail for each new event, without polling, and ends it by its signal', async () => {
    const stop = new AbortController();
    const seen: number[] = [];
    const tailing = (async () => {
      for await (const { events } of feed.tail(stream, { after: null, signal: stop.signal })) {
        seen.push(...events.map(({ seq }) => seq));
        if (seen.length === 50) stop.abort();
      }
    })();
    for (let n = 1; n <= 50; n += 1) await feed.append(stream, toEvents(n, n));
    await tailing;
    expect(seen).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
  });

  it('serves many tails at once, each from its own position', async () => {
    const { epoch } = await feed.append(stream, toEvents(1, 20));
    const firsts = await Promise.all(
      [0, 5, 19].map(async (seq) => {
        for await (const { events } of feed.tail(stream, { after: { epoch, seq }, signal: new AbortController().signal }))
          return events[0]?.seq;
        return undefined;
      }),
    );
    expect(firsts).toEqual([1, 6, 20]);
  });

  it('refuses names and payloads it could not keep', async () => {
    const refused = [
      { id: '', payload: 1 },
      { id: 'x'.repeat(feedLimits.nameLength + 1), payload: 1 },
      { id: 'a\0b', payload: 1 },
      { id: 'a', payload: undefined },
      { id: 'b', payload: 'x'.repeat(feedLimits.payloadBytes) },
    ];
    for (const event of refused) await expect(feed.append(stream, [event])).rejects.toThrow(TypeError);
    await expect(feed.append('', toEvents(1, 1))).rejects.toThrow(TypeError);
    expect(await ids()).toEqual([]);
  });

  it('never reads more at once than its limit', async () => {
    await feed.append(stream, toEvents(1, feedLimits.readEvents + 5));
    expect(await ids(null, 1_000_000)).toHaveLength(feedLimits.readEvents);
  });

  it('is closed once: tails end, appends are refused', async () => {
    const tailing = (async () => {
      for await (const batch of feed.tail(stream, { after: null, signal: new AbortController().signal }))
        throw new Error(`unexpected ${batch.events.length}`);
      return 'ended';
    })();
    await feed.head(stream);
    await feed.close();
    await expect(tailing).resolves.toBe('ended');
    await expect(feed.append(stream, toEvents(1, 1))).rejects.toMatchObject({ code: 'FEED_CLOSED' });
    feed = create();
  });
});

describe('a feed in postgres', () => {
  it('settles appends that are under way when it is closed', async () => {
    const stream = toStream();
    const feed = createPostgresFeed({ url: feedUrl });
    const appends = Promise.all(Array.from({ length: 20 }, (_, n) => feed.append(stream, toEvents(n * 10, n * 10 + 9))));
    await feed.close();
    const positions = await appends;
    const reader = createPostgresFeed({ url: feedUrl });
    expect((await reader.head(stream)).seq).toBe(200);
    expect(Math.max(...positions.map(({ seq }) => seq))).toBe(200);
    await reader.close();
  });

  it('puts concurrent appends of one process into few transactions', async () => {
    const stream = toStream();
    const feed = createPostgresFeed({ url: feedUrl });
    await feed.head(stream);
    const count = async () =>
      (
        await withAdmin(feedUrl, (client) =>
          client.query<{ n: string }>(
            `SELECT count(DISTINCT e.xmin::text) AS n FROM events e JOIN streams s ON s.id = e.stream WHERE s.name = $1`,
            [stream],
          ),
        )
      ).rows[0]?.n;
    await Promise.all(Array.from({ length: 500 }, (_, n) => feed.append(stream, toEvents(n, n))));
    expect(Number(await count())).toBeLessThan(10);
    await feed.close();
  });

  it('is made by many processes at once, and by a role that may not create schemas', async () => {
    const fresh = await createTestDatabase();
    const url = await fresh.urlOf('feed');
    const feeds = Array.from({ length: 6 }, () => createPostgresFeed({ url }));
    const epochs = await Promise.all(feeds.map(async (feed) => (await feed.append('t', [{ id: 'same', payload: 1 }])).epoch));
    expect(new Set(epochs).size).toBe(1);
    await Promise.all(feeds.map((feed) => feed.close()));
    await fresh.drop();
  });

  it('gives every stream a new epoch when its database was restored into another, and when it was wiped', async () => {
    const fresh = await createTestDatabase();
    const url = await fresh.urlOf('feed');
    const feed = createPostgresFeed({ url });
    const before = await feed.append('t', toEvents(1, 3));
    await withAdmin(url, (client) => client.query(`UPDATE feed.about SET incarnation = 'of the server from which the backup came'`));
    const restored = createPostgresFeed({ url });
    await expect(restored.read('t', before, 10)).rejects.toMatchObject({ code: 'FEED_RESET' });
    const after = await restored.head('t');
    expect(after.seq).toBe(3);
    await withAdmin(url, (client) => client.query('DROP TABLE feed.about, feed.streams, feed.events; DROP FUNCTION feed.append'));
    await expect(restored.read('t', after, 10)).rejects.toMatchObject({ code: 'FEED_RESET' });
    await Promise.all([feed.close(), restored.close()]);
    await fresh.drop();
  });

  it('is brought up from a version before, with its events', async () => {
    const fresh = await createTestDatabase();
    const url = await fresh.urlOf('feed');
    const feed = createPostgresFeed({ url });
    const { epoch } = await feed.append('t', toEvents(1, 2));
    await feed.close();
    await withAdmin(url, (client) =>
      client.query(`UPDATE feed.about SET version = 1; DROP FUNCTION feed.append;
        CREATE FUNCTION feed.append(p_stream text, p_ids text[], p_payloads text[]) RETURNS TABLE (epoch text, seqs bigint[])
        LANGUAGE sql AS $$ SELECT 'old', '{}'::bigint[] $$`),
    );
    const next = createPostgresFeed({ url });
    expect(await next.append('t', toEvents(2, 3))).toEqual({ epoch, seq: 3, repeated: 1 });
    await next.close();
    await fresh.drop();
  });

  it('serves a guest, which can append, read and tail, and can neither change nor forget', async () => {
    const fresh = await createTestDatabase();
    const url = await fresh.guestUrlOf('feed');
    const guest = createPostgresFeed({ url, appendLimitMs: 200 });
    await expect(guest.append('t', toEvents(1, 1))).rejects.toMatchObject({ code: 'FEED_UNAVAILABLE' });
    await prepareFeed({ url: await fresh.urlOf('feed') });
    const head = await guest.head('t');
    expect(await guest.append('t', toEvents(1, 3))).toEqual({ epoch: head.epoch, seq: 3, repeated: 0 });
    for await (const { events } of guest.tail('t', { after: head, signal: new AbortController().signal })) {
      expect(events.map(({ seq }) => seq)).toEqual([1, 2, 3]);
      break;
    }
    await expect(guest.trim('t', { epoch: head.epoch, seq: 2 })).rejects.toThrow(/permission denied/);
    for (const sql of [
      'DELETE FROM feed.events',
      `UPDATE feed.events SET payload = '{}'`,
      `INSERT INTO feed.events (stream, seq, id, payload) VALUES (1, 9, 'e9', '1')`,
      'UPDATE feed.streams SET last = 0',
      'UPDATE feed.about SET version = 0',
      'CREATE TABLE feed.mine (id int)',
    ]) {
      await expect(withAdmin(url, (client) => client.query(sql))).rejects.toThrow(/permission denied/);
    }
    await guest.close();
    await fresh.drop();
  });

  it('waits, as a guest, until the owner has made the feed of a restored database its own', async () => {
    const fresh = await createTestDatabase();
    const url = await fresh.urlOf('feed');
    await prepareFeed({ url });
    await withAdmin(url, (client) => client.query(`UPDATE feed.about SET incarnation = 'of the server from which the backup came'`));
    const guest = createPostgresFeed({ url: await fresh.guestUrlOf('feed') });
    const appending = guest.append('t', toEvents(1, 1));
    await prepareFeed({ url });
    expect(await appending).toMatchObject({ seq: 1 });
    await guest.close();
    await fresh.drop();
  });

  it('says FEED_UNAVAILABLE when the server stays away', async () => {
    const feed = createPostgresFeed({ url: 'postgres://x:y@127.0.0.1:1/none', appendLimitMs: 300 });
    await expect(feed.append('t', toEvents(1, 1))).rejects.toMatchObject({ code: 'FEED_UNAVAILABLE' });
    await feed.close();
  });
});
