// Distributors carry what was made: booked, despatched in cartons, on its way, received.
import { z } from 'zod';
import { withCheckDigit } from '../../subgraph-kit/gs1.ts';
import type { Player } from '../client.ts';
import { forEachOf, type Stage } from '../stage.ts';
import type { Lot } from './make.ts';

/** A distributor with one of its places. */
export type Carrier = { readonly player: Player; readonly gln: string; readonly siteGln: string };

export type Until = 'booked' | 'on its way' | 'received';

const CARTON_PIECES = 80;
const HOUR_MS = 3_600_000;
const carriers = ['SF Freight', 'YTO Cargo', 'Inland Water Line'];

// A carton's number: GS1 prefix 952 and a serial of 13 digits made from the lot.
const toSscc = (lotId: string, carton: number): string =>
  withCheckDigit(
    `0952${String((BigInt(`0x${lotId.replaceAll('-', '').slice(-11)}`) % 10_000_000_000n) * 1_000n + BigInt(carton)).padStart(13, '0')}`,
  );

type Content = { gtin: string; lotId: string; quantity: number };

/** The good pieces of a lot over the sizes that were asked for: as asked, what is missing from the last. */
export function packSizes({ job, lotId, goodQty }: Lot): Content[] {
  const asked = job.sizes.reduce((sum, size) => sum + size.quantity, 0);
  let left = goodQty;
  return job.sizes.flatMap(({ gtin, quantity }, i) => {
    const share = i === job.sizes.length - 1 ? left : Math.min(left, Math.round((quantity * goodQty) / asked));
    left -= share;
    return share > 0 ? [{ gtin, lotId, quantity: share }] : [];
  });
}

function toCartons(contents: readonly Content[], lotId: string): { sscc: string; contents: Content[] }[] {
  const parts = contents.flatMap((content) =>
    Array.from({ length: Math.ceil(content.quantity / CARTON_PIECES) }, (_, i) => ({
      ...content,
      quantity: Math.min(CARTON_PIECES, content.quantity - i * CARTON_PIECES),
    })),
  );
  return parts.map((content, i) => ({ sscc: toSscc(lotId, i), contents: [content] }));
}

/** Delivers each lot by one of the carriers, as far as `untilOf` says; gives those received. */
export async function deliverLots(
  stage: Stage,
  lots: readonly Lot[],
  carriersOf: readonly Carrier[],
  untilOf: (lot: Lot) => Until,
): Promise<Lot[]> {
  const done = await forEachOf(lots, 6, async (lot) => {
    const random = stage.random('delivery', lot.job.name);
    const carrier = random.pick(carriersOf);
    const until = untilOf(lot);
    const gsin = await book(stage, lot, carrier, random.pick(carriers));
    if (until === 'booked') return false;
    const contents = packSizes(lot);
    const change = (mutation: string, input: Record<string, unknown>) =>
      stage.client.change(carrier.player, mutation, { gsin, ...input, idempotencyKey: stage.key(mutation, gsin) }, 'shipment { status }', [
        'STOCK_SHORT',
      ]);
    const present = () => stage.clock.now().toISOString();
    await change('despatchShipment', { units: toCartons(contents, lot.lotId), at: present() });
    await change('reportMilestone', { code: 'DEPARTED', source: 'CARRIER', at: present(), etaConfidenceBps: random.int(8_000, 9_900) });
    if (until === 'on its way') return false;
    const lines = contents.map(({ gtin, lotId, quantity }, i) => {
      const damaged = i === 0 && random.chance(0.06) ? 1 : 0;
      return { gtin, lotId, good: quantity - damaged, damaged };
    });
    await change('receiveShipment', { siteGln: carrier.siteGln, lines, at: present() });
    return true;
  });
  return lots.filter((_, i) => done[i]);
}

async function book(stage: Stage, { job }: Lot, carrier: Carrier, name: string): Promise<string> {
  const input = {
    allocationId: job.allocationId,
    distributorGln: carrier.gln,
    carrier: name,
    plannedArrival: new Date(stage.now.getTime() + 48 * HOUR_MS).toISOString(),
    idempotencyKey: stage.key('book', job.allocationId),
  };
  const payload = await stage.client.change(carrier.player, 'bookShipment', input, 'shipment { gsin }', ['WRONG_STATE']);
  return z.object({ gsin: z.string() }).parse(payload['shipment']).gsin;
}
