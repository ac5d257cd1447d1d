// npm run import -- <format> FILE [options]: reads a public file into the subgraph that owns its rows. docs/data.md says what each format reads.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readConfig } from '../lib/config/index.ts';
import { createError } from '../lib/errors/errors.ts';
import { toFailureLine } from '../lib/lifecycle/index.ts';
import type { ImportResult } from '../subgraph-kit/import/run-import.ts';
import { formats, type FormatEntry, type FormatOptions } from './import/formats.ts';
import { runJob } from './import/job.ts';
import { openOwnerDatabase } from './import/owner-database.ts';
import { createProgress } from './import/progress.ts';

const KIB_PER_MIB = 1024;
const number = new Intl.NumberFormat('en-US');

const usage = (): string =>
  `npm run import -- <format> FILE; formats: ${Object.entries(formats)
    .map(([name, { about, options = [] }]) => `${name} (${[about, ...options.map((option) => `--${option} VALUE`)].join(', ')})`)
    .join(', ')}`;

type Wanted = { readonly name: string; readonly format: FormatEntry; readonly file: string; readonly options: FormatOptions };

function readArguments(): Wanted {
  try {
    const { positionals, values } = parseArgs({ allowPositionals: true, options: { 'history-ends': { type: 'string' } } });
    const [name = '', file = '', ...rest] = positionals;
    const format = Object.hasOwn(formats, name) ? formats[name] : undefined;
    const taken: readonly string[] = format?.options ?? [];
    const known = Object.keys(values).every((option) => taken.includes(option));
    if (format !== undefined && file !== '' && rest.length === 0 && known) return { name, format, file, options: values };
  } catch {
    // an option that no format has: as below
  }
  throw createError('BAD_USER_INPUT', usage());
}

/** Most memory that this process held, in KiB. maxRSS also counts what the process held that started it; Linux tells the own. */
function mostMemoryKib(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS;
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
}

function toReport({ rowsRead, rowsStored, storedNow, rowsBad, rejectFile }: ImportResult, seconds: number): string {
  const memory = `${Math.round(mostMemoryKib() / KIB_PER_MIB)} MB of memory`;
  const bad = rejectFile === null ? '' : `, ${number.format(rowsBad)} bad rows in ${rejectFile}`;
  const again = storedNow === rowsStored ? '' : ` (${number.format(storedNow)} now, the others by an earlier import of the same file)`;
  return `${number.format(rowsRead)} rows read, ${number.format(rowsStored)} stored${again}${bad}; ${seconds.toFixed(1)} s, ${memory}\n`;
}

async function importFile(): Promise<void> {
  const { name, format, options, ...given } = readArguments();
  const file = resolve(readConfig(['INIT_CWD']).INIT_CWD ?? '', given.file);
  const beganMs = performance.now();
  const database = await openOwnerDatabase(format.owner);
  const progress = createProgress(process.stdout);
  const end = (): void => void database.close().finally(() => process.exit(130));
  process.once('SIGINT', end).once('SIGTERM', end);
  try {
    const { url, dataFolder } = database;
    const result = await runJob({ format: name, url, file, dataFolder, options }, progress.step);
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
