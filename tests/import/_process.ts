/** Runs `npm run import`'s program as a process of its own on a test database, as it runs beside a hub. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { fromRoot } from '../../lib/paths.ts';
import type { TestDatabase } from '../_kit/postgres.ts';
import { makeFolder } from './_kit.ts';

/** The program runs from dist/, which must be of these sources. */
export function buildProgram(): void {
  const { status, stderr } = spawnSync(process.execPath, [fromRoot('scripts', 'build.mjs')], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

/** A data folder in which a hub with this database says that it runs. The clock stands still, so that equal imports give equal rows. */
export async function makeDataFolder(database: TestDatabase): Promise<Record<string, string>> {
  const folder = await makeFolder();
  const state = { pid: process.pid, gatewayUrl: 'http://127.0.0.1:9', databaseUrl: database.url, startedAt: '2026-11-22T09:00:00.000Z' };
  await writeFile(join(folder, 'hub.json'), JSON.stringify(state));
  return { HUB_DATA: folder, HUB_CLOCK: 'demo:2026-11-22T09:00:00Z:0' };
}

export type Ended = {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
};

export function startImport(variables: Record<string, string>, args: readonly string[]): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [fromRoot('dist', 'cli', 'import.js'), ...args], {
    env: { PATH: process.env['PATH'] ?? '', ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (text: Buffer) => (stdout += text.toString()));
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
  const ended = new Promise<Ended>((resolve) => child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr })));
  return { child, ended };
}

/** Checksum and number of rows of every table of the schemas, and of the events that wait; what the machine's chance made is left out. */
export async function checksums(database: TestDatabase, schemas: readonly string[]): Promise<Record<string, string>> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ place: string; name: string }>(
      `SELECT format('%I.%I', table_schema, table_name) AS place, table_name AS name FROM information_schema.tables
       WHERE table_schema = ANY($1) AND table_name <> '_prisma_migrations' ORDER BY 1`,
      [schemas],
    );
    const sums: Record<string, string> = {};
    for (const { place, name } of tables) {
      const row = name === 'Outbox' ? `(t."topic", t."event" - 'id')::text` : 't::text';
      const { rows } = await client.query<{ sum: string }>(
        `SELECT count(*) || ' rows, ' || coalesce(md5(string_agg(${row}, chr(10) ORDER BY ${row} COLLATE "C")), '') AS sum FROM ${place} t`,
      );
      sums[place] = rows[0]?.sum ?? '';
    }
    return sums;
  } finally {
    await client.end();
  }
}

/** Resolves when the import of the only file in this database is past a row. */
export async function untilRow(database: TestDatabase, schema: string, row: number): Promise<void> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    for (;;) {
      const { rows } = await client.query<{ past: boolean }>(
        `SELECT coalesce(max("nextRow"), 0) > $1 AS past FROM ${schema}."ImportProgress"`,
        [row],
      );
      if (rows[0]?.past === true) return;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  } finally {
    await client.end();
  }
}
