/** How a subgraph asks the gateway: with its own token, and with clear words for whatever is not a whole answer. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHubAsker, readToken, type HubAsker } from '../../subgraph-kit/ask-hub.ts';

let server: Server;
let url: string;
let asker: HubAsker;
let answer: (request: IncomingMessage, response: ServerResponse, body: string) => void;
let token = 'secret-token';

beforeEach(async () => {
  token = 'secret-token';
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += String(chunk)));
    request.on('end', () => answer(request, response, body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  url = typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : '';
  asker = createHubAsker({ url: () => url, token: async () => token });
});
afterEach(async () => {
  await asker.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const say = (text: string, status = 200) => {
  answer = (_request, response) => response.writeHead(status, { 'content-type': 'application/json' }).end(text);
};

it('sends the question with the token of the moment and gives the data', async () => {
  const seen: unknown[] = [];
  answer = ({ headers, method, url: path }, response, body) => {
    seen.push([method, path, headers.authorization, JSON.parse(body)]);
    response.end('{"data":{"makers":{"nodes":[]}}}');
  };
  expect(await asker.ask('{ makers { nodes { gln } } }', { first: 1 })).toEqual({ makers: { nodes: [] } });
  token = 'newer-token';
  await asker.ask('{ a }');
  expect(seen).toEqual([
    ['POST', '/graphql', 'Bearer secret-token', { query: '{ makers { nodes { gln } } }', variables: { first: 1 } }],
    ['POST', '/graphql', 'Bearer newer-token', { query: '{ a }', variables: {} }],
  ]);
});

it.each([
  ['errors beside data', '{"data":{"a":1},"errors":[{"message":"upstream is down"}]}', 200, /with errors: upstream is down$/],
  [
    'many errors',
    JSON.stringify({ errors: [1, 2, 3, 4, 5].map((i) => ({ message: `no ${i}` })) }),
    400,
    /with errors: no 1; no 2; no 3; and 2 more$/,
  ],
  ['no data', '{"data":null}', 200, /status 200 and no GraphQL response/],
  ['a page of HTML', '<html>', 502, /status 502 and no GraphQL response/],
  ['a list', '[1]', 200, /no GraphQL response/],
])('takes %s for a refusal', async (_what, text, status, words) => {
  say(text, status);
  await expect(asker.ask('{ a }')).rejects.toMatchObject({ code: 'GATEWAY_REFUSED', message: expect.stringMatching(words) });
});

it('says that the gateway cannot be reached, and never shows the token', async () => {
  await new Promise((resolve) => server.close(resolve));
  const error: unknown = await asker.ask('{ a }').catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code: 'GATEWAY_UNREACHABLE',
    message: expect.stringContaining('HUB_GATEWAY_URL'),
    cause: expect.anything(),
  });
  expect(String(error)).not.toContain('127.0.0.1');
  expect(JSON.stringify(error) + String(error)).not.toContain('secret-token');
});

it('gives up with whoever asked', async () => {
  answer = () => undefined;
  const stop = new AbortController();
  const asking = asker.ask('{ a }', {}, stop.signal);
  setTimeout(() => stop.abort(), 20);
  await expect(asking).rejects.toMatchObject({ code: 'GATEWAY_UNREACHABLE' });
});

it('names the variable to set when no address is known', async () => {
  const lost = createHubAsker({ url: () => undefined, token: async () => '' });
  await expect(lost.ask('{ a }')).rejects.toMatchObject({
    code: 'GATEWAY_UNREACHABLE',
    message: expect.stringContaining('HUB_GATEWAY_URL'),
  });
});

it('reads a token from its file, and says what is missing when there is none', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ir-ask-'));
  await writeFile(join(folder, 'routing.token'), 'abc\n');
  expect(await readToken(join(folder, 'routing.token'))).toBe('abc');
  await rm(folder, { recursive: true });
  const error: unknown = await readToken(join(folder, 'routing.token')).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'GATEWAY_UNREACHABLE' });
  expect(String(error)).not.toContain(folder);
});
