// Inserts many rows by one short statement: the rows travel as one JSON parameter and the table's own type gives every column its type.
// An importer writes hundreds of rows at a time; a statement with a parameter for each value costs it most of its time and memory.
import { execute, join, name, sql, type SqlRunner } from './sql.ts';

// Whole numbers beyond 2^53 and instants stay exact as text; the database reads both.
const toJson = (rows: readonly object[]): string =>
  JSON.stringify(rows, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value));

/** All rows have the columns of the first one, named as in the database. Instants and days are `Date`, decimals text. */
export async function insertRows<Row extends object>(tx: SqlRunner, table: string, rows: readonly Row[]): Promise<void> {
  const [first] = rows;
  if (first === undefined) return;
  const columns = join(Object.keys(first).map(name), ', ');
  await execute(
    tx,
    sql`INSERT INTO ${name(table)} (${columns}) SELECT ${columns} FROM jsonb_populate_recordset(NULL::${name(table)}, ${toJson(rows)}::jsonb)`,
  );
}
