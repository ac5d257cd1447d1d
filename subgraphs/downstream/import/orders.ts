// The format `orders`: order lines of the data set "Online Retail" (UCI 352) become demand. Its history is shifted by whole days onto the
// clock of the hub, so that the last day of the data (or an earlier one that is asked for) is the day before the import began: older lines
// have been served, those of the last weeks still wait. docs/data.md says what is read and what is made up.
import { addDays, daysBetween, toBusinessDay } from '../../../lib/clock/clock.ts';
import { createError } from '../../../lib/errors/errors.ts';
import { toDate } from '../../../subgraph-kit/days.ts';
import { toDerivedId } from '../../../subgraph-kit/import/derived-id.ts';
import { toNumber } from '../../../subgraph-kit/import/derived-number.ts';
import type { ImportChange, ImportFormat, ImportRow } from '../../../subgraph-kit/import/format.ts';
import { isDay } from '../../../subgraph-kit/scalars.ts';
import { execute, sql } from '../../../subgraph-kit/sql.ts';
import type { Tx } from '../data/client.ts';
import { writeDemand, type NewDemand } from '../writes/demand.ts';
import { enterHouse } from './house.ts';
import { enterStyles, type HeldStyle } from './order-styles.ts';
import { columns, FIRST_DAY, LAST_DAY, parseOrderLine, type OrderLine } from './order-line.ts';

const DAY_MS = 86_400_000;
/** Days from an order to the day it is wanted: 7 to 14. */
const [DUE_FROM, DUE_SPREAD] = [7, 8];
/** Days after which a late delivery is of no use. */
const GRACE_DAYS = 7;
/** Margin lost on a piece that is not served, in percent of its price. */
const MARGIN_PERCENT = 40n;

const NAME = 'orders';

/** `historyEnds`: the day of the data that becomes yesterday, YYYY-MM-DD; what the file says of later days is not taken. */
export const createOrdersFormat = (historyEnds = LAST_DAY): ImportFormat<Tx, OrderLine> => ({
  // how far an import came is kept under this name, and with it how it was told to end
  name: historyEnds === LAST_DAY ? NAME : `${NAME} until ${historyEnds}`,
  columns,
  topics: ['mcn.changed', 'creator.changed', 'segment.changed', 'brand.changed', 'style.proposed', 'campaign.changed', 'demand.submitted'],
  parse: (record) => parseOrderLine(record, historyEnds),
  write: async (change, rows) => {
    // two files may name the same new style
    await execute(change.tx, sql`SELECT pg_advisory_xact_lock(hashtext('downstream.import.orders'))`);
    await refuseOtherEnd(change, historyEnds);
    await enterHouse(change, change.now);
    const shift = toShift(change, historyEnds);
    const shifted = rows.map((line) => ({
      ...line,
      row: { ...line.row, orderedAt: new Date(line.row.orderedAt.getTime() + shift.days * DAY_MS) },
    }));
    const styles = await enterStyles(change, shifted);
    const lines = shifted.flatMap((line) => {
      const style = styles.get(line.row.stockCode);
      return style === undefined ? [] : [toDemand(change, shift.today, line, style)];
    });
    await writeDemand(change, lines);
    return lines.length;
  },
});

/** The whole history. */
export const ordersFormat = createOrdersFormat();

/** A day on which the history may be told to end. */
export function checkHistoryEnds(day: string): string {
  if (isDay(day) && day >= FIRST_DAY && day <= LAST_DAY) return day;
  throw createError('BAD_USER_INPUT', `the history ends with a day from ${FIRST_DAY} to ${LAST_DAY}, got ${day}`);
}

// A line has one identity however the history ends: what was entered stays where it is.
async function refuseOtherEnd({ tx, fileHash }: ImportChange<Tx>, historyEnds: string): Promise<void> {
  const begun = await tx.importProgress.findMany({ where: { fileHash, format: { startsWith: NAME }, rowsStored: { gt: 0 } } });
  const other = begun.find(({ format }) => format !== createOrdersFormat(historyEnds).name);
  if (other === undefined) return;
  const ended = other.format === NAME ? LAST_DAY : other.format.slice(-LAST_DAY.length);
  throw createError(
    'IMPORT_FAILED',
    `this file was imported with a history that ends with ${ended}; it cannot end with ${historyEnds} too`,
  );
}

// Yesterday, not today: no order may lie in the future of the hub's clock.
function toShift({ now, settings }: ImportChange<Tx>, historyEnds: string): { readonly today: string; readonly days: number } {
  const today = toBusinessDay(now, settings.timeZone);
  return { today, days: daysBetween(historyEnds, today) - 1 };
}

function toDemand(
  { fileHash, now, settings }: ImportChange<Tx>,
  today: string,
  { rowNumber, row }: ImportRow<OrderLine>,
  style: HeldStyle,
): NewDemand {
  const identity = `${fileHash} ${rowNumber}`;
  const dueDay = addDays(toBusinessDay(row.orderedAt, settings.timeZone), DUE_FROM + toNumber(`${identity} due`, DUE_SPREAD));
  const latestDay = addDays(dueDay, GRACE_DAYS);
  return {
    row: {
      demandLineId: toDerivedId('dln', identity),
      memberId: style.memberId,
      origin: 'IMPORTED',
      campaignId: style.campaignId,
      siteGln: null,
      styleId: style.styleId,
      kind: 'ORDER',
      quantity: row.quantity,
      segmentId: null,
      dueDate: toDate(dueDay),
      latestDate: toDate(latestDay),
      shipToUnlocode: row.shipTo,
      requiredCapabilities: [],
      requiredCertificates: [],
      qualityFloorBps: null,
      unitPriceCapMinor: null,
      unitMarginMinor: (row.unitPriceMinor * MARGIN_PERCENT) / 100n,
      depositPaidMinor: 0n,
      currency: 'GBP',
      status: latestDay < today ? 'FULFILLED' : 'OPEN',
      cancelReason: null,
      submittedAt: row.orderedAt,
      changedAt: now,
    },
    sizes: [{ gtin: style.gtin, quantity: row.quantity }],
  };
}
