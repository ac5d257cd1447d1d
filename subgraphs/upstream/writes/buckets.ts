// Writes capacity: what a maker offers of its minutes, one bucket for each stage and day.
import { query, sql } from '../../../subgraph-kit/sql.ts';
import { toDay } from '../../../subgraph-kit/days.ts';
import type { BucketRow } from '../data/tables.ts';
import type { Change } from './makers.ts';

/** Minutes that are offered; `bucketId` is used when the bucket is new. */
export type Offer = {
  readonly bucketId: string;
  readonly gln: string;
  readonly memberId: string;
  readonly country: string;
  readonly origin: string;
  readonly stage: string;
  readonly day: string;
  readonly actualMinutes: number;
  readonly maximumMinutes: number;
  readonly efficiencyBps: number;
};

/** Names the one bucket of a maker, stage and day. */
export const bucketKey = (bucket: { gln: string; stage: string; day: string }): string => `${bucket.gln}|${bucket.stage}|${bucket.day}`;

export const freeMinutesOf = (row: BucketRow): number => row.actualMinutes - row.committedMinutes - row.heldMinutes;

/**
 * Enters or replaces what is offered, in one statement, and notes one `capacity.published` for each. Committed and held minutes stay.
 * No two offers may be of one bucket; the rows come back in the order of the offers.
 */
export async function writeBuckets({ tx, emit, now }: Change, offers: readonly Offer[]): Promise<BucketRow[]> {
  const column = <K extends keyof Offer>(name: K): Offer[K][] => offers.map((offer) => offer[name]);
  const rows = await query<BucketRow>(
    tx,
    sql`INSERT INTO "CapacityBucket" AS t ("bucketId", "gln", "memberId", "origin", "stage", "day", "actualMinutes", "maximumMinutes",
          "efficiencyBps", "committedMinutes", "heldMinutes", "changedAt")
        SELECT w."bucketId", w."gln", w."memberId", w."origin", w."stage", w."day"::date, w."actual", w."maximum", w."efficiency", 0, 0, ${now}::timestamptz
        FROM unnest(${column('bucketId')}::text[], ${column('gln')}::text[], ${column('memberId')}::text[], ${column('origin')}::text[],
          ${column('stage')}::text[], ${column('day')}::text[], ${column('actualMinutes')}::int[], ${column('maximumMinutes')}::int[],
          ${column('efficiencyBps')}::int[]) AS w("bucketId", "gln", "memberId", "origin", "stage", "day", "actual", "maximum", "efficiency")
        ON CONFLICT ("gln", "day", "stage") DO UPDATE SET "origin" = EXCLUDED."origin", "actualMinutes" = EXCLUDED."actualMinutes",
          "maximumMinutes" = EXCLUDED."maximumMinutes", "efficiencyBps" = EXCLUDED."efficiencyBps",
          "changedAt" = greatest(EXCLUDED."changedAt", t."changedAt" + interval '1 millisecond')
        RETURNING t.*`,
  );
  const byKey = new Map(rows.map((row) => [bucketKey({ gln: row.gln, stage: row.stage, day: toDay(row.day) }), row]));
  return offers.flatMap((offer) => {
    const row = byKey.get(bucketKey(offer));
    if (row === undefined) return [];
    emit('capacity.published', { ...row, country: offer.country, freeMinutes: freeMinutesOf(row) });
    return [row];
  });
}
