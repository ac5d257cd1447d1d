// Writes the work on one piece of a style, whole: what was recorded before is replaced.
import { query, sql } from '../../../subgraph-kit/sql.ts';
import { STAGES } from '../words.ts';
import type { StyleWorkRow } from '../data/tables.ts';
import type { Change } from './makers.ts';

export type OperationInput = { readonly stage: string; readonly smv: number; readonly capability: string };

/** Standard minutes are kept to a ten-thousandth. */
export const SMV_DIGITS = 4;
const SMV_UNITS = 10 ** SMV_DIGITS;

const toUnits = (smv: number): number => Math.round(smv * SMV_UNITS);
const toText = (units: number): string => (units / SMV_UNITS).toFixed(SMV_DIGITS);
const placeOf = ({ stage }: OperationInput): number => STAGES.findIndex((one) => one === stage);

/** Null when another member recorded the work before; it owns it. Otherwise notes one `operations.recorded`. */
export async function writeOperations(
  { tx, emit, now }: Change,
  work: { styleId: string; memberId: string; origin: string; operations: readonly OperationInput[] },
): Promise<StyleWorkRow | null> {
  const total = toText(work.operations.reduce((sum, { smv }) => sum + toUnits(smv), 0));
  const [row] = await query<StyleWorkRow>(
    tx,
    sql`INSERT INTO "StyleWork" AS t ("styleId", "memberId", "origin", "smvTotal", "changedAt")
        VALUES (${work.styleId}, ${work.memberId}, ${work.origin}, ${total}::text::numeric, ${now}::timestamptz)
        ON CONFLICT ("styleId") DO UPDATE SET "origin" = EXCLUDED."origin", "smvTotal" = EXCLUDED."smvTotal",
          "changedAt" = greatest(EXCLUDED."changedAt", t."changedAt" + interval '1 millisecond')
        WHERE t."memberId" = EXCLUDED."memberId" RETURNING t.*`,
  );
  if (row === undefined) return null;
  await tx.operation.deleteMany({ where: { styleId: work.styleId } });
  const inOrder = work.operations.toSorted((a, b) => placeOf(a) - placeOf(b));
  await tx.operation.createMany({
    data: inOrder.map(({ stage, smv, capability }, position) => ({
      styleId: work.styleId,
      position,
      stage,
      smv: toText(toUnits(smv)),
      capability,
    })),
  });
  emit('operations.recorded', { ...row, smvTotal: Number(row.smvTotal) });
  return row;
}
