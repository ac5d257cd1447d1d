// Writes traffic sources and their readings, each with its event; many in a constant number of statements.
import { execute, query, sql, type Sql } from '../../../subgraph-kit/sql.ts';
import type { ReadingRow, SourceRow } from '../data/rows.ts';
import type { Writer } from './writer.ts';

export async function writeSources({ tx, emit }: Writer, rows: readonly SourceRow[]): Promise<void> {
  await tx.trafficSource.createMany({ data: [...rows] });
  for (const row of rows) emit('traffic.recorded', { ...row, day: null });
}

/** A reading with its source. */
export type NewReading = { readonly row: ReadingRow; readonly source: SourceRow };

/** A day that was read before is replaced. */
export const replaceReadings = (writer: Writer, readings: readonly NewReading[], now: Date): Promise<Map<string, SourceRow>> =>
  writeReadings(writer, readings, {
    now,
    onKnownDay: sql`"origin" = EXCLUDED."origin", "views" = EXCLUDED."views", "reactions" = EXCLUDED."reactions", "clicks" = EXCLUDED."clicks",
      "orders" = EXCLUDED."orders", "joinedPrivate" = EXCLUDED."joinedPrivate", "followers" = EXCLUDED."followers",
      "recordedAt" = EXCLUDED."recordedAt"`,
  });

/** Reactions are added to those of the day that are known already. */
export const addReactions = (writer: Writer, readings: readonly NewReading[], now: Date): Promise<Map<string, SourceRow>> =>
  writeReadings(writer, readings, { now, onKnownDay: sql`"reactions" = t."reactions" + EXCLUDED."reactions"` });

// Resolves to the sources as they are now, by their ids. A source and a day stand once in `readings`.
async function writeReadings(
  { tx, emit }: Writer,
  readings: readonly NewReading[],
  { now, onKnownDay }: { now: Date; onKnownDay: Sql },
): Promise<Map<string, SourceRow>> {
  const rows = readings.map(({ row }) => row);
  const column = <T>(read: (row: ReadingRow) => T): T[] => rows.map(read);
  const long = (read: (row: ReadingRow) => bigint | null): (string | null)[] => rows.map((row) => read(row)?.toString() ?? null);
  await execute(
    tx,
    sql`INSERT INTO "TrafficReading" AS t ("sourceId", "day", "origin", "views", "reactions", "clicks", "orders", "joinedPrivate", "followers", "recordedAt")
        SELECT * FROM unnest(${column((r) => r.sourceId)}::text[], ${column((r) => r.day.toISOString())}::date[], ${column((r) => r.origin)}::"DataOrigin"[],
          ${long((r) => r.views)}::bigint[], ${long((r) => r.reactions)}::bigint[], ${long((r) => r.clicks)}::bigint[],
          ${column((r) => r.orders)}::int[], ${column((r) => r.joinedPrivate)}::int[], ${long((r) => r.followers)}::bigint[],
          ${column((r) => r.recordedAt.toISOString())}::timestamptz[])
        ON CONFLICT ("sourceId", "day") DO UPDATE SET ${onKnownDay}`,
  );
  const touched = await query<SourceRow>(
    tx,
    sql`UPDATE "TrafficSource" SET "changedAt" = greatest(${now}::timestamptz, "changedAt" + interval '1 millisecond')
        WHERE "sourceId" = ANY(${[...new Set(column((row) => row.sourceId))]}::text[]) RETURNING *`,
  );
  for (const { row, source } of readings) emit('traffic.recorded', { ...source, ...row });
  return new Map(touched.map((source) => [source.sourceId, source]));
}
