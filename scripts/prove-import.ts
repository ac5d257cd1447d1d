/**
 * npx tsx scripts/prove-import.ts FACILITIES ORDERS [--only state|damages|question]
 * Imports the two real files (docs/data.md says where they come from) on fresh databases and checks what is promised: every row counted,
 * time and memory, a second import, kills at random places, damaged rows, and a deep question over all four subgraphs on this data.
 * Needs nothing but the files; takes some minutes. Exit code 1 when a promise is broken.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import globalSetup from '../tests/_kit/global-setup.ts';
import globalTeardown from '../tests/_kit/global-teardown.ts';
import { createTestDatabase, type TestDatabase } from '../tests/_kit/postgres.ts';
import { makeFolder, removeFolders } from '../tests/import/_kit.ts';
import { buildProgram, checksums, makeDataFolder, startImport, untilRow, type Ended } from '../tests/import/_process.ts';
import { proveDeepQuestion } from '../tests/import/_deep-question.ts';

const { values, positionals } = parseArgs({ options: { only: { type: 'string' } }, allowPositionals: true });
const [facilities, orders] = positionals;
const SECONDS_MOST = 90;
const MEMORY_MOST_MB = 300;
type Files = { readonly facilities: string; readonly orders: string };

const schemas = ['upstream', 'downstream'];

let broken = 0;
/** Says one promise and whether it was kept. */
function check(promise: string, kept: boolean, found: unknown = ''): void {
  if (!kept) broken += 1;
  console.log(
    `${kept ? 'ok    ' : 'BROKEN'} ${promise}${found === '' ? '' : ` (${typeof found === 'string' ? found : JSON.stringify(found)})`}`,
  );
}

const lastLine = ({ stdout, stderr }: Ended): string => (stderr || stdout).trimEnd().split('\n').at(-1) ?? '';
const rowsOf = async (file: string): Promise<number> => (await readFile(file, 'utf8')).trimEnd().split('\n').length - 1;

async function importBoth(database: TestDatabase, files: Files): Promise<void> {
  const variables = await makeDataFolder(database);
  const first = await startImport(variables, ['facilities', files.facilities]).ended;
  check('every facility is stored', lastLine(first).startsWith('956 rows read, 956 stored;'), lastLine(first));
  const beganMs = performance.now();
  const second = await startImport(variables, ['orders', files.orders]).ended;
  const seconds = (performance.now() - beganMs) / 1_000;
  check('every order line is stored', lastLine(second).startsWith('54,263 rows read, 54,263 stored;'), lastLine(second));
  check(`the lines take less than ${SECONDS_MOST} s`, seconds < SECONDS_MOST, `${seconds.toFixed(1)} s with the start of the program`);
  const memory = Number(/(\d+) MB of memory/.exec(lastLine(second))?.[1]);
  check(`the importer takes less than ${MEMORY_MOST_MB} MB`, memory < MEMORY_MOST_MB, `${memory} MB`);
}

async function proveAgain(database: TestDatabase, files: Files, before: Record<string, string>): Promise<void> {
  const variables = await makeDataFolder(database);
  for (const [format, file] of Object.entries(files)) {
    const again = await startImport(variables, [format, file]).ended;
    check(`a second import of ${format} stores nothing`, lastLine(again).includes('(0 now'), lastLine(again));
  }
  check(
    'a second import changes 0 rows and writes 0 events',
    JSON.stringify(await checksums(database, schemas)) === JSON.stringify(before),
  );
}

async function proveKills(files: Files, before: Record<string, string>): Promise<void> {
  const database = await createTestDatabase({ migrated: true });
  const variables = await makeDataFolder(database);
  for (const [format, file, schema] of [
    ['facilities', files.facilities, 'upstream'],
    ['orders', files.orders, 'downstream'],
  ] as const) {
    const rows = await rowsOf(file);
    const places = [0, 1, 2].map((third) => Math.floor(((third + Math.random()) * rows * 0.95) / 3));
    for (const place of places) {
      const { child, ended } = startImport(variables, [format, file]);
      await untilRow(database, schema, place);
      child.kill('SIGKILL');
      check(`${format} was killed past row ${place}`, (await ended).signal === 'SIGKILL');
    }
    const last = await startImport(variables, [format, file]).ended;
    check(`${format} went on and ended`, last.code === 0, lastLine(last));
  }
  const after = await checksums(database, schemas);
  const different = Object.keys(before).filter((table) => before[table] !== after[table]);
  check('tables of the killed imports equal those of the ones in one go, by checksum', different.length === 0, different);
  await database.drop();
}

// One row in twenty of the first 20,000 is damaged, in ten ways.
const damages: readonly ((line: string) => string)[] = [
  (line) => line.replace(/,[^,]*$/, ''),
  (line) => `${line},more`,
  (line) => line.replace(',', ',"'),
  (line) => line.replace(/^\d+/, 'C536379'),
  (line) => line.replace(/,(\d+),(20\d\d)/, ',many,$2'),
  (line) => line.replace(/,(\d+),(20\d\d)/, ',0,$2'),
  (line) => line.replace(/20\d\d-\d\d-\d\d/, '2011-02-30'),
  (line) => line.replace(/,[\d.]+,(\d*),([^,]*)$/, ',free,$1,$2'),
  (line) => line.replace(/[^,]*$/, 'Atlantis'),
  (line) => line.replace(/,/, ',\u0007'),
];

async function proveDamages(source: string): Promise<void> {
  const lines = (await readFile(source, 'utf8')).split('\n').slice(0, 20_001);
  const made = lines.map((line, i) => (i > 0 && i % 20 === 0 ? (damages[(i / 20) % damages.length]?.(line) ?? line) : line));
  const file = join(await makeFolder(), 'damaged.csv');
  await writeFile(file, `${made.join('\n')}\n`);
  const database = await createTestDatabase({ migrated: true });
  const ended = await startImport(await makeDataFolder(database), ['orders', file]).ended;
  check(
    'of a file with 1,000 damaged rows the others are stored',
    lastLine(ended).startsWith('20,000 rows read, 19,000 stored, 1,000 bad rows'),
    lastLine(ended),
  );
  const rejects = (await readFile(`${file}.reject.csv`, 'utf8')).trimEnd().split('\n').slice(1);
  const reasons = new Set(rejects.map((line) => line.slice(line.lastIndexOf(',') + 1)));
  check('each damaged row is named', rejects.length === 1_000 && reasons.size >= 8, `${rejects.length} rows, ${reasons.size} reasons`);
  await database.drop();
}

async function proveState(files: Files): Promise<void> {
  const once = await createTestDatabase({ migrated: true });
  await importBoth(once, files);
  const before = await checksums(once, schemas);
  await proveAgain(once, files, before);
  await once.drop();
  await proveKills(files, before);
}

const parts: Readonly<Record<string, (files: Files) => Promise<void>>> = {
  state: proveState,
  damages: ({ orders: file }) => proveDamages(file),
  question: (files) => proveDeepQuestion(files, check),
};

async function prove(files: Files): Promise<void> {
  for (const [name, part] of Object.entries(parts)) if (values.only === undefined || values.only === name) await part(files);
}

if (facilities === undefined || orders === undefined) {
  console.error('Usage: npx tsx scripts/prove-import.ts FACILITIES ORDERS');
  process.exitCode = 1;
} else {
  buildProgram();
  await globalSetup();
  try {
    await prove({ facilities, orders });
  } finally {
    await globalTeardown();
    await removeFolders();
  }
  console.log(broken === 0 ? 'every promise was kept' : `${broken} promises were broken`);
  process.exitCode = broken === 0 ? 0 : 1;
}
