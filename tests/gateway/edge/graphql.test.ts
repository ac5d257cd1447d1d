import { request as httpRequest } from 'node:http';
import { getIntrospectionQuery } from 'graphql';
import { defaultLimits, type Limits } from '../../../gateway/pipeline/limits.ts';
import { startShopGateway } from '../kit.ts';

type Gateway = Awaited<ReturnType<typeof startShopGateway>>;
let gateway: Gateway;
let production: Gateway;
beforeAll(async () => {
  gateway = await startShopGateway({ limits: { requestMs: 300 } });
  production = await startShopGateway({ development: false });
});
afterAll(() => Promise.all([gateway.stop(), production.stop()]));

const repeat = (count: number, of: (index: number) => string) => Array.from({ length: count }, (_, index) => of(index)).join(' ');
const inside = (levels: number) => `{ crate(id: 1) ${'{ inside '.repeat(levels - 2)}{ id }${' }'.repeat(levels - 2)} }`;

describe('an operation', () => {
  it('is answered from the subgraph, its keys in the order of the operation', async () => {
    const { status, body, headers } = await gateway.post({ query: '{ b: crate(id: 2) { name id } a: crate(id: 1) { id } }' });
    expect([status, headers.get('content-type')]).toEqual([200, 'application/graphql-response+json; charset=utf-8']);
    expect(JSON.stringify(body)).toBe('{"data":{"b":{"name":"crate 2","id":"2"},"a":{"id":"1"}}}');
  });

  it('may be sent by GET when it reads, never when it writes', async () => {
    const get = (query: string) =>
      fetch(`${gateway.graphqlUrl}?${new URLSearchParams({ query }).toString()}`, { headers: { accept: 'application/json' } });
    expect(await (await get('{ crate(id: 1) { id } }')).json()).toEqual({ data: { crate: { id: '1' } } });
    const before = gateway.shop.mutations();
    const refused = await get('mutation { rename(id: 1, name: "x") { id } }');
    expect([refused.status, gateway.shop.mutations()]).toEqual([405, before]);
  });

  it('that is chosen by name is the one that runs', async () => {
    const query = 'query A { crate(id: 1) { id } } query B { crate(id: 2) { id } }';
    expect((await gateway.post({ query, operationName: 'B' })).body.data).toEqual({ crate: { id: '2' } });
    expect((await gateway.post({ query, operationName: 'A' })).body.data).toEqual({ crate: { id: '1' } });
    expect((await gateway.post({ query })).code).toBe('OPERATION_NOT_FOUND');
    expect((await gateway.post({ query, operationName: 'C' })).code).toBe('OPERATION_NOT_FOUND');
    for (const operationName of ['__proto__', 'constructor', 'toString'])
      expect((await gateway.post({ query, operationName })).code).toBe('OPERATION_NOT_FOUND');
  });

  it('may use any name that GraphQL allows as an alias or a variable', async () => {
    const query = `query ($toString: ID!, $_r0: String, $constructor: [Nested!], $__proto__: String = "p") {
      __proto__: crate(id: $toString) { id constructor: name then: id _entities: name _1: id __proto__: name toJSON: name length: id }
      then: __typename
      _service: echo(text: $_r0, list: $constructor)
      _q0: echo(text: $__proto__)
      toJSON: echo
    }`;
    const { body } = await gateway.post({ query, variables: { toString: '1', _r0: 'r', constructor: [{ value: 'v' }] } });
    const name = 'crate 1';
    // As text: an object literal would take __proto__ for its prototype.
    const crate = `{"id":"1","constructor":"${name}","then":"1","_entities":"${name}","_1":"1","__proto__":"${name}","toJSON":"${name}","length":"1"}`;
    expect(JSON.stringify(body)).toBe(`{"data":{"__proto__":${crate},"then":"Query","_service":"r","_q0":"p","toJSON":null}}`);
  });

  it('is shaped by the variables of its own request, however many run at once', async () => {
    const query = 'query ($text: String, $is: Boolean! = true) { echo(text: $text) name: __typename @include(if: $is) }';
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        gateway.post({ query, variables: { text: String(index), ...(index % 3 === 0 ? {} : { is: index % 3 === 1 }) } }),
      ),
    );
    expect(answers.map(({ body }) => body.data)).toEqual(
      answers.map((_, index) => ({ echo: String(index), ...(index % 3 === 2 ? {} : { name: 'Query' }) })),
    );
  });

  it('is refused when null decides about a field', async () => {
    for (const directive of ['skip', 'include']) {
      const query = `query ($is: Boolean = true) { echo @${directive}(if: $is) __typename }`;
      expect(await gateway.post({ query, variables: { is: null } })).toMatchObject({ status: 400, code: 'BAD_USER_INPUT' });
      expect((await gateway.post({ query })).body.data).toEqual({ ...(directive === 'skip' ? {} : { echo: null }), __typename: 'Query' });
    }
  });

  it('that a field fails keeps its other fields, with path and code and nothing of the inside', async () => {
    const { status, body } = await gateway.post({ query: '{ broken crate(id: 1) { id } }' });
    expect([status, body.data]).toEqual([200, { broken: null, crate: { id: '1' } }]);
    expect(body.errors).toEqual([expect.objectContaining({ path: ['broken'], extensions: expect.objectContaining({ service: 'shop' }) })]);
  });

  it('that takes longer than it may is ended', async () => {
    const startedAt = performance.now();
    const { status, code, limit } = await gateway.post({ query: '{ slow }' });
    expect([status, code, limit]).toEqual([504, 'REQUEST_TIMEOUT', 'requestMs']);
    expect(performance.now() - startedAt).toBeLessThan(900);
  });

  it('ends when its client goes away', async () => {
    const own = await startShopGateway();
    const gone = new Promise<void>((resolve) => {
      const request = httpRequest(own.graphqlUrl, { method: 'POST', headers: { 'content-type': 'application/json' } });
      request.on('error', () => resolve());
      request.end(JSON.stringify({ query: '{ slow }' }));
      setTimeout(() => request.destroy(), 50);
    });
    await gone;
    const startedAt = performance.now();
    await own.stop();
    expect(performance.now() - startedAt).toBeLessThan(900);
  });
});

describe('each limit takes what is at it and refuses one more', () => {
  const cases: [keyof Limits, { limits?: Partial<Limits>; fits: object; exceeds: object }][] = [
    ['depth', { fits: { query: inside(defaultLimits.depth) }, exceeds: { query: inside(defaultLimits.depth + 1) } }],
    [
      'aliases',
      {
        limits: { rootFields: 200 },
        fits: { query: `{ ${repeat(100, (i) => `a${i}: echo`)} }` },
        exceeds: { query: `{ ${repeat(101, (i) => `a${i}: echo`)} }` },
      },
    ],
    [
      'rootFields',
      { fits: { query: `{ ${repeat(30, (i) => `a${i}: echo`)} }` }, exceeds: { query: `{ ${repeat(31, (i) => `a${i}: echo`)} }` } },
    ],
    [
      'directives',
      {
        limits: { rootFields: 200 },
        fits: { query: `{ echo ${repeat(100, () => '... @skip(if: false) { echo }')} }` },
        exceeds: { query: `{ echo ${repeat(101, () => '... @skip(if: false) { echo }')} }` },
      },
    ],
    [
      'tokens',
      {
        limits: { tokens: 12 },
        fits: { query: '{ echo echo echo echo echo echo echo echo echo echo }' },
        exceeds: { query: '{ echo echo echo echo echo echo echo echo echo echo echo }' },
      },
    ],
    [
      'nesting',
      {
        limits: { nesting: 6 },
        fits: { query: '{ echo(list: [{ inner: [{ value: "a" }] }]) }' },
        exceeds: { query: '{ echo(list: [{ inner: [{ inner: [] }] }]) }' },
      },
    ],
    [
      'fields',
      {
        limits: { fields: 100 },
        fits: { query: `{ crate(id: 1) { ${repeat(99, () => 'id')} } }` },
        exceeds: { query: `{ crate(id: 1) { ${repeat(100, () => 'id')} } }` },
      },
    ],
    [
      'overlaps',
      {
        limits: { overlaps: 45 },
        fits: { query: `{ crate(id: 1) { ${repeat(10, () => 'id')} } }` },
        exceeds: { query: `{ crate(id: 1) { ${repeat(11, () => 'id')} } }` },
      },
    ],
    ['pageSize', { fits: { query: '{ crates(first: 200) { id } }' }, exceeds: { query: '{ crates(first: 201) { id } }' } }],
    [
      'pageSize',
      {
        fits: { query: 'query ($n: Int) { crates(first: $n) { id } }', variables: { n: 200 } },
        exceeds: { query: 'query ($n: Int) { crates(first: $n) { id } }', variables: { n: 201 } },
      },
    ],
    [
      'pageSize',
      {
        fits: { query: 'query ($n: Int = 200) { crates(first: $n) { id } }' },
        exceeds: { query: 'query ($n: Int = 201) { crates(first: $n) { id } }' },
      },
    ],
    [
      'variablesBytes',
      {
        limits: { variablesBytes: 64 },
        fits: { query: 'query ($t: String) { echo(text: $t) }', variables: { t: 'x'.repeat(56) } },
        exceeds: { query: 'query ($t: String) { echo(text: $t) }', variables: { t: 'x'.repeat(57) } },
      },
    ],
    [
      'variablesDepth',
      {
        fits: { query: 'query ($l: [Nested!]) { echo(list: $l) }', variables: { l: [deep(30)] } },
        exceeds: { query: 'query ($l: [Nested!]) { echo(list: $l) }', variables: { l: [deep(31)] } },
      },
    ],
  ];

  /** An input object with this many levels. */
  function deep(levels: number): unknown {
    return levels === 1 ? {} : { inner: levels === 2 ? [] : [deep(levels - 2)] };
  }

  it.each(cases)('%s (%#)', async (limit, { limits = {}, fits, exceeds }) => {
    const own = await startShopGateway({ limits });
    try {
      const passed = await own.post(fits);
      expect([passed.status, passed.code]).toEqual([200, undefined]);
      const asked = own.shop.bodies.length;
      const refused = await own.post(exceeds);
      expect([refused.status, refused.code, refused.limit]).toEqual([400, 'LIMIT_EXCEEDED', limit]);
      expect(own.shop.bodies).toHaveLength(asked);
    } finally {
      await own.stop();
    }
  });
});

describe('bad input', () => {
  const bomb = `{ ...F0 } ${repeat(30, (i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`)} fragment F30 on Query { echo }`;
  it.each<[string, unknown, number, string]>([
    ['nothing', '', 400, 'BAD_REQUEST'],
    ['JSON cut off', '{"query":"{ echo }"', 400, 'BAD_REQUEST'],
    ['a key twice', '{"query":"{ echo }","query":"{ echo }"}', 400, 'BAD_REQUEST'],
    ['NaN', '{"query":"{ echo }","variables":{"a":NaN}}', 400, 'BAD_REQUEST'],
    ['1e999', '{"query":"{ echo }","variables":{"a":1e999}}', 400, 'BAD_REQUEST'],
    ['a lone surrogate', '{"query":"{ echo }","variables":{"a":"\\ud800"}}', 400, 'BAD_REQUEST'],
    ['__proto__ as a variable', '{"query":"{ echo }","variables":{"__proto__":{"x":1}}}', 400, 'BAD_REQUEST'],
    ['a batch of one', [{ query: '{ echo }' }], 400, 'BAD_REQUEST'],
    ['a batch of ten thousand', Array.from({ length: 10_000 }, () => ({ query: '{ echo }' })), 400, 'BAD_REQUEST'],
    ['batches in a batch', [[[{ query: '{ echo }' }]]], 400, 'BAD_REQUEST'],
    ['a number', 1, 400, 'BAD_REQUEST'],
    ['null', 'null', 400, 'BAD_REQUEST'],
    ['query: a number', { query: 1 }, 400, 'BAD_REQUEST'],
    ['query: an array', { query: ['{ echo }'] }, 400, 'BAD_REQUEST'],
    ['query: an object', { query: {} }, 400, 'BAD_REQUEST'],
    ['query: null', { query: null }, 400, 'BAD_REQUEST'],
    ['query: spaces', { query: '  ' }, 400, 'BAD_REQUEST'],
    ['variables: an array', { query: '{ echo }', variables: [] }, 400, 'BAD_REQUEST'],
    ['extensions: text', { query: '{ echo }', extensions: 'x' }, 400, 'BAD_REQUEST'],
    ['a hash that is none', { extensions: { persistedQuery: { version: 1, sha256Hash: 'abc' } } }, 400, 'BAD_REQUEST'],
    [
      'a hash where none are taken',
      { extensions: { persistedQuery: { version: 1, sha256Hash: 'ab'.repeat(32) } } },
      200,
      'PERSISTED_QUERY_NOT_SUPPORTED',
    ],
    ['10,000 aliases', { query: `{ ${repeat(3_300, (i) => `a${i}: echo`)} }` }, 400, 'LIMIT_EXCEEDED'],
    ['3,000 directives', { query: `{ echo ${'@include(if: true) '.repeat(1_000)} }` }, 400, 'LIMIT_EXCEEDED'],
    ['500,000 tokens', { query: `{ ${'a '.repeat(500_000)} }` }, 400, 'LIMIT_EXCEEDED'],
    ['20,000 selections inside each other', { query: '{a'.repeat(20_000) }, 400, 'LIMIT_EXCEEDED'],
    ['20,000 lists inside each other', { query: `{ echo(text: ${'['.repeat(20_000)}` }, 400, 'LIMIT_EXCEEDED'],
    ['20,000 types inside each other', { query: `query ($a: ${'['.repeat(20_000)}` }, 400, 'LIMIT_EXCEEDED'],
    ['variables 20,000 deep', `{"query":"{ echo }","variables":{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}}`, 400, 'LIMIT_EXCEEDED'],
    ['a fragment bomb of 2^30', { query: bomb }, 400, 'LIMIT_EXCEEDED'],
    [
      'fragments in a circle',
      { query: '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }' },
      400,
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      '200 × 100 fragments that overlap',
      { query: `{ crate(id: 1) { ${repeat(200, () => `... { ${repeat(20, () => 'id')} }`)} } }` },
      400,
      'LIMIT_EXCEEDED',
    ],
    ['a fragment called __schema', { query: `{ ...__schema } fragment __schema on Query ${inside(40)}` }, 400, 'LIMIT_EXCEEDED'],
    ['an unknown field', { query: '{ nothing }' }, 400, 'GRAPHQL_VALIDATION_FAILED'],
    ['_entities', { query: '{ _entities(representations: []) { __typename } }' }, 400, 'GRAPHQL_VALIDATION_FAILED'],
    ['_service', { query: '{ _service { sdl } }' }, 400, 'GRAPHQL_VALIDATION_FAILED'],
    ['not GraphQL', { query: '{ echo(' }, 400, 'GRAPHQL_PARSE_FAILED'],
    ['a document without an operation', { query: 'fragment A on Query { echo }' }, 400, 'GRAPHQL_VALIDATION_FAILED'],
    ['a definition of a type', { query: 'type A { b: Int } query { echo }' }, 400, 'GRAPHQL_VALIDATION_FAILED'],
    ['a huge integer', { query: '{ crates(first: 99999999999) { id } }' }, 400, 'GRAPHQL_VALIDATION_FAILED'],
    [
      'a huge integer as a variable',
      { query: 'query ($n: Int) { crates(first: $n) { id } }', variables: { n: 1e12 } },
      400,
      'BAD_USER_INPUT',
    ],
    ['enum junk', { query: 'query ($k: Kind) { crates(kind: $k) { id } }', variables: { k: '__proto__' } }, 400, 'BAD_USER_INPUT'],
    ['a missing variable', { query: 'query ($i: ID!) { crate(id: $i) { id } }' }, 400, 'BAD_USER_INPUT'],
  ])('%s is refused', async (_, params, status, code) => {
    const startedAt = performance.now();
    const asked = gateway.shop.bodies.length;
    const refused = await gateway.post(params);
    expect([refused.status, refused.code]).toEqual([status, code]);
    expect(refused.body).not.toHaveProperty('data');
    expect(gateway.shop.bodies).toHaveLength(asked);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });

  it.each<[string, object, unknown]>([
    [
      'aliases',
      { query: '{ __proto__: echo(text: "a") constructor: echo(text: "b") toString: echo(text: "c") then: echo }' },
      '{"__proto__":"a","constructor":"b","toString":"c","then":null}',
    ],
    ['a fragment', { query: '{ ...__proto__ } fragment __proto__ on Query { echo(text: "a") }' }, '{"echo":"a"}'],
    ['an operation', { query: 'query constructor { echo(text: "a") }', operationName: 'constructor' }, '{"echo":"a"}'],
    ['a variable', { query: 'query ($constructor: String) { echo(text: $constructor) }', variables: { constructor: 'a' } }, '{"echo":"a"}'],
  ])('%s may be called like what every object has', async (_, params, data) => {
    const { body } = await gateway.post(params);
    expect(JSON.stringify(body.data)).toBe(data);
    expect(({} as Record<string, unknown>)['a']).toBeUndefined();
  });
});

describe('content', () => {
  it.each([
    ['text/plain', 415],
    ['application/x-www-form-urlencoded', 415],
    ['multipart/form-data; boundary=x', 415],
    ['application/json; charset=utf-16', 415],
    ['application/json; charset=utf-7', 415],
    ['application/graphql', 415],
    ['application/json; charset=utf-8', 200],
  ])('of type %s by POST: %s', async (type, status) => {
    const response = await gateway.post({ query: '{ echo }' }, { 'content-type': type });
    expect(response.status).toBe(status);
  });

  it('of an odd type by GET is refused', async () => {
    const get = (headers: Record<string, string>) => fetch(`${gateway.graphqlUrl}?query={echo}`, { headers });
    expect((await get({})).status).toBe(200);
    expect((await get({ 'content-type': 'text/plain' })).status).toBe(415);
    expect((await get({ 'content-type': 'message/rfc822' })).status).toBe(415);
  });

  it('that nobody accepts is 406', async () => {
    expect((await gateway.post({ query: '{ echo }' }, { accept: 'image/png' })).status).toBe(406);
  });

  it('of a GET that names a parameter twice, or holds bad JSON, is refused', async () => {
    const get = (query: string) => fetch(`${gateway.graphqlUrl}?${query}`, { headers: { accept: 'application/json' } });
    expect((await get('query={echo}&query={broken}')).status).toBe(400);
    expect((await get('query={echo}&variables={')).status).toBe(400);
    expect((await get('query={echo}&variables={"a":1,"a":2}')).status).toBe(400);
    expect((await get('query={echo}&variables=')).status).toBe(200);
  });
});

describe('a page of another site', () => {
  const get = (headers: Record<string, string>) =>
    fetch(`${gateway.graphqlUrl}?query={echo}`, { headers: { accept: 'application/json', ...headers } });

  it('cannot make a browser run a query by GET', async () => {
    expect((await get({ 'sec-fetch-site': 'cross-site' })).status).toBe(400);
    expect((await get({ 'sec-fetch-site': 'same-site' })).status).toBe(400);
    expect((await get({ origin: 'https://evil.example' })).status).toBe(400);
    expect((await get({ 'sec-fetch-site': 'same-origin' })).status).toBe(200);
  });

  it('cannot send a POST, nor is it told that it may', async () => {
    const refused = await gateway.post({ query: '{ echo }' }, { origin: 'https://evil.example' });
    expect([refused.status, refused.code, refused.headers.get('access-control-allow-origin')]).toEqual([400, 'CSRF_PREVENTED', null]);
    const preflight = await fetch(gateway.graphqlUrl, {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    });
    expect([preflight.ok, preflight.headers.get('access-control-allow-origin')]).toEqual([false, null]);
  });

  it('may do both when its origin is allowed, and only that one is named', async () => {
    const own = await startShopGateway({ allowedOrigins: ['https://app.example'] });
    const origin = 'https://app.example';
    const preflight = await fetch(own.graphqlUrl, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } });
    expect([
      preflight.status,
      preflight.headers.get('access-control-allow-origin'),
      preflight.headers.get('access-control-allow-credentials'),
    ]).toEqual([204, origin, null]);
    const sent = await own.post({ query: '{ echo }' }, { origin });
    expect([sent.status, sent.headers.get('access-control-allow-origin'), sent.headers.get('vary')]).toEqual([200, origin, 'origin']);
    await own.stop();
  });
});

describe('in production', () => {
  it('introspection is off, however it is dressed', async () => {
    for (const query of [
      getIntrospectionQuery(),
      '{ __schema { types { name } } }',
      '{ a: __type(name: "Crate") { name } }',
      '{ ...F } fragment F on Query { ... { x: __schema { types { name } } } }',
      'query A { echo } query B { __schema { types { name } } }',
    ]) {
      const operationName = query.startsWith('query A') ? 'B' : undefined;
      expect((await production.post({ query, operationName })).code).toBe('INTROSPECTION_DISABLED');
    }
    expect((await production.post({ query: '{ __typename crate(id: 1) { __typename } }' })).body.data).toEqual({
      __typename: 'Query',
      crate: { __typename: 'Crate' },
    });
    expect((await gateway.post({ query: getIntrospectionQuery() })).body.data).toHaveProperty('__schema');
  });

  it('errors do not suggest names; in development they do', async () => {
    const mistakes = [
      { query: '{ crat(id: 1) { id } }' },
      { query: '{ crates(kind: WOOOD) { id } }' },
      { query: 'query ($k: Kind) { crates(kind: $k) { id } }', variables: { k: 'WOOOD' } },
    ];
    for (const params of mistakes) {
      expect(JSON.stringify((await gateway.post(params)).body)).toContain('Did you mean');
      expect(JSON.stringify((await production.post(params)).body)).not.toContain('Did you mean');
    }
  });

  it('there is no page, no file of it and no plan', async () => {
    const page = await fetch(production.graphqlUrl, { headers: { accept: 'text/html' } });
    expect(page.status).toBe(406);
    expect((await fetch(`${production.url}/graphql/assets/page.js`)).status).toBe(404);
    expect((await fetch(`${production.url}/graphql/plan`, { method: 'POST' })).status).toBe(404);
    expect((await production.post({ query: '{ echo }', extensions: { plan: true } })).body).toEqual({ data: { echo: null } });
  });
});

describe('in development', () => {
  it('a plan comes with the answer when it is asked for, with what each request took', async () => {
    const { body } = await gateway.post({ query: '{ crate(id: 1) { id } }', extensions: { plan: true } });
    expect(body.extensions?.['plan']).toEqual({
      text: expect.stringContaining('shop'),
      fetches: [expect.objectContaining({ graph: 'shop', outcome: 'answered' })],
    });
    expect((await gateway.post({ query: '{ crate(id: 1) { id } }' })).body).not.toHaveProperty('extensions');
  });

  it('a plan is shown without running', async () => {
    const asked = gateway.shop.bodies.length;
    const response = await fetch(`${gateway.url}/graphql/plan`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: 'mutation { rename(id: 1, name: "x") { id } }' }),
    });
    expect(await response.json()).toEqual({ data: { plan: expect.stringContaining('rename') } });
    expect(gateway.shop.bodies).toHaveLength(asked);
  });
});

describe('the request id', () => {
  it('stands in the response, also of a refusal', async () => {
    const own = await gateway.post({ query: '{ echo }' }, { 'x-request-id': 'mine-1' });
    expect(own.headers.get('x-request-id')).toBe('mine-1');
    expect((await gateway.post('')).headers.get('x-request-id')).toMatch(/^req_/);
  });
});
