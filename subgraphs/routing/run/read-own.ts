// What routing itself knows of an industry: pieces that are placed already, counter-offers, refusals, minutes taken, rates, the policy.
import { addDays } from '../../../lib/clock/clock.ts';
import { createError } from '../../../lib/errors/errors.ts';
import { toDay } from '../../../subgraph-kit/days.ts';
import { execute, query, sql, type SqlRunner } from '../../../subgraph-kit/sql.ts';
import { groupBy } from '../../../subgraph-kit/group-by.ts';
import type { Database } from '../../../subgraph-kit/context.ts';
import type { Tx } from '../data/client.ts';
import type { PolicyRow, RunRow } from '../data/tables.ts';
import type { CostKind, InputPolicy } from '../model/types.ts';
import { RATE_DAYS, type DatedRate } from '../money/convert.ts';
import { AT_WORK, LIVE } from '../state-machines.ts';
import { awaitCommits } from '../writes/runs.ts';
import { COST_KINDS } from '../model/constants.ts';

/** A counter-offer that waits for the next plan. */
export type Counter = {
  readonly allocationId: string;
  readonly demandLineId: string;
  readonly gln: string;
  readonly quantity: number;
  readonly priceMinor: bigint;
  readonly currency: string;
  readonly day: string;
};

export type Own = {
  /** Pieces of a line that are offered or accepted; those of a counter-offer are not among them. */
  readonly placed: ReadonlyMap<string, number>;
  readonly declined: ReadonlyMap<string, readonly string[]>;
  readonly counters: ReadonlyMap<string, readonly Counter[]>;
  /** Minutes of a bucket that allocations take; upstream hears of them a moment later. */
  readonly taken: ReadonlyMap<string, number>;
  /** Minutes of buckets by the counter-offer that holds them. */
  readonly held: ReadonlyMap<string, readonly { readonly bucketId: string; readonly minutes: number }[]>;
  readonly rates: readonly DatedRate[];
  /** When a maker was first heard of. */
  readonly enteredAt: ReadonlyMap<string, Date>;
  readonly policy: InputPolicy;
};

/**
 * Reads all of it as it stands at one moment. A plan that is being committed is waited for, in a transaction of its own: this one would see
 * what stood before. A plan that is committed from then on makes the run stale.
 */
export async function readOwn(db: Database<Tx>, run: RunRow, today: string): Promise<Own> {
  await db.$transaction((tx) => awaitCommits(tx), LIMITS);
  return db.$transaction(async (tx) => {
    await execute(tx, sql`SET TRANSACTION ISOLATION LEVEL REPEATABLE READ`);
    return readRows(tx, run, today);
  }, LIMITS);
}

const OWN_MS = 30_000;
const LIMITS = { timeout: OWN_MS, maxWait: OWN_MS };

async function readRows(db: SqlRunner, run: RunRow, today: string): Promise<Own> {
  const placed = await query<{ line: string; n: number }>(
    db,
    sql`SELECT "demandLineId" AS line, sum("quantity")::int AS n FROM "Allocation"
        WHERE "status" = ANY(${LIVE.filter((status) => status !== 'COUNTERED')}::text[]) GROUP BY 1`,
  );
  const declined = await query<{ line: string; glns: string[] }>(
    db,
    sql`SELECT "demandLineId" AS line, array_agg(DISTINCT "gln") AS glns FROM "Allocation" WHERE "status" = 'DECLINED' GROUP BY 1`,
  );
  const entered = await query<{ gln: string; at: Date }>(db, sql`SELECT "gln", "enteredAt" AS at FROM "MakerCopy"`);
  const slots = await readSlots(db, today);
  return {
    placed: new Map(placed.map(({ line, n }) => [line, n])),
    declined: new Map(declined.map(({ line, glns }) => [line, glns])),
    counters: groupBy(await readCounters(db), ({ demandLineId }) => demandLineId),
    taken: slots.reduce((sum, { bucketId, minutes }) => sum.set(bucketId, (sum.get(bucketId) ?? 0) + minutes), new Map<string, number>()),
    held: groupBy(
      slots.filter(({ status }) => status === 'COUNTERED'),
      ({ allocationId }) => allocationId,
    ),
    rates: await readRates(db, run.currency, today),
    enteredAt: new Map(entered.map(({ gln, at }) => [gln, at])),
    policy: await readPolicyOf(db, run),
  };
}

async function readCounters(db: SqlRunner): Promise<Counter[]> {
  type Row = Omit<Counter, 'day'> & { day: Date };
  const rows = await query<Row>(
    db,
    sql`SELECT "allocationId", "demandLineId", "gln", "counterQuantity" AS quantity, "counterPriceMinor" AS "priceMinor",
          "counterCurrency" AS currency, "counterDate" AS day
        FROM "Allocation" WHERE "status" = 'COUNTERED' ORDER BY "allocationId"`,
  );
  return rows.map((row) => ({ ...row, day: toDay(row.day) }));
}

type HeldSlot = { readonly allocationId: string; readonly status: string; readonly bucketId: string; readonly minutes: number };

const readSlots = (db: SqlRunner, today: string): Promise<HeldSlot[]> =>
  query<HeldSlot>(
    db,
    sql`SELECT a."allocationId", a."status", s."bucketId", s."minutes" FROM "Allocation" a JOIN "AllocationSlot" s USING ("allocationId")
        WHERE a."status" = ANY(${[...AT_WORK, 'COMPLETED']}::text[]) AND s."day" >= ${today}::text::date`,
  );

async function readRates(db: SqlRunner, to: string, today: string): Promise<DatedRate[]> {
  const rows = await query<{ date: Date; from: string; to: string; rate: string }>(
    db,
    sql`SELECT "date", "from", "to", "rate"::text AS rate FROM "FxRate"
        WHERE "to" = ${to} AND "date" BETWEEN ${addDays(today, -RATE_DAYS)}::text::date AND ${today}::text::date`,
  );
  return rows.map((row) => ({ ...row, date: toDay(row.date) }));
}

async function readPolicyOf(db: SqlRunner, { policyVersion }: RunRow): Promise<InputPolicy> {
  const [row] = await query<PolicyRow>(db, sql`SELECT t.* FROM "Policy" t WHERE t."version" = ${policyVersion}`);
  if (row === undefined) throw createError('INTERNAL', `the policy ${policyVersion} is gone`);
  const weightOf = (kind: CostKind): number => row.weights.find((weight) => weight.kind === kind)?.value ?? 1;
  return {
    version: row.version,
    hash: row.publishedHash,
    // one entry for each kind
    weights: Object.fromEntries(COST_KINDS.map((kind) => [kind, weightOf(kind)])) as Record<CostKind, number>,
    hhiLimit: row.hhiLimit,
    maxShareBps: row.maxShareBps,
    frozenDays: row.frozenDays,
    unservedPenalty: Number(row.unservedPenalty),
    latenessPenalty: Number(row.latenessPenalty),
    candidateLimit: row.candidateLimit,
  };
}
