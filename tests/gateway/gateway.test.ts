import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { composeSupergraph } from '../../engine/compose/index.ts';
import { createMemoryFeed } from '../../lib/feed/index.ts';
import { createLog } from '../../lib/log/log.ts';
import {
  createPublicKeys,
  createSigningKey,
  signMemberToken,
  toJwks,
  verifyPrincipal,
  visitor,
  type HubKeys,
} from '../../lib/identity/index.ts';
import { buildSchema, startSubgraphServer, type SubgraphServer } from '../_kit/subgraph-server.ts';
import { composeShop, startShopGateway } from './kit.ts';

let keys: HubKeys;
let folder: string;
beforeAll(async () => {
  keys = { issuer: await createSigningKey(), principal: await createSigningKey(), cursorKey: new Uint8Array(32) };
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gateway-'));
});
afterEach(() => rm(folder, { recursive: true }));

const hubIdentity = () => ({ kind: 'hub' as const, keys, issuers: new Map<string, string>(), visitors: true });
const tokenOf = (memberId: string, kinds: string[]) => signMemberToken(keys, { memberId, kinds });
const getJson = async (url: string, headers: Record<string, string> = {}) => {
  const response = await fetch(url, { headers });
  // Health pages are JSON objects
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};
const until = async (condition: () => Promise<boolean>) => {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10));
};

describe('who asks', () => {
  it('a visitor on this machine may read and not write; a member may both', async () => {
    const gateway = await startShopGateway({ identity: hubIdentity(), principalKeys: keys });
    const rename = { query: 'mutation { rename(id: 1, name: "x") { name } }' };
    expect((await gateway.post({ query: '{ crate(id: 1) { id } }' })).status).toBe(200);
    const refused = await gateway.post(rename);
    expect([refused.status, refused.code, gateway.shop.mutations()]).toEqual([403, 'READ_ONLY', 0]);
    const done = await gateway.post(rename, { authorization: `Bearer ${await tokenOf('mem_1', ['MAKER'])}` });
    expect([done.status, done.body.data]).toEqual([200, { rename: { name: 'x' } }]);
    await gateway.stop();
  });

  it('nobody without a token gets in from elsewhere, through a proxy, or with a bad token', async () => {
    const gateway = await startShopGateway({ identity: hubIdentity(), principalKeys: keys });
    const query = { query: '{ crate(id: 1) { id } }' };
    const tries: Record<string, string>[] = [
      { 'x-forwarded-for': '203.0.113.7' },
      { forwarded: 'for=203.0.113.7' },
      { authorization: 'Bearer x' },
      { authorization: 'Basic abc' },
      { authorization: 'Bearer' },
    ];
    for (const headers of tries) {
      const refused = await gateway.post(query, headers);
      expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    }
    expect(gateway.shop.bodies).toEqual([]);
    await gateway.stop();
  });
});

describe('a subgraph', () => {
  let subgraph: SubgraphServer;
  beforeEach(async () => {
    subgraph = await startSubgraphServer(buildSchema('type Query { a: String }', { Query: { a: () => 'a' } }));
  });
  afterEach(() => subgraph.stop());
  const compose = (url: string) => {
    const result = composeSupergraph([{ name: 'alpha', url, sdl: 'type Query { a: String }' }]);
    if (result.kind === 'failed') throw new Error('does not compose');
    return result.supergraphSdl;
  };

  it('learns who asks and the request id, and nothing else that the client sent', async () => {
    const gateway = await startShopGateway({
      identity: hubIdentity(),
      principalKeys: keys,
      source: { kind: 'sdl', sdl: compose(subgraph.url) },
      overHttp: true,
    });
    const token = await tokenOf('mem_1', ['MAKER']);
    await gateway.post(
      { query: '{ a }' },
      {
        authorization: `Bearer ${token}`,
        'ir-principal': 'forged',
        'x-request-id': 'mine-7',
        cookie: 'a=b',
        'x-other': 'c',
        'x-forwarded-host': 'evil',
        te: 'trailers',
      },
    );
    const headers = subgraph.requests.at(-1)?.headers ?? {};
    expect(Object.keys(headers).toSorted()).toEqual(['accept', 'content-length', 'content-type', 'host', 'ir-principal', 'x-request-id']);
    expect(headers['x-request-id']).toBe('mine-7');
    const publicKeys = await createPublicKeys(toJwks(keys.principal));
    const principal = await verifyPrincipal(String(headers['ir-principal']), publicKeys, 'alpha');
    expect([principal.memberId, principal.kinds]).toEqual(['mem_1', ['MAKER']]);
    await gateway.post({ query: '{ a }' });
    expect(await verifyPrincipal(String(subgraph.requests.at(-1)?.headers['ir-principal']), publicKeys, 'alpha')).toEqual(visitor);
    await gateway.stop();
  });

  it('is told nobody’s name where there is no identity', async () => {
    const gateway = await startShopGateway({ source: { kind: 'sdl', sdl: compose(subgraph.url) }, overHttp: true });
    await gateway.post({ query: '{ a }' });
    expect(Object.keys(subgraph.requests.at(-1)?.headers ?? {})).not.toContain('ir-principal');
    await gateway.stop();
  });

  it('is where HUB_SUBGRAPH_URLS says, whatever the supergraph says', async () => {
    const gateway = await startShopGateway({
      source: { kind: 'sdl', sdl: compose('http://127.0.0.1:1/nowhere') },
      subgraphUrls: new Map([['alpha', subgraph.url]]),
      overHttp: true,
    });
    expect((await gateway.post({ query: '{ a }' })).body).toEqual({ data: { a: 'a' } });
    await gateway.stop();
  });

  it('is never at an address where a machine keeps its secrets', async () => {
    const gateway = await startShopGateway({ source: { kind: 'sdl', sdl: compose('http://169.254.169.254/latest') }, overHttp: true });
    const { status, body } = await getJson(`${gateway.url}/ready`);
    expect([status, JSON.stringify(body['supergraphProblem'])]).toEqual([503, expect.stringContaining('169.254.169.254')]);
    expect((await gateway.post({ query: '{ a }' })).code).toBe('NOT_READY');
    await gateway.stop();
  });
});

describe('what the gateway says of itself', () => {
  it('is its version, schema, time and parts', async () => {
    const gateway = await startShopGateway();
    const { status, body } = await getJson(`${gateway.url}/health`);
    expect([status, Object.keys(body)]).toEqual([200, ['version', 'schemaHash', 'uptime', 'parts']]);
    expect(body['schemaHash']).toMatch(/^[0-9a-f]+$/);
    expect(await getJson(`${gateway.url}/ready`)).toMatchObject({ status: 200, body: { ready: true, supergraphProblem: null } });
    await gateway.stop();
  });

  it('names the feed among its parts where there is one, and closes it when nobody can ask any more', async () => {
    const feed = createMemoryFeed();
    let wasAnswered: boolean | undefined;
    const close = async () => {
      wasAnswered = await fetch(`${gateway.url}/health`).then(
        () => true,
        () => false,
      );
      await feed.close();
    };
    const gateway = await startShopGateway({ feed: { ...feed, close } });
    const { parts } = (await (await fetch(`${gateway.url}/health`)).json()) as { parts: unknown };
    await gateway.stop();
    expect(parts).toContainEqual(expect.objectContaining({ name: 'feed', state: 'ready' }));
    expect(wasAnswered).toBe(false);
    await expect(feed.head('t')).rejects.toMatchObject({ code: 'FEED_CLOSED' });
  });

  it('counts operations by member and name, fields, requests and plans', async () => {
    const gateway = await startShopGateway({ identity: hubIdentity(), principalKeys: keys });
    const authorization = `Bearer ${await tokenOf('mem_9', ['MAKER'])}`;
    await gateway.post({ query: 'query Look { crate(id: 1) { id } }' }, { authorization });
    await gateway.post({ query: 'query Look { crate(id: 1) { id } }' }, { authorization });
    await gateway.post({ query: '{ nothing }' });
    const text = await (await fetch(`${gateway.url}/metrics`)).text();
    expect(text).toContain('ir_operations_total{member="mem_9",operation="Look",kind="query",outcome="ok"} 2');
    expect(text).toContain(
      'ir_operations_total{member="visitor",operation="unknown",kind="unknown",outcome="GRAPHQL_VALIDATION_FAILED"} 1',
    );
    expect(text).toContain('ir_fields_total{coordinate="Crate.id"} 2');
    expect(text).toContain('ir_fetches_total{subgraph="shop",outcome="ok"} 2');
    expect(text).toContain('ir_plans_total{result="hit"} 1');
    await gateway.stop();
  });

  it('names members to the hub only, in production', async () => {
    const gateway = await startShopGateway({ identity: { ...hubIdentity(), visitors: false }, principalKeys: keys, development: false });
    const read = async (headers: Record<string, string>) => (await fetch(`${gateway.url}/metrics`, { headers })).status;
    expect(await read({})).toBe(401);
    expect(await read({ authorization: `Bearer ${await tokenOf('mem_1', ['MAKER'])}` })).toBe(403);
    expect(await read({ authorization: `Bearer ${await tokenOf('mem_h', ['HUB'])}` })).toBe(200);
    await gateway.stop();
  });
});

describe('the log', () => {
  it('holds no token, variable or query, and the request id of what failed', async () => {
    const lines: string[] = [];
    const log = createLog({ service: 'gateway', level: 'debug', stream: { write: (line) => lines.push(line) } });
    const gateway = await startShopGateway({
      identity: hubIdentity(),
      principalKeys: keys,
      log,
      fetcher: () => Promise.reject(new Error('connect ECONNREFUSED')),
    });
    const token = await tokenOf('mem_1', ['MAKER']);
    await gateway.post(
      { query: 'query ($t: String) { echo(text: $t) crate(id: "canary-literal") { id } }', variables: { t: 'canary-variable' } },
      { authorization: `Bearer ${token}`, 'x-request-id': 'log-1' },
    );
    await gateway.post(
      { query: 'query ($t: Int) { crates(first: $t) { id } }', variables: { t: 'canary-variable' } },
      { authorization: `Bearer ${token}x` },
    );
    await gateway.stop();
    const text = lines.join('');
    expect(text).toContain('"requestId":"log-1"');
    for (const secret of ['canary', token, token.split('.')[2] ?? '?']) expect(text).not.toContain(secret);
  });
});

describe('the supergraph', () => {
  it('that was good last is served at the next start when the file is bad, and said so', async () => {
    const file = join(folder, 'supergraph.graphql');
    const lastGoodFile = join(folder, 'data', 'last-good.graphql');
    await writeFile(file, composeShop());
    const source = { kind: 'file' as const, file, pollMs: 10 };
    const first = await startShopGateway({ source, lastGoodFile });
    await first.stop();
    expect(await readFile(lastGoodFile, 'utf8')).toBe(composeShop());

    await writeFile(file, 'type Query {');
    const second = await startShopGateway({ source, lastGoodFile });
    expect((await second.post({ query: '{ crate(id: 1) { id } }' })).status).toBe(200);
    expect(await getJson(`${second.url}/ready`)).toMatchObject({
      status: 200,
      body: { ready: true, supergraphProblem: { message: expect.any(String) } },
    });
    await writeFile(file, composeShop('extend type Query { more: Int }'));
    await until(async () => (await getJson(`${second.url}/ready`)).body['supergraphProblem'] === null);
    expect((await second.post({ query: '{ __type(name: "Query") { fields { name } } }' })).body.data).toMatchObject({
      __type: { fields: expect.arrayContaining([{ name: 'more' }]) },
    });
    await second.stop();
  });

  it('that is not there yet is waited for', async () => {
    const file = join(folder, 'supergraph.graphql');
    const gateway = await startShopGateway({ source: { kind: 'file', file, pollMs: 10 } });
    expect(await gateway.post({ query: '{ crate(id: 1) { id } }' })).toMatchObject({ status: 503, code: 'NOT_READY' });
    expect((await getJson(`${gateway.url}/ready`)).status).toBe(503);
    await writeFile(file, composeShop());
    await until(async () => (await getJson(`${gateway.url}/ready`)).status === 200);
    expect((await gateway.post({ query: '{ crate(id: 1) { id } }' })).status).toBe(200);
    await gateway.stop();
  });

  it('that a request began with is the one it ends with', async () => {
    const file = join(folder, 'supergraph.graphql');
    await writeFile(file, composeShop());
    let release: () => void = () => undefined;
    const asked: string[] = [];
    const gateway = await startShopGateway({
      source: { kind: 'file', file, pollMs: 10 },
      fetcher: async ({ body }) => {
        asked.push(body);
        if (asked.length === 1) await new Promise<void>((resolve) => (release = resolve));
        return { kind: 'response', status: 200, text: '{"data":{"crate":{"id":"1"}}}' };
      },
    });
    const running = gateway.post({ query: '{ crate(id: 1) { id } }' });
    await until(async () => asked.length === 1);
    await writeFile(file, composeShop().replaceAll('crate(', 'box('));
    await until(async () => (await gateway.post({ query: '{ crate(id: 1) { id } }' })).code === 'GRAPHQL_VALIDATION_FAILED');
    release();
    expect((await running).body).toEqual({ data: { crate: { id: '1' } } });
    await gateway.stop();
  });
});

describe('the port', () => {
  const occupy = async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return { port: (server.address() as AddressInfo).port, close: () => new Promise((resolve) => server.close(resolve)) };
  };

  it('that was asked for and is taken ends the start with one line that says what to do', async () => {
    const taken = await occupy();
    await expect(startShopGateway({ port: taken.port })).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      message: `Port ${taken.port} is taken by another process. Stop that process, or set PORT to a free one.`,
    });
    await taken.close();
  });

  it('that nobody asked for moves to the next free one, said aloud', async () => {
    const taken = await occupy();
    const lines: string[] = [];
    const log = createLog({ service: 'gateway', stream: { write: (line) => lines.push(line) } });
    const gateway = await startShopGateway({ port: taken.port, mayMovePort: true, log });
    expect(gateway.port).toBeGreaterThan(taken.port);
    expect(lines.join('')).toContain(`port ${taken.port} is taken, listening on ${gateway.port}`);
    await Promise.all([gateway.stop(), taken.close()]);
  });
});
