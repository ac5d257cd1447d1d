// Cohorts of a segment: buyers by the week and platform of their first order in it, for all segments that are asked for at once.
// A buyer without a mark, and one whose first order names no platform, belongs to no cohort.
import { addDays, toBusinessDay } from '../../../lib/clock/clock.ts';
import type { SubgraphContext } from '../../../subgraph-kit/context.ts';
import { toDay } from '../../../subgraph-kit/days.ts';
import type { Batch } from '../../../subgraph-kit/loaders.ts';
import { query, sql } from '../../../subgraph-kit/sql.ts';
import type { Platform } from '../data/rows.ts';
import { toBps } from '../lifetime-value.ts';
import { countedFor } from './sales-figures.ts';

export type CohortRange = { readonly segmentId: string; readonly from: string; readonly to: string };
export type Cohort = {
  readonly week: string;
  readonly platform: Platform;
  readonly buyers: number;
  readonly retentionD30Bps: number | null;
  readonly retentionD90Bps: number | null;
  readonly netMinor: bigint;
};

type Raw = { place: number; week: Date; platform: Platform; buyers: number; again30: number; again90: number; netMinor: bigint };

// The last buyer of the week has had so many days.
const havePassed = (week: string, days: number, today: string): boolean => addDays(week, 7 + days) <= today;

function toCohort(row: Raw, today: string): Cohort {
  const { platform, buyers, netMinor } = row;
  const week = toDay(row.week);
  return {
    week,
    platform,
    buyers,
    netMinor,
    retentionD30Bps: havePassed(week, 30, today) ? toBps(row.again30, buyers) : null,
    retentionD90Bps: havePassed(week, 90, today) ? toBps(row.again90, buyers) : null,
  };
}

export const cohortsOfSegment: Batch<CohortRange, readonly Cohort[], SubgraphContext> = {
  name: 'cohorts of segments',
  toText: ({ segmentId, from, to }) => `${segmentId} ${from} ${to}`,
  load: async (keys, context) => {
    const today = toBusinessDay(context.clock.now(), context.settings.timeZone);
    const rows = await readCohorts(keys, context);
    const byPlace = new Map<number, Cohort[]>();
    for (const row of rows) byPlace.set(row.place, [...(byPlace.get(row.place) ?? []), toCohort(row, today)]);
    return keys.map((_, i) => byPlace.get(i + 1) ?? []);
  },
};

const readCohorts = (keys: readonly CohortRange[], { db, settings, principal }: SubgraphContext): Promise<Raw[]> =>
  query<Raw>(
    db,
    sql`WITH asked AS (
          SELECT * FROM unnest(${keys.map((key) => key.segmentId)}::text[], ${keys.map((key) => key.from)}::date[], ${keys.map((key) => key.to)}::date[])
            WITH ORDINALITY AS w(id, first, last, place)),
        sale AS (
          SELECT a.place, s.* FROM asked a JOIN "Sale" s ON s."segmentId" = a.id
          WHERE s."buyerHash" IS NOT NULL AND s."currency" = ${settings.currency} AND ${countedFor(principal)}),
        opening AS (
          SELECT DISTINCT ON (place, "buyerHash") place, "buyerHash", "platform", "soldAt", "saleId",
            date_trunc('week', "soldAt" AT TIME ZONE ${settings.timeZone})::date AS week
          FROM sale WHERE "kind" = 'SALE' ORDER BY place, "buyerHash", "soldAt", "saleId"),
        buyer AS (
          SELECT o.place, o.week, o."platform",
            bool_or(s."kind" = 'SALE' AND s."soldAt" > o."soldAt" AND s."soldAt" <= o."soldAt" + interval '30 days') AS again30,
            bool_or(s."kind" = 'SALE' AND s."soldAt" > o."soldAt" AND s."soldAt" <= o."soldAt" + interval '90 days') AS again90,
            sum(CASE s."kind" WHEN 'SALE' THEN 1 ELSE -1 END * s."quantity" * s."unitPriceMinor") AS net
          FROM opening o JOIN asked a ON a.place = o.place AND o.week BETWEEN date_trunc('week', a.first)::date AND a.last
          JOIN sale s ON s.place = o.place AND s."buyerHash" = o."buyerHash"
          WHERE o."platform" IS NOT NULL GROUP BY o.place, o.week, o."platform", o."buyerHash")
        SELECT place::int AS place, week, "platform", count(*)::int AS buyers, count(*) FILTER (WHERE again30)::int AS again30,
          count(*) FILTER (WHERE again90)::int AS again90, sum(net)::bigint AS "netMinor"
        FROM buyer GROUP BY place, week, "platform" ORDER BY place, week, "platform"`,
  );
