/** Pieces on their way: whatever is tried in whatever order, none is made and none is lost, and every event fits the rows. */
import { codes, enterDistributor, enterSite, gln, gtin, openMidstream, type Midstream } from './_kit.ts';
import { book, cancel, carton, despatch, produce, receive, report, type Goods } from './_shipping.ts';
import { shipmentStates } from '../../../subgraphs/midstream/state-machines.ts';
import type { ShipmentStatus } from '../../../subgraphs/midstream/data/shipment-tables.ts';
import { isLegalMove } from '../../../subgraph-kit/state-machine.ts';

let m: Midstream;

beforeAll(async () => {
  m = await openMidstream();
  await enterDistributor(m, 1);
  await enterSite(m, 10, { distributorGln: gln(1), unlocode: 'CNSHA' });
}, 60_000);
afterAll(() => m.close());

/** Numbers from 0 to `most`, the same in every run. */
function numbers(seed: number): (most: number) => number {
  let state = seed;
  return (most) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % (most + 1);
  };
}

const milestones = ['DEPARTED', 'ARRIVED', 'CUSTOMS_ENTERED', 'CUSTOMS_CLEARED', 'OUT_FOR_DELIVERY', 'DELAYED', 'DAMAGED'];

/** One attempt at anything with one of the shipments; gives true when it was done. */
async function attempt(
  goods: readonly Goods[],
  gsins: { gsin: string; lotId: string }[],
  next: (most: number) => number,
): Promise<boolean> {
  const picked = gsins[next(gsins.length - 1)];
  const kind = next(9);
  if (kind <= 1 || picked === undefined) {
    const { allocationId, lotId } = goods[next(goods.length - 1)] ?? { allocationId: '', lotId: '' };
    const answer = await book(m, allocationId);
    if (answer.shipment !== null) gsins.push({ gsin: answer.shipment.gsin, lotId });
    return codes(answer).length === 0;
  }
  const { gsin, lotId } = picked;
  if (kind <= 3) return codes(await despatch(m, gsin, [carton(lotId, 1 + next(60))])).length === 0;
  if (kind <= 6) return codes(await report(m, gsin, milestones[next(milestones.length - 1)] ?? '')).length === 0;
  if (kind === 7) return codes(await cancel(m, gsin)).length === 0;
  const lines = [{ gtin: gtin(1), lotId, good: next(30), damaged: next(3) }];
  return codes(await receive(m, gsin, lines)).length === 0;
}

it('neither grow nor vanish in 400 attempts, and states move only as the table allows', async () => {
  const next = numbers(2_026);
  const goods = [await produce(m), await produce(m, {}, { goodQty: 40 }), await produce(m, { status: 'FROZEN' }, { goodQty: 70 })];
  await m.forgetEvents();
  const gsins: { gsin: string; lotId: string }[] = [];
  let done = 0;
  for (let i = 0; i < 400; i += 1) done += (await attempt(goods, gsins, next)) ? 1 : 0;
  expect(done).toBeGreaterThan(100);

  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
  for (const { lotId } of goods) {
    const [lot, sent, got] = await Promise.all([
      m.db.lotCopy.findUniqueOrThrow({ where: { lotId } }),
      m.db.unitContent.findMany({ where: { lotId } }),
      m.db.receiptLine.findMany({ where: { lotId } }),
    ]);
    const shipped = sum(sent.map((row) => row.quantity));
    expect(shipped).toBeLessThanOrEqual(lot.goodQty);
    expect(sum(got.map((row) => row.good + row.damaged))).toBeLessThanOrEqual(shipped);
    expect(shipped).toBeGreaterThan(0);
  }
  const received = await m.db.receiptLine.findMany();
  const stock = await m.db.inventoryPosition.findMany();
  expect(received.length).toBeGreaterThan(3);
  expect(sum(stock.map((row) => row.onHand))).toBe(sum(received.map((row) => row.good)));

  const events = await m.events();
  const states = new Map<unknown, unknown>();
  for (const { topic, payload } of events) {
    if (topic === 'shipment.booked') states.set(payload['gsin'], payload['status']);
    if (topic !== 'shipment.moved') continue;
    const { gsin, status, previousStatus } = payload as { gsin: string; status: ShipmentStatus; previousStatus: ShipmentStatus };
    expect(previousStatus).toBe(states.get(gsin));
    expect(status === previousStatus || isLegalMove(shipmentStates, previousStatus, status)).toBe(true);
    states.set(gsin, status);
  }
  const rows = await m.db.shipment.findMany();
  expect(Object.fromEntries(rows.map((row) => [row.gsin, row.status]))).toEqual(Object.fromEntries(states));
  expect(new Set(rows.map((row) => row.status)).size).toBeGreaterThan(4);
  const told = events.filter(({ topic }) => topic === 'receipt.recorded');
  expect(sum(told.map(({ payload }) => Number(payload['good'])))).toBe(sum(received.map((row) => row.good)));
  const papers = events.filter(({ topic }) => topic === 'document.issued').map(({ payload }) => String(payload['number']));
  const delivered = rows.filter((row) => row.status === 'DELIVERED').length;
  expect(papers.filter((number) => number.startsWith('RA-')).toSorted()).toEqual(
    Array.from({ length: delivered }, (_, i) => `RA-${String(i + 1).padStart(6, '0')}`),
  );
}, 60_000);
