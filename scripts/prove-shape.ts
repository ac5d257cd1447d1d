/**
 * npx tsx scripts/prove-shape.ts ORDERS PRODUCTIVITY
 * Measures the two real files (docs/data.md says where they come from) and compares them with the numbers of demo/shape.ts that the
 * generator draws from. Exit code 1 when one is not what the files say.
 */
import { createReadStream } from 'node:fs';
import { parse } from 'csv-parse';
import { HOUR_SHARES, ORDER_SIZE_SPREAD, PRODUCTIVITY_QUANTILES, STYLE_GINI } from '../demo/shape.ts';

type Row = Readonly<Record<string, string>>;

async function readRows(file: string): Promise<Row[]> {
  const rows: Row[] = [];
  // csv-parse gives one record of text for each row when `columns` is set
  for await (const row of createReadStream(file).pipe(parse({ columns: true, bom: true }))) rows.push(row as Row);
  return rows;
}

let broken = 0;
function compare(what: string, ours: number, measured: number, tolerance: number): void {
  const kept = Math.abs(ours - measured) <= tolerance;
  if (!kept) broken += 1;
  console.log(`${kept ? 'ok    ' : 'BROKEN'} ${what}: the generator has ${ours}, the file has ${measured.toFixed(4)}`);
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
function spreadOf(values: readonly number[]): number {
  const mean = meanOf(values);
  return Math.sqrt(meanOf(values.map((value) => (value - mean) ** 2)));
}

/** Gini coefficient of amounts. */
function giniOf(amounts: readonly number[]): number {
  const sorted = amounts.toSorted((a, b) => a - b);
  const weighted = sorted.reduce((sum, amount, i) => sum + (i + 1) * amount, 0);
  const total = sorted.reduce((sum, amount) => sum + amount, 0);
  return (2 * weighted) / (sorted.length * total) - (sorted.length + 1) / sorted.length;
}

function compareOrders(rows: readonly Row[]): void {
  compare('spread of order sizes', ORDER_SIZE_SPREAD, spreadOf(rows.map((row) => Math.log(Number(row['quantity'])))), 0.02);
  for (const [hour, share] of HOUR_SHARES) {
    const count = rows.filter((row) => Number(row['invoice_time']?.slice(11, 13)) === hour).length;
    compare(`orders between ${hour} and ${hour + 1} o'clock`, share, count / rows.length, 0.001);
  }
  const pieces = new Map<string, number>();
  for (const row of rows) {
    const code = row['stock_code'] ?? '';
    pieces.set(code, (pieces.get(code) ?? 0) + Number(row['quantity']));
  }
  compare('Gini coefficient of pieces by style', STYLE_GINI, giniOf([...pieces.values()]), 0.01);
}

function compareProductivity(rows: readonly Row[]): void {
  const sewing = rows
    .filter((row) => row['department']?.trim().startsWith('sew'))
    .map((row) => Number(row['actual_productivity']))
    .toSorted((a, b) => a - b);
  for (const [share, value] of PRODUCTIVITY_QUANTILES) {
    const place = Math.min(sewing.length - 1, Math.floor(sewing.length * share));
    compare(`sewing productivity at ${Math.round(share * 100)} % of the team-days`, value, sewing[place] ?? Number.NaN, 0.01);
  }
  console.log(`       (${sewing.length} team-days, spread ${spreadOf(sewing).toFixed(3)})`);
}

const [orders, productivity] = process.argv.slice(2);
if (orders === undefined || productivity === undefined) {
  console.error('Usage: npx tsx scripts/prove-shape.ts ORDERS PRODUCTIVITY');
  process.exitCode = 1;
} else {
  compareOrders(await readRows(orders));
  compareProductivity(await readRows(productivity));
  console.log(broken === 0 ? 'the generator draws from the shape of the files' : `${broken} numbers differ`);
  process.exitCode = broken === 0 ? 0 : 1;
}
