/** npm run import as a process: killed at random places it goes on and ends in the same state; its memory is bounded; it says what it did. */
import { readFile } from 'node:fs/promises';
import { createTestDatabase, type TestDatabase } from '../_kit/postgres.ts';
import { header, makeFolder, orderLines, removeFolders, writeLines } from './_kit.ts';
import { buildProgram, checksums, makeDataFolder, startImport, untilRow, type Ended } from './_process.ts';

const ROWS = 5_000;
const schemas = ['upstream', 'downstream'];

let file: string;
let whole: TestDatabase;
let once: Ended;
let expected: Record<string, string>;

beforeAll(async () => {
  buildProgram();
  const lines = orderLines(ROWS);
  // damaged rows all over, so that the reject file is put together over several runs
  for (let i = 0; i < ROWS; i += 97) lines.splice(i, 0, `damaged ${i}`);
  file = await writeLines(await makeFolder(), 'orders.csv', [header, ...lines]);
  whole = await createTestDatabase({ migrated: true });
  once = await startImport(await makeDataFolder(whole), ['orders', file]).ended;
  expected = await checksums(whole, schemas);
}, 240_000);
afterAll(async () => {
  await whole.drop();
  await removeFolders();
});

it('An import in one go stores every row and says so', () => {
  expect(once.stderr).toBe('');
  expect(once.code).toBe(0);
  expect(once.stdout).toMatch(/5,052 rows read, 5,000 stored, 52 bad rows in .*orders\.csv\.reject\.csv; [\d.]+ s, \d+ MB of memory\n$/);
  expect(Number(/(\d+) MB of memory/.exec(once.stdout)?.[1])).toBeLessThan(300);
  expect(expected['downstream."DemandLine"']).toMatch(/^5000 rows/);
  expect(expected['downstream."Style"']).toMatch(/^37 rows/);
});

it('An import killed at three random places goes on where it stopped and ends in the same state', async () => {
  const database = await createTestDatabase({ migrated: true });
  const rejects = await readFile(`${file}.reject.csv`, 'utf8');
  const variables = await makeDataFolder(database);
  // one place in each third of the file
  const places = [0, 1, 2].map((third) => Math.floor(((third + Math.random()) * (ROWS - 600)) / 3));
  try {
    for (const place of places) {
      const { child, ended } = startImport(variables, ['orders', file]);
      await untilRow(database, 'downstream', place);
      child.kill('SIGKILL');
      expect((await ended).signal).toBe('SIGKILL');
    }
    const killed = await checksums(database, ['downstream']);
    expect(killed['downstream."DemandLine"']).not.toBe(expected['downstream."DemandLine"']);
    const last = await startImport(variables, ['orders', file]).ended;
    expect(last).toMatchObject({ code: 0, stderr: '' });
    expect(last.stdout).toMatch(
      /5,052 rows read, 5,000 stored \([\d,]+ now, the others by an earlier import of the same file\), 52 bad rows/,
    );
    expect({ places, sums: await checksums(database, schemas) }).toEqual({ places, sums: expected });
    expect(await readFile(`${file}.reject.csv`, 'utf8')).toBe(rejects);
  } finally {
    await database.drop();
  }
}, 240_000);

it('A second import changes no row and writes no event', async () => {
  const again = await startImport(await makeDataFolder(whole), ['orders', file]).ended;
  expect(again.stdout).toContain('5,000 stored (0 now, the others by an earlier import of the same file)');
  expect(await checksums(whole, schemas)).toEqual(expected);
}, 120_000);

it('A wrong format, file or header is one line and exit code 1', async () => {
  const variables = await makeDataFolder(whole);
  const run = async (...args: string[]): Promise<string> => {
    const { code, stderr, stdout } = await startImport(variables, args).ended;
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    return stderr;
  };
  expect(await run('nothing', file)).toMatch(/^BAD_USER_INPUT: npm run import -- <format> FILE; formats: facilities .*, orders /);
  expect(await run('orders')).toMatch(/^BAD_USER_INPUT/);
  expect(await run('orders', `${file}.missing`)).toMatch(/^IMPORT_FILE_UNREADABLE: .*cannot be read/);
  expect(await run('facilities', file)).toMatch(/^IMPORT_HEADER_WRONG: the first line must be "source_list,country/);
}, 120_000);
