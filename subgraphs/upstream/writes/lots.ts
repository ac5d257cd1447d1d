// Writes lots: opens one for each accepted allocation, moves it from state to state, and keeps the pieces of its stages.
import { createHash } from 'node:crypto';
import { createId } from '../../../lib/ids.ts';
import { toDemoGtin } from '../../../subgraph-kit/gs1.ts';
import { execute, query, sql } from '../../../subgraph-kit/sql.ts';
import type { Tx } from '../data/client.ts';
import type { LotRow, LotStageRow } from '../data/tables.ts';
import { finishOf, progressOf, type StageWork } from '../lot-work.ts';
import { lotStates, type LotStatus } from '../lot-states.ts';
import { STAGES } from '../words.ts';
import type { Change } from './makers.ts';

/** An allocation that a maker took on. */
export type Accepted = Pick<LotRow, 'allocationId' | 'gln' | 'memberId' | 'demandMemberId' | 'styleId' | 'origin' | 'plannedQty'> & {
  readonly neededBy: string;
};

/** Digits of the demo company prefix in an EPC; the rest of a GTIN names the item. */
const PREFIX_DIGITS = 7;
/** Most characters of a lot number (AI 10). */
const LOT_NUMBER_MOST = 20;

/** GS1 class of a lot as an EPC URN: the demo GTIN of its style, and a lot number made from its id. GS1 EPC Tag Data Standard, section 6.3.16. */
export function toEpcClass(styleId: string, lotId: string): string {
  const body = toDemoGtin(styleId).slice(0, -1);
  const hash = BigInt(`0x${createHash('sha256').update(lotId).digest('hex')}`);
  const number = hash.toString(36).toUpperCase().slice(-LOT_NUMBER_MOST);
  // the indicator digit 0 stands before the item: a GTIN-13 is one of 14 digits that begins with it
  return `urn:epc:class:lgtin:${body.slice(0, PREFIX_DIGITS)}.0${body.slice(PREFIX_DIGITS)}.${number}`;
}

/** Opens a lot for each allocation that has none, with the stages of the style's work, or with all when that is not known. Two statements. */
export async function openLots({ tx, emit, now }: Change, allocations: readonly Accepted[]): Promise<void> {
  if (allocations.length === 0) return;
  const lots = allocations.map((allocation) => ({ ...allocation, lotId: createId('lot', { now: () => now }) }));
  const of = <K extends keyof (typeof lots)[number]>(name: K) => lots.map((lot) => lot[name]);
  const rows = await query<LotRow>(
    tx,
    sql`INSERT INTO "ProductionLot" AS t ("lotId", "epcClass", "allocationId", "gln", "memberId", "demandMemberId", "styleId", "origin", "status",
          "plannedQty", "neededBy", "openedAt", "changedAt")
        SELECT w."lotId", w."epcClass", w."allocationId", w."gln", w."memberId", w."demandMemberId", w."styleId", w."origin",
          ${lotStates.initial}, w."plannedQty", w."neededBy"::date, ${now}::timestamptz, ${now}::timestamptz
        FROM unnest(${of('lotId')}::text[], ${lots.map(({ styleId, lotId }) => toEpcClass(styleId, lotId))}::text[],
          ${of('allocationId')}::text[], ${of('gln')}::text[], ${of('memberId')}::text[], ${of('demandMemberId')}::text[],
          ${of('styleId')}::text[], ${of('origin')}::text[], ${of('plannedQty')}::int[], ${of('neededBy')}::text[])
          AS w("lotId", "epcClass", "allocationId", "gln", "memberId", "demandMemberId", "styleId", "origin", "plannedQty", "neededBy")
        ON CONFLICT ("allocationId") DO NOTHING RETURNING t.*`,
  );
  await execute(
    tx,
    sql`INSERT INTO "LotStage" ("lotId", "position", "stage", "smv")
        SELECT w."lotId", s."position", s."stage", s."smv"
        FROM unnest(${rows.map(({ lotId }) => lotId)}::text[], ${rows.map(({ styleId }) => styleId)}::text[]) AS w("lotId", "styleId")
        CROSS JOIN LATERAL (
          SELECT o."position", o."stage", o."smv" FROM "Operation" o WHERE o."styleId" = w."styleId"
          UNION ALL
          SELECT u."n" - 1, u."stage", 1 FROM unnest(${[...STAGES]}::text[]) WITH ORDINALITY AS u("stage", "n")
          WHERE NOT EXISTS (SELECT FROM "Operation" o WHERE o."styleId" = w."styleId")) s`,
  );
  for (const row of rows) emit('lot.created', row);
}

/** Gives up the lots of these allocations that were not begun. One statement. */
export async function scrapUnbegun({ tx, emit, now }: Change, allocationIds: readonly string[]): Promise<void> {
  if (allocationIds.length === 0) return;
  const rows = await query<LotRow>(
    tx,
    sql`UPDATE "ProductionLot" t SET "status" = 'SCRAPPED', "scrapNote" = 'its allocation was superseded',
          "changedAt" = greatest(${now}::timestamptz, t."changedAt" + interval '1 millisecond')
        WHERE t."allocationId" = ANY(${allocationIds}::text[]) AND t."status" IN ('PLANNED', 'RELEASED') RETURNING t.*`,
  );
  for (const row of rows) emit('lot.closed', row);
}

/** The stages of a lot, in the order of the work. */
export async function readStages(tx: Tx, lotId: string): Promise<(LotStageRow & StageWork)[]> {
  const rows = await query<LotStageRow>(tx, sql`SELECT * FROM "LotStage" WHERE "lotId" = ${lotId} ORDER BY "position"`);
  return rows.map(toWork);
}

/** The row with its minutes as a number, for arithmetic. */
export const toWork = <R extends LotStageRow>(row: R): R & StageWork => ({ ...row, smv: Number(row.smv) });

/** Keeps the pieces of all stages of a lot. One statement. */
export async function writeStages(tx: Tx, lotId: string, stages: readonly StageWork[]): Promise<void> {
  const of = <K extends keyof StageWork>(name: K): StageWork[K][] => stages.map((stage) => stage[name]);
  await execute(
    tx,
    sql`UPDATE "LotStage" t SET "qtyIn" = w."qtyIn", "qtyOut" = w."qtyOut", "scrap" = w."scrap", "startedAt" = w."startedAt",
          "reportedAt" = w."reportedAt", "completedAt" = w."completedAt"
        FROM unnest(${of('stage')}::text[], ${of('qtyIn')}::int[], ${of('qtyOut')}::int[], ${of('scrap')}::int[], ${of('startedAt')}::timestamptz[],
          ${of('reportedAt')}::timestamptz[], ${of('completedAt')}::timestamptz[])
          AS w("stage", "qtyIn", "qtyOut", "scrap", "startedAt", "reportedAt", "completedAt")
        WHERE t."lotId" = ${lotId} AND t."stage" = w."stage"`,
  );
}

type Progress = {
  readonly previousStatus: LotStatus;
  readonly stages: readonly StageWork[];
  readonly timeZone: string;
  /** What was reported; left out: the lot only moved. */
  readonly report?: { readonly stage: string; readonly qtyOut: number; readonly scrap: number };
};

/** Notes one `lot.progressed`. */
export function emitProgress({ emit, now }: Change, lot: LotRow, { previousStatus, stages, timeZone, report }: Progress): void {
  const stage = stages.find((one) => one.stage === report?.stage);
  emit('lot.progressed', {
    ...lot,
    previousStatus,
    ...report,
    progressBps: progressOf(stages, lot.plannedQty),
    projectedFinish: finishOf(lot, stages, now, timeZone),
    startedAt: stage?.startedAt,
    completedAt: stage?.completedAt,
  });
}
