/** The HTTP client alone: which connections are used again, which addresses are not connected to, and what never reaches the wire. */
import type { LookupFunction } from 'node:net';
import { Cancel } from '../../../gateway/execute/subgraph/cancel.ts';
import { createHttpClient, type HttpClient, type HttpClientOptions, type HttpPost } from '../../../gateway/execute/subgraph/http-client.ts';
import { startRawServer, toHttp, type RawServer, type Reply } from './raw-server.ts';
import { outcomeOf, settleAll } from './steps-kit.ts';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

type Post = (overrides?: Partial<HttpPost>) => Promise<string>;

async function start(
  reply: Reply,
  options: Partial<HttpClientOptions> = {},
): Promise<{ server: RawServer; client: HttpClient; post: Post }> {
  const server = await startRawServer(reply);
  const client = createHttpClient({ maxResponseBytes: 10_000, ...options });
  stops.push(
    () => client.close(),
    () => server.stop(),
  );
  const post: Post = (overrides) =>
    outcomeOf(client.post({ subgraph: 'mill', url: server.url, headers: {}, body: '{}', cancel: new Cancel(), ...overrides }));
  return { server, client, post };
}

describe('a connection', () => {
  it('is used again after a clean answer', async () => {
    const { server, post } = await start((socket) => socket.write(toHttp('ok')));
    expect([await post(), await post(), await post(), server.connections()]).toEqual(['ok', 'ok', 'ok', 1]);
  });

  it.each<[string, Reply]>([
    ['bytes after the answer', (socket) => socket.write(Buffer.concat([toHttp('ok'), toHttp('poison')]))],
    ['Connection: close', (socket) => socket.write(toHttp('ok', { headers: ['connection: close'] }))],
    ['an answer without a length', (socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nok')],
  ])('is closed after %s', async (_, reply) => {
    const { server, post } = await start(reply);
    expect([await post(), await post(), server.connections()]).toEqual(['ok', 'ok', 2]);
  });

  it('on which something comes that nobody asked for is closed, and nobody gets it', async () => {
    const { client, post } = await start((socket) => {
      socket.write(toHttp('ok'), () => setImmediate(() => socket.write(toHttp('poison'))));
    });
    expect(await post()).toBe('ok');
    while (client.connections > 0) await settleAll();
    expect(await post()).toBe('ok');
  });

  it('is closed when its request is ended, and when it was unused for its time', async () => {
    let now = 0;
    const { server, client, post } = await start((socket, request) => (request.includes('hold') ? undefined : socket.write(toHttp('ok'))), {
      idleMs: 100,
      now: () => now,
    });
    const cancel = new Cancel();
    const held = post({ body: '"hold"', cancel });
    while (server.requests.length === 0) await settleAll();
    cancel.cancel(new Error('gone'));
    expect([await held, client.connections]).toEqual(['Error: gone', 0]);
    await post();
    now = 99;
    await post();
    expect(server.connections()).toBe(2);
    now = 199;
    await post();
    expect([server.connections(), client.connections]).toEqual([3, 1]);
  });
});

describe('an address', () => {
  const leadingTo = (...addresses: string[]): LookupFunction => {
    return (_, options, callback) => {
      const all = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
      if (options.all === true) return callback(null, all);
      callback(null, all[0]?.address ?? '', all[0]?.family ?? 4);
    };
  };

  it.each([['169.254.169.254'], ['::ffff:169.254.169.254'], ['fe80::1'], ['100.100.100.200']])(
    'that a name leads to is not connected to when it is %s, whatever the name was before',
    async (address) => {
      const { server, post } = await start((socket) => socket.write(toHttp('ok')), { lookup: leadingTo('127.0.0.1', address) });
      const url = server.url.replace('127.0.0.1', 'mill.test');
      expect([await post({ url }), server.connections()]).toEqual(['SUBGRAPH_UNREACHABLE', 0]);
    },
  );

  it('that a name leads to may be loopback', async () => {
    const { server, post } = await start((socket) => socket.write(toHttp('ok')), { lookup: leadingTo('127.0.0.1') });
    expect(await post({ url: server.url.replace('127.0.0.1', 'mill.test') })).toBe('ok');
    expect(server.requests[0]).toContain('host: mill.test:');
  });

  it('that is refused itself, or of another protocol, is not connected to', async () => {
    const { post } = await start(() => undefined);
    for (const url of ['http://169.254.169.254/', 'http://[fe80::1]/', 'http://metadata.google.internal/', 'file:///etc/passwd', 'no'])
      expect(await post({ url })).toBe('SUBGRAPH_UNREACHABLE');
  });
});

it('a header with a line end in it never reaches the wire', async () => {
  const { server, post } = await start((socket) => socket.write(toHttp('ok')));
  for (const headers of [{ x: 'a\r\ny: b' }, { x: 'a\n' }, { 'x\r\ny': 'a' }, { x: 'ä' }, { 'x:': 'a' }])
    expect(await post({ headers })).toBe('INTERNAL');
  expect(server.requests).toHaveLength(0);
});

it('a body that is more than ASCII is sent whole', async () => {
  const { server, post } = await start((socket) => socket.write(toHttp('ok')));
  expect(await post({ body: '{"a":"ä€𝄞"}' })).toBe('ok');
  expect(Buffer.from(server.requests[0]?.split('\r\n\r\n')[1] ?? '', 'latin1').toString()).toBe('{"a":"ä€𝄞"}');
});
