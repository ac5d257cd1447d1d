/**
 * npm run migration -- <subgraph> <name>
 * Writes the next migration of a subgraph: subgraphs/<subgraph>/data/migrations/<timestamp>_<name>/migration.sql, the difference between
 * its migrations and its schema.prisma. Look at the SQL before you commit it: a renamed column shows as one dropped and one added.
 */
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realClock } from '../lib/clock/clock.ts';
import { toMessage } from '../lib/errors/errors.ts';
import { silentLog } from '../lib/log/log.ts';
import { fromRoot } from '../lib/paths.ts';
import { writeMigration } from '../lib/postgres/drift.ts';
import { deleteEmbedded, startEmbedded } from '../lib/postgres/index.ts';

const [subgraph, name] = process.argv.slice(2);

if (subgraph === undefined || name === undefined) {
  fail('Usage: npm run migration -- <subgraph> <name>   e.g. npm run migration -- upstream add_quotes');
} else {
  await author(subgraph, name);
}

async function author(subgraphName: string, migrationName: string): Promise<void> {
  const folder = ['subgraphs', subgraphName, 'data'] as const;
  const files = { schemaFile: fromRoot(...folder, 'schema.prisma'), migrationsDir: fromRoot(...folder, 'migrations') };
  if (!existsSync(files.schemaFile)) return fail(`There is no ${folder.join('/')}/schema.prisma.`);
  try {
    const written = await withServer((url) => writeMigration({ ...files, url }, migrationName, realClock.now()));
    process.stdout.write(
      written === null
        ? 'The migrations already make the schema: nothing written.\n'
        : `Wrote ${folder.join('/')}/migrations/${written}/migration.sql\n`,
    );
  } catch (error) {
    fail(toMessage(error));
  }
}

/** An empty server for the comparison, which is gone afterwards. */
async function withServer<T>(work: (url: string) => Promise<T>): Promise<T> {
  const dataDir = await mkdtemp(join(tmpdir(), 'hub-migration-'));
  await chmod(dataDir, 0o711);
  const server = await startEmbedded({ dataDir, log: silentLog });
  try {
    return await work(server.url);
  } finally {
    await server.stop();
    await deleteEmbedded(dataDir);
    await rm(dataDir, { recursive: true, force: true });
  }
}

function fail(line: string): void {
  process.stderr.write(`${line}\n`);
  process.exitCode = 1;
}
