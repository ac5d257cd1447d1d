// Makes the keys and passwords of a data folder, and that of a PostgreSQL server beside it, when they are missing; then ends.
// For set-ups with several machines or containers that share one folder; `npm start` does it by itself.
import { readConfig } from '../lib/config/index.ts';
import { loadOrCreateKeys, renewRoutingToken } from '../lib/identity/index.ts';
import { toFailureLine } from '../lib/lifecycle/index.ts';
import { openDataFolder, readOrCreatePassword } from './hub/data-folder.ts';
import { secretNames, toDataFolder } from './hub/layout.ts';

async function makeKeys(): Promise<void> {
  const data = toDataFolder(readConfig(['HUB_DATA']).HUB_DATA);
  await openDataFolder(data);
  await renewRoutingToken(data.keys, await loadOrCreateKeys(data.keys));
  for (const name of ['postgres', ...secretNames]) await readOrCreatePassword(data, name);
  process.stdout.write(`Keys and passwords are in ${data.keys}\n`);
}

await makeKeys().catch((error: unknown) => {
  process.stderr.write(`${toFailureLine(error)}\n`);
  process.exitCode = 1;
});
