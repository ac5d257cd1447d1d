// What became of orders: how many were perfect, and how long they and the stages of the work took.
import type { Principal } from '../../../subgraph-kit/principal.ts';
import { query, sql, type SqlRunner } from '../../../subgraph-kit/sql.ts';
import { STAGES } from '../model/constants.ts';
import type { Fairness, Stage } from '../model/types.ts';
import { bps, dayOf, isAsked, isLive, scopeOf, type Window } from './scope.ts';

export type OrderFigures = { readonly perfectOrderBps: number | null; readonly orderFulfilmentCycleDays: number | null };
export type StageCycle = { readonly stage: Stage; readonly lots: number; readonly days: number };

export type Question = { readonly viewer: Principal; readonly window: Window; readonly timeZone: string };

/**
 * Orders whose last receipt falls into the window. For the owner of the demand (and hub and visitor) an order is a line, complete when it
 * is FULFILLED; for who makes or delivers it is what it was given of a line, complete when all of that is COMPLETED.
 */
export async function readOrders(db: SqlRunner, { viewer, window, timeZone }: Question): Promise<OrderFigures> {
  const scope = scopeOf(viewer);
  const [row] = await query<OrderFigures>(
    db,
    sql`WITH received AS (
          SELECT a."demandLineId" AS id, sum(r."good"::bigint) AS good, sum(r."damaged"::bigint) AS damaged, bool_and(r."onTime") AS on_time,
            bool_and(r."documentsMatch") AS papers, max(r."receivedAt") AS at
          FROM "ReceiptFact" r JOIN "Allocation" a ON a."allocationId" = r."allocationId"
          WHERE ${scope.allocations} GROUP BY 1),
        wanted AS (
          SELECT d."demandLineId" AS id, d."quantity"::bigint AS pieces, d."submittedAt" AS at FROM "DemandCopy" d
          WHERE ${isAsked} AND ${scope.lines} AND d."status" = 'FULFILLED'
          UNION ALL
          SELECT d."demandLineId", sum(a."quantity")::bigint, min(a."proposedAt")
          FROM "Allocation" a JOIN "DemandCopy" d ON d."demandLineId" = a."demandLineId"
          WHERE ${isLive} AND ${scope.parts} AND ${isAsked} GROUP BY d."demandLineId" HAVING bool_and(a."status" = 'COMPLETED'))
        SELECT ${bps(sql`count(*) FILTER (WHERE r.good >= w.pieces AND r.on_time AND r.papers AND r.damaged = 0)`, sql`count(*)`)} AS "perfectOrderBps",
          avg(extract(epoch FROM r.at - w.at) / 86400)::float8 AS "orderFulfilmentCycleDays"
        FROM received r JOIN wanted w ON w.id = r.id WHERE ${dayOf(sql`r.at`, timeZone)} BETWEEN ${window.from}::date AND ${window.to}::date`,
  );
  return row ?? { perfectOrderBps: null, orderFulfilmentCycleDays: null };
}

/** Stages whose last piece came out in the window, in the order of the work. A stage that no lot passed is left out. */
export async function readStages(db: SqlRunner, { viewer, window, timeZone }: Question): Promise<StageCycle[]> {
  const scope = scopeOf(viewer);
  const rows = await query<StageCycle>(
    db,
    sql`SELECT s."stage", count(*)::int AS lots, avg(extract(epoch FROM s."completedAt" - s."startedAt") / 86400)::float8 AS days
        FROM "LotStageFact" s JOIN "LotFact" l ON l."lotId" = s."lotId" JOIN "Allocation" a ON a."allocationId" = l."allocationId"
        WHERE s."startedAt" IS NOT NULL AND ${dayOf(sql`s."completedAt"`, timeZone)} BETWEEN ${window.from}::date AND ${window.to}::date AND ${scope.allocations}
        GROUP BY 1`,
  );
  return rows.toSorted((a, b) => STAGES.indexOf(a.stage) - STAGES.indexOf(b.stage));
}

/** How evenly the plan that was committed last spreads work over makers; null before the first. */
export async function readFairness(db: SqlRunner): Promise<Fairness | null> {
  const [row] = await query<{ fairness: Fairness | null }>(
    db,
    sql`SELECT "fairness" FROM "Run" WHERE "committedAt" IS NOT NULL ORDER BY "committedAt" DESC, "runId" DESC LIMIT 1`,
  );
  return row?.fairness ?? null;
}
