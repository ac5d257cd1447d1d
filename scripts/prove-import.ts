/**
 * npx tsx scripts/prove-import.ts FACILITIES ORDERS PRODUCTIVITY CREATORS [--only state|damages|question]
 * Imports the four real files (docs/data.md says where they come from) on fresh databases and checks what is promised: every row counted,
 * time and memory, a second import, kills at random places, damaged rows, and a deep question over all four subgraphs on this data.
 * Needs nothing but the files; takes some minutes. Exit code 1 when a promise is broken.
 */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import globalSetup from '../tests/_kit/global-setup.ts';
import globalTeardown from '../tests/_kit/global-teardown.ts';
import { createTestDatabase, type TestDatabase } from '../tests/_kit/postgres.ts';
import { damage, damages, misnamed, type FormatName } from '../tests/import/_damages.ts';
import { makeFolder, removeFolders, writeLines } from '../tests/import/_kit.ts';
import { killImport } from '../tests/import/_kills.ts';
import { buildProgram, checksums, makeDataFolder, startImport, type Ended } from '../tests/import/_process.ts';
import { proveDeepQuestion } from '../tests/import/_deep-question.ts';

const { values, positionals } = parseArgs({ options: { only: { type: 'string' } }, allowPositionals: true });
const [facilities, orders, productivity, creators] = positionals;
const SECONDS_MOST = 90;
const MEMORY_MOST_MB = 300;
const KILLS = 3;
const DAMAGED_ROWS_MOST = 10_000;
type Files = Readonly<Record<FormatName, string>>;
type Format = { readonly name: FormatName; readonly schema: string; readonly rows: number };

/** In the order in which they are imported, with the rows of the published files. */
const formats: readonly Format[] = [
  { name: 'facilities', schema: 'upstream', rows: 956 },
  { name: 'orders', schema: 'downstream', rows: 54_263 },
  { name: 'productivity', schema: 'upstream', rows: 1_197 },
  { name: 'creators', schema: 'downstream', rows: 7_050 },
];
const schemas = ['upstream', 'downstream'];

let broken = 0;
/** Says one promise and whether it was kept. */
function check(promise: string, kept: boolean, found: unknown = ''): void {
  if (!kept) broken += 1;
  console.log(
    `${kept ? 'ok    ' : 'BROKEN'} ${promise}${found === '' || (Array.isArray(found) && found.length === 0) ? '' : ` (${typeof found === 'string' ? found : JSON.stringify(found)})`}`,
  );
}

const lastLine = ({ stdout, stderr }: Ended): string => (stderr || stdout).trimEnd().split('\n').at(-1) ?? '';
const count = (rows: number): string => rows.toLocaleString('en');
/** Lines of a file without its header: no value of these files holds a line break. */
const rowsOf = async (file: string): Promise<number> => (await readFile(file, 'utf8')).trimEnd().split('\n').length - 1;

async function importAll(database: TestDatabase, files: Files): Promise<void> {
  const variables = await makeDataFolder(database);
  for (const { name, rows } of formats) {
    const beganMs = performance.now();
    const ended = await startImport(variables, [name, files[name]]).ended;
    const seconds = (performance.now() - beganMs) / 1_000;
    const line = lastLine(ended);
    const whole = line.startsWith(`${count(rows)} rows read, ${count(rows)} stored;`) && (await rowsOf(files[name])) === rows;
    check(`every row of ${name} is stored`, whole, line);
    const memory = Number(/(\d+) MB of memory/.exec(line)?.[1]);
    check(
      `${name} take less than ${SECONDS_MOST} s and ${MEMORY_MOST_MB} MB`,
      seconds < SECONDS_MOST && memory < MEMORY_MOST_MB,
      `${seconds.toFixed(1)} s with the start of the program, ${memory} MB`,
    );
  }
}

async function proveAgain(database: TestDatabase, files: Files, before: Record<string, string>): Promise<void> {
  const variables = await makeDataFolder(database);
  for (const { name } of formats) {
    const again = await startImport(variables, [name, files[name]]).ended;
    check(`a second import of ${name} stores nothing`, lastLine(again).includes('(0 now'), lastLine(again));
  }
  const after = await checksums(database, schemas);
  const different = Object.keys(before).filter((table) => before[table] !== after[table]);
  check('a second import of all changes 0 rows and writes 0 events', different.length === 0, different);
}

async function proveKills(files: Files, before: Record<string, string>): Promise<void> {
  const database = await createTestDatabase({ migrated: true });
  const variables = await makeDataFolder(database);
  for (const { name, schema, rows } of formats) {
    const target = { database, schema, format: name, file: files[name] };
    const kills = await killImport(target, variables, { rows, times: KILLS });
    const partial = kills.filter((kill) => kill.partial && kill.signal === 'SIGKILL');
    const places = kills.map(({ place, rows: left }) => `past row ${place}: ${left} rows in`).join(', ');
    check(`${name} was killed in the middle`, partial.length > 0, `${partial.length} of ${KILLS} kills left a part; ${places}`);
    const last = await startImport(variables, [name, files[name]]).ended;
    check(`${name} went on and ended`, last.code === 0, lastLine(last));
  }
  const after = await checksums(database, schemas);
  const different = Object.keys(before).filter((table) => before[table] !== after[table]);
  check('tables of the killed imports equal those of the ones in one go, by checksum', different.length === 0, different);
  await database.drop();
}

async function proveDamages(files: Files): Promise<void> {
  const database = await createTestDatabase({ migrated: true });
  const variables = await makeDataFolder(database);
  for (const { name } of formats) {
    const { lines, rows, at } = await damage(name, files[name], DAMAGED_ROWS_MOST);
    const file = await writeLines(await makeFolder(), 'damaged.csv', lines);
    const ended = await startImport(variables, [name, file]).ended;
    check(
      `of ${count(rows)} rows of ${name}, ${at.size} of them damaged in ${damages[name].length} ways, the others are stored`,
      lastLine(ended).startsWith(`${count(rows)} rows read, ${count(rows - at.size)} stored, ${count(at.size)} bad rows`),
      lastLine(ended).replace(/ in .*reject\.csv/, ''),
    );
    const wrong = await misnamed(`${file}.reject.csv`, at);
    check(
      `each damaged row of ${name} is named with its line, column and reason`,
      wrong.length === 0 && at.size >= damages[name].length,
      wrong.slice(0, 5),
    );
  }
  await database.drop();
}

async function proveState(files: Files): Promise<void> {
  const once = await createTestDatabase({ migrated: true });
  await importAll(once, files);
  const before = await checksums(once, schemas);
  await proveAgain(once, files, before);
  await once.drop();
  await proveKills(files, before);
}

const parts: Readonly<Record<string, (files: Files) => Promise<void>>> = {
  state: proveState,
  damages: proveDamages,
  question: (files) => proveDeepQuestion(files, check),
};

async function prove(files: Files): Promise<void> {
  for (const [name, part] of Object.entries(parts)) {
    if (values.only !== undefined && values.only !== name) continue;
    const beganMs = performance.now();
    await part(files);
    console.log(`       ${name}: ${((performance.now() - beganMs) / 1_000).toFixed(0)} s`);
  }
}

if (facilities === undefined || orders === undefined || productivity === undefined || creators === undefined) {
  console.error('Usage: npx tsx scripts/prove-import.ts FACILITIES ORDERS PRODUCTIVITY CREATORS');
  process.exitCode = 1;
} else {
  buildProgram();
  await globalSetup();
  try {
    await prove({ facilities, orders, productivity, creators });
  } finally {
    await globalTeardown();
    await removeFolders();
  }
  console.log(broken === 0 ? 'every promise was kept' : `${broken} promises were broken`);
  process.exitCode = broken === 0 ? 0 : 1;
}
