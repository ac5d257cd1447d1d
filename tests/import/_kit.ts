/** Small made order files, good and damaged, and folders for them. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { columns as postColumns } from '../../subgraphs/downstream/import/live-post.ts';
import { columns } from '../../subgraphs/downstream/import/order-line.ts';

export const header = columns.join(',');

const folders: string[] = [];

export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'import test '));
  folders.push(folder);
  return folder;
}

/** Removes every folder that was made here. */
export const removeFolders = async (): Promise<void> =>
  void (await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true }))));

export async function writeLines(folder: string, name: string, lines: readonly (string | Buffer)[]): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, Buffer.concat(lines.map((line) => Buffer.concat([Buffer.from(line), Buffer.from('\n')]))));
  return file;
}

const goods = ['JUMBO BAG RED', 'TEA TOWEL BLUE', 'APRON DOLLY', 'CUSHION COVER', '"PURSE, WITH ""ROSE"""', 'WASHBAG'];
const places = ['France', 'United Kingdom', 'EIRE', 'Germany', 'Channel Islands', 'Unspecified'];

/** A good line; different numbers give different lines over the last hundred days of the data. */
export function orderLine(n: number): string {
  const day = new Date(Date.UTC(2011, 11, 9 - (n % 100))).toISOString().slice(0, 10);
  const time = `${day} ${String(8 + (n % 9)).padStart(2, '0')}:${String(n % 60).padStart(2, '0')}:00`;
  return [
    536_000 + n,
    `${20_000 + (n % 37)}A`,
    goods[n % goods.length],
    1 + (n % 40),
    time,
    `${1 + (n % 7)}.${10 + (n % 90)}`,
    12_000 + n,
    places[n % places.length],
  ].join(',');
}

export const orderLines = (count: number): string[] => Array.from({ length: count }, (_, n) => orderLine(n));

export const postHeader = postColumns.join(',');

/** A good post of one of seven pages; different numbers give different posts over the last days of the data. */
export function postLine(n: number): string {
  const published = new Date(Date.UTC(2018, 5, 13 - (n % 40), n % 24, n % 60)).toISOString().slice(0, 16);
  const kinds = [n % 90, n % 9, n % 5, n % 4, n % 3, n % 2];
  // now and then the platform counts more than the kinds that the file has
  const reactions = kinds.reduce((a, b) => a + b, 0) + (n % 11 === 0 ? 2 : 0);
  const type = ['photo', 'video', 'status', 'link'][n % 4];
  return [`${6_000_000_000 + (n % 7)}_${9_000_000_000 + n}`, type, published, reactions, n % 50, n % 7, ...kinds].join(',');
}
