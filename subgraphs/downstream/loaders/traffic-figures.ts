// Figures of traffic sources and their readings by day, for all sources that are asked for at once.
import { addDays, toBusinessDay } from '../../../lib/clock/clock.ts';
import { INT_MOST } from '../../../subgraph-kit/checks.ts';
import type { SubgraphContext } from '../../../subgraph-kit/context.ts';
import { toDay } from '../../../subgraph-kit/days.ts';
import type { Batch } from '../../../subgraph-kit/loaders.ts';
import { isVisitor, type Principal } from '../../../subgraph-kit/principal.ts';
import { query, sql, type Sql } from '../../../subgraph-kit/sql.ts';
import type { ReadingRow } from '../data/rows.ts';

/** Days that conversion is taken over, today included. */
const CONVERSION_DAYS = 30;
const REACH_DAYS = 7;

// A visitor sees demonstration rows only, and so no sum of others.
const countedFor = (viewer: Principal): Sql => (isVisitor(viewer) ? sql`r."origin"::text <> 'REPORTED'` : sql`true`);

export type TrafficFigures = {
  readonly followers: bigint | null;
  readonly followersAsOf: Date | null;
  readonly reach7d: bigint | null;
  readonly conversionRateBps: number | null;
  /** Whatever the source is; only a public one has people to move. */
  readonly privateConversionBps: number | null;
};

const nothing: TrafficFigures = {
  followers: null,
  followersAsOf: null,
  reach7d: null,
  conversionRateBps: null,
  privateConversionBps: null,
};

// Parts over visits, of the days on which both were counted; null without visits.
const perVisit = (part: Sql): Sql => sql`
  floor(sum(${part}) FILTER (WHERE r."clicks" IS NOT NULL AND r."day" > w.conversion) * 10000
    / nullif(sum(r."clicks") FILTER (WHERE ${part} IS NOT NULL AND r."day" > w.conversion), 0))::bigint`;

type Raw = Omit<TrafficFigures, 'conversionRateBps' | 'privateConversionBps'> & {
  readonly sourceId: string;
  readonly conversion: bigint | null;
  readonly privateConversion: bigint | null;
};
const toInt = (bps: bigint | null): number | null => (bps === null ? null : Math.min(Number(bps), INT_MOST));

// Days that add up to more than a number can say are shown as the most it can say.
const LONG_MOST = BigInt(Number.MAX_SAFE_INTEGER);
const toLong = (sum: bigint | null): bigint | null => (sum !== null && sum > LONG_MOST ? LONG_MOST : sum);

export const figuresOfSource: Batch<string, TrafficFigures, SubgraphContext> = {
  name: 'figures of traffic sources',
  load: async (sourceIds, { db, clock, settings, principal }) => {
    const today = toBusinessDay(clock.now(), settings.timeZone);
    const rows = await query<Raw>(
      db,
      sql`SELECT r."sourceId", sum(r."views") FILTER (WHERE r."day" > w.reach)::bigint AS "reach7d",
            ${perVisit(sql`r."orders"`)} AS "conversion", ${perVisit(sql`r."joinedPrivate"`)} AS "privateConversion",
            (array_agg(r."followers" ORDER BY r."day" DESC) FILTER (WHERE r."followers" IS NOT NULL))[1] AS "followers",
            (array_agg(least((r."day" + 1)::timestamp AT TIME ZONE ${settings.timeZone}, r."recordedAt") ORDER BY r."day" DESC)
              FILTER (WHERE r."followers" IS NOT NULL))[1] AS "followersAsOf"
          FROM "TrafficReading" r
          CROSS JOIN (SELECT ${addDays(today, -REACH_DAYS)}::date AS reach, ${addDays(today, -CONVERSION_DAYS)}::date AS conversion) w
          WHERE r."sourceId" = ANY(${sourceIds}::text[]) AND ${countedFor(principal)} GROUP BY r."sourceId"`,
    );
    const byId = new Map(
      rows.map(({ sourceId, conversion, privateConversion, ...figures }) => [
        sourceId,
        {
          ...figures,
          reach7d: toLong(figures.reach7d),
          conversionRateBps: toInt(conversion),
          privateConversionBps: toInt(privateConversion),
        },
      ]),
    );
    return sourceIds.map((id) => byId.get(id) ?? nothing);
  },
};

export type ReadingRange = { readonly sourceId: string; readonly from: string; readonly to: string };
/** A reading as the graph shows it. */
export type Reading = Omit<ReadingRow, 'day'> & { readonly day: string };

export const readingsOfSource: Batch<ReadingRange, readonly Reading[], SubgraphContext> = {
  name: 'readings of traffic sources',
  toText: ({ sourceId, from, to }) => `${sourceId} ${from} ${to}`,
  load: async (keys, { db, principal }) => {
    const rows = await query<ReadingRow & { place: number }>(
      db,
      sql`SELECT w.place::int AS place, r.*
          FROM unnest(${keys.map((key) => key.sourceId)}::text[], ${keys.map((key) => key.from)}::date[], ${keys.map((key) => key.to)}::date[])
            WITH ORDINALITY AS w(id, first, last, place)
          JOIN "TrafficReading" r ON r."sourceId" = w.id AND r."day" BETWEEN w.first AND w.last AND ${countedFor(principal)}
          ORDER BY w.place, r."day"`,
    );
    const byPlace = new Map<number, Reading[]>();
    for (const { place, ...row } of rows) {
      const list = byPlace.get(place);
      const reading = { ...row, day: toDay(row.day) };
      if (list === undefined) byPlace.set(place, [reading]);
      else list.push(reading);
    }
    return keys.map((_, i) => byPlace.get(i + 1) ?? []);
  },
};
