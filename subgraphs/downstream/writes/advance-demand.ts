// Moves demand lines to where they stand, move by move, each with its event; many in a constant number of statements.
import { execute, query, sql } from '../../../subgraph-kit/sql.ts';
import type { Tx } from '../data/client.ts';
import type { DemandLineRow, DemandStatus } from '../data/rows.ts';
import { deriveStatus, findMoves, type AllocationFacts, type Standing } from '../standing.ts';
import type { Writer } from './writer.ts';

type Facts = AllocationFacts & { readonly demandLineId: string };

const nothing: Standing = { allocations: [], refused: false };

/** What is known of the allocations and decisions of these lines; lock the lines first. */
export async function readStandings(tx: Tx, demandLineIds: readonly string[]): Promise<(demandLineId: string) => Standing> {
  const facts = await query<Facts>(
    tx,
    sql`SELECT a."demandLineId", a."quantity", a."status", a."lotStatus", a."lotGoodQty",
          sum(s."pieces") FILTER (WHERE s."status" <> 'CANCELLED')::int AS shipped, sum(s."received")::int AS received
        FROM "AllocationCopy" a LEFT JOIN "ShipmentCopy" s ON s."allocationId" = a."allocationId"
        WHERE a."demandLineId" = ANY(${demandLineIds}::text[]) GROUP BY a."allocationId"`,
  );
  const refused = await query<{ demandLineId: string }>(
    tx,
    sql`SELECT "demandLineId" FROM "DecisionCopy" WHERE "demandLineId" = ANY(${demandLineIds}::text[]) AND "outcome" = 'REFUSED'`,
  );
  const standings = new Map<string, { allocations: AllocationFacts[]; refused: boolean }>();
  const standingOf = (id: string) => {
    const known = standings.get(id) ?? { allocations: [], refused: false };
    standings.set(id, known);
    return known;
  };
  for (const { demandLineId, ...allocation } of facts) standingOf(demandLineId).allocations.push(allocation);
  for (const { demandLineId } of refused) standingOf(demandLineId).refused = true;
  return (id) => standings.get(id) ?? nothing;
}

/** Rows after each move of a line, the last one as it is to be stored; every move has a time of its own. */
export const toSteps = (row: DemandLineRow, moves: readonly DemandStatus[], now: Date): DemandLineRow[] => {
  const firstMs = Math.max(now.getTime(), row.changedAt.getTime() + 1);
  return moves.map((status, i) => ({ ...row, status, changedAt: new Date(firstMs + i) }));
};

/** Tells of every step of a line that was in the state `from`. */
export function emitSteps(emit: Writer['emit'], from: DemandStatus, steps: readonly DemandLineRow[]): void {
  steps.forEach((step, i) => emit('demand.changed', { ...step, previousStatus: steps[i - 1]?.status ?? from }));
}

/** Brings the lines to the states that follow from their allocations; lines that are over stay as they are. */
export async function advanceDemand({ tx, emit }: Writer, wanted: readonly string[], now: Date): Promise<void> {
  if (wanted.length === 0) return;
  // one order of locking for all topics; whoever waited here reads what the other one kept
  const rows = await query<DemandLineRow>(
    tx,
    sql`SELECT * FROM "DemandLine" WHERE "demandLineId" = ANY(${wanted}::text[]) ORDER BY "demandLineId" FOR UPDATE`,
  );
  const standingOf = await readStandings(
    tx,
    rows.map(({ demandLineId }) => demandLineId),
  );
  const last: DemandLineRow[] = [];
  for (const row of rows) {
    const moves = findMoves(row.status, deriveStatus(row.quantity, standingOf(row.demandLineId)));
    const steps = toSteps(row, moves, now);
    emitSteps(emit, row.status, steps);
    last.push(...steps.slice(-1));
  }
  if (last.length === 0) return;
  await execute(
    tx,
    sql`UPDATE "DemandLine" t SET "status" = w."status", "changedAt" = w."changedAt"
        FROM unnest(${last.map((row) => row.demandLineId)}::text[], ${last.map((row) => row.status)}::"DemandStatus"[],
          ${last.map((row) => row.changedAt.toISOString())}::timestamptz[]) AS w("demandLineId", "status", "changedAt")
        WHERE t."demandLineId" = w."demandLineId"`,
  );
}
