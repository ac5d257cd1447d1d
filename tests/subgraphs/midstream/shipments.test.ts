/** The way of a shipment: booked, despatched, on its way, received or called off; each change with its events, refusals and documents. */
import {
  carrier,
  codes,
  creator,
  enterDistributor,
  enterSite,
  gln,
  gtin,
  newKey,
  openMidstream,
  rival,
  shopkeeper,
  type Midstream,
} from './_kit.ts';
import {
  allocation,
  book,
  cancel,
  carton,
  despatch,
  inDays,
  lot,
  maker,
  newSscc,
  produce,
  receive,
  report,
  sendOff,
  shipmentFields,
  stranger,
} from './_shipping.ts';
import { hub, visitor } from '../../_kit/subgraph.ts';

let m: Midstream;

beforeAll(async () => {
  m = await openMidstream();
  await enterDistributor(m, 1);
  await enterDistributor(m, 3);
  await m.change(
    rival,
    'registerDistributor',
    { gln: gln(2), name: 'Rival', country: 'CN', slas: [], idempotencyKey: newKey() },
    'distributor { gln }',
  );
  await enterSite(m, 10, { distributorGln: gln(1), unlocode: 'CNSHA' });
  await enterSite(m, 11, { kind: 'STORE', unlocode: 'CNSHA' }, creator);
  await enterSite(m, 12, { kind: 'STORE', unlocode: 'CNSHA' }, shopkeeper);
  await enterSite(m, 13, { kind: 'STORE', unlocode: 'CNCAN' }, shopkeeper);
}, 60_000);
afterAll(() => m.close());
beforeEach(() => m.forgetEvents());

const topics = async (): Promise<string[]> => (await m.events()).map((event) => event.topic);
const payload = async (topic: string): Promise<Record<string, unknown>> =>
  (await m.events()).findLast((event) => event.topic === topic)?.payload ?? {};
const where = (p: { problems: { code: string; path: string[] }[] }): string[] =>
  p.problems.map(({ code, path }) => `${code} ${path.join('.')}`);
const statusOf = async (gsin: string): Promise<string> =>
  (await m.ask(hub, `{ shipment(gsin: "${gsin}") { status } }`)).data.shipment.status;
const line = (lotId: string, good: number, damaged = 0, item = 1) => ({ gtin: gtin(item), lotId, good, damaged });
const onHand = async (site: number, item = 1): Promise<number> =>
  (await m.ask(hub, `{ inventoryPosition(siteGln: "${gln(site)}", gtin: "${gtin(item)}") { onHand } }`)).data.inventoryPosition?.onHand ??
  0;

describe('bookShipment', () => {
  it('books an accepted allocation with its places, and writes one event with the freight by own tariffs', async () => {
    const freight = {
      service: 'FREIGHT',
      unit: 'KGM',
      price: { amountMinor: 400, currency: 'CNY' },
      transitDays: 2,
      validFrom: '2026-01-01',
    };
    const handling = { service: 'HANDLING', unit: 'H87', price: { amountMinor: 30, currency: 'CNY' }, validFrom: '2026-01-01' };
    await m.change(
      carrier,
      'publishTariffs',
      { gln: gln(1), tariffs: [freight, handling], idempotencyKey: newKey() },
      'distributor { gln }',
    );
    const { allocationId } = await produce(m);
    await m.forgetEvents();
    const { shipment, problems } = await book(m, allocationId, { carrier: '  SF Freight ' });
    expect(problems).toEqual([]);
    expect(shipment).toMatchObject({
      gsin: expect.stringMatching(/^952[0-9]{14}$/),
      status: 'BOOKED',
      eta: inDays(m, 2),
      etaConfidenceBps: null,
      otif: null,
    });
    expect(await topics()).toEqual(['shipment.booked']);
    expect((await m.events())[0]?.payload).toEqual({
      gsin: shipment.gsin,
      allocationId,
      distributorGln: gln(1),
      memberId: carrier.memberId,
      carrier: 'SF Freight',
      status: 'BOOKED',
      plannedArrival: inDays(m, 2),
      eta: inDays(m, 2),
      changedAt: shipment.changedAt,
      distributorMemberId: carrier.memberId,
      demandMemberId: creator.memberId,
      // 100 pieces of 300 g: 30 kg × 4.00 + 100 × 0.30
      freight: { amountMinor: 15_000, currency: 'CNY' },
    });
    const { data } = await m.ask(
      hub,
      `{ shipment(gsin: "${shipment.gsin}") { originUnlocode destinationUnlocode carrier origin member { memberId }
      allocation { allocationId } distributor { gln } milestones { code at planned source note } units { totalCount } receivedLines { good } despatchAdvice { number } } }`,
    );
    expect(data.shipment).toEqual({
      originUnlocode: 'CNHGH',
      destinationUnlocode: 'CNSHA',
      carrier: 'SF Freight',
      origin: 'REPORTED',
      member: { memberId: carrier.memberId },
      allocation: { allocationId },
      distributor: { gln: gln(1) },
      milestones: [
        { code: 'BOOKED', at: m.clock.now().toISOString(), planned: null, source: 'DISTRIBUTOR', note: null },
        { code: 'DELIVERED', at: null, planned: inDays(m, 2), source: 'DISTRIBUTOR', note: null },
      ],
      units: { totalCount: 0 },
      receivedLines: [],
      despatchAdvice: null,
    });
  });

  it('prices the pieces that have not left, by the weight of a classified style, and nothing without a tariff', async () => {
    await m.follow([{ topic: 'style.proposed', payload: { styleId: 'sty_heavy', memberId: creator.memberId } }]);
    await m.change(
      carrier,
      'classifyStyle',
      { styleId: 'sty_heavy', hsCode: '620342', unitWeightGrams: 1_000, idempotencyKey: newKey() },
      'style { styleId }',
    );
    const goods = await produce(m, { styleId: 'sty_heavy' });
    await sendOff(m, goods, 40);
    await book(m, goods.allocationId);
    // 60 pieces of 1 kg: 60 × 4.00 + 60 × 0.30
    expect(await payload('shipment.booked')).toMatchObject({ freight: { amountMinor: 25_800, currency: 'CNY' } });
    const other = await produce(m);
    await book(m, other.allocationId, { distributorGln: gln(3) });
    expect(await payload('shipment.booked')).toMatchObject({ freight: null });
  });

  it('refuses freight beyond all payments: no tariff stops the money of others', async () => {
    await enterDistributor(m, 4);
    const price = { amountMinor: Number.MAX_SAFE_INTEGER, currency: 'CNY' };
    const tariff = { service: 'FREIGHT', unit: 'KGM', price, transitDays: 2, validFrom: '2026-01-01' };
    await m.change(carrier, 'publishTariffs', { gln: gln(4), tariffs: [tariff], idempotencyKey: newKey() }, 'distributor { gln }');
    const { allocationId } = await produce(m);
    await m.forgetEvents();
    expect(where(await book(m, allocationId, { distributorGln: gln(4) }))).toEqual(['OUT_OF_RANGE distributorGln']);
    expect(await topics()).toEqual([]);
  });

  it('takes FROZEN allocations too, but none in another state and none that is not known yet', async () => {
    const frozen = await produce(m, { status: 'FROZEN' });
    expect(codes(await book(m, frozen.allocationId))).toEqual([]);
    for (const status of ['OFFERED', 'DECLINED', 'COUNTERED', 'SUPERSEDED', 'COMPLETED']) {
      const other = await produce(m, { status });
      expect(where(await book(m, other.allocationId))).toEqual(['WRONG_STATE allocationId']);
    }
    expect(where(await book(m, 'alc_unknown'))).toEqual(['NOT_FOUND allocationId']);
  });

  it('is for one distributor an allocation, as long as a shipment of it stands', async () => {
    const { allocationId } = await produce(m);
    const first = await book(m, allocationId);
    expect(codes(await book(m, allocationId))).toEqual([]);
    expect(where(await book(m, allocationId, { distributorGln: gln(2) }, rival))).toEqual(['WRONG_STATE allocationId']);
    expect(where(await book(m, allocationId, { distributorGln: gln(3) }))).toEqual(['WRONG_STATE allocationId']);
    const alone = await produce(m);
    const { shipment } = await book(m, alone.allocationId);
    await cancel(m, shipment.gsin);
    expect(codes(await book(m, alone.allocationId, { distributorGln: gln(2) }, rival))).toEqual([]);
    expect(await statusOf(first.shipment.gsin)).toBe('BOOKED');
  });

  it('gives one of two distributors who book at once the allocation', async () => {
    const { allocationId } = await produce(m);
    const answers = await Promise.all([book(m, allocationId), book(m, allocationId, { distributorGln: gln(2) }, rival)]);
    expect(answers.map(codes).toSorted((a, b) => a.length - b.length)).toEqual([[], ['WRONG_STATE']]);
    expect(await m.db.shipment.count({ where: { allocationId } })).toBe(1);
  });

  it('refuses a strange or unknown distributor, an empty carrier, an arrival that has passed, and members of other kinds', async () => {
    const { allocationId } = await produce(m);
    expect(where(await book(m, allocationId, { distributorGln: gln(2) }))).toEqual(['NOT_YOURS distributorGln']);
    expect(where(await book(m, allocationId, { distributorGln: gln(99) }))).toEqual(['NOT_FOUND distributorGln']);
    expect(where(await book(m, allocationId, { carrier: ' ', plannedArrival: inDays(m, -1) }))).toEqual([
      'TOO_LONG carrier',
      'DAY_IN_PAST plannedArrival',
    ]);
    expect(codes(await book(m, allocationId, {}, maker))).toEqual(['WRONG_KIND']);
    await expect(book(m, allocationId, {}, visitor)).rejects.toThrow('a visitor may only read');
    expect(await topics()).toEqual([]);
  });

  it('gives the same shipment to the same key', async () => {
    const { allocationId } = await produce(m);
    await m.forgetEvents();
    const idempotencyKey = newKey();
    const first = await book(m, allocationId, { idempotencyKey });
    expect(await book(m, allocationId, { idempotencyKey })).toEqual(first);
    expect(await topics()).toEqual(['shipment.booked']);
    expect(codes(await book(m, allocationId, { idempotencyKey, carrier: 'Other' }))).toEqual(['IDEMPOTENCY_MISMATCH']);
  });
});

describe('despatchShipment', () => {
  it('hands the units over, issues the despatch advice and writes its events', async () => {
    const { allocationId, lotId } = await produce(m);
    const { shipment } = await book(m, allocationId);
    await m.forgetEvents();
    const [pallet, box] = [newSscc(), newSscc()];
    const units = [
      { sscc: pallet, contents: [] },
      {
        sscc: box,
        parentSscc: pallet,
        contents: [
          { gtin: gtin(1), lotId, quantity: 60 },
          { gtin: gtin(2), lotId, quantity: 30 },
        ],
      },
    ];
    m.clock.advance(60_000);
    const idempotencyKey = newKey();
    const answer = await despatch(m, shipment.gsin, units, { idempotencyKey });
    expect(answer).toMatchObject({
      problems: [],
      shipment: { gsin: shipment.gsin, status: 'PICKED_UP' },
      document: { type: 'DESPATCH_ADVICE', number: expect.stringMatching(/^DA-[0-9]{6}$/) },
    });
    expect(answer.document.documentId).toMatch(/^doc_/);
    expect(await topics()).toEqual(['document.issued', 'shipment.moved']);
    expect(await payload('document.issued')).toEqual({ ...answer.document, issuedAt: m.clock.now().toISOString(), gsin: shipment.gsin });
    expect(await payload('shipment.moved')).toEqual({
      gsin: shipment.gsin,
      allocationId,
      distributorGln: gln(1),
      memberId: carrier.memberId,
      status: 'PICKED_UP',
      previousStatus: 'BOOKED',
      code: 'PICKED_UP',
      eta: shipment.eta,
      etaConfidenceBps: null,
      changedAt: answer.shipment.changedAt,
      demandMemberId: creator.memberId,
      pieces: 90,
    });
    const { data } = await m.ask(
      hub,
      `{ shipment(gsin: "${shipment.gsin}") { units { totalCount nodes { sscc quantity parent { sscc } contents { quantity sku { gtin } lot { lotId } } } }
      despatchAdvice { documentId issuer { memberId } receiver { memberId } shipment { gsin } references { documentId } } milestones { code } } }`,
    );
    expect(data.shipment.units).toEqual({
      totalCount: 2,
      nodes: [
        { sscc: pallet, quantity: 90, parent: null, contents: [] },
        {
          sscc: box,
          quantity: 90,
          parent: { sscc: pallet },
          contents: [
            { quantity: 60, sku: { gtin: gtin(1) }, lot: { lotId } },
            { quantity: 30, sku: { gtin: gtin(2) }, lot: { lotId } },
          ],
        },
      ],
    });
    expect(data.shipment.despatchAdvice).toEqual({
      documentId: answer.document.documentId,
      issuer: { memberId: carrier.memberId },
      receiver: { memberId: creator.memberId },
      shipment: { gsin: shipment.gsin },
      references: [],
    });
    expect(data.shipment.milestones.map((milestone: { code: string }) => milestone.code)).toEqual(['BOOKED', 'PICKED_UP', 'DELIVERED']);
    // the same key: the same answer, and nothing again
    expect(await despatch(m, shipment.gsin, units, { idempotencyKey, at: m.clock.now().toISOString() })).toEqual(answer);
    expect(await topics()).toEqual(['document.issued', 'shipment.moved']);
  });

  it('takes no more than the good pieces of a lot, over all shipments', async () => {
    const { allocationId, lotId } = await produce(m, {}, { goodQty: 90 });
    const [first, second] = [await book(m, allocationId), await book(m, allocationId)];
    expect(where(await despatch(m, first.shipment.gsin, [carton(lotId, 91)]))).toEqual(['STOCK_SHORT units']);
    expect(codes(await despatch(m, first.shipment.gsin, [carton(lotId, 50)]))).toEqual([]);
    expect(where(await despatch(m, second.shipment.gsin, [carton(lotId, 21), carton(lotId, 20)]))).toEqual(['STOCK_SHORT units']);
    expect(codes(await despatch(m, second.shipment.gsin, [carton(lotId, 20), carton(lotId, 20)]))).toEqual([]);
  });

  it('gives the last pieces to one of two shipments that leave at once', async () => {
    const { allocationId, lotId } = await produce(m);
    const [first, second] = [await book(m, allocationId), await book(m, allocationId)];
    const answers = await Promise.all([first, second].map(({ shipment }) => despatch(m, shipment.gsin, [carton(lotId, 60)])));
    expect(answers.map(codes).toSorted((a, b) => a.length - b.length)).toEqual([[], ['STOCK_SHORT']]);
  });

  it('takes lots of this allocation only, that are known and not scrapped', async () => {
    const [mine, other, scrapped] = [await produce(m), await produce(m), await produce(m, {}, { status: 'SCRAPPED' })];
    const { shipment } = await book(m, mine.allocationId);
    expect(where(await despatch(m, shipment.gsin, [carton(mine.lotId, 1), carton(other.lotId, 1), carton('lot_x', 1)]))).toEqual([
      'NOT_FOUND units.1.contents.0.lotId',
      'NOT_FOUND units.2.contents.0.lotId',
    ]);
    const { shipment: waste } = await book(m, scrapped.allocationId);
    expect(where(await despatch(m, waste.gsin, [carton(scrapped.lotId, 1)]))).toEqual(['STOCK_SHORT units']);
  });

  it('refuses units that were used before, a trade item of another style, a time to come, and what was not booked by the caller', async () => {
    const { allocationId, lotId } = await produce(m);
    const [first, second] = [await book(m, allocationId), await book(m, allocationId)];
    const unit = carton(lotId, 10);
    await despatch(m, first.shipment.gsin, [unit]);
    await m.forgetEvents();
    expect(where(await despatch(m, second.shipment.gsin, [carton(lotId, 1), unit]))).toEqual(['DUPLICATE units.1.sscc']);
    await m.follow([
      {
        topic: 'sales.recorded',
        payload: {
          styleId: 'sty_2',
          at: m.clock.now().toISOString(),
          lines: [{ gtin: gtin(77), siteGln: null, piecesSold: 1, piecesReturned: 0 }],
        },
      },
    ]);
    expect(where(await despatch(m, second.shipment.gsin, [carton(lotId, 1), carton(lotId, 1, 77)]))).toEqual([
      'NOT_OF_STYLE units.1.contents.0.gtin',
    ]);
    expect(where(await despatch(m, second.shipment.gsin, [], { at: inDays(m, 1) }))).toEqual([
      'DAY_IN_FUTURE at',
      'TOO_FEW units',
      'OUT_OF_RANGE units',
    ]);
    const units = [carton(lotId, 1)];
    expect(where(await despatch(m, second.shipment.gsin, units, {}, rival))).toEqual(['NOT_YOURS gsin']);
    expect(where(await despatch(m, second.shipment.gsin, units, { ifChangedAt: inDays(m, -1) }))).toEqual(['STALE ifChangedAt']);
    expect(where(await despatch(m, '95200000000000011', units))).toEqual(['NOT_FOUND gsin']);
    expect(where(await despatch(m, first.shipment.gsin, units))).toEqual(['WRONG_STATE ']);
    expect(await topics()).toEqual([]);
  });

  it('numbers the documents of a member without gaps', async () => {
    const goods = await produce(m);
    const { shipment } = await book(m, goods.allocationId);
    const before = await m.db.documentSeries.findUnique({ where: { memberId_type: { memberId: 'mbr_carrier', type: 'DESPATCH_ADVICE' } } });
    await despatch(m, shipment.gsin, [carton(goods.lotId, 1_000)]);
    const { document } = await despatch(m, shipment.gsin, [carton(goods.lotId, 1)]);
    expect(document.number).toBe(`DA-${String((before?.last ?? 0) + 1).padStart(6, '0')}`);
  });
});

describe('reportMilestone', () => {
  it('moves the shipment, keeps what is expected, and writes one event', async () => {
    const gsin = await sendOff(m, await produce(m));
    await m.forgetEvents();
    const at = m.clock.now().toISOString();
    const answer = await report(m, gsin, 'DEPARTED', { eta: inDays(m, 3), etaConfidenceBps: 9_000, note: ' left late ' });
    expect(answer).toMatchObject({ problems: [], shipment: { status: 'IN_TRANSIT', eta: inDays(m, 3), etaConfidenceBps: 9_000 } });
    expect(await topics()).toEqual(['shipment.moved']);
    expect(await payload('shipment.moved')).toMatchObject({
      gsin,
      status: 'IN_TRANSIT',
      previousStatus: 'PICKED_UP',
      code: 'DEPARTED',
      eta: inDays(m, 3),
      etaConfidenceBps: 9_000,
    });
    const { data } = await m.ask(hub, `{ shipment(gsin: "${gsin}") { milestones { code at source note } } }`);
    expect(data.shipment.milestones).toContainEqual({ code: 'DEPARTED', at, source: 'CARRIER', note: 'left late' });
  });

  it('keeps the chance of an expectation that stays, and forgets it with a new one', async () => {
    const gsin = await sendOff(m, await produce(m));
    await report(m, gsin, 'DEPARTED', { etaConfidenceBps: 8_000 });
    expect((await report(m, gsin, 'DEPARTED')).shipment.etaConfidenceBps).toBe(8_000);
    expect((await report(m, gsin, 'DEPARTED', { eta: inDays(m, 4) })).shipment).toMatchObject({
      eta: inDays(m, 4),
      etaConfidenceBps: null,
    });
  });

  it('leads over customs and exceptions to the destination, and back on the way', async () => {
    const gsin = await sendOff(m, await produce(m));
    const way = [
      ['DELAYED', 'EXCEPTION'],
      ['DAMAGED', 'EXCEPTION'],
      ['DEPARTED', 'IN_TRANSIT'],
      ['DEPARTED', 'IN_TRANSIT'],
      ['CUSTOMS_ENTERED', 'CUSTOMS'],
      ['DELAYED', 'EXCEPTION'],
      ['CUSTOMS_ENTERED', 'CUSTOMS'],
      ['CUSTOMS_CLEARED', 'IN_TRANSIT'],
      ['OUT_FOR_DELIVERY', 'IN_TRANSIT'],
      ['ARRIVED', 'ARRIVED'],
      ['OUT_FOR_DELIVERY', 'ARRIVED'],
      ['DELAYED', 'EXCEPTION'],
      ['ARRIVED', 'ARRIVED'],
    ];
    for (const [code, status] of way) expect((await report(m, gsin, code ?? '')).shipment.status).toBe(status);
    expect(where(await report(m, gsin, 'DEPARTED'))).toEqual(['WRONG_STATE code']);
    expect(where(await report(m, gsin, 'CUSTOMS_ENTERED'))).toEqual(['WRONG_STATE code']);
  });

  it('does not stand for booking, pick-up or receipt, and comes only between pick-up and receipt', async () => {
    const goods = await produce(m);
    const gsin = await sendOff(m, goods);
    for (const code of ['BOOKED', 'PICKED_UP', 'DELIVERED']) expect(where(await report(m, gsin, code))).toEqual(['WRONG_STATE code']);
    expect(where(await report(m, gsin, 'ARRIVED'))).toEqual(['WRONG_STATE code']);
    const { shipment } = await book(m, goods.allocationId);
    expect(where(await report(m, shipment.gsin, 'DELAYED'))).toEqual(['WRONG_STATE ']);
    await cancel(m, shipment.gsin);
    expect(where(await report(m, shipment.gsin, 'DELAYED'))).toEqual(['WRONG_STATE ']);
    await receive(m, gsin, [line(goods.lotId, 100)]);
    expect(where(await report(m, gsin, 'DAMAGED'))).toEqual(['WRONG_STATE ']);
  });

  it('comes in the order of time, not in the future, with an expectation not before it', async () => {
    const gsin = await sendOff(m, await produce(m));
    await report(m, gsin, 'DEPARTED');
    expect(where(await report(m, gsin, 'ARRIVED', { at: inDays(m, -1) }))).toEqual(['DATES_REVERSED at']);
    const wrong = { at: inDays(m, 2), eta: inDays(m, 1), etaConfidenceBps: 10_001, note: 'x'.repeat(1_001) };
    expect(where(await report(m, gsin, 'ARRIVED', wrong))).toEqual([
      'DAY_IN_FUTURE at',
      'DATES_REVERSED eta',
      'OUT_OF_RANGE etaConfidenceBps',
      'TOO_LONG note',
    ]);
    expect(where(await report(m, gsin, 'ARRIVED', {}, rival))).toEqual(['NOT_YOURS gsin']);
    expect(codes(await report(m, gsin, 'ARRIVED', {}, creator))).toEqual(['WRONG_KIND']);
  });

  it('comes at most 97 times, so that with booking, pick-up and delivery there are 100; the receipt is always possible', async () => {
    const goods = await produce(m);
    const gsin = await sendOff(m, goods);
    for (let i = 0; i < 97; i += 1) expect(codes(await report(m, gsin, 'DELAYED'))).toEqual([]);
    expect(where(await report(m, gsin, 'DELAYED'))).toEqual(['TOO_MANY ']);
    expect(codes(await receive(m, gsin, [line(goods.lotId, 100)]))).toEqual([]);
    const { data } = await m.ask(hub, `{ shipment(gsin: "${gsin}") { milestones { code } } }`);
    expect(data.shipment.milestones).toHaveLength(100);
  });

  it('is reported once with one key', async () => {
    const gsin = await sendOff(m, await produce(m));
    await m.forgetEvents();
    const idempotencyKey = newKey();
    const first = await report(m, gsin, 'DEPARTED', { idempotencyKey });
    expect(await report(m, gsin, 'DEPARTED', { idempotencyKey })).toEqual(first);
    expect(await topics()).toEqual(['shipment.moved']);
  });
});

describe('receiveShipment', () => {
  it('delivers, raises the stock of the place, answers the despatch advice and writes its events', async () => {
    const { allocationId, lotId } = await produce(m);
    const { shipment } = await book(m, allocationId);
    const sent = await despatch(m, shipment.gsin, [
      {
        sscc: newSscc(),
        contents: [
          { gtin: gtin(1), lotId, quantity: 60 },
          { gtin: gtin(2), lotId, quantity: 40 },
        ],
      },
    ]);
    const before = [await onHand(10, 1), await onHand(10, 2)];
    await m.forgetEvents();
    const idempotencyKey = newKey();
    const lines = [line(lotId, 60), line(lotId, 39, 1, 2)];
    const answer = await receive(m, shipment.gsin, lines, { idempotencyKey });
    const at = m.clock.now().toISOString();
    expect(answer).toMatchObject({
      problems: [],
      shipment: { status: 'DELIVERED', otif: false, eta: at, etaConfidenceBps: 10_000 },
      document: { type: 'RECEIPT_ADVICE', number: expect.stringMatching(/^RA-/) },
    });
    expect([await onHand(10, 1), await onHand(10, 2)]).toEqual([(before[0] ?? 0) + 60, (before[1] ?? 0) + 39]);
    expect(await topics()).toEqual(['document.issued', 'shipment.moved', 'receipt.recorded', 'inventory.changed', 'inventory.changed']);
    expect(await payload('shipment.moved')).toMatchObject({ status: 'DELIVERED', previousStatus: 'PICKED_UP', code: 'DELIVERED', eta: at });
    expect(await payload('receipt.recorded')).toEqual({
      gsin: shipment.gsin,
      allocationId,
      siteGln: gln(10),
      memberId: carrier.memberId,
      good: 99,
      damaged: 1,
      otif: false,
      changedAt: answer.shipment.changedAt,
      distributorGln: gln(1),
      demandMemberId: creator.memberId,
      at,
      documentsMatch: true,
      onTime: true,
      lines,
    });
    const { data } = await m.ask(
      hub,
      `{ shipment(gsin: "${shipment.gsin}") { receivedLines { good damaged sku { gtin } lot { lotId } }
      receiptAdvice { documentId number issuer { memberId } receiver { memberId } references { documentId type } } milestones { code at planned source } } }`,
    );
    expect(data.shipment.receivedLines).toEqual([
      { good: 60, damaged: 0, sku: { gtin: gtin(1) }, lot: { lotId } },
      { good: 39, damaged: 1, sku: { gtin: gtin(2) }, lot: { lotId } },
    ]);
    expect(data.shipment.receiptAdvice).toMatchObject({
      documentId: answer.document.documentId,
      issuer: { memberId: carrier.memberId },
      receiver: { memberId: creator.memberId },
      references: [{ documentId: sent.document.documentId, type: 'DESPATCH_ADVICE' }],
    });
    expect(data.shipment.milestones.at(-1)).toEqual({ code: 'DELIVERED', at, planned: shipment.eta, source: 'DISTRIBUTOR' });
    expect(await receive(m, shipment.gsin, lines, { idempotencyKey, at })).toEqual(answer);
    expect(await topics()).toHaveLength(5);
  });

  it('is on time and in full by the promised business day, and not a day later', async () => {
    const promised = { promisedDate: '2026-11-22' };
    const [today, late] = [await produce(m, promised), await produce(m, { promisedDate: '2026-11-21' })];
    expect((await receive(m, await sendOff(m, today), [line(today.lotId, 100)])).shipment.otif).toBe(true);
    expect((await receive(m, await sendOff(m, late), [line(late.lotId, 100)])).shipment.otif).toBe(false);
    expect(await payload('receipt.recorded')).toMatchObject({ good: 100, onTime: false, documentsMatch: true, otif: false });
  });

  it('tells when less came than was sent, and when fewer than ordered were sent', async () => {
    const short = await produce(m);
    expect((await receive(m, await sendOff(m, short), [line(short.lotId, 98)])).shipment.otif).toBe(false);
    expect(await payload('receipt.recorded')).toMatchObject({ good: 98, damaged: 0, documentsMatch: false, onTime: true });
    const fewer = await produce(m);
    expect((await receive(m, await sendOff(m, fewer, 90), [line(fewer.lotId, 90)])).shipment.otif).toBe(false);
    expect(await payload('receipt.recorded')).toMatchObject({ documentsMatch: true });
  });

  it('of two shipments finds the last one in full', async () => {
    const goods = await produce(m);
    const [first, second] = [await sendOff(m, goods, 60), await sendOff(m, goods, 40)];
    expect((await receive(m, second, [line(goods.lotId, 40)])).shipment.otif).toBe(false);
    expect((await receive(m, first, [line(goods.lotId, 60)])).shipment.otif).toBe(true);
  });

  it('may be recorded by who ordered the goods at a place of its own; the papers then go the other way', async () => {
    const goods = await produce(m);
    const gsin = await sendOff(m, goods);
    const answer = await receive(m, gsin, [line(goods.lotId, 100)], { siteGln: gln(11) }, creator);
    expect(answer).toMatchObject({ problems: [], shipment: { status: 'DELIVERED', otif: true }, document: { number: 'RA-000001' } });
    expect(await onHand(11)).toBe(100);
    const { data } = await m.ask(
      hub,
      `{ shipment(gsin: "${gsin}") { receiptAdvice { issuer { memberId } receiver { memberId } } milestones { source } }
      inventoryPosition(siteGln: "${gln(11)}", gtin: "${gtin(1)}") { member { memberId } origin } }`,
    );
    expect(data.shipment.receiptAdvice).toEqual({ issuer: { memberId: creator.memberId }, receiver: { memberId: carrier.memberId } });
    expect(data.shipment.milestones.at(-1).source).toBe('RECEIVER');
    expect(data.inventoryPosition).toEqual({ member: { memberId: creator.memberId }, origin: 'REPORTED' });
  });

  it('happens at a place of either side or at another place of the destination, never elsewhere and never by a stranger', async () => {
    const goods = await produce(m);
    const gsin = await sendOff(m, goods);
    const lines = [line(goods.lotId, 100)];
    expect(where(await receive(m, gsin, lines, { siteGln: gln(13) }))).toEqual(['NOT_YOURS siteGln']);
    expect(where(await receive(m, gsin, lines, { siteGln: gln(10) }, creator))).toEqual(['NOT_YOURS siteGln']);
    expect(where(await receive(m, gsin, lines, { siteGln: gln(12) }, creator))).toEqual(['NOT_YOURS siteGln']);
    expect(where(await receive(m, gsin, lines, { siteGln: gln(98) }))).toEqual(['NOT_FOUND siteGln']);
    for (const other of [shopkeeper, rival, maker, stranger, hub])
      expect(where(await receive(m, gsin, lines, { siteGln: gln(12) }, other))).toEqual(['NOT_YOURS gsin']);
    expect(await statusOf(gsin)).toBe('PICKED_UP');
    expect(codes(await receive(m, gsin, lines, { siteGln: gln(12) }))).toEqual([]);
    expect(await onHand(12)).toBe(100);
  });

  it('refuses more than was sent, what was not sent, a time to come or before the last milestone, and what is not on its way', async () => {
    const goods = await produce(m);
    const { shipment } = await book(m, goods.allocationId);
    const lines = [line(goods.lotId, 50)];
    expect(where(await receive(m, shipment.gsin, lines))).toEqual(['WRONG_STATE ']);
    await despatch(m, shipment.gsin, [carton(goods.lotId, 50)]);
    await report(m, shipment.gsin, 'DEPARTED');
    await m.forgetEvents();
    expect(where(await receive(m, shipment.gsin, [line(goods.lotId, 50, 1)]))).toEqual(['OUT_OF_RANGE lines.0']);
    expect(where(await receive(m, shipment.gsin, [line(goods.lotId, 50), line(goods.lotId, 1, 0, 2)]))).toEqual(['OUT_OF_RANGE lines.1']);
    expect(where(await receive(m, shipment.gsin, lines, { at: inDays(m, 1) }))).toEqual(['DAY_IN_FUTURE at']);
    expect(where(await receive(m, shipment.gsin, lines, { at: inDays(m, -1) }))).toEqual(['DATES_REVERSED at']);
    expect(where(await receive(m, shipment.gsin, lines, { ifChangedAt: inDays(m, -1) }))).toEqual(['STALE ifChangedAt']);
    expect(await topics()).toEqual([]);
    await report(m, shipment.gsin, 'CUSTOMS_ENTERED');
    expect(where(await receive(m, shipment.gsin, lines))).toEqual(['WRONG_STATE ']);
    await report(m, shipment.gsin, 'DELAYED');
    expect(codes(await receive(m, shipment.gsin, lines))).toEqual([]);
    expect(where(await receive(m, shipment.gsin, lines))).toEqual(['WRONG_STATE ']);
  });

  it('is recorded once when both sides do it at once', async () => {
    const goods = await produce(m);
    const gsin = await sendOff(m, goods);
    const before = (await onHand(10)) + (await onHand(11));
    const lines = [line(goods.lotId, 100)];
    const answers = await Promise.all([receive(m, gsin, lines), receive(m, gsin, lines, { siteGln: gln(11) }, creator)]);
    expect(answers.map(codes).toSorted((a, b) => a.length - b.length)).toEqual([[], ['WRONG_STATE']]);
    expect((await onHand(10)) + (await onHand(11))).toBe(before + 100);
  });

  it('of nothing but damage raises no stock', async () => {
    const goods = await produce(m);
    const gsin = await sendOff(m, goods);
    await m.forgetEvents();
    expect(codes(await receive(m, gsin, [line(goods.lotId, 0, 100)]))).toEqual([]);
    expect(await topics()).toEqual(['document.issued', 'shipment.moved', 'receipt.recorded']);
  });
});

describe('cancelShipment', () => {
  it('calls off what is only booked, with its reason, and writes one event', async () => {
    const { allocationId } = await produce(m);
    const { shipment } = await book(m, allocationId);
    await m.forgetEvents();
    const idempotencyKey = newKey();
    const answer = await cancel(m, shipment.gsin, { note: ' Vehicle broke down ', idempotencyKey });
    expect(answer).toMatchObject({ problems: [], shipment: { status: 'CANCELLED' } });
    expect(await cancel(m, shipment.gsin, { note: ' Vehicle broke down ', idempotencyKey })).toEqual(answer);
    expect(await topics()).toEqual(['shipment.moved']);
    expect(await payload('shipment.moved')).toMatchObject({
      gsin: shipment.gsin,
      status: 'CANCELLED',
      previousStatus: 'BOOKED',
      code: null,
    });
    const { data } = await m.ask(hub, `{ shipment(gsin: "${shipment.gsin}") { milestones { code at note } } }`);
    expect(data.shipment.milestones.at(-1)).toEqual({ code: 'DELIVERED', at: null, note: 'Vehicle broke down' });
    expect(where(await cancel(m, shipment.gsin))).toEqual(['WRONG_STATE ']);
  });

  it('comes too late after pick-up, and is for the owner with a reason', async () => {
    const goods = await produce(m);
    const gsin = await sendOff(m, goods);
    expect(where(await cancel(m, gsin))).toEqual(['WRONG_STATE ']);
    const { shipment } = await book(m, goods.allocationId);
    expect(where(await cancel(m, shipment.gsin, {}, rival))).toEqual(['NOT_YOURS gsin']);
    expect(where(await cancel(m, shipment.gsin, { note: ' ' }))).toEqual(['TOO_LONG note']);
    expect(codes(await m.change(creator, 'cancelShipment', { gsin, note: 'x', idempotencyKey: newKey() }, shipmentFields))).toEqual([
      'WRONG_KIND',
    ]);
  });
});

describe('what others tell', () => {
  it('calls booked shipments off when the allocation gave way to another, and leaves those that have left', async () => {
    const goods = await produce(m);
    const gone = await sendOff(m, goods, 50);
    const { shipment } = await book(m, goods.allocationId);
    await m.forgetEvents();
    const superseded = allocation(m, { allocationId: goods.allocationId, status: 'SUPERSEDED', changedAt: inDays(m, 1) });
    await m.follow([superseded, superseded]);
    expect([await statusOf(shipment.gsin), await statusOf(gone)]).toEqual(['CANCELLED', 'PICKED_UP']);
    const events = await m.events();
    expect(
      events.map(({ topic, actorId, payload: { gsin, status, previousStatus, code } }) => ({
        topic,
        actorId,
        gsin,
        status,
        previousStatus,
        code,
      })),
    ).toEqual([{ topic: 'shipment.moved', actorId: null, gsin: shipment.gsin, status: 'CANCELLED', previousStatus: 'BOOKED', code: null }]);
    expect(new Date(String(events[0]?.payload['changedAt'])).getTime()).toBeGreaterThan(new Date(shipment.changedAt).getTime());
    expect(where(await book(m, goods.allocationId))).toEqual(['WRONG_STATE allocationId']);
  });

  it('counts by its time, in whatever order it comes', async () => {
    const known = allocation(m, { changedAt: inDays(m, 2), quantity: 80, status: 'FROZEN' });
    const { allocationId } = known.payload;
    await m.follow([known]);
    await m.follow([allocation(m, { allocationId, changedAt: inDays(m, 1), quantity: 100, status: 'ACCEPTED' })]);
    expect(await m.db.allocationCopy.findUnique({ where: { allocationId } })).toMatchObject({ quantity: 80, status: 'FROZEN' });
    const lotId = 'lot_order';
    await m.follow([lot(m, allocationId, { lotId, goodQty: 75, status: 'CLOSED', changedAt: inDays(m, 3) }, 'lot.closed')]);
    await m.follow([lot(m, allocationId, { lotId, goodQty: 40, changedAt: inDays(m, 1) })]);
    expect(await m.db.lotCopy.findUnique({ where: { lotId } })).toMatchObject({ goodQty: 75, status: 'CLOSED' });
  });

  it('takes as many statements for 1 event as for 150', async () => {
    const changed = (n: number) => Array.from({ length: n }, (_, i) => allocation(m, { status: i % 2 === 0 ? 'SUPERSEDED' : 'ACCEPTED' }));
    const made = (n: number) => Array.from({ length: n }, () => lot(m, 'alc_x'));
    await m.follow([...changed(1), ...made(1)]);
    const one = await m.countStatements(() => m.follow([...changed(1), ...made(1)]));
    expect(await m.countStatements(() => m.follow([...changed(150), ...made(150)]))).toBe(one);
  });
});
