// Stores the plan of a run: the run's own figures, allocations with their minutes, a decision for every line, and the prices of scarcity.
// However large the plan is, the number of statements is the same.
import { toDay } from '../../../subgraph-kit/days.ts';
import { groupBy } from '../../../subgraph-kit/group-by.ts';
import { insertRows } from '../../../subgraph-kit/insert-rows.ts';
import { execute, query, sql } from '../../../subgraph-kit/sql.ts';
import type { AllocationRow, RunRow } from '../data/tables.ts';
import type { RoutingInput, RoutingPlan } from '../model/types.ts';
import { LIVE } from '../state-machines.ts';
import { moveAllocations, toEvent } from './allocations.ts';
import type { Change } from './change.ts';
import { toPlanRows, type PlanRows } from './plan-rows.ts';
import { awaitCommits } from './runs.ts';

// Counter-offers are bids to a run: their pieces are placed by it.
const HELD = LIVE.filter((status) => status !== 'COUNTERED');

/** Ends the run with this plan. A run that has ended already stays as it is. */
export async function storePlan(change: Change, run: RunRow, input: RoutingInput, plan: RoutingPlan): Promise<void> {
  const { tx, emit } = change;
  const [waiting] = await query(tx, sql`SELECT 1 FROM "Run" WHERE "runId" = ${run.runId} AND "status" = 'RUNNING' FOR UPDATE`);
  if (waiting === undefined) return;
  await awaitCommits(tx);
  // what an older run proposed and nobody committed is void now
  await moveAllocations(change, {
    where: sql`t."status" = 'PROPOSED' AND t."runId" <> ${run.runId}`,
    to: 'SUPERSEDED',
    runId: run.runId,
  });
  const rows = toPlanRows(change, { run, input, plan });
  const moves = await compareWithPlan(change, rows.allocations, input);
  await enterMakers(change, input, rows.allocations);
  await insertRows(tx, 'Decision', rows.decisions);
  await insertRows(tx, 'DecisionReader', rows.readers);
  await insertRows(tx, 'Allocation', rows.allocations);
  await insertRows(tx, 'AllocationSlot', rows.slots);
  await insertRows(tx, 'PlanChange', rows.changes);
  await insertRows(tx, 'ShadowPrice', rows.prices);
  const done = await endRun(change, run, plan, moves);
  emit('run.completed', { ...done, objective: plan.objective.toFixed(6), bound: plan.bound.toFixed(6) });
  tellPlan(change, rows);
  // demand that was withdrawn while the run was solving
  await supersedeWithdrawn(change, run.runId);
}

/** Takes back what a run proposed for lines that were withdrawn meanwhile, or made so small that their pieces have makers already. */
export const supersedeWithdrawn = (change: Change, runId: string) =>
  moveAllocations(change, {
    where: sql`t."runId" = ${runId} AND t."status" = 'PROPOSED' AND EXISTS (SELECT FROM "DemandCopy" d WHERE d."demandLineId" = t."demandLineId"
      AND (d."status" IN ('CANCELLED', 'EXPIRED') OR d."quantity" < (SELECT sum(a."quantity") FROM "Allocation" a
        WHERE a."demandLineId" = t."demandLineId" AND (a."status" = ANY(${HELD}::text[]) OR a."runId" = ${runId} AND a."status" = 'PROPOSED'))))`,
    to: 'SUPERSEDED',
    runId,
  });

function tellPlan({ emit }: Change, rows: PlanRows): void {
  const slotsOf = groupBy(rows.slots, ({ allocationId }) => allocationId);
  for (const row of rows.allocations) {
    const slots = (slotsOf.get(row.allocationId) ?? []).map(({ stage, day, bucketId, minutes, pieces }) => ({
      stage,
      day: toDay(day),
      bucketId,
      minutes,
      pieces,
    }));
    emit('allocation.proposed', toEvent(row, slots));
  }
  for (const row of rows.decisions) emit('decision.made', row);
}

type Moves = { readonly changedLines: number; readonly nervousness: number };

/**
 * How far the plan differs from the one before, over the lines of the run: pieces that a maker had and has no longer, over all pieces
 * planned before. Only counter-offers can lose pieces: what is offered or accepted is no question to a run.
 */
async function compareWithPlan({ tx }: Change, proposed: readonly AllocationRow[], input: RoutingInput): Promise<Moves> {
  const lines = input.lines.map(({ id }) => id);
  const before = await query<{ demandLineId: string; gln: string; status: string; quantity: number }>(
    tx,
    sql`SELECT t."demandLineId", t."gln", t."status", t."quantity" FROM "Allocation" t
        WHERE t."demandLineId" = ANY(${lines}::text[]) AND t."status" = ANY(${[...LIVE]}::text[])`,
  );
  const place = (row: { demandLineId: string; gln: string }): string => `${row.demandLineId} ${row.gln}`;
  const given = new Map<string, number>();
  for (const row of proposed) given.set(place(row), (given.get(place(row)) ?? 0) + row.quantity);
  const changed = new Set(proposed.map(({ demandLineId }) => demandLineId));
  let moved = 0;
  let planned = 0;
  for (const row of before) {
    planned += row.quantity;
    if (row.status !== 'COUNTERED') continue;
    moved += Math.max(0, row.quantity - (given.get(place(row)) ?? 0));
    changed.add(row.demandLineId);
  }
  return { changedLines: changed.size, nervousness: planned === 0 ? 0 : moved / planned };
}

// The names of makers come by events of their owner; a plan may be faster than they are. What an event says is always newer.
async function enterMakers({ tx, now }: Change, input: RoutingInput, proposed: readonly AllocationRow[]): Promise<void> {
  const glns = new Set(proposed.map(({ gln }) => gln));
  const makers = input.makers.filter(({ gln }) => glns.has(gln));
  await execute(
    tx,
    sql`INSERT INTO "MakerCopy" ("gln", "memberId", "name", "status", "country", "enteredAt", "changedAt")
        SELECT w."gln", w."memberId", w."name", w."status", w."country", ${now}::timestamptz - make_interval(days => w."daysKnown"), to_timestamp(0)
        FROM jsonb_to_recordset(${JSON.stringify(makers)}::jsonb)
          AS w("gln" text, "memberId" text, "name" text, "status" text, "country" text, "daysKnown" int)
        ON CONFLICT ("gln") DO NOTHING`,
  );
}

async function endRun({ tx, now }: Change, run: RunRow, plan: RoutingPlan, moves: Moves): Promise<RunRow> {
  const fairness = JSON.stringify(plan.fairness);
  const [row] = await query<RunRow>(
    tx,
    sql`UPDATE "Run" SET "status" = ${plan.status}::text,
          "finishedAt" = greatest(${now}::timestamptz, (SELECT max(o."finishedAt") FROM "Run" o) + interval '1 millisecond'), "objective" = ${plan.objective.toFixed(6)}::numeric,
          "bound" = ${plan.bound.toFixed(6)}::numeric, "gap" = ${plan.gap}::float8, "solveMs" = ${Math.round(plan.solveMs)}::int,
          "demandedPieces" = ${plan.demandedPieces}::int, "placedPieces" = ${plan.placedPieces}::int, "unservedPieces" = ${plan.unservedPieces}::int,
          "changedLines" = ${moves.changedLines}::int, "nervousness" = ${moves.nervousness}::float8, "fairness" = ${fairness}::jsonb,
          "changedAt" = greatest(${now}::timestamptz, "changedAt" + interval '1 millisecond')
        WHERE "runId" = ${run.runId} RETURNING *`,
  );
  if (row === undefined) throw new Error(`the run ${run.runId} is gone`);
  return row;
}
