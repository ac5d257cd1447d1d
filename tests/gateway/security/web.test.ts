/** What browsers can be made to send and may be told: the rules of the web, one by one, at every door that they concern. */
import { request as httpRequest } from 'node:http';
import { getIntrospectionQuery } from 'graphql';
import { defaultLimits } from '../../../gateway/pipeline/limits.ts';
import { startShopGateway } from '../kit.ts';
import { startGuardedHub } from './guarded-hub.ts';
import { requestDoors } from './request-doors.ts';

type Gateway = Awaited<ReturnType<typeof startShopGateway>>;
const APP = 'https://app.example';
const query = '{ echo(text: "a") }';
let production: Gateway;
let development: Gateway;
beforeAll(async () => {
  const options = { limits: { batch: 3 }, persistedQueries: true };
  production = await startShopGateway({ ...options, development: false, allowedOrigins: [APP], allowedHosts: ['hub.example'] });
  development = await startShopGateway(options);
});
afterAll(() => Promise.all([production.stop(), development.stop()]));

const gets = requestDoors.filter(({ method }) => method === 'GET');
const posts = requestDoors.filter(({ method }) => method === 'POST');
const asked = () => production.shop.bodies.length;

describe('F1 requests that another site makes a browser send', () => {
  it.each(gets)('F1 are refused by $name when they come from another site, or name an origin that is not allowed', async ({ ask }) => {
    const before = asked();
    for (const headers of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: `${APP}.evil` },
      { origin: 'http://app.example' },
      { origin: `${APP}:8443` },
      { origin: APP.toUpperCase() },
    ]) {
      const { status, code } = await ask(production.graphqlUrl, { query }, headers);
      expect([headers, status, code]).toEqual([headers, 400, 'CSRF_PREVENTED']);
    }
    expect(asked()).toBe(before);
    for (const headers of [
      { 'sec-fetch-site': 'same-origin' },
      { 'sec-fetch-site': 'none' },
      { origin: APP, 'sec-fetch-site': 'cross-site' },
    ])
      expect((await ask(production.graphqlUrl, { query }, headers)).body.data).toEqual({ echo: 'a' });
  });

  it.each(gets)('F1 write nothing by $name', async ({ ask }) => {
    const before = production.shop.mutations();
    const { status, code } = await ask(production.graphqlUrl, { query: 'mutation { rename(id: 1, name: "x") { id } }' });
    expect([status, code, production.shop.mutations()]).toEqual([405, 'METHOD_NOT_ALLOWED', before]);
  });

  it.each(gets)('F1 are refused by $name with a content type that is no JSON', async ({ ask }) => {
    for (const type of [
      'text/plain',
      'message/rfc822',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/json; charset=utf-16',
    ])
      expect([type, (await ask(production.graphqlUrl, { query }, { 'content-type': type })).status]).toEqual([type, 415]);
  });

  it.each(posts)(
    'F1 are refused by $name with a content type that needs no preflight, and with an origin that is not allowed',
    async ({ ask }) => {
      const before = asked();
      for (const type of [
        'text/plain',
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=x',
        'application/graphql',
        'application/json; charset=utf-7',
        'application/jsonp',
        '',
      ])
        expect([type, (await ask(production.graphqlUrl, { query }, { 'content-type': type })).status]).toEqual([type, 415]);
      for (const origin of ['https://evil.example', 'null', `${APP}.evil`])
        expect([origin, (await ask(production.graphqlUrl, { query }, { origin })).code]).toEqual([origin, 'CSRF_PREVENTED']);
      expect(asked()).toBe(before);
      expect((await ask(production.graphqlUrl, { query }, { origin: APP })).body.data).toEqual({ echo: 'a' });
    },
  );

  it('F1 in an array are refused by default', async () => {
    const own = await startShopGateway();
    expect([(await own.post([{ query }])).code, own.shop.bodies.length]).toEqual(['BAD_REQUEST', 0]);
    await own.stop();
  });

  it.each(requestDoors)('F1 get nothing for a cookie by $name: only the header of the token counts', async ({ ask }) => {
    const sdl = 'type Query { open: String secret: String @authenticated }';
    const hub = await startGuardedHub(
      { mills: { sdl, resolvers: { Query: { open: () => 'open', secret: () => 'word' } } } },
      { persistedQueries: true, limits: { ...defaultLimits, batch: 3 } },
    );
    const { authorization = '' } = await hub.authorization([]);
    const both = { query: '{ open secret }' };
    expect((await ask(hub.graphqlUrl, both, { authorization })).body.data).toEqual({ open: 'open', secret: 'word' });
    const cookie = `token=${authorization}; authorization=${authorization}; Authorization=${encodeURIComponent(authorization)}`;
    expect((await ask(hub.graphqlUrl, both, { cookie })).body.data).toEqual({ open: 'open', secret: null });
    await hub.stop();
  });

  it.each(['POST', 'GET'])('F1 by %s reach a name of ours only (DNS rebinding)', async (method) => {
    const send = (host: string) =>
      new Promise((resolve, reject) => {
        const path = `/graphql?query=${encodeURIComponent(query)}`;
        const headers = { host, accept: 'application/json', 'content-type': 'application/json' };
        const request = httpRequest({ port: production.port, host: '127.0.0.1', method, path, headers }, (response) => {
          response.resume();
          resolve(response.statusCode);
        });
        request.on('error', reject);
        request.end(method === 'POST' ? JSON.stringify({ query }) : undefined);
      });
    for (const host of ['rebound.example', 'localhost.rebound.example', 'hub.example.evil', '169.254.169.254'])
      expect([host, await send(host)]).toEqual([host, 421]);
    for (const host of ['hub.example', 'HUB.example:443', 'localhost', `127.0.0.1:${production.port}`])
      expect([host, await send(host)]).toEqual([host, 200]);
  });
});

describe('F2 pages of other origins', () => {
  it.each(requestDoors)('F2 read answers by $name from exact origins only, never with credentials', async ({ ask }) => {
    const allowed = await ask(production.graphqlUrl, { query }, { origin: APP });
    expect([allowed.headers.get('access-control-allow-origin'), allowed.headers.get('vary')]).toEqual([APP, 'origin']);
    const others = await Promise.all(
      ['https://evil.example', 'null', `${APP}.evil`, `https://x.${APP.slice(8)}`].map((origin) =>
        ask(production.graphqlUrl, { query }, { origin }),
      ),
    );
    for (const { headers } of [allowed, ...others]) expect(headers.get('access-control-allow-credentials')).toBeNull();
    for (const { headers } of others) expect(headers.get('access-control-allow-origin')).toBeNull();
    expect((await ask(production.graphqlUrl, { query })).headers.get('access-control-allow-origin')).toBeNull();
  });

  it('F2 may ask beforehand: GET and POST with the headers that are needed, from exact origins only', async () => {
    const preflight = (origin: string) =>
      fetch(production.graphqlUrl, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } });
    const { status, headers } = await preflight(APP);
    expect([status, headers.get('access-control-allow-origin'), headers.get('access-control-allow-methods')]).toEqual([
      204,
      APP,
      'GET, POST',
    ]);
    expect(headers.get('access-control-allow-headers')).not.toContain('*');
    for (const origin of ['https://evil.example', 'null']) {
      const refused = await preflight(origin);
      expect([origin, refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([origin, 400, null]);
    }
  });
});

const mistakes = [
  { query: '{ crat(id: 1) { id } }' },
  { query: '{ crate(id: 1) { nam } }' },
  { query: '{ crate(idd: 1) { id } }' },
  { query: '{ crates(kind: WOOOD) { id } }' },
  { query: 'query ($k: Kin) { crates(kind: $k) { id } }' },
  { query: '{ echo(list: [{ valu: "a" }]) }' },
  { query: '{ ... on Crat { id } }' },
  { query: 'query ($k: Kind) { crates(kind: $k) { id } }', variables: { k: 'WOOOD' } },
  { query: 'query ($l: [Nested!]) { echo(list: $l) }', variables: { l: [{ valu: 'a' }] } },
];

describe('F5 errors', () => {
  it.each(requestDoors)('F5 suggest no names by $name in production; in development they do', async ({ ask }) => {
    for (const mistake of mistakes) {
      const told = JSON.stringify((await ask(production.graphqlUrl, mistake)).body);
      expect([mistake, told.includes('"errors"'), told.includes('Did you mean')]).toEqual([mistake, true, false]);
      expect(JSON.stringify((await ask(development.graphqlUrl, mistake)).body)).toContain('Did you mean');
    }
  });

  it.each(requestDoors)('F5 name no file, no address and no line of code by $name', async ({ ask }) => {
    const unreachable = await startShopGateway({ overHttp: true, development: false, limits: { batch: 3 }, persistedQueries: true });
    for (const params of [{ query: '{ crate(id: 1) { id } }' }, { query: '{ echo(' }, { query: '{ nothing }' }, { query: '{'.repeat(500) }])
      expect(JSON.stringify((await ask(unreachable.graphqlUrl, params)).body)).not.toMatch(
        /\bat \S+:\d|\.ts\b|\.js\b|node_modules|127\.0\.0\.1|ECONN|http:/,
      );
    await unreachable.stop();
  });
});

describe('F6 introspection', () => {
  const dresses = [
    getIntrospectionQuery(),
    '{ __schema { queryType { name } } }',
    '{ a: __schema { queryType { name } } }',
    '{ a: __type(name: "Crate") { name } }',
    '{ ...F } fragment F on Query { ... { x: __schema { queryType { name } } } }',
    'query ($is: Boolean = true) { __schema @include(if: $is) { queryType { name } } }',
    '{ ... @skip(if: true) { __schema { queryType { name } } } echo }',
  ];

  it.each(requestDoors)(
    'F6 is off by $name in production, however it is dressed; __typename is not; in development it is on',
    async ({ ask }) => {
      for (const dress of dresses) {
        const { code, body } = await ask(production.graphqlUrl, { query: dress });
        expect([dress, code, body.data]).toEqual([dress, 'INTROSPECTION_DISABLED', undefined]);
      }
      expect((await ask(production.graphqlUrl, { query: '{ t: __typename }' })).body.data).toEqual({ t: 'Query' });
      expect((await ask(development.graphqlUrl, { query: '{ a: __type(name: "Crate") { name } }' })).body.data).toEqual({
        a: { name: 'Crate' },
      });
    },
  );
});

describe('F7 headers', () => {
  const careful = {
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
  };
  const carefulOf = (headers: Headers) => Object.fromEntries(Object.keys(careful).map((name) => [name, headers.get(name)]));
  const shut = "default-src 'none'; frame-ancestors 'none'";

  it.each(requestDoors)('F7 keep browsers careful with answers and refusals by $name', async ({ ask }) => {
    for (const params of [{ query }, { query: '{ nothing }' }, { query: '{' }]) {
      const { headers } = await ask(production.graphqlUrl, params);
      expect([carefulOf(headers), headers.get('content-security-policy')]).toEqual([careful, shut]);
    }
  });

  it.each(['/graphql', '/health', '/ready', '/metrics', '/nothing', '/graphql/assets/page.js'])(
    'F7 keep browsers careful with %s',
    async (path) => {
      const { headers } = await fetch(`${production.url}${path}`);
      expect([carefulOf(headers), headers.get('content-security-policy')]).toEqual([careful, shut]);
    },
  );

  it('F7 of the console let in files of ours alone: no frame, no inline script, no other host, no form', async () => {
    const response = await fetch(development.graphqlUrl, { headers: { accept: 'text/html' } });
    expect([response.status, carefulOf(response.headers)]).toEqual([200, careful]);
    const policy = response.headers.get('content-security-policy') ?? '';
    const parts = new Map(policy.split('; ').map((part) => [part.slice(0, part.indexOf(' ')), part.slice(part.indexOf(' ') + 1)]));
    expect(Object.fromEntries(parts)).toMatchObject({
      'default-src': "'none'",
      'script-src': "'self'",
      'connect-src': "'self'",
      'base-uri': "'none'",
      'form-action': "'none'",
      'frame-ancestors': "'none'",
    });
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    expect([response.headers.get('cache-control'), response.headers.get('access-control-allow-origin')]).toEqual(['no-store', null]);
  });
});
