/** Tickets at the door: from a token to an EventSource that comes back, and what is refused on the way. */
import { ticketLimits } from '../../../../gateway/edge/live/tickets.ts';
import { createFixedClock } from '../../../../lib/clock/clock.ts';
import { createSigningKey, signMemberToken } from '../../../../lib/identity/index.ts';
import { createLog } from '../../../../lib/log/log.ts';
import { readStream } from '../../../_kit/read-stream.ts';
import type { GraphqlBody } from '../../kit.ts';
import { startLiveShop, SUBSCRIPTION } from './fake-live.ts';

const EVENTS = 'text/event-stream';
const clock = createFixedClock(new Date());
const keys = { issuer: await createSigningKey(), principal: await createSigningKey(), cursorKey: new Uint8Array(32).fill(7) };
const tokenOf = (memberId: string) => signMemberToken(keys, { memberId, kinds: ['MAKER'], ttl: 3_600, clock });

let shop: Awaited<ReturnType<typeof startLiveShop>>;
let logged = '';
beforeAll(async () => {
  shop = await startLiveShop({
    identity: { kind: 'hub', keys, issuers: new Map(), visitors: false },
    principalKeys: keys,
    cursorKeys: [keys.cursorKey],
    clock,
    persistedQueries: true,
    allowedOrigins: ['https://app.example'],
    log: createLog({ service: 'gateway', level: 'debug', stream: { write: (text: string) => (logged += text) } }),
  });
});
afterAll(() => shop.stop());

const params = { query: SUBSCRIPTION, variables: { id: '1' } };

async function askTicket(body: unknown = params, headers: Record<string, string> = {}, memberId: string | null = 'mem_1') {
  const authorization: Record<string, string> = memberId === null ? {} : { authorization: `Bearer ${await tokenOf(memberId)}` };
  const response = await fetch(`${shop.graphqlUrl}/ticket`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...authorization, ...headers },
    body: JSON.stringify(body),
  });
  // The answer is one of the two
  const answer = (await response.json()) as GraphqlBody & { ticket?: string; expiresInSeconds?: number };
  return { status: response.status, headers: response.headers, ...answer, code: answer.errors?.[0]?.extensions.code };
}

async function getTicket(body: unknown = params): Promise<string> {
  const { ticket } = await askTicket(body);
  if (ticket === undefined) throw new Error('No ticket.');
  return ticket;
}

type Search = Record<string, string>;
const usual: Search = { query: SUBSCRIPTION, variables: '{"id":"1"}' };

/** As an EventSource does: nothing but the URL, and the last id when it comes back. */
function open(search: Search, lastEventId?: string, headers: Record<string, string> = {}): Promise<Response> {
  const url = `${shop.graphqlUrl}?${new URLSearchParams(search).toString()}`;
  return fetch(url, { headers: { accept: EVENTS, ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }), ...headers } });
}

async function codeOf(response: Response): Promise<string> {
  if (response.headers.get('content-type')?.startsWith(EVENTS) !== true) {
    // Every answer of the gateway is a JSON object
    const { errors } = (await response.json()) as GraphqlBody;
    return `${response.status} ${errors?.[0]?.extensions.code}`;
  }
  await response.body?.cancel();
  await (
    await shop.live.next()
  ).stopped;
  return `${response.status} stream`;
}

describe('an EventSource', () => {
  it('gets the events of the member that its ticket is of, and comes back to the same URL with its last id', async () => {
    const search = { ...usual, ticket: await getTicket() };
    const response = await open(search);
    const first = await shop.live.next();
    expect(first.subscription.principal).toMatchObject({ memberId: 'mem_1', kinds: ['MAKER'] });
    const { exp } = JSON.parse(Buffer.from((await tokenOf('mem_1')).split('.')[1] ?? '', 'base64url').toString()) as { exp: number }; // of a JWT
    expect(first.subscription.request).toMatchObject({ token: null, identified: { expiresAtMs: exp * 1_000 } });
    first.send({ data: { crateMoved: { id: '1', name: 'one' } } }, 'cursor-1');
    first.end('connection', 'LIVE_GOING_AWAY', 'cursor-2');
    const ids = [...(await readStream(response).rest()).matchAll(/^id: (.*)$/gm)].map(([, id]) => id);
    const again = await open(search, ids.at(-1));
    const second = await shop.live.next();
    expect([again.status, second.cursor, second.subscription.principal.memberId]).toEqual([200, 'cursor-2', 'mem_1']);
    await again.body?.cancel();
    await second.stopped;
  });

  it('has to get another ticket when its own is used and it has no id, or too old', async () => {
    const search = { ...usual, ticket: await getTicket() };
    expect(await codeOf(await open(search))).toBe('200 stream');
    expect(await codeOf(await open(search))).toBe('401 TICKET_INVALID');
    // The parameter stands in the URL, as the ticket does: it shows nothing more
    expect(await codeOf(await open({ ...search, lastEventId: 'cursor-1' }))).toBe('401 TICKET_INVALID');
    expect(await codeOf(await open(search, ''))).toBe('401 TICKET_INVALID');
    expect(await codeOf(await open(search, 'cursor-1'))).toBe('200 stream');
    const old = { ...usual, ticket: await getTicket() };
    clock.advance(ticketLimits.lifeMs);
    expect(await codeOf(await open(old))).toBe('401 TICKET_INVALID');
    expect(await codeOf(await open(old, 'cursor-1'))).toBe('200 stream');
  });

  it('is refused with a cursor that is none, whatever ticket it has', async () => {
    const search = { ...usual, ticket: await getTicket() };
    const response = await open(search, 'forged');
    expect(await response.text()).toContain('"CURSOR_INVALID"');
    expect(await codeOf(await open(search))).toBe('401 TICKET_INVALID');
  });

  it('is refused for another operation, other variables, and what is no subscription: nothing is asked of a subgraph', async () => {
    const before = [shop.shop.bodies.length, shop.live.count()];
    for (const search of [
      { ...usual, variables: '{"id":"2"}' },
      { ...usual, variables: '{}' },
      { ...usual, query: `${SUBSCRIPTION} #` },
      { ...usual, query: '{ crate(id: 1) { id } }' },
      { ...usual, query: 'mutation { rename(id: 1, name: "x") { id } }' },
    ]) {
      const code = await codeOf(await open({ ...search, ticket: await getTicket() }));
      expect([search, code]).toEqual([search, expect.stringMatching(/^(401 TICKET_INVALID|400 BAD_REQUEST|405 METHOD_NOT_ALLOWED)$/)]);
    }
    expect([shop.shop.bodies.length, shop.live.count()]).toEqual(before);
  });

  it('is refused when the token of its ticket has expired', async () => {
    const search = { ...usual, ticket: await getTicket() };
    expect(await codeOf(await open(search))).toBe('200 stream');
    clock.advance(3_600_000);
    expect(await codeOf(await open(search, 'cursor-1'))).toBe('401 TOKEN_EXPIRED');
  });

  it('is refused with a ticket that is forged or cut, with two, and with a token besides', async () => {
    const ticket = await getTicket();
    for (const bad of ['x', ticket.slice(1), ticket.slice(0, -1), `${ticket}A`])
      expect([bad, await codeOf(await open({ ...usual, ticket: bad }))]).toEqual([bad, '401 TICKET_INVALID']);
    expect(await codeOf(await open({ ...usual, ticket }, undefined, { authorization: `Bearer ${await tokenOf('mem_2')}` }))).toBe(
      '400 BAD_REQUEST',
    );
    const twice = `${shop.graphqlUrl}?${new URLSearchParams(usual).toString()}&ticket=${ticket}&ticket=${ticket}`;
    expect(await codeOf(await fetch(twice, { headers: { accept: EVENTS } }))).toBe('400 BAD_REQUEST');
  });

  it('may name its operation by a hash that the member has sent before', async () => {
    const sha256Hash = await sha256(SUBSCRIPTION);
    const extensions = { persistedQuery: { version: 1, sha256Hash } };
    const ticket = await getTicket({ ...params, extensions });
    const byHash = { variables: usual['variables'] ?? '', extensions: JSON.stringify(extensions), ticket };
    expect(await codeOf(await open(byHash))).toBe('200 stream');
  });
});

describe('POST /graphql/ticket', () => {
  it('says how long the ticket may wait, and is kept by nobody', async () => {
    const { status, ticket, expiresInSeconds, headers } = await askTicket();
    expect([status, typeof ticket, expiresInSeconds, headers.get('cache-control')]).toEqual([200, 'string', 60, 'no-store']);
  });

  it('gives none without a token, for an operation that may not be, and for what is no subscription', async () => {
    expect(await askTicket(params, {}, null)).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
    expect(await askTicket(params, { authorization: 'Bearer nonsense' })).toMatchObject({ status: 401, code: 'TOKEN_INVALID' });
    expect(await askTicket({ query: 'subscription { nothing }' })).toMatchObject({ status: 400, code: 'GRAPHQL_VALIDATION_FAILED' });
    const before = [shop.shop.bodies.length, shop.shop.mutations()];
    for (const query of ['{ crate(id: 1) { id } }', 'mutation { rename(id: 1, name: "x") { id } }'])
      expect(await askTicket({ query })).toMatchObject({ status: 400, code: 'BAD_REQUEST' });
    expect([shop.shop.bodies.length, shop.shop.mutations()]).toEqual(before);
  });

  it('is refused to pages of other sites, and in another content type', async () => {
    expect(await askTicket(params, { origin: 'https://evil.example' })).toMatchObject({ status: 400, code: 'CSRF_PREVENTED' });
    expect(await askTicket(params, { 'content-type': 'text/plain' })).toMatchObject({ status: 415 });
    expect(await askTicket(params, { origin: 'https://app.example' })).toMatchObject({ status: 200 });
    expect((await fetch(`${shop.graphqlUrl}/ticket?query=x`)).status).toBe(405);
  });
});

describe('a token in a URL', () => {
  it.each(['token', 'access_token', 'accessToken', 'Authorization', 'id-token', 'jwt', 'bearer'])('is refused as %s', async (name) => {
    const token = await tokenOf('mem_1');
    expect(await codeOf(await open({ ...usual, [name]: token }))).toBe('400 TOKEN_IN_URL');
    const post = await fetch(`${shop.graphqlUrl}?${name}=${token}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query: '{ crate(id: 1) { id } }' }),
    });
    expect(await codeOf(post)).toBe('400 TOKEN_IN_URL');
    const ticket = await fetch(`${shop.graphqlUrl}/ticket?${name}=${token}`, { method: 'POST' });
    expect(await codeOf(ticket)).toBe('400 TOKEN_IN_URL');
  });

  it('is refused in the place of a ticket too', async () => {
    expect(await codeOf(await open({ ...usual, ticket: await tokenOf('mem_1') }))).toBe('400 TOKEN_IN_URL');
  });
});

describe('the log', () => {
  it('holds no ticket, not even when a message does', async () => {
    logged = '';
    const ticket = await getTicket();
    expect(await codeOf(await open({ ...usual, ticket }))).toBe('200 stream');
    expect(await codeOf(await open({ ...usual, ticket }))).toBe('401 TICKET_INVALID');
    const log = createLog({ service: 'gateway', stream: { write: (text: string) => (logged += text) } });
    log.info({ ticket, url: `/graphql?query=x&ticket=${ticket}&variables=y` }, `asked /graphql?ticket=${ticket}`);
    await new Promise((resolve) => setImmediate(resolve));
    expect(logged).toContain('"status":200');
    expect(logged).toContain('ticket=[hidden]');
    expect(logged).toContain('variables=y');
    expect(logged).not.toContain(ticket.slice(0, 20));
  });
});

async function sha256(text: string): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(text))).toString('hex');
}
