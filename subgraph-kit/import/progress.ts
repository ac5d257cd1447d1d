// How far the import of a file came, in the table ImportProgress of the subgraph that owns the rows.
import { execute, query, sql, type SqlRunner } from '../sql.ts';

/** The file (SHA-256 of its content) and the format it is read by. */
export type ImportKey = { readonly fileHash: string; readonly format: string };

export type Progress = {
  /** When the import of this file began; it stays over interruptions. */
  readonly startedAt: Date;
  /** First row that is not dealt with yet. */
  readonly nextRow: number;
  readonly rowsRead: number;
  readonly rowsStored: number;
  readonly rowsBad: number;
  readonly finishedAt: Date | null;
};

/** Null for a file that was never begun. */
export async function readProgress(db: SqlRunner, key: ImportKey): Promise<Progress | null> {
  const [row] = await query<Progress>(
    db,
    sql`SELECT * FROM "ImportProgress" WHERE "fileHash" = ${key.fileHash} AND "format" = ${key.format}`,
  );
  return row ?? null;
}

/** Begins when nothing was begun, and holds the row: two imports of one file take turns, batch by batch. */
export async function lockProgress(tx: SqlRunner, key: ImportKey, now: Date): Promise<Progress> {
  await execute(
    tx,
    sql`INSERT INTO "ImportProgress" ("fileHash", "format", "startedAt", "nextRow", "rowsRead", "rowsStored", "rowsBad")
        VALUES (${key.fileHash}, ${key.format}, ${now}::timestamptz, 1, 0, 0, 0) ON CONFLICT DO NOTHING`,
  );
  const [row] = await query<Progress>(
    tx,
    sql`SELECT * FROM "ImportProgress" WHERE "fileHash" = ${key.fileHash} AND "format" = ${key.format} FOR UPDATE`,
  );
  if (row === undefined) throw new Error('the progress of an import vanished within its transaction');
  return row;
}

/** Moves on after a batch. */
export async function moveProgress(
  tx: SqlRunner,
  key: ImportKey,
  step: { nextRow: number; read: number; stored: number; bad: number },
): Promise<void> {
  await execute(
    tx,
    sql`UPDATE "ImportProgress" SET "nextRow" = ${step.nextRow}::int, "rowsRead" = "rowsRead" + ${step.read}::int,
          "rowsStored" = "rowsStored" + ${step.stored}::int, "rowsBad" = "rowsBad" + ${step.bad}::int
        WHERE "fileHash" = ${key.fileHash} AND "format" = ${key.format}`,
  );
}

export async function finishProgress(tx: SqlRunner, key: ImportKey, now: Date): Promise<void> {
  await execute(
    tx,
    sql`UPDATE "ImportProgress" SET "finishedAt" = ${now}::timestamptz WHERE "fileHash" = ${key.fileHash} AND "format" = ${key.format} AND "finishedAt" IS NULL`,
  );
}
