/** The published rules of routing: the first version, new ones, and what is refused. */
import { hub } from '../../../_kit/subgraph.ts';
import { anna, carla, codes, key, openRouting, type Routing } from './_kit.ts';
import { COST_KINDS, hashPolicy, preparePolicy } from '../../../../subgraphs/routing/writes/policy.ts';

let r: Routing;
const openFresh = async (): Promise<void> => {
  r = await openRouting();
};

const fields =
  'version weights { kind value } hhiLimit maxShareBps frozenDays unservedPenalty latenessPenalty candidateLimit publishedAt publishedHash';
const weights = (more: Record<string, number> = {}) => COST_KINDS.map((kind) => ({ kind, value: more[kind] ?? 1 }));
const policy = (more: Record<string, unknown> = {}) => ({
  version: '2026.12.1',
  weights: weights({ LATENESS: 2.5 }),
  hhiLimit: 0.2,
  maxShareBps: 3_000,
  frozenDays: 2,
  unservedPenalty: '900.50',
  latenessPenalty: '4',
  candidateLimit: 20,
  idempotencyKey: key(),
  ...more,
});
const publish = (more: Record<string, unknown> = {}, who = hub) => r.change(who, 'publishPolicy', policy(more), `policy { ${fields} }`);
const inForce = async () => (await r.ask(anna, `{ policy { ${fields} } }`)).data.policy;

describe('the policy in force', () => {
  beforeEach(openFresh, 60_000);
  afterEach(() => r.close());

  it('is made at the first start, with neutral weights', async () => {
    const first = await inForce();
    expect(first).toEqual({
      version: '2026.11.1',
      weights: weights(),
      hhiLimit: 0.15,
      maxShareBps: 2_000,
      frozenDays: 1,
      unservedPenalty: '1000',
      latenessPenalty: '5',
      candidateLimit: 12,
      publishedAt: r.clock.now().toISOString(),
      publishedHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    await r.write(preparePolicy);
    expect((await r.ask(anna, '{ policies { totalCount } }')).data.policies.totalCount).toBe(1);
  });

  it('is the one that was published last; old ones stay readable, and a run keeps to that of its beginning', async () => {
    const { run } = await r.change(carla, 'reroute', { idempotencyKey: key() }, 'run { runId }');
    await r.forgetEvents();
    const { policy: published, problems } = await publish();
    expect(problems).toEqual([]);
    expect(published).toMatchObject({ version: '2026.12.1', unservedPenalty: '900.50', publishedHash: hashPolicy(policy()) });
    expect(await inForce()).toMatchObject({ version: '2026.12.1', unservedPenalty: '900.5', weights: weights({ LATENESS: 2.5 }) });
    const { data } = await r.ask(
      anna,
      `{ policies { nodes { version } } routingRun(runId: "${run.runId}") { policy { version } }
      _entities(representations: [{ __typename: "RoutingPolicy", version: "2026.11.1" }]) { ... on RoutingPolicy { frozenDays } } }`,
    );
    expect(data.policies.nodes.map(({ version }: { version: string }) => version)).toEqual(['2026.12.1', '2026.11.1']);
    expect(data.routingRun.policy.version).toBe('2026.11.1');
    expect(data._entities).toEqual([{ frozenDays: 1 }]);
    expect(await r.events()).toMatchObject([
      { topic: 'policy.published', payload: { version: '2026.12.1', publishedHash: published.publishedHash } },
    ]);
  });

  it('has a hash of its content: the order of the weights and zeros at the end change nothing, every value does', () => {
    const hash = hashPolicy(policy());
    expect(hashPolicy(policy({ weights: policy().weights.toReversed(), unservedPenalty: '900.5' }))).toBe(hash);
    const others = [
      { version: '2' },
      { weights: weights() },
      { hhiLimit: 0.21 },
      { maxShareBps: 1 },
      { frozenDays: 3 },
      { unservedPenalty: '9' },
      { latenessPenalty: '5' },
      { candidateLimit: 1 },
    ];
    expect(new Set([hash, ...others.map((more) => hashPolicy(policy(more)))]).size).toBe(9);
  });
});

describe('publishPolicy', () => {
  beforeAll(openFresh, 60_000);
  afterAll(() => r.close());

  it('is the hub’s', async () => {
    for (const who of [anna, carla]) expect(codes(await publish({}, who))).toEqual(['WRONG_KIND']);
  });

  it('answers the same to the same key', async () => {
    const idempotencyKey = key();
    const version = '2026.10.9';
    await publish({ version, idempotencyKey });
    expect((await publish({ version, idempotencyKey })).policy.version).toBe(version);
    expect((await r.ask(anna, '{ policies { totalCount } }')).data.policies.totalCount).toBe(2);
    await r.forgetEvents();
  });

  it.each<[string, Record<string, unknown>, string[]]>([
    ['DUPLICATE', { version: '2026.11.1' }, ['version']],
    ['TOO_LONG', { version: ' ' }, ['version']],
    ['TOO_FEW', { weights: weights().slice(1) }, ['weights']],
    ['TOO_MANY', { weights: [...weights(), { kind: 'DUTY', value: 1 }] }, ['weights']],
    ['DUPLICATE', { weights: [...weights().slice(1), { kind: 'DUTY', value: 1 }] }, ['weights', '5']],
    ['OUT_OF_RANGE', { weights: weights({ DUTY: -0.1 }) }, ['weights', '2', 'value']],
    ['OUT_OF_RANGE', { hhiLimit: 1.01 }, ['hhiLimit']],
    ['OUT_OF_RANGE', { maxShareBps: 10_001 }, ['maxShareBps']],
    ['OUT_OF_RANGE', { frozenDays: -1 }, ['frozenDays']],
    ['OUT_OF_RANGE', { frozenDays: 29 }, ['frozenDays']],
    ['BAD_CODE', { unservedPenalty: '-1' }, ['unservedPenalty']],
    ['BAD_CODE', { latenessPenalty: '0.0000001' }, ['latenessPenalty']],
    ['OUT_OF_RANGE', { candidateLimit: 0 }, ['candidateLimit']],
  ])('refuses with %s: %j', async (code, more, path) => {
    const { policy: published, problems } = await publish(more);
    expect(published).toBeNull();
    expect(problems).toContainEqual({ code, path, message: expect.any(String) });
    expect((await inForce()).version).toBe('2026.10.9');
    expect(await r.events()).toEqual([]);
  });
});
