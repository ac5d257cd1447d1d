// What events of others do to allocations. Events of different topics come in any order, and each handler judges by what is stored.
import type { Consume, ReceivedEvent } from '../../../subgraph-kit/consumer.ts';
import { execute, query, sql, type Sql } from '../../../subgraph-kit/sql.ts';
import type { Tx } from '../data/client.ts';
import type { AllocationRow } from '../data/tables.ts';
import { LIVE, type AllocationStatus } from '../state-machines.ts';
import { moveAllocations, tellChanged } from '../writes/allocations.ts';
import type { Change } from '../writes/change.ts';

const idsOf = (events: readonly ReceivedEvent[], field: string): string[] => [...new Set(events.map((event) => event.text(field)))];

/** demand.cancelled: what was to serve the line is taken back; what is frozen is made. */
export const supersedeCancelled: Consume<Tx> = async (change, events) => {
  await moveAllocations(change, { where: sql`t."demandLineId" = ANY(${idsOf(events, 'demandLineId')}::text[])`, to: 'SUPERSEDED' });
};

/** demand.changed: a line that was made smaller while a plan for all of it was committed takes its offers back; the next run makes new ones. */
export const supersedeExcess: Consume<Tx> = async (change, events) => {
  await moveAllocations(change, {
    where: sql`t."status" = 'OFFERED' AND t."demandLineId" IN (SELECT d."demandLineId" FROM "DemandCopy" d
      WHERE d."demandLineId" = ANY(${idsOf(events, 'demandLineId')}::text[]) AND d."quantity" < (SELECT sum(a."quantity") FROM "Allocation" a
        WHERE a."demandLineId" = d."demandLineId" AND a."status" = ANY(${[...LIVE]}::text[])))`,
    to: 'SUPERSEDED',
  });
};

// A lot is PLANNED until its maker releases it; one that was scrapped says nothing about work that began.
const BEGUN = ['RELEASED', 'IN_PROGRESS', 'ON_HOLD', 'COMPLETED', 'CLOSED'];

/** lot.progressed, lot.closed: work that began freezes its allocation. */
export const freezeStarted: Consume<Tx> = async (change, events) => {
  const begun = events.filter((event) => BEGUN.includes(event.text('status')));
  await moveAllocations(change, { where: sql`t."allocationId" = ANY(${idsOf(begun, 'allocationId')}::text[])`, to: 'FROZEN' });
};

/** shipment.booked: names who delivers. The last booking counts. */
export const nameDistributor: Consume<Tx> = async (change, events) => {
  const last = [...new Map(events.map((event) => [event.text('allocationId'), event])).values()];
  const rows = await query<AllocationRow & { previousStatus: AllocationStatus }>(
    change.tx,
    sql`UPDATE "Allocation" t SET "distributorGln" = w."gln", "distributorMemberId" = w."memberId",
          "changedAt" = greatest(${change.now}::timestamptz, t."changedAt" + interval '1 millisecond')
        FROM unnest(${last.map((e) => e.text('allocationId'))}::text[], ${last.map((e) => e.text('distributorGln'))}::text[],
          ${last.map((e) => e.text('distributorMemberId'))}::text[]) AS w("allocationId", "gln", "memberId")
        WHERE t."allocationId" = w."allocationId"
          AND (t."distributorGln", t."distributorMemberId") IS DISTINCT FROM (w."gln", w."memberId")
        RETURNING t.*, t."status" AS "previousStatus"`,
  );
  if (rows.length > 0) await tellChanged(change, rows);
};

/** receipt.recorded: adds what was received and completes what has arrived. */
export const completeReceived: Consume<Tx> = async (change, events) => {
  await execute(
    change.tx,
    sql`UPDATE "Allocation" t SET "receivedGood" = t."receivedGood" + w."good", "receivedDamaged" = t."receivedDamaged" + w."damaged"
        FROM (SELECT e."allocationId", sum(e."good")::int AS "good", sum(e."damaged")::int AS "damaged"
          FROM unnest(${events.map((e) => e.text('allocationId'))}::text[], ${events.map((e) => e.number('good'))}::int[],
            ${events.map((e) => e.number('damaged'))}::int[]) AS e("allocationId", "good", "damaged") GROUP BY 1) w
        WHERE t."allocationId" = w."allocationId"`,
  );
  await completeArrived(change, idsOf(events, 'allocationId'));
};

/** lot.progressed, lot.closed: a lot that came out smaller may complete an allocation whose pieces have all arrived. */
export const completeFinished: Consume<Tx> = (change, events) => completeArrived(change, idsOf(events, 'allocationId'));

// All pieces: those asked for, or those that came out good of a lot that is done.
const HAS_ARRIVED: Sql = sql`t."receivedGood" + t."receivedDamaged" > 0 AND t."receivedGood" + t."receivedDamaged" >= least(t."quantity",
  (SELECT sum(l."goodQty")::int FROM "LotFact" l WHERE l."allocationId" = t."allocationId" AND l."status" IN ('COMPLETED', 'CLOSED')))`;

async function completeArrived(change: Change, allocationIds: readonly string[]): Promise<void> {
  // what a lot and a receipt say at once is seen by the later of the two: each waits here for the other
  await query(
    change.tx,
    sql`SELECT 1 FROM "Allocation" t WHERE t."allocationId" = ANY(${[...allocationIds]}::text[]) ORDER BY t."allocationId" FOR UPDATE`,
  );
  const where = sql`t."allocationId" = ANY(${[...allocationIds]}::text[]) AND ${HAS_ARRIVED}`;
  // what was received is too near to be moved
  await moveAllocations(change, { where, to: 'FROZEN' });
  await moveAllocations(change, { where, to: 'COMPLETED' });
}
