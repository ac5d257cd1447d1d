/** Every mutation of downstream against the same demands: one event per change, one answer per key, owners only, nothing stale, legal states only. */
import { readEventContract } from '../../../lib/feed/event-contract.ts';
import { downstream } from '../../../subgraphs/downstream/downstream.ts';
import { visitor } from '../../_kit/subgraph.ts';
import {
  agency,
  call,
  cny,
  creator,
  curve,
  maker,
  makeWorld,
  newDemand,
  newKey,
  newSale,
  newStyle,
  open,
  openDownstream,
  problemsOf,
  rival,
  topicsOf,
  type Downstream,
  type World,
} from './_kit.ts';

type Prepared = {
  readonly input: Record<string, unknown>;
  /** Node that changes, for the check of staleness: its `changedAt` as it was read. */
  readonly changedAt?: string;
};
type Case = {
  readonly as?: typeof creator;
  /** Makes all that the mutation needs and gives a good input. */
  readonly prepare: (d: Downstream, world: World) => Promise<Prepared> | Prepared;
  readonly events: readonly string[];
  /** Problem for another member of the right kind; null: anybody may make a row of their own. */
  readonly stranger: string | null;
  /** False: it only makes new rows, so nothing can be stale. */
  readonly changesRow?: false;
  /** Brings the row into a state from which the mutation is forbidden. */
  readonly spoil?: (d: Downstream, world: World, input: Record<string, unknown>) => Promise<unknown>;
};

const changedAtOf = async (d: Downstream, query: string): Promise<string> => {
  const { data } = await d.ask(creator, query);
  return Object.values<any>(data)[0].changedAt;
};
const campaignCase = (name: string, prepare: (d: Downstream, world: World) => unknown): Case => ({
  events: ['campaign.changed'],
  stranger: 'NOT_YOURS campaignId',
  prepare: async (d, world) => {
    await prepare(d, world);
    const { campaignId } = world;
    const input =
      name === 'updateCampaign'
        ? { campaignId, title: 'Other' }
        : { campaignId, ...(name === 'cancelCampaign' ? { reason: 'MISTAKE' } : {}) };
    return { input, changedAt: await changedAtOf(d, `{ campaign(campaignId: "${campaignId}") { changedAt } }`) };
  },
  spoil: (d, { campaignId }) => d.db.campaign.update({ where: { campaignId }, data: { status: 'CANCELLED' } }),
});
const submit = async (d: Downstream, world: World): Promise<{ demandLineId: string; changedAt: string }> =>
  (await call(d, creator, 'submitDemands', { demands: [newDemand(world.styleId, world.gtins[0] ?? '')] })).demandLines[0];
const addSource = async (d: Downstream, { creatorId }: World): Promise<string> =>
  (await call(d, creator, 'addTrafficSource', { creatorId, platform: 'TIKTOK', handle: 'ada', domain: 'PUBLIC' })).trafficSource.sourceId;
const spoilDemand: Case['spoil'] = (d, _world, input) =>
  d.db.demandLine.update({ where: { demandLineId: String(input['demandLineId']) }, data: { status: 'IN_PRODUCTION' } });

const cases: Readonly<Record<string, Case>> = {
  registerCreator: {
    prepare: () => ({ input: { displayName: 'Bo', tier: 'KOL' } }),
    changesRow: false,
    events: ['creator.changed'],
    stranger: null,
  },
  updateCreator: {
    prepare: async (d, { creatorId }) => ({
      input: { creatorId, tier: 'KOL' },
      changedAt: await changedAtOf(d, `{ creator(creatorId: "${creatorId}") { changedAt } }`),
    }),
    events: ['creator.changed'],
    stranger: 'NOT_YOURS creatorId',
  },
  registerMcn: {
    as: agency,
    prepare: () => ({ input: { name: 'Stars', takeRateBps: 2_000 } }),
    changesRow: false,
    events: ['mcn.changed'],
    stranger: null,
  },
  registerBrand: {
    prepare: () => ({ input: { name: 'B', positioning: 'p', promise: 'q', slogan: 's' } }),
    changesRow: false,
    events: ['brand.changed'],
    stranger: null,
  },
  updateBrand: {
    prepare: async (d, { brandId }) => ({
      input: { brandId, slogan: 'New' },
      changedAt: await changedAtOf(d, `{ brand(brandId: "${brandId}") { changedAt } }`),
    }),
    events: ['brand.changed'],
    stranger: 'NOT_YOURS brandId',
  },
  defineSegment: {
    prepare: async (d, { segmentId }) => ({
      input: { segmentId, name: 'Wider', size: 5, sizeCurve: curve },
      changedAt: await changedAtOf(d, `{ segment(segmentId: "${segmentId}") { changedAt } }`),
    }),
    events: ['segment.changed'],
    stranger: 'NOT_YOURS segmentId',
  },
  proposeStyles: {
    prepare: (_d, { creatorId }) => ({ input: { styles: [newStyle({ creatorId })] } }),
    changesRow: false,
    events: ['style.proposed'],
    stranger: 'NOT_YOURS styles.0.creatorId',
  },
  updateStyle: {
    prepare: async (d, { styleId }) => ({
      input: { styleId, life: 'SAMPLED' },
      changedAt: await changedAtOf(d, `{ style(styleId: "${styleId}") { changedAt } }`),
    }),
    events: ['style.changed'],
    stranger: 'NOT_YOURS styleId',
    spoil: (d, { styleId }) => d.db.style.update({ where: { styleId }, data: { life: 'RETIRED' } }),
  },
  createCampaign: {
    prepare: (_d, { creatorId, styleId }) => ({
      input: { creatorId, title: 'T', startsAt: '2026-12-01T00:00:00Z', cpsRateBps: 1, styleIds: [styleId] },
    }),
    changesRow: false,
    events: ['campaign.changed'],
    stranger: 'NOT_YOURS creatorId',
  },
  updateCampaign: campaignCase('updateCampaign', () => undefined),
  openPresale: campaignCase('openPresale', () => undefined),
  closePresale: campaignCase('closePresale', (d, { campaignId }) => open(d, campaignId, false)),
  closeCampaign: campaignCase('closeCampaign', (d, { campaignId }) => open(d, campaignId)),
  cancelCampaign: campaignCase('cancelCampaign', () => undefined),
  recordSales: {
    prepare: async (d, { campaignId, gtins }) => {
      await open(d, campaignId);
      return { input: { sales: [newSale(gtins[0] ?? '', { campaignId })] } };
    },
    changesRow: false,
    events: ['sales.recorded'],
    stranger: 'NOT_YOURS sales.0.gtin',
    spoil: (d, { campaignId }) => d.db.campaign.update({ where: { campaignId }, data: { status: 'CANCELLED' } }),
  },
  submitDemands: {
    prepare: (_d, { styleId, gtins, campaignId }) => ({ input: { demands: [newDemand(styleId, gtins[0] ?? '', { campaignId })] } }),
    changesRow: false,
    events: ['demand.submitted'],
    stranger: 'NOT_YOURS demands.0.campaignId',
    spoil: (d, { campaignId }) => d.db.campaign.update({ where: { campaignId }, data: { status: 'CLOSED' } }),
  },
  reviseDemand: {
    prepare: async (d, world) => {
      const { demandLineId, changedAt } = await submit(d, world);
      return { input: { demandLineId, dueDate: '2026-12-05' }, changedAt };
    },
    events: ['demand.changed'],
    stranger: 'NOT_YOURS demandLineId',
    spoil: spoilDemand,
  },
  cancelDemand: {
    prepare: async (d, world) => {
      const { demandLineId, changedAt } = await submit(d, world);
      return { input: { demandLineId, reason: 'SOLD_BADLY' }, changedAt };
    },
    events: ['demand.cancelled'],
    stranger: 'NOT_YOURS demandLineId',
    spoil: spoilDemand,
  },
  addTrafficSource: {
    prepare: (_d, { creatorId }) => ({ input: { creatorId, platform: 'TIKTOK', handle: 'ada', domain: 'PUBLIC' } }),
    changesRow: false,
    events: ['traffic.recorded'],
    stranger: 'NOT_YOURS creatorId',
  },
  recordTraffic: {
    prepare: async (d, world) => ({ input: { readings: [{ sourceId: await addSource(d, world), day: '2026-11-21', reactions: 3 }] } }),
    changesRow: false,
    events: ['traffic.recorded'],
    stranger: 'NOT_YOURS readings.0.sourceId',
  },
  recordSignals: {
    prepare: async (d, world) => ({
      input: { signals: [{ sourceId: await addSource(d, world), at: '2026-11-22T08:00:00Z', windowSeconds: 60, views: 5 }] },
    }),
    changesRow: false,
    events: ['signal.recorded'],
    stranger: 'NOT_YOURS signals.0.sourceId',
  },
};

let d: Downstream;
beforeAll(async () => {
  d = await openDownstream();
}, 60_000);
afterAll(() => d.close());

it('every mutation has a case, and writes the topics that the contract names', () => {
  expect(downstream.mutations.map(({ name }) => name).sort()).toEqual(Object.keys(cases).sort());
  const writes = readEventContract().writes['downstream'] ?? {};
  for (const [name, { events }] of Object.entries(cases)) expect(writes[name]).toEqual(expect.arrayContaining([...events]));
});

async function prepare(one: Case): Promise<{ world: World; prepared: Prepared; as: typeof creator }> {
  const world = await makeWorld(d);
  const prepared = await one.prepare(d, world);
  await d.forgetEvents();
  return { world, prepared, as: one.as ?? creator };
}

const tables = [
  'Creator',
  'Mcn',
  'Brand',
  'BrandSegment',
  'AudienceSegment',
  'SegmentSize',
  'Style',
  'Sku',
  'Campaign',
  'CampaignStyle',
  'CampaignSegment',
  'Sale',
  'DemandLine',
  'DemandSize',
  'TrafficSource',
  'TrafficReading',
  'DemandSignal',
];
/** A checksum of every table. */
const checksums = (): Promise<unknown> =>
  d.db.$queryRawUnsafe(
    tables
      .map((table) => `SELECT '${table}' AS name, md5(string_agg(t::text, '' ORDER BY t::text)) AS sum FROM "${table}" t`)
      .join(' UNION ALL '),
  );

describe.each(Object.entries(cases))('%s', (name, one) => {
  it('works for its owner, writes its event once, and answers the same key with the same payload', async () => {
    const { prepared, as } = await prepare(one);
    const input = {
      ...prepared.input,
      ...(prepared.changedAt === undefined ? {} : { ifChangedAt: prepared.changedAt }),
      idempotencyKey: newKey(),
    };
    const first = await call(d, as, name, input);
    expect(first.problems).toEqual([]);
    const events = await d.events();
    expect(events.map(({ topic, actorId, requestId, causeId }) => ({ topic, actorId, requestId, causeId }))).toEqual(
      one.events.map((topic) => ({ topic, actorId: as.memberId, requestId: 'req_test', causeId: null })),
    );
    const before = await checksums();
    expect(await call(d, as, name, input)).toEqual(first);
    expect(await checksums()).toEqual(before);
    expect(await d.events()).toHaveLength(events.length);
  });

  it('refuses the same key with another input, and a visitor', async () => {
    const { prepared, as } = await prepare(one);
    const idempotencyKey = newKey();
    await call(d, as, name, { ...prepared.input, idempotencyKey });
    const key = Object.keys(prepared.input)[0] ?? '';
    const value = prepared.input[key];
    const other = { ...prepared.input, idempotencyKey, [key]: Array.isArray(value) ? [...value, ...value] : `${String(value)}x` };
    expect(problemsOf(await call(d, as, name, other))).toEqual(['IDEMPOTENCY_MISMATCH idempotencyKey']);
    await expect(call(d, visitor, name, prepared.input)).rejects.toThrow('only read');
    expect(await topicsOf(d)).toEqual(one.events);
  });

  it('refuses another member and writes nothing', async () => {
    const { prepared } = await prepare(one);
    const before = await checksums();
    // a row of one's own may be made by anybody of the right kind, but by no maker
    const answer = await call(d, one.stranger === null ? maker : rival, name, prepared.input);
    expect(problemsOf(answer)).toEqual([one.stranger ?? 'WRONG_KIND']);
    expect(await checksums()).toEqual(before);
    expect(await topicsOf(d)).toEqual([]);
  });
});

const changing = Object.entries(cases).filter(([, { changesRow }]) => changesRow !== false);
it.each(changing)('%s refuses what was changed since it was read, and writes nothing', async (name, one) => {
  const { prepared, as } = await prepare(one);
  const before = await checksums();
  expect(problemsOf(await call(d, as, name, { ...prepared.input, ifChangedAt: '2026-11-22T08:59:59.999Z' }))).toEqual([
    'STALE ifChangedAt',
  ]);
  expect(await checksums()).toEqual(before);
  expect(await topicsOf(d)).toEqual([]);
});

const stateful = Object.entries(cases).filter(([, { spoil }]) => spoil !== undefined);
it.each(stateful)('%s refuses a forbidden state, and writes nothing', async (name, one) => {
  const { world, prepared, as } = await prepare(one);
  await one.spoil?.(d, world, prepared.input);
  const before = await checksums();
  expect(problemsOf(await call(d, as, name, prepared.input))[0]).toMatch(/^WRONG_STATE/);
  expect(await checksums()).toEqual(before);
  expect(await topicsOf(d)).toEqual([]);
});

it('refuses an idempotency key that is empty or too long', async () => {
  for (const idempotencyKey of ['', 'k'.repeat(65)]) {
    expect(problemsOf(await call(d, agency, 'registerMcn', { name: 'X', takeRateBps: 1, idempotencyKey }))).toEqual([
      'IDEMPOTENCY_KEY_INVALID idempotencyKey',
    ]);
  }
});

it('refuses rows that do not exist', async () => {
  const missing: [string, Record<string, unknown>][] = [
    ['updateCreator', { creatorId: 'crt_0' }],
    ['updateBrand', { brandId: 'brd_0' }],
    ['defineSegment', { segmentId: 'seg_0', name: 'x', size: 1, sizeCurve: curve }],
    ['updateStyle', { styleId: 'sty_0' }],
    ['openPresale', { campaignId: 'cmp_0' }],
    ['cancelDemand', { demandLineId: 'dln_0', reason: 'OTHER' }],
    ['recordSales', { sales: [newSale('9520000000011', { unitPrice: cny(1) })] }],
  ];
  for (const [name, input] of missing) expect(problemsOf(await call(d, creator, name, input))[0]).toMatch(/^NOT_FOUND/);
});
