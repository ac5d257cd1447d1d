import { createServer as createTcpServer, connect } from 'node:net';
import { request as httpRequest } from 'node:http';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { createSenderCheck } from '../../../gateway/edge/check-sender.ts';
import { createHttpServer, type ClientTimeouts, type HttpServer } from '../../../gateway/edge/http-server.ts';
import { toJsonAnswer } from '../../../gateway/edge/http-answer.ts';
import { readBody } from '../../../gateway/edge/read-body.ts';
import { createRouter, type Handler } from '../../../gateway/edge/router.ts';
import { silentLog } from '../../../lib/log/log.ts';

const limitBytes = 2_048;
let server: HttpServer;
let base: string;
let port: number;
let release: () => void = () => undefined;
const seenHeaders: Record<string, unknown>[] = [];

const start = async (handler: Handler, stopMs = 2_000, timeouts?: ClientTimeouts) => {
  const created = createHttpServer({
    handler,
    stopMs,
    ...(timeouts ? { timeouts } : {}),
    log: silentLog,
    onRunning: () => undefined,
    sender: createSenderCheck({ allowedHosts: [], allowedOrigins: ['https://app.example'] }),
  });
  const address = await created.listen(0, '127.0.0.1');
  return { created, port: address.port };
};

beforeAll(async () => {
  const router = createRouter([
    {
      path: '/echo',
      methods: {
        async POST({ message, requestId }) {
          seenHeaders.push(message.headers);
          return toJsonAnswer(200, { text: await readBody(message, limitBytes), requestId });
        },
        GET: () => toJsonAnswer(200, { text: '' }),
      },
    },
    { path: '/slow', methods: { GET: () => new Promise((resolve) => (release = () => resolve(toJsonAnswer(200, { slow: true })))) } },
    { path: '/broken', methods: { GET: () => Promise.reject(new Error('password of the database is hunter2')) } },
    { path: '/below/', methods: { GET: ({ url }) => toJsonAnswer(200, { path: url.pathname }) } },
  ]);
  ({ created: server, port } = await start(router));
  base = `http://127.0.0.1:${port}`;
});
afterAll(() => server.stop());

const post = (body: string | Buffer, headers: Record<string, string> = {}) =>
  fetch(`${base}/echo`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body });

describe('the body', () => {
  it('is taken at the limit and refused one byte over it', async () => {
    expect(await (await post('x'.repeat(limitBytes))).json()).toMatchObject({ text: 'x'.repeat(limitBytes) });
    const refused = await post('x'.repeat(limitBytes + 1));
    expect(refused.status).toBe(413);
    expect(await refused.json()).toMatchObject({ errors: [{ extensions: { code: 'BODY_TOO_LARGE', limit: 'body' } }] });
  });

  it.each<[string, (text: string) => Buffer]>([
    ['gzip', (text) => gzipSync(text)],
    ['deflate', (text) => deflateSync(text)],
    ['br', (text) => brotliCompressSync(text)],
  ])('is measured unpacked when it is sent as %s', async (encoding, pack) => {
    const headers = { 'content-encoding': encoding };
    expect(await (await post(pack('x'.repeat(limitBytes)), headers)).json()).toMatchObject({ text: 'x'.repeat(limitBytes) });
    expect((await post(pack('x'.repeat(limitBytes + 1)), headers)).status).toBe(413);
    expect((await post(pack('x'.repeat(50_000_000)), headers)).status).toBe(413);
    expect((await post('not packed at all', headers)).status).toBe(400);
    expect((await post(pack('{"query":"{ a }"}').subarray(0, 12), headers)).status).toBe(400);
  });

  it('is refused in an encoding that is not known', async () => {
    expect((await post('x', { 'content-encoding': 'zstd' })).status).toBe(415);
    expect((await post('x', { 'content-encoding': 'gzip, gzip' })).status).toBe(415);
  });

  it.each([
    ['invalid UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x7d])],
    ['overlong UTF-8', Buffer.from([0xc0, 0xaf])],
    ['UTF-16', Buffer.from('\uFEFF{"query":"{ a }"}', 'utf16le')],
  ])('is refused as %s', async (_, body) => {
    expect((await post(body)).status).toBe(400);
  });

  it('is refused before it is sent when it says that it is too large', async () => {
    const status = await new Promise((resolve, reject) => {
      const request = httpRequest(
        {
          port,
          host: '127.0.0.1',
          path: '/echo',
          method: 'POST',
          headers: { 'content-length': 2_000_000_000, 'content-type': 'application/json' },
        },
        (response) => {
          response.resume();
          resolve(response.statusCode);
          request.destroy();
        },
      );
      request.on('error', reject);
      request.write('{');
    });
    expect(status).toBe(413);
  });
});

describe('a refusal', () => {
  it.each([
    ['too large a body', 'Content-Length: 12000'],
    ['too large a body on a connection that is to be closed', 'Connection: close\r\nContent-Length: 12000'],
    ['a length that is none', 'Content-Length: 1e3'],
  ])('of %s does not reset the connection of a client that goes on sending', async (_, header) => {
    const { text, error } = await sendOn(`POST /echo HTTP/1.1\r\nHost: localhost\r\n${header}\r\n\r\n`);
    expect(text).toMatch(/^HTTP\/1\.1 4(13 [^]*BODY_TOO_LARGE|00 )/);
    expect(error).toBeNull();
  });

  /** Sends a quarter of the body, and the rest when the answer has begun. */
  function sendOn(head: string): Promise<{ text: string; error: string | null }> {
    return new Promise((resolve) => {
      let text = '';
      let error: string | null = null;
      const quarter = Buffer.alloc(3_000, 'x');
      const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }, () =>
        socket.write(Buffer.concat([Buffer.from(head), quarter])),
      );
      socket.on('data', (chunk) => {
        text += chunk.toString();
        socket.write(quarter);
        setTimeout(() => socket.write(quarter), 10);
        setTimeout(() => socket.end(quarter), 30);
      });
      socket.on('error', ({ message }) => (error = message));
      socket.on('close', () => resolve({ text, error }));
    });
  }
});

describe('the head', () => {
  it('keeps a sane request id and replaces any other', async () => {
    const kept = await post('x', { 'x-request-id': 'abc-123.4:5_6' });
    expect(kept.headers.get('x-request-id')).toBe('abc-123.4:5_6');
    expect(await kept.json()).toMatchObject({ requestId: 'abc-123.4:5_6' });
    for (const bad of ['a b', 'a'.repeat(65), '<script>', 'a,b']) {
      expect((await post('x', { 'x-request-id': bad })).headers.get('x-request-id')).toMatch(/^req_[0-9a-f-]{36}$/);
    }
  });

  it('loses every header that only the gateway may set', async () => {
    await post('x', { 'ir-principal': 'forged', 'IR-Anything': 'forged' });
    expect(Object.keys(seenHeaders.at(-1) ?? {}).filter((name) => name.startsWith('ir-'))).toEqual([]);
  });

  it('names a host of ours, or the request is refused', async () => {
    const status = (host: string) =>
      new Promise((resolve, reject) => {
        httpRequest({ port, host: '127.0.0.1', path: '/echo', headers: { host } }, (response) => {
          response.resume();
          resolve(response.statusCode);
        })
          .on('error', reject)
          .end();
      });
    expect(await status('localhost')).toBe(200);
    expect(await status('rebound.example')).toBe(421);
  });

  it('comes back with headers that keep browsers careful', async () => {
    const { headers } = await fetch(`${base}/echo`);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('routes', () => {
  it('are 404 where there is nothing, and 405 with Allow for another method', async () => {
    expect((await fetch(`${base}/nothing`)).status).toBe(404);
    const refused = await fetch(`${base}/echo`, { method: 'DELETE' });
    expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'POST, GET, HEAD']);
    expect((await fetch(`${base}/slow`, { method: 'POST' })).status).toBe(405);
  });

  it('take what lies below a path that ends in a slash', async () => {
    expect(await (await fetch(`${base}/below/a`)).json()).toEqual({ path: '/below/a' });
    expect((await fetch(`${base}/below`)).status).toBe(404);
  });

  it('mask what fails inside with the request id', async () => {
    const response = await fetch(`${base}/broken`, { headers: { 'x-request-id': 'req-1' } });
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({
      errors: [{ message: 'Internal error, request req-1.', extensions: { code: 'INTERNAL', requestId: 'req-1' } }],
    });
  });
});

describe('what is not HTTP', () => {
  it.each([
    ['garbage', 'this is not HTTP\r\n\r\n', /^HTTP\/1\.1 400/],
    ['headers that never fit', `GET /echo HTTP/1.1\r\nHost: localhost\r\nX-A: ${'a'.repeat(20_000)}\r\n\r\n`, /^HTTP\/1\.1 431/],
    [
      'lying chunk sizes',
      'POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nZZZ\r\nabc\r\n0\r\n\r\n',
      /^HTTP\/1\.1 400/,
    ],
    [
      'length and chunks together',
      'POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      /^HTTP\/1\.1 400/,
    ],
    ['HTTP/1.1 without a host', 'GET /echo HTTP/1.1\r\n\r\n', /^HTTP\/1\.1 400/],
  ])('is refused: %s', async (_, raw, expected) => {
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(raw));
      let text = '';
      socket.on('data', (chunk) => (text += chunk.toString()));
      socket.on('close', () => resolve(text));
      socket.on('error', reject);
      socket.setTimeout(3_000, () => socket.destroy());
    });
    expect(answer).toMatch(expected);
  });
});

describe('a client that takes its time', () => {
  it.each([
    ['with its head', 'POST / HTTP/1.1\r\nHost: localhost\r\n', 'X-A: a\r\n'],
    ['with its body', 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n', 'x'],
  ])('%s is cut off', async (_, begin, drip) => {
    const { created, port: own } = await start(
      async ({ message }) => toJsonAnswer(200, { text: await readBody(message, limitBytes) }),
      50,
      { headersMs: 150, requestMs: 200, checkMs: 20, unreadMs: 1_000 },
    );
    const startedAt = performance.now();
    const text = await new Promise<string>((resolve) => {
      const socket = connect(own, '127.0.0.1', () => socket.write(begin));
      const dripping = setInterval(() => socket.writable && socket.write(drip), 20);
      let received = '';
      socket.on('data', (chunk) => (received += chunk.toString()));
      socket.on('error', () => undefined);
      socket.on('close', () => {
        clearInterval(dripping);
        resolve(received);
      });
    });
    expect(text).toMatch(/^HTTP\/1\.1 4(08|00)/);
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    await created.stop();
  });
});

describe('stopping', () => {
  it('lets running requests end, takes no new ones, and leaves no socket', async () => {
    let finish: (() => void) | undefined;
    const { created, port: own } = await start(() => new Promise((resolve) => (finish = () => resolve(toJsonAnswer(200, { done: true })))));
    const running = fetch(`http://127.0.0.1:${own}/`);
    await waitFor(() => finish !== undefined);
    const stopped = created.stop();
    await expect(fetch(`http://127.0.0.1:${own}/`)).rejects.toThrow();
    finish?.();
    const answer = await running;
    expect([answer.status, answer.headers.get('connection')]).toEqual([200, 'close']);
    await stopped;
    expect(await isFree(own)).toBe(true);
  });

  it('cuts off what takes longer than stopping may', async () => {
    let called = false;
    const { created, port: own } = await start(() => {
      called = true;
      return new Promise(() => undefined);
    }, 50);
    const running = fetch(`http://127.0.0.1:${own}/`).catch((error: unknown) => error);
    await waitFor(() => called);
    await created.stop();
    expect(await running).toMatchObject({ message: 'fetch failed' });
  });
});

afterEach(() => release());

async function waitFor(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}

function isFree(own: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createTcpServer();
    probe.once('error', () => resolve(false));
    probe.listen(own, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
