/** What the WebSocket door refuses: who may not come, what is too much, and what comes too late. */
import { composeSupergraph } from '../../../engine/compose/index.ts';
import { defaultLimits } from '../../../gateway/pipeline/limits.ts';
import { createFixedClock } from '../../../lib/clock/clock.ts';
import { signMemberToken } from '../../../lib/identity/index.ts';
import { shopSdl, startShopGateway } from '../kit.ts';
import { startGuardedHub } from '../security/guarded-hub.ts';
import { openSocket, openTalk, PROTOCOL, settle, startSocketGateway, subscribe, type Talker } from './socket-kit.ts';

type Gateway = Awaited<ReturnType<typeof startSocketGateway>>;
const gateways: { stop(): Promise<void> }[] = [];
const talkers: Talker[] = [];
afterEach(async () => {
  for (const { ws } of talkers.splice(0)) ws.terminate();
  for (const gateway of gateways.splice(0)) await gateway.stop();
});

async function start(options: Parameters<typeof startSocketGateway>[0] = {}): Promise<Gateway> {
  const gateway = await startSocketGateway(options);
  gateways.push(gateway);
  return gateway;
}

async function open(url: string, options?: Parameters<typeof openSocket>[1]): Promise<Talker> {
  const talker = await openSocket(url, options);
  talkers.push(talker);
  return talker;
}

async function talk(url: string, payload?: object): Promise<Talker> {
  const talker = await openTalk(url, payload);
  talkers.push(talker);
  return talker;
}

/** As many messages as were answered with an error of the code. */
async function countRefused(talker: Talker, code: string): Promise<number> {
  return (await settle(talker)).filter((message) => message.type === 'error' && codeOf(message) === code).length;
}
const tick = () => new Promise((resolve) => setImmediate(resolve));
const codeOf = ({ payload }: { payload?: unknown }) => (payload as { extensions: { code: string } }[])[0]?.extensions.code;

describe('F3 the origin', () => {
  it('of a page that is not ours and not allowed opens no socket; no other door to it is open either', async () => {
    const { socketUrl, graphqlUrl } = await start({ allowedOrigins: ['https://app.example'] });
    const own = graphqlUrl.replace('/graphql', '');
    for (const origin of [
      'https://evil.example',
      'null',
      'https://app.example.evil.example',
      'http://app.example',
      own.replace('http', 'ftp'),
    ])
      await expect(open(socketUrl, { headers: { origin } })).rejects.toThrow('400');
    for (const origin of ['https://app.example', own]) expect((await open(socketUrl, { headers: { origin } })).ws.protocol).toBe(PROTOCOL);
  });

  it('is no help to who names a host that is not ours', async () => {
    const { socketUrl } = await start();
    await expect(open(socketUrl, { headers: { host: 'evil.example' } })).rejects.toThrow('421');
  });

  it('is not asked where there is no door: another path is not found', async () => {
    const { socketUrl } = await start();
    for (const path of ['/', '/graphql/', '/graphql/plan', '/health', '/Graphql', '/graphql%2f'])
      await expect(open(socketUrl.replace('/graphql', path))).rejects.toThrow('404');
    expect((await open(`${socketUrl}?a=1`)).ws.protocol).toBe(PROTOCOL);
  });

  it('is not the only thing that is looked at: a token in the URL is refused', async () => {
    const { socketUrl } = await start();
    for (const name of ['token', 'access_token', 'Authorization']) await expect(open(`${socketUrl}?${name}=a`)).rejects.toThrow('400');
  });
});

describe('F4 the protocol', () => {
  it('before it, graphql-ws, is not spoken, nor is any other, nor none', async () => {
    const { socketUrl } = await start();
    for (const protocols of [['graphql-ws'], ['graphql-ws', 'subscriptions-transport-ws'], ['GRAPHQL-TRANSPORT-WS']])
      await expect(open(socketUrl, { protocols })).rejects.toThrow('no subprotocol');
    expect((await (await open(socketUrl, { protocols: [] })).closed).code).toBe(4406);
    expect((await open(socketUrl, { protocols: ['graphql-ws', PROTOCOL] })).ws.protocol).toBe(PROTOCOL);
  });

  it('is kept to: an operation before the acknowledgement closes with 4401, and nothing runs', async () => {
    const { socketUrl, shop } = await start();
    const early = await open(socketUrl);
    early.say(subscribe('1', '{ crate(id: "1") { id } }'));
    expect(await early.closed).toEqual({ code: 4401, reason: 'Unauthorized' });
    const hasty = await open(socketUrl);
    hasty.say({ type: 'connection_init' });
    hasty.say(subscribe('1', '{ crate(id: "1") { id } }'));
    expect((await hasty.closed).code).toBe(4401);
    expect(shop.bodies).toEqual([]);
  });

  it('is kept to: a second connection_init closes with 4429, an id in use with 4409, and what ran there ends', async () => {
    const { socketUrl, live } = await start();
    const twice = await talk(socketUrl);
    twice.say({ type: 'connection_init' });
    expect((await twice.closed).code).toBe(4429);
    const same = await talk(socketUrl);
    same.say(subscribe('1'));
    const followed = await live.take();
    same.say(subscribe('1'));
    expect(await same.closed).toEqual({ code: 4409, reason: 'Subscriber for 1 already exists' });
    expect(followed.isStopped).toBe(true);
    const long = await talk(socketUrl);
    for (let count = 0; count < 2; count += 1) long.say(subscribe('ü'.repeat(200), '{ slow }'));
    expect(await long.closed).toEqual({ code: 4409, reason: 'Subscriber already exists' });
  });
});

describe('the token', () => {
  const graphs = {
    mills: {
      sdl: 'type Query { open: String secret: String @authenticated }',
      resolvers: { Query: { open: () => 'open', secret: () => 'secret' } },
    },
  };
  const startHub = async (options: Parameters<typeof startGuardedHub>[1] = {}) => {
    const hub = await startGuardedHub(graphs, options);
    gateways.push(hub);
    return { ...hub, socketUrl: hub.graphqlUrl.replace('http', 'ws') };
  };

  it('comes with the first message or with the request to upgrade, and is that of every operation', async () => {
    const hub = await startHub();
    const { authorization = '' } = await hub.authorization([]);
    const withHeader = await open(hub.socketUrl, { headers: { authorization } });
    withHeader.say({ type: 'connection_init' });
    expect(await withHeader.hear()).toEqual({ type: 'connection_ack' });
    const talks = [withHeader, await talk(hub.socketUrl, { authorization }), await talk(hub.socketUrl, { Authorization: authorization })];
    for (const talker of talks) {
      talker.say(subscribe('1', '{ secret }'));
      expect(await talker.hear()).toMatchObject({ payload: { data: { secret: 'secret' } } });
    }
    const visitor = await talk(hub.socketUrl);
    visitor.say(subscribe('1', '{ open secret }'));
    expect(await visitor.hear()).toMatchObject({ payload: { data: { open: 'open', secret: null } } });
  });

  it.each<[string, object]>([
    ['forged', { authorization: 'Bearer a.b.c' }],
    ['of another kind', { authorization: 'Basic YTpi' }],
    ['no text', { authorization: 7 }],
    ['empty', { authorization: '' }],
    ['not one', { authorization: 'Bearer a', Authorization: 'Bearer b' }],
  ])('that is %s closes with 4403 before anything runs', async (_, payload) => {
    const talker = await open((await startHub()).socketUrl);
    talker.say({ type: 'connection_init', payload });
    expect([(await talker.closed).code, talker.rest()]).toEqual([4403, []]);
  });

  it('of another kind in the request to upgrade is refused there; without one there is no visitor but on this machine', async () => {
    const { socketUrl } = await startHub();
    await expect(open(socketUrl, { headers: { authorization: 'Basic YTpi' } })).rejects.toThrow('401');
    const stranger = await open(socketUrl, { headers: { 'x-forwarded-for': '192.0.2.1' } });
    stranger.say({ type: 'connection_init' });
    const { code, reason } = await stranger.closed;
    expect([code, reason]).toEqual([4403, expect.stringMatching(/^UNAUTHENTICATED/)]);
  });

  it('that has expired meanwhile closes with 4403 when something is asked with it, so that the client comes back with another', async () => {
    const clock = createFixedClock('2026-01-01T00:00:00Z');
    const hub = await startHub({ clock });
    const token = await signMemberToken(hub.keys, { memberId: 'mem_1', kinds: ['MAKER'], ttl: 60, clock });
    const talker = await talk(hub.socketUrl, { authorization: `Bearer ${token}` });
    clock.advance(3_600_000);
    talker.say(subscribe('1', '{ secret }'));
    expect(codeOf(await talker.hear())).toBe('TOKEN_EXPIRED');
    const { code, reason } = await talker.closed;
    expect([code, reason]).toEqual([4403, expect.stringMatching(/^TOKEN_EXPIRED/)]);
  });
});

describe('an operation', () => {
  const nested = (levels: number): string => (levels === 0 ? 'id' : `inside { ${nested(levels - 1)} }`);
  const many = (count: number, write: (index: number) => string) => Array.from({ length: count }, (_, index) => write(index)).join(' ');

  it('gets the verdict that it gets by POST, whatever is wrong with it, and asks nothing of a subgraph then', async () => {
    const { socketUrl, post, shop } = await start({ development: false, persistedQueries: true, limits: { cost: 100_000 } });
    const talker = await talk(socketUrl);
    const hash = { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } };
    const cases: object[] = [
      { query: '{' },
      { query: '{ nothing }' },
      { query: '{ __schema { types { name } } }' },
      { query: `{ crate(id: "1") { ${nested(30)} } }` },
      { query: `{ ${many(101, (index) => `a${index}: broken`)} }` },
      { query: `{ ${many(31, () => 'broken')} ${many(31, (index) => `b${index}: slow`)} }` },
      { query: `{ broken ${'@skip(if: true) '.repeat(101)} }` },
      { query: `{ ${'broken '.repeat(10_001)} }` },
      { query: '['.repeat(201) },
      { query: '{ crates(first: 201) { id } }' },
      { query: '{ crates(first: 200) { inner(first: 200) { inner(first: 200) { id } } } }' },
      { query: 'query ($id: ID!) { crate(id: $id) { id } }' },
      { query: 'query ($text: String) { echo(text: $text) }', variables: { text: 'x'.repeat(65_536) } },
      { query: 'query A { broken } query B { slow }', operationName: 'C' },
      { extensions: hash },
      { query: '{ broken }', extensions: hash },
      { variables: {} },
    ];
    for (const [index, params] of cases.entries()) {
      const { code, limit } = await post(params);
      talker.say({ type: 'subscribe', id: String(index), payload: params });
      const { type, payload } = await talker.hear();
      const told = (payload as { extensions: { code: string; limit?: string } }[])[0]?.extensions;
      expect([type, told?.code, told?.limit]).toEqual(['error', code, limit]);
    }
    expect(shop.bodies).toEqual([]);
  });
});

describe('E6 a client that says nothing', () => {
  it('is closed with 4408', async () => {
    const { socketUrl } = await start({ limits: { socketInitMs: 100 } });
    const silent = await open(socketUrl);
    expect((await silent.closed).code).toBe(4408);
    const chatty = await open(socketUrl);
    chatty.say({ type: 'ping' });
    expect((await chatty.closed).code).toBe(4408);
  });
});

describe('E6 too much', () => {
  it('are operations over the limit of a socket: each is refused, the others go on', async () => {
    const { socketUrl, live } = await start({ limits: { socketSubscriptions: 3 } });
    const talker = await talk(socketUrl);
    for (let id = 0; id < 10; id += 1) talker.say(subscribe(String(id)));
    expect(await countRefused(talker, 'LIVE_LIMIT')).toBe(7);
    const followed = await live.take();
    talker.say({ type: 'complete', id: '0' });
    talker.say(subscribe('again'));
    expect([await countRefused(talker, 'LIVE_LIMIT'), followed.isStopped]).toEqual([0, true]);
  });

  it('are 1,001 of them where 100 may be, and they cost the pipeline nothing', async () => {
    const { socketUrl, live } = await start();
    const talker = await talk(socketUrl);
    for (let id = 0; id < 1_001; id += 1) talker.say(subscribe(String(id)));
    expect(await countRefused(talker, 'LIVE_LIMIT')).toBe(901);
    while (live.all.length < 100) await tick();
    await settle(talker);
    expect(live.all).toHaveLength(100);
  });

  it('are operations that are begun and completed again and again: they count as long as something runs for them', async () => {
    const { socketUrl, live } = await start({ limits: { socketSubscriptions: 10 } });
    const releases: (() => void)[] = [];
    live.before = () => new Promise((resolve) => releases.push(resolve));
    const talker = await talk(socketUrl);
    const cycle = (count: number) => {
      for (let id = 0; id < count; id += 1) talker.say(subscribe(String(id)));
      for (let id = 0; id < count; id += 1) talker.say({ type: 'complete', id: String(id) });
    };
    for (let id = 0; id < 10; id += 1) talker.say(subscribe(String(id)));
    while (releases.length < 10) await tick();
    for (let id = 0; id < 10; id += 1) talker.say({ type: 'complete', id: String(id) });
    for (let count = 0; count < 20; count += 1) cycle(5);
    expect([await countRefused(talker, 'LIVE_LIMIT'), releases.length]).toEqual([100, 10]);
    for (const release of releases) release();
    live.before = () => Promise.resolve();
    while (live.all.some(({ isStopped }) => !isStopped)) await tick();
    talker.say(subscribe('2'));
    expect(await countRefused(talker, 'LIVE_LIMIT')).toBe(0);
  });

  it.each<[string, (talker: Talker) => void]>([
    ['messages', (talker) => talker.say({ type: 'pong' })],
    ['messages, each answered', (talker) => talker.say({ type: 'ping' })],
    ['operations, begun and completed', (talker) => talker.say({ type: 'complete', id: '1' })],
    ['pings of the connection', (talker) => talker.ws.ping()],
    ['pongs of the connection', (talker) => talker.ws.pong()],
  ])('are more %s than a socket may send in a time: it is closed with 1008', async (_, say) => {
    const { socketUrl } = await start({ limits: { socketRate: 1 } });
    const talker = await talk(socketUrl);
    for (let count = 0; count < 100; count += 1) say(talker);
    const { code, reason } = await talker.closed;
    expect([code, reason]).toEqual([1008, expect.stringMatching(/^RATE_LIMITED/)]);
  });

  it('are connections of one member; those of another are taken', async () => {
    const graphs = { mills: { sdl: 'type Query { open: String }', resolvers: { Query: { open: () => 'open' } } } };
    const hub = await startGuardedHub(graphs, { limits: { ...defaultLimits, socketsOfMember: 2 } });
    gateways.push(hub);
    const url = hub.graphqlUrl.replace('http', 'ws');
    const tokenOf = (memberId: string) => signMemberToken(hub.keys, { memberId, kinds: ['MAKER'] });
    const come = async (memberId: string) => {
      const talker = await open(url);
      talker.say({ type: 'connection_init', payload: { authorization: `Bearer ${await tokenOf(memberId)}` } });
      return talker;
    };
    const first = await come('mem_1');
    expect(await first.hear()).toEqual({ type: 'connection_ack' });
    expect(await (await come('mem_1')).hear()).toEqual({ type: 'connection_ack' });
    expect((await (await come('mem_1')).closed).code).toBe(1013);
    expect(await (await come('mem_2')).hear()).toEqual({ type: 'connection_ack' });
    first.ws.close();
    await first.closed;
    expect(await (await come('mem_1')).hear()).toEqual({ type: 'connection_ack' });
  });

  it('are connections over the limit: they are refused with 429 and when to come again', async () => {
    const { socketUrl } = await start({ limits: { sockets: 2 } });
    const first = await open(socketUrl);
    await open(socketUrl);
    await expect(open(socketUrl)).rejects.toThrow('429');
    first.ws.close();
    await first.closed;
    expect((await open(socketUrl)).ws.protocol).toBe(PROTOCOL);
  });
});

describe('a client that does not read', () => {
  it('is not read either, until it does: it gets all its answers, and makes no more than it reads', async () => {
    const { socketUrl, shop } = await start();
    const talker = await talk(socketUrl);
    talker.ws.pause();
    // Together more than the kernel takes for both ends: 30 MB
    const query = `query ($text: String) { ${Array.from({ length: 25 }, (_, index) => `a${index}: echo(text: $text)`).join(' ')} }`;
    for (let id = 0; id < 20; id += 1) talker.say(subscribe(String(id), query, { variables: { text: 'x'.repeat(60_000) } }));
    let before = -1;
    while (shop.bodies.length !== before || before === 0) {
      before = shop.bodies.length;
      for (let count = 0; count < 100; count += 1) await tick();
    }
    expect(before).toBeLessThan(20);
    talker.ws.resume();
    let answered = 0;
    while (answered < 20) if ((await talker.hear()).type === 'complete') answered += 1;
    expect(answered).toBe(20);
  });
});

describe('stopping', () => {
  it('closes every socket with 1012 once what is asked has been answered, takes no new ones and no new operations', async () => {
    const { socketUrl, live, stop } = await start({ limits: { stopMs: 5_000 } });
    let release: () => void = () => undefined;
    const reached = new Promise<void>((resolve) => {
      live.before = () => {
        resolve();
        return new Promise((go) => (release = go));
      };
    });
    const [busy, idle] = [await talk(socketUrl), await talk(socketUrl)];
    busy.say(subscribe('1'));
    await reached;
    const stopped = stop();
    await expect(open(socketUrl)).rejects.toThrow(/503|ECONNREFUSED/);
    idle.say(subscribe('1', '{ crate(id: "1") { id } }'));
    expect(codeOf(await idle.hear())).toBe('LIVE_GOING_AWAY');
    release();
    expect([(await busy.closed).code, (await idle.closed).code]).toEqual([1012, 1012]);
    await stopped;
    expect(live.all.map(({ isStopped }) => isStopped)).toEqual([true]);
  });

  it('does not wait for a client that does not answer', async () => {
    const { socketUrl, stop } = await start();
    const talker = await talk(socketUrl);
    talker.ws.pause();
    await stop();
    talker.ws.resume();
    expect([1006, 1012]).toContain((await talker.closed).code);
  });
});

describe('without a live core', () => {
  it('subscriptions are refused, and all else is answered', async () => {
    const composed = composeSupergraph([
      { name: 'shop', url: 'http://127.0.0.1:1/graphql', sdl: `${shopSdl} type Subscription { moved: Crate }` },
    ]);
    if (composed.kind === 'failed') throw new Error('does not compose');
    const shop = await startShopGateway({ source: { kind: 'sdl', sdl: composed.supergraphSdl } });
    gateways.push(shop);
    const talker = await talk(shop.graphqlUrl.replace('http', 'ws'));
    talker.say(subscribe('1'));
    expect(codeOf(await talker.hear())).toBe('LIVE_UNAVAILABLE');
    talker.say(subscribe('2', '{ crate(id: "1") { id } }'));
    expect(await talker.hear()).toMatchObject({ id: '2', type: 'next' });
  });
});

describe('what is counted', () => {
  it('are open sockets, and payloads that went out', async () => {
    const { socketUrl, live, url } = await start();
    const talker = await talk(socketUrl);
    talker.say(subscribe('1'));
    const followed = await live.take();
    for (const number of [1, 2, 3]) followed.tell(number);
    await settle(talker);
    const text = await (await fetch(`${url}/metrics`)).text();
    expect(text).toMatch(/^ir_sockets_open 1$/m);
    expect(text).toMatch(/^ir_socket_messages_total 3$/m);
  });
});
