// Facts that figures are made of: minutes offered and taken, work on a piece, lots and their stages, receipts, sales. What events report
// as "now" is added up; each event is applied once.
import { toBusinessDay } from '../../../lib/clock/clock.ts';
import { INT_MOST } from '../../../subgraph-kit/checks.ts';
import type { Consume, ReceivedEvent } from '../../../subgraph-kit/consumer.ts';
import { execute, sql, type Sql } from '../../../subgraph-kit/sql.ts';
import type { Tx } from '../data/client.ts';
import { newest } from '../../../subgraph-kit/newest.ts';
import { textsOf } from './columns.ts';

// What does not fit into a column is cut to what does: no report of a member stops the counting for all.
const within = (count: Sql): Sql => sql`least(${INT_MOST}::bigint, ${count})::int`;

/** Keeps the minutes that a maker offers; what was taken of them comes by a topic of its own. */
export const keepCapacity: Consume<Tx> = async ({ tx }, all) => {
  const events = newest(all, 'bucketId');
  await execute(
    tx,
    sql`INSERT INTO "CapacityFact" AS t ("bucketId", "gln", "stage", "day", "actualMinutes", "efficiencyBps", "publishedAt",
          "committedMinutes", "heldMinutes", "bookedAt")
        SELECT w.id, w.gln, w.stage, w.day::date, w.minutes, w.efficiency, w.changed::timestamptz, 0, 0, 'epoch'::timestamptz
        FROM unnest(${textsOf(events, 'bucketId')}::text[], ${textsOf(events, 'gln')}::text[], ${textsOf(events, 'stage')}::text[], ${textsOf(events, 'day')}::text[],
          ${events.map((e) => e.number('actualMinutes'))}::int[], ${events.map((e) => e.number('efficiencyBps'))}::int[], ${textsOf(events, 'changedAt')}::text[])
          AS w(id, gln, stage, day, minutes, efficiency, changed)
        ON CONFLICT ("bucketId") DO UPDATE SET "actualMinutes" = EXCLUDED."actualMinutes", "efficiencyBps" = EXCLUDED."efficiencyBps",
          "publishedAt" = EXCLUDED."publishedAt"
        WHERE EXCLUDED."publishedAt" > t."publishedAt"`,
  );
};

/** Keeps the minutes of a bucket that are committed and held; a bucket that nobody published yet offers none. */
export const keepBooking: Consume<Tx> = async ({ tx }, all) => {
  const events = newest(all, 'bucketId');
  await execute(
    tx,
    sql`INSERT INTO "CapacityFact" AS t ("bucketId", "gln", "stage", "day", "actualMinutes", "efficiencyBps", "publishedAt",
          "committedMinutes", "heldMinutes", "bookedAt")
        SELECT w.id, w.gln, w.stage, w.day::date, 0, 0, 'epoch'::timestamptz, w.committed, w.held, w.changed::timestamptz
        FROM unnest(${textsOf(events, 'bucketId')}::text[], ${textsOf(events, 'gln')}::text[], ${textsOf(events, 'stage')}::text[], ${textsOf(events, 'day')}::text[],
          ${events.map((e) => e.number('committedMinutes'))}::int[], ${events.map((e) => e.number('heldMinutes'))}::int[], ${textsOf(events, 'changedAt')}::text[])
          AS w(id, gln, stage, day, committed, held, changed)
        ON CONFLICT ("bucketId") DO UPDATE SET "committedMinutes" = EXCLUDED."committedMinutes", "heldMinutes" = EXCLUDED."heldMinutes",
          "bookedAt" = EXCLUDED."bookedAt"
        WHERE EXCLUDED."bookedAt" > t."bookedAt"`,
  );
};

/** Keeps the standard minutes of a style by stage; the last event replaces what was before. One that names no operations changes nothing. */
export const keepWork: Consume<Tx> = async ({ tx }, events) => {
  const last = new Map<string, Map<string, number>>();
  for (const event of events) {
    if ((event.envelope.payload['operations'] ?? null) === null) continue;
    const byStage = new Map<string, number>();
    for (const { stage, smv } of event.list('operations')) byStage.set(String(stage), (byStage.get(String(stage)) ?? 0) + Number(smv));
    last.set(event.text('styleId'), byStage);
  }
  if (last.size === 0) return;
  const rows = [...last].flatMap(([styleId, byStage]) => [...byStage].map(([stage, smv]) => ({ styleId, stage, smv: smv.toFixed(4) })));
  await execute(tx, sql`DELETE FROM "WorkFact" WHERE "styleId" = ANY(${[...last.keys()]}::text[])`);
  await execute(
    tx,
    sql`INSERT INTO "WorkFact" ("styleId", "stage", "smv") SELECT w.style, w.stage, w.smv::numeric
        FROM unnest(${rows.map((row) => row.styleId)}::text[], ${rows.map((row) => row.stage)}::text[], ${rows.map((row) => row.smv)}::text[]) AS w(style, stage, smv)`,
  );
};

type LotEvent = { readonly plannedQty: number | null; readonly goodQty: number | null; readonly scrapQty: number | null };

// A lot by any of its three topics: state and good pieces of the newest event, the rest from the topic that says it.
async function keepLots(tx: Tx, all: readonly ReceivedEvent[], read: (event: ReceivedEvent) => LotEvent, isFirst: boolean): Promise<void> {
  const events = newest(all, 'lotId');
  const parts = events.map(read);
  await execute(
    tx,
    sql`INSERT INTO "LotFact" AS t ("lotId", "allocationId", "gln", "memberId", "demandMemberId", "styleId", "status", "plannedQty", "goodQty",
          "scrapQty", "createdAt", "changedAt")
        SELECT w.id, w.allocation, w.gln, w.owner, w.demand, w.style, w.status, coalesce(w.planned, 0), coalesce(w.good, 0), coalesce(w.scrap, 0),
          CASE WHEN ${isFirst} THEN w.changed::timestamptz END, w.changed::timestamptz
        FROM unnest(${textsOf(events, 'lotId')}::text[], ${textsOf(events, 'allocationId')}::text[], ${textsOf(events, 'gln')}::text[],
          ${textsOf(events, 'memberId')}::text[], ${textsOf(events, 'demandMemberId')}::text[], ${textsOf(events, 'styleId')}::text[],
          ${textsOf(events, 'status')}::text[], ${parts.map((part) => part.plannedQty)}::int[], ${parts.map((part) => part.goodQty)}::int[],
          ${parts.map((part) => part.scrapQty)}::int[], ${textsOf(events, 'changedAt')}::text[])
          AS w(id, allocation, gln, owner, demand, style, status, planned, good, scrap, changed)
        ON CONFLICT ("lotId") DO UPDATE SET "createdAt" = coalesce(t."createdAt", EXCLUDED."createdAt"),
          "plannedQty" = greatest(t."plannedQty", EXCLUDED."plannedQty"), "scrapQty" = greatest(t."scrapQty", EXCLUDED."scrapQty"),
          "status" = CASE WHEN EXCLUDED."changedAt" > t."changedAt" THEN EXCLUDED."status" ELSE t."status" END,
          "goodQty" = CASE WHEN EXCLUDED."changedAt" > t."changedAt" THEN EXCLUDED."goodQty" ELSE t."goodQty" END,
          "changedAt" = greatest(t."changedAt", EXCLUDED."changedAt")`,
  );
}

export const keepLotCreated: Consume<Tx> = ({ tx }, events) =>
  keepLots(tx, events, (event) => ({ plannedQty: event.number('plannedQty'), goodQty: null, scrapQty: null }), true);

export const keepLotClosed: Consume<Tx> = ({ tx }, events) =>
  keepLots(tx, events, (event) => ({ plannedQty: null, goodQty: event.number('goodQty'), scrapQty: event.number('scrapQty') }), false);

/** Keeps where a lot stands, and for the stage that was reported its pieces and its first and last hour. */
export const keepLotProgress: Consume<Tx> = async ({ tx }, events) => {
  await keepLots(tx, events, (event) => ({ plannedQty: null, goodQty: event.number('goodQty'), scrapQty: null }), false);
  const reports = events
    .filter((event) => event.optionalText('stage') !== null)
    .toSorted((a, b) => (a.text('lotId') < b.text('lotId') ? -1 : 1));
  const pieces = (field: string): number[] => reports.map((event) => Number(event.envelope.payload[field] ?? 0));
  await execute(
    tx,
    sql`INSERT INTO "LotStageFact" AS t ("lotId", "stage", "qtyOut", "scrap", "startedAt", "completedAt")
        SELECT w.id, w.stage, ${within(sql`sum(w.out)`)}, ${within(sql`sum(w.scrap)`)}, min(w.started::timestamptz), max(w.completed::timestamptz)
        FROM unnest(${textsOf(reports, 'lotId')}::text[], ${textsOf(reports, 'stage')}::text[], ${pieces('qtyOut')}::bigint[], ${pieces('scrap')}::bigint[],
          ${textsOf(reports, 'startedAt')}::text[], ${textsOf(reports, 'completedAt')}::text[]) AS w(id, stage, out, scrap, started, completed)
        GROUP BY w.id, w.stage ORDER BY w.id, w.stage
        ON CONFLICT ("lotId", "stage") DO UPDATE SET "qtyOut" = ${within(sql`t."qtyOut"::bigint + EXCLUDED."qtyOut"`)},
          "scrap" = ${within(sql`t."scrap"::bigint + EXCLUDED."scrap"`)}, "startedAt" = least(t."startedAt", EXCLUDED."startedAt"),
          "completedAt" = greatest(t."completedAt", EXCLUDED."completedAt")`,
  );
};

/** Keeps the receipt of a shipment; there is one for each. */
export const keepReceipt: Consume<Tx> = async ({ tx }, all) => {
  const events = newest(all, 'gsin');
  const flags = (field: string): boolean[] => events.map((event) => event.envelope.payload[field] === true);
  await execute(
    tx,
    sql`INSERT INTO "ReceiptFact" ("gsin", "allocationId", "distributorGln", "memberId", "demandMemberId", "good", "damaged", "onTime",
          "documentsMatch", "receivedAt")
        SELECT w.id, w.allocation, w.distributor, w.owner, w.demand, w.good, w.damaged, w.on_time, w.papers, w.at::timestamptz
        FROM unnest(${textsOf(events, 'gsin')}::text[], ${textsOf(events, 'allocationId')}::text[], ${textsOf(events, 'distributorGln')}::text[],
          ${textsOf(events, 'memberId')}::text[], ${textsOf(events, 'demandMemberId')}::text[], ${events.map((e) => e.number('good'))}::int[],
          ${events.map((e) => e.number('damaged'))}::int[], ${flags('onTime')}::boolean[], ${flags('documentsMatch')}::boolean[], ${textsOf(events, 'at')}::text[])
          AS w(id, allocation, distributor, owner, demand, good, damaged, on_time, papers, at)
        ON CONFLICT ("gsin") DO NOTHING`,
  );
};

/** Adds up sales by style, campaign ('' without one), member ('' when not said), business day and currency. */
export const keepSales: Consume<Tx> = async ({ tx, settings }, events) => {
  const sales = events.map((event) => {
    // money travels as whole minor units and a currency
    const gmv = event.envelope.payload['gmv'] as { amountMinor: number; currency: string };
    return { event, gmv, day: toBusinessDay(event.at('at'), settings.timeZone) };
  });
  const counts = (field: string): number[] => events.map((event) => event.number(field));
  await execute(
    tx,
    sql`INSERT INTO "SaleFact" AS t ("styleId", "campaignId", "memberId", "day", "currency", "piecesSold", "piecesReturned", "gmvMinor")
        SELECT w.style, coalesce(w.campaign, ''), coalesce(w.owner, ''), w.day::date, w.currency, ${within(sql`sum(w.sold)`)}, ${within(sql`sum(w.returned)`)},
          sum(w.gmv)::bigint
        FROM unnest(${textsOf(events, 'styleId')}::text[], ${textsOf(events, 'campaignId')}::text[], ${textsOf(events, 'memberId')}::text[],
          ${sales.map(({ day }) => day)}::text[], ${sales.map(({ gmv }) => gmv.currency)}::text[], ${counts('piecesSold')}::bigint[],
          ${counts('piecesReturned')}::bigint[], ${sales.map(({ gmv }) => gmv.amountMinor)}::bigint[]) AS w(style, campaign, owner, day, currency, sold, returned, gmv)
        GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
        ON CONFLICT ("styleId", "campaignId", "memberId", "day", "currency") DO UPDATE SET
          "piecesSold" = ${within(sql`t."piecesSold"::bigint + EXCLUDED."piecesSold"`)},
          "piecesReturned" = ${within(sql`t."piecesReturned"::bigint + EXCLUDED."piecesReturned"`)},
          "gmvMinor" = t."gmvMinor" + EXCLUDED."gmvMinor"`,
  );
};
