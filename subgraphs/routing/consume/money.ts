// Freight that was booked and goods that were received move the splits of their settlements. A repeat, or events in another order, change
// nothing: everything is computed from what is stored.
import { z } from 'zod';
import type { Consume } from '../../../subgraph-kit/consumer.ts';
import { execute, query, sql } from '../../../subgraph-kit/sql.ts';
import type { Tx } from '../data/client.ts';
import type { Change } from '../writes/change.ts';
import { repost } from '../writes/settlements.ts';

async function repostOf(change: Change, allocationIds: readonly string[]): Promise<void> {
  const rows = await query<{ settlementId: string }>(
    change.tx,
    sql`SELECT DISTINCT t."settlementId" FROM "Allocation" t WHERE t."allocationId" = ANY(${[...new Set(allocationIds)]}::text[]) AND t."settlementId" IS NOT NULL`,
  );
  await repost(
    change,
    rows.map(({ settlementId }) => settlementId),
  );
}

const freightShape = z.object({ amountMinor: z.number().int().min(0), currency: z.string() }).nullish();

/** Keeps the freight of a shipment as it was booked. */
export const postFreight: Consume<Tx> = async (change, events) => {
  const rows = [...new Map(events.map((event) => [event.text('gsin'), event])).values()].map((event) => {
    const freight = freightShape.parse(event.envelope.payload['freight']);
    return {
      gsin: event.text('gsin'),
      allocationId: event.text('allocationId'),
      distributorGln: event.text('distributorGln'),
      memberId: event.text('distributorMemberId'),
      amountMinor: freight?.amountMinor ?? null,
      currency: freight?.currency ?? null,
    };
  });
  await execute(
    change.tx,
    sql`INSERT INTO "Freight" SELECT w.* FROM jsonb_populate_recordset(NULL::"Freight", ${JSON.stringify(rows)}::jsonb) w
        ON CONFLICT ("gsin") DO UPDATE SET "amountMinor" = EXCLUDED."amountMinor", "currency" = EXCLUDED."currency"`,
  );
  await repostOf(
    change,
    rows.map(({ allocationId }) => allocationId),
  );
};

/** Good pieces and the day of receipt count from now on. */
export const postReceipt: Consume<Tx> = (change, events) =>
  repostOf(
    change,
    events.map((event) => event.text('allocationId')),
  );
