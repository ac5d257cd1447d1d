// The formats that can be imported: who owns the rows, and the reader. Only the one that is asked for is loaded.
import type { Clock } from '../../lib/clock/clock.ts';
import type { Database, HubSettings } from '../../subgraph-kit/context.ts';
import type { ImportFormat } from '../../subgraph-kit/import/format.ts';
import { runImport, type ImportResult, type ImportStep } from '../../subgraph-kit/import/run-import.ts';
import type { ClientOptions } from '../../subgraph-kit/prisma.ts';
import type { SqlRunner } from '../../subgraph-kit/sql.ts';
import type { SubgraphName } from '../hub/layout.ts';

/** Options that some formats take, as written on the command line. */
export type FormatOptions = { readonly 'history-ends'?: string };

export type ImportRun = {
  /** Of the role of the subgraph that owns the rows. */
  readonly url: string;
  readonly file: string;
  readonly clock: Clock;
  readonly settings: HubSettings;
  readonly dataFolder: string;
  /** Of the format's own, by name. */
  readonly options: FormatOptions;
  readonly onProgress: (done: ImportStep) => void;
};

export type FormatEntry = {
  readonly owner: SubgraphName;
  readonly about: string;
  readonly options?: readonly (keyof FormatOptions)[];
  readonly run: (run: ImportRun) => Promise<ImportResult>;
};

export const formats: Readonly<Record<string, FormatEntry>> = {
  facilities: { owner: 'upstream', about: 'a list of facilities of Open Supply Hub', run: importFacilities },
  orders: {
    owner: 'downstream',
    about: 'order lines of the data set "Online Retail" (UCI 352)',
    options: ['history-ends'],
    run: importOrders,
  },
  creators: { owner: 'downstream', about: 'posts of live sellers (UCI 488)', run: importCreators },
  productivity: { owner: 'upstream', about: 'team-days of a garment factory (UCI 597)', run: importProductivity },
};

async function importFacilities(run: ImportRun): Promise<ImportResult> {
  const { facilitiesFormat } = await import('../../subgraphs/upstream/import/facilities.ts');
  const { openClient } = await import('../../subgraphs/upstream/data/client.ts');
  return importInto(openClient(toOptions(run)), facilitiesFormat, run);
}

async function importProductivity(run: ImportRun): Promise<ImportResult> {
  const { productivityFormat } = await import('../../subgraphs/upstream/import/productivity.ts');
  const { openClient } = await import('../../subgraphs/upstream/data/client.ts');
  return importInto(openClient(toOptions(run)), productivityFormat, run);
}

async function importOrders(run: ImportRun): Promise<ImportResult> {
  const { checkHistoryEnds, createOrdersFormat } = await import('../../subgraphs/downstream/import/orders.ts');
  const { openClient } = await import('../../subgraphs/downstream/data/client.ts');
  const day = run.options['history-ends'];
  const format = createOrdersFormat(day === undefined ? day : checkHistoryEnds(day));
  return importInto(openClient(toOptions(run)), format, run);
}

async function importCreators(run: ImportRun): Promise<ImportResult> {
  const { creatorsFormat } = await import('../../subgraphs/downstream/import/creators.ts');
  const { openClient } = await import('../../subgraphs/downstream/data/client.ts');
  return importInto(openClient(toOptions(run)), creatorsFormat, run);
}

const toOptions = ({ url }: ImportRun): ClientOptions => ({ url, connections: 2 });

async function importInto<Tx extends SqlRunner, Row>(
  db: Database<Tx>,
  format: ImportFormat<Tx, Row>,
  { url: _url, options: _options, ...run }: ImportRun,
): Promise<ImportResult> {
  try {
    return await runImport({ ...run, format, db });
  } finally {
    await db.$disconnect();
  }
}
