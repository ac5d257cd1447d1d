/** npm run import -- productivity: every row counted, also those of one team and day; killed, repeated and damaged as for the other formats. */
import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { columns } from '../../subgraphs/upstream/import/team-day-row.ts';
import { createTestDatabase, type TestDatabase } from '../_kit/postgres.ts';
import { makeFolder, removeFolders, writeLines } from './_kit.ts';
import { buildProgram, checksums, makeDataFolder, startImport, untilRow, type Ended } from './_process.ts';

const ROWS = 4_000;
const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

type Made = {
  readonly team: number;
  readonly day: string;
  readonly department: string;
  readonly workers: number;
  readonly overTime: number;
};

/** A team-day; 12 teams, 70 days and 2 departments make 1,680 of them, so that many rows share one. */
function made(n: number): Made {
  const day = new Date(Date.UTC(2015, 0, 1 + (n % 70))).toISOString().slice(0, 10);
  return { team: 1 + (n % 12), day, department: n % 5 < 3 ? 'sewing' : 'finishing', workers: 8 + (n % 100) / 2, overTime: 60 * (n % 50) };
}

function line(n: number): string {
  const { team, day, department, workers, overTime } = made(n);
  const weekday = WEEKDAYS[new Date(day).getUTCDay()];
  const wip = department === 'sewing' ? String(900 + n) : '';
  return [day, 'Quarter1', department, weekday, team, 0.75, 3 + (n % 40), wip, overTime, 0, 0, 0, 0, workers, 0.6 + (n % 50) / 100].join(
    ',',
  );
}

let file: string;
let whole: TestDatabase;
let once: Ended;
let expected: Record<string, string>;

beforeAll(async () => {
  buildProgram();
  const lines = Array.from({ length: ROWS }, (_, n) => line(n));
  for (let i = 0; i < ROWS; i += 101) lines.splice(i, 0, `damaged ${i}`);
  file = await writeLines(await makeFolder(), 'team-days.csv', [columns.join(','), ...lines]);
  whole = await createTestDatabase({ migrated: true });
  once = await startImport(await makeDataFolder(whole), ['productivity', file]).ended;
  expected = await checksums(whole, ['upstream']);
}, 240_000);
afterAll(async () => {
  await whole.drop();
  await removeFolders();
});

async function ask<Row extends object>(text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: whole.url });
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

it('An import in one go stores every row and says so', () => {
  expect(once.stderr).toBe('');
  expect(once.code).toBe(0);
  expect(once.stdout).toMatch(/4,040 rows read, 4,000 stored, 40 bad rows in .*team-days\.csv\.reject\.csv; [\d.]+ s, \d+ MB of memory\n$/);
  expect(Number(/(\d+) MB of memory/.exec(once.stdout)?.[1])).toBeLessThan(300);
  expect(expected['upstream."Maker"']).toMatch(/^12 rows/);
  expect(expected['upstream."Inspection"']).toMatch(/^4000 rows/);
});

it('Minutes of rows of one team, day and department are added up, none is lost', async () => {
  const sums = new Map<string, { actual: number; maximum: number }>();
  for (let n = 0; n < ROWS; n += 1) {
    const { team, day, department, workers, overTime } = made(n);
    const key = `${team} ${department === 'sewing' ? 'SEWING' : 'FINISHING'} ${day}`;
    const sum = sums.get(key) ?? { actual: 0, maximum: 0 };
    sums.set(key, { actual: sum.actual + workers * 600, maximum: sum.maximum + workers * 600 + overTime });
  }
  // the last day of the data is the day before the import, 2026-11-21
  const rows = await ask<{ key: string; actual: number; maximum: number }>(
    `SELECT substring(m.name FROM '^Team (\\d+)') || ' ' || b.stage || ' ' || (b.day - (date '2026-11-21' - date '2015-03-11'))::text AS key,
       b."actualMinutes" AS actual, b."maximumMinutes" AS maximum
     FROM upstream."CapacityBucket" b JOIN upstream."Maker" m USING (gln)`,
  );
  expect(rows.some(({ key }) => key.endsWith('2015-03-11'))).toBe(true);
  expect(new Map(rows.map(({ key, actual, maximum }) => [key, { actual, maximum }]))).toEqual(sums);
  expect(sums.size).toBeLessThan(ROWS);
});

it('Quality is the sum of the inspections', async () => {
  const [sums] = await ask(`SELECT sum(lots)::int AS lots, sum(pieces)::int AS pieces, sum("firstPassPieces")::int AS good,
    sum("rejectedLots")::int AS rejected, sum("onTimeLots")::int AS "onTime" FROM upstream."Quality"`);
  const [rows] = await ask(`SELECT count(*)::int AS lots, sum(pieces)::int AS pieces, sum("firstPassPieces")::int AS good,
    count(*) FILTER (WHERE rejected)::int AS rejected, count(*) FILTER (WHERE "onTime")::int AS "onTime" FROM upstream."Inspection"`);
  expect(sums).toEqual(rows);
  // 0.60 to 0.74 of 50 steps miss the target of 0.75
  expect(rows).toMatchObject({ lots: ROWS, onTime: (ROWS / 50) * 35 });
});

it('An import killed at three random places goes on where it stopped and ends in the same state', async () => {
  const database = await createTestDatabase({ migrated: true });
  const rejects = await readFile(`${file}.reject.csv`, 'utf8');
  const variables = await makeDataFolder(database);
  const places = [0, 1, 2].map((third) => Math.floor(((third + Math.random()) * (ROWS - 600)) / 3));
  try {
    for (const place of places) {
      const { child, ended } = startImport(variables, ['productivity', file]);
      await untilRow(database, 'upstream', place);
      child.kill('SIGKILL');
      expect((await ended).signal).toBe('SIGKILL');
    }
    expect((await checksums(database, ['upstream']))['upstream."Inspection"']).not.toBe(expected['upstream."Inspection"']);
    const last = await startImport(variables, ['productivity', file]).ended;
    expect(last).toMatchObject({ code: 0, stderr: '' });
    expect({ places, sums: await checksums(database, ['upstream']) }).toEqual({ places, sums: expected });
    expect(await readFile(`${file}.reject.csv`, 'utf8')).toBe(rejects);
  } finally {
    await database.drop();
  }
}, 240_000);

it('A second import changes no row and writes no event', async () => {
  const again = await startImport(await makeDataFolder(whole), ['productivity', file]).ended;
  expect(again.stdout).toContain('4,000 stored (0 now, the others by an earlier import of the same file)');
  expect(await checksums(whole, ['upstream'])).toEqual(expected);
}, 120_000);
