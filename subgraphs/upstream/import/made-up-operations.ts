// The work on styles that came from an order file, which says nothing of it: made up from the id of the style, the same in every run, so
// that makers can be found for their demand. `origin: GENERATED`, owned by the owner of the style, who may record it anew.
import { toNumber } from '../../../subgraph-kit/import/derived-number.ts';
import { writeOperations, type OperationInput } from '../writes/operations.ts';
import type { Change } from '../writes/makers.ts';

export type ImportedStyle = { readonly styleId: string; readonly memberId: string; readonly category: string };

/** Sewing by kind of product: what is needed, and standard minutes from and to. */
const sewing: Readonly<Record<string, { readonly capability: string; readonly from: number; readonly to: number }>> = {
  BAG: { capability: 'WOVEN_LOCKSTITCH', from: 4, to: 11 },
  HOME_TEXTILE: { capability: 'HEM_STRAIGHT', from: 1.5, to: 5 },
  ACCESSORY: { capability: 'WOVEN_LOCKSTITCH', from: 2, to: 6 },
};
const otherSewing = { capability: 'WOVEN_LOCKSTITCH', from: 3, to: 9 };

const hundredths = (text: string, from: number, to: number): number =>
  (Math.round(from * 100) + toNumber(text, Math.round((to - from) * 100) + 1)) / 100;

function makeOperations({ styleId, category }: ImportedStyle): OperationInput[] {
  const { capability, from, to } = sewing[category] ?? otherSewing;
  const minutes = (stage: string, least: number, most: number): number => hundredths(`${styleId} ${stage}`, least, most);
  return [
    { stage: 'FABRIC_PREP', capability: 'FABRIC_INSPECT', smv: minutes('FABRIC_PREP', 0.2, 0.5) },
    { stage: 'CUTTING', capability: 'CUT_AUTO', smv: minutes('CUTTING', 0.3, 0.9) },
    { stage: 'SEWING', capability, smv: minutes('SEWING', from, to) },
    { stage: 'FINISHING', capability: 'FINISH_TRIM', smv: minutes('FINISHING', 0.3, 0.8) },
    { stage: 'QC', capability: 'QC_AQL', smv: minutes('QC', 0.2, 0.4) },
    { stage: 'PACKING', capability: 'PACK_FLAT', smv: minutes('PACKING', 0.2, 0.5) },
  ];
}

export const operationTopics = ['operations.recorded'];

/** Records the work on those styles of which none is recorded; resolves to how many. */
export async function recordMadeUpOperations(change: Change, styles: readonly ImportedStyle[]): Promise<number> {
  const recorded = await change.tx.styleWork.findMany({
    where: { styleId: { in: styles.map(({ styleId }) => styleId) } },
    select: { styleId: true },
  });
  const known = new Set(recorded.map(({ styleId }) => styleId));
  const fresh = styles.filter(({ styleId }) => !known.has(styleId));
  for (const style of fresh)
    await writeOperations(change, {
      styleId: style.styleId,
      memberId: style.memberId,
      origin: 'GENERATED',
      operations: makeOperations(style),
    });
  return fresh.length;
}
