/** The live core from the checked subscription to what a client is told. */
import { composeLots, createTestClient, namesSdl, startLive, until, upstreamSdl, type LiveKit } from './kit.ts';

let kit: LiveKit;
beforeEach(async () => {
  kit = await startLive();
});
afterEach(() => kit.stop());

const all = { query: 'subscription { lotMoved { no note name } }' };

describe('a subscription', () => {
  it('begins with a bookmark and brings events as they come, completed from graph to graph', async () => {
    const client = await kit.subscribe(all);
    await until(() => client.bookmarks.length === 1);
    await kit.move('l1', 'l2');
    await until(() => client.said.length === 2);
    expect(client.said.map(({ data }) => data)).toEqual([
      { lotMoved: { no: 'l1', note: 'note l1', name: 'lot l1' } },
      { lotMoved: { no: 'l2', note: 'note l2', name: 'lot l2' } },
    ]);
    expect(client.said[0]?.errors).toBeUndefined();
    expect(new Set(client.said.map(({ extensions }) => extensions.cursor)).size).toBe(2);
  });

  it('asks each subgraph once for a batch, whoever listens', async () => {
    const clients = await Promise.all(Array.from({ length: 50 }, () => kit.subscribe(all)));
    kit.subgraphs.asked.length = 0;
    await kit.move('l1');
    await until(() => clients.every(({ said }) => said.length === 1));
    expect(kit.subgraphs.asked.map(({ graph }) => graph).toSorted()).toEqual(['names', 'upstream']);
    expect(new Set(clients.map(({ written }) => written[0])).size).toBe(1);
    expect(kit.live.counts()).toEqual({ subscriptions: 50, cohorts: 1 });
  });

  it('gets what its arguments mean', async () => {
    const query = 'subscription ($no: ID, $least: Int) { lotMoved(no: $no, least: $least) { no } }';
    const one = await kit.subscribe({ query, variables: { no: 'l2' } });
    const large = await kit.subscribe({ query, variables: { least: 3 } });
    const every = await kit.subscribe({ query });
    await kit.move('l1', 'l2', 'l3', 'l4');
    await until(() => every.said.length === 4 && large.said.length === 2 && one.said.length === 1);
    expect(large.said.map(({ data }) => data)).toEqual([{ lotMoved: { no: 'l3' } }, { lotMoved: { no: 'l4' } }]);
  });

  it('leaves out what its viewer may not read, also when only the key is asked for', async () => {
    kit.subgraphs.hidden.add('l2');
    const client = await kit.subscribe({ query: 'subscription { lotMoved { no } }' });
    await kit.move('l1', 'l2', 'l3');
    await until(() => client.said.length === 2);
    expect(client.said.map(({ data }) => data)).toEqual([{ lotMoved: { no: 'l1' } }, { lotMoved: { no: 'l3' } }]);
  });

  it('of a type that events carry whole asks nobody', async () => {
    const client = await kit.subscribe({ query: 'subscription { t: ticked { text number } }' });
    await kit.feed.append('tick', [{ id: '1', payload: { payload: { number: 4, text: 'a,"]}' } } }]);
    await until(() => client.said.length === 1);
    expect(client.said[0]?.data).toEqual({ t: { text: 'a,"]}', number: 4 } });
    expect(kit.subgraphs.asked).toEqual([]);
  });

  it('waits for the owner of its entities, and tells errors of others at once', async () => {
    const client = await kit.subscribe(all);
    kit.subgraphs.down.add('names');
    await kit.move('l1');
    await until(() => client.said.length === 1);
    expect(client.said[0]).toMatchObject({ data: { lotMoved: { no: 'l1', name: null } }, errors: [{ path: ['lotMoved', 'name'] }] });
    kit.subgraphs.down.add('upstream');
    await kit.move('l2');
    await until(() => kit.subgraphs.asked.filter(({ graph }) => graph === 'upstream').length > 3);
    expect(client.said).toHaveLength(1);
    kit.subgraphs.down.clear();
    await until(() => client.said.length === 2);
    expect(client.said[1]?.data).toEqual({ lotMoved: { no: 'l2', note: 'note l2', name: 'lot l2' } });
  });
});

describe('a cursor', () => {
  it('brings what was missed and says that it resumed', async () => {
    const first = await kit.subscribe(all);
    await kit.move('l1', 'l2', 'l3');
    await until(() => first.said.length === 3);
    first.subscription?.stop();
    const cursor = first.said[0]?.extensions.cursor ?? '';
    await kit.move('l4');
    const again = await kit.subscribe({ ...all, extensions: { resume: { cursor } } });
    await until(() => again.said.length === 3);
    await kit.move('l5');
    await until(() => again.said.length === 4);
    expect(again.said.map(({ data }) => data?.['lotMoved'])).toMatchObject([{ no: 'l2' }, { no: 'l3' }, { no: 'l4' }, { no: 'l5' }]);
    expect(again.said.map(({ extensions }) => extensions.resume)).toEqual([{ status: 'RESUMED' }, undefined, undefined, undefined]);
  });

  it('is good at another gateway of the same feed', async () => {
    const first = await kit.subscribe(all);
    await kit.move('l1', 'l2');
    await until(() => first.said.length === 2);
    const other = await startLive({ feed: kit.feed });
    const again = await other.subscribe({ ...all, cursor: first.said[0]?.extensions.cursor ?? '' });
    await until(() => again.said.length === 1);
    expect(again.said[0]?.data).toMatchObject({ lotMoved: { no: 'l2' } });
    await other.live.drain(0);
  });

  it('below what is kept is told RESET, and live events follow', async () => {
    const first = await kit.subscribe(all);
    await until(() => first.bookmarks.length === 1);
    const cursor = first.bookmarks[0] ?? '';
    await kit.move('l1', 'l2', 'l3');
    await until(() => first.said.length === 3);
    const { epoch } = await kit.feed.head('lot.moved');
    await kit.feed.trim('lot.moved', { epoch, seq: 3 });
    const other = await startLive({ feed: kit.feed });
    const again = await other.subscribe({ ...all, cursor });
    await until(() => again.said.length === 1);
    expect(again.said[0]).toMatchObject({ data: { lotMoved: null }, extensions: { resume: { status: 'RESET' } } });
    await kit.move('l4');
    await until(() => again.said.length === 2);
    expect(again.said[1]?.data).toMatchObject({ lotMoved: { no: 'l4' } });
    await other.live.drain(0);
  });

  it('of another operation, other variables, or none of ours is refused', async () => {
    const first = await kit.subscribe(all);
    await kit.move('l1');
    await until(() => first.said.length === 1);
    const cursor = first.said[0]?.extensions.cursor ?? '';
    expect(await kit.refused({ query: 'subscription { lotMoved { no } }', cursor })).toContain('CURSOR_INVALID');
    expect(await kit.refused({ ...all, cursor: `${cursor.slice(0, -1)}${cursor.endsWith('A') ? 'B' : 'A'}` })).toContain('CURSOR_INVALID');
    expect(await kit.refused({ ...all, cursor: cursor.slice(0, 20) })).toContain('CURSOR_INVALID');
    expect(await kit.refused({ ...all, extensions: { resume: 'x' } })).toContain('BAD_USER_INPUT');
  });
});

describe('a new supergraph', () => {
  it('is gone on with, and nobody misses an event', async () => {
    const client = await kit.subscribe(all);
    await kit.move('l1');
    await until(() => client.said.length === 1);
    kit.publish(composeLots({ upstream: `${upstreamSdl} type More { a: Int }`, names: namesSdl }));
    await kit.move('l2');
    await until(() => client.said.length === 2);
    await kit.move('l3');
    await until(() => client.said.length === 3);
    expect(client.said.map(({ data }) => data?.['lotMoved'])).toMatchObject([{ no: 'l1' }, { no: 'l2' }, { no: 'l3' }]);
    expect(client.ends).toEqual([]);
  });

  it('may follow another at once, while events come: each gets each event once and in order', async () => {
    const clients = await Promise.all(
      Array.from({ length: 120 }, (_, index) => kit.subscribe(index % 2 === 0 ? all : { query: 'subscription { lotMoved { no } }' })),
    );
    const numbers = Array.from({ length: 40 }, (_, index) => `l${index}`);
    for (const [index, number] of numbers.entries()) {
      await kit.move(number);
      if (index % 4 === 0) kit.publish(composeLots({ upstream: `${upstreamSdl} type More${index} { a: Int }`, names: namesSdl }));
      if (index % 3 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await until(() => clients.every(({ said }) => said.length >= numbers.length));
    for (const { said, ends } of clients) {
      expect(said.map(({ data }) => (data?.['lotMoved'] as { no: string } | null)?.no)).toEqual(numbers);
      expect(ends).toEqual([]);
    }
    await until(() => kit.live.counts().cohorts === 2);
  });

  it('ends alone what does not fit it, with its cursor', async () => {
    const ended = await kit.subscribe(all);
    const stays = await kit.subscribe({ query: 'subscription { lotMoved { no } }' });
    kit.publish(composeLots({ upstream: upstreamSdl, names: namesSdl.replace('name: String', 'title: String') }));
    await until(() => ended.ends.length === 1);
    expect(ended.ends[0]).toMatchObject({ scope: 'operation', code: 'LIVE_INVALIDATED' });
    await kit.move('l1');
    await until(() => stays.said.length === 1);
    expect(stays.ends).toEqual([]);
  });
});

describe('a slow reader', () => {
  it('of all events is sent away with a cursor that misses nothing', async () => {
    const slow = createTestClient();
    await kit.subscribe(all, slow);
    const quick = await kit.subscribe(all);
    await kit.move('l1');
    await until(() => slow.said.length === 1);
    slow.stuck = 2_000_000;
    await kit.move('l2', 'l3');
    await until(() => slow.ends.length === 1 && quick.said.length === 3);
    expect(slow.ends[0]).toMatchObject({ scope: 'connection', code: 'LIVE_TOO_SLOW' });
    const again = await kit.subscribe({ ...all, cursor: slow.ends[0]?.cursor ?? '' });
    await until(() => again.said.length === 2);
    expect(again.said.map(({ data }) => data?.['lotMoved'])).toMatchObject([{ no: 'l2' }, { no: 'l3' }]);
  });

  it('of the newest state gets it, and how much was left out', async () => {
    const slow = createTestClient();
    await kit.subscribe({ query: 'subscription { lotSeen { no } }' }, slow);
    await until(() => slow.bookmarks.length === 1);
    slow.stuck = 2_000_000;
    await kit.move('l1', 'l2', 'l1', 'l1');
    await kit.move('l2');
    const seen = await kit.subscribe({ query: 'subscription { lotMoved { no } }' });
    await kit.move('l3');
    await until(() => seen.said.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    slow.stuck = 0;
    slow.subscription?.drain();
    expect(slow.said.map(({ data }) => data?.['lotSeen'])).toEqual([{ no: 'l1' }, { no: 'l2' }, { no: 'l3' }]);
    expect(slow.said[0]?.extensions.delivery).toEqual({ skipped: 3 });
  });
});

describe('the end', () => {
  it('comes to all when the gateway stops, with their cursors', async () => {
    const client = await kit.subscribe(all);
    await kit.move('l1');
    await until(() => client.said.length === 1);
    await kit.live.drain(0);
    expect(client.ends).toEqual([
      expect.objectContaining({ scope: 'connection', code: 'LIVE_GOING_AWAY', cursor: client.said[0]?.extensions.cursor }),
    ]);
    expect(await kit.refused(all)).toContain('LIVE_GOING_AWAY');
    expect(kit.live.counts().subscriptions).toBe(0);
  });

  it('by the client is the end: nothing is said after it', async () => {
    const client = await kit.subscribe(all);
    const other = await kit.subscribe(all);
    client.subscription?.stop();
    await kit.move('l1');
    await until(() => other.said.length === 1);
    expect([client.said, client.ends]).toEqual([[], []]);
  });
});
