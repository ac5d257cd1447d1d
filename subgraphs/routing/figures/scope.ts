// What a viewer's figures are made of: the hub counts all rows, a member its own, a visitor those of the demonstration. Conditions on the
// aliases named; docs/figures.md says the same in words.
import { isHub, isVisitor, type Principal } from '../../../subgraph-kit/principal.ts';
import { sql, type Sql } from '../../../subgraph-kit/sql.ts';
import { LIVE } from '../state-machines.ts';

/** Days, both included. */
export type Window = { readonly from: string; readonly to: string };

export type Scope = {
  /** Demand lines (`d`) of the viewer. */
  readonly lines: Sql;
  /** Allocations (`a`) that it asked for, makes or delivers. */
  readonly allocations: Sql;
  /** Allocations (`a`) of demand of others (`d`) that it makes or delivers. */
  readonly parts: Sql;
  /** Makers (`m`) of the viewer. */
  readonly makers: Sql;
  /** Sales (`s`) of the viewer. They do not say where they come from, so a visitor counts none. */
  readonly sales: Sql;
  /** Settlements (`t`) that it owns. */
  readonly settlements: Sql;
};

const nothing = sql`false`;
const isDemonstration = (origin: Sql): Sql => sql`coalesce(${origin}, 'REPORTED') <> 'REPORTED'`;

export function scopeOf(viewer: Principal): Scope {
  if (isHub(viewer))
    return { lines: sql`true`, allocations: sql`true`, parts: nothing, makers: sql`true`, sales: sql`true`, settlements: sql`true` };
  if (isVisitor(viewer))
    return {
      lines: isDemonstration(sql`d."origin"`),
      allocations: isDemonstration(sql`a."origin"`),
      parts: nothing,
      makers: isDemonstration(sql`m."origin"`),
      sales: nothing,
      settlements: isDemonstration(sql`t."origin"`),
    };
  const me = viewer.memberId;
  return {
    lines: sql`d."memberId" = ${me}`,
    allocations: sql`(a."demandMemberId" = ${me} OR a."memberId" = ${me} OR a."distributorMemberId" = ${me})`,
    parts: sql`(d."memberId" <> ${me} AND (a."memberId" = ${me} OR a."distributorMemberId" = ${me}))`,
    makers: sql`m."memberId" = ${me}`,
    sales: sql`s."memberId" = ${me}`,
    settlements: sql`t."memberId" = ${me}`,
  };
}

/** An allocation (`a`) that serves its line. */
export const isLive = sql`a."status" = ANY(${LIVE}::text[])`;
/** A line (`d`) that somebody wants, not only expects. */
export const isAsked = sql`d."kind" IS DISTINCT FROM 'FORECAST' AND d."status" <> 'CANCELLED'`;

/** What a figure is grouped by: the style, or nothing at all. */
export type Styles = readonly string[] | null;
export const keyOf = (styles: Styles, style: Sql): Sql => (styles === null ? sql`''::text` : style);
export const isOf = (styles: Styles, style: Sql): Sql => (styles === null ? sql`true` : sql`${style} = ANY(${styles}::text[])`);

/** First day of the ISO week of a day. */
export const weekOf = (day: Sql): Sql => sql`date_trunc('week', ${day}::timestamp)::date`;
/** Calendar day of an instant in the zone of the hub. */
export const dayOf = (instant: Sql, timeZone: string): Sql => sql`(${instant} AT TIME ZONE ${timeZone})::date`;

const INT_MOST = 2_147_483_647;

/** Basis points, rounded half away from zero and cut to what an Int holds; null when the whole is nothing. */
export const bps = (part: Sql, whole: Sql): Sql =>
  sql`CASE WHEN ${whole} > 0 THEN greatest(${-INT_MOST}::numeric, least(${INT_MOST}::numeric, round(10000 * (${part})::numeric / ${whole})))::int END`;
/** Whole minutes, cut to what a Long holds. */
export const wholeMinutes = (minutes: Sql): Sql => sql`least(9007199254740991, round(coalesce(${minutes}, 0)))::bigint`;

/**
 * What was asked and is wanted in the window, under the name `line`: the viewer's own lines; and with `parts`, of lines of others the
 * pieces that were given to it. Columns: id, style, pieces, due, latest.
 */
export const askedLines = (scope: Scope, window: Window, options: { parts: boolean }): Sql => sql`
  line AS (
    SELECT d."demandLineId" AS id, d."styleId" AS style, d."quantity"::bigint AS pieces, d."dueDate" AS due, d."latestDate" AS latest
    FROM "DemandCopy" d
    WHERE ${isAsked} AND ${scope.lines} AND ${isDueIn(window)}
    ${options.parts ? sql`UNION ALL ${partLines(scope, window)}` : sql``})`;

export const isDueIn = ({ from, to }: Window): Sql => sql`d."dueDate" BETWEEN ${from}::date AND ${to}::date`;

const partLines = (scope: Scope, window: Window): Sql => sql`
    SELECT d."demandLineId", d."styleId", sum(a."quantity")::bigint, d."dueDate", d."latestDate"
    FROM "Allocation" a JOIN "DemandCopy" d ON d."demandLineId" = a."demandLineId"
    WHERE ${isLive} AND ${scope.parts} AND ${isAsked} AND ${isDueIn(window)}
    GROUP BY d."demandLineId"`;

/** What serves `line`, under the name `given`. Columns: id (of the line), style, pieces, promised, due, latest. */
export const givenPieces = (scope: Scope): Sql => sql`
  given AS (
    SELECT l.id, l.style, a."quantity"::bigint AS pieces, a."promisedDate" AS promised, l.due, l.latest
    FROM line l JOIN "Allocation" a ON a."demandLineId" = l.id WHERE ${isLive} AND ${scope.allocations})`;
