/** Traffic and signals: what is recorded, the figures that follow from it, and who may see them. */
import { nextRate } from '../../../subgraphs/downstream/order-rate.ts';
import { generator, hub, member, visitor } from '../../_kit/subgraph.ts';
import {
  agency,
  call,
  carrier,
  creator,
  maker,
  makeWorld,
  newKey,
  next,
  open,
  openDownstream,
  problemsOf,
  rival,
  topicsOf,
  type Downstream,
  type World,
} from './_kit.ts';

let d: Downstream;
let world: World;
beforeAll(async () => {
  d = await openDownstream();
}, 60_000);
afterAll(() => d.close());
beforeEach(async () => {
  world = await makeWorld(d);
  await d.forgetEvents();
});

type Input = Record<string, unknown>;
const newSource = (extra: Input = {}): Input => ({
  creatorId: world.creatorId,
  platform: 'TIKTOK',
  handle: `ada ${next()}`,
  domain: 'PUBLIC',
  ...extra,
});
const add = async (extra: Input = {}, as = creator): Promise<string> =>
  (await call(d, as, 'addTrafficSource', newSource(extra))).trafficSource.sourceId;
const record = (readings: readonly Input[], as = creator) => call(d, as, 'recordTraffic', { readings });
const reading = (sourceId: string, day: string, extra: Input = {}): Input => ({ sourceId, day, reactions: 1, ...extra });
const payloads = async (topic: string) => (await d.events()).filter((event) => event.topic === topic).map(({ payload }) => payload);

const figures = 'followers followersAsOf reach7d conversionRateBps privateConversionBps';
const look = async (as: typeof visitor, fields: string) =>
  (await d.ask(as, `{ creator(creatorId: "${world.creatorId}") { channels { sourceId ${fields} } } }`)).data.creator.channels;

describe('a source', () => {
  it('is added to a creator of the member, and told', async () => {
    const { trafficSource } = await call(d, creator, 'addTrafficSource', newSource({ handle: ' ada ' }));
    expect(trafficSource).toEqual({
      sourceId: expect.stringMatching(/^src_/),
      creator: { creatorId: world.creatorId },
      origin: 'REPORTED',
      platform: 'TIKTOK',
      handle: 'ada',
      domain: 'PUBLIC',
      changedAt: '2026-11-22T09:00:00.000Z',
    });
    const { sourceId } = trafficSource;
    expect(await payloads('traffic.recorded')).toEqual([
      { sourceId, creatorId: world.creatorId, memberId: 'mbr_creator', day: null, views: null, orders: null, joinedPrivate: null },
    ]);
    const { data } = await d.ask(
      visitor,
      `query ($r: [_Any!]!) { _entities(representations: $r) { ... on TrafficSource { handle domain creator { displayName } } } }`,
      { r: [{ __typename: 'TrafficSource', sourceId }] },
    );
    expect(data._entities).toEqual([{ handle: 'ada', domain: 'PUBLIC', creator: { displayName: 'Ada' } }]);
  });

  it('stands once under its creator, platform and name; a creator has at most 50', async () => {
    const problems = async (extra: Input, as = creator) => problemsOf(await call(d, as, 'addTrafficSource', newSource(extra)));
    await add({ handle: 'ada' });
    expect(await problems({ handle: 'ada ' })).toEqual(['DUPLICATE handle']);
    expect(await problems({ handle: 'ada', platform: 'FACEBOOK' })).toEqual([]);
    expect(await problems({ handle: ' ' })).toEqual(['TOO_LONG handle']);
    expect(await problems({ creatorId: 'crt_0' })).toEqual(['NOT_FOUND creatorId']);
    expect(await problems({}, agency)).toEqual(['NOT_YOURS creatorId']);
    for (const as of [maker, carrier]) expect(await problems({}, as)).toEqual(['WRONG_KIND']);
    // many at once do not pass the limit together
    const answers = await Promise.all(Array.from({ length: 52 }, () => problems({})));
    expect(answers.filter((found) => found.length === 0)).toHaveLength(48);
    expect(new Set(answers.flat())).toEqual(new Set(['TOO_MANY creatorId']));
    expect(await look(creator, 'handle')).toHaveLength(50);
  });
});

describe('recording traffic', () => {
  it('keeps a day once: recorded again, it is replaced', async () => {
    const sourceId = await add();
    await d.forgetEvents();
    const first = await record([
      reading(sourceId, '2026-11-21', { views: 900, clicks: 50, orders: 4, joinedPrivate: 3, followers: 1_000 }),
    ]);
    const again = await record([reading(sourceId, '2026-11-21', { views: 950, reactions: 7 }), reading(sourceId, '2026-11-20')]);
    expect(again.problems).toEqual([]);
    expect(again.sources.map((source: Input) => source['sourceId'])).toEqual([sourceId, sourceId]);
    expect(again.sources[0].changedAt > first.sources[0].changedAt).toBe(true);
    const [{ readings }] = await look(
      creator,
      'readings(from: "2026-11-01", to: "2026-11-22") { day views reactions clicks orders joinedPrivate }',
    );
    expect(readings).toEqual([
      { day: '2026-11-20', views: null, reactions: 1, clicks: null, orders: null, joinedPrivate: null },
      { day: '2026-11-21', views: 950, reactions: 7, clicks: null, orders: null, joinedPrivate: null },
    ]);
    expect(
      (await payloads('traffic.recorded')).map(({ day, views, orders, joinedPrivate }) => [day, views, orders, joinedPrivate]),
    ).toEqual([
      ['2026-11-21', 900, 4, 3],
      ['2026-11-21', 950, null, null],
      ['2026-11-20', null, null, null],
    ]);
  });

  it('names every problem by its place, and stores the others', async () => {
    const sourceId = await add();
    const theirs = await makeWorld(d, rival);
    const foreign = await add({ creatorId: theirs.creatorId }, rival);
    const answer = await record([
      reading(sourceId, '2026-11-22'),
      reading(sourceId, '2026-11-22'),
      reading(sourceId, '2026-11-23'),
      reading(foreign, '2026-11-20'),
      reading('src_0', '2026-11-20'),
      reading(sourceId, '2026-11-19', { views: -1, reactions: -1, orders: -1, followers: -1 }),
    ]);
    expect(problemsOf(answer)).toEqual([
      'DUPLICATE readings.1',
      'DAY_IN_FUTURE readings.2.day',
      'OUT_OF_RANGE readings.5.views',
      'OUT_OF_RANGE readings.5.reactions',
      'OUT_OF_RANGE readings.5.followers',
      'OUT_OF_RANGE readings.5.orders',
      'NOT_YOURS readings.3.sourceId',
      'NOT_FOUND readings.4.sourceId',
    ]);
    expect(answer.sources.map((source: unknown) => source !== null)).toEqual([true, false, false, false, false, false]);
    expect(await d.db.trafficReading.count({ where: { sourceId: { in: [sourceId, foreign] } } })).toBe(1);
    expect(problemsOf(await record([]))).toEqual(['TOO_FEW readings']);
    const many = Array.from({ length: 1_001 }, (_, i) => reading(sourceId, new Date(Date.UTC(2024, 0, 1 + i)).toISOString().slice(0, 10)));
    expect(problemsOf(await record(many))).toEqual(['TOO_MANY readings']);
    expect(await d.countStatements(async () => expect(problemsOf(await record(many.slice(1)))).toEqual([]))).toBeLessThan(20);
  });
});

describe('the figures of a source', () => {
  it('are those of plain SQL over its readings', async () => {
    const sourceId = await add();
    const days = Array.from({ length: 40 }, (_, i) => new Date(Date.UTC(2026, 9, 14 + i)).toISOString().slice(0, 10));
    await record(
      days.map((day, i) =>
        reading(sourceId, day, {
          views: i % 5 === 0 ? null : 1_000 + i,
          clicks: i % 7 === 0 ? null : 100 + 3 * i,
          orders: i % 4 === 0 ? null : i,
          joinedPrivate: i % 3 === 0 ? null : 2 * i,
          followers: i < 38 ? 5_000 + i : null,
        }),
      ),
    );
    const [expected] = await d.db.$queryRawUnsafe<Input[]>(
      `SELECT (SELECT followers::int FROM "TrafficReading" WHERE "sourceId" = $1 AND day = '2026-11-20') AS followers,
         (SELECT sum(views)::int FROM "TrafficReading" WHERE "sourceId" = $1 AND day >= '2026-11-16') AS "reach7d",
         (SELECT floor(10000.0 * sum(orders) / sum(clicks))::int FROM "TrafficReading"
           WHERE "sourceId" = $1 AND day >= '2026-10-24' AND orders IS NOT NULL AND clicks IS NOT NULL) AS "conversionRateBps",
         (SELECT floor(10000.0 * sum("joinedPrivate") / sum(clicks))::int FROM "TrafficReading"
           WHERE "sourceId" = $1 AND day >= '2026-10-24' AND "joinedPrivate" IS NOT NULL AND clicks IS NOT NULL) AS "privateConversionBps"`,
      sourceId,
    );
    const [source] = await look(creator, figures);
    // the end of the day in Shanghai
    expect(source).toEqual({ sourceId, ...expected, followersAsOf: '2026-11-20T16:00:00.000Z' });
    expect(expected?.['conversionRateBps']).toBeGreaterThan(0);
  });

  it('are null where nothing was counted, and for a private source where they mean nothing', async () => {
    const sourceId = await add({ domain: 'PRIVATE', platform: 'OWN_COMMUNITY' });
    const none = { sourceId, followers: null, followersAsOf: null, reach7d: null, conversionRateBps: null, privateConversionBps: null };
    expect(await look(creator, figures)).toEqual([none]);
    await record([reading(sourceId, '2026-11-22', { clicks: 0, orders: 5, joinedPrivate: 5, followers: 7 })]);
    // counted while the day was not over
    expect(await look(creator, figures)).toEqual([{ ...none, followers: 7, followersAsOf: '2026-11-22T09:00:00.000Z' }]);
    await record([reading(sourceId, '2026-11-21', { clicks: 10, orders: 5, joinedPrivate: 5 })]);
    expect(await look(creator, figures)).toMatchObject([{ conversionRateBps: 10_000, privateConversionBps: null }]);
  });

  it('are read for many sources in as many statements as for one', async () => {
    const source = `{ creator(creatorId: "${world.creatorId}") { channels { ${figures} readings(from: "2026-11-01", to: "2026-11-22") { day } signals { nodes { at } } } } }`;
    await add();
    const one = await d.countStatements(() => d.ask(creator, source));
    for (let i = 0; i < 9; i += 1) await add();
    expect(await d.countStatements(() => d.ask(creator, source))).toBe(one);
  });

  it('refuses readings of more than 366 days', async () => {
    await add();
    const ask = async (from: string, to: string) =>
      (await d.ask(creator, `{ creator(creatorId: "${world.creatorId}") { channels { readings(from: "${from}", to: "${to}") { day } } } }`))
        .errors?.[0]?.message;
    expect(await ask('2025-11-22', '2026-11-22')).toBeUndefined();
    expect(await ask('2025-11-21', '2026-11-22')).toContain('at most 366 days');
    expect(await ask('2026-11-22', '2026-11-21')).toContain('lies before');
  });
});

const signal = (extra: Input = {}): Input => ({ at: '2026-11-22T08:00:00.000Z', windowSeconds: 3_600, ...extra });
const send = (signals: readonly Input[], as = creator) => call(d, as, 'recordSignals', { signals });

describe('signals', () => {
  it('store every field and are told', async () => {
    const sourceId = await add();
    await d.forgetEvents();
    const { styleId, campaignId } = world;
    const counts = { views: 5_000_000_000, reactions: 40, addToCarts: 30, deposits: 20, orders: 10 };
    const { signals, problems } = await send([signal({ styleId, sourceId, campaignId, ...counts }), signal({ sourceId })]);
    expect(problems).toEqual([]);
    expect(signals[0]).toEqual({
      signalId: expect.stringMatching(/^sig_/),
      style: { styleId },
      source: { sourceId },
      campaign: { campaignId },
      origin: 'REPORTED',
      at: '2026-11-22T08:00:00.000Z',
      windowSeconds: 3_600,
      ...counts,
      ewmaRate: 5,
    });
    expect(signals[1]).toMatchObject({ style: null, campaign: null, views: null, reactions: null, orders: null, ewmaRate: null });
    expect((await payloads('signal.recorded'))[0]).toEqual({
      signalId: signals[0].signalId,
      styleId,
      campaignId,
      sourceId,
      memberId: 'mbr_creator',
      at: '2026-11-22T08:00:00.000Z',
      windowSeconds: 3_600,
      views: counts.views,
      reactions: 40,
      addToCarts: 30,
      deposits: 20,
      orders: 10,
      ewmaRate: 5,
    });
    const { data } = await d.ask(creator, `query ($r: [_Any!]!) { _entities(representations: $r) { ... on DemandSignal { orders } } }`, {
      r: [{ __typename: 'DemandSignal', signalId: signals[0].signalId }],
    });
    expect(data._entities).toEqual([{ orders: 10 }]);
  });

  it('are of a source, a style or a campaign of the member', async () => {
    const theirs = await makeWorld(d, rival);
    const [own, foreign] = [await add(), await add({ creatorId: theirs.creatorId }, rival)];
    const { styleId, campaignId } = world;
    const problems = async (extra: Input) => problemsOf(await send([signal(extra)]));
    expect(await problems({})).toEqual(['TOO_FEW signals.0']);
    expect(await problems({ sourceId: own, styleId: theirs.styleId })).toEqual([]);
    expect(await problems({ styleId, campaignId })).toEqual([]);
    expect(await problems({ styleId: theirs.styleId })).toEqual(['NOT_YOURS signals.0.styleId']);
    expect(await problems({ sourceId: foreign })).toEqual(['NOT_YOURS signals.0.sourceId']);
    expect(await problems({ sourceId: own, styleId: 'sty_0' })).toEqual(['NOT_FOUND signals.0.styleId']);
    expect(await problems({ sourceId: 'src_0' })).toEqual(['NOT_FOUND signals.0.sourceId']);
    // what others prepare is not there; what they announced is theirs
    expect(await problems({ sourceId: own, campaignId: theirs.campaignId })).toEqual(['NOT_FOUND signals.0.campaignId']);
    await open(d, theirs.campaignId);
    expect(await problems({ sourceId: own, campaignId: theirs.campaignId })).toEqual(['NOT_YOURS signals.0.campaignId']);
    expect(await problems({ sourceId: own, campaignId, styleId: theirs.styleId })).toEqual(['NOT_FOUND signals.0.campaignId']);
    expect(await problems({ styleId, at: '2026-11-22T09:00:00.001Z' })).toEqual(['DAY_IN_FUTURE signals.0.at']);
    for (const windowSeconds of [0, 604_801])
      expect(await problems({ styleId, windowSeconds })).toEqual(['OUT_OF_RANGE signals.0.windowSeconds']);
    expect(await problems({ styleId, views: -1, orders: -1 })).toEqual(['OUT_OF_RANGE signals.0.views', 'OUT_OF_RANGE signals.0.orders']);
    expect(problemsOf(await send([signal({ styleId })], maker))).toEqual(['WRONG_KIND']);
  });

  it('come a thousand at once, in a number of statements that does not grow', async () => {
    const sourceId = await add();
    const many = (n: number) =>
      Array.from({ length: n }, (_, i) => signal({ sourceId, orders: i, at: new Date(Date.UTC(2026, 10, 1, 0, i)) }));
    const count = (n: number) => d.countStatements(async () => expect(problemsOf(await send(many(n)))).toEqual([]));
    const few = await count(2);
    // the answer is read back in one statement more for each kind of node at most
    expect(await count(1_000)).toBeLessThanOrEqual(few + 1);
    expect(problemsOf(await send(many(1_001)))).toEqual(['TOO_MANY signals']);
  });
});

describe('the rate of orders', () => {
  const at = (minutes: number): Date => new Date(Date.parse('2026-11-22T04:00:00.000Z') + minutes * 60_000);

  it('halves in an hour, and settles at what is ordered', () => {
    expect(nextRate({ at: at(60), windowSeconds: 3_600, orders: 0 }, { at: at(0), perHour: 8 })).toBe(4);
    expect(nextRate({ at: at(180), windowSeconds: 60, orders: 0 }, { at: at(0), perHour: 8 })).toBe(1);
    expect(nextRate({ at: at(60), windowSeconds: 3_600, orders: 12 }, { at: at(0), perHour: 12 })).toBe(12);
    let before = { at: at(0), perHour: 0 };
    for (let i = 1; i <= 1_200; i += 1) before = { at: at(i), perHour: nextRate({ at: at(i), windowSeconds: 60, orders: 2 }, before) };
    expect(before.perHour).toBeCloseTo(120, 2);
  });

  it('is the same however the hour is cut, and adds up over sources', () => {
    const whole = nextRate({ at: at(60), windowSeconds: 3_600, orders: 60 }, undefined);
    let cut = { at: at(0), perHour: 0 };
    for (let i = 1; i <= 6; i += 1) cut = { at: at(10 * i), perHour: nextRate({ at: at(10 * i), windowSeconds: 600, orders: 10 }, cut) };
    expect(cut.perHour).toBeCloseTo(whole, 9);
    const first = nextRate({ at: at(60), windowSeconds: 3_600, orders: 20 }, undefined);
    expect(nextRate({ at: at(60), windowSeconds: 3_600, orders: 40 }, { at: at(60), perHour: first })).toBeCloseTo(whole, 9);
  });

  it('follows the formula over calls, late ones too, and keeps members and styles apart', async () => {
    const { styleId } = world;
    const sourceId = await add();
    const rates = async (signals: readonly Input[], as = creator) =>
      (await send(signals, as)).signals.map(({ ewmaRate }: { ewmaRate: number | null }) => ewmaRate);
    const one = (minutes: number, orders: number | null, extra: Input = { styleId }) =>
      signal({ at: at(minutes), windowSeconds: 600, orders, ...extra });
    const half = (minutes: number): number => 2 ** (-minutes / 60);
    const part = (orders: number): number => orders * 6 * (1 - half(10));
    // in one call, given in another order than that of the time
    const [second, first] = await rates([one(40, 3), one(10, 6)]);
    expect(first).toBeCloseTo(part(6), 9);
    expect(second).toBeCloseTo(part(6) * half(30) + part(3), 9);
    // a call later, and one that comes late
    expect((await rates([one(70, 0)]))[0]).toBeCloseTo((second ?? 0) * half(30), 9);
    expect((await rates([one(20, 1)]))[0]).toBeCloseTo(part(6) * half(10) + part(1), 9);
    expect(await rates([one(80, null)])).toEqual([null]);
    // a source without a style, another style, and another member with the same style start anew
    expect((await rates([one(75, 2, { sourceId })]))[0]).toBeCloseTo(part(2), 9);
    const other = await makeWorld(d);
    expect((await rates([one(75, 2, { styleId: other.styleId })]))[0]).toBeCloseTo(part(2), 9);
    const theirs = await makeWorld(d, rival);
    const foreign = await add({ creatorId: theirs.creatorId }, rival);
    expect((await rates([one(75, 2, { styleId, sourceId: foreign })], rival))[0]).toBeCloseTo(part(2), 9);
    expect((await rates([one(90, 0)]))[0]).toBeCloseTo((second ?? 0) * half(50), 9);
  });
});

describe('who sees traffic and signals', () => {
  const all = `${figures} readings(from: "2026-11-01", to: "2026-11-22") { views } signals { totalCount nodes { views } }`;
  const canaries = /770077|880088|990099/;
  const fill = async (as = creator, styleId = world.styleId): Promise<string> => {
    const sourceId = await add({ handle: 'known to all' }, as);
    await record([reading(sourceId, '2026-11-22', { views: 770_077, clicks: 2, orders: 1, joinedPrivate: 1, followers: 880_088 })], as);
    await send([signal({ sourceId, styleId, views: 990_099 })], as);
    return sourceId;
  };

  it('the owner and the hub see all of it; others the account and no number', async () => {
    const sourceId = await fill();
    const nothing = {
      followers: null,
      followersAsOf: null,
      reach7d: null,
      conversionRateBps: null,
      privateConversionBps: null,
      readings: null,
    };
    for (const as of [rival, maker, carrier, visitor, member('mbr_partner', 'PARTNER')]) {
      expect(await look(as, `handle platform domain ${all}`)).toEqual([
        { sourceId, handle: 'known to all', platform: 'TIKTOK', domain: 'PUBLIC', ...nothing, signals: { totalCount: 0, nodes: [] } },
      ]);
      const style = await d.ask(as, `{ style(styleId: "${world.styleId}") { signals { totalCount nodes { views } } } }`);
      expect(style.data.style.signals).toEqual({ totalCount: 0, nodes: [] });
      const { signalId } = await d.db.demandSignal.findFirstOrThrow({ where: { sourceId } });
      const entity = await d.ask(as, `query ($r: [_Any!]!) { _entities(representations: $r) { ... on DemandSignal { views } } }`, {
        r: [{ __typename: 'DemandSignal', signalId }],
      });
      expect(entity.data._entities).toEqual([null]);
    }
    for (const as of [creator, hub]) {
      expect(await look(as, all)).toMatchObject([
        { followers: 880_088, reach7d: 770_077, readings: [{ views: 770_077 }], signals: { totalCount: 1, nodes: [{ views: 990_099 }] } },
      ]);
    }
  });

  it('signals of others about a style are not for its owner', async () => {
    const theirs = await makeWorld(d, rival);
    const own = world;
    world = theirs;
    await fill(rival, own.styleId);
    world = own;
    const ask = (as: typeof visitor) => d.ask(as, `{ style(styleId: "${own.styleId}") { signals { totalCount nodes { views } } } }`);
    expect(JSON.stringify(await ask(creator))).not.toMatch(canaries);
    expect([(await ask(rival)).data.style.signals.totalCount, (await ask(hub)).data.style.signals.totalCount]).toEqual([1, 1]);
  });

  it('visitors see demonstration rows, and of a demonstration source no number that a member reported', async () => {
    const demo = generator('mbr_demo', 'CREATOR');
    world = await makeWorld(d, demo);
    const sourceId = await fill(demo);
    expect(await look(visitor, all)).toMatchObject([{ followers: 880_088, readings: [{ views: 770_077 }], signals: { totalCount: 1 } }]);
    const person = member('mbr_demo', 'CREATOR');
    await record([reading(sourceId, '2026-11-21', { views: 123_321 })], person);
    await send([signal({ sourceId, views: 123_321 })], person);
    expect(JSON.stringify(await look(visitor, all))).not.toContain('123321');
    expect(await look(visitor, all)).toMatchObject([{ reach7d: 770_077, signals: { totalCount: 1 } }]);
    expect(await look(person, all)).toMatchObject([{ reach7d: 893_398, signals: { totalCount: 2 } }]);
  });

  it('nobody records for another, and a call with its key again changes nothing', async () => {
    const sourceId = await fill();
    await d.forgetEvents();
    expect(problemsOf(await record([reading(sourceId, '2026-11-22')], rival))).toEqual(['NOT_YOURS readings.0.sourceId']);
    expect(await topicsOf(d)).toEqual([]);
    const input = { idempotencyKey: newKey(), signals: [signal({ sourceId, orders: 3 })] };
    const first = await call(d, creator, 'recordSignals', input);
    expect(await call(d, creator, 'recordSignals', input)).toEqual(first);
    expect(await topicsOf(d)).toEqual(['signal.recorded']);
  });
});
