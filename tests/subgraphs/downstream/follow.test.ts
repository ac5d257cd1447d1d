/** Demand follows what routing, upstream and midstream say of its allocations, in whatever order it comes, and as often as it is said. */
import { generator, hub, member, visitor } from '../../_kit/subgraph.ts';
import {
  allocationChanged,
  call,
  carrier,
  cny,
  creator,
  gln,
  maker,
  makeWorld,
  newDemand,
  next,
  openDownstream,
  problemsOf,
  rival,
  topicsOf,
  type Downstream,
  type World,
} from './_kit.ts';

type Event = { readonly topic: string; readonly payload: Record<string, unknown> };

let d: Downstream;
let world: World;
beforeAll(async () => {
  d = await openDownstream();
}, 60_000);
afterAll(() => d.close());
beforeEach(async () => {
  world = await makeWorld(d);
});

const submitted = async (extra: Record<string, unknown> = {}, as = creator): Promise<string> => {
  const { demandLines } = await call(d, as, 'submitDemands', { demands: [newDemand(world.styleId, world.gtins[0] ?? '', extra)] });
  await d.forgetEvents();
  return demandLines[0].demandLineId;
};
const statusOf = async (demandLineId: string) => (await d.db.demandLine.findUniqueOrThrow({ where: { demandLineId } })).status;
/** Moves that were told since the last look, as `from>to`. */
const moves = async (): Promise<string[]> => {
  const events = await d.events();
  await d.forgetEvents();
  return events.map(
    ({ topic, payload }) => `${topic === 'demand.changed' ? '' : topic}${String(payload['previousStatus'])}>${String(payload['status'])}`,
  );
};
const changedAt = (): string => new Date(Date.parse('2026-11-22T09:00:00.000Z') + next()).toISOString();

const decided = (demandLineId: string, outcome: string, decidedAt = changedAt()): Event => ({
  topic: 'decision.made',
  payload: { decisionId: `dec_${next()}`, demandLineId, runId: 'run_1', outcome, decidedAt },
});
const lot = (demandLineId: string, status: string, goodQty = 0): Event => ({
  topic: 'lot.progressed',
  payload: { lotId: `lot_${demandLineId}`, allocationId: `alc_${demandLineId}`, status, goodQty, changedAt: changedAt() },
});
const shipment = (demandLineId: string, status: string, extra: Record<string, unknown> = {}): Event => ({
  topic: 'shipment.moved',
  payload: { gsin: `gsin ${demandLineId}`, allocationId: `alc_${demandLineId}`, status, pieces: null, changedAt: changedAt(), ...extra },
});
const receipt = (demandLineId: string, good: number, extra: Record<string, unknown> = {}): Event => ({
  topic: 'receipt.recorded',
  payload: {
    gsin: `gsin ${demandLineId}`,
    allocationId: `alc_${demandLineId}`,
    good,
    damaged: 0,
    at: '2026-11-22T08:00:00.000Z',
    changedAt: changedAt(),
    lines: [{ gtin: world.gtins[0] ?? '', lotId: `lot_${demandLineId}`, good, damaged: 0 }],
    ...extra,
  },
});
const story = (id: string): Event[] => [
  allocationChanged(id),
  allocationChanged(id, { status: 'ACCEPTED' }),
  lot(id, 'RELEASED'),
  allocationChanged(id, { status: 'FROZEN' }),
  lot(id, 'IN_PROGRESS'),
  lot(id, 'COMPLETED', 120),
  shipment(id, 'PICKED_UP', { pieces: 120 }),
  shipment(id, 'IN_TRANSIT'),
  receipt(id, 120),
  allocationChanged(id, { status: 'COMPLETED' }),
];

describe('a demand line', () => {
  it('moves step by step, each move told once with a time of its own', async () => {
    const id = await submitted();
    const seen: string[][] = [];
    for (const event of story(id)) {
      await d.follow([event]);
      seen.push(await moves());
    }
    expect(seen).toEqual([
      ['OPEN>ALLOCATED'],
      [],
      [],
      [],
      ['ALLOCATED>IN_PRODUCTION'],
      [],
      ['IN_PRODUCTION>SHIPPED'],
      [],
      ['SHIPPED>FULFILLED'],
      [],
    ]);
  });

  it('makes all moves of its way when news comes late, with times that grow', async () => {
    const id = await submitted();
    await d.follow(story(id).slice(-1));
    const events = await d.events();
    expect(events.map(({ payload }) => [payload['previousStatus'], payload['status']])).toEqual([
      ['OPEN', 'ALLOCATED'],
      ['ALLOCATED', 'IN_PRODUCTION'],
      ['IN_PRODUCTION', 'SHIPPED'],
      ['SHIPPED', 'FULFILLED'],
    ]);
    const times = events.map(({ payload }) => String(payload['changedAt']));
    expect([...new Set(times)].toSorted()).toEqual(times);
    const row = await d.db.demandLine.findUniqueOrThrow({ where: { demandLineId: id } });
    expect([row.status, row.changedAt.toISOString()]).toEqual(['FULFILLED', times.at(-1)]);
    expect(events[0]).toMatchObject({ topic: 'demand.changed', actorId: null, causeId: expect.stringMatching(/^evt_/) });
    expect(events[0]?.payload).toMatchObject({ demandLineId: id, memberId: 'mbr_creator', quantity: 120, origin: 'REPORTED' });
  });

  it('ends in the same state in any order of its news, and however often it comes', async () => {
    let seed = 7;
    const random = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
    for (let round = 0; round < 12; round += 1) {
      const id = await submitted();
      const whole = story(id);
      // a part of the news, shuffled, some of it twice
      const told = whole.slice(0, 1 + random(whole.length));
      const shuffled = [...told, ...told.filter(() => random(2) === 0)]
        .map((event) => ({ event, place: random(1_000_000) }))
        .toSorted((a, b) => a.place - b.place)
        .map(({ event }) => event);
      for (const event of shuffled) await d.follow([event]);
      const twin = await submitted();
      await d.follow(JSON.parse(JSON.stringify(told).replaceAll(id, twin)) as Event[]);
      expect([round, told.length, await statusOf(id)]).toEqual([round, told.length, await statusOf(twin)]);
    }
  });

  it('loses nothing of what several topics bring at the same moment', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 25; i += 1) {
      const id = await submitted();
      ids.push(id);
      // all but the last word of routing, so that the receipt alone ends it
      await d.follow(story(id).slice(0, -1));
    }
    expect(await Promise.all(ids.map(statusOf))).toEqual(ids.map(() => 'FULFILLED'));
  });

  it('is PARTIAL between, goes back when makers say no, and forth again', async () => {
    const id = await submitted();
    const part = (n: number, quantity: number, status: string) =>
      allocationChanged(id, { allocationId: `alc_${n}_${id}`, quantity, status });
    await d.follow([part(1, 50, 'OFFERED')]);
    await d.follow([part(2, 70, 'OFFERED')]);
    expect(await moves()).toEqual(['OPEN>PARTIAL', 'PARTIAL>ALLOCATED']);
    await d.follow([part(2, 70, 'DECLINED')]);
    await d.follow([part(1, 50, 'SUPERSEDED')]);
    expect(await moves()).toEqual(['ALLOCATED>PARTIAL', 'PARTIAL>OPEN']);
    await d.follow([part(3, 120, 'PROPOSED')]);
    expect(await moves()).toEqual([]);
    await d.follow([part(3, 120, 'OFFERED')]);
    await d.follow([part(3, 120, 'DECLINED')]);
    expect(await moves()).toEqual(['OPEN>ALLOCATED', 'ALLOCATED>OPEN']);
  });

  it('stays as it is when an older state of an allocation comes after a newer one', async () => {
    const id = await submitted();
    await d.follow([allocationChanged(id, { status: 'ACCEPTED', changedAt: '2026-11-22T09:30:00.000Z' })]);
    await d.follow([allocationChanged(id, { status: 'DECLINED', changedAt: '2026-11-22T09:20:00.000Z' })]);
    expect([await moves(), await statusOf(id)]).toEqual([['OPEN>ALLOCATED'], 'ALLOCATED']);
  });

  it('is shipped when all its shipments left', async () => {
    const id = await submitted();
    await d.follow([allocationChanged(id, { status: 'FROZEN' }), lot(id, 'COMPLETED', 120)]);
    await d.follow([shipment(id, 'PICKED_UP', { gsin: `first ${id}`, pieces: 100 })]);
    await d.follow([shipment(id, 'CANCELLED', { gsin: `other ${id}` })]);
    expect(await statusOf(id)).toBe('IN_PRODUCTION');
    await d.follow([shipment(id, 'PICKED_UP', { gsin: `second ${id}`, pieces: 20 })]);
    expect(await statusOf(id)).toBe('SHIPPED');
    await d.follow([receipt(id, 90, { gsin: `first ${id}`, damaged: 10 })]);
    expect(await statusOf(id)).toBe('SHIPPED');
    await d.follow([receipt(id, 20, { gsin: `second ${id}` })]);
    expect(await statusOf(id)).toBe('FULFILLED');
  });

  it('that is over stays over', async () => {
    for (const status of ['CANCELLED', 'EXPIRED', 'FULFILLED'] as const) {
      const id = await submitted();
      await d.db.demandLine.update({ where: { demandLineId: id }, data: { status } });
      await d.follow([...story(id), decided(id, 'REFUSED')]);
      expect([await statusOf(id), await topicsOf(d)]).toEqual([status, []]);
    }
  });

  it('takes the news of many lines in a number of statements that does not grow', async () => {
    const count = async (n: number): Promise<number> => {
      const line = newDemand(world.styleId, world.gtins[0] ?? '');
      const { demandLines } = await call(d, creator, 'submitDemands', { demands: Array.from({ length: n }, () => line) });
      const events = demandLines.map((made: { demandLineId: string }) => allocationChanged(made.demandLineId));
      return d.countStatements(() => d.follow(events));
    };
    // the consumers that are started for it look at their feeds too
    const [few, many] = [await count(2), await count(90)];
    expect(many - few).toBeLessThan(12);
    expect(await d.db.demandLine.count({ where: { styleId: world.styleId, status: 'ALLOCATED' } })).toBe(92);
  });
});

describe('a decision', () => {
  it('refuses a line of which nothing is placed, and a later allocation opens it again', async () => {
    const id = await submitted();
    await d.follow([decided(id, 'REFUSED')]);
    await d.follow([decided(id, 'REFUSED')]);
    expect(await moves()).toEqual(['OPEN>REFUSED']);
    await d.follow([decided(id, 'PARTIAL')]);
    expect(await moves()).toEqual(['REFUSED>OPEN']);
    await d.follow([decided(id, 'REFUSED')]);
    await d.follow([allocationChanged(id, { quantity: 20 })]);
    expect(await moves()).toEqual(['OPEN>REFUSED', 'REFUSED>OPEN', 'OPEN>PARTIAL']);
    await d.follow([decided(id, 'REFUSED')]);
    expect(await moves()).toEqual([]);
    await d.follow([allocationChanged(id, { quantity: 20, status: 'DECLINED' })]);
    expect(await moves()).toEqual(['PARTIAL>OPEN', 'OPEN>REFUSED']);
  });

  it('counts when it is the newest, and since the last revision', async () => {
    const id = await submitted();
    await d.follow([decided(id, 'ALLOCATED', '2026-11-22T08:50:00.000Z')]);
    await d.follow([decided(id, 'REFUSED', '2026-11-22T08:40:00.000Z')]);
    expect(await moves()).toEqual([]);
    await d.follow([decided(id, 'REFUSED', '2026-11-22T08:55:00.000Z')]);
    expect(problemsOf(await call(d, creator, 'reviseDemand', { demandLineId: id, latestDate: '2026-12-20' }))).toEqual([]);
    expect(await moves()).toEqual(['OPEN>REFUSED', 'REFUSED>OPEN']);
    // told late: it was made about the line as it was
    await d.follow([decided(id, 'REFUSED', '2026-11-22T08:58:00.000Z')]);
    expect(await moves()).toEqual([]);
  });
});

describe('its owner', () => {
  const revise = (demandLineId: string, quantity: number) =>
    call(d, creator, 'reviseDemand', { demandLineId, cut: { sizes: [{ gtin: world.gtins[1] ?? '', quantity }] } });

  it('may ask for more or less pieces, but not for less than are placed', async () => {
    const id = await submitted();
    await d.follow([allocationChanged(id)]);
    await d.forgetEvents();
    const answer = await revise(id, 119);
    expect(problemsOf(answer)).toEqual(['BELOW_PLACED cut']);
    expect(answer.problems[0].message).toContain('120 pieces are placed with makers, got 119');
    expect(await topicsOf(d)).toEqual([]);
    expect((await d.db.demandSize.findMany({ where: { demandLineId: id } })).map(({ quantity }) => quantity)).toEqual([120]);
    expect((await revise(id, 150)).demandLine).toMatchObject({ status: 'PARTIAL', quantity: 150 });
    expect((await revise(id, 140)).demandLine).toMatchObject({ status: 'PARTIAL', quantity: 140 });
    expect((await revise(id, 120)).demandLine).toMatchObject({ status: 'ALLOCATED', quantity: 120 });
    expect(await moves()).toEqual(['ALLOCATED>PARTIAL', 'PARTIAL>PARTIAL', 'PARTIAL>ALLOCATED']);
  });

  it('changes only days once pieces are frozen, and withdraws the line no more', async () => {
    const id = await submitted();
    await d.follow([allocationChanged(id, { status: 'FROZEN', quantity: 20 })]);
    await d.forgetEvents();
    expect(problemsOf(await revise(id, 500))).toEqual(['WRONG_STATE cut']);
    expect(problemsOf(await call(d, creator, 'cancelDemand', { demandLineId: id, reason: 'OTHER' }))).toEqual(['WRONG_STATE']);
    expect(await topicsOf(d)).toEqual([]);
    expect(problemsOf(await call(d, creator, 'reviseDemand', { demandLineId: id, latestDate: '2026-12-30' }))).toEqual([]);
    expect(await statusOf(id)).toBe('PARTIAL');
  });

  it('withdraws a line whose pieces are only offered or accepted, and a campaign leaves what is frozen', async () => {
    const { campaignId } = world;
    const [offered, accepted, frozen] = [await submitted({ campaignId }), await submitted({ campaignId }), await submitted({ campaignId })];
    await d.follow([
      allocationChanged(offered),
      allocationChanged(accepted, { status: 'ACCEPTED' }),
      allocationChanged(frozen, { status: 'FROZEN' }),
    ]);
    expect(problemsOf(await call(d, creator, 'cancelDemand', { demandLineId: offered, reason: 'OTHER' }))).toEqual([]);
    expect(problemsOf(await call(d, creator, 'cancelCampaign', { campaignId, reason: 'OTHER' }))).toEqual([]);
    expect([await statusOf(offered), await statusOf(accepted), await statusOf(frozen)]).toEqual(['CANCELLED', 'CANCELLED', 'ALLOCATED']);
  });
});

describe('who makes or delivers pieces of a line', () => {
  const stranger = member('mbr_other_maker', 'MAKER');
  const source = (id: string) => `{ demandLine(demandLineId: "${id}") { quantity member { memberId } campaign { title } store { siteGln }
    segment { name } unitPriceCap { amountMinor } unitMargin { amountMinor } depositPaid { amountMinor } } }`;
  const look = async (as: typeof visitor, id: string) => (await d.ask(as, source(id))).data.demandLine;
  const listed = async (as: typeof visitor, id: string): Promise<boolean> => {
    const { nodes } = (await d.ask(as, `{ style(styleId: "${world.styleId}") { demand(first: 200) { nodes { demandLineId } } } }`)).data
      .style.demand;
    return nodes.some((node: { demandLineId: string }) => node.demandLineId === id);
  };
  const whole = () => ({
    campaignId: world.campaignId,
    siteGln: gln,
    unitPriceCap: cny(770_077),
    unitMargin: cny(880_088),
    depositPaid: cny(990_099),
  });

  it('sees it, with who asks and where for, as long as it has live pieces; never what is paid', async () => {
    await d.db.campaign.update({ where: { campaignId: world.campaignId }, data: { status: 'LIVE' } });
    const id = await submitted(whole());
    // waits: everybody who could make it sees that something is wanted, and no more
    expect(await look(maker, id)).toMatchObject({ quantity: 120, member: null, campaign: null, store: null });
    await d.follow([allocationChanged(id, { status: 'PROPOSED' })]);
    expect(await look(maker, id)).toMatchObject({ member: null, campaign: null, store: null });
    for (const status of ['OFFERED', 'COUNTERED', 'ACCEPTED', 'FROZEN', 'COMPLETED']) {
      await d.follow([allocationChanged(id, { status, distributorMemberId: carrier.memberId })]);
      for (const as of [maker, carrier]) {
        const line = await look(as, id);
        expect([status, line]).toEqual([
          status,
          {
            quantity: 120,
            member: { memberId: 'mbr_creator' },
            campaign: { title: 'Launch' },
            store: { siteGln: gln },
            segment: null,
            unitPriceCap: null,
            unitMargin: null,
            depositPaid: null,
          },
        ]);
        expect(await listed(as, id)).toBe(true);
      }
      for (const as of [stranger, member('mbr_other_carrier', 'DISTRIBUTOR'), rival, visitor]) {
        expect([status, await look(as, id), await listed(as, id)]).toEqual([status, null, false]);
      }
    }
  });

  it('sees it no more when it said no, was passed over, or is no longer named', async () => {
    for (const status of ['DECLINED', 'SUPERSEDED']) {
      const id = await submitted(whole());
      // another one has the rest, so the line does not wait
      await d.follow([
        allocationChanged(id, { allocationId: `alc_other_${id}`, memberId: stranger.memberId }),
        allocationChanged(id, { distributorMemberId: carrier.memberId }),
      ]);
      expect(await look(maker, id)).not.toBeNull();
      await d.follow([allocationChanged(id, { status, distributorMemberId: carrier.memberId })]);
      expect([await look(maker, id), await look(carrier, id)]).toEqual([null, null]);
      expect(await look(stranger, id)).toMatchObject({ member: { memberId: 'mbr_creator' } });
    }
  });

  it('says nothing of amounts in any answer to anybody but the owner and the hub', async () => {
    const id = await submitted(whole());
    await d.follow([allocationChanged(id, { status: 'ACCEPTED', distributorMemberId: carrier.memberId })]);
    const canaries = /770077|880088|990099/;
    for (const as of [maker, carrier, stranger, rival, visitor]) expect(JSON.stringify(await d.ask(as, source(id)))).not.toMatch(canaries);
    for (const as of [creator, hub]) expect(JSON.stringify(await d.ask(as, source(id)))).toMatch(canaries);
  });
});

describe('sell-through', () => {
  const ask = async (as: typeof visitor, window = 'D30') =>
    (await d.ask(as, `{ style(styleId: "${world.styleId}") { sellThroughBps(window: ${window}) } }`)).data.style.sellThroughBps;
  const sell = (quantity: number, as = creator) =>
    call(d, as, 'recordSales', {
      sales: [{ kind: 'SALE', gtin: world.gtins[0], quantity, unitPrice: cny(9_900), soldAt: '2026-11-22T08:30:00.000Z' }],
    });

  it('is pieces sold over good pieces received in the window, for its owner and the hub', async () => {
    const id = await submitted();
    await sell(30);
    expect(await ask(creator)).toBeNull();
    await d.follow([
      receipt(id, 80, {
        damaged: 5,
        lines: [
          { gtin: world.gtins[0], lotId: 'lot_1', good: 50, damaged: 5 },
          { gtin: world.gtins[0], lotId: 'lot_2', good: 20, damaged: 0 },
          { gtin: world.gtins[1], lotId: 'lot_1', good: 10, damaged: 0 },
        ],
      }),
    ]);
    const long = { gsin: `long ago ${id}`, at: '2026-11-01T00:00:00.000Z' };
    await d.follow([receipt(id, 40, long)]);
    await d.follow([receipt(id, 40, long)]);
    const [row] = await d.db.$queryRawUnsafe<{ d7: number; d30: number }[]>(
      `SELECT (SELECT sum(quantity) FROM "Sale" WHERE "styleId" = $1)::int * 10000 / (sum(good) FILTER (WHERE "at" > '2026-11-15T09:00:00Z'))::int AS d7,
         (SELECT sum(quantity) FROM "Sale" WHERE "styleId" = $1)::int * 10000 / sum(good)::int AS d30 FROM "ReceivedPieces" WHERE "styleId" = $1`,
      world.styleId,
    );
    expect(row).toEqual({ d7: 3_750, d30: 2_500 });
    for (const as of [creator, hub]) expect([await ask(as, 'D7'), await ask(as)]).toEqual([row?.d7, row?.d30]);
    for (const as of [rival, maker, visitor]) expect(await ask(as)).toBeNull();
  });

  it('shows a visitor what came of demonstration rows only', async () => {
    const demo = generator('mbr_demo', 'CREATOR');
    world = await makeWorld(d, demo);
    const [shown, canary] = [await submitted({}, demo), await submitted({}, demo)];
    await d.follow([allocationChanged(shown, { origin: 'GENERATED' }), allocationChanged(canary, { origin: 'REPORTED' })]);
    await d.follow([receipt(shown, 40), receipt(canary, 60)]);
    await sell(10, demo);
    expect([await ask(visitor), await ask(hub)]).toEqual([2_500, 1_000]);
  });
});
