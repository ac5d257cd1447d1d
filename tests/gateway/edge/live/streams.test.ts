/** Subscriptions over HTTP to the byte: server-sent events and multipart, what comes before a stream, and how it ends. */
import { connect, type Socket } from 'node:net';
import { createSenderCheck } from '../../../../gateway/edge/check-sender.ts';
import { createHttpServer, type ClientTimeouts } from '../../../../gateway/edge/http-server.ts';
import { LiveStream } from '../../../../gateway/edge/live/live-stream.ts';
import { Rounds } from '../../../../gateway/edge/live/rounds.ts';
import { eventsForm } from '../../../../gateway/edge/live/stream-forms.ts';
import type { LiveClient } from '../../../../gateway/live/client.ts';
import type { Subscription } from '../../../../gateway/pipeline/subscription.ts';
import { silentLog } from '../../../../lib/log/log.ts';
import { readStream } from '../../../_kit/read-stream.ts';
import { startShopGateway, type GraphqlBody } from '../../kit.ts';
import { createFakeLive, FIRST, liveShopSource, startLiveShop, SUBSCRIPTION, type FakeLive } from './fake-live.ts';

type Shop = Awaited<ReturnType<typeof startLiveShop>>;
const EVENTS = 'text/event-stream';
const PARTS = 'multipart/mixed;boundary=graphql;subscriptionSpec=1.0';

let shop: Shop;
/** Says soon that it is alive. */
let restless: Shop;
beforeAll(async () => {
  shop = await startLiveShop({ allowedOrigins: ['https://app.example'] });
  restless = await startLiveShop({ limits: { silenceMs: 100 } });
});
afterAll(() => Promise.all([shop.stop(), restless.stop()]));
beforeEach(() => (shop.live.refuseWith = null));

const params = { query: SUBSCRIPTION, variables: { id: '1' } };
const post = (accept: string, body: unknown = params, headers: Record<string, string> = {}) =>
  fetch(shop.graphqlUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept, ...headers },
    body: JSON.stringify(body),
  });
const toSearch = (more: Record<string, string> = {}) =>
  new URLSearchParams({ query: SUBSCRIPTION, variables: '{"id":"1"}', ...more }).toString();
const get = (more: Record<string, string> = {}, headers: Record<string, string> = {}) =>
  fetch(`${shop.graphqlUrl}?${toSearch(more)}`, { headers: { accept: EVENTS, ...headers } });

const crate = { data: { crateMoved: { id: '1', name: 'crate 1' } } };

describe('server-sent events', () => {
  it('are a hint for coming back, bookmarks, and events with their cursors, to the byte', async () => {
    const response = await post(EVENTS);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('x-accel-buffering')).toBe('no');
    expect(response.headers.get('content-encoding')).toBeNull();
    const stream = await shop.live.next();
    const reader = readStream(response);
    stream.send(crate, 'cursor-1');
    stream.client.bookmark('cursor-2');
    stream.end('operation', 'LIVE_INVALIDATED', 'cursor-3');
    const [retry = '', ...blocks] = (await reader.rest()).split('\n\n');
    const [, ms] = /^retry: (\d+)$/.exec(retry) ?? [];
    expect(Number(ms)).toBeGreaterThanOrEqual(1_000);
    expect(Number(ms)).toBeLessThan(4_000);
    const error = '{"errors":[{"message":"Ended with LIVE_INVALIDATED.","extensions":{"code":"LIVE_INVALIDATED","cursor":"cursor-3"}}]}';
    expect(blocks).toEqual([
      `id: ${FIRST}`,
      `id: cursor-1\nevent: next\ndata: ${JSON.stringify(crate)}`,
      'id: cursor-2',
      `id: cursor-3\nevent: next\ndata: ${error}`,
      'event: complete\ndata:',
      '',
    ]);
  });

  it('may be asked for by GET, and what they ask for is what the core gets', async () => {
    const response = await get();
    const { subscription, cursor } = await shop.live.next();
    expect([response.status, subscription.variables, subscription.operation.name, cursor]).toEqual([200, { id: '1' }, 'Moved', null]);
    await response.body?.cancel();
  });

  it('end without `complete` when the client is to come back', async () => {
    const response = await post(EVENTS);
    const stream = await shop.live.next();
    stream.end('connection', 'LIVE_GOING_AWAY', 'cursor-9');
    const text = await readStream(response).rest();
    expect(text).toContain('id: cursor-9\nevent: next\ndata: {"errors":[{');
    expect(text).not.toContain('complete');
  });

  it('carry JSON with line ends in several lines of data', async () => {
    const response = await post(EVENTS);
    const stream = await shop.live.next();
    stream.send('{"data":\n{"a":\r\n1}}', 'c');
    expect(await readStream(response).until('1}}')).toContain('\ndata: {"data":\ndata: {"a":\ndata: 1}}');
    stream.end('operation', 'FORBIDDEN', 'c');
  });

  it('are sent to clients that like whole answers better, as a subscription has none', async () => {
    const response = await post(`application/json, ${EVENTS};q=0.1`);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    await response.body?.cancel();
    await (
      await shop.live.next()
    ).stopped;
  });
});

describe('multipart', () => {
  it('is written to the byte as Apollo’s protocol says, with cursors', async () => {
    const response = await post(PARTS);
    expect([response.status, response.headers.get('content-type')]).toEqual([
      200,
      'multipart/mixed;boundary="graphql";subscriptionSpec=1.0',
    ]);
    const stream = await shop.live.next();
    stream.send({ ...crate, extensions: { cursor: 'cursor-1' } }, 'cursor-1');
    stream.end('operation', 'LIVE_INVALIDATED', 'cursor-2');
    const head = 'Content-Type: application/json\r\n\r\n';
    expect(await readStream(response).rest()).toBe(
      [
        `--graphql\r\nIr-Cursor: ${FIRST}\r\n${head}{}\r\n`,
        `--graphql\r\n${head}{"payload":{"data":{"crateMoved":{"id":"1","name":"crate 1"}},"extensions":{"cursor":"cursor-1"}}}\r\n`,
        `--graphql\r\n${head}{"payload":null,"errors":[{"message":"Ended with LIVE_INVALIDATED.",` +
          '"extensions":{"code":"LIVE_INVALIDATED","cursor":"cursor-2"}}]}\r\n',
        '--graphql--\r\n',
      ].join(''),
    );
  });

  it('is not sent to clients that name another specification, or none', async () => {
    for (const accept of ['multipart/mixed', 'multipart/mixed;subscriptionSpec=2.0, application/json']) {
      const response = await post(accept);
      expect((await response.json()) as GraphqlBody).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
    }
  });
});

describe('what goes to many', () => {
  it.each([EVENTS, PARTS])('is the same bytes for all, and several messages leave in one write: %s', async (accept) => {
    const [one, other] = [await post(accept), await post(accept)];
    const [first, second] = [await shop.live.next(), await shop.live.next()];
    expect(first.client.wire).toBe(second.client.wire);
    const message = (name: string) => first.client.wire.next(Buffer.from(`{"data":"${name}"}`), name);
    const messages = [message('a'), message('b'), message('c')];
    const before = messages.map((bytes) => Buffer.from(bytes).toString());
    for (const { client } of [first, second]) client.write(messages);
    for (const response of [one, other]) {
      const text = await readStream(response).until('"c"');
      expect(text).toContain(before.join(''));
    }
    expect(messages.map((bytes) => Buffer.from(bytes).toString())).toEqual(before);
    for (const stream of [first, second]) stream.end('operation', 'FORBIDDEN', 'c');
  });

  it('is told to be alive while nothing comes, in each form', async () => {
    for (const [accept, alive] of [
      [EVENTS, '\n\n:\n\n:\n\n:\n\n'],
      [PARTS, '{}\r\n--graphql\r\nContent-Type: application/json\r\n\r\n{}\r\n--graphql'],
    ] as const) {
      const response = await fetch(restless.graphqlUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept },
        body: JSON.stringify(params),
      });
      const reader = readStream(response);
      const stream = await restless.live.next();
      expect(await reader.until(alive)).not.toContain('data');
      await reader.leave();
      await stream.stopped;
    }
  });
});

describe('the cursor', () => {
  it.each<[string, () => Promise<Response>, string | null]>([
    ['the header', () => get({}, { 'last-event-id': 'cursor-5' }), 'cursor-5'],
    ['the parameter', () => get({ lastEventId: 'cursor-4' }), 'cursor-4'],
    ['the header before the parameter', () => get({ lastEventId: 'cursor-4' }, { 'last-event-id': 'cursor-5' }), 'cursor-5'],
    ['nothing when both are empty', () => get({ lastEventId: '' }, { 'last-event-id': '' }), null],
    ['the header of a POST', () => post(PARTS, params, { 'last-event-id': 'cursor-6' }), 'cursor-6'],
  ])('comes from %s', async (_, ask, expected) => {
    const response = await ask();
    const stream = await shop.live.next();
    expect(stream.cursor).toBe(expected);
    await response.body?.cancel();
    await stream.stopped;
  });

  it('may stand in the request, where the core finds it', async () => {
    const response = await post(PARTS, { ...params, extensions: { resume: { cursor: 'cursor-7' } } });
    const stream = await shop.live.next();
    expect([stream.cursor, stream.subscription.params.extensions]).toEqual([null, { resume: { cursor: 'cursor-7' } }]);
    await response.body?.cancel();
  });

  it('is refused before anything is sent when it is none, or comes twice', async () => {
    const refused = await get({}, { 'last-event-id': 'forged' });
    expect(await refused.text()).toMatch(/^event: next\ndata: \{"errors":\[.*"CURSOR_INVALID".*\n\nevent: complete\ndata:\n\n$/);
    const twice = await fetch(`${shop.graphqlUrl}?${toSearch()}&lastEventId=a&lastEventId=b`, { headers: { accept: EVENTS } });
    expect([twice.status, await twice.text()]).toEqual([400, expect.stringContaining('comes twice')]);
  });
});

describe('a subscription that does not come about', () => {
  it('is answered as a query would be: an operation in the stream, anything else by its status', async () => {
    const invalid = await post(EVENTS, { query: 'subscription { nothing }' });
    expect([invalid.status, await invalid.text()]).toEqual([200, expect.stringContaining('GRAPHQL_VALIDATION_FAILED')]);
    shop.live.refuseWith = 'LIVE_LIMIT';
    const limited = await post(EVENTS);
    expect([limited.status, await limited.json()]).toMatchObject([429, { errors: [{ extensions: { code: 'LIVE_LIMIT' } }] }]);
    shop.live.refuseWith = 'FORBIDDEN';
    const forbidden = await post(`${PARTS}, application/graphql-response+json`);
    expect([forbidden.status, await forbidden.json()]).toMatchObject([403, { errors: [{ extensions: { code: 'FORBIDDEN' } }] }]);
  });

  it('is told so by a client that takes no stream, and for the head of an answer nothing is opened', async () => {
    const before = shop.live.count();
    const whole = await post('application/json');
    expect(await whole.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
    const head = await fetch(`${shop.graphqlUrl}?${toSearch()}`, { method: 'HEAD', headers: { accept: EVENTS } });
    expect([head.status, shop.live.count()]).toEqual([400, before]);
  });

  it('is refused where there is no live core', async () => {
    const deaf = await startShopGateway({ source: liveShopSource });
    const { status, code } = await deaf.post(params, { accept: EVENTS });
    expect([status, code]).toEqual([400, 'LIVE_UNAVAILABLE']);
    await deaf.stop();
  });

  it('is refused by GET to pages of other sites, and opened for allowed origins', async () => {
    for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }]) {
      const refused = await get({}, headers);
      expect([refused.status, await refused.json()]).toMatchObject([400, { errors: [{ extensions: { code: 'CSRF_PREVENTED' } }] }]);
    }
    const allowed = await get({}, { origin: 'https://app.example', 'sec-fetch-site': 'cross-site' });
    expect([allowed.status, allowed.headers.get('access-control-allow-origin')]).toEqual([200, 'https://app.example']);
    await allowed.body?.cancel();
    await (
      await shop.live.next()
    ).stopped;
  });

  it('is counted once, whether it stands or not', async () => {
    const count = async () => {
      const text = await (await fetch(`${shop.url}/metrics`)).text();
      return Number(/ir_operations_total\{[^}]*operation="Moved"[^}]*outcome="ok"\} (\d+)/.exec(text)?.[1] ?? 0);
    };
    const before = await count();
    const response = await post(EVENTS);
    const stream = await shop.live.next();
    await response.body?.cancel();
    await stream.stopped;
    expect(await count()).toBe(before + 1);
  });
});

describe('queries', () => {
  it('have their usual answers at the same door', async () => {
    const events = await post(EVENTS, { query: '{ crate(id: 1) { id } }' });
    expect(await events.text()).toBe('event: next\ndata: {"data":{"crate":{"id":"1"}}}\n\nevent: complete\ndata:\n\n');
    const whole = await post(`${PARTS},application/graphql-response+json,application/json;q=0.9`, { query: '{ crate(id: 1) { id } }' });
    expect(await whole.json()).toEqual({ data: { crate: { id: '1' } } });
  });
});

describe('a client', () => {
  it('that goes away ends its subscription', async () => {
    const response = await get();
    const stream = await shop.live.next();
    await response.body?.cancel();
    await stream.stopped;
    // Nothing is written any more, and nothing throws
    stream.send(crate, 'late');
    stream.end('operation', 'FORBIDDEN', 'late');
    expect(stream.client.waiting()).toBe(0);
  });

  it('that does not read makes bytes wait, is told nothing more of being alive, and says when there is room again', async () => {
    const socket = await askAndPause(restless.port);
    const stream = await restless.live.next();
    await fill(stream.client);
    // Another one is told meanwhile
    const quiet = await fetch(`${restless.graphqlUrl}?${toSearch()}`, { headers: { accept: EVENTS } });
    const reader = readStream(quiet);
    await reader.until('\n\n:\n\n');
    const before = { waiting: stream.client.waiting(), drains: stream.drains };
    await reader.until('\n\n:\n\n:\n\n:\n\n:\n\n');
    expect(stream.client.waiting()).toBeGreaterThan(0);
    expect(stream.client.waiting()).toBeLessThanOrEqual(before.waiting);
    expect(stream.drains).toBe(before.drains);
    socket.resume();
    while (stream.drains === before.drains) await new Promise((resolve) => setTimeout(resolve, 2));
    expect(stream.client.waiting()).toBe(0);
    socket.destroy();
    await reader.leave();
    await Promise.all([stream.stopped, (await restless.live.next()).stopped]);
  });

  it('that reads nothing of what waits for it is cut off, and its subscription ends; one that reads goes on', async () => {
    const live = createFakeLive();
    const { server, port } = await serve(live, { unreadMs: 1_000, roundMs: 32 });
    const reading = readStream(await fetch(`http://127.0.0.1:${port}/`));
    const good = await live.next();
    const socket = await askAndPause(port);
    const bad = await live.next();
    await fill(bad.client);
    await bad.stopped;
    good.send(crate, 'still here');
    expect(await reading.until('still here')).toContain('crate 1');
    socket.destroy();
    await server.stop();
    await good.stopped;
  });
});

/** Asks for events and reads none. */
async function askAndPause(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.pause();
  socket.write(`GET /graphql?${toSearch()} HTTP/1.1\r\nHost: localhost\r\nAccept: ${EVENTS}\r\n\r\n`);
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('connect', resolve));
  return socket;
}

/** Writes until the sockets hold no more. */
async function fill(client: LiveClient): Promise<void> {
  const message = client.wire.next(Buffer.from(`{"data":"${'x'.repeat(1_000_000)}"}`), 'c');
  for (let sent = 0; client.waiting() === 0 || sent < 8; sent += 1) {
    client.write([message]);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

describe('the server', () => {
  it('cuts no stream by the time of a request, while it cuts off what sends its head slowly', async () => {
    const live = createFakeLive();
    const { server, port } = await serve(live, { headersMs: 1_000, requestMs: 1_200, checkMs: 50 });
    const reader = readStream(await fetch(`http://127.0.0.1:${port}/`));
    const stream = await live.next();
    await Promise.all([1, 2, 3].map(() => waitUntilCut(port)));
    stream.send(crate, 'later');
    expect(await reader.until('later')).toContain(FIRST);
    await server.stop();
    await stream.stopped;
  });

  it('ends streams when it stops, and does not wait for them', async () => {
    const own = await startLiveShop({ limits: { stopMs: 600_000 } });
    const response = await fetch(`${own.graphqlUrl}?${toSearch()}`, { headers: { accept: EVENTS } });
    const stream = await own.live.next();
    await own.stop();
    await stream.stopped;
    expect(await readStream(response).rest()).not.toContain('complete');
  });

  it('writes to a client of HTTP/1.0 too', async () => {
    const socket = connect(shop.port, '127.0.0.1');
    socket.write(`GET /graphql?${toSearch()} HTTP/1.0\r\nHost: localhost\r\nAccept: ${EVENTS}\r\n\r\n`);
    const stream = await shop.live.next();
    stream.end('operation', 'FORBIDDEN', 'c');
    let text = '';
    for await (const chunk of socket) text += String(chunk);
    expect(text).toMatch(
      /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nretry: \d+\n\nid: cursor-0\n\nid: c\nevent: next\n[^]*event: complete\ndata:\n\n$/,
    );
  });
});

/** A server that opens a stream for whoever comes. */
async function serve(live: FakeLive, { roundMs = 10_000, ...timeouts }: Partial<ClientTimeouts> & { roundMs?: number }) {
  const rounds = new Rounds(roundMs);
  const server = createHttpServer({
    async handler({ signal }) {
      const stream = new LiveStream(eventsForm, signal);
      // This core does not look at it
      stream.follow(await live.subscribe({} as Subscription, stream, { cursor: null }), rounds);
      return { status: 200, headers: eventsForm.headers, body: stream };
    },
    sender: createSenderCheck({ allowedHosts: [], allowedOrigins: [] }),
    log: silentLog,
    stopMs: 1_000,
    onRunning: () => undefined,
    timeouts: { headersMs: 10_000, requestMs: 20_000, checkMs: 2_000, unreadMs: 30_000, ...timeouts },
  });
  const { port } = await server.listen(0, '127.0.0.1');
  return { server, port };
}

/** A connection that sends half a head and waits. */
function waitUntilCut(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost:'));
    socket.resume();
    socket.on('error', reject);
    socket.on('close', () => resolve());
  });
}
