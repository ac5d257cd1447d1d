/** What would wear the gateway out or carry it off: at its doors, and at the subgraphs behind it. */
import { connect } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { createSenderCheck } from '../../../gateway/edge/check-sender.ts';
import { createHttpServer } from '../../../gateway/edge/http-server.ts';
import { readBody } from '../../../gateway/edge/read-body.ts';
import { toJsonAnswer } from '../../../gateway/edge/http-answer.ts';
import { silentLog } from '../../../lib/log/log.ts';
import { startRawServer, toHttp, type Reply } from '../execute/raw-server.ts';
import { composeShop, startShopGateway } from '../kit.ts';
import { requestDoors, type Params } from './request-doors.ts';

type Gateway = Awaited<ReturnType<typeof startShopGateway>>;
let gateway: Gateway;
beforeAll(async () => {
  gateway = await startShopGateway({ limits: { batch: 3, cost: 1_000 }, persistedQueries: true });
});
afterAll(() => gateway.stop());

const repeat = (count: number, of: (index: number) => string) => Array.from({ length: count }, (_, index) => of(index)).join(' ');
const posts = requestDoors.filter(({ method }) => method === 'POST');

/** A gateway whose one subgraph answers as a test says. */
async function startOver(reply: Reply, limits = {}) {
  const server = await startRawServer(reply);
  const own = await startShopGateway({ overHttp: true, subgraphUrls: new Map([['shop', server.url]]), limits });
  return {
    ...own,
    server,
    async stop() {
      await own.stop();
      await server.stop();
    },
  };
}

describe('C5 addresses', () => {
  it.each([
    'http://169.254.169.254/latest/meta-data',
    'http://[::ffff:a9fe:a9fe]/',
    'http://0xA9FEA9FE/',
    'http://[fe80::1]/',
    'http://metadata.google.internal/',
    'http://0.0.0.0/',
    'file:///etc/passwd',
  ])('C5 %s in a supergraph is not loaded, so nothing is asked there', async (url) => {
    const sdl = composeShop().replace('http://127.0.0.1:1/graphql', url);
    expect(sdl).toContain(url);
    const own = await startShopGateway({ overHttp: true, source: { kind: 'sdl', sdl } });
    const { code } = await own.post({ query: '{ echo }' });
    await own.stop();
    expect(code).toBe('NOT_READY');
  });

  it.each(['http://169.254.169.254/', 'http://[::1]:1/', '//127.0.0.1:1/'])('C5 a redirect to %s is not followed', async (location) => {
    let elsewhere = 0;
    const other = await startRawServer(() => (elsewhere += 1));
    const target = location.replace(/(?:\[::1\]|127\.0\.0\.1):1/, new URL(other.url).host);
    const own = await startOver((socket) =>
      socket.write(toHttp('', { status: '307 Temporary Redirect', headers: [`location: ${target}`] })),
    );
    const { body } = await own.post({ query: '{ echo }' });
    expect([body.data, body.errors?.length, own.server.requests.length, elsewhere]).toEqual([{ echo: null }, 1, 1, 0]);
    expect(JSON.stringify(body)).not.toContain(target);
    await own.stop();
    await other.stop();
  });
});

describe('C6 answers of subgraphs', () => {
  const ofBytes = (bytes: number) => {
    const empty = '{"data":{"echo":""}}';
    return toHttp(empty.replace('""', `"${'x'.repeat(bytes - empty.length)}"`));
  };

  it.each([
    [4_095, undefined],
    [4_096, undefined],
    [4_097, 'SUBGRAPH_RESPONSE_TOO_LARGE'],
  ])('C6 of %s bytes where 4,096 may be: %s', async (bytes, code) => {
    const own = await startOver((socket) => socket.write(ofBytes(bytes)), { subgraphBytes: 4_096 });
    expect((await own.post({ query: '{ echo }' })).code).toBe(code);
    await own.stop();
  });

  it('C6 that take longer than they may are given up, and their connection with them', async () => {
    const own = await startOver(() => undefined, { subgraphMs: 100, retries: 0 });
    expect((await own.post({ query: '{ echo }' })).code).toBe('SUBGRAPH_TIMEOUT');
    while (own.server.open() > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await own.stop();
  });

  it('C6 that are nested without end cost their own field', async () => {
    const deep = '['.repeat(200_000) + ']'.repeat(200_000);
    const own = await startOver((socket) => socket.write(toHttp(`{"data":{"crate":{"id":"1","name":${deep}},"echo":"a"}}`)));
    const { status, body } = await own.post({ query: '{ crate(id: 1) { id name } echo }' });
    expect([status, body.errors === undefined, JSON.stringify(body).length < 2_000]).toEqual([200, false, true]);
    await own.stop();
  });
});

const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'then'];
const isClean = () => Reflect.ownKeys(Object.prototype).length === ownKeys && !('polluted' in {});
const ownKeys = Reflect.ownKeys(Object.prototype).length;

describe('D1 prototypes', () => {
  it.each(requestDoors)('D1 are as they were after hostile aliases, variables, names and extensions by $name', async ({ ask }) => {
    for (const name of names) {
      const hostile: Params[] = [
        { query: `{ ${name}: crate(id: 1) { ${name}: name inside { ${name}: id } } }` },
        { query: `query ${name}($${name}: String) { echo(text: $${name}) }`, variables: Object.fromEntries([[name, 'polluted']]) },
        { query: '{ echo }', variables: Object.fromEntries([[name, { polluted: true, prototype: { polluted: true } }]]) },
        { query: '{ echo }', extensions: Object.fromEntries([[name, { polluted: true }]]) },
      ];
      for (const params of hostile) {
        const { status, body } = await ask(gateway.graphqlUrl, params);
        expect([status < 500, body.data !== undefined || body.errors !== undefined, isClean()]).toEqual([true, true, true]);
      }
    }
  });

  it.each(names)('D1 are as they were after a subgraph’s answer with %s', async (name) => {
    const poison = `{"polluted":true,"${name}":{"polluted":true}}`;
    const own = await startOver((socket) =>
      socket.write(
        toHttp(
          `{"${name}":${poison},"data":{"${name}":${poison},"crate":{"${name}":${poison},"name":"n"}},"extensions":{"${name}":${poison}}}`,
        ),
      ),
    );
    expect((await own.post({ query: '{ crate(id: 1) { name } }' })).body.data).toEqual({ crate: { name: 'n' } });
    const errors = `[{"message":"m","${name}":${poison},"path":["crate","${name}"],"extensions":{"code":"C","${name}":${poison}}}]`;
    const erring = await startOver((socket) => socket.write(toHttp(`{"data":{"crate":null},"errors":${errors}}`)));
    expect((await erring.post({ query: '{ crate(id: 1) { name } }' })).body.errors).toHaveLength(1);
    expect(isClean()).toBe(true);
    await own.stop();
    await erring.stop();
  });

  it('D1 are as they were after a schema with a type called __proto__, which is refused', () => {
    expect(() => composeShop('type __proto__ { __proto__: Int }')).toThrow(/__proto__/);
    expect(isClean()).toBe(true);
  });

  it.each(names.slice(1))('D1 are as they were after a schema with types and fields called %s', async (name) => {
    const sdl = composeShop(
      `extend type Query { ${name}: String } type ${name}Type { ${name}(${name}: Int): Int } extend type Crate { made: ${name}Type }`,
    );
    const own = await startShopGateway({ source: { kind: 'sdl', sdl } });
    expect((await own.post({ query: `{ ${name} crate(id: 1) { id } }` })).body.data).toHaveProperty('crate');
    expect(isClean()).toBe(true);
    await own.stop();
  });
});

describe('D3 errors', () => {
  const recursive = [
    '{a',
    '[',
    '{a(b:[',
    '{a(b:{c:',
    'query($a:[',
    '{...on A',
    '{a @b(c:[',
    '"""',
    '{a:',
    '(',
    'fragment A on B{',
    '{a{b:c ',
  ];

  it.each(requestDoors)(
    'D3 of the stack do not escape the parser by $name, however long its text and whatever it is made of',
    async ({ ask, method }) => {
      for (const piece of recursive) {
        const length = method === 'GET' ? 1_500 : 100_000;
        const { status, code } = await ask(gateway.graphqlUrl, { query: piece.repeat(Math.ceil(length / piece.length)) });
        expect([piece, status < 500, ['LIMIT_EXCEEDED', 'GRAPHQL_PARSE_FAILED'].includes(code ?? '')]).toEqual([piece, true, true]);
      }
    },
  );

  it('D3 are all told: nothing is rejected that nobody waits for', async () => {
    const rejections: unknown[] = [];
    const note = (reason: unknown) => rejections.push(reason);
    process.on('unhandledRejection', note);
    const text = fc.string({
      unit: fc.constantFrom('{', '}', '(', '[', '"', '$', '...', 'a', ' on ', ':', '@defer', '__schema', '\u0000', '😀'),
      maxLength: 60,
    });
    await fc.assert(
      fc.asyncProperty(text, fc.constantFrom(...requestDoors), async (query, { ask }) => {
        expect((await ask(gateway.graphqlUrl, { query })).status).toBeLessThan(500);
      }),
      { numRuns: 300 },
    );
    process.off('unhandledRejection', note);
    expect(rejections).toEqual([]);
  });
});

describe('E1 bodies that grow when they are unpacked', () => {
  const packers: readonly (readonly [string, (text: string) => Buffer])[] = [
    ['gzip', (text) => gzipSync(text)],
    ['deflate', (text) => deflateSync(text)],
    ['br', (text) => brotliCompressSync(text)],
  ];

  it.each(posts.flatMap((door) => packers.map(([encoding, pack]) => ({ ...door, encoding, pack }))))(
    'E1 are measured unpacked by $name as $encoding',
    async ({ name, type, encoding, pack }) => {
      const own = await startShopGateway({ limits: { batch: 3, bodyBytes: 2_048 } });
      const headers = { 'content-type': 'application/json', accept: type, 'content-encoding': encoding };
      const send = async (bytes: number) => {
        const text = name === 'an array' ? '[{"query":"{ echo }"}]' : '{"query":"{ echo }"}';
        return (await fetch(own.graphqlUrl, { method: 'POST', headers, body: pack(text.padEnd(bytes)) })).status;
      };
      expect([await send(2_047), await send(2_048), await send(2_049), await send(30_000_000)]).toEqual([200, 200, 413, 413]);
      await own.stop();
    },
  );
});

describe('E3 fragment bombs', () => {
  const bomb = (on: string, last: string) =>
    `${repeat(30, (i) => `fragment F${i} on ${on} { ...F${i + 1} ...F${i + 1} }`)} fragment F30 on ${on} { ${last} }`;

  it.each(requestDoors)('E3 of 2^30 are refused by $name, and nothing is planned', async ({ ask }) => {
    for (const query of [
      `{ ...F0 } ${bomb('Query', 'echo')}`,
      `{ crate(id: 1) { ...F0 } } ${bomb('Crate', 'id inside { id }')}`,
      `mutation { rename(id: 1, name: "a") { ...F0 } } ${bomb('Crate', 'id')}`,
    ]) {
      const asked = gateway.shop.bodies.length;
      const { code } = await ask(gateway.graphqlUrl, { query });
      expect([code, gateway.shop.bodies.length]).toEqual(['LIMIT_EXCEEDED', asked]);
    }
  });
});

describe('E4 lists in lists', () => {
  const query = 'query ($n: Int) { crates(first: $n) { inner(first: $n) { inner(first: $n) { id } } } }';

  it.each(requestDoors)('E4 cost what their sizes make together, estimated before and counted after, by $name', async ({ ask }) => {
    const asked = gateway.shop.bodies.length;
    const refused = await ask(gateway.graphqlUrl, { query, variables: { n: 20 } });
    expect([refused.code, refused.limit, gateway.shop.bodies.length]).toEqual(['LIMIT_EXCEEDED', 'cost', asked]);
    const told = await ask(gateway.graphqlUrl, { query, variables: { n: 3 }, extensions: { cost: true } });
    expect(told.body.extensions).toEqual({ cost: { estimated: expect.any(Number), actual: 3 + 9 + 27 } });
    expect(told.body.data).toBeTruthy();
  });
});

describe('E5 clients that take their time', () => {
  it.each([
    ['headers', 'POST / HTTP/1.1\r\nHost: localhost\r\n', 'X-A: a\r\n'],
    ['a header that does not end', 'POST / HTTP/1.1\r\nHost: localhost\r\nX-A: ', 'a'],
    ['a body of known length', 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n', 'x'],
    ['a body in chunks', 'POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n', '1\r\nx\r\n'],
    ['a packed body', 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Encoding: gzip\r\nContent-Length: 100000\r\n\r\n', '\u001f'],
    ['nothing at all', '', ''],
  ])('E5 with %s are cut off, and others are served meanwhile', async (_, begin, drip) => {
    const server = createHttpServer({
      handler: async ({ message }) => toJsonAnswer(200, { length: (await readBody(message, 1_000_000)).length }),
      stopMs: 50,
      timeouts: { headersMs: 150, requestMs: 250, checkMs: 20, unreadMs: 1_000 },
      log: silentLog,
      onRunning: () => undefined,
      sender: createSenderCheck({ allowedHosts: [], allowedOrigins: [] }),
    });
    const { port } = await server.listen(0, '127.0.0.1');
    const slow = Array.from({ length: 20 }, () => dripInto(port, begin, drip));
    expect((await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: 'abc' })).status).toBe(200);
    for (const text of await Promise.all(slow)) expect(text).toMatch(/^HTTP\/1\.1 4(?:08|00) /);
    await server.stop();
  });

  /** What came back until the connection was closed. */
  function dripInto(port: number, begin: string, drip: string): Promise<string> {
    return new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(begin));
      const dripping = setInterval(() => socket.writable && socket.write(drip), 20);
      let received = '';
      socket.on('data', (chunk) => (received += chunk.toString()));
      socket.on('error', () => undefined);
      socket.on('close', () => {
        clearInterval(dripping);
        resolve(received);
      });
    });
  }
});
