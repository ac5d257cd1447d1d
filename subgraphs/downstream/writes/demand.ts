// Writes demand lines and their moves, each with its event; many in a constant number of statements.
import { insertRows } from '../../../subgraph-kit/insert-rows.ts';
import { execute, query, sql } from '../../../subgraph-kit/sql.ts';
import { statesBefore } from '../../../subgraph-kit/state-machine.ts';
import type { Cut } from '../cut-demand.ts';
import type { Tx } from '../data/client.ts';
import type { CancelReason, DemandLineRow } from '../data/rows.ts';
import { FROZEN } from '../standing.ts';
import { demandStates } from '../state-machines.ts';
import type { Writer } from './writer.ts';

export type NewDemand = { readonly row: DemandLineRow; readonly sizes: Cut['sizes'] };

export async function writeDemand({ tx, emit }: Writer, lines: readonly NewDemand[]): Promise<void> {
  await insertRows(
    tx,
    'DemandLine',
    lines.map(({ row }) => row),
  );
  await insertRows(
    tx,
    'DemandSize',
    lines.flatMap(({ row, sizes }) => toSizeRows(row.demandLineId, sizes)),
  );
  for (const { row } of lines) emit('demand.submitted', row);
}

export const toSizeRows = (demandLineId: string, sizes: Cut['sizes']) =>
  sizes.map(({ gtin, quantity }, place) => ({ demandLineId, gtin, quantity, place }));

/** States in which a line may still be revised or withdrawn. */
export const withdrawable = statesBefore(demandStates, 'CANCELLED');

/** Decisions made up to now say nothing about the line any more. */
export const forgetDecision = (tx: Tx, demandLineId: string, now: Date): Promise<number> =>
  execute(
    tx,
    sql`INSERT INTO "DecisionCopy" AS t ("demandLineId", "outcome", "decidedAt") VALUES (${demandLineId}, NULL, ${now}::timestamptz)
        ON CONFLICT ("demandLineId") DO UPDATE SET "outcome" = NULL, "decidedAt" = greatest(EXCLUDED."decidedAt", t."decidedAt")`,
  );

/** Withdraws all lines of a campaign that may still be withdrawn: those of which nothing is frozen with a maker. */
export async function cancelDemandOfCampaign({ tx, emit }: Writer, campaignId: string, now: Date): Promise<void> {
  const reason: CancelReason = 'CAMPAIGN_CANCELLED';
  const rows = await query<DemandLineRow>(
    tx,
    sql`UPDATE "DemandLine" SET "status" = 'CANCELLED', "cancelReason" = ${reason}::"CancelReason",
          "changedAt" = GREATEST(${now}::timestamptz, "changedAt" + interval '1 millisecond')
        WHERE "campaignId" = ${campaignId} AND "status" = ANY(${withdrawable}::"DemandStatus"[])
          AND NOT EXISTS (SELECT 1 FROM "AllocationCopy" a
            WHERE a."demandLineId" = "DemandLine"."demandLineId" AND a."status" = ANY(${FROZEN}::"AllocationStatus"[]))
        RETURNING *`,
  );
  for (const row of rows) emit('demand.cancelled', { ...row, reason });
}

/** Lets up to `most` open lines lapse whose latest day lies before `today`; gives how many did. */
export async function expireDemand({ tx, emit }: Writer, options: { today: string; now: Date; most: number }): Promise<number> {
  const rows = await query<DemandLineRow>(
    tx,
    sql`WITH due AS MATERIALIZED (
          SELECT "demandLineId" FROM "DemandLine" WHERE "status" = 'OPEN' AND "latestDate" < ${options.today}::date
          ORDER BY "latestDate" LIMIT ${options.most}::int FOR UPDATE SKIP LOCKED)
        UPDATE "DemandLine" t SET "status" = 'EXPIRED', "changedAt" = GREATEST(${options.now}::timestamptz, t."changedAt" + interval '1 millisecond')
        FROM due WHERE t."demandLineId" = due."demandLineId" RETURNING t.*`,
  );
  for (const row of rows) emit('demand.changed', { ...row, previousStatus: 'OPEN' });
  return rows.length;
}
