/** What upstream answers: lists, pages, fences, copies of others, and numbers of statements. */
import { createPrincipal } from '../../../lib/identity/principal.ts';
import { explainTag } from '../../../subgraphs/upstream/words.ts';
import { generator, hub as theHub, member, visitor } from '../../_kit/subgraph.ts';
import {
  anna,
  bert,
  carla,
  cny,
  codes,
  demandSubmitted,
  enterMaker,
  key,
  offer,
  openUpstream,
  styleProposed,
  term,
  type Upstream,
} from './_kit.ts';

let hub: Upstream;
beforeAll(async () => {
  hub = await openUpstream();
}, 60_000);
afterAll(() => hub.close());

const demo = generator('mbr_demo', 'MAKER');
const routingService = createPrincipal({ scopes: ['routing.read'] });

const publish = (by: typeof anna, buckets: unknown[]) =>
  hub.change(by, 'publishCapacity', { buckets, idempotencyKey: key() }, 'buckets { bucketId }');

async function answer(principal: typeof anna, source: string, variables: Record<string, unknown> = {}): Promise<any> {
  const { data, errors } = await hub.ask(principal, source, variables);
  if (errors !== undefined) throw new Error(errors.map((error) => error.message).join('; '));
  return data;
}

describe('makers', () => {
  const names = async (args: string): Promise<string[]> =>
    (await answer(carla, `{ makers(${args}) { nodes { name } } }`)).makers.nodes.map((one: { name: string }) => one.name);

  beforeAll(async () => {
    const print = [{ tag: 'PRINT_DIGITAL', stage: 'PRINTING' }];
    await enterMaker(hub, { name: 'M1', region: { province: 'Zhejiang', county: 'Yuhang' } });
    await enterMaker(hub, { name: 'M2', region: { province: 'Zhejiang', county: 'Haining' }, capabilities: print });
    await enterMaker(hub, { name: 'M3', country: 'VN', region: { province: 'Hanoi' }, capabilities: print });
  });

  it('are found by place and by what they can do', async () => {
    expect(await names('first: 10')).toEqual(['M1', 'M2', 'M3']);
    expect(await names('country: "VN"')).toEqual(['M3']);
    expect(await names('province: "Zhejiang"')).toEqual(['M1', 'M2']);
    expect(await names('county: "Haining"')).toEqual(['M2']);
    expect(await names('capability: "PRINT_DIGITAL", country: "CN"')).toEqual(['M2']);
    expect(await names('stage: SEWING')).toEqual(['M1']);
  });

  it('come page by page with the number of all', async () => {
    const page = (after: string | null) =>
      answer(
        carla,
        'query ($after: String) { makers(first: 2, after: $after) { edges { cursor node { name } } totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }',
        { after },
      );
    const first = (await page(null)).makers;
    expect(first.edges.map((edge: any) => edge.node.name)).toEqual(['M1', 'M2']);
    expect(first).toMatchObject({ totalCount: 3, pageInfo: { hasNextPage: true, hasPreviousPage: false } });
    const second = (await page(first.pageInfo.endCursor)).makers;
    expect(second.edges.map((edge: any) => edge.node.name)).toEqual(['M3']);
    expect(second.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
  });

  it('are null when unknown', async () => {
    expect(await answer(carla, '{ maker(gln: "9520000000004") { name } makerQuote(quoteId: "quo_none") { quoteId } }')).toEqual({
      maker: null,
      makerQuote: null,
    });
  });

  it('tell lot sizes and lead times by kind of product', async () => {
    const gln = await enterMaker(hub, { name: 'Terms', terms: [term(), term({ category: 'DRESS', moq: 300, leadTimeDays: 5 })] });
    const source = `{ maker(gln: "${gln}") { moq leadTimeDays dress: moq(category: DRESS) skirt: moq(category: SKIRT) dressDays: leadTimeDays(category: DRESS) skirtDays: leadTimeDays(category: SKIRT) } }`;
    expect((await answer(carla, source)).maker).toEqual({ moq: 100, leadTimeDays: 5, dress: 300, skirt: 100, dressDays: 5, skirtDays: 7 });
  });
});

describe('capacity', () => {
  let own: string;
  let other: string;
  let shown: string;
  const glns = async (principal: typeof anna): Promise<string[]> =>
    (
      await answer(principal, '{ capacityBuckets(from: "2026-11-22", to: "2027-12-31", first: 200) { nodes { maker { gln } } } }')
    ).capacityBuckets.nodes.map((one: any) => one.maker.gln);

  beforeAll(async () => {
    own = await enterMaker(hub, { name: 'Own' });
    other = await enterMaker(hub, { name: 'Other' }, bert);
    shown = await enterMaker(hub, { name: 'Shown' }, demo);
    await publish(anna, [offer(own, { stage: 'SEWING' }), offer(own, { stage: 'CUTTING' }), offer(own, { day: '2026-11-24' })]);
    await publish(bert, [offer(other)]);
    await publish(demo, [offer(shown)]);
  });

  it('is for its owner, the hub, routing and members that are no rivals', async () => {
    const all = [own, own, own, other, shown].sort();
    for (const one of [theHub, routingService, carla, member('mbr_d', 'DISTRIBUTOR'), member('mbr_n', 'MCN'), member('mbr_p', 'PARTNER')])
      expect((await glns(one)).sort()).toEqual(all);
    expect(await glns(anna)).toEqual([own, own, own]);
    expect(await glns(bert)).toEqual([other]);
    expect(await glns(member('mbr_both', 'MAKER', 'CREATOR'))).toEqual([]);
  });

  it('shows a visitor the rows of the demonstration only', async () => {
    expect(await glns(visitor)).toEqual([shown]);
    const source = '{ makers(first: 50) { nodes { origin capacity(from: "2026-11-22", to: "2026-12-31") { totalCount } } } }';
    const { nodes } = (await answer(visitor, source)).makers;
    expect(nodes.filter((one: any) => one.capacity.totalCount > 0)).toEqual([{ origin: 'GENERATED', capacity: { totalCount: 1 } }]);
  });

  it('is hidden behind a reference too', async () => {
    const { buckets } = await publish(bert, [offer(other, { day: '2026-11-30' })]);
    const source = 'query ($r: [_Any!]!) { _entities(representations: $r) { ... on CapacityBucket { freeMinutes } } }';
    const r = [{ __typename: 'CapacityBucket', bucketId: buckets[0].bucketId }];
    expect((await answer(anna, source, { r }))._entities).toEqual([null]);
    expect((await answer(bert, source, { r }))._entities).toEqual([{ freeMinutes: 1_000 }]);
  });

  it('comes by day and in the order of the work', async () => {
    const source = `{ maker(gln: "${own}") { capacity(from: "2026-11-22", to: "2026-11-30", first: 2) { nodes { day stage } totalCount pageInfo { endCursor } } } }`;
    const { capacity } = (await answer(anna, source)).maker;
    expect(capacity).toMatchObject({
      nodes: [
        { day: '2026-11-24', stage: 'SEWING' },
        { day: '2026-11-25', stage: 'CUTTING' },
      ],
      totalCount: 3,
    });
    const next = `{ maker(gln: "${own}") { capacity(from: "2026-11-22", to: "2026-11-30", after: "${capacity.pageInfo.endCursor}") { nodes { day stage } } } }`;
    expect((await answer(anna, next)).maker.capacity.nodes).toEqual([{ day: '2026-11-25', stage: 'SEWING' }]);
  });

  it('is found by maker, stage and days', async () => {
    const stages = async (args: string) =>
      (await answer(theHub, `{ capacityBuckets(${args}) { nodes { day stage } } }`)).capacityBuckets.nodes.map(
        (one: any) => `${one.day} ${one.stage}`,
      );
    expect(await stages(`gln: "${own}", from: "2026-11-25", to: "2026-11-25"`)).toEqual(['2026-11-25 CUTTING', '2026-11-25 SEWING']);
    expect(await stages(`gln: "${own}", stage: SEWING, from: "2026-11-01", to: "2026-11-24"`)).toEqual(['2026-11-24 SEWING']);
  });

  it('is read for many makers in as many statements as for one', async () => {
    const source = (first: number): string =>
      `{ makers(first: ${first}) { nodes { name capabilities { tag } terms { moq } moq quality { score } member { memberId } capacity(from: "2026-11-22", to: "2026-12-31") { nodes { freeMinutes maker { gln } } totalCount } } } }`;
    const one = await hub.countStatements(() => answer(theHub, source(1)));
    const many = await hub.countStatements(() => answer(theHub, source(100)));
    expect(one).toBeGreaterThan(0);
    // with one maker there may be no bucket whose maker is asked for
    expect(many - one).toBeLessThanOrEqual(1);
  });
});

describe('quotes', () => {
  it('are between the maker, the owner of the demand and the hub', async () => {
    const gln = await enterMaker(hub, { name: 'Quoting' });
    await hub.follow([demandSubmitted('dln_fence')]);
    const input = {
      demandLineId: 'dln_fence',
      gln,
      unitPrice: cny(1),
      setupCost: cny(0),
      minQty: 1,
      earliestFinish: '2026-12-01',
      validUntil: '2026-12-01T00:00:00Z',
      idempotencyKey: key(),
    };
    const { quote } = await hub.change(anna, 'quoteDemand', input, 'quote { quoteId }');
    const see = async (principal: typeof anna) => {
      const source =
        'query ($q: ID!, $r: [_Any!]!) { makerQuote(quoteId: $q) { quoteId } _entities(representations: $r) { ... on MakerQuote { quoteId } } }';
      const data = await answer(principal, source, { q: quote.quoteId, r: [{ __typename: 'MakerQuote', quoteId: quote.quoteId }] });
      expect(data._entities[0]).toEqual(data.makerQuote);
      return data.makerQuote !== null;
    };
    expect(await Promise.all([anna, carla, theHub].map(see))).toEqual([true, true, true]);
    expect(await Promise.all([bert, member('mbr_dora', 'CREATOR'), visitor].map(see))).toEqual([false, false, false]);
  });
});

describe('references of other subgraphs', () => {
  it('to makers and styles are answered in their order', async () => {
    const gln = await enterMaker(hub, { name: 'Referenced' });
    await hub.follow([styleProposed('sty_ref')]);
    await hub.change(
      anna,
      'recordOperations',
      { styleId: 'sty_ref', operations: [{ stage: 'QC', smv: 0.5, capability: 'QC_AQL' }], idempotencyKey: key() },
      '',
    );
    const source =
      'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Maker { name } ... on Style { styleId smvTotal operations { smv } } ... on DemandLine { feasibleMakers { quoteId } } } }';
    const r = [
      { __typename: 'Style', styleId: 'sty_ref' },
      { __typename: 'Maker', gln },
      { __typename: 'Style', styleId: 'sty_unknown' },
      { __typename: 'Maker', gln: '9520000000004' },
      { __typename: 'DemandLine', demandLineId: 'dln_bare' },
    ];
    expect((await answer(carla, source, { r }))._entities).toEqual([
      { styleId: 'sty_ref', smvTotal: 0.5, operations: [{ smv: 0.5 }] },
      { name: 'Referenced' },
      { styleId: 'sty_unknown', smvTotal: null, operations: null },
      null,
      { feasibleMakers: null },
    ]);
  });
});

describe('copies of others', () => {
  const changed = (demandLineId: string, more: Record<string, unknown>) => ({
    topic: 'demand.changed',
    payload: { ...demandSubmitted(demandLineId).payload, previousStatus: 'OPEN', ...more },
  });
  const cancelled = (demandLineId: string, changedAt: string) => ({
    topic: 'demand.cancelled',
    payload: { demandLineId, memberId: 'mbr_carla', styleId: 'sty_1', campaignId: null, quantity: 200, reason: 'OWNER', changedAt },
  });
  const copy = (demandLineId: string) => hub.db.demandCopy.findUnique({ where: { demandLineId } });

  it('of demand follow the newest change, in whatever order the topics come', async () => {
    await hub.follow([changed('dln_c1', { quantity: 300, status: 'PARTIAL', changedAt: '2026-11-21T02:00:00.000Z' })]);
    await hub.follow([demandSubmitted('dln_c1')]);
    expect(await copy('dln_c1')).toMatchObject({ quantity: 300, status: 'PARTIAL', memberId: 'mbr_carla' });
    await hub.follow([cancelled('dln_c1', '2026-11-21T03:00:00.000Z')]);
    await hub.follow([changed('dln_c1', { status: 'OPEN', changedAt: '2026-11-21T02:30:00.000Z' })]);
    expect(await copy('dln_c1')).toMatchObject({ status: 'CANCELLED', latestDate: new Date('2026-12-20') });
  });

  it('of demand take several changes of one line at once, and a repeat once', async () => {
    const first = changed('dln_c2', { quantity: 1, changedAt: '2026-11-21T02:00:00.000Z' });
    await hub.follow([first, { ...changed('dln_c2', { quantity: 2, changedAt: '2026-11-21T02:00:00.001Z' }), id: 'evt_two' }]);
    await hub.follow([{ ...changed('dln_c2', { quantity: 9, changedAt: '2026-11-21T02:00:00.002Z' }), id: 'evt_two' }]);
    expect(await copy('dln_c2')).toMatchObject({ quantity: 2 });
  });

  it('of styles keep the kind even when a later change comes first', async () => {
    const style = {
      styleId: 'sty_c1',
      memberId: 'mbr_carla',
      name: 'Tee',
      life: 'SAMPLED',
      retailPrice: cny(1),
      changedAt: '2026-11-21T00:00:00.000Z',
    };
    await hub.follow([{ topic: 'style.changed', payload: style }]);
    await hub.follow([styleProposed('sty_c1')]);
    expect(await hub.db.styleCopy.findUnique({ where: { styleId: 'sty_c1' } })).toEqual({
      styleId: 'sty_c1',
      memberId: 'mbr_carla',
      category: 'T_SHIRT',
      changedAt: new Date(style.changedAt),
    });
  });

  it('of an imported style get made-up work, which the first maker that records replaces', async () => {
    const imported = ['sty_i1', 'sty_i2'].map((styleId) =>
      styleProposed(styleId, { origin: 'IMPORTED', category: styleId === 'sty_i1' ? 'DRESS' : 'OTHER' }),
    );
    await hub.forgetEvents();
    await hub.follow([...imported, styleProposed('sty_i3')]);
    const source =
      'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Style { smvTotal operations { stage smv capability } } } }';
    const read = async () =>
      (await answer(carla, source, { r: ['sty_i1', 'sty_i2', 'sty_i3'].map((styleId) => ({ __typename: 'Style', styleId })) }))._entities;
    const [dress, other, reported] = await read();
    expect(dress.operations.map(({ stage }: { stage: string }) => stage)).toEqual(['CUTTING', 'SEWING', 'FINISHING', 'QC', 'PACKING']);
    expect(
      dress.operations.every(({ stage, capability }: { stage: string; capability: string }) => explainTag(capability, stage) === null),
    ).toBe(true);
    expect(dress.smvTotal).toBeGreaterThan(other.smvTotal);
    expect(reported).toEqual({ smvTotal: null, operations: null });
    expect((await hub.events()).map(({ topic, payload }) => [topic, payload])).toEqual(
      [dress, other].map(({ smvTotal, operations }, i) => [
        'operations.recorded',
        {
          styleId: `sty_i${i + 1}`,
          memberId: 'mbr_carla',
          smvTotal,
          operations: operations.map(({ stage, smv }: any) => ({ stage, smv: smv.toFixed(4) })),
        },
      ]),
    );
    const record = (by: typeof anna) =>
      hub.change(
        by,
        'recordOperations',
        { styleId: 'sty_i1', operations: [{ stage: 'QC', smv: 1, capability: 'QC_AQL' }], idempotencyKey: key() },
        'style { smvTotal }',
      );
    expect((await record(anna)).style).toEqual({ smvTotal: 1 });
    expect(codes(await record(bert))).toEqual(['NOT_YOURS']);
  });
});
