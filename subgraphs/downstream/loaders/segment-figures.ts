// Revenue and loyalty of segments, for all that are asked for at once. Sales in the currency of the hub count; others wait for a rate.
import type { SubgraphContext } from '../../../subgraph-kit/context.ts';
import type { Batch } from '../../../subgraph-kit/loaders.ts';
import { definePagedList, type PageArgs } from '../../../subgraph-kit/page.ts';
import { query, sql, type Sql } from '../../../subgraph-kit/sql.ts';
import type { SegmentRow } from '../data/rows.ts';
import { startOf, type TimeWindow } from '../windows.ts';
import { countedFor } from './sales-figures.ts';

/** Sales less returns, of the rows under the alias `s`. */
export const netOfSales = sql`coalesce(sum(CASE s."kind" WHEN 'SALE' THEN 1 ELSE -1 END * s."quantity" * s."unitPriceMinor"), 0)`;

/** Net revenue of a window over the people of the segment, in whole minor units. */
const perPerson = (net: Sql, size: Sql): Sql => sql`round(${net}::numeric / ${size})::bigint`;

export type SegmentWindow = { readonly segmentId: string; readonly window: TimeWindow };
const toText = ({ segmentId, window }: SegmentWindow): string => `${segmentId} ${window}`;

const idsOf = (keys: readonly SegmentWindow[]): string[] => keys.map(({ segmentId }) => segmentId);
const startsOf = (keys: readonly SegmentWindow[], now: Date, times: number): string[] =>
  keys.map(({ window }) => startOf(window, now, times).toISOString());

/** Revenue per person in minor units. */
export const arpuOfSegment: Batch<SegmentWindow, bigint, SubgraphContext> = {
  name: 'revenue per person of segments',
  toText,
  load: async (keys, { db, clock, settings, principal }) => {
    const now = clock.now();
    const rows = await query<{ place: number; arpuMinor: bigint }>(
      db,
      sql`SELECT w.place::int AS place, ${perPerson(netOfSales, sql`min(t."size")`)} AS "arpuMinor"
          FROM unnest(${idsOf(keys)}::text[], ${startsOf(keys, now, 1)}::timestamptz[]) WITH ORDINALITY AS w(id, since, place)
          JOIN "AudienceSegment" t ON t."segmentId" = w.id
          JOIN "Sale" s ON s."segmentId" = w.id AND s."soldAt" > w.since AND s."soldAt" <= ${now}::timestamptz AND s."currency" = ${settings.currency}
            AND ${countedFor(principal)}
          GROUP BY w.place`,
    );
    const byPlace = new Map(rows.map((row) => [row.place, row.arpuMinor]));
    return keys.map((_, i) => byPlace.get(i + 1) ?? 0n);
  },
};

/** Buyers of the window before this one, how many of them bought again in this one, and who and what this one brought. */
export type Loyalty = { readonly before: number; readonly again: number; readonly buyers: number; readonly netMinor: bigint };

const nobody: Loyalty = { before: 0, again: 0, buyers: 0, netMinor: 0n };

export const loyaltyOfSegment: Batch<SegmentWindow, Loyalty, SubgraphContext> = {
  name: 'loyalty of segments',
  toText,
  load: async (keys, { db, clock, settings, principal }) => {
    const now = clock.now();
    const rows = await query<Loyalty & { place: number }>(
      db,
      sql`WITH buyer AS (
            SELECT w.place, s."buyerHash",
              bool_or(s."kind" = 'SALE' AND s."soldAt" <= w.since) AS before,
              bool_or(s."kind" = 'SALE' AND s."soldAt" > w.since) AS now,
              coalesce(sum(CASE s."kind" WHEN 'SALE' THEN 1 ELSE -1 END * s."quantity" * s."unitPriceMinor") FILTER (WHERE s."soldAt" > w.since), 0) AS net
            FROM unnest(${idsOf(keys)}::text[], ${startsOf(keys, now, 1)}::timestamptz[], ${startsOf(keys, now, 2)}::timestamptz[])
              WITH ORDINALITY AS w(id, since, start, place)
            JOIN "Sale" s ON s."segmentId" = w.id AND s."soldAt" > w.start AND s."soldAt" <= ${now}::timestamptz
            WHERE s."buyerHash" IS NOT NULL AND s."currency" = ${settings.currency} AND ${countedFor(principal)}
            GROUP BY w.place, s."buyerHash")
          SELECT place::int AS place, count(*) FILTER (WHERE before)::int AS before, count(*) FILTER (WHERE before AND now)::int AS again,
            count(*) FILTER (WHERE now)::int AS buyers, coalesce(sum(net) FILTER (WHERE now), 0)::bigint AS "netMinor"
          FROM buyer GROUP BY place`,
    );
    const byPlace = new Map(rows.map((row) => [row.place, row]));
    return keys.map((_, i) => byPlace.get(i + 1) ?? nobody);
  },
};

export type SegmentsArgs = PageArgs & {
  readonly minArpuMinor?: number | null;
  /** Start and end of the 30 days, the currency of the hub, and which sales count: handed in by the resolver. */
  readonly since: string;
  readonly now: string;
  readonly currency: string;
  readonly counted: Sql;
};

/** Segments by revenue per person in 30 days. */
export const segmentsByArpu = definePagedList<SegmentRow, SegmentsArgs>({
  from: ({ since, now, currency, counted }) => sql`(
    SELECT g.*, ${perPerson(sql`n.net`, sql`g."size"`)} AS "arpuMinor" FROM "AudienceSegment" g CROSS JOIN LATERAL (
      SELECT ${netOfSales} AS net FROM "Sale" s
      WHERE s."segmentId" = g."segmentId" AND s."soldAt" > ${since}::timestamptz AND s."soldAt" <= ${now}::timestamptz AND s."currency" = ${currency} AND ${counted}) n) t`,
  where: ({ minArpuMinor }) => (typeof minArpuMinor === 'number' ? sql`t."arpuMinor" >= ${minArpuMinor}::bigint` : sql`true`),
  order: [
    { column: 'arpuMinor', cast: 'bigint', descending: true },
    { column: 'segmentId', cast: 'text' },
  ],
});
