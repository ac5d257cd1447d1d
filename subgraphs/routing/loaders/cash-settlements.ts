// What resolvers ask of settlements and pools in batches: each for many parents in one statement, and fenced.
import type { SubgraphContext } from '../../../subgraph-kit/context.ts';
import { toDate } from '../../../subgraph-kit/days.ts';
import type { Batch } from '../../../subgraph-kit/loaders.ts';
import { query, sql } from '../../../subgraph-kit/sql.ts';
import {
  cashPools,
  settlements,
  type CashPoolRow,
  type FeeRow,
  type PoolKind,
  type RateRow,
  type SettlementRow,
} from '../data/money-tables.ts';
import { findFees } from '../writes/fees.ts';

/** The settlement of a campaign, by its id. */
export const settlementOfCampaign: Batch<string, SettlementRow | null, SubgraphContext> = {
  name: 'settlement of a campaign',
  load: async (campaignIds, { db, principal }) => {
    const rows = await query<SettlementRow>(
      db,
      sql`SELECT t.* FROM "Settlement" t WHERE t."campaignId" = ANY(${campaignIds}::text[]) AND ${settlements.fence(principal)}`,
    );
    const byCampaign = new Map(rows.map((row) => [row.campaignId, row]));
    return campaignIds.map((campaignId) => byCampaign.get(campaignId) ?? null);
  },
};

type Subject = { readonly kind: PoolKind; readonly subjectId: string };
const textOf = ({ kind, subjectId }: Subject): string => `${kind} ${subjectId}`;

/** The pool of a campaign, creator or agency. */
export const poolOf: Batch<Subject, CashPoolRow | null, SubgraphContext> = {
  name: 'pool of a subject',
  toText: textOf,
  load: async (subjects, { db, principal }) => {
    const rows = await query<CashPoolRow>(
      db,
      sql`SELECT t.* FROM unnest(${subjects.map(({ kind }) => kind)}::text[], ${subjects.map(({ subjectId }) => subjectId)}::text[]) AS w(kind, subject)
          JOIN "CashPool" t ON t."kind" = w.kind AND t."subjectId" = w.subject WHERE ${cashPools.fence(principal)}`,
    );
    const bySubject = new Map(rows.map((row) => [textOf(row), row]));
    return subjects.map((subject) => bySubject.get(textOf(subject)) ?? null);
  },
};

/** The pool of the hub; null before the first flow, and for all but the hub. */
export const poolOfHub: Batch<string, CashPoolRow | null, SubgraphContext> = {
  name: 'pool of the hub',
  load: async (keys, { db, principal }) => {
    const [row] = await query<CashPoolRow>(db, sql`SELECT t.* FROM "CashPool" t WHERE t."kind" = 'HUB' AND ${cashPools.fence(principal)}`);
    return keys.map(() => row ?? null);
  },
};

/** Gross, the sum of the splits and the trial balance of a settlement. */
export type SettlementSums = { readonly gross: bigint; readonly splits: bigint; readonly trialBalance: bigint };

/** Sums of a settlement, by its id. */
export const sumsOf: Batch<string, SettlementSums, SubgraphContext> = {
  name: 'sums of a settlement',
  load: async (settlementIds, { db }) => {
    const rows = await query<SettlementSums & { settlementId: string }>(
      db,
      sql`SELECT s.id AS "settlementId",
            coalesce((SELECT sum(CASE WHEN x."direction" = 'IN' THEN x."amountMinor" ELSE -x."amountMinor" END) FROM "CashFlow" x
              WHERE x."settlementId" = s.id AND x."at" IS NOT NULL AND x."part" IS NULL), 0)::bigint AS "gross",
            coalesce((SELECT sum(x."amountMinor") FROM "Split" x WHERE x."settlementId" = s.id), 0)::bigint AS "splits",
            coalesce((SELECT sum(x."amountMinor") FROM "LedgerEntry" x WHERE x."settlementId" = s.id), 0)::bigint AS "trialBalance"
          FROM unnest(${settlementIds}::text[]) AS s(id)`,
    );
    const byId = new Map(rows.map((row) => [row.settlementId, row]));
    return settlementIds.map((settlementId) => byId.get(settlementId) ?? { gross: 0n, splits: 0n, trialBalance: 0n });
  },
};

/** The fees in force. */
export const feesInForce: Batch<string, FeeRow | null, SubgraphContext> = {
  name: 'fees in force',
  load: async (keys, { db }) => {
    const fees = await findFees(db);
    return keys.map(() => fees);
  },
};

export type RatesArgs = { readonly from: string; readonly to: string; readonly fromDate: string; readonly toDate: string };

/** Rates between two currencies, by day. */
export const ratesBetween: Batch<RatesArgs, readonly RateRow[], SubgraphContext> = {
  name: 'rates between two currencies',
  toText: (args) => [args.from, args.to, args.fromDate, args.toDate].join(' '),
  load: async (all, { db }) => {
    const rows = await query<RateRow & { place: number }>(
      db,
      sql`SELECT w.place::int AS "place", t.* FROM unnest(${all.map(({ from }) => from)}::text[], ${all.map(({ to }) => to)}::text[],
            ${all.map(({ fromDate }) => toDate(fromDate))}::date[], ${all.map((args) => toDate(args.toDate))}::date[])
            WITH ORDINALITY AS w("from", "to", first, last, place)
          JOIN "FxRate" t ON t."from" = w."from" AND t."to" = w."to" AND t."date" BETWEEN w.first AND w.last ORDER BY t."date"`,
    );
    return all.map((_, i) => rows.filter(({ place }) => place === i + 1));
  },
};
