/** Who shares with whom, and what ends when rights do. */
import { createSigningKey, signMemberToken, type HubKeys } from '../../../lib/identity/index.ts';
import { realClock, type Clock } from '../../../lib/clock/clock.ts';
import { startLive, until, type LiveKit, type TestClient } from './kit.ts';

let keys: HubKeys;
let kit: LiveKit;
/** What is added to the clock of the gateway. */
let aheadMs = 0;
const clock: Clock = { ...realClock, now: () => new Date(realClock.now().getTime() + aheadMs) };

beforeAll(async () => {
  keys = { issuer: await createSigningKey(), principal: await createSigningKey(), cursorKey: new Uint8Array(32) };
});
beforeEach(() => void (aheadMs = 0));
afterEach(() => kit.stop());

let count = 0;
/** A token of its own each time. */
const tokenOf = (memberId: string, scopes: readonly string[] = []) => {
  count += 1;
  return signMemberToken(keys, { memberId, kinds: ['MAKER'], scopes: [...scopes, `only.${count}`].slice(0, scopes.length) });
};
const hub = () => ({
  identity: { kind: 'hub' as const, keys, issuers: new Map<string, string>(), visitors: false },
  principalKeys: keys,
  clock,
});
const query = 'subscription { lotMoved { no note name } }';

describe('equal viewers', () => {
  it('with tokens of their own share all that subgraphs are asked, member by member', async () => {
    kit = await startLive(hub());
    const members = Array.from({ length: 10 }, (_, index) => `mem_${index}`);
    const clients: TestClient[] = [];
    for (let index = 0; index < 60; index += 1)
      clients.push(await kit.subscribe({ query, token: await tokenOf(members[index % 10] ?? '') }));
    await kit.move('l1');
    await until(() => clients.every(({ said }) => said.length === 1));
    expect(kit.subgraphs.asked.filter(({ graph }) => graph === 'upstream')).toHaveLength(10);
    expect(kit.live.counts()).toEqual({ subscriptions: 60, cohorts: 10 });
  });

  it('of ten members share one request where subgraphs do not learn who asks; their cursors are their own', async () => {
    kit = await startLive({ ...hub(), subgraphsNotTold: new Set(['upstream', 'names']) });
    const clients: TestClient[] = [];
    for (let index = 0; index < 60; index += 1) clients.push(await kit.subscribe({ query, token: await tokenOf(`mem_${index % 10}`) }));
    await kit.move('l1');
    await until(() => clients.every(({ said }) => said.length === 1));
    expect(kit.subgraphs.asked.map(({ graph }) => graph).toSorted()).toEqual(['names', 'upstream']);
    expect(new Set(clients.map(({ said }) => said[0]?.extensions.cursor)).size).toBe(10);
    const stolen = { query, token: await tokenOf('mem_1'), cursor: clients[0]?.said[0]?.extensions.cursor ?? '' };
    expect(await kit.refused(stolen)).toContain('CURSOR_INVALID');
  });

  it('are not equal where a header that travels on differs', async () => {
    kit = await startLive({ ...hub(), forwardHeaders: { upstream: ['x-region'] }, subgraphsNotTold: new Set(['upstream', 'names']) });
    const token = await tokenOf('mem_1');
    await kit.subscribe({ query, token, headers: { 'x-region': 'eu', 'x-other': 'a' } });
    await kit.subscribe({ query, token, headers: { 'x-region': 'eu', 'x-other': 'b' } });
    await kit.subscribe({ query, token, headers: { 'x-region': 'us' } });
    expect(kit.live.counts()).toEqual({ subscriptions: 3, cohorts: 2 });
    await kit.move('l1');
    await until(() => kit.subgraphs.asked.filter(({ graph }) => graph === 'upstream').length === 2);
    const sent = kit.subgraphs.asked
      .filter(({ graph }) => graph === 'upstream')
      .map(({ headers }) => [headers['x-region'], headers['x-other']]);
    expect(sent.toSorted(([a = ''], [b = '']) => a.localeCompare(b))).toEqual([
      ['eu', undefined],
      ['us', undefined],
    ]);
  });

  it('are not equal where a policy reads what differs, whatever it says', async () => {
    const policies = new Map([['trusted', { claims: [], decide: () => true }]]);
    kit = await startLive({ ...hub(), policies, subgraphsNotTold: new Set(['upstream', 'names']) });
    const secret = 'subscription { lotMoved { no secret } }';
    for (const member of ['mem_1', 'mem_2', 'mem_2']) await kit.subscribe({ query: secret, token: await tokenOf(member) });
    expect(kit.live.counts()).toEqual({ subscriptions: 3, cohorts: 2 });
  });
});

describe('rights', () => {
  it('that a policy takes away act on the next event, for live ones and for those who come back', async () => {
    let allowed = true;
    const policies = new Map([['trusted', { claims: [], decide: () => allowed }]]);
    kit = await startLive({ ...hub(), policies });
    const asking = { query: 'subscription { lotMoved { no secret } }', token: await tokenOf('mem_1') };
    const client = await kit.subscribe(asking);
    await kit.move('l1');
    await until(() => client.said.length === 1);
    expect(client.said[0]?.data).toEqual({ lotMoved: { no: 'l1', secret: 'secret l1' } });
    allowed = false;
    aheadMs = 11_000; // a verdict is used again for ten seconds
    await kit.move('l2');
    await until(() => client.said.length === 2);
    expect(client.said[1]).toMatchObject({ data: { lotMoved: { no: 'l2', secret: null } }, errors: [{ path: ['lotMoved', 'secret'] }] });
    const again = await kit.subscribe({ ...asking, cursor: client.bookmarks[0] ?? '' });
    await until(() => again.said.length === 2);
    expect(again.said.map(({ data }) => data?.['lotMoved'])).toEqual([
      { no: 'l1', secret: null },
      { no: 'l2', secret: null },
    ]);
  });

  it('of a subgraph are asked for again when a client comes back later', async () => {
    kit = await startLive(hub());
    const asking = { query, token: await tokenOf('mem_1') };
    const client = await kit.subscribe(asking);
    await kit.move('l1', 'l2');
    await until(() => client.said.length === 2);
    kit.subgraphs.hidden.add('l1');
    aheadMs = 60_000;
    const again = await kit.subscribe({ ...asking, cursor: client.bookmarks[0] ?? '' });
    await until(() => again.said.length >= 1);
    await kit.move('l3');
    await until(() => again.said.some(({ data }) => JSON.stringify(data).includes('l3')));
    expect(again.said.map(({ data }) => data?.['lotMoved'])).toMatchObject([{ no: 'l2' }, { no: 'l3' }]);
  });

  it('end with the token, within seconds and with a cursor', async () => {
    kit = await startLive(hub());
    const token = await tokenOf('mem_1');
    const client = await kit.subscribe({ query, token });
    await kit.move('l1');
    await until(() => client.said.length === 1);
    aheadMs = 40 * 24 * 3_600_000;
    await until(() => client.ends.length === 1);
    expect(client.ends[0]).toMatchObject({ scope: 'connection', code: 'TOKEN_EXPIRED', cursor: client.said[0]?.extensions.cursor });
  });

  it('that are missing for the field itself refuse it', async () => {
    kit = await startLive(hub());
    expect(await kit.refused({ query })).toContain('UNAUTHENTICATED');
  });
});

describe('limits', () => {
  it('of one member and of all are at their number and not above', async () => {
    kit = await startLive({ ...hub(), limits: { memberSubscriptions: 2, subscriptions: 3 } });
    const token = await tokenOf('mem_1');
    const first = await kit.subscribe({ query, token });
    await kit.subscribe({ query, token });
    expect(await kit.refused({ query, token })).toContain('LIVE_LIMIT');
    await kit.subscribe({ query, token: await tokenOf('mem_2') });
    expect(await kit.refused({ query, token: await tokenOf('mem_3') })).toContain('LIVE_LIMIT');
    first.subscription?.stop();
    await kit.subscribe({ query, token });
    expect(kit.live.counts().subscriptions).toBe(3);
  });
});
