/** Who sees what of shipments, units, documents and lots by every way to them; cost at the destination; how many statements it takes. */
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
  lot,
  maker,
  newSscc,
  produce,
  receive,
  report,
  sendOff,
  stranger,
  type Goods,
} from './_shipping.ts';
import { generator, hub, member, visitor } from '../../_kit/subgraph.ts';
import type { Principal } from '../../../lib/identity/principal.ts';

let m: Midstream;
const demoCarrier = generator('mbr_demo_carrier', 'DISTRIBUTOR');

/** A delivered shipment with two units, one in the other, and both documents. */
type Delivered = Goods & { gsin: string; sscc: string; pallet: string; despatchId: string; receiptId: string };
let real: Delivered;
let demo: Delivered;
/** A demonstration shipment of real demand. */
let mixed: Delivered;

async function deliver(terms: Record<string, unknown>, as: Principal, n: number): Promise<Delivered> {
  const goods = await produce(m, terms);
  const { shipment } = await book(m, goods.allocationId, { distributorGln: gln(n) }, as);
  const pallet = newSscc();
  const box = { ...carton(goods.lotId, 80), parentSscc: pallet };
  const sent = await despatch(m, shipment.gsin, [{ sscc: pallet, contents: [] }, box], {}, as);
  await report(m, shipment.gsin, 'DEPARTED', {}, as);
  const got = await receive(m, shipment.gsin, [{ gtin: gtin(1), lotId: goods.lotId, good: 79, damaged: 1 }], { siteGln: gln(10 * n) }, as);
  expect(codes(got)).toEqual([]);
  const { documentId: despatchId } = sent.document;
  return { ...goods, gsin: shipment.gsin, sscc: box.sscc, pallet, despatchId, receiptId: got.document.documentId };
}

beforeAll(async () => {
  m = await openMidstream();
  await enterDistributor(m, 1);
  await enterSite(m, 10, { distributorGln: gln(1), unlocode: 'CNSHA' });
  const demoInput = { gln: gln(2), name: 'Demo', country: 'CN', slas: [], idempotencyKey: newKey() };
  await m.change(demoCarrier, 'registerDistributor', demoInput, 'distributor { gln }');
  await enterSite(m, 20, { distributorGln: gln(2), unlocode: 'CNSHA' }, demoCarrier);
  real = await deliver({}, carrier, 1);
  demo = await deliver({ origin: 'GENERATED', memberId: 'mbr_demo_maker', demandMemberId: 'mbr_demo_creator' }, demoCarrier, 2);
  mixed = await deliver({}, demoCarrier, 2);
}, 60_000);
afterAll(() => m.close());

const read = async (source: string, as: Principal = hub, variables = {}): Promise<any> => {
  const { data, errors } = await m.ask(as, source, variables);
  expect(errors).toBeUndefined();
  return data;
};
const entity = async (typename: string, key: Record<string, unknown>, fields: string, as: Principal): Promise<any> => {
  const source = `query ($r: [_Any!]!) { _entities(representations: $r) { ... on ${typename} { ${fields} } } }`;
  return (await read(source, as, { r: [{ __typename: typename, ...key }] }))._entities[0];
};

/** Everything by which a shipment, its units, documents and lot can be reached, for a viewer. */
async function reach(of: Delivered, as: Principal): Promise<Record<string, unknown>> {
  const page = '{ nodes { gsin } totalCount edges { node { gsin } } }';
  const data = await read(
    `{ shipment(gsin: "${of.gsin}") { gsin } shipments(first: 200) ${page} delivered: shipments(first: 200, status: [DELIVERED]) ${page}
       distributors(first: 200) { nodes { shipments(first: 200) ${page} } }
       despatch: document(documentId: "${of.despatchId}") { number shipment { gsin } } receipt: document(documentId: "${of.receiptId}") { number references { number } } }`,
    as,
  );
  const has = (list: { nodes: { gsin: string }[] }): boolean => list.nodes.some((node) => node.gsin === of.gsin);
  return {
    shipment: data.shipment !== null,
    list: has(data.shipments),
    byState: has(data.delivered),
    ofDistributor: data.distributors.nodes.some((node: { shipments: { nodes: { gsin: string }[] } }) => has(node.shipments)),
    despatch: data.despatch !== null,
    receipt: data.receipt !== null,
    entity: (await entity('Shipment', { gsin: of.gsin }, 'gsin carrier', as)) !== null,
    unit: (await entity('LogisticUnit', { sscc: of.sscc }, 'sscc parent { sscc }', as)) !== null,
    document: (await entity('Document', { documentId: of.receiptId }, 'documentId', as)) !== null,
    ofAllocation:
      (await entity('Allocation', { allocationId: of.allocationId }, 'shipments { totalCount nodes { gsin } }', as)).shipments
        .totalCount === 1,
    lot: (await entity('ProductionLot', { lotId: of.lotId }, 'shippedQty receivedQty', as)).shippedQty === 80,
    lotUnits:
      (await entity('ProductionLot', { lotId: of.lotId }, 'logisticUnits { totalCount nodes { sscc } }', as)).logisticUnits?.totalCount ===
      1,
  };
}
const ways = (seen: boolean) => ({
  shipment: seen,
  list: seen,
  byState: seen,
  ofDistributor: seen,
  despatch: seen,
  receipt: seen,
  entity: seen,
  unit: seen,
  document: seen,
  ofAllocation: seen,
  lot: seen,
  lotUnits: seen,
});

describe('A shipment, its units, its documents and its lot', () => {
  it('are seen by who moves, makes and orders the goods, and by the hub, by every way', async () => {
    for (const viewer of [carrier, maker, creator, hub]) expect(await reach(real, viewer)).toEqual(ways(true));
  });

  it('are seen by no other member and no visitor, by any way', async () => {
    for (const viewer of [rival, demoCarrier, shopkeeper, stranger, visitor]) expect(await reach(real, viewer)).toEqual(ways(false));
    expect(await reach(demo, stranger)).toEqual(ways(false));
    expect(await reach(demo, carrier)).toEqual(ways(false));
  });

  it('are seen by a visitor when all of it is demonstration, and not when the demand is real', async () => {
    expect(await reach(demo, visitor)).toEqual(ways(true));
    expect(await reach(mixed, visitor)).toEqual(ways(false));
  });

  it('are counted only as far as they are seen', async () => {
    const count = async (viewer: Principal): Promise<number> => (await read('{ shipments { totalCount } }', viewer)).shipments.totalCount;
    expect(await Promise.all([hub, carrier, demoCarrier, maker, creator, stranger, rival, visitor].map(count))).toEqual([
      3, 1, 2, 2, 2, 0, 0, 1,
    ]);
  });

  it('are null for unknown keys', async () => {
    expect(await read('{ shipment(gsin: "x") { gsin } document(documentId: "x") { number } }')).toEqual({ shipment: null, document: null });
    expect(await entity('LogisticUnit', { sscc: 'x' }, 'sscc', hub)).toBeNull();
    expect(await entity('ProductionLot', { lotId: 'x' }, 'lotId shippedQty receivedQty logisticUnits { totalCount }', hub)).toEqual({
      lotId: 'x',
      shippedQty: null,
      receivedQty: null,
      logisticUnits: null,
    });
    expect((await entity('Allocation', { allocationId: 'x' }, 'shipments { nodes { gsin } totalCount }', hub)).shipments).toEqual({
      nodes: [],
      totalCount: 0,
    });
  });

  it('answer what they hold', async () => {
    expect(
      await entity(
        'LogisticUnit',
        { sscc: real.sscc },
        'quantity parent { sscc quantity contents { quantity } } contents { quantity lot { lotId } }',
        maker,
      ),
    ).toEqual({
      quantity: 80,
      parent: { sscc: real.pallet, quantity: 80, contents: [] },
      contents: [{ quantity: 80, lot: { lotId: real.lotId } }],
    });
    expect(
      await entity('ProductionLot', { lotId: real.lotId }, 'shippedQty receivedQty logisticUnits { nodes { sscc } }', creator),
    ).toEqual({
      shippedQty: 80,
      receivedQty: 79,
      logisticUnits: { nodes: [{ sscc: real.sscc }] },
    });
  });

  it('of a lot count before anything left, also for who moves nothing of it', async () => {
    const fresh = await produce(m, { origin: 'GENERATED' });
    for (const viewer of [maker, creator, hub, visitor])
      expect(await entity('ProductionLot', { lotId: fresh.lotId }, 'shippedQty receivedQty logisticUnits { totalCount }', viewer)).toEqual({
        shippedQty: 0,
        receivedQty: 0,
        logisticUnits: { totalCount: 0 },
      });
    expect((await entity('ProductionLot', { lotId: fresh.lotId }, 'shippedQty', carrier)).shippedQty).toBeNull();
    await book(m, fresh.allocationId);
    expect((await entity('ProductionLot', { lotId: fresh.lotId }, 'shippedQty', carrier)).shippedQty).toBe(0);
  });
});

describe('Lists of shipments', () => {
  const boss = member('mbr_boss', 'DISTRIBUTOR');

  it('come newest first, page by page, in the states asked for', async () => {
    await m.change(
      boss,
      'registerDistributor',
      { gln: gln(5), name: 'Boss', country: 'CN', slas: [], idempotencyKey: newKey() },
      'distributor { gln }',
    );
    const gsins: string[] = [];
    for (let i = 0; i < 5; i += 1) {
      const { allocationId } = await produce(m);
      gsins.push((await book(m, allocationId, { distributorGln: gln(5) }, boss)).shipment.gsin);
      m.clock.advance(1_000);
    }
    await cancel(m, gsins[2] ?? '', {}, boss);
    const { shipments: first } = await read(
      '{ shipments(first: 2) { nodes { gsin } totalCount pageInfo { endCursor hasNextPage } } }',
      boss,
    );
    expect(first).toMatchObject({ nodes: [{ gsin: gsins[4] }, { gsin: gsins[3] }], totalCount: 5, pageInfo: { hasNextPage: true } });
    const { shipments: rest } = await read(`{ shipments(after: "${first.pageInfo.endCursor}") { nodes { gsin } } }`, boss);
    expect(rest.nodes.map((node: { gsin: string }) => node.gsin)).toEqual([gsins[2], gsins[1], gsins[0]]);
    const some = await read(
      `{ off: shipments(status: [CANCELLED]) { nodes { gsin } totalCount } none: shipments(status: []) { totalCount }
         distributor(gln: "${gln(5)}") { shipments(status: [BOOKED, DELIVERED], first: 1) { nodes { gsin } totalCount } } }`,
      boss,
    );
    expect(some).toEqual({
      off: { nodes: [{ gsin: gsins[2] }], totalCount: 1 },
      none: { totalCount: 0 },
      distributor: { shipments: { nodes: [{ gsin: gsins[4] }], totalCount: 4 } },
    });
  });
});

const costFields =
  'landedCost { exWorks { amountMinor currency } freight { amountMinor } duty { amountMinor } handling { amountMinor } total { amountMinor currency } incoterm }';
const costed = (changes: Record<string, unknown> = {}) => ({
  allocationId: 'alc_cost',
  quantity: 100,
  unitPrice: { __typename: 'Money', amountMinor: 3_000, currency: 'CNY' },
  originUnlocode: 'CNHGH',
  destinationUnlocode: 'USLAX',
  style: { __typename: 'Style', styleId: 'sty_cost' },
  ...changes,
});
const tariff = (service: string, unit: string, amountMinor: number, extra: Record<string, unknown> = {}) => ({
  service,
  unit,
  price: { amountMinor, currency: 'CNY' },
  validFrom: '2026-01-01',
  ...extra,
});
const publish = (n: number, tariffs: readonly unknown[], as: Principal): Promise<any> =>
  m.change(as, 'publishTariffs', { gln: gln(n), tariffs, idempotencyKey: newKey() }, 'distributor { gln }');
const costOf = async (changes: Record<string, unknown> = {}): Promise<any> =>
  (await entity('Allocation', costed(changes), costFields, creator)).landedCost;

describe('Landed cost', () => {
  it('is none while no tariff covers the lane', async () => {
    expect(await costOf()).toBeNull();
  });

  it('is price, freight, duty and handling by the tariffs of the cheapest distributor', async () => {
    await publish(1, [tariff('FREIGHT', 'KGM', 1_000), tariff('HANDLING', 'H87', 30), tariff('CUSTOMS', 'E48', 500)], carrier);
    await publish(2, [tariff('FREIGHT', 'KGM', 900), tariff('HANDLING', 'H87', 500)], demoCarrier);
    // 30 kg × 10.00; 16 % of 300,000 + 30,000; 100 × 0.30 + 5.00
    expect(await costOf()).toEqual({
      exWorks: { amountMinor: 300_000, currency: 'CNY' },
      freight: { amountMinor: 30_000 },
      duty: { amountMinor: 52_800 },
      handling: { amountMinor: 3_500 },
      total: { amountMinor: 386_300, currency: 'CNY' },
      incoterm: 'DDP',
    });
    // within a country there is neither duty nor customs
    expect(await costOf({ destinationUnlocode: 'CNSHA' })).toMatchObject({ duty: { amountMinor: 0 }, handling: { amountMinor: 3_000 } });
  });

  it('goes by code and weight of the classified style', async () => {
    await m.follow([{ topic: 'style.proposed', payload: { styleId: 'sty_cost', memberId: creator.memberId } }]);
    const classified = { styleId: 'sty_cost', hsCode: '42022200', unitWeightGrams: 1_000, idempotencyKey: newKey() };
    await m.change(creator, 'classifyStyle', classified, 'style { styleId }');
    // 100 kg × 10.00; 10 % of 300,000 + 100,000
    expect(await costOf()).toMatchObject({ freight: { amountMinor: 100_000 }, duty: { amountMinor: 40_000 } });
    expect(await costOf({ style: null })).toMatchObject({ freight: { amountMinor: 30_000 } });
  });

  it('is none in a currency without a tariff, and when the tariffs have run out', async () => {
    expect(await costOf({ unitPrice: { amountMinor: 1, currency: 'USD' } })).toBeNull();
    await publish(1, [tariff('FREIGHT', 'KGM', 1_000, { validTo: '2026-11-21' })], carrier);
    await publish(2, [tariff('FREIGHT', 'KGM', 1_000, { originUnlocode: 'CNSZX' })], demoCarrier);
    expect(await costOf()).toBeNull();
    expect(await costOf({ originUnlocode: 'CNSZX' })).not.toBeNull();
  });
});

describe('Statements', () => {
  it('are as many for one shipment as for many, with all that hangs on them', async () => {
    const question = `{ shipments(first: 200) { totalCount nodes { gsin distributor { name shipments(first: 3) { nodes { gsin } } } milestones { code }
      units { nodes { sscc parent { sscc } contents { quantity } } totalCount } despatchAdvice { number shipment { gsin } }
      receiptAdvice { references { number } } receivedLines { good } } } }`;
    const dock = member('mbr_dock', 'DISTRIBUTOR');
    await m.change(
      dock,
      'registerDistributor',
      { gln: gln(7), name: 'Dock', country: 'CN', slas: [], idempotencyKey: newKey() },
      'distributor { gln }',
    );
    await enterSite(m, 70, { distributorGln: gln(7), unlocode: 'CNSHA' }, dock);
    await deliver({}, dock, 7);
    const one = await m.countStatements(() => read(question, dock));
    for (let i = 0; i < 4; i += 1) await deliver({}, dock, 7);
    expect(await m.countStatements(() => read(question, dock))).toBe(one);
  });

  it('are as many for one allocation or lot as for many', async () => {
    const goods = await Promise.all(Array.from({ length: 5 }, () => produce(m)));
    await sendOff(m, goods[0] ?? { allocationId: '', lotId: '' });
    const source = `query ($r: [_Any!]!) { _entities(representations: $r) {
      ... on Allocation { shipments { nodes { gsin } totalCount } ${costFields} }
      ... on ProductionLot { shippedQty receivedQty logisticUnits { nodes { sscc } totalCount } } } }`;
    const ask = (n: number) =>
      m.countStatements(() =>
        read(source, creator, {
          r: goods.slice(0, n).flatMap(({ allocationId, lotId }) => [
            { __typename: 'Allocation', ...costed({ allocationId }) },
            { __typename: 'ProductionLot', lotId },
          ]),
        }),
      );
    const one = await ask(1);
    expect(await ask(5)).toBe(one);
  });
});

describe('What is told twice or out of order', () => {
  it('leaves the owner of a shipment and what was seen as they are', async () => {
    await m.follow([
      allocation(m, { allocationId: real.allocationId, changedAt: '2020-01-01T00:00:00.000Z', quantity: 1 }),
      lot(m, real.allocationId, { lotId: real.lotId, changedAt: '2020-01-01T00:00:00.000Z', goodQty: 1 }),
    ]);
    expect(await reach(real, creator)).toEqual(ways(true));
    expect(await m.db.allocationCopy.findUnique({ where: { allocationId: real.allocationId } })).toMatchObject({ quantity: 100 });
  });
});
