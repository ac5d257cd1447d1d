// How far forecasts were from what was asked, in cells of style and week of the due day; and the bullwhip: how much more orders to makers
// swing than the orders of consumers.
import { addDays } from '../../../lib/clock/clock.ts';
import { toDay } from '../../../subgraph-kit/days.ts';
import type { Principal } from '../../../subgraph-kit/principal.ts';
import { query, sql, type Sql, type SqlRunner } from '../../../subgraph-kit/sql.ts';
import type { Phase } from './minutes.ts';
import { bps, dayOf, isAsked, isDueIn, isLive, isOf, keyOf, scopeOf, weekOf, type Styles, type Window } from './scope.ts';

export type ForecastFigures = { readonly wapeBps: number | null; readonly biasBps: number | null };

type Question = { readonly viewer: Principal; readonly window: Window; readonly styles: Styles };

/** Errors of forecasts by style, or of all styles under ''. One statement. */
export async function readForecast(db: SqlRunner, { viewer, window, styles }: Question): Promise<Map<string, ForecastFigures>> {
  const scope = scopeOf(viewer);
  const rows = await query<ForecastFigures & { key: string }>(
    db,
    sql`SELECT ${keyOf(styles, sql`style`)} AS key, ${bps(sql`sum(abs(forecast - asked))`, sql`sum(asked)`)} AS "wapeBps",
          ${bps(sql`sum(forecast - asked)`, sql`sum(asked)`)} AS "biasBps"
        FROM (
          SELECT d."styleId" AS style, ${weekOf(sql`d."dueDate"`)} AS week,
            coalesce(sum(d."quantity"::bigint) FILTER (WHERE d."kind" = 'FORECAST'), 0) AS forecast,
            coalesce(sum(d."quantity"::bigint) FILTER (WHERE ${isAsked}), 0) AS asked
          FROM "DemandCopy" d
          WHERE d."status" <> 'CANCELLED' AND ${scope.lines} AND ${isDueIn(window)} AND ${isOf(styles, sql`d."styleId"`)}
          GROUP BY 1, 2) cell
        GROUP BY 1`,
  );
  return new Map(rows.map(({ key, ...figures }) => [key, figures]));
}

/** Whole weeks of the window that have ended, by their Mondays. */
export function weeksOf({ from, to }: Window, today: string): string[] {
  const weekday = (new Date(`${from}T00:00:00Z`).getUTCDay() + 6) % 7;
  const yesterday = addDays(today, -1);
  const end = to < yesterday ? to : yesterday;
  const weeks: string[] = [];
  for (let monday = addDays(from, (7 - weekday) % 7); addDays(monday, 6) <= end; monday = addDays(monday, 7)) weeks.push(monday);
  return weeks;
}

/**
 * [Var(O)/E(O)] / [Var(D)/E(D)] over the same weeks; variances of the whole, not of a sample. Null where it has no meaning: without
 * orders, without demand, or when demand does not vary.
 */
export function bullwhipOf(orders: readonly number[], demand: readonly number[]): number | null {
  const ordered = dispersion(orders);
  const wanted = dispersion(demand);
  return ordered === null || wanted === null || wanted === 0 ? null : ordered / wanted;
}

function dispersion(values: readonly number[]): number | null {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (!(mean > 0)) return null;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length / mean;
}

type WeekRow = { key: string; week: Date; lines: bigint; given: bigint; sold: bigint };
type BullwhipQuestion = Question & { readonly phase: Phase; readonly today: string; readonly timeZone: string };

/** Bullwhip by style, or of all styles under ''. One statement. */
export async function readBullwhip(db: SqlRunner, question: BullwhipQuestion): Promise<Map<string, number | null>> {
  const weeks = weeksOf(question.window, question.today);
  const byKey = new Map<string, WeekRow[]>();
  for (const row of await readWeeks(db, question, weeks)) byKey.set(row.key, [...(byKey.get(row.key) ?? []), row]);
  return new Map([...byKey].map(([key, rows]) => [key, swing(rows, weeks, question.phase)]));
}

// Consumers' orders are sales; where none were reported they are the lines themselves, which leaves nothing to compare before routing.
function swing(rows: readonly WeekRow[], weeks: readonly string[], phase: Phase): number | null {
  const byWeek = new Map(rows.map((row) => [toDay(row.week), row]));
  const series = (field: 'lines' | 'given' | 'sold'): number[] => weeks.map((week) => Number(byWeek.get(week)?.[field] ?? 0));
  const sold = series('sold');
  const hasSales = sold.some((pieces) => pieces > 0);
  if (phase === 'BEFORE') return hasSales ? bullwhipOf(series('lines'), sold) : null;
  return bullwhipOf(series('given'), hasSales ? sold : series('lines'));
}

function readWeeks(db: SqlRunner, { viewer, styles, timeZone }: BullwhipQuestion, weeks: readonly string[]): Promise<WeekRow[]> {
  const scope = scopeOf(viewer);
  const [first] = weeks;
  const last = weeks.at(-1);
  if (first === undefined || last === undefined) return Promise.resolve([]);
  const isIn = (day: Sql): Sql => sql`${day} BETWEEN ${first}::date AND ${addDays(last, 6)}::date`;
  return query<WeekRow>(
    db,
    sql`SELECT ${keyOf(styles, sql`style`)} AS key, ${weekOf(sql`day`)} AS week, sum(lines)::bigint AS lines, sum(given)::bigint AS given, sum(sold)::bigint AS sold
        FROM (
          SELECT d."styleId" AS style, ${dayOf(sql`d."submittedAt"`, timeZone)} AS day, d."quantity"::bigint AS lines, 0 AS given, 0 AS sold
          FROM "DemandCopy" d WHERE ${isAsked} AND ${scope.lines}
          UNION ALL
          SELECT a."styleId", ${dayOf(sql`a."proposedAt"`, timeZone)}, 0, a."quantity", 0
          FROM "Allocation" a WHERE ${isLive} AND ${scope.allocations}
          UNION ALL
          SELECT s."styleId", s."day", 0, 0, s."piecesSold" FROM "SaleFact" s WHERE ${scope.sales}) piece
        WHERE ${isIn(sql`day`)} AND ${isOf(styles, sql`style`)} GROUP BY 1, 2`,
  );
}
