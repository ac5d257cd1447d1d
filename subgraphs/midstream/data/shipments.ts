// How shipments are written, with their milestones, units, receipts, documents and events.
import { createId } from '../../../lib/ids.ts';
import type { Clock } from '../../../lib/clock/clock.ts';
import { insertRows } from '../../../subgraph-kit/insert-rows.ts';
import { query, sql } from '../../../subgraph-kit/sql.ts';
import type { Tx } from './client.ts';
import type { ContentRow, DocumentRow, MilestoneRow, ReceiptLineRow, ShipmentRow, UnitRow } from './shipment-tables.ts';
import type { Writer } from './write.ts';

/** The row after the change, and what led to it; `code` is null for a mere change of state, `pieces` is told as it is handed over. */
export type ShipmentMove = {
  readonly before: ShipmentRow;
  readonly after: ShipmentRow;
  readonly code: string | null;
  readonly pieces?: number;
};

export function reportMove({ emit }: Pick<Writer, 'emit'>, { before, after, code, pieces }: ShipmentMove): void {
  emit('shipment.moved', { ...after, previousStatus: before.status, code, pieces });
}

export async function updateShipment(tx: Tx, gsin: string, data: Partial<ShipmentRow>): Promise<ShipmentRow> {
  // the column holds the states of the machine and nothing else
  return (await tx.shipment.update({ where: { gsin }, data })) as ShipmentRow;
}

/** Calls off what is only booked of these allocations. */
export async function callOff({ tx, emit }: Writer, allocationIds: readonly string[], now: Date): Promise<void> {
  if (allocationIds.length === 0) return;
  const called = await query<ShipmentRow>(
    tx,
    sql`UPDATE "Shipment" t SET "status" = 'CANCELLED', "changedAt" = greatest(${now}::timestamptz, t."changedAt" + interval '1 millisecond')
        WHERE t."allocationId" = ANY(${allocationIds}::text[]) AND t."status" = 'BOOKED' RETURNING t.*`,
  );
  for (const after of called.toSorted((a, b) => (a.gsin < b.gsin ? -1 : 1))) {
    reportMove({ emit }, { before: { ...after, status: 'BOOKED' }, after, code: null });
  }
}

/** The milestones of a shipment by their place; the shipment is locked by the caller. */
export const readMilestones = (tx: Tx, gsin: string): Promise<MilestoneRow[]> =>
  query<MilestoneRow>(tx, sql`SELECT t.* FROM "Milestone" t WHERE t."gsin" = ${gsin} ORDER BY t."position"`);

/** The next place: the delivery has the last one. */
export const nextPlace = (milestones: readonly MilestoneRow[]): number => milestones.length - 1;

export const insertMilestones = (tx: Tx, rows: readonly MilestoneRow[]): Promise<void> => insertRows(tx, 'Milestone', rows);

export async function insertUnits(tx: Tx, rows: readonly UnitRow[], contents: readonly ContentRow[]): Promise<void> {
  await insertRows(tx, 'LogisticUnit', rows);
  await insertRows(tx, 'UnitContent', contents);
}

export const insertReceipt = (tx: Tx, rows: readonly ReceiptLineRow[]): Promise<void> => insertRows(tx, 'ReceiptLine', rows);

/** SSCCs of these that are taken. */
export async function findUnits(tx: Tx, ssccs: readonly string[]): Promise<Set<string>> {
  const rows = await query<{ sscc: string }>(tx, sql`SELECT "sscc" FROM "LogisticUnit" WHERE "sscc" = ANY(${ssccs}::text[])`);
  return new Set(rows.map((row) => row.sscc));
}

export type Despatched = { readonly gtin: string; readonly lotId: string; readonly quantity: number };

/** Pieces of a shipment by trade item and lot, as they were despatched. */
export const readDespatched = (tx: Tx, gsin: string): Promise<Despatched[]> =>
  query<Despatched>(
    tx,
    sql`SELECT "gtin", "lotId", sum("quantity")::float8 AS "quantity" FROM "UnitContent" WHERE "gsin" = ${gsin} GROUP BY 1, 2 ORDER BY 1, 2`,
  );

/** Pieces of an allocation that left with its shipments, and good ones that were received. */
export async function readDelivered(tx: Tx, allocationId: string): Promise<{ shipped: number; good: number }> {
  const [row] = await query<{ shipped: number; good: number }>(
    tx,
    sql`SELECT coalesce(sum(c.pieces), 0)::float8 AS shipped, coalesce(sum(r.good), 0)::float8 AS good FROM "Shipment" s
        LEFT JOIN LATERAL (SELECT sum(c."quantity") AS pieces FROM "UnitContent" c WHERE c."gsin" = s."gsin") c ON true
        LEFT JOIN LATERAL (SELECT sum(r."good") AS good FROM "ReceiptLine" r WHERE r."gsin" = s."gsin") r ON true
        WHERE s."allocationId" = ${allocationId}`,
  );
  return row ?? { shipped: 0, good: 0 };
}

const NUMBER_PREFIX = { DESPATCH_ADVICE: 'DA', RECEIPT_ADVICE: 'RA' } as const;

export type NewDocument = {
  readonly type: keyof typeof NUMBER_PREFIX;
  readonly gsin: string;
  readonly memberId: string;
  readonly receiverMemberId: string;
  readonly references: readonly string[];
};

/** Issues a document under the next number of its member and type; the numbers of one have no gaps. */
export async function issueDocument({ tx, emit }: Writer, given: NewDocument, clock: Clock): Promise<DocumentRow> {
  const { references, ...document } = given;
  const [series] = await query<{ last: number }>(
    tx,
    sql`INSERT INTO "DocumentSeries" AS t ("memberId", "type", "last") VALUES (${document.memberId}, ${document.type}, 1)
        ON CONFLICT ("memberId", "type") DO UPDATE SET "last" = t."last" + 1 RETURNING t."last"`,
  );
  const number = `${NUMBER_PREFIX[document.type]}-${String(series?.last ?? 0).padStart(6, '0')}`;
  const row: DocumentRow = { documentId: createId('doc', clock), number, ...document, issuedAt: clock.now() };
  await tx.document.create({ data: row });
  const followed = references.map((referenceId, position) => ({ documentId: row.documentId, position, referenceId }));
  await insertRows(tx, 'DocumentReference', followed);
  emit('document.issued', row);
  return row;
}
