// Settlements that were posted before something they need was known here: their campaign's commission, or a rate of exchange.
import { addDays } from '../../../lib/clock/clock.ts';
import { toDate } from '../../../subgraph-kit/days.ts';
import type { Job } from '../../../subgraph-kit/job.ts';
import { query, sql } from '../../../subgraph-kit/sql.ts';
import type { Tx } from '../data/client.ts';
import { RATE_DAYS } from '../money/convert.ts';
import { LIVE } from '../state-machines.ts';
import { dayOf, FREIGHT_COUNTS } from './settlement-facts.ts';
import { repost } from './settlements.ts';

const BATCH = 200;
const EVERY_MS = 15_000;

export const postsLateFacts: Job<Tx> = {
  name: 'settlements that waited for a copy or a rate',
  everyMs: EVERY_MS,
  run: async (change) => {
    const today = dayOf(change);
    const rows = await query<{ settlementId: string }>(
      change.tx,
      sql`SELECT s."settlementId" FROM "Settlement" s WHERE s."status" <> 'CLOSED' AND (
            (NOT EXISTS (SELECT 1 FROM "Split" x WHERE x."settlementId" = s."settlementId" AND x."basis" = 'CREATOR_COMMISSION')
              AND EXISTS (SELECT 1 FROM "CampaignCopy" k JOIN "CreatorCopy" c ON c."creatorId" = k."creatorId"
                LEFT JOIN "McnCopy" m ON m."mcnId" = c."mcnId" WHERE k."campaignId" = s."campaignId" AND (c."mcnId" IS NULL OR m."mcnId" IS NOT NULL)))
            OR EXISTS (SELECT 1 FROM "Allocation" a
                CROSS JOIN LATERAL (SELECT a."currency" UNION ALL SELECT f."currency" FROM "Freight" f WHERE ${FREIGHT_COUNTS}) owed
              WHERE a."settlementId" = s."settlementId" AND a."status" = ANY(${LIVE}::text[]) AND owed."currency" <> s."currency"
              AND NOT EXISTS (SELECT 1 FROM "Split" x WHERE x."settlementId" = s."settlementId" AND x."originalCurrency" = owed."currency")
              AND EXISTS (SELECT 1 FROM "FxRate" r WHERE r."from" = owed."currency" AND r."to" = s."currency"
                AND r."date" BETWEEN ${toDate(addDays(today, -RATE_DAYS))}::date AND ${toDate(today)}::date)))
          ORDER BY s."settlementId" LIMIT ${BATCH}::int`,
    );
    await repost(
      change,
      rows.map(({ settlementId }) => settlementId),
    );
    return rows.length === BATCH;
  },
};
