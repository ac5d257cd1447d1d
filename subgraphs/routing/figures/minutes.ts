// Demand and supply in standard minutes: what meets, what is not served and what is not used, before and after routing.
import type { Principal } from '../../../subgraph-kit/principal.ts';
import { query, sql, type Sql, type SqlRunner } from '../../../subgraph-kit/sql.ts';
import { askedLines, bps, givenPieces, keyOf, scopeOf, weekOf, wholeMinutes, type Scope, type Styles, type Window } from './scope.ts';

export type Phase = 'BEFORE' | 'AFTER';
export type MinutesFigures = {
  readonly fillRateBps: number | null;
  readonly overlapBps: number | null;
  readonly unmetMinutes: bigint;
  readonly idleMinutes: bigint;
};
type Row = MinutesFigures & { readonly key: string };

export type Question = { readonly viewer: Principal; readonly window: Window; readonly phase: Phase; readonly styles: Styles };

/** Figures by style, or of all styles under ''. A key without rows is left out. One statement. */
export async function readMinutes(db: SqlRunner, { viewer, window, phase, styles }: Question): Promise<Map<string, MinutesFigures>> {
  const scope = scopeOf(viewer);
  const cells = phase === 'BEFORE' ? cellsBefore(scope, window) : cellsAfter(scope, window);
  const rows = await query<Row>(
    db,
    sql`WITH ${cells}, ${shares},
          fill AS (SELECT ${keyOf(styles, sql`style`)} AS key, ${bps(sql`sum(served)`, sql`sum(pieces)`)} AS bps FROM served GROUP BY 1),
          meet AS (
            SELECT ${keyOf(styles, sql`style`)} AS key, ${bps(sql`sum(least(demand, supply))`, sql`greatest(sum(demand), sum(supply))`)} AS bps,
              sum(greatest(demand - supply, 0)) AS unmet
            FROM ${phase === 'BEFORE' ? sql`share` : sql`cell`} GROUP BY 1),
          idle AS (
            SELECT ${keyOf(styles, sql`style`)} AS key, sum(${phase === 'BEFORE' ? sql`greatest(supply - demand, 0)` : sql`idle`}) AS minutes
            FROM share GROUP BY 1)
        SELECT key, fill.bps AS "fillRateBps", meet.bps AS "overlapBps", ${wholeMinutes(sql`meet.unmet`)} AS "unmetMinutes",
          ${wholeMinutes(sql`idle.minutes`)} AS "idleMinutes"
        FROM fill FULL JOIN meet USING (key) FULL JOIN idle USING (key)
        WHERE ${styles === null ? sql`true` : sql`key = ANY(${styles}::text[])`}`,
  );
  return new Map(rows.map(({ key, ...figures }) => [key, figures]));
}

// Pieces of each style wanted in each week, by their due day; and their minutes at each stage. A stage without minutes is none.
const needed = sql`
  want AS (SELECT style, ${weekOf(sql`due`)} AS week, sum(pieces) AS pieces FROM line GROUP BY 1, 2),
  need AS (
    SELECT n.style, w."stage", n.week, n.pieces * w."smv" AS demand
    FROM want n JOIN "WorkFact" w ON w."styleId" = n.style WHERE n.pieces * w."smv" > 0),
  total AS (SELECT "stage", week, sum(demand) AS demand FROM need GROUP BY 1, 2)`;

// Minutes offered at each stage in each week, and those of them that nothing has taken.
const offered = (scope: Scope, { from, to }: Window): Sql => sql`
  offer AS (
    SELECT c."stage", ${weekOf(sql`c."day"`)} AS week, sum(c."actualMinutes"::bigint * c."efficiencyBps") / 10000 AS supply,
      sum(greatest(0, c."actualMinutes"::bigint - c."committedMinutes" - c."heldMinutes") * c."efficiencyBps") / 10000 AS idle
    FROM "CapacityFact" c LEFT JOIN "MakerCopy" m ON m."gln" = c."gln"
    WHERE c."day" BETWEEN ${from}::date AND ${to}::date AND ${scope.makers} GROUP BY 1, 2)`;

// Offered minutes belong to no style: where several want them, each has a share as large as its part of what is wanted. Those that nobody
// wants stand under no style.
const shares = sql`
  share AS (
    SELECT n.style, n.demand, coalesce(o.supply, 0) * n.demand / t.demand AS supply, coalesce(o.idle, 0) * n.demand / t.demand AS idle
    FROM need n JOIN total t USING ("stage", week) LEFT JOIN offer o USING ("stage", week)
    UNION ALL
    SELECT NULL, 0, o.supply, o.idle FROM offer o LEFT JOIN total t USING ("stage", week) WHERE t.demand IS NULL)`;

// Before routing nobody has been given anything: what could be served of a line is what is on offer for it at its scarcest stage.
const cellsBefore = (scope: Scope, window: Window): Sql => sql`
  ${askedLines(scope, window, { parts: false })}, ${needed}, ${offered(scope, window)},
  cover AS (
    SELECT n.style, n.week, min(least(1, coalesce(o.supply, 0) / t.demand)) AS part
    FROM need n JOIN total t USING ("stage", week) LEFT JOIN offer o USING ("stage", week) GROUP BY 1, 2),
  served AS (SELECT n.style, n.pieces, n.pieces * coalesce(c.part, 0) AS served FROM want n LEFT JOIN cover c USING (style, week))`;

// After routing supply is what was given to makers. What is ready early waits for its due day; what comes late stands in its own week.
const cellsAfter = (scope: Scope, window: Window): Sql => sql`
  ${askedLines(scope, window, { parts: true })}, ${givenPieces(scope)}, ${needed}, ${offered(scope, window)},
  ready AS (SELECT style, greatest(${weekOf(sql`due`)}, ${weekOf(sql`promised`)}) AS week, sum(pieces) AS pieces FROM given GROUP BY 1, 2),
  routed AS (SELECT g.style, w."stage", g.week, g.pieces * w."smv" AS supply FROM ready g JOIN "WorkFact" w ON w."styleId" = g.style),
  cell AS (SELECT style, coalesce(demand, 0) AS demand, coalesce(supply, 0) AS supply FROM need FULL JOIN routed USING (style, "stage", week)),
  served AS (
    SELECT l.style, l.pieces, least(l.pieces, coalesce(sum(g.pieces) FILTER (WHERE g.promised <= l.latest), 0)) AS served
    FROM line l LEFT JOIN given g ON g.id = l.id GROUP BY l.id, l.style, l.pieces)`;
