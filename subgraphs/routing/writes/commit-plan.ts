// Makes the plan of a run the plan: its allocations are offered, counter-offers that it took are accepted, its prices hold.
import { execute, query, sql } from '../../../subgraph-kit/sql.ts';
import { toDecimal, type PriceRow, type RunRow } from '../data/tables.ts';
import { namePrice } from '../explain/name-price.ts';
import { SOLVED } from '../state-machines.ts';
import { moveAllocations, type Moved } from './allocations.ts';
import type { Change } from './change.ts';
import { awaitCommits } from './runs.ts';
import { supersedeWithdrawn } from './store-plan.ts';

/** Time that a maker has for its answer. */
export const ANSWER_HOURS = 48;

/** Words that say why the plan of this run may not be committed, or null. Other commits wait until this change has ended. */
export async function explainStale({ tx }: Change, run: RunRow): Promise<string | null> {
  await awaitCommits(tx);
  if (!SOLVED.includes(run.status)) return `the run is ${run.status}; only one that is ${SOLVED.join(', ')} has a plan to commit`;
  const [other] = await query<{ isCommitted: boolean; isNewer: boolean; ownCommit: boolean }>(
    tx,
    sql`SELECT coalesce(bool_or(r."runId" = ${run.runId} AND r."committedAt" IS NOT NULL), false) AS "ownCommit",
          coalesce(bool_or(r."runId" <> ${run.runId} AND r."committedAt" > ${run.startedAt}::timestamptz), false) AS "isCommitted",
          coalesce(bool_or(r."status" = ANY(${[...SOLVED]}::text[])
            AND (r."finishedAt", r."runId") > (${run.finishedAt}::timestamptz, ${run.runId})), false) AS "isNewer" FROM "Run" r`,
  );
  if (other?.ownCommit) return 'the run was committed before';
  if (other?.isNewer) return 'a newer run has made a plan, which took the place of this one; commit the newest run';
  if (other?.isCommitted) return 'another run was committed after this one began to read; start a new run';
  return null;
}

/** Commits it; the run as it is now, and the allocations that are offered or accepted by it. */
export async function commitPlan(change: Change, run: RunRow): Promise<{ readonly run: RunRow; readonly placed: readonly Moved[] }> {
  const { tx, now, emit } = change;
  const { runId } = run;
  await supersedeWithdrawn(change, runId);
  const accepted = await takeCounters(change, runId);
  // makers whose counter-offer was not taken, or not whole, are asked anew or not at all
  await moveAllocations(change, {
    where: sql`t."status" = 'COUNTERED' AND t."demandLineId" IN (SELECT d."demandLineId" FROM "Decision" d WHERE d."runId" = ${runId})`,
    to: 'SUPERSEDED',
    runId,
  });
  const answerBy = new Date(now.getTime() + ANSWER_HOURS * 3_600_000);
  const offered = await moveAllocations(change, {
    where: sql`t."runId" = ${runId} AND t."status" = 'PROPOSED'`,
    to: 'OFFERED',
    set: sql`, "answerBy" = ${answerBy}::timestamptz`,
    runId,
  });
  await makeCurrent(change, runId);
  // a run that waits may have read before this commit, however long the commit took
  const [committed] = await query<RunRow>(
    tx,
    sql`UPDATE "Run" SET "committedAt" = greatest(${now}::timestamptz, (SELECT max(o."startedAt") FROM "Run" o WHERE o."status" = 'RUNNING')
          + interval '1 millisecond'), "changedAt" = greatest(${now}::timestamptz, "changedAt" + interval '1 millisecond')
        WHERE "runId" = ${runId} RETURNING *`,
  );
  if (committed === undefined) throw new Error(`the run ${runId} is gone`);
  emit('run.committed', committed);
  return { run: committed, placed: [...accepted, ...offered] };
}

// A counter-offer that the plan took with all its pieces is accepted on the maker's terms, with the minutes that the plan gave it.
async function takeCounters(change: Change, runId: string): Promise<Moved[]> {
  const { tx } = change;
  const pairs = await query<{ proposed: string; countered: string }>(
    tx,
    sql`SELECT p."allocationId" AS "proposed", c."allocationId" AS "countered" FROM "Allocation" p
        JOIN "Allocation" c ON c."allocationId" = p."counterOf" AND c."gln" = p."gln" AND c."demandLineId" = p."demandLineId"
        WHERE p."runId" = ${runId} AND p."status" = 'PROPOSED' AND c."status" = 'COUNTERED' AND p."quantity" = c."counterQuantity"
        ORDER BY c."allocationId" FOR UPDATE OF c, p`,
  );
  if (pairs.length === 0) return [];
  const proposed = pairs.map((pair) => pair.proposed);
  const countered = pairs.map((pair) => pair.countered);
  await execute(tx, sql`DELETE FROM "AllocationSlot" WHERE "allocationId" = ANY(${countered}::text[])`);
  await execute(
    tx,
    sql`INSERT INTO "AllocationSlot" ("allocationId", "position", "stage", "day", "bucketId", "minutes", "pieces")
        SELECT w."countered", s."position", s."stage", s."day", s."bucketId", s."minutes", s."pieces"
        FROM unnest(${countered}::text[], ${proposed}::text[]) AS w("countered", "proposed")
        JOIN "AllocationSlot" s ON s."allocationId" = w."proposed"`,
  );
  await moveAllocations(change, { where: sql`t."allocationId" = ANY(${proposed}::text[])`, to: 'SUPERSEDED', runId });
  return moveAllocations(change, {
    where: sql`t."allocationId" = ANY(${countered}::text[])`,
    to: 'ACCEPTED',
    set: sql`, "quantity" = b."counterQuantity", "unitPriceMinor" = b."counterPriceMinor", "currency" = b."counterCurrency",
      "promisedDate" = b."counterDate"`,
    runId,
  });
}

// Prices of the plan before that are no longer scarce fall to zero.
async function makeCurrent({ tx, emit, now }: Change, runId: string): Promise<void> {
  const before = await query<PriceRow>(tx, sql`UPDATE "ShadowPrice" SET "current" = false WHERE "current" RETURNING *`);
  const after = await query<PriceRow>(tx, sql`UPDATE "ShadowPrice" SET "current" = true WHERE "runId" = ${runId} RETURNING *`);
  const placeOf = ({ kind, bucketId, gln }: PriceRow): string => `${kind} ${bucketId ?? gln ?? ''}`;
  const scarce = new Set(after.map(placeOf));
  const fallen = before.filter((price) => !scarce.has(placeOf(price))).map((price) => ({ ...price, price: '0', asOf: now }));
  // what a piece of a line costs is its owner's business
  for (const price of [...after, ...fallen].filter(({ kind }) => kind !== 'DEMAND')) {
    const { validFrom, validTo } = price;
    emit('scarcity.changed', {
      ...price,
      name: namePrice(price, null),
      price: toDecimal(price.price),
      validFrom: validFrom === null ? null : toDecimal(validFrom),
      validTo: validTo === null ? null : toDecimal(validTo),
    });
  }
}
