/** What must not be learnt or passed off: inner words of subgraphs, rights of others, and names that a client gives itself. */
import { decodeJwt } from 'jose';
import { buildClientSchema, getIntrospectionQuery, type IntrospectionQuery } from 'graphql';
import { createShop, startShopGateway, type GraphqlBody } from '../kit.ts';
import { toHash } from '../../../gateway/pipeline/documents/trusted-documents.ts';
import { errorsOf, startGuardedHub } from './guarded-hub.ts';

type Row = Record<string, unknown>;
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});
async function start(...given: Parameters<typeof startGuardedHub>) {
  const hub = await startGuardedHub(...given);
  stops.push(() => hub.stop());
  return hub;
}

const graphs = {
  mills: {
    sdl: `type Query { mill: Mill open: String hidden: Vault @policy(policies: [["owners-of-vaults"]]) }
      type Mill @key(fields: "id") { id: ID! name: String secret: Int @requiresScopes(scopes: [["secret-scope"]]) }
      type Vault { gold: Int kind: VaultKind } enum VaultKind { DEEP }`,
    resolvers: {
      Query: { mill: () => ({ id: 'm1', name: 'North', secret: 42 }), open: () => 'open' },
      Mill: { __resolveReference: (row: Row) => ({ ...row, name: 'North', secret: 42 }) },
    },
  },
  ratings: {
    sdl: 'type Mill @key(fields: "id") { id: ID! stars: Int }',
    resolvers: { Mill: { __resolveReference: (row: Row) => row, stars: () => 4 } },
  },
};

describe('errors', () => {
  it('F5 of subgraphs come with message, place, code and the name of the subgraph, and with nothing else', async () => {
    const inner = {
      message: 'No crate',
      path: ['crate'],
      locations: [{ line: 7, column: 9 }],
      secret: 'word',
      extensions: {
        code: 'NO_CRATE',
        stacktrace: ['Error: No crate', '    at /srv/mill/crate.js:7:9'],
        exception: { sql: 'SELECT word FROM crates' },
        serviceUrl: 'http://10.0.0.7:4001/graphql',
        http: { status: 500, headers: { 'x-secret': 'word' } },
      },
    };
    const hub = await startShopGateway({
      fetcher: async () => ({
        kind: 'response',
        status: 200,
        text: JSON.stringify({ data: { crate: null }, errors: [inner], extensions: inner }),
      }),
    });
    stops.push(() => hub.stop());
    const { body } = await hub.post({ query: '{ crate(id: "1") { name } }' });
    expect(body).toEqual({
      data: { crate: null },
      errors: [{ message: 'No crate', path: ['crate'], extensions: { code: 'NO_CRATE', service: 'shop' } }],
    });
  });

  it('F5 of a subgraph that cannot be reached name no address', async () => {
    const hub = await startShopGateway({ overHttp: true, development: false });
    stops.push(() => hub.stop());
    const { body } = await hub.post({ query: '{ crate(id: "1") { name } }' });
    expect(body.errors?.[0]?.extensions.code).toBe('SUBGRAPH_UNREACHABLE');
    expect(JSON.stringify(body)).not.toMatch(/127\.0\.0\.1|ECONN|http|\bat \//);
  });

  it('A6 of a denied place say nothing of what is demanded, and of places within it nothing at all', async () => {
    const hub = await start(graphs);
    const body = await hub.post('{ hidden { gold kind } mill { secret stars } }');
    expect([body.data, errorsOf(body)]).toEqual([
      { hidden: null, mill: { secret: null, stars: 4 } },
      { hidden: 'FORBIDDEN', 'mill.secret': 'FORBIDDEN' },
    ]);
    expect(body.errors?.map(({ extensions }) => Object.keys(extensions))).toEqual([['code'], ['code']]);
    expect(JSON.stringify(body)).not.toMatch(/scope|polic|owners|gold|mills/);
  });
});

describe('rights of others', () => {
  it('are not found out by introspection: what is denied, what only it uses, and the demands themselves are not there', async () => {
    const hub = await start(graphs);
    const body = await hub.post(getIntrospectionQuery({ descriptions: true, schemaDescription: true }));
    const text = JSON.stringify(body);
    expect(text).toContain('"stars"');
    expect(text).not.toMatch(/secret|hidden|Vault|DEEP|scope|polic|_entities|_service|join__|link__|_Any/i);
    // Tools can work with what is left
    const schema = buildClientSchema(body.data as unknown as IntrospectionQuery); // that is what was asked for
    expect(Object.keys(schema.getQueryType()?.getFields() ?? {})).toEqual(['mill', 'open']);
    for (const name of ['Vault', 'VaultKind', '_Any', '_Entity'])
      expect((await hub.post(`{ a: __type(name: "${name}") { name } b: __schema { types { n: name } } }`)).data?.['a']).toBeNull();
  });

  it('do not depend on who asked before: neither plans, nor kept documents, nor introspection pass from one to the other', async () => {
    const hub = await start(graphs, { persistedQueries: true, sharesRequests: true });
    const query = 'query Q($yes: Boolean = true) { mill { secret @include(if: $yes) stars } __type(name: "Mill") { fields { name } } }';
    const seen = new Map<string, Set<string>>();
    const scopes = [['secret-scope'], [], null, ['other'], ['secret-scope', 'other']] as const;
    const asked = Array.from({ length: 60 }, async (_, index) => {
      const own = scopes[index % scopes.length] ?? null;
      const extensions = { persistedQuery: { version: 1, sha256Hash: toHash(query) } };
      const { body } = await askAs(hub, own, { query, extensions });
      const may = own !== null && own.some((scope) => scope === 'secret-scope');
      seen.set(String(may), (seen.get(String(may)) ?? new Set()).add(JSON.stringify(body.data)));
    });
    await Promise.all(asked);
    const fields = (...names: string[]) => ({ fields: names.map((name) => ({ name })) });
    expect([...(seen.get('true') ?? [])].map((text) => JSON.parse(text))).toEqual([
      { mill: { secret: 42, stars: 4 }, __type: fields('id', 'name', 'secret', 'stars') },
    ]);
    expect([...(seen.get('false') ?? [])].map((text) => JSON.parse(text))).toEqual([
      { mill: { secret: null, stars: 4 }, __type: fields('id', 'name', 'stars') },
    ]);
  });

  it('do not pass through a plan whose text looks like that of another', async () => {
    const hub = await start(graphs);
    const [all, none] = [['secret-scope'], []];
    const pairs = [
      ['query A { mill { secret } } query B { mill { name } }', 'query B { mill { secret } } query A { mill { name } }'],
      ['{ mill { secret: name name: secret } }', '{ mill { secret name } }'],
      ['{ mill { name\n#}\n secret } }', '{ mill { name #\n } }'],
    ] as const;
    for (const pair of pairs) {
      for (const query of [...pair, ...pair.toReversed()]) {
        for (const operationName of query.includes('query') ? ['A', 'B'] : [undefined]) {
          await askAs(hub, all, { query, operationName });
          const { body } = await askAs(hub, none, { query, operationName });
          expect([query, JSON.stringify(body)]).toEqual([query, expect.not.stringContaining('42')]);
        }
      }
    }
  });
});

describe('C4 fields of the federation', () => {
  it('C4 are not in the public schema: nobody asks a subgraph past the planner', async () => {
    const hub = await start(graphs);
    for (const query of [
      '{ _service { sdl } }',
      '{ _entities(representations: [{ __typename: "Mill", id: "m1" }]) { ... on Mill { secret } } }',
      'query ($r: [_Any!]!) { _entities(representations: $r) { __typename } }',
      '{ a: _service { b: sdl } }',
      'fragment F on _Entity { __typename } { open ...F }',
    ]) {
      const { errors } = await hub.post(query, ['secret-scope']);
      expect([query, errors?.[0]?.extensions.code, hub.sent]).toEqual([query, 'GRAPHQL_VALIDATION_FAILED', []]);
    }
  });
});

describe('C3 names that a client gives itself', () => {
  it('C3 reach no subgraph: what says who asks is made here, whatever headers come', async () => {
    const hub = await start(graphs, { forwardHeaders: { mills: ['x-tenant'] } });
    const claimed = await hub.signAs('mem_king');
    const spoofed = {
      'ir-principal': claimed,
      'IR-Tenant': 'king',
      'x-ir-principal': claimed,
      'ir-principal ': 'x',
      'x-forwarded-user': 'king',
      'x-member': 'king',
      forwarded: 'for=king',
      'x-tenant': 'mine',
      traceparent: '00-x',
    };
    const entries = Object.entries(spoofed).filter(([name]) => name.trim() === name);
    const { body } = await askAs(hub, [], { query: '{ mill { name stars } }' }, Object.fromEntries(entries));
    expect(body.data).toEqual({ mill: { name: 'North', stars: 4 } });
    expect(hub.sent.map(({ graph, headers }) => [graph, Object.keys(headers).toSorted()])).toEqual([
      ['mills', ['ir-principal', 'x-request-id', 'x-tenant']],
      ['ratings', ['ir-principal', 'x-request-id']],
    ]);
    for (const { graph, headers } of hub.sent) {
      const told = decodeJwt(headers['ir-principal'] ?? '');
      expect([told.sub, told.aud, told['scope']]).toEqual(['mem_1', graph, '']);
    }
  });

  it('C3 a token for subgraphs is none for the gateway, and the other way round', async () => {
    const hub = await start(graphs);
    const { status } = await rawAsk(hub.graphqlUrl, { authorization: `Bearer ${await hub.signAs('mem_1')}` });
    expect([status, hub.sent]).toEqual([401, []]);
  });

  it.each([
    ['of another kind', 'Basic bWVtXzE6eA=='],
    ['twice in one', 'Bearer a, Bearer b'],
    ['with nothing', 'Bearer '],
    ['in five parts', `Bearer ${['a', 'b', 'c', 'd', 'e'].join('.')}`],
    ['of 10,000 characters', `Bearer ${'a'.repeat(10_000)}`],
    ['whose payload is no object', `Bearer e30.${Buffer.from('[]').toString('base64url')}.x`],
    ['whose issuer is what every object has', `Bearer e30.${Buffer.from('{"iss":"constructor"}').toString('base64url')}.x`],
    ['whose issuer is a list', `Bearer e30.${Buffer.from('{"iss":["urn:industry-router:hub"]}').toString('base64url')}.x`],
  ])('C3 a token %s makes nobody a visitor: 401, and nothing is asked', async (_, authorization) => {
    const hub = await start(graphs);
    const { status, text } = await rawAsk(hub.graphqlUrl, { authorization });
    expect([status, hub.sent]).toEqual([401, []]);
    expect(text).not.toMatch(/jose|JWS|stack|\bat \//);
  });
});

it('a hook of forwarding finds headers of the client only, whatever it asks for', async () => {
  const shop = createShop();
  const headers: unknown[] = [];
  const hub = await startShopGateway({
    forwardHeaders: { shop: ['constructor', '__proto__', 'tostring', 'accept-language'] },
    fetcher: (request) => {
      headers.push(request.headers);
      return shop.fetcher(request);
    },
  });
  stops.push(() => hub.stop());
  const { body } = await hub.post({ query: '{ crate(id: "1") { id } }' }, { 'accept-language': 'de' });
  expect([body.data, headers]).toEqual([{ crate: { id: '1' } }, [{ 'accept-language': 'de', 'x-request-id': expect.any(String) }]]);
});

type Hub = Awaited<ReturnType<typeof startGuardedHub>>;

async function askAs(hub: Hub, scopes: readonly string[] | null, params: Row, headers: Record<string, string> = {}) {
  hub.sent.length = 0;
  const response = await fetch(hub.graphqlUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(await hub.authorization(scopes)), ...headers },
    body: JSON.stringify(params),
  });
  // Every answer of the gateway is a JSON object
  return { status: response.status, body: (await response.json()) as GraphqlBody };
}

async function rawAsk(url: string, headers: Record<string, string>) {
  const init = { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: '{"query":"{ open }"}' };
  const response = await fetch(url, init);
  return { status: response.status, text: await response.text() };
}
