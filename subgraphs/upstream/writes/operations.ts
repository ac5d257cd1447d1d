// Writes the work on one piece of a style, whole: what was recorded before is replaced.
import type { Emit } from '../../../subgraph-kit/outbox.ts';
import { execute, query, sql } from '../../../subgraph-kit/sql.ts';
import { STAGES } from '../words.ts';
import type { Tx } from '../data/client.ts';
import type { StyleWorkRow } from '../data/tables.ts';
import type { Change } from './makers.ts';

export type OperationInput = { readonly stage: string; readonly smv: number; readonly capability: string };
export type Work = { readonly styleId: string; readonly memberId: string; readonly operations: readonly OperationInput[] };

/** Standard minutes are kept to a ten-thousandth. */
export const SMV_DIGITS = 4;
const SMV_UNITS = 10 ** SMV_DIGITS;

const toUnits = (smv: number): number => Math.round(smv * SMV_UNITS);
const toText = (units: number): string => (units / SMV_UNITS).toFixed(SMV_DIGITS);
const placeOf = ({ stage }: OperationInput): number => STAGES.findIndex((one) => one === stage);
const totalOf = ({ operations }: Work): string => toText(operations.reduce((sum, { smv }) => sum + toUnits(smv), 0));

/**
 * Null when another member recorded the work before; it owns it, unless it was made up. Otherwise notes one `operations.recorded`.
 */
export async function writeOperations({ tx, emit, now }: Change, work: Work & { readonly origin: string }): Promise<StyleWorkRow | null> {
  const [row] = await query<StyleWorkRow>(
    tx,
    sql`INSERT INTO "StyleWork" AS t ("styleId", "memberId", "origin", "smvTotal", "changedAt")
        VALUES (${work.styleId}, ${work.memberId}, ${work.origin}, ${totalOf(work)}::text::numeric, ${now}::timestamptz)
        ON CONFLICT ("styleId") DO UPDATE SET "memberId" = EXCLUDED."memberId", "origin" = EXCLUDED."origin", "madeUp" = false,
          "smvTotal" = EXCLUDED."smvTotal", "changedAt" = greatest(EXCLUDED."changedAt", t."changedAt" + interval '1 millisecond')
        WHERE t."memberId" = EXCLUDED."memberId" OR t."madeUp" RETURNING t.*`,
  );
  if (row === undefined) return null;
  await tx.operation.deleteMany({ where: { styleId: work.styleId } });
  await insertOperations(tx, [work]);
  emitWork(emit, row, work);
  return row;
}

/** Enters work that was made up, for styles that have none; notes one `operations.recorded` for each. Two statements. */
export async function writeMadeUpWork({ tx, emit, now }: Change, works: readonly Work[]): Promise<void> {
  const rows = await query<StyleWorkRow>(
    tx,
    sql`INSERT INTO "StyleWork" AS t ("styleId", "memberId", "origin", "madeUp", "smvTotal", "changedAt")
        SELECT w."styleId", w."memberId", 'GENERATED', true, w."smvTotal"::numeric, ${now}::timestamptz
        FROM unnest(${works.map(({ styleId }) => styleId)}::text[], ${works.map(({ memberId }) => memberId)}::text[], ${works.map(totalOf)}::text[])
          AS w("styleId", "memberId", "smvTotal")
        ON CONFLICT ("styleId") DO NOTHING RETURNING t.*`,
  );
  const entered = new Set(rows.map(({ styleId }) => styleId));
  const fresh = works.filter(({ styleId }) => entered.has(styleId));
  await insertOperations(tx, fresh);
  const workOf = new Map(works.map((work) => [work.styleId, work]));
  for (const row of rows) emitWork(emit, row, workOf.get(row.styleId));
}

function emitWork(emit: Emit, row: StyleWorkRow, work: Work | undefined): void {
  const operations = inOrder(work?.operations ?? []).map(({ stage, smv }) => ({ stage, smv: toText(toUnits(smv)) }));
  emit('operations.recorded', { ...row, smvTotal: Number(row.smvTotal), operations });
}

/** In the order of the stages. */
const inOrder = (operations: readonly OperationInput[]): OperationInput[] => operations.toSorted((a, b) => placeOf(a) - placeOf(b));

async function insertOperations(tx: Tx, works: readonly Work[]): Promise<void> {
  const rows = works.flatMap(({ styleId, operations }) =>
    inOrder(operations).map(({ stage, smv, capability }, position) => ({
      styleId,
      position,
      stage,
      smv: toText(toUnits(smv)),
      capability,
    })),
  );
  await execute(
    tx,
    sql`INSERT INTO "Operation" ("styleId", "position", "stage", "smv", "capability")
        SELECT * FROM unnest(${rows.map((row) => row.styleId)}::text[], ${rows.map((row) => row.position)}::int[], ${rows.map((row) => row.stage)}::text[],
          ${rows.map((row) => row.smv)}::text[]::numeric[], ${rows.map((row) => row.capability)}::text[])`,
  );
}
