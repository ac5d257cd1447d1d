/** Changes of midstream: their work, their one event, idempotency, refusals of others, staleness, and every problem they can have. */
import {
  adjust,
  carrier,
  codes,
  creator,
  distributorFields,
  enterDistributor,
  enterSite,
  gln,
  gtin,
  newKey,
  openMidstream,
  positionFields,
  rival,
  shopkeeper,
  siteFields,
  type Midstream,
} from './_kit.ts';
import { hub, visitor } from '../../_kit/subgraph.ts';

let m: Midstream;
let count = 0;
/** A number for a key that no other test uses. */
const next = (): number => (count += 1);

beforeAll(async () => {
  m = await openMidstream();
}, 60_000);
afterAll(() => m.close());
beforeEach(() => m.forgetEvents());

const topics = async (): Promise<string[]> => (await m.events()).map((event) => event.topic);
const proposeStyle = (styleId: string, memberId: string): Promise<void> =>
  m.follow([{ topic: 'style.proposed', payload: { styleId, memberId } }]);

describe('registerDistributor', () => {
  it('enters a distributor with its promises and writes one event', async () => {
    const n = next();
    const slas = [
      { measure: 'OTIF', targetBps: 9_500, penalty: { amountMinor: 500, currency: 'CNY' } },
      { measure: 'ON_TIME', targetBps: 9_800 },
      { measure: 'IN_FULL', targetBps: 9_700 },
      { measure: 'DAMAGE_FREE', targetBps: 9_990 },
      { measure: 'STOCK_ACCURACY', targetBps: 9_950 },
    ];
    expect(codes(await enterDistributor(m, n, { name: '  East Lanes ', slas }))).toEqual([]);
    const { data } = await m.ask(
      visitor,
      `{ distributor(gln: "${gln(n)}") { gln name country origin member { memberId } changedAt slas { measure targetBps penalty { amountMinor currency } } } }`,
    );
    expect(data.distributor).toEqual({
      gln: gln(n),
      name: 'East Lanes',
      country: 'CN',
      origin: 'REPORTED',
      member: { memberId: 'mbr_carrier' },
      changedAt: '2026-11-22T09:00:00.000Z',
      slas: slas.map((sla) => ({ penalty: null, ...sla })),
    });
    const events = await m.events();
    expect(events.map((event) => [event.topic, event.actorId, event.payload])).toEqual([
      [
        'distributor.changed',
        'mbr_carrier',
        { gln: gln(n), memberId: 'mbr_carrier', name: 'East Lanes', country: 'CN', changedAt: '2026-11-22T09:00:00.000Z' },
      ],
    ]);
  });

  it('gives the same answer to the same key and writes nothing again', async () => {
    const n = next();
    const extra = { idempotencyKey: newKey() };
    const first = await enterDistributor(m, n, extra);
    expect(await enterDistributor(m, n, extra)).toEqual(first);
    expect(await topics()).toEqual(['distributor.changed']);
  });

  it('refuses a key used with another input, and a key that is too long', async () => {
    const idempotencyKey = newKey();
    await enterDistributor(m, next(), { idempotencyKey });
    expect(codes(await enterDistributor(m, next(), { idempotencyKey }))).toEqual(['IDEMPOTENCY_MISMATCH']);
    expect(codes(await enterDistributor(m, next(), { idempotencyKey: 'k'.repeat(65) }))).toEqual(['IDEMPOTENCY_KEY_INVALID']);
    expect(await topics()).toEqual(['distributor.changed']);
  });

  it('refuses a GLN that is taken or has a wrong check digit, an empty name, and impossible promises', async () => {
    const n = next();
    await enterDistributor(m, n);
    expect(codes(await enterDistributor(m, n))).toEqual(['DUPLICATE']);
    const wrong = {
      gln: '9520000000000',
      name: ' ',
      slas: [
        { measure: 'OTIF', targetBps: 10_001 },
        { measure: 'OTIF', targetBps: 1, penalty: { amountMinor: -1, currency: 'CNY' } },
      ],
    };
    const answer = await enterDistributor(m, n, wrong);
    expect(answer.distributor).toBeNull();
    expect(answer.problems.map((p: { code: string; path: string[] }) => [p.code, p.path.join('.')])).toEqual([
      ['BAD_CHECK_DIGIT', 'gln'],
      ['TOO_LONG', 'name'],
      ['DUPLICATE', 'slas.1'],
      ['OUT_OF_RANGE', 'slas.0.targetBps'],
      ['OUT_OF_RANGE', 'slas.1.penalty.amountMinor'],
    ]);
    expect(await topics()).toEqual(['distributor.changed']);
  });

  it('is for members of the kind DISTRIBUTOR, and never for a visitor', async () => {
    const input = { gln: gln(next()), name: 'X', country: 'CN', slas: [], idempotencyKey: newKey() };
    expect(codes(await m.change(creator, 'registerDistributor', input, distributorFields))).toEqual(['WRONG_KIND']);
    await expect(m.change(visitor, 'registerDistributor', input, distributorFields)).rejects.toThrow('a visitor may only read');
    expect(await topics()).toEqual([]);
  });
});

describe('updateDistributor', () => {
  it('changes what is given, keeps the rest, and writes one event', async () => {
    const n = next();
    await enterDistributor(m, n, { slas: [{ measure: 'OTIF', targetBps: 9_000 }] });
    await m.forgetEvents();
    m.clock.advance(1_000);
    const renamed = await m.change(
      carrier,
      'updateDistributor',
      { gln: gln(n), name: 'New name', idempotencyKey: newKey() },
      'distributor { name slas { measure } changedAt }',
    );
    expect(renamed.distributor).toEqual({ name: 'New name', slas: [{ measure: 'OTIF' }], changedAt: m.clock.now().toISOString() });
    const promised = await m.change(
      carrier,
      'updateDistributor',
      { gln: gln(n), slas: [{ measure: 'ON_TIME', targetBps: 1 }], idempotencyKey: newKey() },
      'distributor { name slas { measure } changedAt }',
    );
    expect(promised.distributor.name).toBe('New name');
    expect(promised.distributor.slas).toEqual([{ measure: 'ON_TIME' }]);
    expect(promised.distributor.changedAt > renamed.distributor.changedAt).toBe(true);
    expect(await topics()).toEqual(['distributor.changed', 'distributor.changed']);
  });

  it('refuses others, what is unknown, and what is stale, and writes nothing', async () => {
    const n = next();
    await enterDistributor(m, n);
    await m.forgetEvents();
    const input = { gln: gln(n), name: 'Mine', idempotencyKey: newKey() };
    expect(codes(await m.change(rival, 'updateDistributor', input, distributorFields))).toEqual(['NOT_YOURS']);
    expect(codes(await m.change(carrier, 'updateDistributor', { ...input, gln: gln(next()) }, distributorFields))).toEqual(['NOT_FOUND']);
    expect(
      codes(await m.change(carrier, 'updateDistributor', { ...input, ifChangedAt: '2020-01-01T00:00:00Z' }, distributorFields)),
    ).toEqual(['STALE']);
    expect(await topics()).toEqual([]);
  });
});

describe('publishTariffs', () => {
  const tariff = {
    service: 'FREIGHT',
    unit: 'KGM',
    price: { amountMinor: 120, currency: 'CNY' },
    originUnlocode: 'CNHGH',
    destinationUnlocode: 'CNSHA',
    transitDays: 2,
    validFrom: '2026-11-01',
    validTo: '2027-01-31',
  };
  const publish = (n: number, tariffs: unknown[], extra: Record<string, unknown> = {}, as = carrier): Promise<any> =>
    m.change(as, 'publishTariffs', { gln: gln(n), tariffs, idempotencyKey: newKey(), ...extra }, distributorFields);
  const read = async (n: number): Promise<any> =>
    (
      await m.ask(
        visitor,
        `{ distributor(gln: "${gln(n)}") { changedAt tariffs { service unit price { amountMinor currency } originUnlocode destinationUnlocode transitDays validFrom validTo } } }`,
      )
    ).data.distributor;

  it('replaces all tariffs and writes one event', async () => {
    const n = next();
    const entered = (await enterDistributor(m, n)).distributor;
    await m.forgetEvents();
    const services = ['HANDLING', 'STORAGE', 'PICK_AND_PACK', 'CUSTOMS', 'RETURNS'].map((service) => ({
      service,
      unit: 'MTQ',
      price: { amountMinor: 5, currency: 'CNY' },
      validFrom: '2026-11-01',
    }));
    await publish(n, [tariff, ...services]);
    const open = { originUnlocode: null, destinationUnlocode: null, transitDays: null, validTo: null };
    expect((await read(n)).tariffs).toEqual([tariff, ...services.map((s) => ({ ...open, ...s }))]);
    await publish(n, [tariff]);
    const after = await read(n);
    expect(after.tariffs).toEqual([tariff]);
    expect(after.changedAt > entered.changedAt).toBe(true);
    expect(await topics()).toEqual(['tariff.published', 'tariff.published']);
  });

  it('refuses more than 1,000, days the wrong way round, and prices below zero', async () => {
    const n = next();
    await enterDistributor(m, n);
    expect(
      codes(
        await publish(
          n,
          Array.from({ length: 1_001 }, () => tariff),
        ),
      ),
    ).toEqual(['TOO_MANY']);
    const wrong = { ...tariff, validTo: '2026-10-31', transitDays: -1, price: { amountMinor: -1, currency: 'CNY' } };
    expect(codes(await publish(n, [wrong]))).toEqual(['OUT_OF_RANGE', 'OUT_OF_RANGE', 'DATES_REVERSED']);
    expect((await read(n)).tariffs).toEqual([]);
  });

  it('refuses others and what is stale', async () => {
    const n = next();
    await enterDistributor(m, n);
    await m.forgetEvents();
    expect(codes(await publish(n, [tariff], {}, rival))).toEqual(['NOT_YOURS']);
    expect(codes(await publish(n, [tariff], { ifChangedAt: '2020-01-01T00:00:00Z' }))).toEqual(['STALE']);
    expect(await topics()).toEqual([]);
    expect((await read(n)).tariffs).toEqual([]);
  });
});

describe('registerSite and updateSite', () => {
  it('enter and change a place, with one event each', async () => {
    const [d, n] = [next(), next()];
    await enterDistributor(m, d);
    await m.forgetEvents();
    const entered = await enterSite(m, n, { distributorGln: gln(d), kind: 'CROSS_DOCK', freeCubicMetres: 12.5 });
    expect(codes(entered)).toEqual([]);
    const ifChangedAt = entered.site.changedAt;
    const changed = await m.change(
      carrier,
      'updateSite',
      { siteGln: gln(n), freeCubicMetres: 3, ifChangedAt, idempotencyKey: newKey() },
      'site { name kind unlocode freeCubicMetres distributor { gln } member { memberId } }',
    );
    expect(changed.site).toEqual({
      name: `Site ${n}`,
      kind: 'CROSS_DOCK',
      unlocode: 'CNHGH',
      freeCubicMetres: 3,
      distributor: { gln: gln(d) },
      member: { memberId: 'mbr_carrier' },
    });
    expect(await topics()).toEqual(['site.changed', 'site.changed']);
  });

  it('let any member run a place without a distributor', async () => {
    const n = next();
    expect(codes(await enterSite(m, n, { kind: 'STORE' }, shopkeeper))).toEqual([]);
    const { data } = await m.ask(visitor, `{ site(siteGln: "${gln(n)}") { kind distributor { gln } } }`);
    expect(data.site).toEqual({ kind: 'STORE', distributor: null });
  });

  it('refuse a place that is taken, an unknown distributor or one of another member, and wrong values', async () => {
    const [d, n] = [next(), next()];
    await enterDistributor(m, d);
    await enterSite(m, n);
    await m.forgetEvents();
    expect(codes(await enterSite(m, n))).toEqual(['DUPLICATE']);
    expect(codes(await enterSite(m, next(), { distributorGln: gln(next()) }))).toEqual(['NOT_FOUND']);
    expect(codes(await enterSite(m, next(), { distributorGln: gln(d) }, shopkeeper))).toEqual(['NOT_YOURS']);
    expect(codes(await enterSite(m, next(), { siteGln: '1', name: '', freeCubicMetres: -1 }))).toEqual([
      'BAD_CHECK_DIGIT',
      'TOO_LONG',
      'OUT_OF_RANGE',
    ]);
    expect(await topics()).toEqual([]);
  });

  it('refuse a change by another member, of an unknown place, and of one that changed meanwhile', async () => {
    const n = next();
    await enterSite(m, n);
    await m.forgetEvents();
    const input = { siteGln: gln(n), name: 'Mine', idempotencyKey: newKey() };
    expect(codes(await m.change(rival, 'updateSite', input, siteFields))).toEqual(['NOT_YOURS']);
    expect(codes(await m.change(carrier, 'updateSite', { ...input, siteGln: gln(next()) }, siteFields))).toEqual(['NOT_FOUND']);
    expect(codes(await m.change(carrier, 'updateSite', { ...input, ifChangedAt: '2020-01-01T00:00:00Z' }, siteFields))).toEqual(['STALE']);
    expect(await topics()).toEqual([]);
  });
});

describe('classifyStyle', () => {
  const classify = (styleId: string, as = carrier, extra: Record<string, unknown> = {}): Promise<any> =>
    m.change(
      as,
      'classifyStyle',
      { styleId, hsCode: '610910', unitWeightGrams: 180, idempotencyKey: newKey(), ...extra },
      'style { styleId hsCode unitWeightGrams }',
    );

  it('records HS code and weight with one event, and its first recorder may change them', async () => {
    await proposeStyle('sty_a', creator.memberId ?? '');
    expect((await classify('sty_a')).style).toEqual({ styleId: 'sty_a', hsCode: '610910', unitWeightGrams: 180 });
    expect((await classify('sty_a', carrier, { unitWeightGrams: 200 })).style.unitWeightGrams).toBe(200);
    const events = await m.events();
    expect(events.map((event) => [event.topic, event.payload])).toEqual([
      ['style.classified', { styleId: 'sty_a', hsCode: '610910', unitWeightGrams: 180 }],
      ['style.classified', { styleId: 'sty_a', hsCode: '610910', unitWeightGrams: 200 }],
    ]);
  });

  it('is for a distributor or the owner of the style, and then for its first recorder only', async () => {
    await proposeStyle('sty_b', creator.memberId ?? '');
    expect(codes(await classify('sty_b', shopkeeper))).toEqual(['NOT_YOURS']);
    expect(codes(await classify('sty_b', creator))).toEqual([]);
    expect(codes(await classify('sty_b', carrier))).toEqual(['NOT_YOURS']);
    expect(await topics()).toEqual(['style.classified']);
  });

  it('refuses an unknown style, a code that is none, and a weight of nothing', async () => {
    expect(codes(await classify('sty_unknown'))).toEqual(['NOT_FOUND']);
    expect(codes(await classify('sty_a', carrier, { hsCode: '61', unitWeightGrams: 0 }))).toEqual(['BAD_CODE', 'OUT_OF_RANGE']);
    expect(await topics()).toEqual([]);
  });

  it('lets one of two first recorders win', async () => {
    await proposeStyle('sty_c', creator.memberId ?? '');
    const both = await Promise.all([classify('sty_c', carrier), classify('sty_c', rival)]);
    expect(both.flatMap(codes)).toEqual(['NOT_YOURS']);
    expect(await topics()).toEqual(['style.classified']);
  });
});

describe('adjustInventory', () => {
  it('opens a position, adds and takes off, with one event each', async () => {
    const [s, item] = [next(), next()];
    await enterSite(m, s);
    await m.forgetEvents();
    expect((await adjust(m, s, item, 40)).position).toEqual({
      siteGln: gln(s),
      gtin: gtin(item),
      onHand: 40,
      reserved: 0,
      inTransit: 0,
      availableToPromise: 40,
      changedAt: m.clock.now().toISOString(),
    });
    expect((await adjust(m, s, item, -15, { reason: 'DAMAGE' })).position.onHand).toBe(25);
    const [, taken] = await m.events();
    expect(taken?.topic).toBe('inventory.changed');
    expect(taken?.payload).toMatchObject({
      siteGln: gln(s),
      gtin: gtin(item),
      memberId: 'mbr_carrier',
      onHand: 25,
      reserved: 0,
      inTransit: 0,
      availableToPromise: 25,
    });
  });

  it('takes every reason', async () => {
    const [s, item] = [next(), next()];
    await enterSite(m, s);
    for (const reason of ['COUNT', 'DAMAGE', 'LOSS', 'FOUND', 'SALE', 'RETURN'])
      expect(codes(await adjust(m, s, item, 1, { reason }))).toEqual([]);
  });

  it('never goes below nothing or below what is reserved', async () => {
    const [s, item] = [next(), next()];
    await enterSite(m, s);
    expect(codes(await adjust(m, s, item, -1))).toEqual(['STOCK_SHORT']);
    await adjust(m, s, item, 10);
    await m.db.inventoryPosition.update({ where: { siteGln_gtin: { siteGln: gln(s), gtin: gtin(item) } }, data: { reserved: 8 } });
    await m.forgetEvents();
    expect(codes(await adjust(m, s, item, -3))).toEqual(['STOCK_SHORT']);
    expect((await adjust(m, s, item, -2)).position.availableToPromise).toBe(0);
    expect(await topics()).toEqual(['inventory.changed']);
  });

  it('refuses another member, an unknown place, a wrong GTIN, no pieces at all, and what is stale', async () => {
    const [s, item] = [next(), next()];
    await enterSite(m, s);
    const { position } = await adjust(m, s, item, 10);
    await m.forgetEvents();
    expect(codes(await adjust(m, s, item, 1, {}, rival))).toEqual(['NOT_YOURS']);
    expect(codes(await adjust(m, next(), item, 1))).toEqual(['NOT_FOUND']);
    expect(codes(await adjust(m, s, item, 0, { gtin: '9520000000000' }))).toEqual(['BAD_CHECK_DIGIT', 'OUT_OF_RANGE']);
    expect(codes(await adjust(m, s, item, 1, { ifChangedAt: '2020-01-01T00:00:00Z' }))).toEqual(['STALE']);
    expect(codes(await adjust(m, s, next(), 1, { ifChangedAt: position.changedAt }))).toEqual(['STALE']);
    expect(codes(await adjust(m, s, item, 1_000_000_000))).toEqual(['OUT_OF_RANGE']);
    expect(await topics()).toEqual([]);
    expect((await adjust(m, s, item, 1, { ifChangedAt: position.changedAt })).position.onHand).toBe(11);
  });

  it('adds up what many ask for at once, each key once', async () => {
    const [s, item] = [next(), next()];
    await enterSite(m, s);
    await m.forgetEvents();
    const asked = Array.from({ length: 12 }, () => ({ idempotencyKey: newKey() }));
    await Promise.all([...asked, ...asked].map((extra) => adjust(m, s, item, 5, extra)));
    const { data } = await m.ask(hub, `{ inventoryPosition(siteGln: "${gln(s)}", gtin: "${gtin(item)}") { onHand } }`);
    expect(data.inventoryPosition.onHand).toBe(60);
    expect(await topics()).toHaveLength(12);
  });

  it('answers the same key with the same position again', async () => {
    const [s, item] = [next(), next()];
    await enterSite(m, s);
    const extra = { idempotencyKey: newKey() };
    const first = await adjust(m, s, item, 5, extra);
    expect(
      await m.change(
        carrier,
        'adjustInventory',
        { siteGln: gln(s), gtin: gtin(item), delta: 5, reason: 'FOUND', ...extra },
        positionFields,
      ),
    ).toEqual(first);
  });
});
