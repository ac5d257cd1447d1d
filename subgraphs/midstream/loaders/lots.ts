// Batched questions about lots: what of them was shipped and received, for those who may know.
import type { SubgraphContext } from '../../../subgraph-kit/context.ts';
import type { Batch } from '../../../subgraph-kit/loaders.ts';
import { isHub, isVisitor, type Principal } from '../../../subgraph-kit/principal.ts';
import { query, sql, type Sql } from '../../../subgraph-kit/sql.ts';
import { INT_MOST } from '../../../subgraph-kit/checks.ts';

export type LotFigures = { readonly shippedQty: number; readonly receivedQty: number };

/** Null for a lot that is not known here yet, or that the viewer may not see: it is of who makes it, orders it or moves it. */
export const lotFigures: Batch<string, LotFigures | null, SubgraphContext> = {
  name: 'lotFigures',
  load: async (lotIds, { db, principal }) => {
    const most = (pieces: Sql): Sql => sql`least(${INT_MOST}::bigint, coalesce(${pieces}, 0))::int`;
    const rows = await query<LotFigures & { lotId: string }>(
      db,
      sql`SELECT l."lotId",
            ${most(sql`(SELECT sum(c."quantity") FROM "UnitContent" c WHERE c."lotId" = l."lotId")`)} AS "shippedQty",
            ${most(sql`(SELECT sum(r."good") FROM "ReceiptLine" r WHERE r."lotId" = l."lotId")`)} AS "receivedQty"
          FROM "LotCopy" l JOIN "AllocationCopy" a ON a."allocationId" = l."allocationId"
          WHERE l."lotId" = ANY(${lotIds}::text[]) AND ${seesLot(principal)}`,
    );
    const byId = new Map(rows.map((row) => [row.lotId, row]));
    return lotIds.map((lotId) => byId.get(lotId) ?? null);
  },
};

function seesLot(viewer: Principal): Sql {
  if (isHub(viewer)) return sql`true`;
  if (isVisitor(viewer)) return sql`a."origin" <> 'REPORTED'`;
  return sql`(${viewer.memberId} IN (a."memberId", a."demandMemberId") OR EXISTS (
    SELECT 1 FROM "Shipment" s WHERE s."allocationId" = a."allocationId" AND s."memberId" = ${viewer.memberId}))`;
}
