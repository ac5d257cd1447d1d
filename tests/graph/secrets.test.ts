/** Subgraphs answer nobody but the gateway; logs hold no token, variable value or personal datum; one request id stands everywhere. */
import { createLog } from '../../lib/log/log.ts';
import { createSigningKey, signPrincipal, createPrincipal } from '../../lib/identity/index.ts';
import { startTestHub, subgraphNames, type Player, type TestHub } from '../_kit/hub.ts';
import { createWorld, type World } from './world.ts';

let hub: TestHub;
let world: World;
const lines: string[] = [];

beforeAll(async () => {
  hub = await startTestHub({ log: createLog({ service: 'test', level: 'debug', stream: { write: (text: string) => lines.push(text) } }) });
  world = await createWorld(hub, (player, mutation, input, fields) => hub.change(player, mutation, input, fields));
}, 60_000);
afterAll(() => hub.stop());

describe('a subgraph', () => {
  const post = (name: (typeof subgraphNames)[number], headers: Record<string, string>, query: string) =>
    fetch(hub.running[name].subgraph.url(), {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query }),
    });

  it.each(subgraphNames)('%s refuses whoever comes without the gateway’s token, also for _service and _entities', async (name) => {
    for (const query of ['{ __typename }', '{ _service { sdl } }', '{ _entities(representations: []) { __typename } }']) {
      const answer = await post(name, {}, query);
      expect(answer.status).toBe(401);
      expect(await answer.json()).toEqual({ errors: [{ message: expect.any(String), extensions: { code: 'PRINCIPAL_INVALID' } }] });
    }
  });
  it.each(subgraphNames)('%s refuses a token of another subgraph, of another key, and a member’s token', async (name) => {
    const other = name === 'upstream' ? 'downstream' : 'upstream';
    const foreign = { principal: await createSigningKey() };
    const tokens = [
      await signPrincipal(hub.keys, createPrincipal({ kinds: ['HUB'] }), other, 'r'),
      await signPrincipal(foreign, createPrincipal({ kinds: ['HUB'] }), name, 'r'),
      hub.hub.token,
    ];
    for (const token of tokens) expect((await post(name, { 'ir-principal': token }, '{ __typename }')).status).toBe(401);
  });
  it.each(subgraphNames)('%s answers the gateway’s own token', async (name) => {
    const token = await signPrincipal(hub.keys, createPrincipal({ kinds: ['HUB'] }), name, 'r');
    expect((await post(name, { 'ir-principal': token }, '{ __typename }')).status).toBe(200);
  });
});

it('a client cannot hand in who it is: its own ir-principal is not passed on', async () => {
  const forged = await signPrincipal(hub.keys, createPrincipal({ memberId: world.maker.memberId, kinds: ['MAKER'] }), 'routing', 'r');
  const { data } = await hub.ask(world.creator, '{ viewer { memberId } }', {}, { 'ir-principal': forged });
  expect(data.viewer.memberId).toBe(world.creator.memberId);
});

it('no log holds a token, the value of a variable, or a personal datum', async () => {
  lines.length = 0;
  const canary = 'CANARY-7f3a9';
  await hub.change(
    world.creator,
    'registerCreator',
    { displayName: canary, tier: 'KOC', idempotencyKey: `key-${canary}` },
    'creator { displayName }',
  );
  await hub.ask(world.creator, `query ($name: String) { makers(province: $name) { nodes { name } } }`, { name: canary });
  await hub.ask(world.creator, `{ makers(province: "${canary}") { nodes { nope } } }`);
  await hub.ask({ memberId: '', token: `${canary}.${canary}.${canary}` }, '{ viewer { name } }');
  await hub.ask(world.creator, 'query ($id: ID!) { creator(creatorId: $id) { creatorId } }', { id: [canary] as unknown as string });
  const trade: [Player, string, Record<string, unknown>][] = [
    [world.creator, 'reroute', { note: canary }],
    [world.maker, 'acceptAllocation', { allocationId: canary, note: canary }],
    [world.maker, 'scrapLot', { lotId: canary, note: canary }],
    [
      world.distributor,
      'bookShipment',
      { allocationId: canary, distributorGln: canary, carrier: canary, plannedArrival: '2026-11-30T00:00:00Z' },
    ],
    [world.creator, 'disputeSettlement', { settlementId: canary, note: canary }],
    [world.creator, 'addTrafficSource', { creatorId: canary, platform: 'TIKTOK', handle: canary, domain: 'PUBLIC' }],
  ];
  for (const [player, name, input] of trade)
    await hub.change(player, name, { ...input, idempotencyKey: `${name}-${canary}` }, '__typename');
  await hub.settle();
  const text = lines.join('');
  expect(text.length).toBeGreaterThan(100);
  expect(text).not.toContain(canary);
  expect(text).not.toContain(world.creator.token);
  expect(text).not.toContain(world.creator.token.split('.')[1]);
});

it('the same request id stands in the response and in the logs of the gateway and of every subgraph it asked', async () => {
  lines.length = 0;
  const response = await fetch(`${hub.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-request-id': 'walk-the-graph-1', authorization: `Bearer ${hub.hub.token}` },
    body: JSON.stringify({
      query:
        '{ creators(first: 1) { nodes { displayName } } makers(first: 1) { nodes { name } } distributors(first: 1) { nodes { name } } members(first: 1) { nodes { name } } }',
    }),
  });
  await response.json();
  expect(response.headers.get('x-request-id')).toBe('walk-the-graph-1');
  await new Promise((resolve) => setTimeout(resolve, 50));
  const services = lines
    .map((line) => JSON.parse(line) as { service: string; requestId?: string })
    .filter((line) => line.requestId === 'walk-the-graph-1')
    .map((line) => line.service);
  expect([...new Set(services)].toSorted()).toEqual(expect.arrayContaining([...subgraphNames]));
  expect(services.some((service) => !subgraphNames.includes(service as never))).toBe(true);
});
