// classifyStyle: customs data of a style, from a distributor or from the owner of the style. Who records it first may change it later.
import { checkForm, checkRange } from '../../../subgraph-kit/checks.ts';
import { createMutationKinds, type MutationInput, type Write } from '../../../subgraph-kit/mutation.ts';
import { nextChangedAt } from '../../../subgraph-kit/change.ts';
import { query, sql } from '../../../subgraph-kit/sql.ts';
import type { Tx } from '../data/client.ts';
import { classifications, type ClassificationRow } from '../data/tables.ts';

const { creates } = createMutationKinds<Tx>();

type Input = MutationInput & { readonly styleId: string; readonly hsCode: string; readonly unitWeightGrams: number };

const WEIGHT_MOST = 1_000_000;

export const classifyStyle = creates<Input, ClassificationRow>({
  name: 'classifyStyle',
  by: 'ANY',
  answer: { field: 'style', table: classifications },
  check: (input, problems) => {
    checkForm(problems, input.hsCode, ['hsCode'], /^[0-9]{6,10}$/, 'a Harmonised System code of 6 to 10 digits');
    checkRange(problems, input.unitWeightGrams, ['unitWeightGrams'], { from: 1, to: WEIGHT_MOST, unit: 'grams' });
  },
  write: async (write) => {
    const { tx, input, actor, emit, now } = write;
    const { styleId, hsCode, unitWeightGrams } = input;
    const before = await lockClassification(write);
    const values = { memberId: actor.memberId, hsCode, unitWeightGrams, changedAt: nextChangedAt(now, before?.changedAt) };
    const row = await tx.classification.upsert({ where: { styleId }, create: { styleId, ...values }, update: values });
    emit('style.classified', row);
    return row;
  },
});

// The copy of the style is locked, so that of two first classifiers the second sees the row of the first.
async function lockClassification({ tx, input, actor, refuse }: Write<Tx, Input>): Promise<ClassificationRow | null> {
  const { styleId } = input;
  const [style] = await query<{ memberId: string }>(
    tx,
    sql`SELECT t."memberId" FROM "StyleCopy" t WHERE t."styleId" = ${styleId} FOR UPDATE`,
  );
  if (style === undefined) return refuse('NOT_FOUND', ['styleId'], `no style is known by the id ${styleId}`);
  if (style.memberId !== actor.memberId && !actor.kinds.includes('DISTRIBUTOR')) {
    return refuse('NOT_YOURS', ['styleId'], 'a style is classified by its owner or by a distributor');
  }
  const before = await tx.classification.findUnique({ where: { styleId } });
  if (before !== null && before.memberId !== actor.memberId)
    return refuse('NOT_YOURS', ['styleId'], 'another member classified this style and may change it');
  return before;
}
