// Moves allocations: many at a time in a constant number of statements, each with its entry in the plan's history and its event.
import { execute, query, sql, type Sql } from '../../../subgraph-kit/sql.ts';
import { statesBefore } from '../../../subgraph-kit/state-machine.ts';
import type { AllocationRow } from '../data/tables.ts';
import { allocationStates, type AllocationStatus } from '../state-machines.ts';
import type { Change } from './change.ts';
import { repost } from './settlements.ts';

export type Moved = AllocationRow & {
  readonly previousStatus: AllocationStatus;
  readonly previousQuantity: number;
  readonly previousDate: Date;
};

export type MoveOptions = {
  /** Which ones, as a condition on the alias `t`; those whose state does not allow the move are left alone. */
  readonly where: Sql;
  readonly to: AllocationStatus;
  /** More columns, beginning with a comma; the row before stands under `b`. */
  readonly set?: Sql;
  /** Run that moved them; left out: the one that made them. */
  readonly runId?: string;
};

// From these on a settlement pays for other pieces, or at another time.
const POSTED: readonly AllocationStatus[] = ['ACCEPTED', 'DECLINED', 'SUPERSEDED', 'COMPLETED'];

/** Moves all that are named and may be moved; the rows as they are now come back, in the order of their ids. */
export async function moveAllocations(change: Change, options: MoveOptions): Promise<Moved[]> {
  const { where, to, set = sql``, runId } = options;
  const rows = await query<Moved>(
    change.tx,
    sql`WITH b AS MATERIALIZED (
          SELECT t.* FROM "Allocation" t WHERE ${where} AND t."status" = ANY(${statesBefore(allocationStates, to)}::text[])
          ORDER BY t."allocationId" FOR UPDATE)
        UPDATE "Allocation" t SET "status" = ${to}::text,
          "changedAt" = greatest(${change.now}::timestamptz, b."changedAt" + interval '1 millisecond')${set}
        FROM b WHERE t."allocationId" = b."allocationId"
        RETURNING t.*, b."status" AS "previousStatus", b."quantity" AS "previousQuantity", b."promisedDate" AS "previousDate"`,
  );
  if (rows.length === 0) return [];
  await recordMoves(change, rows, runId);
  await tellChanged(change, rows);
  if (POSTED.includes(to)) await repost(change, [...new Set(rows.flatMap(({ settlementId }) => settlementId ?? []))]);
  return rows.toSorted((a, b) => (a.allocationId < b.allocationId ? -1 : 1));
}

async function recordMoves({ tx, now }: Change, rows: readonly Moved[], runId: string | undefined): Promise<void> {
  const moves = rows.map((row) => ({
    allocationId: row.allocationId,
    runId: runId ?? row.runId,
    fromGln: row.gln,
    fromQuantity: row.previousQuantity,
    fromPromisedDate: row.previousDate,
    fromStatus: row.previousStatus,
    toGln: row.gln,
    toQuantity: row.quantity,
    toPromisedDate: row.promisedDate,
    toStatus: row.status,
  }));
  await execute(
    tx,
    sql`INSERT INTO "PlanChange" ("allocationId", "position", "at", "runId", "reason", "fromGln", "fromQuantity", "fromPromisedDate", "fromStatus",
          "toGln", "toQuantity", "toPromisedDate", "toStatus")
        SELECT w."allocationId", coalesce((SELECT max(p."position") + 1 FROM "PlanChange" p WHERE p."allocationId" = w."allocationId"), 0),
          ${now}::timestamptz, w."runId", r."trigger", w."fromGln", w."fromQuantity", w."fromPromisedDate", w."fromStatus",
          w."toGln", w."toQuantity", w."toPromisedDate", w."toStatus"
        FROM jsonb_populate_recordset(NULL::"PlanChange", ${JSON.stringify(moves)}::jsonb) w JOIN "Run" r ON r."runId" = w."runId"`,
  );
}

type EventSlot = { stage: string; day: string; bucketId: string; minutes: number; pieces: number };

async function readSlots({ tx }: Change, allocationIds: readonly string[]): Promise<Map<string, EventSlot[]>> {
  const rows = await query<{ allocationId: string; slots: EventSlot[] }>(
    tx,
    sql`SELECT s."allocationId", json_agg(json_build_object('stage', s."stage", 'day', s."day", 'bucketId', s."bucketId", 'minutes', s."minutes",
          'pieces', s."pieces") ORDER BY s."position") AS "slots"
        FROM "AllocationSlot" s WHERE s."allocationId" = ANY(${allocationIds}::text[]) GROUP BY 1`,
  );
  return new Map(rows.map(({ allocationId, slots }) => [allocationId, slots]));
}

/** An allocation as its events carry it. */
export const toEvent = (row: AllocationRow, slots: readonly EventSlot[]) => ({
  ...row,
  unitPrice: { amountMinor: Number(row.unitPriceMinor), currency: row.currency },
  slots,
});

/** Notes one `allocation.changed` for each; a change that is no move has its state twice. */
export async function tellChanged(
  change: Change,
  rows: readonly (AllocationRow & { readonly previousStatus: AllocationStatus })[],
): Promise<void> {
  const slots = await readSlots(
    change,
    rows.map(({ allocationId }) => allocationId),
  );
  for (const row of rows)
    change.emit('allocation.changed', { ...toEvent(row, slots.get(row.allocationId) ?? []), previousStatus: row.previousStatus });
}
