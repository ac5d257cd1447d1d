/**
 * Before all tests: one PostgreSQL for the whole run. Yours when DATABASE_URL is set; otherwise an embedded one in a temporary folder,
 * which is deleted afterwards. Test files find it by TEST_DATABASE (see postgres.ts).
 */
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '../../lib/log/log.ts';
import { deleteEmbedded, startEmbedded } from '../../lib/postgres/embedded.ts';
import { findOwner } from '../../lib/postgres/folder-owner.ts';
import { dropTestDatabases, type TestRun } from './test-run.ts';

const prefix = 'hub-test-';
/** Not for data that must outlive the run, but fast. */
const throwaway = { fsync: 'off', full_page_writes: 'off', max_connections: '300', shared_buffers: '64MB' };

export default async function globalSetup(): Promise<void> {
  const run = { runId: randomBytes(4).toString('hex'), password: randomBytes(12).toString('base64url') };
  const given = process.env['DATABASE_URL'];
  if (given) {
    publish({ ...run, url: given }, async () => dropTestDatabases({ ...run, url: given }));
    return;
  }
  await deleteForgotten();
  const folder = await mkdtemp(join(tmpdir(), prefix));
  await chmod(folder, 0o711);
  const embedded = await startEmbedded({ dataDir: join(folder, 'postgres'), log: silentLog, settings: throwaway });
  publish({ ...run, url: embedded.url }, async () => {
    await embedded.stop();
    await deleteEmbedded(folder);
  });
}

/** Folders of runs that were killed before they could clean up. */
async function deleteForgotten(): Promise<void> {
  for (const name of (await readdir(tmpdir())).filter((entry) => entry.startsWith(prefix))) {
    const folder = join(tmpdir(), name);
    const age = Date.now() - (await stat(folder)).mtimeMs;
    // a run that begins just now may not have its name on the folder yet
    if (age > 60_000 && (await findOwner(join(folder, 'postgres'))) === undefined) await deleteEmbedded(folder);
  }
}

function publish(run: TestRun, end: () => Promise<void>): void {
  process.env['TEST_DATABASE'] = JSON.stringify(run);
  Object.assign(globalThis, { endTestRun: end });
}
