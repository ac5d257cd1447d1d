// The format `orders`: order lines of the data set "Online Retail" (UCI 352) become demand. Its history is shifted by whole days onto the
// clock of the hub, so that the last day of the data is the day before the import began: older lines have been served, those of the last
// weeks still wait. docs/data.md says what is read and what is made up.
import { addDays, daysBetween, toBusinessDay } from '../../../lib/clock/clock.ts';
import { toDate } from '../../../subgraph-kit/days.ts';
import { toDerivedId } from '../../../subgraph-kit/import/derived-id.ts';
import { toNumber } from '../../../subgraph-kit/import/derived-number.ts';
import type { ImportChange, ImportFormat, ImportRow } from '../../../subgraph-kit/import/format.ts';
import { execute, sql } from '../../../subgraph-kit/sql.ts';
import type { Tx } from '../data/client.ts';
import { writeDemand, type NewDemand } from '../writes/demand.ts';
import { enterHouse } from './house.ts';
import { enterStyles, type HeldStyle } from './order-styles.ts';
import { columns, LAST_DAY, parseOrderLine, type OrderLine } from './order-line.ts';

const DAY_MS = 86_400_000;
/** Days from an order to the day it is wanted: 7 to 14. */
const [DUE_FROM, DUE_SPREAD] = [7, 8];
/** Days after which a late delivery is of no use. */
const GRACE_DAYS = 7;
/** Margin lost on a piece that is not served, in percent of its price. */
const MARGIN_PERCENT = 40n;

export const ordersFormat: ImportFormat<Tx, OrderLine> = {
  name: 'orders',
  columns,
  topics: ['mcn.changed', 'creator.changed', 'segment.changed', 'brand.changed', 'style.proposed', 'campaign.changed', 'demand.submitted'],
  parse: parseOrderLine,
  write: async (change, rows) => {
    // two files may name the same new style
    await execute(change.tx, sql`SELECT pg_advisory_xact_lock(hashtext('downstream.import.orders'))`);
    await enterHouse(change, change.now);
    const shift = toShift(change);
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
};

// Yesterday, not today: no order may lie in the future of the hub's clock.
function toShift({ now, settings }: ImportChange<Tx>): { readonly today: string; readonly days: number } {
  const today = toBusinessDay(now, settings.timeZone);
  return { today, days: daysBetween(LAST_DAY, today) - 1 };
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
