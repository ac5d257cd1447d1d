// Writes results of inspected lots and the sums over them, from which the quality of a maker is computed.
import { execute, query, sql } from '../../../subgraph-kit/sql.ts';
import type { QualityRow } from '../data/tables.ts';
import type { Change } from './makers.ts';

/** One inspected lot. */
export type Inspected = {
  readonly inspectionId: string;
  readonly gln: string;
  readonly memberId: string;
  readonly origin: string;
  readonly day: string;
  readonly pieces: number;
  readonly firstPassPieces: number;
  readonly rejected: boolean;
  readonly onTime: boolean;
};

type Sums = { gln: string; memberId: string; lots: number; pieces: number; firstPass: number; rejected: number; onTime: number };

function sumByMaker(lots: readonly Inspected[]): Sums[] {
  const sums = new Map<string, Sums>();
  for (const lot of lots) {
    const sum = sums.get(lot.gln) ?? { gln: lot.gln, memberId: lot.memberId, lots: 0, pieces: 0, firstPass: 0, rejected: 0, onTime: 0 };
    sum.lots += 1;
    sum.pieces += lot.pieces;
    sum.firstPass += lot.firstPassPieces;
    sum.rejected += lot.rejected ? 1 : 0;
    sum.onTime += lot.onTime ? 1 : 0;
    sums.set(lot.gln, sum);
  }
  return [...sums.values()];
}

/** Enters the lots, adds them to the sums of their makers, and notes one `quality.recorded` for each maker. Two statements. */
export async function writeInspections({ tx, emit, now }: Change, lots: readonly Inspected[]): Promise<void> {
  const of = <K extends keyof Inspected>(name: K): Inspected[K][] => lots.map((lot) => lot[name]);
  await execute(
    tx,
    sql`INSERT INTO "Inspection" ("inspectionId", "gln", "origin", "day", "pieces", "firstPassPieces", "rejected", "onTime", "recordedAt")
        SELECT w."id", w."gln", w."origin", w."day"::date, w."pieces", w."firstPass", w."rejected", w."onTime", ${now}::timestamptz
        FROM unnest(${of('inspectionId')}::text[], ${of('gln')}::text[], ${of('origin')}::text[], ${of('day')}::text[], ${of('pieces')}::int[],
          ${of('firstPassPieces')}::int[], ${of('rejected')}::boolean[], ${of('onTime')}::boolean[])
          AS w("id", "gln", "origin", "day", "pieces", "firstPass", "rejected", "onTime")`,
  );
  const sums = sumByMaker(lots);
  const sum = <K extends keyof Sums>(name: K): Sums[K][] => sums.map((one) => one[name]);
  const rows = await query<QualityRow>(
    tx,
    sql`INSERT INTO "Quality" AS t ("gln", "lots", "pieces", "firstPassPieces", "rejectedLots", "onTimeLots", "changedAt")
        SELECT w.*, ${now}::timestamptz FROM unnest(${sum('gln')}::text[], ${sum('lots')}::int[], ${sum('pieces')}::bigint[],
          ${sum('firstPass')}::bigint[], ${sum('rejected')}::int[], ${sum('onTime')}::int[]) AS w
        ON CONFLICT ("gln") DO UPDATE SET "lots" = t."lots" + EXCLUDED."lots", "pieces" = t."pieces" + EXCLUDED."pieces",
          "firstPassPieces" = t."firstPassPieces" + EXCLUDED."firstPassPieces", "rejectedLots" = t."rejectedLots" + EXCLUDED."rejectedLots",
          "onTimeLots" = t."onTimeLots" + EXCLUDED."onTimeLots",
          "changedAt" = greatest(EXCLUDED."changedAt", t."changedAt" + interval '1 millisecond')
        RETURNING t.*`,
  );
  const changedAt = new Map(rows.map((row) => [row.gln, row.changedAt]));
  for (const { gln, memberId, lots: count, pieces } of sums)
    emit('quality.recorded', { gln, memberId, lots: count, pieces, changedAt: changedAt.get(gln) });
}
