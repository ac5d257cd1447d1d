import { createMemoryFeed } from '../../../lib/feed/index.ts';
import type { Feed, FeedPosition, StoredEvent } from '../../../lib/feed/index.ts';
import { Cohort } from '../../../gateway/live/cohort.ts';
import type { CohortLimits } from '../../../gateway/live/cohort.ts';
import { createOutlet } from '../../../gateway/live/outlet.ts';
import type { Frame } from '../../../gateway/live/frame-log.ts';
import { createError } from '../../../lib/errors/errors.ts';

const stream = 'lot.moved';
const toFrame = ({ seq, payload }: StoredEvent): Frame => ({ seq, key: 'k', body: new TextEncoder().encode(JSON.stringify(payload)) });
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

type Started = { cohort: Cohort; resolved: number[][]; wake(): void; feed: Feed; append(count: number): Promise<FeedPosition> };

async function start(
  limits: Partial<CohortLimits> = {},
  { feed = createMemoryFeed(), keep }: { feed?: Feed; keep?: (event: StoredEvent) => boolean } = {},
): Promise<Started> {
  let wakes = 0;
  let waiting: (() => void)[] = [];
  const wake = (): void => {
    wakes += 1;
    for (const release of waiting) release();
    waiting = [];
  };
  const resolved: number[][] = [];
  let appended = (await feed.head(stream)).seq;
  const cohort = new Cohort({
    from: await feed.head(stream),
    limits,
    ports: {
      read: (after, limit) => feed.read(stream, after, limit),
      seen: () => wakes,
      wait: (seen, signal) =>
        new Promise((resolve) => {
          if (wakes !== seen || signal.aborted) return resolve();
          const done = (): void => {
            signal.removeEventListener('abort', done);
            resolve();
          };
          waiting.push(done);
          signal.addEventListener('abort', done);
        }),
      head: () => feed.head(stream),
      async resolve(events) {
        resolved.push(events.map(({ seq }) => seq));
        await turn();
        return events.filter((event) => keep?.(event) ?? true).map(toFrame);
      },
    },
  });
  return {
    cohort,
    resolved,
    wake,
    feed,
    async append(count) {
      const events = Array.from({ length: count }, () => ({ id: `e${(appended += 1)}`, payload: { n: appended } }));
      const head = await feed.append(stream, events);
      wake();
      return head;
    },
  };
}

function client(after: number, { budgetBytes = 1_000_000, room = async (): Promise<void> => undefined } = {}) {
  const got: (number | string)[] = [];
  const outlet = createOutlet(
    {
      waiting: () => 0,
      write: (frames) => void got.push(...frames.map(({ seq }) => seq)),
      reset: (position) => void got.push(`RESET ${position}`),
      end: (reason, position) => void got.push(`${reason} ${position}`),
    },
    { delivery: 'ALL', budgetBytes, after },
  );
  return { outlet, got, room };
}

async function until(is: () => boolean): Promise<void> {
  for (let turns = 0; !is(); turns += 1) {
    if (turns === 2_000) throw new Error('It did not come to that');
    await turn();
  }
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe('a cohort', () => {
  it('resolves each batch once for all of its outlets', async () => {
    const { cohort, resolved, append } = await start();
    const clients = Array.from({ length: 50 }, () => client(0));
    for (const { outlet, room } of clients) expect(await cohort.join(outlet, cohort.position, room)).toBe('JOINED');
    await append(3);
    await until(() => cohort.position.seq === 3);
    for (const { got } of clients) expect(got).toEqual([1, 2, 3]);
    expect(resolved).toEqual([[1, 2, 3]]);
    cohort.end();
    await cohort.done;
    for (const { got } of clients) expect(got.at(-1)).toBe('CLOSED 3');
    expect(cohort.size).toBe(0);
  });

  it('gives who comes back exactly what it missed, from what is kept, and what comes then', async () => {
    const { cohort, resolved, append } = await start({}, { keep: ({ seq }) => seq % 2 === 0 });
    const { epoch } = await append(10);
    await until(() => cohort.position.seq === 10);
    const one = client(3);
    await cohort.join(one.outlet, { epoch, seq: 3 }, one.room);
    await append(2);
    await until(() => cohort.position.seq === 12);
    expect([one.got, one.outlet.position]).toEqual([[4, 6, 8, 10, 12], 12]);
    expect(resolved.flat()).toEqual(range(1, 12));
  });

  it('reads what is kept no longer once for all who miss it', async () => {
    const { cohort, resolved, append } = await start({ logFrames: 5, chunkEvents: 16, batchEvents: 7 });
    const { epoch } = await append(100);
    await until(() => cohort.position.seq === 100);
    const before = resolved.length;
    const clients = range(50, 59).map((seq) => ({ seq, ...client(seq) }));
    await Promise.all(clients.map(({ outlet, seq, room }) => cohort.join(outlet, { epoch, seq }, room)));
    for (const { got, seq } of clients) expect(got).toEqual(range(seq + 1, 100));
    // Chunks that begin at 48, 64, 80, and 96, which the log takes over from
    expect(resolved.slice(before).map(([first]) => first)).toEqual([49, 65, 81]);
  });

  it('does not take a chunk that was read before the stream had filled it for the whole of it', async () => {
    const { cohort, append } = await start({ logFrames: 2, chunkEvents: 64 });
    const { epoch } = await append(10);
    await until(() => cohort.position.seq === 10);
    const early = client(3);
    await cohort.join(early.outlet, { epoch, seq: 3 }, early.room);
    await append(20);
    await until(() => cohort.position.seq === 30);
    const late = client(10);
    await cohort.join(late.outlet, { epoch, seq: 10 }, late.room);
    expect([early.got, late.got]).toEqual([range(4, 30), range(11, 30)]);
  });

  it('gives who comes back no more at once than its socket takes, also of what is kept', async () => {
    const { cohort, append } = await start({ sliceBytes: 30 });
    const { epoch } = await append(20);
    await until(() => cohort.position.seq === 20);
    // Twice the slice: what is kept is a multiple of it
    const one = client(0, { budgetBytes: 60 });
    await cohort.join(one.outlet, { epoch, seq: 0 }, one.room);
    await append(1);
    await until(() => cohort.position.seq === 21);
    expect([one.got, one.outlet.isOpen]).toEqual([range(1, 21), true]);
  });

  it('goes on with the live stream without a hole however it comes between', async () => {
    const { cohort, append } = await start({ logFrames: 3, chunkEvents: 4, batchEvents: 2 });
    const { epoch } = await append(40);
    await until(() => cohort.position.seq === 40);
    const slow = client(1, { room: async () => void (await append(1)) });
    await Promise.race([cohort.join(slow.outlet, { epoch, seq: 1 }, slow.room), until(() => slow.got.length > 60)]);
    slow.room = async () => undefined;
    await turn();
    const got = slow.got.map(Number);
    expect(got).toEqual(range(2, got.length + 1));
    cohort.end();
  });

  it('takes a position that it has not reached itself, and gives nothing twice', async () => {
    const { cohort, append, feed, wake } = await start();
    const head = await feed.append(
      stream,
      [1, 2, 3, 4].map((n) => ({ id: `x${n}`, payload: n })),
    );
    const one = client(2);
    expect(await cohort.join(one.outlet, { ...head, seq: 2 }, one.room)).toBe('JOINED');
    wake();
    await until(() => cohort.position.seq === 4);
    await append(0);
    expect(one.got).toEqual([3, 4]);
  });

  it.each([
    ['after the end of the stream', { seq: 11 }],
    ['of another epoch', { epoch: 'other' }],
  ])('says RESET to a position %s, and goes on from now', async (_name, change) => {
    const { cohort, append } = await start();
    const head = await append(10);
    await until(() => cohort.position.seq === 10);
    const one = client(11);
    expect(await cohort.join(one.outlet, { ...head, ...change }, one.room)).toBe('RESET');
    await append(1);
    await until(() => cohort.position.seq === 11);
    expect(one.got).toEqual(['RESET 10', 11]);
  });

  it('says RESET to a position below what is kept of the stream, and serves one right at it', async () => {
    const { cohort, append, feed } = await start({ logFrames: 2, chunkEvents: 8 });
    const head = await append(30);
    await until(() => cohort.position.seq === 30);
    await feed.trim(stream, { ...head, seq: 13 });
    const [early, right] = [client(11), client(12)];
    expect(await cohort.join(early.outlet, { ...head, seq: 11 }, early.room)).toBe('RESET');
    expect(await cohort.join(right.outlet, { ...head, seq: 12 }, right.room)).toBe('JOINED');
    expect([early.got, right.got]).toEqual([['RESET 30'], range(13, 30)]);
  });

  it('tells all of its outlets RESET when the stream is trimmed below it or another one: never a silent gap', async () => {
    const other = createMemoryFeed();
    const first = createMemoryFeed();
    let feed = first;
    const both: Feed = { ...first, read: (...args) => feed.read(...args), head: (...args) => feed.head(...args) };
    const { cohort, wake } = await start({}, { feed: both });
    const one = client(0);
    await cohort.join(one.outlet, cohort.position, one.room);
    await first.append(stream, [{ id: 'a', payload: 1 }]);
    wake();
    await until(() => cohort.position.seq === 1);
    await other.append(
      stream,
      [1, 2, 3].map((n) => ({ id: `${n}`, payload: n })),
    );
    feed = other;
    wake();
    await until(() => one.got.length === 2);
    await other.append(stream, [{ id: '4', payload: 4 }]);
    wake();
    await until(() => cohort.position.seq === 4);
    expect([one.got, cohort.position.epoch]).toEqual([[1, 'RESET 3', 4], (await other.head(stream)).epoch]);
  });

  it('ends with its outlets when a batch cannot be resolved, each with its position', async () => {
    const feed = createMemoryFeed();
    const from = await feed.head(stream);
    const cohort = new Cohort({
      from,
      ports: {
        read: (after, limit) => feed.read(stream, after, limit),
        seen: () => 0,
        wait: () => new Promise((resolve) => setImmediate(resolve)),
        head: () => feed.head(stream),
        resolve: async () => {
          throw createError('INTERNAL', 'nothing works');
        },
      },
    });
    const one = client(0);
    await cohort.join(one.outlet, from, one.room);
    await feed.append(stream, [{ id: 'a', payload: 1 }]);
    await expect(cohort.done).rejects.toThrow('nothing works');
    expect([one.got, cohort.size]).toEqual([['CLOSED 0'], 0]);
  });

  it('forgets an outlet that leaves, and one that is too slow', async () => {
    const { cohort, append } = await start();
    const [gone, slow] = [client(0), client(0, { budgetBytes: 5 })];
    for (const { outlet, room } of [gone, slow]) await cohort.join(outlet, cohort.position, room);
    expect(cohort.size).toBe(2);
    cohort.leave(gone.outlet);
    await append(2);
    await until(() => cohort.position.seq === 2);
    expect([gone.got, slow.got, cohort.size]).toEqual([[], ['TOO_SLOW 0'], 0]);
  });

  it('hands an outlet over to another cohort from where it stands: nothing twice, nothing left out, nothing from the one it left', async () => {
    const one = await start();
    const other = await start({}, { feed: one.feed });
    const moved = client(0);
    await one.cohort.join(moved.outlet, one.cohort.position, moved.room);
    const { epoch } = await one.append(3);
    await until(() => one.cohort.position.seq === 3);
    await one.append(2);
    const position = one.cohort.release(moved.outlet);
    expect([position, moved.outlet.isOpen, one.cohort.size]).toEqual([{ epoch, seq: 3 }, true, 0]);
    other.wake();
    await until(() => one.cohort.position.seq === 5);
    expect(moved.got).toEqual([1, 2, 3]);
    await other.cohort.join(moved.outlet, { epoch, seq: 3 }, moved.room);
    await until(() => other.cohort.position.seq === 5);
    expect([moved.got, other.cohort.size]).toEqual([range(1, 5), 1]);
    expect(one.cohort.release(moved.outlet)).toBeNull();
  });

  it.each([
    ['waits for room', async (release: () => void) => release()],
    ['has room again at once', async (release: () => void) => void setImmediate(release)],
  ])('releases an outlet that catches up and %s: its catch-up ends quietly, and it goes on elsewhere', async (_name, whenRoom) => {
    const { cohort, append, feed } = await start({ logFrames: 2, chunkEvents: 8, sliceBytes: 20 });
    const other = await start({ logFrames: 2, chunkEvents: 8 }, { feed });
    const { epoch } = await append(60);
    await until(() => cohort.position.seq === 60);
    const moved = client(0);
    let position: FeedPosition | null = null;
    const release = (): void => void (position ??= cohort.release(moved.outlet));
    const joined = cohort.join(moved.outlet, { epoch, seq: 0 }, () => (moved.got.length > 5 ? whenRoom(release) : moved.room()));
    await until(() => position !== null);
    const before = [...moved.got];
    expect(await joined).toBe('JOINED');
    expect([moved.got, moved.outlet.isOpen, cohort.size]).toEqual([before, true, 0]);
    await append(1);
    await until(() => cohort.position.seq === 61);
    expect(moved.got).toEqual(before);
    await other.cohort.join(moved.outlet, { epoch, seq: moved.outlet.position }, moved.room);
    other.wake();
    await until(() => other.cohort.position.seq === 61);
    expect(moved.got).toEqual(range(1, 61));
  });

  it('does not take an outlet back that was released while it looked how far the stream reaches, or for which stream there is', async () => {
    const feed = createMemoryFeed();
    let goOn: () => void = () => undefined;
    let slow = false;
    const head = async (name: string): Promise<FeedPosition> => {
      if (slow) await new Promise<void>((resolve) => (goOn = resolve));
      return feed.head(name);
    };
    const { cohort } = await start({}, { feed: { ...feed, head } });
    const { epoch, seq } = await feed.append(
      stream,
      [1, 2, 3].map((n) => ({ id: `x${n}`, payload: n })),
    );
    slow = true;
    for (const from of [
      { epoch, seq },
      { epoch: 'other', seq: 1 },
    ]) {
      const ahead = client(from.seq);
      const joined = cohort.join(ahead.outlet, from, ahead.room);
      await turn();
      expect(cohort.release(ahead.outlet)).toEqual(from);
      goOn();
      expect(await joined).toBe('JOINED');
      expect([ahead.got, cohort.size]).toEqual([[], 0]);
    }
  });

  it('judges a position of a new stream by that stream, though it begins with it only while that is looked up', async () => {
    const [first, second] = [createMemoryFeed(), createMemoryFeed()];
    let feed = first;
    let goOn: (() => void)[] = [];
    let slow = false;
    const head = async (name: string): Promise<FeedPosition> => {
      const before = await feed.head(name);
      if (slow) await new Promise<void>((resolve) => goOn.push(resolve));
      return before;
    };
    const { cohort, wake } = await start({}, { feed: { ...first, read: (...args) => feed.read(...args), head } });
    const at = await second.append(
      stream,
      [1, 2, 3].map((n) => ({ id: `y${n}`, payload: n })),
    );
    const early = client(2);
    [feed, slow] = [second, true];
    const joined = cohort.join(early.outlet, { ...at, seq: 2 }, early.room);
    wake();
    await until(() => goOn.length === 2);
    // That of the pump first, so that the other one comes back to a cohort that has begun anew
    slow = false;
    for (const resolve of goOn.toReversed()) resolve();
    goOn = [];
    expect(await joined).toBe('JOINED');
    await until(() => early.got.length > 0);
    expect([early.got, cohort.size]).toEqual([[3], 1]);
    cohort.end();
    await cohort.done;
    expect(early.got).toEqual([3, 'CLOSED 3']);
  });

  it('that ends judges no position: who came with one of another stream keeps it', async () => {
    const feed = createMemoryFeed();
    let goOn: () => void = () => undefined;
    let slow = false;
    const head = async (name: string): Promise<FeedPosition> => {
      if (slow) await new Promise<void>((resolve) => (goOn = resolve));
      return feed.head(name);
    };
    const { cohort } = await start({}, { feed: { ...feed, head } });
    slow = true;
    const one = client(5);
    const joined = cohort.join(one.outlet, { epoch: 'other', seq: 5 }, one.room);
    await turn();
    cohort.end();
    goOn();
    await joined;
    expect([one.got, cohort.size]).toEqual([['CLOSED 5'], 0]);
  });

  it('comes to the end of what was missed, however few events a read brings', async () => {
    const feed = createMemoryFeed();
    const few: Feed = { ...feed, read: (name, after, limit) => feed.read(name, after, Math.min(3, limit)) };
    const { cohort, append } = await start({ logFrames: 2, chunkEvents: 16 }, { feed: few });
    const { epoch } = await append(50);
    await until(() => cohort.position.seq === 50);
    const one = client(13);
    await Promise.race([cohort.join(one.outlet, { epoch, seq: 13 }, async () => turn()), until(() => one.got.length >= 37)]);
    expect(one.got).toEqual(range(14, 50));
  });

  it('holds nothing when it has ended', async () => {
    const { cohort, append } = await start({ logFrames: 5, chunkEvents: 8 });
    const { epoch } = await append(40);
    await until(() => cohort.position.seq === 40);
    const one = client(0);
    await cohort.join(one.outlet, { epoch, seq: 0 }, one.room);
    expect([cohort.held.outlets, cohort.held.logBytes > 0, cohort.held.chunks > 0]).toEqual([1, true, true]);
    cohort.end();
    await cohort.done;
    expect(cohort.held).toEqual({ outlets: 0, logBytes: 0, chunks: 0 });
  });

  it('that has ended ends whoever comes', async () => {
    const { cohort } = await start();
    cohort.end();
    await cohort.done;
    const late = client(0);
    await cohort.join(late.outlet, cohort.position, late.room);
    expect([late.got, cohort.size]).toEqual([['CLOSED 0'], 0]);
  });
});
