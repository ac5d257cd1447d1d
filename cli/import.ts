// npm run import -- <format> FILE: reads a public file into the subgraph that owns its rows. docs/data.md says what each format reads.
import { resolve } from 'node:path';
import { readConfig } from '../lib/config/index.ts';
import { createError } from '../lib/errors/errors.ts';
import { toFailureLine } from '../lib/lifecycle/index.ts';
import type { ImportResult } from '../subgraph-kit/import/run-import.ts';
import { formats } from './import/formats.ts';
import { runJob } from './import/job.ts';
import { openOwnerDatabase } from './import/owner-database.ts';
import { createProgress } from './import/progress.ts';

const MIB = 1024;
const number = new Intl.NumberFormat('en-US');

const usage = (): string =>
  `npm run import -- <format> FILE; formats: ${Object.entries(formats)
    .map(([name, { about }]) => `${name} (${about})`)
    .join(', ')}`;

function toReport({ rowsRead, rowsStored, storedNow, rowsBad, rejectFile }: ImportResult, seconds: number): string {
  // maxRSS counts kibibytes
  const memory = `${Math.round(process.resourceUsage().maxRSS / MIB)} MB of memory`;
  const bad = rejectFile === null ? '' : `, ${number.format(rowsBad)} bad rows in ${rejectFile}`;
  const again = storedNow === rowsStored ? '' : ` (${number.format(storedNow)} now, the others by an earlier import of the same file)`;
  return `${number.format(rowsRead)} rows read, ${number.format(rowsStored)} stored${again}${bad}; ${seconds.toFixed(1)} s, ${memory}\n`;
}

async function importFile(): Promise<void> {
  const [name = '', given = '', ...rest] = process.argv.slice(2);
  const format = Object.hasOwn(formats, name) ? formats[name] : undefined;
  if (format === undefined || given === '' || rest.length > 0) throw createError('BAD_USER_INPUT', usage());
  const file = resolve(readConfig(['INIT_CWD']).INIT_CWD ?? '', given);
  const beganMs = performance.now();
  const database = await openOwnerDatabase(format.owner);
  const progress = createProgress(process.stdout);
  const end = (): void => void database.close().finally(() => process.exit(130));
  process.once('SIGINT', end).once('SIGTERM', end);
  try {
    const { url, dataFolder } = database;
    const result = await runJob({ format: name, url, file, dataFolder }, progress.step);
    progress.end();
    process.stdout.write(toReport(result, (performance.now() - beganMs) / 1_000));
  } finally {
    progress.end();
    await database.close();
  }
}

await importFile().catch((error: unknown) => {
  process.stderr.write(`${toFailureLine(error)}\n`);
  process.exitCode = 1;
});
