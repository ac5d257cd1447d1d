// What routing, upstream and midstream say of the allocations of demand. Each topic has a place of its own in the feed, so news of one
// allocation comes in any order: of each source the newest is kept, and the lines are moved to where all of it together says they stand.
import type { Consume, ReceivedEvent } from '../../../subgraph-kit/consumer.ts';
import { newest } from '../../../subgraph-kit/newest.ts';
import { execute, query, sql } from '../../../subgraph-kit/sql.ts';
import type { Tx } from '../data/client.ts';
import { advanceDemand } from '../writes/advance-demand.ts';

type Column = (field: string) => (string | null)[];
const columnsOf =
  (events: readonly ReceivedEvent[]): Column =>
  (field) =>
    events.map((event) => event.optionalText(field));

// Two topics that tell of one allocation at the same moment would each read before the other has ended, and none would see the whole: the
// second waits here for the first.
const oneAtATime = (tx: Tx) => query(tx, sql`SELECT pg_advisory_xact_lock(hashtext('downstream.allocations'))::text AS "lock"`);

const linesOf = async (tx: Tx, events: readonly ReceivedEvent[]): Promise<string[]> => {
  const rows = await query<{ demandLineId: string }>(
    tx,
    sql`SELECT DISTINCT "demandLineId" FROM "AllocationCopy"
        WHERE "allocationId" = ANY(${events.map((event) => event.text('allocationId'))}::text[]) AND "demandLineId" IS NOT NULL`,
  );
  return rows.map(({ demandLineId }) => demandLineId);
};

/** Keeps state, pieces and parties of an allocation. */
export const keepAllocation: Consume<Tx> = async ({ tx, emit, now }, all) => {
  await oneAtATime(tx);
  const events = newest(all, 'allocationId', 'changedAt');
  const text = columnsOf(events);
  await execute(
    tx,
    sql`INSERT INTO "AllocationCopy" AS t ("allocationId", "demandLineId", "memberId", "distributorMemberId", "origin", "quantity", "status", "changedAt")
        SELECT * FROM unnest(${text('allocationId')}::text[], ${text('demandLineId')}::text[], ${text('memberId')}::text[],
          ${text('distributorMemberId')}::text[], ${text('origin')}::"DataOrigin"[], ${events.map((event) => event.number('quantity'))}::int[],
          ${text('status')}::"AllocationStatus"[], ${text('changedAt')}::timestamptz[])
        ON CONFLICT ("allocationId") DO UPDATE SET "demandLineId" = EXCLUDED."demandLineId", "memberId" = EXCLUDED."memberId",
          "distributorMemberId" = EXCLUDED."distributorMemberId", "origin" = EXCLUDED."origin", "quantity" = EXCLUDED."quantity",
          "status" = EXCLUDED."status", "changedAt" = EXCLUDED."changedAt"
        WHERE t."changedAt" IS NULL OR EXCLUDED."changedAt" >= t."changedAt"`,
  );
  await advanceDemand({ tx, emit }, await linesOf(tx, events), now);
};

/** Keeps what the newest run decided about a line. */
export const keepDecision: Consume<Tx> = async ({ tx, emit, now }, all) => {
  const events = newest(all, 'demandLineId', 'decidedAt');
  const text = columnsOf(events);
  await execute(
    tx,
    sql`INSERT INTO "DecisionCopy" AS t ("demandLineId", "outcome", "decidedAt")
        SELECT * FROM unnest(${text('demandLineId')}::text[], ${text('outcome')}::"DecisionOutcome"[], ${text('decidedAt')}::timestamptz[])
        ON CONFLICT ("demandLineId") DO UPDATE SET "outcome" = EXCLUDED."outcome", "decidedAt" = EXCLUDED."decidedAt"
        WHERE EXCLUDED."decidedAt" >= t."decidedAt"`,
  );
  await advanceDemand(
    { tx, emit },
    events.map((event) => event.text('demandLineId')),
    now,
  );
};

/** Keeps the state and the good pieces of a lot. */
export const keepLot: Consume<Tx> = async ({ tx, emit, now }, all) => {
  await oneAtATime(tx);
  const events = newest(all, 'allocationId', 'changedAt');
  const text = columnsOf(events);
  await execute(
    tx,
    sql`INSERT INTO "AllocationCopy" AS t ("allocationId", "lotStatus", "lotGoodQty", "lotChangedAt")
        SELECT * FROM unnest(${text('allocationId')}::text[], ${text('status')}::"LotStatus"[],
          ${events.map((event) => event.number('goodQty'))}::int[], ${text('changedAt')}::timestamptz[])
        ON CONFLICT ("allocationId") DO UPDATE SET "lotStatus" = EXCLUDED."lotStatus", "lotGoodQty" = EXCLUDED."lotGoodQty",
          "lotChangedAt" = EXCLUDED."lotChangedAt"
        WHERE t."lotChangedAt" IS NULL OR EXCLUDED."lotChangedAt" >= t."lotChangedAt"`,
  );
  await advanceDemand({ tx, emit }, await linesOf(tx, events), now);
};

/** Keeps the state of a shipment; one of its events says how many pieces it took. */
export const keepShipment: Consume<Tx> = async ({ tx, emit, now }, all) => {
  await oneAtATime(tx);
  const events = newest(all, 'gsin', 'changedAt');
  const text = columnsOf(events);
  await execute(
    tx,
    sql`INSERT INTO "ShipmentCopy" AS t ("gsin", "allocationId", "status", "changedAt")
        SELECT * FROM unnest(${text('gsin')}::text[], ${text('allocationId')}::text[], ${text('status')}::"ShipmentStatus"[],
          ${text('changedAt')}::timestamptz[])
        ON CONFLICT ("gsin") DO UPDATE SET "status" = EXCLUDED."status", "changedAt" = EXCLUDED."changedAt"
        WHERE t."changedAt" IS NULL OR EXCLUDED."changedAt" >= t."changedAt"`,
  );
  const handedOver = all.flatMap((event) => {
    const { pieces } = event.envelope.payload;
    return typeof pieces === 'number' ? [{ gsin: event.text('gsin'), pieces }] : [];
  });
  await execute(
    tx,
    sql`UPDATE "ShipmentCopy" t SET "pieces" = w."pieces"
        FROM unnest(${handedOver.map(({ gsin }) => gsin)}::text[], ${handedOver.map(({ pieces }) => pieces)}::int[])
          AS w("gsin", "pieces") WHERE t."gsin" = w."gsin"`,
  );
  await advanceDemand({ tx, emit }, await linesOf(tx, events), now);
};

/** Keeps what arrived: of the allocation for the state of its line, of each trade item for the figures of its style. */
export const keepReceipt: Consume<Tx> = async ({ tx, emit, now }, all) => {
  await oneAtATime(tx);
  const events = newest(all, 'gsin', 'changedAt');
  const text = columnsOf(events);
  await execute(
    tx,
    sql`INSERT INTO "ShipmentCopy" ("gsin", "allocationId", "received")
        SELECT * FROM unnest(${text('gsin')}::text[], ${text('allocationId')}::text[],
          ${events.map((event) => event.number('good') + event.number('damaged'))}::int[])
        ON CONFLICT ("gsin") DO UPDATE SET "received" = EXCLUDED."received"`,
  );
  await keepPieces(tx, events);
  await advanceDemand({ tx, emit }, await linesOf(tx, events), now);
};

// A shipment is received once: what stands there is the same.
async function keepPieces(tx: Tx, events: readonly ReceivedEvent[]): Promise<void> {
  const lines = events.flatMap((event) =>
    event.list('lines').map(({ gtin, good }) => ({
      gsin: event.text('gsin'),
      allocationId: event.text('allocationId'),
      at: event.text('at'),
      gtin: String(gtin),
      good: Number(good),
    })),
  );
  await execute(
    tx,
    sql`INSERT INTO "ReceivedPieces" ("gsin", "gtin", "allocationId", "styleId", "at", "good")
        SELECT w."gsin", w."gtin", w."allocationId", k."styleId", w."at"::timestamptz, sum(w."good")::int
        FROM unnest(${lines.map((line) => line.gsin)}::text[], ${lines.map((line) => line.gtin)}::text[],
          ${lines.map((line) => line.allocationId)}::text[], ${lines.map((line) => line.at)}::text[], ${lines.map((line) => line.good)}::int[])
          AS w("gsin", "gtin", "allocationId", "at", "good")
        JOIN "Sku" k ON k."gtin" = w."gtin" GROUP BY 1, 2, 3, 4, 5 ON CONFLICT DO NOTHING`,
  );
}
