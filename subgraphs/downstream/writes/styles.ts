// Writes styles with their trade items, each with its event; many in a constant number of statements.
import type { SkuRow, StyleRow } from '../data/rows.ts';
import { toEventMoney, type Writer } from './writer.ts';

export type NewStyle = { readonly row: StyleRow; readonly skus: readonly SkuRow[] };

export async function writeStyles({ tx, emit }: Writer, styles: readonly NewStyle[]): Promise<void> {
  await tx.style.createMany({ data: styles.map(({ row }) => row) });
  await tx.sku.createMany({ data: styles.flatMap(({ skus }) => skus) });
  for (const { row } of styles) emit('style.proposed', toStyleEvent(row));
}

/** A style as its events carry it. */
export const toStyleEvent = (row: StyleRow) => ({ ...row, retailPrice: toEventMoney(row.retailPriceMinor, row.retailPriceCurrency) });
