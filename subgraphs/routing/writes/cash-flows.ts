// Writes payments: their rows, the pools they belong to, their postings, and the news of a pool that moved.
import { insertRows } from '../../../subgraph-kit/insert-rows.ts';
import { execute, query, sql } from '../../../subgraph-kit/sql.ts';
import type { CashFlowRow } from '../data/money-tables.ts';
import { readPools } from '../loaders/cash-positions.ts';
import type { Posting } from '../money/ledger.ts';
import { newId, type Change } from './change.ts';

/** Writes payments and opens the pools they belong to. */
export async function writeFlows(change: Change, flows: readonly CashFlowRow[]): Promise<void> {
  await insertRows(change.tx, 'CashFlow', flows);
  await openPools(
    change,
    flows.map(({ settlementId }) => settlementId),
  );
}

/**
 * Opens the pools of settlements that have payments, each once. A pool with a single reported payment is a reported one: a visitor does
 * not see it.
 */
export async function openPools(change: Change, settlementIds: readonly string[]): Promise<void> {
  if (settlementIds.length === 0) return;
  const wanted = await query<{ kind: string; subjectId: string; memberId: string; origin: string }>(
    change.tx,
    sql`WITH f AS MATERIALIZED (SELECT DISTINCT x."campaignId", x."creatorId", x."mcnId", x."memberId", x."origin" FROM "CashFlow" x
            WHERE x."settlementId" = ANY(${[...new Set(settlementIds)]}::text[])),
          w AS (
            SELECT 'CAMPAIGN' AS "kind", f."campaignId" AS "subjectId", f."memberId", f."origin" FROM f WHERE f."campaignId" IS NOT NULL
            UNION ALL SELECT 'CREATOR', c."creatorId", c."memberId", f."origin" FROM f JOIN "CreatorCopy" c ON c."creatorId" = f."creatorId"
            UNION ALL SELECT 'MCN', m."mcnId", m."memberId", f."origin" FROM f JOIN "McnCopy" m ON m."mcnId" = f."mcnId"
            UNION ALL (SELECT 'HUB', h."memberId", h."memberId", 'REPORTED' FROM "Member" h WHERE 'HUB' = ANY(h."kinds") ORDER BY h."memberId" LIMIT 1))
        SELECT w."kind", w."subjectId", min(w."memberId") AS "memberId", CASE WHEN bool_or(w."origin" = 'REPORTED') THEN 'REPORTED' ELSE min(w."origin") END AS "origin"
        FROM w LEFT JOIN "CashPool" p ON p."kind" = w."kind" AND p."subjectId" = w."subjectId"
        WHERE p."positionId" IS NULL OR (p."origin" <> 'REPORTED' AND w."origin" = 'REPORTED') GROUP BY 1, 2 ORDER BY 1, 2`,
  );
  if (wanted.length === 0) return;
  const pools = wanted.map((pool) => ({ positionId: newId(change, 'pos'), ...pool }));
  await execute(
    change.tx,
    sql`INSERT INTO "CashPool" AS t ("positionId", "kind", "subjectId", "memberId", "origin")
        SELECT w."positionId", w."kind", w."subjectId", w."memberId", w."origin" FROM jsonb_populate_recordset(NULL::"CashPool", ${JSON.stringify(pools)}::jsonb) w
        ON CONFLICT ("kind", "subjectId") DO UPDATE SET "origin" = EXCLUDED."origin" WHERE EXCLUDED."origin" = 'REPORTED'`,
  );
}

/** Writes postings into the ledger of their settlements. */
export async function writePostings(
  change: Change,
  currency: string,
  postings: readonly { readonly settlementId: string; readonly posting: Posting }[],
): Promise<void> {
  const rows = postings.flatMap(({ settlementId, posting }) => {
    const postingId = newId(change, 'pst');
    return posting.entries.map((entry) => ({
      postingId,
      settlementId,
      cashFlowId: posting.cashFlowId,
      account: entry.account,
      memberId: entry.memberId,
      amountMinor: entry.amountMinor,
      currency,
      at: change.now,
    }));
  });
  await insertRows(change.tx, 'LedgerEntry', rows);
}

/** Tells each payment once, with the pool next to it: that of the campaign, or of the hub where there is none. */
export async function tellMoved(change: Change, flows: readonly CashFlowRow[]): Promise<void> {
  const pools = await readPools(change, flows);
  for (const flow of flows) {
    const pool = pools.get(flow.campaignId ?? '');
    if (pool === undefined) continue;
    const money = (amountMinor: bigint) => ({ amountMinor: Number(amountMinor), currency: flow.currency });
    change.emit('cash.moved', {
      positionId: pool.positionId,
      memberId: pool.memberId,
      settlementId: flow.settlementId,
      cashFlowId: flow.cashFlowId,
      direction: flow.direction,
      amount: money(flow.amountMinor),
      asOf: change.now,
      balance: money(pool.balance),
      minBalance: money(pool.minBalance),
    });
  }
}
