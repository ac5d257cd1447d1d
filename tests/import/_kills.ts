/** Kills an import at random places: each time past another row, at a random moment of the batch after it. */
import pg from 'pg';
import type { TestDatabase } from '../_kit/postgres.ts';
import { startImport } from './_process.ts';

export type Kill = {
  /** The import was waited for until it was past this row. */
  readonly place: number;
  /** What it left: rows dealt with, and whether that is neither nothing nor the whole file. */
  readonly rows: number;
  readonly partial: boolean;
  readonly signal: NodeJS.Signals | null;
};

export type Target = { readonly database: TestDatabase; readonly schema: string; readonly format: string; readonly file: string };

/** A batch of a small file is written in less. */
const LATER_MS = 20;
// the last rows may be written before the signal arrives
const SHARE = 0.85;

/** Starts the import and kills it, `times` times, further on in the file each time. */
export async function killImport(
  target: Target,
  variables: Record<string, string>,
  { rows, times }: { rows: number; times: number },
): Promise<Kill[]> {
  const client = new pg.Client({ connectionString: target.database.url });
  await client.connect();
  try {
    const kills: Kill[] = [];
    for (let left = times; left > 0; left -= 1) {
      const before = (await readPlace(client, target)).rows;
      const place = before + Math.floor((Math.random() * Math.max(0, rows * SHARE - before)) / left);
      const { child, ended } = startImport(variables, [target.format, target.file]);
      let running = true;
      void ended.then(() => (running = false));
      while (running && (await readPlace(client, target)).rows <= place) await new Promise((resolve) => setTimeout(resolve, 2));
      await new Promise((resolve) => setTimeout(resolve, Math.random() * LATER_MS));
      child.kill('SIGKILL');
      const { signal } = await ended;
      kills.push({ place, signal, ...(await readPlace(client, target)) });
    }
    return kills;
  } finally {
    await client.end();
  }
}

async function readPlace(client: pg.Client, { schema, format }: Target): Promise<{ rows: number; partial: boolean }> {
  const { rows } = await client.query<{ nextRow: number; finished: boolean }>(
    `SELECT "nextRow", "finishedAt" IS NOT NULL AS finished FROM ${schema}."ImportProgress" WHERE "format" = $1`,
    [format],
  );
  const [progress = { nextRow: 1, finished: false }] = rows;
  return { rows: progress.nextRow - 1, partial: progress.nextRow > 1 && !progress.finished };
}
