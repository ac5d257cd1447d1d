// Writes sales and returns: one statement for all rows, one event for each style, campaign, store and day of the batch.
import { createHmac } from 'node:crypto';
import { toBusinessDay } from '../../../lib/clock/clock.ts';
import { createError } from '../../../lib/errors/errors.ts';
import type { SaleRow } from '../data/rows.ts';
import { toEventMoney, type Writer } from './writer.ts';

export async function writeSales({ tx, emit }: Writer, rows: readonly SaleRow[], timeZone: string): Promise<void> {
  await tx.sale.createMany({ data: [...rows] });
  // figures count by the day, so that no event may span two
  const keyOf = ({ memberId, styleId, campaignId, siteGln, soldAt }: SaleRow): string =>
    JSON.stringify([memberId, styleId, campaignId, siteGln, toBusinessDay(soldAt, timeZone)]);
  for (const group of groupBy(rows, keyOf)) emit('sales.recorded', toSalesEvent(group));
}

/** Hash of a member's mark of a buyer, under the secret of the hub: equal marks of one member stay equal, and nothing leads back. */
export function hashBuyer(pseudonymKey: string | undefined, memberId: string, pseudonym: string): string {
  if (pseudonymKey === undefined)
    throw createError('CONFIG_MISSING_VALUE', 'buyers cannot be marked: downstream was started without `pseudonymKey` in its settings');
  return createHmac('sha256', pseudonymKey).update(`${memberId}\n${pseudonym}`).digest('base64url');
}

function groupBy<T>(rows: readonly T[], keyOf: (row: T) => string): [T, ...T[]][] {
  const groups = new Map<string, [T, ...T[]]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group === undefined) groups.set(keyOf(row), [row]);
    else group.push(row);
  }
  return [...groups.values()];
}

const piecesOf = (rows: readonly SaleRow[], kind: SaleRow['kind']): number =>
  rows.reduce((sum, row) => (row.kind === kind ? sum + row.quantity : sum), 0);

// The rows of one style have its currency.
function toSalesEvent(group: readonly [SaleRow, ...SaleRow[]]): Record<string, unknown> {
  const [{ memberId, styleId, campaignId, siteGln, currency }] = group;
  const gmvMinor = group.reduce((sum, row) => (row.kind === 'SALE' ? sum + BigInt(row.quantity) * row.unitPriceMinor : sum), 0n);
  return {
    memberId,
    styleId,
    campaignId,
    siteGln,
    piecesSold: piecesOf(group, 'SALE'),
    piecesReturned: piecesOf(group, 'RETURN'),
    gmv: toEventMoney(gmvMinor, currency),
    at: new Date(group.reduce((latest, row) => Math.max(latest, row.soldAt.getTime()), 0)),
    lines: groupBy(group, (row) => row.gtin).map((rows) => ({
      gtin: rows[0].gtin,
      siteGln,
      piecesSold: piecesOf(rows, 'SALE'),
      piecesReturned: piecesOf(rows, 'RETURN'),
    })),
  };
}
