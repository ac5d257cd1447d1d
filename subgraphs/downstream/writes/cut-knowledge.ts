// Reads what cutting needs for many lines at once: trade items, and size curves of segments.
import type { CutInput, CutKnowledge } from '../cut-demand.ts';
import type { Tx } from '../data/client.ts';

export type Wish = { readonly styleId: string; readonly cut: CutInput };

export async function readCutKnowledge(tx: Tx, wishes: readonly Wish[]): Promise<CutKnowledge> {
  const gtins = wishes.flatMap(({ cut }) => cut.sizes?.map((size) => size.gtin) ?? []);
  const curves = wishes.flatMap(({ styleId, cut }) => (cut.curve ? [{ ...cut.curve, styleId }] : []));
  const segmentIds = curves.map(({ segmentId }) => segmentId);
  const named = await tx.sku.findMany({ where: { gtin: { in: gtins } } });
  const ofStyles = await tx.sku.findMany({ where: { styleId: { in: curves.map(({ styleId }) => styleId) } } });
  const segments = await tx.audienceSegment.findMany({ where: { segmentId: { in: segmentIds } } });
  const shares = await tx.segmentSize.findMany({ where: { segmentId: { in: segmentIds } }, orderBy: { place: 'asc' } });
  return {
    styleOfGtin: new Map(named.map((sku) => [sku.gtin, sku.styleId])),
    gtinsOf: (styleId, colour) =>
      new Map(ofStyles.flatMap((sku) => (sku.styleId === styleId && sku.colour === colour ? [[sku.size, sku.gtin]] : []))),
    segments: new Map(
      segments.map(({ segmentId, memberId }) => [segmentId, { memberId, curve: shares.filter((share) => share.segmentId === segmentId) }]),
    ),
  };
}
