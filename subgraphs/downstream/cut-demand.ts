// How a wish becomes pieces per trade item: as given, or a total cut by the size curve of a segment.
import { checkGtin, checkRange, checkUnique } from '../../subgraph-kit/checks.ts';
import { splitByLargestRemainder } from '../../subgraph-kit/money.ts';
import type { Problems } from '../../subgraph-kit/problems.ts';

export const PIECES_MOST = 1_000_000;

export type CutInput = {
  readonly sizes?: readonly { readonly gtin: string; readonly quantity: number }[] | null;
  readonly curve?: { readonly quantity: number; readonly segmentId: string; readonly colour: string } | null;
};

/** Pieces per trade item; `segmentId` when a curve cut them. */
export type Cut = { readonly sizes: readonly { readonly gtin: string; readonly quantity: number }[]; readonly segmentId: string | null };

/** What a cut needs to know; read for many lines at once (writes/cut-knowledge.ts). */
export type CutKnowledge = {
  readonly styleOfGtin: ReadonlyMap<string, string>;
  /** Trade items of a style in a colour, by size. */
  readonly gtinsOf: (styleId: string, colour: string) => ReadonlyMap<string, string>;
  readonly segments: ReadonlyMap<
    string,
    { readonly memberId: string; readonly curve: readonly { readonly size: string; readonly shareBps: number }[] }
  >;
};

/** Pure checks of the input alone. */
export function checkCut(cut: CutInput, problems: Problems): void {
  const pieces = { from: 1, to: PIECES_MOST, unit: 'pieces' };
  if (cut.curve) checkRange(problems, cut.curve.quantity, ['curve', 'quantity'], pieces);
  const { sizes } = cut;
  if (!sizes) return;
  if (sizes.length === 0) problems.add('TOO_FEW', ['sizes'], 'expected at least one trade item, got none');
  if (sizes.length > 200) problems.add('TOO_MANY', ['sizes'], `expected at most 200 trade items, got ${sizes.length}`);
  checkUnique(problems, sizes, ['sizes'], ({ gtin }) => gtin);
  sizes.forEach(({ gtin, quantity }, i) => {
    checkGtin(problems, gtin, ['sizes', i, 'gtin']);
    checkRange(problems, quantity, ['sizes', i, 'quantity'], pieces);
  });
  const total = sizes.reduce((sum, { quantity }) => sum + quantity, 0);
  if (total > PIECES_MOST) problems.add('OUT_OF_RANGE', ['sizes'], `expected at most ${PIECES_MOST} pieces in all, got ${total}`);
}

/** Cuts the wish; what stands in the way is added to `problems`. The parts of a curve add up to its quantity exactly. */
export function cutDemand(wish: { styleId: string; memberId: string; cut: CutInput }, known: CutKnowledge, problems: Problems): Cut {
  const { cut } = wish;
  if (cut.curve) return cutByCurve({ ...wish, curve: cut.curve }, known, problems.at('curve'));
  const sizes = cut.sizes ?? [];
  sizes.forEach(({ gtin }, i) => {
    if (known.styleOfGtin.get(gtin) !== wish.styleId)
      problems.add('NOT_OF_STYLE', ['sizes', i, 'gtin'], `${gtin} is no trade item of style ${wish.styleId}`);
  });
  return { sizes: sizes.map(({ gtin, quantity }) => ({ gtin, quantity })), segmentId: null };
}

type CurveWish = { readonly styleId: string; readonly memberId: string; readonly curve: NonNullable<CutInput['curve']> };

function cutByCurve({ styleId, memberId, curve }: CurveWish, known: CutKnowledge, problems: Problems): Cut {
  const nothing: Cut = { sizes: [], segmentId: curve.segmentId };
  const segment = known.segments.get(curve.segmentId);
  if (segment === undefined) {
    problems.add('NOT_FOUND', ['segmentId'], `no segment has the id ${curve.segmentId}`);
    return nothing;
  }
  if (segment.memberId !== memberId) {
    problems.add('NOT_YOURS', ['segmentId'], `segment ${curve.segmentId} belongs to another member`);
    return nothing;
  }
  const shares = segment.curve.filter(({ shareBps }) => shareBps > 0);
  const gtins = known.gtinsOf(styleId, curve.colour);
  const missing = shares.filter(({ size }) => !gtins.has(size)).map(({ size }) => size);
  if (missing.length > 0) {
    problems.add('SIZE_MISSING', ['colour'], `style ${styleId} has no trade item in ${curve.colour} of size ${missing.join(', ')}`);
    return nothing;
  }
  const parts = splitByLargestRemainder(
    curve.quantity,
    shares.map(({ shareBps }) => shareBps),
  );
  const sizes = shares.flatMap(({ size }, i) => {
    const [gtin, quantity] = [gtins.get(size), parts[i] ?? 0];
    return gtin === undefined || quantity === 0 ? [] : [{ gtin, quantity }];
  });
  return { sizes, segmentId: curve.segmentId };
}

/** Pieces of a cut in all. */
export const totalOf = (cut: Cut): number => cut.sizes.reduce((sum, { quantity }) => sum + quantity, 0);
