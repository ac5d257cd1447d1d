// Runs the import of one file: hash → records → batches, each written with its progress in one transaction → reject file.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Clock } from '../../lib/clock/clock.ts';
import { createError, toMessage } from '../../lib/errors/errors.ts';
import { runChange } from '../change.ts';
import type { Database, HubSettings } from '../context.ts';
import type { SqlRunner } from '../sql.ts';
import type { ImportFormat, ImportRow } from './format.ts';
import { finishProgress, lockProgress, moveProgress, readProgress, type ImportKey, type Progress } from './progress.ts';
import { readLines } from './read-lines.ts';
import { readRecords, type RecordEntry } from './read-records.ts';
import { openRejectFile, type Reject, type RejectFile } from './reject-file.ts';

/** Rows written in one transaction, unless the format wants fewer. */
const ROWS_AT_ONCE = 500;

export type ImportOptions<Tx extends SqlRunner, Row> = {
  readonly format: ImportFormat<Tx, Row>;
  readonly file: string;
  readonly db: Database<Tx>;
  readonly clock: Clock;
  readonly settings: HubSettings;
  /** Holds the reject file when the folder of the file cannot be written. */
  readonly dataFolder: string;
  /** Called after every batch. */
  readonly onProgress?: (done: ImportStep) => void;
};

/** How far this run came. */
export type ImportStep = { readonly rows: number; readonly bytes: number; readonly bytesTotal: number };

export type ImportResult = {
  readonly fileHash: string;
  /** Totals of the file, whatever number of runs it took. */
  readonly rowsRead: number;
  readonly rowsStored: number;
  readonly rowsBad: number;
  /** Rows that this run stored. */
  readonly storedNow: number;
  readonly rejectFile: string | null;
};

/** Throws IMPORT_FILE_UNREADABLE and IMPORT_HEADER_WRONG before anything is written. */
export async function runImport<Tx extends SqlRunner, Row>(options: ImportOptions<Tx, Row>): Promise<ImportResult> {
  const { file, format, db } = options;
  const bytesTotal = await sizeOf(file);
  const key = { fileHash: await hashFile(file), format: format.name };
  const before = await readProgress(db, key);
  const rejects = await openRejectFile(file, options.dataFolder);
  try {
    await importRecords(options, {
      key,
      bytesTotal,
      rejects,
      nextRow: before?.nextRow ?? 1,
      finished: before !== null && before.finishedAt !== null,
    });
  } catch (error) {
    await rejects.abandon();
    throw error;
  }
  const rejectFile = await rejects.finish();
  const { rowsRead, rowsStored, rowsBad } = (await readProgress(db, key)) ?? nothing;
  return { fileHash: key.fileHash, rowsRead, rowsStored, rowsBad, storedNow: rowsStored - (before?.rowsStored ?? 0), rejectFile };
}

const nothing = { rowsRead: 0, rowsStored: 0, rowsBad: 0 };

async function sizeOf(file: string): Promise<number> {
  try {
    const found = await stat(file);
    if (!found.isFile()) throw new Error('it is not a file');
    return found.size;
  } catch (cause) {
    throw createError('IMPORT_FILE_UNREADABLE', `${file} cannot be read: ${toMessage(cause)}`, { cause });
  }
}

/** SHA-256 of the content, in hex. */
async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    // a Buffer per chunk: no encoding is set
    for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) hash.update(chunk);
  } catch (cause) {
    throw createError('IMPORT_FILE_UNREADABLE', `${file} cannot be read: ${toMessage(cause)}`, { cause });
  }
  return hash.digest('hex');
}

type Run = {
  readonly key: ImportKey;
  readonly bytesTotal: number;
  readonly rejects: RejectFile;
  readonly nextRow: number;
  readonly finished: boolean;
};

// The file is always read whole, because the reject file names all its bad rows; only rows beyond the progress are written.
async function importRecords<Tx extends SqlRunner, Row>(options: ImportOptions<Tx, Row>, run: Run): Promise<void> {
  const { lines, bytesRead } = readLines(options.file);
  const { rowsAtOnce = ROWS_AT_ONCE } = options.format;
  let rows = 0;
  let batch: Entry<Row>[] = [];
  const flush = async (last: boolean): Promise<void> => {
    for (const { reject } of batch) if (reject !== null) await run.rejects.add(reject);
    const isNew = last || (batch.at(-1)?.rowNumber ?? 0) >= run.nextRow;
    if (isNew && !run.finished) await writeBatch(options, run.key, batch, last);
    rows += batch.length;
    batch = [];
    options.onProgress?.({ rows, bytes: bytesRead(), bytesTotal: run.bytesTotal });
  };
  for await (const entry of readRecords(lines, options.format.columns)) {
    if (batch.length === rowsAtOnce) await flush(false);
    batch.push(toEntry(options.format, entry));
  }
  await flush(true);
}

/** A row of the file: good, or with the reason why not. */
type Entry<Row> = { readonly rowNumber: number; readonly good: ImportRow<Row> | null; readonly reject: Reject | null };

function toEntry<Tx, Row>(format: ImportFormat<Tx, Row>, entry: RecordEntry): Entry<Row> {
  const { rowNumber, line } = entry;
  const parsed = entry.kind === 'record' ? format.parse(entry.record, rowNumber) : entry;
  if (parsed.kind === 'row') return { rowNumber, good: { rowNumber, row: parsed.row }, reject: null };
  const { column, value, reason } = parsed;
  return { rowNumber, good: null, reject: { line, column, value, reason } };
}

async function writeBatch<Tx extends SqlRunner, Row>(
  options: ImportOptions<Tx, Row>,
  key: ImportKey,
  batch: readonly Entry<Row>[],
  last: boolean,
): Promise<void> {
  const { format, db, clock, settings } = options;
  const cause = { actorId: null, causeId: null, requestId: `import-${key.fileHash.slice(0, 16)}` };
  await runChange({ db, clock, cause, topics: format.topics }, async ({ tx, emit, now }) => {
    const progress = await lockProgress(tx, key, now);
    const fresh = batch.filter((entry) => entry.rowNumber >= progress.nextRow);
    const rows = fresh.flatMap((entry) => (entry.good === null ? [] : [entry.good]));
    const change = { tx, emit, now: progress.startedAt, settings, fileHash: key.fileHash };
    const stored = rows.length === 0 ? 0 : await format.write(change, rows);
    if (fresh.length > 0) await moveProgress(tx, key, toStep(progress, fresh, rows.length, stored));
    if (last) await finishProgress(tx, key, now);
  });
}

const toStep = <Row>(progress: Progress, fresh: readonly Entry<Row>[], good: number, stored: number) => ({
  nextRow: (fresh.at(-1)?.rowNumber ?? progress.nextRow - 1) + 1,
  read: fresh.length,
  stored,
  bad: fresh.length - good,
});
