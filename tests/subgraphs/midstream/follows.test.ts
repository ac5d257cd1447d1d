/** What midstream follows of others: each event is applied once, stock never falls below nothing, and moved stock is told once. */
import { adjust, carrier, enterSite, gln, gtin, openMidstream, type Midstream } from './_kit.ts';
import { generator, hub } from '../../_kit/subgraph.ts';

let m: Midstream;

beforeAll(async () => {
  m = await openMidstream();
  await enterSite(m, 1, { kind: 'STORE' });
  await adjust(m, 1, 1, 100);
  await adjust(m, 1, 2, 3);
}, 60_000);
afterAll(() => m.close());
beforeEach(() => m.forgetEvents());

type Line = { gtin: string; siteGln: string | null; piecesSold: number; piecesReturned: number };
const line = (site: number | null, item: number, piecesSold: number, piecesReturned = 0): Line => ({
  gtin: gtin(item),
  siteGln: site === null ? null : gln(site),
  piecesSold,
  piecesReturned,
});
const sale = (lines: Line[], at = m.clock.now()) => ({
  topic: 'sales.recorded',
  payload: {
    styleId: 'sty_1',
    campaignId: null,
    siteGln: null,
    piecesSold: 0,
    piecesReturned: 0,
    gmv: { amountMinor: 0, currency: 'CNY' },
    at: at.toISOString(),
    lines,
  },
});
const onHand = async (site: number, item: number): Promise<number | null> => {
  const { data } = await m.ask(hub, `{ inventoryPosition(siteGln: "${gln(site)}", gtin: "${gtin(item)}") { onHand } }`);
  return data.inventoryPosition?.onHand ?? null;
};

describe('sales.recorded', () => {
  it('takes what was sold from the stock of the store, adds what came back, and tells it once for many events', async () => {
    await m.follow([sale([line(1, 1, 10)]), sale([line(1, 1, 5, 2)]), sale([line(1, 1, 1), line(1, 1, 1)])]);
    expect(await onHand(1, 1)).toBe(85);
    const events = await m.events();
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      topic: 'inventory.changed',
      actorId: null,
      causeId: expect.stringMatching(/^evt_/),
      payload: { siteGln: gln(1), gtin: gtin(1), memberId: carrier.memberId, onHand: 85, availableToPromise: 85 },
    });
  });

  it('takes what is there when more was sold than the books hold', async () => {
    await m.follow([sale([line(1, 2, 10)])]);
    expect(await onHand(1, 2)).toBe(0);
    await m.forgetEvents();
    await m.follow([sale([line(1, 2, 1)])]);
    expect(await m.events()).toEqual([]);
  });

  it('opens a position for pieces that came back to a place that never held them, of the origin of the place', async () => {
    await enterSite(m, 3, { kind: 'STORE' }, generator('mbr_demo', 'PARTNER'));
    await m.forgetEvents();
    await m.follow([sale([line(3, 7, 0, 4)])]);
    const { data } = await m.ask(
      hub,
      `{ inventoryPosition(siteGln: "${gln(3)}", gtin: "${gtin(7)}") { onHand origin member { memberId } } }`,
    );
    expect(data.inventoryPosition).toEqual({ onHand: 4, origin: 'GENERATED', member: { memberId: 'mbr_demo' } });
    expect((await m.events()).map((event) => event.topic)).toEqual(['inventory.changed']);
  });

  it('moves no stock for sales at an unknown place or online, yet counts them as demand', async () => {
    await m.follow([sale([line(99, 1, 10), line(null, 1, 7, 1)])]);
    expect(await m.events()).toEqual([]);
    const days = await m.db.dailySales.findMany({ where: { gtin: gtin(1), siteGln: { in: ['', gln(99)] } }, orderBy: { siteGln: 'asc' } });
    expect(days.map((d) => [d.siteGln, d.day.toISOString().slice(0, 10), d.pieces])).toEqual([
      ['', '2026-11-22', 6],
      [gln(99), '2026-11-22', 10],
    ]);
  });

  it('counts a sale on the business day of the hub', async () => {
    await m.follow([
      sale([line(null, 8, 1)], new Date('2026-11-20T15:59:00Z')),
      sale([line(null, 8, 1)], new Date('2026-11-20T16:00:00Z')),
    ]);
    const days = await m.db.dailySales.findMany({ where: { gtin: gtin(8) }, orderBy: { day: 'asc' } });
    expect(days.map((d) => d.day.toISOString().slice(0, 10))).toEqual(['2026-11-20', '2026-11-21']);
  });

  it('is applied once, however often it comes', async () => {
    const before = await onHand(1, 1);
    await m.follow([{ ...sale([line(1, 1, 3)]), id: 'evt_once' }]);
    // the feed starts anew and hands everything out again
    await m.db.$executeRawUnsafe('DELETE FROM "FeedPosition"');
    await m.follow([sale([line(1, 1, 1)])]);
    expect(await onHand(1, 1)).toBe((before ?? 0) - 4);
  });

  it('takes as many statements for 1 event as for 150', async () => {
    const count = (n: number): Promise<number> =>
      m.countStatements(() => m.follow(Array.from({ length: n }, (_, i) => sale([line(1, 1, 1), line(1, 100 + i, 0, 1)]))));
    await count(1);
    const one = await count(1);
    expect(await count(150)).toBe(one);
  });
});

describe('style.proposed', () => {
  it('keeps the owner of a style, also when it comes again', async () => {
    const proposed = (styleId: string) => ({ topic: 'style.proposed', payload: { styleId, memberId: 'mbr_creator' } });
    await m.follow([proposed('sty_1'), proposed('sty_2'), proposed('sty_1')]);
    await m.follow([proposed('sty_2')]);
    expect(await m.db.styleCopy.findMany({ orderBy: { styleId: 'asc' } })).toEqual([
      { styleId: 'sty_1', memberId: 'mbr_creator' },
      { styleId: 'sty_2', memberId: 'mbr_creator' },
    ]);
    expect(await m.events()).toEqual([]);
  });
});
