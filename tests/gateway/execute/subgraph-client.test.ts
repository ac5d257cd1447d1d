/** All steps between the executor and a subgraph together, against real servers. */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { createSubgraphClient } from '../../../gateway/execute/index.ts';
import { isHubError } from '../../../lib/errors/errors.ts';
import { createTestTime } from './steps-kit.ts';
import type { SubgraphClient, SubgraphClientOptions } from '../../../gateway/execute/index.ts';

type Seen = { readonly method: string; readonly headers: IncomingMessage['headers']; readonly body: string; readonly socket: number };

const seen: Seen[] = [];
let answer: (response: ServerResponse) => void = (response) => response.end('{"data":{}}');
let server: Server;
let url = '';
const clients: SubgraphClient[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => void chunks.push(chunk));
    request.on('end', () => {
      seen.push({
        method: request.method ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
        socket: request.socket.remotePort ?? 0,
      });
      answer(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A listening TCP server has an address with a port.
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
});

afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()));
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

beforeEach(() => void (seen.length = 0));

/** A server below HTTP: it answers the first request of a connection, and ends the connection at the second. */
async function startBreaking(): Promise<{ target: string; received(): number; stop(): Promise<void> }> {
  let received = 0;
  let breaks = 1;
  const raw = createTcpServer((socket) => {
    let isFirst = true;
    socket.on('error', () => undefined);
    socket.on('data', () => {
      received += 1;
      if (!isFirst && breaks > 0) {
        breaks -= 1;
        socket.resetAndDestroy();
        return;
      }
      isFirst = false;
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n{"data":{}}');
    });
  });
  await new Promise<void>((resolve) => raw.listen(0, '127.0.0.1', resolve));
  return {
    // A listening TCP server has an address with a port.
    target: `http://127.0.0.1:${(raw.address() as AddressInfo).port}/`,
    received: () => received,
    stop: () => new Promise((resolve) => raw.close(() => resolve())),
  };
}

function ask(
  options: SubgraphClientOptions = {},
  target = url,
  signal = new AbortController().signal,
): Promise<{ status: number; text: string }> {
  const client = createSubgraphClient(options);
  clients.push(client);
  return client.fetch({ graph: { id: 0, name: 'mill', url: target }, kind: 'query', body: '{"query":"{ a }"}', signal });
}

describe('the HTTP client to subgraphs', () => {
  it('posts JSON with the headers it is handed, and keeps its connections', async () => {
    answer = (response) => response.end('{"data":{"ä":1}}');
    const client = createSubgraphClient();
    clients.push(client);
    const request = {
      graph: { id: 0, name: 'mill', url },
      kind: 'query' as const,
      body: '{"query":"{ a }"}',
      headers: { 'x-request-id': 'for-mill' },
      signal: new AbortController().signal,
    };
    expect(await client.fetch(request)).toEqual({ kind: 'response', status: 200, text: '{"data":{"ä":1}}' });
    for (let count = 0; count < 9; count += 1) await client.fetch(request);
    expect(seen[0]).toMatchObject({
      method: 'POST',
      body: '{"query":"{ a }"}',
      headers: { 'content-type': 'application/json', 'x-request-id': 'for-mill' },
    });
    expect(seen).toHaveLength(10);
    expect(new Set(seen.map(({ socket }) => socket)).size).toBeLessThan(4);
  });

  it('hands on an HTTP error and follows no redirect', async () => {
    answer = (response) => response.writeHead(302, { location: `${url}/elsewhere` }).end();
    expect((await ask()).status).toBe(302);
    expect(seen).toHaveLength(1);
  });

  it('gives up on a slow graph, and on one that stalls in the middle of its answer', async () => {
    answer = (response) => void response;
    await expect(ask({ timeoutMs: 50 })).rejects.toMatchObject({ code: 'SUBGRAPH_TIMEOUT' });
    answer = (response) => void response.writeHead(200).write('{"data":');
    await expect(ask({ timeoutMs: 50 })).rejects.toMatchObject({ code: 'SUBGRAPH_TIMEOUT' });
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ['never answers', (response) => void response],
    ['sends a head and nothing more', (response) => response.writeHead(200).flushHeaders()],
    ['sends half', (response) => void response.writeHead(200, { 'content-length': 100 }).write('{"data":')],
  ])('F1 F2 ends with the deadline, not before and not after it by its clock, for a graph that %s', async (_, begin) => {
    const time = createTestTime();
    const begun = new Promise<ServerResponse>((resolve) => {
      answer = (response) => {
        begin(response);
        resolve(response);
      };
    });
    let outcome = 'waits';
    const asked = ask({ time, timeoutMs: 5_000, retries: 1 }).then(
      () => 'answered',
      (error: unknown) => (isHubError(error) ? error.code : String(error)),
    );
    const ended = asked.then((found) => (outcome = found));
    const response = await begun;
    for (let second = 1; second < 5; second += 1) {
      await time.advance(1_000);
      // A byte now and then puts nothing off
      if (response.headersSent) response.write(' ');
    }
    await time.advance(999);
    expect(outcome).toBe('waits');
    await time.advance(1);
    await ended;
    expect([outcome, seen.length, time.waiting]).toEqual(['SUBGRAPH_TIMEOUT', 1, 0]);
  });

  it('stops reading an answer that is too large', async () => {
    answer = (response) => response.end('x'.repeat(2_000));
    await expect(ask({ maxResponseBytes: 1_999 })).rejects.toMatchObject({ code: 'SUBGRAPH_RESPONSE_TOO_LARGE' });
    expect((await ask({ maxResponseBytes: 2_000 })).text).toHaveLength(2_000);
  });

  it('says that a graph cannot be reached, and speaks nothing but http and https', async () => {
    await expect(ask({}, 'http://127.0.0.1:1/')).rejects.toMatchObject({ code: 'SUBGRAPH_UNREACHABLE' });
    for (const target of ['file:///etc/passwd', 'ftp://127.0.0.1/', 'nonsense', ''])
      await expect(ask({}, target)).rejects.toMatchObject({ code: 'SUBGRAPH_UNREACHABLE' });
    expect(seen).toHaveLength(0);
  });

  it.each([
    ['query' as const, '{"data":{}}', 3],
    ['mutation' as const, 'SUBGRAPH_UNREACHABLE', 2],
  ])('asks a %s once more only if it reads, when a kept connection ends as it is used again', async (kind, outcome, received) => {
    const breaking = await startBreaking();
    const client = createSubgraphClient({ connections: 1 });
    const send = () =>
      client.fetch({
        graph: { id: 0, name: 'mill', url: breaking.target },
        kind,
        body: '{"query":"{ a }"}',
        signal: new AbortController().signal,
      });
    await send();
    const second = await send().then(
      ({ text }) => text,
      (error: unknown) => (isHubError(error) ? error.code : error),
    );
    await client.close();
    await breaking.stop();
    expect([second, breaking.received()]).toEqual([outcome, received]);
  });

  it('refuses an answer that is not UTF-8, and reads past a byte order mark', async () => {
    answer = (response) => response.end(Buffer.from([0x22, 0xff, 0x22]));
    await expect(ask()).rejects.toMatchObject({ code: 'SUBGRAPH_INVALID_RESPONSE' });
    answer = (response) => response.end('\ufeff{"data":{}}');
    expect((await ask()).text).toBe('{"data":{}}');
  });

  it('ends with the reason of the request’s own signal', async () => {
    answer = (response) => void response;
    const abort = new AbortController();
    const asked = ask({}, url, abort.signal);
    abort.abort(new Error('client gone'));
    await expect(asked).rejects.toThrow('client gone');
  });
});
