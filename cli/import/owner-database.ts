// The database of the subgraph that owns the rows: that of the running hub; else the server of DATABASE_URL or the embedded one, started
// for the time of the import and made ready as at a start of the hub.
import { readConfig } from '../../lib/config/index.ts';
import { createLog } from '../../lib/log/log.ts';
import { findDatabases } from '../../subgraph-kit/run.ts';
import { openDataFolder, readState } from '../hub/data-folder.ts';
import { openServer, prepareDatabases, withoutCredentials } from '../hub/databases.ts';
import { toDataFolder, type SubgraphName } from '../hub/layout.ts';

export type OwnerDatabase = {
  /** With the subgraph's own role. */
  readonly url: string;
  readonly dataFolder: string;
  readonly close: () => Promise<void>;
};

const names = ['DATABASE_URL', 'HUB_DATABASE_PASSWORD_FILE', 'HUB_DATA', 'HUB_LOG_FORMAT'] as const;

export async function openOwnerDatabase(owner: SubgraphName): Promise<OwnerDatabase> {
  const config = readConfig(names);
  const data = toDataFolder(config.HUB_DATA);
  const toUrl = async (databaseUrl: string): Promise<string> =>
    (await findDatabases(owner, { databaseUrl, keysFolder: data.keys })).databaseUrl;
  const state = await readState(data);
  if (state !== null) return { dataFolder: data.path, url: await toUrl(state.databaseUrl), close: async () => undefined };
  await openDataFolder(data);
  const log = createLog({ service: 'import', level: 'warn', format: config.HUB_LOG_FORMAT });
  const server = await openServer({ data, databaseUrl: config.DATABASE_URL, passwordFile: config.HUB_DATABASE_PASSWORD_FILE, log });
  try {
    await prepareDatabases({ data, adminUrl: server.adminUrl });
    return { dataFolder: data.path, url: await toUrl(withoutCredentials(server.adminUrl)), close: server.stop };
  } catch (error) {
    await server.stop();
    throw error;
  }
}
