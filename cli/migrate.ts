// npm run migrate: makes the hub's schemas and roles and applies the migrations that are missing; then ends.
import { readConfig } from '../lib/config/index.ts';
import { loadOrCreateKeys } from '../lib/identity/index.ts';
import { toFailureLine } from '../lib/lifecycle/index.ts';
import { createLog } from '../lib/log/log.ts';
import { openServer, prepareDatabases } from './hub/databases.ts';
import { openDataFolder } from './hub/data-folder.ts';
import { toDataFolder } from './hub/layout.ts';

async function migrate(): Promise<void> {
  const config = readConfig(['DATABASE_URL', 'HUB_DATABASE_PASSWORD_FILE', 'HUB_DATA', 'HUB_LOG_LEVEL', 'HUB_LOG_FORMAT']);
  const data = toDataFolder(config.HUB_DATA);
  await openDataFolder(data);
  await loadOrCreateKeys(data.keys);
  const log = createLog({ service: 'migrate', level: 'warn', format: config.HUB_LOG_FORMAT });
  const server = await openServer({ data, databaseUrl: config.DATABASE_URL, passwordFile: config.HUB_DATABASE_PASSWORD_FILE, log });
  try {
    const applied = await prepareDatabases({ data, adminUrl: server.adminUrl });
    process.stdout.write(applied.length === 0 ? 'The database is up to date.\n' : `Applied: ${applied.join(', ')}\n`);
  } finally {
    await server.stop();
  }
}

await migrate().catch((error: unknown) => {
  process.stderr.write(`${toFailureLine(error)}\n`);
  process.exitCode = 1;
});
