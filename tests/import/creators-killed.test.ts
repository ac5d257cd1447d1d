/** npm run import -- creators as a process: killed at random places it counts no post twice. */
import { createTestDatabase, type TestDatabase } from '../_kit/postgres.ts';
import { makeFolder, postHeader, postLine, removeFolders, writeLines } from './_kit.ts';
import { buildProgram, checksums, makeDataFolder, startImport, untilRow } from './_process.ts';

const ROWS = 6_000;
const schemas = ['downstream'];

let file: string;
let whole: TestDatabase;

beforeAll(async () => {
  buildProgram();
  const lines = Array.from({ length: ROWS }, (_, n) => postLine(n));
  for (let i = 0; i < ROWS; i += 97) lines.splice(i, 0, `damaged ${i}`);
  file = await writeLines(await makeFolder(), 'posts.csv', [postHeader, ...lines]);
  whole = await createTestDatabase({ migrated: true });
}, 120_000);
afterAll(async () => {
  await whole.drop();
  await removeFolders();
});

it('An import of posts killed at three random places ends in the state of one in one go, and a second one changes nothing', async () => {
  const once = await startImport(await makeDataFolder(whole), ['creators', file]).ended;
  expect(once).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/6,062 rows read, 6,000 stored, 62 bad rows in /) });
  const expected = await checksums(whole, schemas);
  expect(expected['downstream."DemandSignal"']).toMatch(/^6000 rows/);
  const database = await createTestDatabase({ migrated: true });
  const variables = await makeDataFolder(database);
  const places = [0, 1, 2].map((third) => Math.floor(((third + Math.random()) * (ROWS - 600)) / 3));
  try {
    for (const place of places) {
      const { child, ended } = startImport(variables, ['creators', file]);
      await untilRow(database, 'downstream', place);
      child.kill('SIGKILL');
      expect((await ended).signal).toBe('SIGKILL');
    }
    expect((await checksums(database, schemas))['downstream."TrafficReading"']).not.toBe(expected['downstream."TrafficReading"']);
    const last = await startImport(variables, ['creators', file]).ended;
    expect(last.stdout).toMatch(
      /6,062 rows read, 6,000 stored \([\d,]+ now, the others by an earlier import of the same file\), 62 bad rows/,
    );
    expect({ places, sums: await checksums(database, schemas) }).toEqual({ places, sums: expected });
    const again = await startImport(variables, ['creators', file]).ended;
    expect(again.stdout).toContain('6,000 stored (0 now');
    expect(await checksums(database, schemas)).toEqual(expected);
  } finally {
    await database.drop();
  }
}, 240_000);
