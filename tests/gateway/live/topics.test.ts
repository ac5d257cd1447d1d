/** One reader of a topic for all: what it keeps, what it asks the feed, and what it waits out. */
import { createTopics, type Topic } from '../../../gateway/live/topics.ts';
import { createError } from '../../../lib/errors/errors.ts';
import { createMemoryFeed, type Feed } from '../../../lib/feed/index.ts';
import { silentLog } from '../../../lib/log/log.ts';
import { until } from './kit.ts';

let inner: Feed;
let topic: Topic;
let open: () => Topic;
let close: () => void;
const calls: string[] = [];
let isDown = false;

beforeEach(() => {
  calls.length = 0;
  isDown = false;
  inner = createMemoryFeed();
  const call = <Result>(name: string, work: () => Promise<Result>): Promise<Result> => {
    calls.push(name);
    return isDown ? Promise.reject(createError('FEED_UNAVAILABLE', 'down')) : work();
  };
  const feed: Feed = {
    ...inner,
    read: (stream, after, limit) => call('read', () => inner.read(stream, after, limit)),
    head: (stream) => call('head', () => inner.head(stream)),
  };
  const topics = createTopics(feed, silentLog);
  open = () => topics.open('t');
  topic = open();
  close = () => topics.close();
});
afterEach(async () => {
  close();
  await inner.close();
});

const append = (...ids: string[]) =>
  inner.append(
    't',
    ids.map((id) => ({ id, payload: { id } })),
  );

describe('a topic', () => {
  it('is read once for all who follow it', async () => {
    const start = await topic.position();
    await append('a', 'b');
    await until(() => topic.seen() > 0);
    calls.length = 0;
    for (const limit of [1, 10]) {
      const { events, next } = await topic.read(start, limit);
      expect([events.map(({ id }) => id), next.seq]).toEqual(limit === 1 ? [['a'], 1] : [['a', 'b'], 2]);
    }
    expect(await topic.read({ ...start, seq: 2 }, 10)).toMatchObject({ events: [], next: { seq: 2 } });
    expect(calls).toEqual([]);
  });

  it('asks the feed for what came before it followed', async () => {
    await append('a', 'b');
    topic.release();
    topic = open();
    const { epoch } = await topic.position();
    expect((await topic.read({ epoch, seq: 0 }, 10)).events.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(calls).toContain('read');
  });

  it('wakes who waits, and not who has seen it', async () => {
    await topic.position();
    const seen = topic.seen();
    const waiting = topic.wait(seen, new AbortController().signal);
    await append('a');
    await waiting;
    await topic.wait(seen, new AbortController().signal);
    expect(topic.seen()).toBeGreaterThan(seen);
    const ending = new AbortController();
    const given = topic.wait(topic.seen(), ending.signal);
    ending.abort();
    await given;
  });

  it('waits for a feed that is away', async () => {
    isDown = true;
    const asked = topic.head();
    await until(() => calls.filter((name) => name === 'head').length > 2);
    isDown = false;
    expect((await asked).seq).toBe(0);
  });

  it('answers a question after the head with a call that began no earlier', async () => {
    await topic.position();
    calls.length = 0;
    const heads = [topic.head(), topic.head(), topic.head()];
    expect(new Set(heads).size).toBeLessThan(3);
    await append('a');
    expect((await topic.head()).seq).toBe(1);
    await Promise.all(heads);
    expect(calls.length).toBeLessThan(4);
  });

  it('that is another stream now says so to who stands in the old one', async () => {
    const old = await topic.position();
    await expect(topic.read({ epoch: 'other', seq: 0 }, 10)).rejects.toMatchObject({ code: 'FEED_RESET' });
    await append('a');
    await until(() => topic.seen() > 0);
    await inner.trim('t', { epoch: old.epoch, seq: 2 });
    expect((await topic.read(old, 10)).events).toHaveLength(1); // it was read before, so it can still be told
  });
});
