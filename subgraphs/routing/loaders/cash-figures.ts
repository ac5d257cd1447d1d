// Cash-to-cash figures of pools: what was received, sold and paid, by day, for many pools in two statements.
import { toBusinessDay } from '../../../lib/clock/clock.ts';
import type { HubSettings, SubgraphContext } from '../../../subgraph-kit/context.ts';
import { toDay } from '../../../subgraph-kit/days.ts';
import type { Batch } from '../../../subgraph-kit/loaders.ts';
import { query, sql, type Sql, type SqlRunner } from '../../../subgraph-kit/sql.ts';
import { scopeOf } from '../figures/scope.ts';
import { cashToCashOf, ledgerDaysOf, type CashToCash, type MoneyDay, type TradeDay } from '../money/cash-to-cash.ts';
import { LIVE } from '../state-machines.ts';
import { dayOfFlow, flowsOfPool } from './cash-positions.ts';

type TradeRow = Omit<TradeDay, 'day'> & { positionId: string; day: Date };

const byPool = <Row extends { positionId: string }>(rows: readonly Row[], positionId: string): Row[] =>
  rows.filter((row) => row.positionId === positionId);

/**
 * What happened to pools by day. `flows` are those of the pools: columns of "CashFlow", and "positionId" to tell the pools apart. Only
 * amounts in the currency of the hub are counted.
 */
const readTrade = (db: SqlRunner, flows: Sql, { timeZone, currency }: HubSettings): Promise<TradeRow[]> =>
  query<TradeRow>(
    db,
    sql`WITH x AS MATERIALIZED (${flows}),
          s AS (SELECT DISTINCT x."positionId", x."settlementId", x."campaignId" FROM x),
          cost AS (SELECT s."positionId", a."styleId", sum(a."unitPriceMinor" * a."quantity") / sum(a."quantity") AS "unit"
            FROM s JOIN "Allocation" a ON a."settlementId" = s."settlementId" AND a."currency" = ${currency} AND a."status" = ANY(${LIVE}::text[])
            GROUP BY 1, 2),
          trade AS (
            SELECT s."positionId", (r."receivedAt" AT TIME ZONE ${timeZone}::text)::date AS "day", r."good" * a."unitPriceMinor" AS "received",
              0::numeric AS "soldCost", 0::numeric AS "revenue", 0::numeric AS "buyersPaid", 0::numeric AS "makersPaid"
            FROM s JOIN "Allocation" a ON a."settlementId" = s."settlementId" AND a."currency" = ${currency}
              JOIN "ReceiptFact" r ON r."allocationId" = a."allocationId"
            UNION ALL
            SELECT c."positionId", f."day", 0, (f."piecesSold" - f."piecesReturned") * coalesce(k."unit", 0), f."gmvMinor", 0, 0
            FROM (SELECT DISTINCT "positionId", "campaignId" FROM s WHERE "campaignId" IS NOT NULL) c
              JOIN "SaleFact" f ON f."campaignId" = c."campaignId" AND f."currency" = ${currency}
              LEFT JOIN cost k ON k."positionId" = c."positionId" AND k."styleId" = f."styleId"
            UNION ALL
            SELECT x."positionId", ${dayOfFlow(timeZone)}, 0, 0, 0,
              CASE WHEN x."part" IS NOT NULL THEN 0 WHEN x."direction" = 'IN' THEN x."amountMinor" ELSE -x."amountMinor" END,
              CASE WHEN x."kind" = 'MAKER_PAYMENT' THEN x."amountMinor" ELSE 0 END
            FROM x WHERE x."at" IS NOT NULL)
        SELECT "positionId", "day", sum("received")::float8 AS "received", sum("soldCost")::float8 AS "soldCost", sum("revenue")::float8 AS "revenue",
          sum("buyersPaid")::float8 AS "buyersPaid", sum("makersPaid")::float8 AS "makersPaid"
        FROM trade GROUP BY 1, 2 ORDER BY 1, 2`,
  );

const toDays = (rows: readonly TradeRow[]): TradeDay[] => rows.map((row) => ({ ...row, day: toDay(row.day) }));
const todayOf = ({ clock, settings }: SubgraphContext): string => toBusinessDay(clock.now(), settings.timeZone);

/** Days of inventory, receivables and payables of a pool, by its id. */
export const cashToCash: Batch<string, CashToCash, SubgraphContext> = {
  name: 'cash-to-cash of a pool',
  load: async (positionIds, context) => {
    const flows = sql`SELECT p."positionId", x.* FROM "CashPool" p CROSS JOIN ${flowsOfPool} WHERE p."positionId" = ANY(${positionIds}::text[])`;
    const rows = await readTrade(context.db, flows, context.settings);
    return positionIds.map((positionId) => cashToCashOf(toDays(byPool(rows, positionId)), todayOf(context)));
  },
};

/** The same over all settlements that count for the viewer; the key is always the same. */
export const cashToCashOfViewer: Batch<'', CashToCash, SubgraphContext> = {
  name: 'cash-to-cash of the viewer',
  load: async (keys, context) => {
    const flows = sql`SELECT '' AS "positionId", x.* FROM "CashFlow" x JOIN "Settlement" t ON t."settlementId" = x."settlementId"
      WHERE ${scopeOf(context.principal).settlements}`;
    const rows = await readTrade(context.db, flows, context.settings);
    return keys.map(() => cashToCashOf(toDays(rows), todayOf(context)));
  },
};

/** The ledger's own version, by the id of the pool: payments of buyers against payments to all others, as they happened. */
export const ledgerDays: Batch<string, number | null, SubgraphContext> = {
  name: 'ledger cash-to-cash of a pool',
  load: async (positionIds, { db, settings }) => {
    const rows = await query<{ positionId: string; day: Date } & Omit<MoneyDay, 'day'>>(
      db,
      sql`SELECT p."positionId", ${dayOfFlow(settings.timeZone)} AS "day",
            coalesce(sum(x."amountMinor") FILTER (WHERE x."direction" = 'IN'), 0)::float8 AS "cashIn",
            coalesce(sum(x."amountMinor") FILTER (WHERE x."direction" = 'OUT' AND x."part" IS NOT NULL), 0)::float8 AS "cashOut"
          FROM "CashPool" p CROSS JOIN ${flowsOfPool} WHERE p."positionId" = ANY(${positionIds}::text[]) AND x."at" IS NOT NULL
          GROUP BY 1, 2 ORDER BY 1, 2`,
    );
    return positionIds.map((positionId) => ledgerDaysOf(byPool(rows, positionId).map((row) => ({ ...row, day: toDay(row.day) }))));
  },
};
