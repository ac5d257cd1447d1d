// Sales of styles and campaigns, summed in the database for all that are asked for at once.
import { INT_MOST } from '../../../subgraph-kit/checks.ts';
import type { SubgraphContext } from '../../../subgraph-kit/context.ts';
import type { Batch } from '../../../subgraph-kit/loaders.ts';
import { isVisitor, type Principal } from '../../../subgraph-kit/principal.ts';
import { query, sql, type Sql } from '../../../subgraph-kit/sql.ts';
import { startOf, type TimeWindow } from '../windows.ts';

export type SalesSums = {
  readonly piecesSold: number;
  readonly piecesReturned: number;
  readonly gmvMinor: bigint;
  readonly netMinor: bigint;
};

const nothing: SalesSums = { piecesSold: 0, piecesReturned: 0, gmvMinor: 0n, netMinor: 0n };

// Of the rows under the alias `s`; returns count at the price that is paid back.
const sums = sql`
  least(${INT_MOST}::bigint, coalesce(sum(s."quantity") FILTER (WHERE s."kind" = 'SALE'), 0))::int AS "piecesSold",
  least(${INT_MOST}::bigint, coalesce(sum(s."quantity") FILTER (WHERE s."kind" = 'RETURN'), 0))::int AS "piecesReturned",
  coalesce(sum(s."quantity" * s."unitPriceMinor") FILTER (WHERE s."kind" = 'SALE'), 0)::bigint AS "gmvMinor",
  coalesce(sum(CASE s."kind" WHEN 'SALE' THEN 1 ELSE -1 END * s."quantity" * s."unitPriceMinor"), 0)::bigint AS "netMinor"`;

/** Sales under the alias `s` that count for a viewer: a visitor sees demonstration rows only, and so no sum of others. */
export const countedFor = (viewer: Principal): Sql => (isVisitor(viewer) ? sql`s."origin"::text <> 'REPORTED'` : sql`true`);

/** A style in a window. */
export type StyleWindow = { readonly styleId: string; readonly window: TimeWindow };

export const salesOfStyle: Batch<StyleWindow, SalesSums, SubgraphContext> = {
  name: 'sales of styles',
  toText: ({ styleId, window }) => `${styleId} ${window}`,
  load: async (keys, { db, clock, principal }) => {
    const now = clock.now();
    const rows = await query<SalesSums & { place: number }>(
      db,
      sql`SELECT w.place::int AS place, ${sums}
          FROM unnest(${keys.map(({ styleId }) => styleId)}::text[], ${keys.map(({ window }) => startOf(window, now).toISOString())}::timestamptz[])
            WITH ORDINALITY AS w(id, since, place)
          JOIN "Sale" s ON s."styleId" = w.id AND s."soldAt" > w.since AND s."soldAt" <= ${now}::timestamptz AND ${countedFor(principal)}
          GROUP BY w.place`,
    );
    const byPlace = new Map(rows.map((row) => [row.place, row]));
    return keys.map((_, i) => byPlace.get(i + 1) ?? nothing);
  },
};

export const salesOfCampaign: Batch<string, SalesSums, SubgraphContext> = {
  name: 'sales of campaigns',
  load: async (campaignIds, { db, principal }) => {
    const rows = await query<SalesSums & { campaignId: string }>(
      db,
      sql`SELECT s."campaignId", ${sums} FROM "Sale" s
          WHERE s."campaignId" = ANY(${campaignIds}::text[]) AND ${countedFor(principal)} GROUP BY 1`,
    );
    const byId = new Map(rows.map((row) => [row.campaignId, row]));
    return campaignIds.map((id) => byId.get(id) ?? nothing);
  },
};
