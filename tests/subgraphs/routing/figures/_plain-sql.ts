/**
 * The figures of docs/figures.md once more, as plain SQL over the tables and written another way: no line or cell is shared with the
 * product. `own` names the rows that a viewer counts, as SQL over the bare tables.
 */
import type { Routing } from './_kit.ts';

/** Which rows count, by table; `parts`: allocations of lines of others that are given to the viewer. */
export type Own = { lines: string; allocations: string; parts: string; makers: string; sales: string };
export const ownOf = {
  hub: { lines: 'true', allocations: 'true', parts: 'false', makers: 'true', sales: 'true' },
  visitor: {
    lines: `"origin" IN ('GENERATED', 'IMPORTED')`,
    allocations: `"origin" IN ('GENERATED', 'IMPORTED')`,
    parts: 'false',
    makers: `"gln" IN (SELECT "gln" FROM "MakerCopy" WHERE "origin" IN ('GENERATED', 'IMPORTED'))`,
    sales: 'false',
  },
  member: (id: string): Own => ({
    lines: `"memberId" = '${id}'`,
    allocations: `'${id}' IN ("demandMemberId", "memberId", "distributorMemberId")`,
    parts: `'${id}' IN ("memberId", "distributorMemberId") AND "demandMemberId" <> '${id}'`,
    makers: `"gln" IN (SELECT "gln" FROM "MakerCopy" WHERE "memberId" = '${id}')`,
    sales: `"memberId" = '${id}'`,
  }),
} as const;

const LIVE = `('OFFERED', 'COUNTERED', 'ACCEPTED', 'FROZEN', 'COMPLETED')`;
const WINDOW = `BETWEEN '2026-10-25' AND '2026-12-20'`;
const week = (day: string): string => `to_char(${day}, 'IYYY-IW')`;
const shanghai = (at: string): string => `to_char(${at} + interval '8 hours', 'YYYY-MM-DD')::date`;

// own lines; live allocations; pieces asked in the window (`ask`), after routing with the parts of others
const rows = (own: Own, parts: boolean): string => `
  ln AS (SELECT * FROM "DemandCopy" WHERE ${own.lines} AND "status" NOT IN ('CANCELLED')),
  al AS (SELECT * FROM "Allocation" WHERE ${own.allocations} AND "status" IN ${LIVE}),
  given_of_others AS (SELECT "demandLineId" AS id, sum("quantity") AS pieces FROM "Allocation" WHERE ${own.parts} AND "status" IN ${LIVE} GROUP BY 1),
  ask AS (
    SELECT "demandLineId" AS id, "styleId" AS style, "quantity" AS pieces, "dueDate" AS due, "latestDate" AS latest FROM ln
    WHERE coalesce("kind", '') <> 'FORECAST' AND "dueDate" ${WINDOW}
    ${
      parts
        ? `UNION SELECT id, "styleId", pieces, "dueDate", "latestDate" FROM given_of_others JOIN "DemandCopy" ON "demandLineId" = id
    WHERE "status" <> 'CANCELLED' AND coalesce("kind", '') <> 'FORECAST' AND "dueDate" ${WINDOW}`
        : ''
    }),
  bk AS (
    SELECT "stage", ${week('"day"')} AS wk, "actualMinutes" * "efficiencyBps" / 10000.0 AS std,
      CASE WHEN "actualMinutes" > "committedMinutes" + "heldMinutes" THEN ("actualMinutes" - "committedMinutes" - "heldMinutes") * "efficiencyBps" / 10000.0 ELSE 0 END AS left_over
    FROM "CapacityFact" WHERE ${own.makers} AND "day" ${WINDOW}),
  wants AS (SELECT style, "stage", ${week('due')} AS wk, pieces * "smv" AS minutes, id FROM ask JOIN "WorkFact" ON "styleId" = style),
  total AS (SELECT "stage", wk, sum(minutes) AS minutes FROM wants GROUP BY 1, 2),
  sup AS (SELECT "stage", wk, sum(std) AS std, sum(left_over) AS left_over FROM bk GROUP BY 1, 2)`;

const pick = (style: string | null): string => (style === null ? 'true' : `style = '${style}'`);
const bps = (part: string, whole: string): string => `round((${part}) / nullif(${whole}, 0) * 10000)::int`;
// shares of the offer for the cells of one style; over all styles the cells of the offer themselves
const cells = (style: string | null, of: 'std' | 'left_over'): string =>
  style === null
    ? `SELECT coalesce((SELECT minutes FROM total t WHERE (t."stage", t.wk) = (k."stage", k.wk)), 0) AS d,
         coalesce((SELECT ${of} FROM sup s WHERE (s."stage", s.wk) = (k."stage", k.wk)), 0) AS s
       FROM (SELECT "stage", wk FROM total UNION SELECT "stage", wk FROM sup) k`
    : `SELECT w.minutes AS d, coalesce((SELECT ${of} FROM sup s WHERE (s."stage", s.wk) = (w."stage", w.wk)), 0) * w.minutes / t.minutes AS s
       FROM (SELECT "stage", wk, sum(minutes) AS minutes FROM wants WHERE ${pick(style)} GROUP BY 1, 2) w JOIN total t USING ("stage", wk) WHERE w.minutes > 0`;

const before = (own: Own, style: string | null): string => `
  WITH ${rows(own, false)}, cell AS (${cells(style, 'std')}),
    part AS (
      SELECT pieces, CASE WHEN EXISTS (SELECT FROM wants w WHERE w.id = ask.id AND minutes > 0) THEN (
        SELECT min(least(1, coalesce((SELECT std FROM sup s WHERE (s."stage", s.wk) = (w."stage", w.wk)), 0)
          / (SELECT minutes FROM total t WHERE (t."stage", t.wk) = (w."stage", w.wk)))) FROM wants w WHERE w.id = ask.id AND minutes > 0) ELSE 0 END AS cover
      FROM ask WHERE ${pick(style)})
  SELECT ${bps('(SELECT sum(CASE WHEN d < s THEN d ELSE s END) FROM cell)', '(SELECT greatest(sum(d), sum(s)) FROM cell)')} AS "overlapBps",
    (SELECT coalesce(round(sum(d - s) FILTER (WHERE d > s)), 0) FROM cell)::float8 AS "unmetMinutes",
    (SELECT coalesce(round(sum(s - d) FILTER (WHERE s > d)), 0) FROM cell)::float8 AS "idleMinutes",
    ${bps('(SELECT sum(pieces * cover) FROM part)', '(SELECT sum(pieces) FROM part)')} AS "fillRateBps"`;

const after = (own: Own, style: string | null): string => `
  WITH ${rows(own, true)},
    made AS (
      SELECT a."styleId" AS style, w."stage", a."quantity" * w."smv" AS minutes,
        CASE WHEN ${week('a."promisedDate"')} > ${week('ask.due')} THEN ${week('a."promisedDate"')} ELSE ${week('ask.due')} END AS wk
      FROM al a JOIN ask ON ask.id = a."demandLineId" JOIN "WorkFact" w ON w."styleId" = a."styleId"),
    both_sides AS (SELECT style, "stage", wk, minutes AS d, 0 AS s FROM wants UNION ALL SELECT style, "stage", wk, 0, minutes FROM made),
    cell AS (SELECT sum(d) AS d, sum(s) AS s FROM both_sides WHERE ${pick(style)} GROUP BY style, "stage", wk),
    free AS (${cells(style, 'left_over')})
  SELECT ${bps('(SELECT sum(CASE WHEN d < s THEN d ELSE s END) FROM cell)', '(SELECT greatest(sum(d), sum(s)) FROM cell)')} AS "overlapBps",
    (SELECT coalesce(round(sum(d - s) FILTER (WHERE d > s)), 0) FROM cell)::float8 AS "unmetMinutes",
    (SELECT coalesce(round(sum(s)), 0) FROM free)::float8 AS "idleMinutes",
    (SELECT ${bps(
      `sum(least(pieces, (SELECT coalesce(sum("quantity"), 0) FROM al WHERE "demandLineId" = ask.id AND "promisedDate" <= ask.latest)))`,
      'sum(pieces)',
    )} FROM ask WHERE ${pick(style)}) AS "fillRateBps"`;

const forecast = (own: Own, style: string | null): string => `
  WITH ${rows(own, false)},
    piece AS (
      SELECT style, ${week('due')} AS wk, 0 AS f, pieces AS a FROM ask
      UNION ALL SELECT "styleId", ${week('"dueDate"')}, "quantity", 0 FROM ln WHERE "kind" = 'FORECAST' AND "dueDate" ${WINDOW}),
    cell AS (SELECT sum(f) AS f, sum(a) AS a FROM piece WHERE ${pick(style)} GROUP BY style, wk)
  SELECT ${bps('sum(greatest(f, a) - least(f, a))', 'sum(a)')} AS "wapeBps", ${bps('sum(f) - sum(a)', 'sum(a)')} AS "biasBps" FROM cell`;

// The four whole weeks from 26 October that are over; where nobody sold, lines stand for sales.
const bullwhip = (own: Own, style: string | null, orders: 'lines' | 'given'): string => `
  WITH ${rows(own, false)},
    wk AS (SELECT d::date AS monday FROM generate_series('2026-10-26'::date, '2026-11-09'::date, interval '7 days') d),
    n AS (
      SELECT (SELECT coalesce(sum("quantity"), 0) FROM ln WHERE coalesce("kind", '') <> 'FORECAST' AND ${pick(style).replace('style', '"styleId"')}
          AND ${shanghai('"submittedAt"')} BETWEEN monday AND monday + 6) AS lines,
        (SELECT coalesce(sum("quantity"), 0) FROM al WHERE ${pick(style).replace('style', '"styleId"')} AND ${shanghai('"proposedAt"')} BETWEEN monday AND monday + 6) AS given,
        (SELECT coalesce(sum("piecesSold"), 0) FROM "SaleFact" WHERE ${own.sales} AND ${pick(style).replace('style', '"styleId"')} AND "day" BETWEEN monday AND monday + 6) AS sold
      FROM wk),
    series AS (SELECT ${orders} AS o, CASE WHEN (SELECT sum(sold) FROM n) > 0 THEN sold WHEN '${orders}' = 'given' THEN lines END AS d FROM n)
  SELECT (var_pop(o) / nullif(avg(o), 0) / (nullif(var_pop(d), 0) / nullif(avg(d), 0)))::float8 AS bullwhip FROM series`;

const orders = (own: Own): string => `
  WITH ${rows(own, false)},
    wanted AS (
      SELECT "demandLineId" AS id, "quantity" AS pieces, "submittedAt" AS at FROM ln WHERE "status" = 'FULFILLED' AND coalesce("kind", '') <> 'FORECAST'
      UNION ALL
      SELECT id, pieces, (SELECT min("proposedAt") FROM al WHERE "demandLineId" = id) FROM given_of_others
      WHERE NOT EXISTS (SELECT FROM al WHERE "demandLineId" = id AND "status" <> 'COMPLETED')
        AND id IN (SELECT "demandLineId" FROM "DemandCopy" WHERE "status" <> 'CANCELLED' AND coalesce("kind", '') <> 'FORECAST')),
    rc AS (SELECT r.*, a."demandLineId" AS id FROM "ReceiptFact" r JOIN "Allocation" a USING ("allocationId") WHERE a."allocationId" IN (SELECT "allocationId" FROM "Allocation" WHERE ${own.allocations})),
    done AS (
      SELECT w.*, (SELECT max("receivedAt") FROM rc WHERE rc.id = w.id) AS last, (SELECT sum("good") FROM rc WHERE rc.id = w.id) AS good,
        EXISTS (SELECT FROM rc WHERE rc.id = w.id AND ("damaged" > 0 OR NOT "onTime" OR NOT "documentsMatch")) AS flawed
      FROM wanted w)
  SELECT ${bps('sum(CASE WHEN good >= pieces AND NOT flawed THEN 1.0 ELSE 0 END)', 'count(*)')} AS "perfectOrderBps",
    avg((extract(epoch FROM last) - extract(epoch FROM at)) / 86400)::float8 AS "orderFulfilmentCycleDays"
  FROM done WHERE ${shanghai('last')} ${WINDOW}`;

const stages = (own: Own): string => `
  SELECT s."stage", count(*)::int AS lots, (sum(extract(epoch FROM "completedAt") - extract(epoch FROM "startedAt")) / count(*) / 86400)::float8 AS days
  FROM "LotStageFact" s, "LotFact" l
  WHERE l."lotId" = s."lotId" AND l."allocationId" IN (SELECT "allocationId" FROM "Allocation" WHERE ${own.allocations})
    AND "startedAt" IS NOT NULL AND ${shanghai('"completedAt"')} ${WINDOW} GROUP BY 1`;

const one = async (r: Routing, text: string): Promise<Record<string, unknown>> =>
  (await r.db.$queryRawUnsafe<Record<string, unknown>[]>(text))[0] ?? {};

/** A mismatch index; `style` null: over all styles. */
export const plainIndex = async (
  r: Routing,
  own: Own,
  phase: 'BEFORE' | 'AFTER',
  style: string | null,
): Promise<Record<string, unknown>> => ({
  ...(await one(r, phase === 'BEFORE' ? before(own, style) : after(own, style))),
  ...(await one(r, forecast(own, style))),
  ...(await one(r, bullwhip(own, style, phase === 'BEFORE' ? 'lines' : 'given'))),
});
export const plainOrders = (r: Routing, own: Own): Promise<Record<string, unknown>> => one(r, orders(own));
export const plainStages = (r: Routing, own: Own): Promise<{ stage: string; lots: number; days: number }[]> =>
  r.db.$queryRawUnsafe(stages(own));
