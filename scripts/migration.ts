/**
 * npm run migration -- <subgraph> <name>
 * Writes the next migration of a subgraph: subgraphs/<subgraph>/data/migrations/<timestamp>_<name>/migration.sql, the difference between
 * its migrations and its schema.prisma. Look at the SQL before you commit it: a renamed column shows as one dropped and one added.
 */
import { existsSync } from 'node:fs';
import { realClock } from '../lib/clock/clock.ts';
import { toMessage } from '../lib/errors/errors.ts';
import { fromRoot } from '../lib/paths.ts';
import { writeMigration } from '../lib/postgres/drift.ts';

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
    const written = await writeMigration(files, migrationName, realClock.now());
    process.stdout.write(
      written === null
        ? 'The migrations already make the schema: nothing written.\n'
        : `Wrote ${folder.join('/')}/migrations/${written}/migration.sql\n`,
    );
  } catch (error) {
    fail(toMessage(error));
  }
}

function fail(line: string): void {
  process.stderr.write(`${line}\n`);
  process.exitCode = 1;
}
