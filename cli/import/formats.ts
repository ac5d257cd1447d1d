// The formats that can be imported: who owns the rows, and the reader. Only the one that is asked for is loaded.
import type { Clock } from '../../lib/clock/clock.ts';
import { runChange } from '../../subgraph-kit/change.ts';
import type { Database, HubSettings } from '../../subgraph-kit/context.ts';
import type { ImportFormat } from '../../subgraph-kit/import/format.ts';
import { runImport, type ImportResult, type ImportStep } from '../../subgraph-kit/import/run-import.ts';
import type { ClientOptions } from '../../subgraph-kit/prisma.ts';
import type { SqlRunner } from '../../subgraph-kit/sql.ts';

export type ImportRun = {
  /** Of the role of each subgraph that the format writes to. */
  readonly urls: Readonly<Record<'upstream' | 'downstream', string>>;
  readonly file: string;
  readonly clock: Clock;
  readonly settings: HubSettings;
  readonly dataFolder: string;
  readonly onProgress: (done: ImportStep) => void;
};

export type FormatEntry = { readonly about: string; readonly run: (run: ImportRun) => Promise<ImportResult> };

export const formats: Readonly<Record<string, FormatEntry>> = {
  facilities: { about: 'a list of facilities of Open Supply Hub', run: importFacilities },
  orders: { about: 'order lines of the data set "Online Retail" (UCI 352)', run: importOrders },
};

async function importFacilities(run: ImportRun): Promise<ImportResult> {
  const { facilitiesFormat } = await import('../../subgraphs/upstream/import/facilities.ts');
  return withDatabase(await openUpstream(run), (db) => importInto(db, facilitiesFormat, run));
}

async function importOrders(run: ImportRun): Promise<ImportResult> {
  const { ordersFormat } = await import('../../subgraphs/downstream/import/orders.ts');
  return withDatabase(await openDownstream(run), async (db) => {
    const result = await importInto(db, ordersFormat, run);
    await completeStyles(db, run);
    return result;
  });
}

// The file says nothing of the work on a piece, which belongs to upstream: without it no maker could be found for this demand.
async function completeStyles(downstream: SqlRunner, run: ImportRun): Promise<void> {
  const { readOrderStyles } = await import('../../subgraphs/downstream/import/order-styles.ts');
  const { operationTopics, recordMadeUpOperations } = await import('../../subgraphs/upstream/import/made-up-operations.ts');
  const styles = await readOrderStyles(downstream);
  const cause = { actorId: null, causeId: null, requestId: null };
  await withDatabase(await openUpstream(run), (db) => runChange({ db, clock: run.clock, cause, topics: operationTopics }, (change) => recordMadeUpOperations(change, styles)));
}

const importInto = <Tx extends SqlRunner, Row>(db: Database<Tx>, format: ImportFormat<Tx, Row>, { urls: _urls, ...run }: ImportRun): Promise<ImportResult> =>
  runImport({ ...run, format, db });

const options = (url: string): ClientOptions => ({ url, connections: 2 });
const openUpstream = async ({ urls }: ImportRun) => (await import('../../subgraphs/upstream/data/client.ts')).openClient(options(urls.upstream));
const openDownstream = async ({ urls }: ImportRun) => (await import('../../subgraphs/downstream/data/client.ts')).openClient(options(urls.downstream));

async function withDatabase<Db extends { $disconnect(): Promise<void> }, T>(db: Db, work: (db: Db) => Promise<T>): Promise<T> {
  try {
    return await work(db);
  } finally {
    await db.$disconnect();
  }
}
