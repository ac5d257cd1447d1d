// Copies of allocations and lots, as the events of others told them last.
import { toDay } from '../../../subgraph-kit/days.ts';
import { execute, query, sql, type SqlRunner } from '../../../subgraph-kit/sql.ts';
import type { AllocationCopyRow, LotCopyRow } from './shipment-tables.ts';

/** One row for each allocation; an older one than the known is dropped. */
export async function replaceAllocations(tx: SqlRunner, rows: readonly AllocationCopyRow[]): Promise<void> {
  const of = (column: keyof AllocationCopyRow): unknown[] => rows.map((row) => row[column]);
  const columns = sql`"allocationId", "styleId", "gln", "memberId", "demandMemberId", "origin", "quantity", "unitPriceMinor", "currency",
    "originUnlocode", "destinationUnlocode", "promisedDate", "status", "changedAt"`;
  await execute(
    tx,
    sql`INSERT INTO "AllocationCopy" AS t (${columns})
        SELECT * FROM unnest(${of('allocationId')}::text[], ${of('styleId')}::text[], ${of('gln')}::text[], ${of('memberId')}::text[],
          ${of('demandMemberId')}::text[], ${of('origin')}::text[], ${of('quantity')}::int[], ${rows.map((row) => String(row.unitPriceMinor))}::bigint[], ${of('currency')}::text[],
          ${of('originUnlocode')}::text[], ${of('destinationUnlocode')}::text[], ${rows.map((row) => toDay(row.promisedDate))}::date[], ${of('status')}::text[],
          ${of('changedAt')}::timestamptz[])
        ON CONFLICT ("allocationId") DO UPDATE SET "quantity" = EXCLUDED."quantity", "unitPriceMinor" = EXCLUDED."unitPriceMinor",
          "currency" = EXCLUDED."currency", "promisedDate" = EXCLUDED."promisedDate", "status" = EXCLUDED."status", "changedAt" = EXCLUDED."changedAt"
        WHERE EXCLUDED."changedAt" >= t."changedAt"`,
  );
}

/** One row for each lot; an older one than the known is dropped. */
export async function replaceLots(tx: SqlRunner, rows: readonly LotCopyRow[]): Promise<void> {
  const of = (column: keyof LotCopyRow): unknown[] => rows.map((row) => row[column]);
  await execute(
    tx,
    sql`INSERT INTO "LotCopy" AS t ("lotId", "allocationId", "status", "goodQty", "changedAt")
        SELECT * FROM unnest(${of('lotId')}::text[], ${of('allocationId')}::text[], ${of('status')}::text[], ${of('goodQty')}::int[], ${of('changedAt')}::timestamptz[])
        ON CONFLICT ("lotId") DO UPDATE SET "status" = EXCLUDED."status", "goodQty" = EXCLUDED."goodQty", "changedAt" = EXCLUDED."changedAt"
        WHERE EXCLUDED."changedAt" >= t."changedAt"`,
  );
}

export type SkuCopyRow = { readonly gtin: string; readonly styleId: string };

/** A trade item stays of the style it was first told of. */
export async function keepSkus(tx: SqlRunner, skus: readonly SkuCopyRow[]): Promise<void> {
  await execute(
    tx,
    sql`INSERT INTO "SkuCopy" ("gtin", "styleId")
        SELECT DISTINCT ON (w.gtin) w.gtin, w.style FROM unnest(${skus.map((s) => s.gtin)}::text[], ${skus.map((s) => s.styleId)}::text[]) AS w(gtin, style)
        ORDER BY w.gtin ON CONFLICT DO NOTHING`,
  );
}

/** Those of the trade items that are known to be of another style. */
export async function findOfOtherStyle(tx: SqlRunner, gtins: readonly string[], styleId: string): Promise<Set<string>> {
  const rows = await query<{ gtin: string }>(
    tx,
    sql`SELECT "gtin" FROM "SkuCopy" WHERE "gtin" = ANY(${gtins}::text[]) AND "styleId" <> ${styleId}`,
  );
  return new Set(rows.map((row) => row.gtin));
}

/** The copy, locked against bookings of others and against its next event; null while it has not come. */
export async function lockAllocation(tx: SqlRunner, allocationId: string): Promise<AllocationCopyRow | null> {
  const [row] = await query<AllocationCopyRow>(
    tx,
    sql`SELECT t.* FROM "AllocationCopy" t WHERE t."allocationId" = ${allocationId} FOR UPDATE`,
  );
  return row ?? null;
}

export type LotStock = LotCopyRow & { readonly shippedQty: number };

/** Lots with the pieces that have left already, locked in the order of their ids. */
export async function lockLots(tx: SqlRunner, lotIds: readonly string[]): Promise<LotStock[]> {
  const locked = await query<LotCopyRow>(
    tx,
    sql`SELECT t.* FROM "LotCopy" t WHERE t."lotId" = ANY(${lotIds}::text[]) ORDER BY t."lotId" FOR UPDATE`,
  );
  // counted after the lock: a statement sees what was committed before it began
  const shipped = await query<{ lotId: string; pieces: number }>(
    tx,
    sql`SELECT "lotId", sum("quantity")::float8 AS pieces FROM "UnitContent" WHERE "lotId" = ANY(${lotIds}::text[]) GROUP BY 1`,
  );
  const piecesOf = new Map(shipped.map((row) => [row.lotId, row.pieces]));
  return locked.map((lot) => ({ ...lot, shippedQty: piecesOf.get(lot.lotId) ?? 0 }));
}
