// Writes signals, each with its event and with the rate of orders up to it; many in a constant number of statements.
import { insertRows } from '../../../subgraph-kit/insert-rows.ts';
import { execute, query, sql } from '../../../subgraph-kit/sql.ts';
import type { Tx } from '../data/client.ts';
import type { SignalRow } from '../data/rows.ts';
import { nextRate, type Rate } from '../order-rate.ts';
import type { Writer } from './writer.ts';

/** A signal whose rate is not known yet. */
export type NewSignal = Omit<SignalRow, 'ewmaRate'>;

/** Signals of one member. */
export async function writeSignals({ tx, emit }: Writer, signals: readonly NewSignal[]): Promise<SignalRow[]> {
  const rates = await computeRates(tx, signals);
  const rows = signals.map((signal, i) => ({ ...signal, ewmaRate: rates[i] ?? null }));
  await insertRows(tx, 'DemandSignal', rows);
  for (const row of rows) emit('signal.recorded', row);
  return rows;
}

type Counted = NewSignal & { readonly orders: number };
const isCounted = (signal: NewSignal): signal is Counted => signal.orders !== null;

/** Signals of one series follow each other: those of a style, else those of a source that name no style. */
const seriesOf = ({ styleId, sourceId }: NewSignal): string => (styleId === null ? `source ${sourceId ?? ''}` : `style ${styleId}`);

// Null where orders were not counted. A signal that comes late builds on the one before it; those after it stay as they were written.
async function computeRates(tx: Tx, signals: readonly NewSignal[]): Promise<(number | null)[]> {
  const counted = signals.flatMap((signal, place) => (isCounted(signal) ? [{ signal, place }] : []));
  if (counted.length === 0) return [];
  const stored = await readBefore(
    tx,
    counted.map(({ signal }) => signal),
  );
  const last = new Map<string, Rate>();
  const rates: (number | null)[] = signals.map(() => null);
  const inTime = counted
    .map((entry, i) => ({ ...entry, before: stored.get(i) }))
    .toSorted((a, b) => a.signal.at.getTime() - b.signal.at.getTime() || a.place - b.place);
  for (const { signal, place, before } of inTime) {
    const series = seriesOf(signal);
    const newer = [last.get(series), before].filter((rate) => rate !== undefined).toSorted((a, b) => b.at.getTime() - a.at.getTime())[0];
    const perHour = nextRate(signal, newer);
    last.set(series, { at: signal.at, perHour });
    rates[place] = perHour;
  }
  return rates;
}

// The newest rate of the series that was stored for a time not after each signal, by its place in the list.
async function readBefore(tx: Tx, signals: readonly Counted[]): Promise<ReadonlyMap<number, Rate>> {
  // two calls of one member at a time would build on the same rate: one waits for the other
  await execute(tx, sql`SELECT pg_advisory_xact_lock(hashtext(${`downstream.signals ${signals[0]?.memberId ?? ''}`}))`);
  const rows = await query<Rate & { place: number }>(
    tx,
    sql`SELECT w.place::int AS place, b."at", b."ewmaRate" AS "perHour"
        FROM unnest(${signals.map((s) => s.memberId)}::text[], ${signals.map((s) => s.styleId)}::text[],
          ${signals.map((s) => s.sourceId)}::text[], ${signals.map((s) => s.at.toISOString())}::timestamptz[])
          WITH ORDINALITY AS w("memberId", "styleId", "sourceId", "at", place)
        CROSS JOIN LATERAL (
          SELECT t."at", t."ewmaRate" FROM "DemandSignal" t
          WHERE t."memberId" = w."memberId" AND t."ewmaRate" IS NOT NULL AND t."at" <= w."at"
            AND (t."styleId" = w."styleId" OR (w."styleId" IS NULL AND t."styleId" IS NULL AND t."sourceId" = w."sourceId"))
          ORDER BY t."at" DESC, t."signalId" DESC LIMIT 1) b`,
  );
  return new Map(rows.map(({ place, at, perHour }) => [place - 1, { at, perHour }]));
}
