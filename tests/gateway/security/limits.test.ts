/** E2: every limit of a request takes one less and what is at it, and refuses one more, at every door; nothing is asked of a subgraph then. */
import { createFixedClock } from '../../../lib/clock/clock.ts';
import { variables } from '../../../lib/config/index.ts';
import type { Limits } from '../../../gateway/pipeline/limits.ts';
import { startShopGateway } from '../kit.ts';
import { requestDoors, type Params, type RequestDoor } from './request-doors.ts';

const repeat = (count: number, of: (index: number) => string) => Array.from({ length: count }, (_, index) => of(index)).join(' ');
/** So many selections inside each other. */
const inside = (levels: number) => `{ crate(id: 1) ${'{ inside '.repeat(levels - 2)}{ id }${' }'.repeat(levels - 2)} }`;
const ofText = (text: string): Params => ({ query: 'query ($t: String) { echo(text: $t) }', variables: { t: text } });

/** An input object with so many levels of objects and lists. */
function deep(levels: number): unknown {
  return levels === 1 ? {} : { inner: levels === 2 ? [] : [deep(levels - 2)] };
}

type Case = {
  readonly variable: `HUB_LIMIT_${string}`;
  readonly limit: keyof Limits;
  readonly at: number;
  /** A request of exactly this measure. */
  readonly of: (measure: number) => Params;
};

const cases: readonly Case[] = [
  { variable: 'HUB_LIMIT_TOKENS', limit: 'tokens', at: 20, of: (count) => ({ query: `{ ${repeat(count - 2, () => 'echo')} }` }) },
  { variable: 'HUB_LIMIT_NESTING', limit: 'nesting', at: 9, of: (levels) => ({ query: inside(levels) }) },
  { variable: 'HUB_LIMIT_DEPTH', limit: 'depth', at: 9, of: (levels) => ({ query: inside(levels) }) },
  {
    variable: 'HUB_LIMIT_DEPTH',
    limit: 'depth',
    at: 9,
    of: (levels) => ({ query: `{ ...__schema } fragment __schema on Query ${inside(levels)}` }),
  },
  { variable: 'HUB_LIMIT_ALIASES', limit: 'aliases', at: 12, of: (count) => ({ query: `{ ${repeat(count, (i) => `a${i}: echo`)} }` }) },
  {
    variable: 'HUB_LIMIT_ALIASES',
    limit: 'aliases',
    at: 12,
    of: (count) => ({
      query: `{ crate(id: 1) { ...A ...B } } ${repeat(2, (i) => `fragment ${'AB'[i]} on Crate { ${repeat(i === 0 ? 5 : count - 5, (at) => `a${i}${at}: id`)} }`)}`,
    }),
  },
  {
    variable: 'HUB_LIMIT_ROOT_FIELDS',
    limit: 'rootFields',
    at: 7,
    of: (count) => ({ query: `{ ${repeat(count, (i) => `a${i}: echo`)} }` }),
  },
  {
    variable: 'HUB_LIMIT_DIRECTIVES',
    limit: 'directives',
    at: 9,
    of: (count) => ({ query: `{ echo ${repeat(count, () => '... @skip(if: false) { echo }')} }` }),
  },
  {
    variable: 'HUB_LIMIT_FIELDS',
    limit: 'fields',
    at: 15,
    of: (count) => ({ query: `{ crate(id: 1) { ${repeat(count - 1, () => 'id')} } }` }),
  },
  {
    variable: 'HUB_LIMIT_OVERLAPS',
    limit: 'overlaps',
    at: 21,
    of: (pairs) => ({ query: `{ crate(id: 1) { ${repeat(pairs, (i) => `a${i}: id a${i}: id`)} } }` }),
  },
  { variable: 'HUB_LIMIT_PAGE_SIZE', limit: 'pageSize', at: 5, of: (first) => ({ query: `{ crates(first: ${first}) { id } }` }) },
  {
    variable: 'HUB_LIMIT_PAGE_SIZE',
    limit: 'pageSize',
    at: 5,
    of: (first) => ({ query: 'query ($n: Int) { crates(first: $n) { id } }', variables: { n: first } }),
  },
  {
    variable: 'HUB_LIMIT_PAGE_SIZE',
    limit: 'pageSize',
    at: 5,
    of: (first) => ({ query: `query ($n: Int = ${first}) { crates(first: $n) { id } }` }),
  },
  // {"t":"…"}
  { variable: 'HUB_LIMIT_VARIABLES_BYTES', limit: 'variablesBytes', at: 64, of: (bytes) => ofText('x'.repeat(bytes - 8)) },
  { variable: 'HUB_LIMIT_VARIABLES_BYTES', limit: 'variablesBytes', at: 64, of: (bytes) => ofText(`${'x'.repeat(bytes - 11)}あ`) },
  {
    variable: 'HUB_LIMIT_VARIABLES_DEPTH',
    limit: 'variablesDepth',
    at: 6,
    of: (levels) => ({ query: 'query ($l: [Nested!]) { echo(list: $l) }', variables: { l: [deep(levels - 2)] } }),
  },
  // Each item of the list costs 1
  { variable: 'HUB_LIMIT_COST', limit: 'cost', at: 9, of: (cost) => ({ query: `{ crates(first: ${cost}) { id } }` }) },
];

const usual: Partial<Limits> = { batch: 3 };
const start = (limits: Partial<Limits>) =>
  startShopGateway({ limits: { ...usual, ...limits }, persistedQueries: true, clock: createFixedClock('2026-03-01T08:00:00Z') });
type Gateway = Awaited<ReturnType<typeof start>>;

describe.each(cases)('E2 $variable', ({ limit, at, of }) => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await start({ [limit]: at });
  });
  afterAll(() => gateway.stop());

  it.each(requestDoors)('E2 takes one less and what is at it and refuses one more by $name', async ({ ask, type, name }) => {
    for (const measure of [at - 1, at]) {
      const passed = await ask(gateway.graphqlUrl, of(measure));
      expect([measure, passed.status, passed.type, passed.code]).toEqual([measure, 200, type, undefined]);
      expect(passed.body.data).toBeTruthy();
    }
    const asked = gateway.shop.bodies.length;
    const refused = await ask(gateway.graphqlUrl, of(at + 1));
    // Events have said 200 before; an array is a list of answers
    const status = name.endsWith('events') ? 200 : 400;
    expect([refused.status, refused.code, refused.limit]).toEqual([status, 'LIMIT_EXCEEDED', limit]);
    expect(refused.body).not.toHaveProperty('data');
    expect(gateway.shop.bodies).toHaveLength(asked);
  });
});

const posts = requestDoors.filter(({ method }) => method === 'POST');
const post = (gateway: Gateway, type: string, body: string) =>
  fetch(gateway.graphqlUrl, { method: 'POST', headers: { 'content-type': 'application/json', accept: type }, body });

describe('E2 HUB_LIMIT_BODY_BYTES', () => {
  it.each(posts)('E2 takes one less and what is at it and refuses one more by $name', async ({ type, name }) => {
    const gateway = await start({ bodyBytes: 300 });
    const request = name === 'an array' ? '[{"query":"{ echo }"}]' : '{"query":"{ echo }"}';
    const statuses: number[] = [];
    for (const bytes of [299, 300, 301]) statuses.push((await post(gateway, type, request.padEnd(bytes))).status);
    expect([statuses, gateway.shop.bodies.length]).toEqual([[200, 200, 413], 2]);
    await gateway.stop();
  });
});

describe('E2 HUB_LIMIT_BATCH', () => {
  it.each([
    [1, 200],
    [2, 200],
    [3, 200],
    [4, 400],
  ])('E2 an array of %s where three may be is answered with %s', async (count, status) => {
    const gateway = await start({ batch: 3 });
    const response = await post(gateway, 'application/json', JSON.stringify(Array.from({ length: count }, () => ({ query: '{ echo }' }))));
    expect([response.status, gateway.shop.bodies.length > 0]).toEqual([status, status === 200]);
    await gateway.stop();
  });
});

describe('E2 HUB_LIMIT_RATE', () => {
  // Through a proxy, so not this machine itself
  const headers = { 'x-forwarded-for': '192.0.2.1' };
  const query = '{ echo }';

  it.each(requestDoors)('E2 takes ten seconds’ worth and refuses one more by $name', async ({ ask }: RequestDoor) => {
    const gateway = await start({ rate: 1 });
    for (let count = 0; count < 10; count += 1) expect((await ask(gateway.graphqlUrl, { query }, headers)).status).toBe(200);
    const asked = gateway.shop.bodies.length;
    const refused = await ask(gateway.graphqlUrl, { query }, headers);
    expect([refused.status, refused.code, refused.limit, refused.headers.get('retry-after')]).toEqual([429, 'RATE_LIMITED', 'rate', '1']);
    expect(gateway.shop.bodies).toHaveLength(asked);
    await gateway.stop();
  });
});

describe('the limits of requests', () => {
  /** Of time, of subgraphs, of answers, or what other limits are told: their tests are elsewhere. */
  const others = [
    'PAGE_ARGUMENTS',
    'COST_LIST_SIZE',
    'REQUEST_MS',
    'SUBGRAPH_MS',
    'SUBGRAPH_BYTES',
    'SUBGRAPH_CONNECTIONS',
    'SUBGRAPH_QUEUE',
    'RETRIES',
    'BREAKER_FAILURES',
    'BREAKER_PAUSE_MS',
    'ERRORS',
    'SILENCE_MS',
    'SOCKETS',
    'SOCKETS_OF_MEMBER',
    'SOCKET_SUBSCRIPTIONS',
    'SOCKET_RATE',
    'SOCKET_INIT_MS',
    'SUBSCRIPTIONS',
    'MEMBER_SUBSCRIPTIONS',
    'SOCKET_BYTES',
    'MEMBER_BYTES',
    'LIVE_BYTES',
    'STOP_MS',
  ];

  it('E2 are all of them here', () => {
    const here = ['BODY_BYTES', 'BATCH', 'RATE', ...cases.map(({ variable }) => variable.slice('HUB_LIMIT_'.length))];
    const all = Object.keys(variables).filter((name) => name.startsWith('HUB_LIMIT_'));
    expect([...new Set([...here, ...others])].map((name) => `HUB_LIMIT_${name}`).toSorted()).toEqual(all.toSorted());
  });
});
