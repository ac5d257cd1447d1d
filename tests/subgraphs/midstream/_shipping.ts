/** Allocations and lots of others as their events tell them, and shipments of them. */
import { createId } from '../../../lib/ids.ts';
import type { Principal } from '../../../lib/identity/principal.ts';
import { withCheckDigit } from '../../../subgraph-kit/gs1.ts';
import { member } from '../../_kit/subgraph.ts';
import { carrier, creator, gln, gtin, newKey, type Midstream } from './_kit.ts';

export const maker = member('mbr_maker', 'MAKER');
export const stranger = member('mbr_stranger', 'CREATOR', 'MAKER');

let units = 0;
/** An SSCC that was not used before. */
export const newSscc = (): string => withCheckDigit(`0952${String((units += 1)).padStart(13, '0')}`);

/** allocation.changed of an accepted allocation of 100 pieces. */
export const allocation = (m: Midstream, extra: Record<string, unknown> = {}) => ({
  topic: 'allocation.changed',
  payload: {
    allocationId: createId('alc'),
    demandLineId: 'dln_1',
    styleId: 'sty_1',
    gln: gln(900),
    distributorGln: null,
    memberId: maker.memberId,
    runId: 'run_1',
    quantity: 100,
    unitPrice: { amountMinor: 3_000, currency: 'CNY' },
    promisedDate: '2026-11-30',
    status: 'ACCEPTED',
    previousStatus: 'OFFERED',
    declineReason: null,
    changedAt: m.clock.now().toISOString(),
    campaignId: null,
    demandMemberId: creator.memberId,
    origin: 'REPORTED',
    originUnlocode: 'CNHGH',
    destinationUnlocode: 'CNSHA',
    slots: [],
    distributorMemberId: null,
    ...extra,
  },
});

/** lot.progressed of a lot with 100 good pieces. */
export const lot = (m: Midstream, allocationId: string, extra: Record<string, unknown> = {}, topic = 'lot.progressed') => ({
  topic,
  payload: {
    lotId: createId('lot'),
    allocationId,
    gln: gln(900),
    styleId: 'sty_1',
    memberId: maker.memberId,
    status: 'COMPLETED',
    previousStatus: 'IN_PROGRESS',
    stage: null,
    qtyOut: null,
    scrap: null,
    progressBps: 10_000,
    projectedFinish: null,
    changedAt: m.clock.now().toISOString(),
    demandMemberId: creator.memberId,
    goodQty: 100,
    scrapQty: 0,
    startedAt: null,
    completedAt: null,
    ...extra,
  },
});

export type Goods = { readonly allocationId: string; readonly lotId: string };

/** An accepted allocation and its finished lot, as midstream comes to know them. */
export async function produce(m: Midstream, terms: Record<string, unknown> = {}, made: Record<string, unknown> = {}): Promise<Goods> {
  const accepted = allocation(m, terms);
  const { allocationId } = accepted.payload;
  const finished = lot(m, allocationId, made);
  await m.follow([accepted, finished]);
  return { allocationId, lotId: finished.payload.lotId };
}

export const shipmentFields = 'shipment { gsin status eta etaConfidenceBps otif changedAt }';
export const documentFields = 'document { documentId number type }';
export const inDays = (m: Midstream, days: number): string => new Date(m.clock.now().getTime() + days * 86_400_000).toISOString();

type Extra = Record<string, unknown>;

export const book = (m: Midstream, allocationId: string, extra: Extra = {}, as: Principal = carrier): Promise<any> =>
  m.change(
    as,
    'bookShipment',
    { allocationId, distributorGln: gln(1), carrier: 'SF Freight', plannedArrival: inDays(m, 2), idempotencyKey: newKey(), ...extra },
    shipmentFields,
  );

/** One carton of one trade item. */
export const carton = (lotId: string, quantity: number, item = 1) => ({
  sscc: newSscc(),
  contents: [{ gtin: gtin(item), lotId, quantity }],
});

export const despatch = (m: Midstream, gsin: string, units: readonly unknown[], extra: Extra = {}, as: Principal = carrier): Promise<any> =>
  m.change(
    as,
    'despatchShipment',
    { gsin, units, at: m.clock.now().toISOString(), idempotencyKey: newKey(), ...extra },
    `${shipmentFields} ${documentFields}`,
  );

export const report = (m: Midstream, gsin: string, code: string, extra: Extra = {}, as: Principal = carrier): Promise<any> =>
  m.change(
    as,
    'reportMilestone',
    { gsin, code, at: m.clock.now().toISOString(), source: 'CARRIER', idempotencyKey: newKey(), ...extra },
    shipmentFields,
  );

export const receive = (m: Midstream, gsin: string, lines: readonly unknown[], extra: Extra = {}, as: Principal = carrier): Promise<any> =>
  m.change(
    as,
    'receiveShipment',
    { gsin, siteGln: gln(10), lines, at: m.clock.now().toISOString(), idempotencyKey: newKey(), ...extra },
    `${shipmentFields} ${documentFields}`,
  );

export const cancel = (m: Midstream, gsin: string, extra: Extra = {}, as: Principal = carrier): Promise<any> =>
  m.change(as, 'cancelShipment', { gsin, note: 'Not needed', idempotencyKey: newKey(), ...extra }, shipmentFields);

/** A shipment that was handed over with these pieces of the lot. */
export async function sendOff(m: Midstream, goods: Goods, quantity = 100): Promise<string> {
  const { shipment } = await book(m, goods.allocationId);
  await despatch(m, shipment.gsin, [carton(goods.lotId, quantity)]);
  return shipment.gsin;
}
