// Reads what the rules of feasibility need, for many demand lines at once: four statements, whatever the number of lines.
import { groupBy } from '../../../subgraph-kit/group-by.ts';
import { addDays, daysBetween } from '../../../lib/clock/clock.ts';
import { toDay } from '../../../subgraph-kit/days.ts';
import type { Principal } from '../../../subgraph-kit/principal.ts';
import { query, sql, type SqlRunner } from '../../../subgraph-kit/sql.ts';
import { quotes, rivalFence, type OperationRow, type QualityRow, type QuoteRow } from '../data/tables.ts';
import type { Binding, Candidate, CandidateTerm, EarnedMinutes, MinutesOfMaker } from '../feasibility.ts';
import { parseDecimal } from '../price.ts';
import { scoreOf } from '../quality.ts';
import type { MakerStatus, Stage } from '../words.ts';

// Makers that are looked at in one request: those with the most of the tags that are asked for.
const CANDIDATES_MOST = 5_000;
const QUOTES_MOST = 20_000;
/** Days of capacity that are looked at. */
export const HORIZON_DAYS = 366;

type Reader = { readonly db: SqlRunner; readonly viewer: Principal };

export type CandidateMaker = Candidate & { readonly memberId: string };
export type BindingQuote = Binding & { readonly row: QuoteRow };

/** The work on the styles, by style. */
export async function readOperations({ db }: Reader, styleIds: readonly string[]): Promise<Map<string, OperationRow[]>> {
  const rows = await query<OperationRow>(
    db,
    sql`SELECT t.* FROM "Operation" t WHERE t."styleId" = ANY(${styleIds}::text[]) ORDER BY t."position"`,
  );
  return groupBy(rows, (row) => row.styleId);
}

/** Binding quotes that have not lapsed and that the viewer may see: the newest of each maker, by demand line. */
export async function readBindings(
  { db, viewer }: Reader,
  lines: readonly string[],
  at: { now: Date; today: string },
): Promise<Map<string, BindingQuote[]>> {
  const rows = await query<QuoteRow>(
    db,
    sql`SELECT t.* FROM (SELECT DISTINCT ON (q."demandLineId", q."gln") q.* FROM "MakerQuote" q WHERE q."demandLineId" = ANY(${lines}::text[])
          ORDER BY q."demandLineId", q."gln", q."givenAt" DESC, q."quoteId" DESC) t
        WHERE t."validUntil" > ${at.now}::timestamptz AND ${quotes.fence(viewer)} LIMIT ${QUOTES_MOST}::int`,
  );
  const bindings = rows.map((row) => ({
    row,
    unitPrice: { amountMinor: row.unitPriceMinor, currency: row.currency },
    setupCostMinor: row.setupCostMinor,
    minQty: row.minQty,
    finishDay: daysBetween(at.today, toDay(row.earliestFinish)),
  }));
  return groupBy(bindings, ({ row }) => row.demandLineId);
}

type TermJson = Omit<CandidateTerm, 'setupCostMinor' | 'minutePrice'> & { readonly setupCostMinor: string; readonly minutePrice: string };
type CandidateRow = {
  gln: string;
  memberId: string;
  status: MakerStatus;
  tags: string[];
  evidences: string[];
  terms: TermJson[];
} & { [K in keyof Omit<QualityRow, 'gln'>]: QualityRow[K] | null };

function toScore({ lots, pieces, firstPassPieces, rejectedLots, onTimeLots, changedAt }: CandidateRow): number | null {
  if (lots === null || pieces === null || firstPassPieces === null || rejectedLots === null || onTimeLots === null || changedAt === null)
    return null;
  return scoreOf({ lots, pieces, firstPassPieces, rejectedLots, onTimeLots, changedAt }).score;
}

/** Makers that have one of the tags or are named, with all that is known of them. A rival's are hidden like its capacity. */
export async function readCandidates({ db, viewer }: Reader, tags: readonly string[], named: readonly string[]): Promise<CandidateMaker[]> {
  const rows = await query<CandidateRow>(
    db,
    sql`SELECT t."gln", t."memberId", t."status",
          ARRAY(SELECT c."tag" FROM "Capability" c WHERE c."gln" = t."gln") AS "tags",
          ARRAY(SELECT c."evidence" FROM "Capability" c WHERE c."gln" = t."gln" AND c."evidence" IS NOT NULL) AS "evidences",
          (SELECT coalesce(json_agg(json_build_object('category', m."category", 'moq', m."moq", 'acceptsShortLots', m."acceptsShortLots",
             'leadTimeDays', m."leadTimeDays", 'minutePrice', m."minutePrice"::text, 'currency', m."currency",
             'setupCostMinor', m."setupCostMinor"::text) ORDER BY m."position"), '[]') FROM "MakerTerm" m WHERE m."gln" = t."gln") AS "terms",
          q."lots", q."pieces", q."firstPassPieces", q."rejectedLots", q."onTimeLots", q."changedAt"
        FROM "Maker" t LEFT JOIN "Quality" q ON q."gln" = t."gln"
          LEFT JOIN (SELECT c."gln", count(DISTINCT c."tag") AS n FROM "Capability" c WHERE c."tag" = ANY(${tags}::text[]) GROUP BY c."gln") h
            ON h."gln" = t."gln"
        WHERE (h.n IS NOT NULL OR t."gln" = ANY(${named}::text[])) AND ${rivalFence(viewer)}
        ORDER BY t."gln" = ANY(${named}::text[]) DESC, h.n DESC, t."gln" LIMIT ${CANDIDATES_MOST}::int`,
  );
  return rows.map((row) => ({
    gln: row.gln,
    memberId: row.memberId,
    status: row.status,
    tags: new Set(row.tags),
    evidences: new Set(row.evidences),
    terms: row.terms.map((term) => ({ ...term, minutePrice: parseDecimal(term.minutePrice), setupCostMinor: BigInt(term.setupCostMinor) })),
    score: toScore(row),
  }));
}

function parseMinutes(text: string): EarnedMinutes {
  const days: number[] = [];
  const sums: number[] = [];
  let sum = 0;
  for (const pair of text.split(',')) {
    const colon = pair.indexOf(':');
    sum += Number(pair.slice(colon + 1));
    days.push(Number(pair.slice(0, colon)));
    sums.push(sum);
  }
  return { days, sums };
}

/**
 * Standard minutes that each stage of the makers can earn from today to `lastDay`, day by day, as far as the viewer may see. One row
 * for each maker and stage: the days travel as text, which is many times faster to read than a row for each bucket. Each is found by the
 * index alone, so that the database sorts nothing.
 */
export async function readMinutes(
  { db, viewer }: Reader,
  glns: readonly string[],
  range: { today: string; days: number; stages: readonly Stage[] },
): Promise<ReadonlyMap<string, MinutesOfMaker>> {
  const lastDay = addDays(range.today, Math.min(HORIZON_DAYS, Math.max(0, range.days)));
  const rows = await query<{ gln: string; stage: Stage; minutes: string }>(
    db,
    sql`SELECT g."gln", s."stage", m."minutes" FROM unnest(${glns}::text[]) AS g("gln") CROSS JOIN unnest(${range.stages}::text[]) AS s("stage")
        CROSS JOIN LATERAL (SELECT string_agg((t."day" - ${range.today}::text::date) || ':' ||
            greatest(0, t."actualMinutes" - t."committedMinutes" - t."heldMinutes")::bigint * t."efficiencyBps" / 10000, ',' ORDER BY t."day") AS "minutes"
          FROM "CapacityBucket" t WHERE t."gln" = g."gln" AND t."stage" = s."stage"
            AND t."day" BETWEEN ${range.today}::text::date AND ${lastDay}::text::date AND ${rivalFence(viewer)}) m
        WHERE m."minutes" IS NOT NULL`,
  );
  const byMaker = groupBy(rows, ({ gln }) => gln);
  return new Map([...byMaker].map(([gln, stages]) => [gln, new Map(stages.map(({ stage, minutes }) => [stage, parseMinutes(minutes)]))]));
}
