// Allocations and their shipments. The newest `changedAt` of an allocation counts; minutes are counted anew from all allocations that take
// them, so repeats and a wrong order change nothing. A constant number of statements for a batch.
import { z } from 'zod';
import type { Consume, ReceivedEvent } from '../../../subgraph-kit/consumer.ts';
import { execute, query, sql } from '../../../subgraph-kit/sql.ts';
import type { Tx } from '../data/client.ts';
import { COMMITS, HOLDS } from '../lot-states.ts';
import { bookMinutes, type Slot } from '../writes/bookings.ts';
import { openLots, scrapUnbegun } from '../writes/lots.ts';
import { newest } from '../../../subgraph-kit/newest.ts';

const slotShape = z.object({ bucketId: z.string(), day: z.iso.date(), minutes: z.number().int().nonnegative() });

const slotsOf = (event: ReceivedEvent): Slot[] =>
  event.list('slots').map((slot, position) => ({ ...slotShape.parse(slot), allocationId: event.text('allocationId'), position }));

const isIn = (states: readonly string[], event: ReceivedEvent): boolean => states.includes(event.text('status'));

/** Keeps an allocation; holds, commits or frees its minutes; opens its lot when it is accepted, and gives up one that was not begun. */
export const keepAllocation: Consume<Tx> = async (change, all) => {
  const events = await keepCopies(change.tx, newest(all, 'allocationId', 'changedAt'));
  if (events.length === 0) return;
  const taking = events.filter((event) => isIn([...HOLDS, ...COMMITS], event));
  await bookMinutes(
    change,
    events.map((event) => event.text('allocationId')),
    taking.flatMap(slotsOf),
  );
  await openLots(change, events.filter((event) => isIn(COMMITS, event)).map(toAccepted));
  await scrapUnbegun(
    change,
    events.filter((event) => isIn(['SUPERSEDED'], event)).map((event) => event.text('allocationId')),
  );
};

/** Gives back the events that are newer than what was known. */
async function keepCopies(tx: Tx, events: readonly ReceivedEvent[]): Promise<ReceivedEvent[]> {
  const text = (field: string): string[] => events.map((event) => event.text(field));
  const rows = await query<{ allocationId: string }>(
    tx,
    sql`INSERT INTO "AllocationCopy" AS t ("allocationId", "gln", "memberId", "demandMemberId", "styleId", "origin", "quantity", "promisedDate",
          "status", "changedAt")
        SELECT w."allocationId", w."gln", w."memberId", w."demandMemberId", w."styleId", w."origin", w."quantity", w."promised"::date,
          w."status", w."changedAt"::timestamptz
        FROM unnest(${text('allocationId')}::text[], ${text('gln')}::text[], ${text('memberId')}::text[], ${text('demandMemberId')}::text[],
          ${text('styleId')}::text[], ${text('origin')}::text[], ${events.map((e) => e.number('quantity'))}::int[],
          ${text('promisedDate')}::text[], ${text('status')}::text[], ${text('changedAt')}::text[])
          AS w("allocationId", "gln", "memberId", "demandMemberId", "styleId", "origin", "quantity", "promised", "status", "changedAt")
        ORDER BY w."allocationId"
        ON CONFLICT ("allocationId") DO UPDATE SET "quantity" = EXCLUDED."quantity", "promisedDate" = EXCLUDED."promisedDate",
          "status" = EXCLUDED."status", "changedAt" = EXCLUDED."changedAt"
        WHERE EXCLUDED."changedAt" > t."changedAt" RETURNING t."allocationId"`,
  );
  const applied = new Set(rows.map(({ allocationId }) => allocationId));
  return events.filter((event) => applied.has(event.text('allocationId')));
}

const toAccepted = (event: ReceivedEvent) => ({
  allocationId: event.text('allocationId'),
  gln: event.text('gln'),
  memberId: event.text('memberId'),
  demandMemberId: event.text('demandMemberId'),
  styleId: event.text('styleId'),
  origin: event.text('origin'),
  plannedQty: event.number('quantity'),
  // the plan needs it done on the last day of its minutes
  neededBy: slotsOf(event).reduce((last, { day }) => (day > last ? day : last), '') || event.text('promisedDate'),
});

/** Whoever booked a shipment of an allocation may see its lot; the shipment may be known before the lot is. */
export const keepCarriage: Consume<Tx> = async ({ tx }, events) => {
  await execute(
    tx,
    sql`INSERT INTO "Carriage" ("allocationId", "memberId")
        SELECT * FROM unnest(${events.map((e) => e.text('allocationId'))}::text[], ${events.map((e) => e.text('distributorMemberId'))}::text[])
        ON CONFLICT DO NOTHING`,
  );
};
