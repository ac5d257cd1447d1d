// The formats that can be imported: who owns the rows, and the reader. Only the one that is asked for is loaded.
import type { Clock } from '../../lib/clock/clock.ts';
import type { Database, HubSettings } from '../../subgraph-kit/context.ts';
import type { ImportFormat } from '../../subgraph-kit/import/format.ts';
import { runImport, type ImportResult, type ImportStep } from '../../subgraph-kit/import/run-import.ts';
import type { ClientOptions } from '../../subgraph-kit/prisma.ts';
import type { SqlRunner } from '../../subgraph-kit/sql.ts';
import type { SubgraphName } from '../hub/layout.ts';

export type ImportRun = {
  readonly url: string;
  readonly file: string;
  readonly clock: Clock;
  readonly settings: HubSettings;
  readonly dataFolder: string;
  readonly onProgress: (done: ImportStep) => void;
};

export type FormatEntry = {
  readonly owner: SubgraphName;
  readonly about: string;
  readonly run: (run: ImportRun) => Promise<ImportResult>;
};

async function runWith<Tx extends SqlRunner, Row>(
  parts: { format: ImportFormat<Tx, Row>; openClient: (options: ClientOptions) => Database<Tx> },
  { url, ...run }: ImportRun,
): Promise<ImportResult> {
  const db = parts.openClient({ url, connections: 2 });
  try {
    return await runImport({ ...run, format: parts.format, db });
  } finally {
    await db.$disconnect();
  }
}

export const formats: Readonly<Record<string, FormatEntry>> = {
  orders: {
    owner: 'downstream',
    about: 'order lines of the data set "Online Retail" (UCI 352)',
    run: async (run) => {
      const [{ orders: format }, { openClient }] = await Promise.all([import('../../subgraphs/downstream/import/orders.ts'), import('../../subgraphs/downstream/data/client.ts')]);
      return runWith({ format, openClient }, run);
    },
  },
};
