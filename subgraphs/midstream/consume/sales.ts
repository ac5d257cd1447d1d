// sales.recorded: what was sold or brought back at a known place moves its stock; every sale counts for the demand of a day.
import { toBusinessDay } from '../../../lib/clock/clock.ts';
import { INT_MOST } from '../../../subgraph-kit/checks.ts';
import type { Consume, ReceivedEvent } from '../../../subgraph-kit/consumer.ts';
import { execute, sql, type Sql } from '../../../subgraph-kit/sql.ts';
import type { Tx } from '../data/client.ts';
import { keepSkus } from '../data/copies.ts';
import { moveStock } from '../data/move-stock.ts';
import { ONLINE } from '../loaders/stock.ts';

/** Pieces of one item at one place on one day; siteGln '' away from any place. */
type Movement = { siteGln: string; gtin: string; day: string; sold: number; returned: number };

export const followSales: Consume<Tx> = async ({ tx, emit, now, settings }, events) => {
  await keepStyles(tx, events);
  const movements = events.flatMap((event) => readMovements(event, settings.timeZone));
  await countDays(
    tx,
    addUp(movements, (m) => JSON.stringify([m.gtin, m.siteGln, m.day])),
  );
  const atPlaces = addUp(
    movements.filter((m) => m.siteGln !== ONLINE),
    (m) => JSON.stringify([m.siteGln, m.gtin]),
  );
  await moveStock(
    { tx, emit },
    atPlaces.map(({ siteGln, gtin, sold, returned }) => ({ siteGln, gtin, taken: sold, brought: returned })),
    now,
  );
};

// What was sold as a style is of that style.
const keepStyles = (tx: Tx, events: readonly ReceivedEvent[]): Promise<void> =>
  keepSkus(
    tx,
    events.flatMap((event) => event.list('lines').map((line) => ({ gtin: String(line['gtin']), styleId: event.text('styleId') }))),
  );

function readMovements(event: ReceivedEvent, timeZone: string): Movement[] {
  const day = toBusinessDay(event.at('at'), timeZone);
  return event.list('lines').map((line) => ({
    siteGln: typeof line['siteGln'] === 'string' ? line['siteGln'] : ONLINE,
    gtin: String(line['gtin']),
    day,
    sold: Number(line['piecesSold']),
    returned: Number(line['piecesReturned']),
  }));
}

// In the order of their keys, so that two writers lock rows in one order.
function addUp(movements: readonly Movement[], keyOf: (m: Movement) => string): Movement[] {
  const sums = new Map<string, Movement>();
  for (const movement of movements) {
    const key = keyOf(movement);
    const sum = sums.get(key);
    if (sum === undefined) sums.set(key, { ...movement });
    else {
      sum.sold += movement.sold;
      sum.returned += movement.returned;
    }
  }
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, sum]) => sum);
}

// What does not fit into the column is cut to what does: no report of a member stops the counting for all.
async function countDays(tx: Tx, days: readonly Movement[]): Promise<void> {
  const within = (pieces: Sql): Sql => sql`least(${INT_MOST}::bigint, greatest(${-INT_MOST}::bigint, ${pieces}))::int`;
  await execute(
    tx,
    sql`INSERT INTO "DailySales" ("gtin", "siteGln", "day", "pieces")
        SELECT w.gtin, w.site, w.day, ${within(sql`w.pieces`)}
        FROM unnest(${days.map((d) => d.gtin)}::text[], ${days.map((d) => d.siteGln)}::text[], ${days.map((d) => d.day)}::date[],
          ${days.map((d) => d.sold - d.returned)}::bigint[]) AS w(gtin, site, day, pieces)
        ON CONFLICT ("gtin", "siteGln", "day") DO UPDATE SET "pieces" = ${within(sql`"DailySales"."pieces"::bigint + EXCLUDED."pieces"`)}`,
  );
}
