/** The WebSocket door: graphql-transport-ws as stock clients speak it, and said by hand. */
import { Agent, request as httpRequest } from 'node:http';
import { createClient, type Client } from 'graphql-ws';
import { WebSocket } from 'ws';
import { createError } from '../../../lib/errors/errors.ts';
import { startShopGateway } from '../kit.ts';
import { composeMills, createMills } from '../mills.ts';
import { openSocket, openTalk, settle, startSocketGateway, subscribe, toMessage, type Talker } from './socket-kit.ts';

let gateway: Awaited<ReturnType<typeof startSocketGateway>>;
const talkers: Talker[] = [];
const clients: Client[] = [];
beforeAll(async () => {
  gateway = await startSocketGateway();
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.dispose();
  for (const { ws } of talkers.splice(0)) ws.terminate();
});
afterAll(() => gateway.stop());

async function talk(payload?: object): Promise<Talker> {
  const talker = await openTalk(gateway.socketUrl, payload);
  talkers.push(talker);
  return talker;
}

async function open(options?: Parameters<typeof openSocket>[1]): Promise<Talker> {
  const talker = await openSocket(gateway.socketUrl, options);
  talkers.push(talker);
  return talker;
}

function connect(options: Partial<Parameters<typeof createClient>[0]> = {}): Client {
  const client = createClient({ url: gateway.socketUrl, webSocketImpl: WebSocket, retryAttempts: 0, ...options });
  clients.push(client);
  return client;
}

async function collect(results: AsyncIterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const result of results) all.push(result);
  return all;
}

/** Two requests on one connection, of which the first asks for another protocol. */
async function askTwice(headers: Record<string, string>, body: string) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = (more: Record<string, string>) =>
    new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
      const request = httpRequest(gateway.graphqlUrl, { method: 'POST', agent, headers: { 'content-type': 'application/json', ...more } });
      request.on('error', reject);
      request.on('response', (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => void (text += chunk));
        response.on('end', () => resolve({ status: response.statusCode, text }));
      });
      request.end(body);
    });
  const answers = [await ask(headers), await ask({})];
  agent.destroy();
  return answers;
}

const refused = (id: string, code: string) => ({ type: 'error', id, payload: [expect.objectContaining({ extensions: { code } })] });

describe('graphql-ws, unmodified', () => {
  it('has its queries and mutations answered, each with one result and complete', async () => {
    const client = connect();
    expect(await collect(client.iterate({ query: '{ crate(id: "1") { name } }' }))).toEqual([{ data: { crate: { name: 'crate 1' } } }]);
    const rename = { query: 'mutation ($name: String!) { rename(id: "1", name: $name) { name } }', variables: { name: 'new' } };
    expect(await collect(client.iterate(rename))).toEqual([{ data: { rename: { name: 'new' } } }]);
  });

  it('gets the events of a subscription, and ends it', async () => {
    const events = connect().iterate({ query: 'subscription { moved { id } }' });
    const first = events.next();
    const followed = await gateway.live.take();
    followed.tell(1);
    followed.tell(2);
    expect((await first).value).toEqual({ data: { moved: { id: '1' } }, extensions: { cursor: 'c1' } });
    expect((await events.next()).value).toEqual({ data: { moved: { id: '2' } }, extensions: { cursor: 'c2' } });
    await events.return?.();
    while (!followed.isStopped) await new Promise((resolve) => setImmediate(resolve));
    expect(followed.isStopped).toBe(true);
  });

  it('is told why an operation is refused', async () => {
    const refusal = connect().iterate({ query: '{ nothing }' }).next();
    await expect(refusal).rejects.toEqual([expect.objectContaining({ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } })]);
  });

  it('comes back by itself after 1012, 4290 and 4403, with all its subscriptions', async () => {
    const codes: number[] = [];
    const client = connect({
      retryAttempts: 5,
      retryWait: () => Promise.resolve(),
      on: { closed: (event) => void codes.push((event as { code: number }).code) },
    });
    const events = client.iterate({ query: 'subscription { moved { id } }' });
    const next = events.next();
    for (const code of ['LIVE_GOING_AWAY', 'LIVE_TOO_SLOW', 'TOKEN_EXPIRED'] as const)
      (await gateway.live.take()).client.end({ scope: 'connection', code, message: 'come back', cursor: 'c9' });
    (await gateway.live.take()).tell(10);
    expect((await next).value).toMatchObject({ data: { moved: { id: '10' } } });
    expect(codes).toEqual([1012, 4290, 4403]);
  });
});

describe('an operation', () => {
  it('with @defer is answered in payloads, each a result of its own', async () => {
    const mills = createMills();
    const deferring = await startShopGateway({ source: { kind: 'sdl', sdl: composeMills() }, fetcher: mills.fetcher });
    const talker = await openTalk(deferring.graphqlUrl.replace('http', 'ws'));
    talker.say(subscribe('1', '{ mill { name ... @defer(label: "slow") { owner } } }'));
    expect(await talker.hear()).toEqual({
      id: '1',
      type: 'next',
      payload: { data: { mill: { name: 'Old mill' } }, pending: [{ id: '0', path: ['mill'], label: 'slow' }], hasNext: true },
    });
    expect(await talker.hear()).toMatchObject({
      id: '1',
      type: 'next',
      payload: { incremental: [{ id: '0', data: { owner: 'Ann' } }], hasNext: false },
    });
    expect(await talker.hear()).toEqual({ id: '1', type: 'complete' });
    await deferring.stop();
  });

  it('with @defer that the client completes in between ends the requests to subgraphs', async () => {
    const mills = createMills();
    mills.letOwner(new Promise(() => undefined));
    const deferring = await startShopGateway({ source: { kind: 'sdl', sdl: composeMills() }, fetcher: mills.fetcher });
    const talker = await openTalk(deferring.graphqlUrl.replace('http', 'ws'));
    talker.say(subscribe('1', '{ mill { name ... @defer { owner } } }'));
    await talker.hear();
    talker.say({ type: 'complete', id: '1' });
    while (mills.ended() === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(await settle(talker)).toEqual([]);
    await deferring.stop();
  });

  it('runs beside others of the same socket, under ids of the client', async () => {
    const talker = await talk();
    const ids = ['1', '2', 'a "quoted" id \\ with ünicode', 'x'.repeat(256)];
    for (const id of ids) talker.say(subscribe(id, '{ crate(id: "1") { id } }'));
    const heard = [];
    for (let count = 0; count < 2 * ids.length; count += 1) heard.push(await talker.hear());
    for (const id of ids)
      expect(heard.filter((message) => message.id === id)).toEqual([
        { id, type: 'next', payload: { data: { crate: { id: '1' } } } },
        { id, type: 'complete' },
      ]);
  });

  it('is refused alone: with its errors, and nothing after them', async () => {
    const talker = await talk();
    talker.say(subscribe('1', '{ nothing }'));
    expect(await talker.hear()).toEqual(refused('1', 'GRAPHQL_VALIDATION_FAILED'));
    talker.say({ type: 'subscribe', id: '1', payload: { query: 5 } });
    expect(await talker.hear()).toEqual(refused('1', 'BAD_REQUEST'));
    talker.say({ type: 'subscribe', id: '1', payload: { query: '{ crate(id: "1") { id } }', variables: [] } });
    expect(await talker.hear()).toEqual(refused('1', 'BAD_REQUEST'));
    expect(await settle(talker)).toEqual([]);
  });

  it('is stopped by complete, its id free at once, and nothing is said of it any more', async () => {
    const talker = await talk();
    talker.say(subscribe('1', '{ slow }'));
    talker.say({ type: 'complete', id: '1' });
    talker.say(subscribe('1', '{ crate(id: "2") { id } }'));
    expect([await talker.hear(), await talker.hear()]).toEqual([
      { id: '1', type: 'next', payload: { data: { crate: { id: '2' } } } },
      { id: '1', type: 'complete' },
    ]);
    talker.say({ type: 'complete', id: '1' });
    talker.say({ type: 'complete', id: 'never heard of' });
    expect(await settle(talker)).toEqual([]);
  });
});

describe('a subscription', () => {
  const start = async (talker: Talker, id: string) => {
    talker.say(subscribe(id));
    return gateway.live.take();
  };

  it('has passed the pipeline when the core gets it, and says who asks for what', async () => {
    const talker = await talk();
    const resume = { extensions: { resume: { cursor: 'c5' } }, variables: { id: '7' } };
    talker.say(subscribe('1', 'subscription ($id: ID) { moved(id: $id) { id } }', resume));
    const { subscription, client, cursor } = await gateway.live.take();
    expect([subscription.variables, subscription.params.extensions, cursor]).toEqual([{ id: '7' }, resume.extensions, null]);
    expect([client.wire.name, client.waiting()]).toEqual(['graphql-transport-ws', 0]);
  });

  it('is refused in the words of the core', async () => {
    const talker = await talk();
    gateway.live.before = () => Promise.reject(createError('CURSOR_INVALID', 'The cursor is none.'));
    talker.say(subscribe('1'));
    expect(await talker.hear()).toEqual({
      id: '1',
      type: 'error',
      payload: [{ message: 'The cursor is none.', extensions: { code: 'CURSOR_INVALID' } }],
    });
    gateway.live.before = () => Promise.reject(new Error('password of the database is hunter2'));
    talker.say(subscribe('1'));
    const { payload } = await talker.hear();
    expect(payload).toEqual([
      { message: expect.stringMatching(/^Internal error, request req/), extensions: { code: 'INTERNAL', requestId: expect.any(String) } },
    ]);
    gateway.live.before = () => Promise.resolve();
  });

  it('that was completed while the core took it is stopped there, and says nothing', async () => {
    const talker = await talk();
    let release: () => void = () => undefined;
    const reached = new Promise<void>((resolve) => {
      gateway.live.before = () => {
        resolve();
        return new Promise((go) => (release = go));
      };
    });
    talker.say(subscribe('1'));
    await reached;
    talker.say({ type: 'complete', id: '1' });
    await settle(talker);
    release();
    gateway.live.before = () => Promise.resolve();
    const followed = await gateway.live.take();
    followed.tell(1);
    followed.client.bookmark('c1');
    followed.client.end({ scope: 'operation', code: 'LIVE_INVALIDATED', message: 'over', cursor: 'c1' });
    expect(await settle(talker)).toEqual([]);
    expect(followed.isStopped).toBe(true);
  });

  it('is over after its error: with code and cursor, without complete, and the id is free', async () => {
    const talker = await talk();
    const followed = await start(talker, '1');
    followed.tell(1);
    followed.client.end({ scope: 'operation', code: 'LIVE_INVALIDATED', message: 'It does not fit.', cursor: 'c1' });
    followed.tell(2);
    followed.client.bookmark('c2');
    followed.client.end({ scope: 'operation', code: 'LIVE_INVALIDATED', message: 'again', cursor: 'c2' });
    const [next, error, ...others] = await settle(talker);
    expect(next).toMatchObject({ id: '1', type: 'next' });
    expect(error).toEqual({
      id: '1',
      type: 'error',
      payload: [{ message: 'It does not fit.', extensions: { code: 'LIVE_INVALIDATED', cursor: 'c1' } }],
    });
    expect([others, followed.isStopped]).toEqual([[], false]);
    (await start(talker, '1')).tell(3);
    expect(await talker.hear()).toMatchObject({ id: '1', payload: { data: { moved: { id: '3' } } } });
  });

  it('whose fault nobody may see is told masked, with its cursor', async () => {
    const talker = await talk();
    (await start(talker, '1')).client.end({ scope: 'operation', code: 'LIVE_FAILED', message: 'hunter2', cursor: 'c1' });
    const { payload } = await talker.hear();
    expect(payload).toEqual([
      { message: expect.stringMatching(/^Internal error/), extensions: { code: 'INTERNAL', requestId: expect.any(String), cursor: 'c1' } },
    ]);
  });

  it('tells how far it was read in pings, those of one tick in one, never before what was sent earlier', async () => {
    const talker = await talk();
    const [a, b] = [await start(talker, 'a'), await start(talker, 'b')];
    a.client.bookmark('a0');
    b.client.bookmark('b0');
    expect(await settle(talker)).toEqual([{ type: 'ping', payload: { cursors: { a: 'a0', b: 'b0' } } }]);
    a.client.bookmark('a1');
    a.tell(2);
    a.client.bookmark('a3');
    a.client.bookmark('a4');
    expect((await settle(talker)).map(({ payload }) => payload)).toEqual([
      { cursors: { a: 'a1' } },
      { data: { moved: { id: '2' } }, extensions: { cursor: 'c2' } },
      { cursors: { a: 'a4' } },
    ]);
  });

  it('that ends the connection hands the cursors of all that end with it to the client, then the reason', async () => {
    const cases = [
      ['LIVE_TOO_SLOW', 4290],
      ['TOKEN_EXPIRED', 4403],
      ['LIVE_GOING_AWAY', 1012],
      ['LIVE_FAILED', 1013],
    ] as const;
    for (const [code, closeCode] of cases) {
      const talker = await talk();
      const [a, b, c] = [await start(talker, 'a'), await start(talker, 'b'), await start(talker, 'c')];
      a.tell(1);
      a.client.end({ scope: 'connection', code, message: 'Come again.', cursor: 'a1' });
      b.client.end({ scope: 'connection', code, message: 'Come again.', cursor: 'b1' });
      const { code: closedWith, reason } = await talker.closed;
      expect([closedWith, reason]).toEqual([closeCode, code === 'LIVE_FAILED' ? 'INTERNAL' : `${code}: Come again.`]);
      expect(talker.rest().slice(1)).toEqual([{ type: 'ping', payload: { cursors: { a: 'a1', b: 'b1' } } }]);
      expect([a.isStopped, b.isStopped, c.isStopped]).toEqual([false, false, true]);
      c.tell(2);
    }
  });

  it('is stopped when its client goes away', async () => {
    const talker = await talk();
    const followed = await start(talker, '1');
    talker.ws.terminate();
    while (!followed.isStopped) await new Promise((resolve) => setImmediate(resolve));
    expect(() => followed.tell(1)).not.toThrow();
  });

  it('comes in frames of every size, those of all subscriptions of a tick in their order', async () => {
    const talker = await talk();
    const followed = [await start(talker, '1'), await start(talker, 'a-longer-id')];
    const sizes = [0, 20, 60, 61, 62, 63, 64, 2_000, 2_100, 65_300, 65_535, 65_536, 200_000];
    for (const { client } of followed) client.write(sizes.map((size) => toMessage(client, size, 'x'.repeat(size))));
    const heard = await settle(talker);
    expect(heard.map(({ id }) => id)).toEqual([...sizes.map(() => '1'), ...sizes.map(() => 'a-longer-id')]);
    expect(heard.map(({ payload }) => (payload as { data: { moved: { id: string } } }).data.moved.id)).toEqual(
      [...sizes, ...sizes].map((size) => `${size}${'x'.repeat(size)}`),
    );
  });

  it('hears that there is room when what waited has been read', async () => {
    const talker = await talk();
    const { client } = await start(talker, '1');
    const followed = gateway.live.all.at(-1);
    talker.ws.pause();
    const message = toMessage(client, 1, 'x'.repeat(1_000_000));
    while (client.waiting() < 3_000_000) {
      client.write([message]);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const before = followed?.drains ?? 0;
    talker.ws.resume();
    while (client.waiting() > 0) await new Promise((resolve) => setImmediate(resolve));
    while ((followed?.drains ?? 0) === before) await new Promise((resolve) => setImmediate(resolve));
    expect(followed?.drains).toBeGreaterThan(before);
  });
});

describe('the protocol', () => {
  it.each<[string, unknown]>([
    ['text that is no JSON', 'nonsense'],
    ['half a message', '{"type":"connection_init"'],
    ['a list', []],
    ['no type', {}],
    ['a type of the server', { type: 'next', id: '1', payload: {} }],
    ['a type of the older protocol', { type: 'start', id: '1', payload: { query: '{ crate(id: "1") { id } }' } }],
    ['an operation without id', { type: 'subscribe', payload: { query: '{ slow }' } }],
    ['an empty id', { type: 'subscribe', id: '', payload: { query: '{ slow }' } }],
    ['an id of 257 characters', { type: 'subscribe', id: 'x'.repeat(257), payload: { query: '{ slow }' } }],
    ['an id that is a number', { type: 'subscribe', id: 1, payload: { query: '{ slow }' } }],
    ['an operation without payload', { type: 'subscribe', id: '1' }],
    ['a payload that is a list', { type: 'subscribe', id: '1', payload: [] }],
    ['a ping with a number', { type: 'ping', payload: 1 }],
    ['complete without id', { type: 'complete' }],
    ['the same key twice', '{"type":"ping","type":"ping"}'],
    ['a key __proto__', '{"type":"ping","__proto__":{}}'],
    ['half of a surrogate pair', '{"type":"ping","payload":{"a":"\\ud800"}}'],
    ['JSON deeper than any request', `{"type":"ping","payload":{"a":${'['.repeat(60)}${']'.repeat(60)}}}`],
  ])('closes the socket with 4400 for %s', async (_, message) => {
    const talker = await talk();
    talker.say(message);
    const { code, reason } = await talker.closed;
    expect([code, reason]).toEqual([4400, expect.stringMatching(/^(BAD_REQUEST|LIMIT_EXCEEDED)/)]);
  });

  it('closes with 4400 for binary frames, 1009 for a message over the limit of a body, 1007 for what is not UTF-8', async () => {
    const binary = await talk();
    binary.ws.send(Buffer.from('{"type":"ping"}'), { binary: true });
    expect((await binary.closed).code).toBe(4400);
    const large = await talk();
    large.ws.send(JSON.stringify({ type: 'ping', payload: { a: 'x'.repeat(1_048_576) } }));
    expect((await large.closed).code).toBe(1009);
    const garbled = await talk();
    garbled.ws.send(Buffer.from([0x22, 0xff, 0x22]), { binary: false });
    expect((await garbled.closed).code).toBe(1007);
  });

  it('takes a message in fragments', async () => {
    const talker = await talk();
    for (const [index, part] of ['{"type"', ':"pi', 'ng"}'].entries()) talker.ws.send(part, { fin: index === 2 });
    expect(await talker.hear()).toEqual({ type: 'pong' });
  });

  it('answers pings before and after the acknowledgement, and takes pongs', async () => {
    const talker = await open();
    talker.say({ type: 'ping', payload: { a: 1 } });
    expect(await talker.hear()).toEqual({ type: 'pong' });
    talker.say({ type: 'connection_init', payload: null });
    expect(await talker.hear()).toEqual({ type: 'connection_ack' });
    talker.say({ type: 'pong' });
    expect(await settle(talker)).toEqual([]);
  });

  it('goes on with other requests to upgrade as if they had not asked, also with a body', async () => {
    const headers = { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABkAAQAAP__' };
    const answer = { status: 200, text: '{"data":{"echo":"ü"}}' };
    expect(await askTwice(headers, JSON.stringify({ query: '{ echo(text: "ü") }' }))).toEqual([answer, answer]);
  });
});
