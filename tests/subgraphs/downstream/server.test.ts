/** downstream as a service on @apollo/server: behind its door, with the job of the clock and the relay at work. */
import { realClock } from '../../../lib/clock/clock.ts';
import { createMemoryFeed } from '../../../lib/feed/memory-feed.ts';
import { createPublicKeys, createSigningKey, PRINCIPAL_HEADER, signPrincipal, toJwks, type HubKeys } from '../../../lib/identity/index.ts';
import { silentLog } from '../../../lib/log/log.ts';
import { createSubgraph, type Subgraph } from '../../../subgraph-kit/subgraph.ts';
import { program } from '../../../subgraphs/downstream/config.ts';
import { createTestDatabase, type TestDatabase } from '../../_kit/postgres.ts';
import { agency, creator, settings } from './_kit.ts';

let database: TestDatabase;
let subgraph: Subgraph;
let keys: HubKeys;
const feed = createMemoryFeed();

beforeAll(async () => {
  database = await createTestDatabase({ migrated: true });
  keys = { issuer: await createSigningKey(), principal: await createSigningKey(), cursorKey: new Uint8Array(32) };
  subgraph = createSubgraph(program.definition, {
    db: program.openClient({ url: await database.urlOf('downstream') }),
    feed,
    keys: await createPublicKeys(toJwks(keys.principal)),
    clock: realClock,
    settings,
    host: '127.0.0.1',
    port: 0,
    log: silentLog,
  });
  await subgraph.start();
}, 60_000);
afterAll(async () => {
  await subgraph.stop();
  await feed.close();
  await database.drop();
});

const post = (body: unknown, headers: Record<string, string> = {}) =>
  fetch(subgraph.url(), { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });
const asMember = async (as: typeof creator) => ({
  [PRINCIPAL_HEADER]: await signPrincipal(keys, as, 'downstream', 'req_1'),
  'x-request-id': 'req_1',
});

it('refuses whoever does not come through the gateway', async () => {
  const answer = await post({ query: '{ __typename }' });
  expect(answer.status).toBe(401);
  expect(JSON.stringify(await answer.json())).toContain('PRINCIPAL_INVALID');
});

it('answers a mutation and passes its event on to the feed', async () => {
  const query =
    'mutation { registerMcn(input: { name: "Stars", takeRateBps: 1, idempotencyKey: "k" }) { mcn { mcnId name } problems { code } } }';
  const answer = await post({ query }, await asMember(agency));
  const { data } = (await answer.json()) as { data: { registerMcn: { mcn: { mcnId: string; name: string }; problems: unknown[] } } };
  expect(data.registerMcn).toEqual({ mcn: { mcnId: expect.stringMatching(/^mcn_/), name: 'Stars' }, problems: [] });
  const stop = AbortSignal.timeout(10_000);
  for await (const { events } of feed.tail('mcn.changed', { after: null, signal: stop })) {
    expect(events[0]?.payload).toMatchObject({
      topic: 'mcn.changed',
      actorId: 'mbr_agency',
      requestId: 'req_1',
      payload: { mcnId: data.registerMcn.mcn.mcnId },
    });
    break;
  }
});

it('gives its SDL to the composer', async () => {
  const answer = await post({ query: '{ _service { sdl } }' }, await asMember(creator));
  const { data } = (await answer.json()) as { data: { _service: { sdl: string } } };
  expect(data._service.sdl).toContain('type DemandLine');
});
