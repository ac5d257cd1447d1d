// What a reader of a public file format gives to the import runner: its columns, how a record becomes a row, and how rows are written.
import type { HubSettings } from '../context.ts';
import type { Emit } from '../outbox.ts';

/** One transaction of an import; events noted with `emit` are written in it. */
export type ImportChange<Tx> = {
  readonly tx: Tx;
  readonly emit: Emit;
  /** When the import of this file began: the same for all its rows, also after an interruption. */
  readonly now: Date;
  readonly settings: HubSettings;
  /** SHA-256 of the file's content, in hex: with a row's number it is the identity of that row, whatever the file is called. */
  readonly fileHash: string;
};

/** A record of the file (values by column), read: a row, or the column that is wrong and why. */
export type ParsedRow<Row> =
  | { readonly kind: 'row'; readonly row: Row }
  | { readonly kind: 'bad'; readonly column: string; readonly value: string; readonly reason: string };

/** A good row with its place in the file; the first record after the header is 1. */
export type ImportRow<Row> = { readonly rowNumber: number; readonly row: Row };

export type ImportFormat<Tx, Row> = {
  readonly name: string;
  /** The header of the file, in order. */
  readonly columns: readonly string[];
  /** Rows in one transaction; left out: 500. Fewer where a row of the file brings many rows of the database. */
  readonly rowsAtOnce?: number;
  /** Topics that `write` may emit. */
  readonly topics: readonly string[];
  /** Pure. */
  readonly parse: (record: Readonly<Record<string, string>>, rowNumber: number) => ParsedRow<Row>;
  /** Writes rows that are not there yet, in a constant number of statements; resolves to how many it wrote. */
  readonly write: (change: ImportChange<Tx>, rows: readonly ImportRow<Row>[]) => Promise<number>;
};
