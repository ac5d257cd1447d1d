// Writes which minutes allocations take of which buckets.
import { execute, query, sql } from '../../../subgraph-kit/sql.ts';
import type { BucketRow } from '../data/tables.ts';
import { COMMITS, HOLDS } from '../lot-states.ts';
import { freeMinutesOf } from './buckets.ts';
import type { Change } from './makers.ts';

/** Minutes of one allocation in one bucket. */
export type Slot = {
  readonly allocationId: string;
  readonly position: number;
  readonly bucketId: string;
  readonly day: string;
  readonly minutes: number;
};

/**
 * Puts the slots in the place of all that these allocations took, and counts the minutes of every bucket they touch anew: the state of
 * each allocation is that of its copy. Notes one `capacity.booked` for each bucket whose minutes changed. Four statements.
 */
export async function bookMinutes({ tx, emit, now }: Change, allocationIds: readonly string[], slots: readonly Slot[]): Promise<void> {
  const before = await query<{ bucketId: string }>(
    tx,
    sql`DELETE FROM "AllocationSlot" WHERE "allocationId" = ANY(${allocationIds}::text[]) RETURNING "bucketId"`,
  );
  const of = <K extends keyof Slot>(name: K): Slot[K][] => slots.map((slot) => slot[name]);
  await execute(
    tx,
    sql`INSERT INTO "AllocationSlot" ("allocationId", "position", "bucketId", "day", "minutes")
        SELECT w."allocationId", w."position", w."bucketId", w."day"::date, w."minutes"
        FROM unnest(${of('allocationId')}::text[], ${of('position')}::int[], ${of('bucketId')}::text[], ${of('day')}::text[],
          ${of('minutes')}::int[]) AS w("allocationId", "position", "bucketId", "day", "minutes")`,
  );
  const touched = [...new Set([...before.map(({ bucketId }) => bucketId), ...of('bucketId')])];
  // in the order in which publishing locks them, so that neither waits for the other in a ring
  await query(
    tx,
    sql`SELECT "bucketId" FROM "CapacityBucket" WHERE "bucketId" = ANY(${touched}::text[]) ORDER BY "gln", "day", "stage" FOR NO KEY UPDATE`,
  );
  const changed = await query<BucketRow & { country: string }>(
    tx,
    sql`UPDATE "CapacityBucket" t SET "heldMinutes" = s."held", "committedMinutes" = s."committed",
          "changedAt" = greatest(${now}::timestamptz, t."changedAt" + interval '1 millisecond')
        FROM (SELECT k."bucketId", coalesce(sum(b."minutes") FILTER (WHERE a."status" = ANY(${HOLDS}::text[])), 0)::int AS "held",
                coalesce(sum(b."minutes") FILTER (WHERE a."status" = ANY(${COMMITS}::text[])), 0)::int AS "committed"
              FROM unnest(${touched}::text[]) AS k("bucketId") LEFT JOIN "AllocationSlot" b ON b."bucketId" = k."bucketId"
                LEFT JOIN "AllocationCopy" a ON a."allocationId" = b."allocationId"
              GROUP BY k."bucketId") s, "Maker" m
        WHERE t."bucketId" = s."bucketId" AND m."gln" = t."gln"
          AND (t."heldMinutes", t."committedMinutes") IS DISTINCT FROM (s."held", s."committed")
        RETURNING t.*, m."country"`,
  );
  for (const row of changed) emit('capacity.booked', { ...row, freeMinutes: freeMinutesOf(row) });
}
