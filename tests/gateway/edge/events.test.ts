/** POST /events/<topic>: what is taken, and what is refused how. */
import { createHmac, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFixedClock } from '../../../lib/clock/clock.ts';
import { createMemoryFeed, readEventContract, type Feed } from '../../../lib/feed/index.ts';
import { createLog } from '../../../lib/log/log.ts';
import { startShopGateway } from '../kit.ts';

const topic = 'lot.progressed';
const now = new Date('2026-11-22T09:00:00.000Z');
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const secret = randomBytes(32);
const spki = (key: KeyObject) => key.export({ format: 'der', type: 'spki' }).toString('base64');
const mill = { id: 'mill', kind: 'ed25519', publicKey: spki(publicKey), topics: [topic], producer: '6901234000016' };
const shop = { id: 'shop', kind: 'hmac-sha256', secret: secret.toString('base64'), topics: [topic], producer: 'shop-1' };
const bounded = { ...shop, id: 'bounded', only: { gln: ['6901234000016'] } };
const keyFile = { keys: [mill, shop, bounded] };

const payload = {
  lotId: 'lot_1',
  allocationId: 'alc_1',
  gln: '6901234000016',
  styleId: 'sty_1',
  memberId: 'mbr_1',
  status: 'IN_PROGRESS',
  previousStatus: 'RELEASED',
  progressBps: 1_200,
  changedAt: '2026-11-22T16:59:00+08:00',
  demandMemberId: 'mbr_2',
  goodQty: 0,
};

type Posted = {
  id?: string;
  key?: string;
  topic?: string;
  signedTopic?: string;
  timestamp?: number | string;
  payload?: unknown;
  body?: string;
};
type Signer = (signed: Buffer) => Buffer;
const signers: Record<string, Signer> = {
  mill: (signed) => sign(null, signed, privateKey),
  shop: (signed) => createHmac('sha256', secret).update(signed).digest(),
  bounded: (signed) => createHmac('sha256', secret).update(signed).digest(),
};

let folder: string;
let file: string;
let feed: Feed;
let gateway: Awaited<ReturnType<typeof startShopGateway>>;
const lines: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'events-'));
  file = join(folder, 'keys.json');
  await writeFile(file, JSON.stringify(keyFile));
  feed = createMemoryFeed();
  gateway = await start(feed);
});
afterAll(async () => {
  await gateway.stop();
  await rm(folder, { recursive: true });
});

const start = (onto: Feed | null, more: Parameters<typeof startShopGateway>[0] = {}) =>
  startShopGateway({
    feed: onto,
    eventKeys: { file, pollMs: 10 },
    clock: createFixedClock(now),
    log: createLog({ service: 'gateway', level: 'debug', stream: { write: (line) => lines.push(line) } }),
    ...more,
  });

function toRequest({ id = 'e-1', key = 'mill', topic: to = topic, signedTopic = to, payload: given = payload, ...rest }: Posted) {
  const timestamp = String(rest.timestamp ?? now.getTime() / 1_000);
  const body = rest.body ?? JSON.stringify({ id, payload: given });
  const signature = (signers[key] ?? (() => randomBytes(64)))(Buffer.from(`${timestamp}\n${signedTopic}\n${body}`));
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'event-key': key,
    'event-timestamp': timestamp,
    'event-signature': signature.toString('base64'),
  };
  return { path: `/events/${to}`, headers, body };
}

async function post(posted: Posted, headers: Record<string, string> = {}, url = gateway.url) {
  const request = toRequest(posted);
  const response = await fetch(`${url}${request.path}`, {
    method: 'POST',
    headers: { ...request.headers, ...headers },
    body: request.body,
  });
  const text = await response.text();
  // 204 has no body, every other answer the form of GraphQL errors
  const body = (text === '' ? {} : JSON.parse(text)) as { errors?: { message: string; extensions: { code: string; path?: unknown[] } }[] };
  const [error] = body.errors ?? [];
  return {
    status: response.status,
    headers: response.headers,
    code: error?.extensions.code,
    path: error?.extensions.path,
    message: error?.message,
  };
}

const kept = async () => (await feed.read(topic, null, 1_000)).events;

describe('an event that is posted', () => {
  it.each(['mill', 'shop'])('with the signature of %s is answered 204, and stands in the feed as an envelope', async (key) => {
    const answer = await post({ id: `first.${key}`, key }, { 'x-request-id': 'req-of-the-producer' });
    expect({ status: answer.status, message: answer.message }).toEqual({ status: 204, message: undefined });
    const { producer } = key === 'mill' ? mill : shop;
    const id = `${topic}/${producer}/first.${key}`;
    expect((await kept()).at(-1)).toMatchObject({
      id,
      payload: {
        id,
        topic,
        version: readEventContract().topics[topic]?.version,
        at: now.toISOString(),
        actorId: producer,
        causeId: null,
        requestId: 'req-of-the-producer',
        payload,
      },
    });
  });

  it('is answered 204 only when the feed has said that it is durable', async () => {
    const order: string[] = [];
    const slow: Feed = {
      ...createMemoryFeed(),
      append: async (...args) => {
        await new Promise((resolve) => setImmediate(resolve));
        const appended = await createMemoryFeed().append(...args);
        order.push('durable');
        return appended;
      },
    };
    const other = await start(slow);
    await post({ id: 'slow' }, {}, other.url).then(({ status }) => order.push(String(status)));
    await other.stop();
    expect(order).toEqual(['durable', '204']);
  });

  it('is appended once, however often it is sent: 409 says that it is there', async () => {
    const before = (await kept()).length;
    const answers = await Promise.all(Array.from({ length: 5 }, () => post({ id: 'once' })));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([204, 409, 409, 409, 409]);
    expect(answers.find(({ status }) => status === 409)?.code).toBe('EVENT_REPEATED');
    expect((await kept()).length).toBe(before + 1);
  });

  it('does not take its id away from another producer', async () => {
    expect((await post({ id: 'same', key: 'mill' })).status).toBe(204);
    expect((await post({ id: 'same', key: 'shop' })).status).toBe(204);
  });

  it('may say when it happened', async () => {
    const body = JSON.stringify({ id: 'dated', at: '2026-11-21T10:00:00+08:00', version: 1, payload });
    expect((await post({ body })).status).toBe(204);
    expect((await kept()).at(-1)?.payload).toMatchObject({ at: '2026-11-21T02:00:00.000Z' });
  });
});

describe('a signature', () => {
  const refused: [string, Posted, Record<string, string>, string][] = [
    ['of an unknown key', { key: 'nobody' }, {}, 'EVENT_UNSIGNED'],
    ['of another key', { key: 'shop' }, { 'event-key': 'mill' }, 'EVENT_UNSIGNED'],
    ['that is missing', {}, { 'event-signature': '' }, 'EVENT_UNSIGNED'],
    ['that is no base64', {}, { 'event-signature': 'a b' }, 'EVENT_UNSIGNED'],
    ['that is short, of HMAC', { key: 'shop' }, { 'event-signature': 'AAAA' }, 'EVENT_UNSIGNED'],
    ['that is short, of Ed25519', {}, { 'event-signature': 'AAAA' }, 'EVENT_UNSIGNED'],
    ['over another topic', { signedTopic: 'lot.closed' }, {}, 'EVENT_UNSIGNED'],
    ['over another time', {}, { 'event-timestamp': String(now.getTime() / 1_000 + 1) }, 'EVENT_UNSIGNED'],
    ['without a time', {}, { 'event-timestamp': 'now' }, 'EVENT_UNSIGNED'],
    ['of five minutes and a second ago', { timestamp: now.getTime() / 1_000 - 301 }, {}, 'EVENT_OUT_OF_TIME'],
    ['of five minutes and a second ahead', { timestamp: now.getTime() / 1_000 + 301 }, {}, 'EVENT_OUT_OF_TIME'],
  ];

  it.each(refused)('%s is refused with 401, and nothing is appended', async (_case, posted, headers, code) => {
    const before = (await kept()).length;
    const answer = await post({ id: 'refused', ...posted }, headers);
    expect({ status: answer.status, code: answer.code }).toEqual({ status: 401, code });
    expect(answer.headers.get('www-authenticate')).toBe('Event-Signature');
    expect((await kept()).length).toBe(before);
  });

  it.each([-300, 300])('made %d s from now is taken', async (seconds) => {
    expect((await post({ id: `off${seconds}`, timestamp: now.getTime() / 1_000 + seconds })).status).toBe(204);
  });

  it('over another body is refused, were it one blank', async () => {
    const { path, headers, body } = toRequest({ id: 'changed' });
    const answer = await fetch(`${gateway.url}${path}`, { method: 'POST', headers, body: `${body} ` });
    expect(answer.status).toBe(401);
  });

  it('of an unknown key and a wrong one are told apart by nothing', async () => {
    const [unknown, wrong] = [await post({ key: 'nobody' }), await post({ key: 'shop' }, { 'event-key': 'mill' })];
    expect(unknown.message).toBe(wrong.message);
  });

  it('stands in no log line, nor does a secret or the body', async () => {
    await post({ key: 'shop', id: 'logged-id' });
    await post({ key: 'shop', id: 'logged-id', payload: { canary: 'cage' } });
    const text = lines.join('');
    const { 'event-signature': signature = '?' } = toRequest({ key: 'shop', id: 'logged-id' }).headers;
    for (const hidden of [secret.toString('base64'), signature, 'canary', 'cage']) expect(text).not.toContain(hidden);
    expect(text).toContain('event keys');
  });
});

describe('the door', () => {
  it('answers 404 to a topic that is none, also one that every object has', async () => {
    for (const name of ['lot.flew', 'constructor', '__proto__', 'a%2Fb', 'x'.repeat(101)])
      expect(await post({ topic: name })).toMatchObject({ status: 404, code: 'EVENT_TOPIC_UNKNOWN' });
  });

  it('answers 403 to a topic that is not the key’s, and to values that are not its to speak of', async () => {
    expect(await post({ topic: 'lot.closed' })).toMatchObject({ status: 403, code: 'EVENT_FORBIDDEN' });
    const foreign = { ...payload, gln: '6909999000009' };
    expect(await post({ key: 'bounded', payload: foreign })).toMatchObject({
      status: 403,
      code: 'EVENT_FORBIDDEN',
      path: ['payload', 'gln'],
    });
    expect((await post({ key: 'bounded', id: 'own' })).status).toBe(204);
  });

  const wrong: [string, Posted, unknown[]][] = [
    ['a field of another type', { payload: { ...payload, goodQty: '7' } }, ['payload', 'goodQty']],
    ['a word that is none of its kind', { payload: { ...payload, status: 'FLYING' } }, ['payload', 'status']],
    ['a field that is missing', { payload: { ...payload, lotId: undefined } }, ['payload', 'lotId']],
    ['a field that the topic does not have', { payload: { ...payload, colour: 'red' } }, ['payload', 'colour']],
    ['no id', { body: JSON.stringify({ payload }) }, ['id']],
    ['an id with a slash', { id: 'a/b' }, ['id']],
    ['a day for an instant', { body: JSON.stringify({ id: 'x', at: '2026-11-22', payload }) }, ['at']],
    ['another version', { body: JSON.stringify({ id: 'x', version: 9, payload }) }, ['version']],
    ['a list for a payload', { payload: [] }, ['payload']],
  ];
  it.each(wrong)('answers 400 to %s, with its path', async (_case, posted, path) => {
    expect(await post(posted)).toMatchObject({ status: 400, code: 'EVENT_INVALID', path });
  });

  it('answers 400 to what is no JSON, has a key twice, or is nested too deep', async () => {
    for (const body of ['{', `{"id": "a", "id": "b", "payload": {}}`, `${'['.repeat(99)}${']'.repeat(99)}`])
      expect((await post({ body })).status).toBe(400);
  });

  it('takes JSON only, and POST only', async () => {
    expect((await post({}, { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await fetch(`${gateway.url}/events/${topic}`)).status).toBe(405);
  });

  it('answers 413 at the first byte over 262,144, before the rest was sent', async () => {
    const { path, headers } = toRequest({});
    const answered = await new Promise<{ status: number | undefined; sent: number }>((resolve, reject) => {
      let sent = 0;
      const request = httpRequest(`${gateway.url}${path}`, { method: 'POST', headers }, (response) => {
        resolve({ status: response.statusCode, sent });
        request.destroy();
      });
      request.on('error', reject);
      // Chunked and without an end: only a server that does not wait for it can answer
      for (; sent <= 262_144; sent += 16_384) request.write('x'.repeat(16_384));
    });
    expect(answered.status).toBe(413);
    const exact = JSON.stringify({ id: 'large', payload });
    expect((await post({ body: exact.padEnd(262_144) })).status).toBe(204);
    expect(await post({ body: exact.padEnd(262_145) })).toMatchObject({ status: 413, code: 'BODY_TOO_LARGE' });
  });

  it('answers 503 with Retry-After when the feed does not confirm, and takes the same event later', async () => {
    let isAway = true;
    const flaky: Feed = {
      ...createMemoryFeed(),
      append: async (...args) => {
        if (isAway) throw new Error('connect ECONNREFUSED of the database');
        return feed.append(...args);
      },
    };
    const other = await start(flaky);
    const away = await post({ id: 'later' }, {}, other.url);
    isAway = false;
    const back = await post({ id: 'later' }, {}, other.url);
    await other.stop();
    expect(away).toMatchObject({ status: 503, code: 'EVENT_NOT_KEPT', message: expect.not.stringContaining('ECONNREFUSED') });
    expect(away.headers.get('retry-after')).toBe('5');
    expect(back.status).toBe(204);
  });

  it('bounds how much one producer sends, by the rate of members', async () => {
    const other = await start(createMemoryFeed(), { limits: { rate: 1 } });
    const proxied = { 'x-forwarded-for': '203.0.113.7' };
    const statuses: number[] = [];
    for (let n = 0; n < 11; n += 1) statuses.push((await post({ id: `many-${n}` }, proxied, other.url)).status);
    const last = await post({ id: 'many-11' }, proxied, other.url);
    const another = await post({ id: 'few', key: 'shop' }, proxied, other.url);
    await other.stop();
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 204), 429]);
    expect(last.headers.get('retry-after')).toBe('1');
    expect(another.status).toBe(204);
  });

  it('is not there without keys, and not without a feed', async () => {
    for (const [onto, eventKeys] of [
      [createMemoryFeed(), null],
      [null, { file }],
    ] as const) {
      const other = await start(onto, { eventKeys });
      expect(await post({}, {}, other.url)).toMatchObject({ status: 404, code: 'NOT_FOUND' });
      await other.stop();
    }
  });

  it('counts what was taken and what was refused, by topic', async () => {
    await post({ id: 'counted' });
    await post({ topic: 'lot.flew' });
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
    expect(metrics).toMatch(/ir_events_total\{topic="lot.progressed",outcome="taken"\} \d+/);
    expect(metrics).toMatch(/ir_events_total\{topic="other",outcome="EVENT_TOPIC_UNKNOWN"\} \d+/);
  });
});

describe('the file of keys', () => {
  it('is read again when it changes; one that cannot be used changes nothing', async () => {
    const own = join(folder, 'changing.json');
    const replace = async (content: unknown) => {
      await writeFile(`${own}.new`, JSON.stringify(content));
      await rename(`${own}.new`, own);
    };
    const untilLogged = async (words: string, from: number) => {
      while (!lines.slice(from).some((line) => line.includes(words))) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    await replace({ keys: [mill] });
    const other = await start(createMemoryFeed(), { eventKeys: { file: own, pollMs: 5 } });
    const before = lines.length;
    expect((await post({ id: 'a', key: 'shop' }, {}, other.url)).status).toBe(401);
    await replace({ keys: [shop] });
    await untilLogged('event keys taken', before);
    while ((await post({ id: 'b', key: 'shop' }, {}, other.url)).status === 401) await untilLogged('event keys taken', before);
    expect((await post({ id: 'c', key: 'mill' }, {}, other.url)).status).toBe(401);
    await replace({ keys: [{ ...shop, topics: ['lot.flew'] }] });
    await untilLogged('event keys refused', before);
    expect((await post({ id: 'd', key: 'shop' }, {}, other.url)).status).toBe(204);
    await other.stop();
  });

  const unusable: [string, unknown, RegExp][] = [
    ['of another form', { keys: [{ ...mill, kind: 'rsa' }] }, /keys\.0/],
    [
      'with a private key by mistake',
      { keys: [{ ...mill, publicKey: privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64') }] },
      /public key of mill/,
    ],
    ['with a short secret', { keys: [{ ...shop, secret: 'c2hvcnQ=' }] }, /fewer than 32 bytes/],
    ['with a topic that is none', { keys: [{ ...mill, topics: ['lot.flew'] }] }, /lot\.flew, which is none/],
    [
      'with a bound on a field that its topic does not have',
      { keys: [{ ...mill, only: { colour: ['red'] } }] },
      /colour, which lot\.progressed does not have/,
    ],
    ['with an id twice', { keys: [mill, { ...shop, id: 'mill' }] }, /two keys have the id mill/],
  ];
  it.each(unusable)('%s ends the start, says why, and shows nothing of it', async (_case, content, words) => {
    const own = join(folder, 'unusable.json');
    await writeFile(own, JSON.stringify(content));
    const starting = start(createMemoryFeed(), { eventKeys: { file: own } });
    await expect(starting).rejects.toMatchObject({ code: 'EVENT_KEYS_UNUSABLE', message: expect.stringMatching(words) });
    await expect(starting).rejects.toMatchObject({ message: expect.not.stringContaining(secret.toString('base64')) });
  });
});
