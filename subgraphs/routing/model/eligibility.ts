// Which makers may do a line, and why the others may not: row (4) of the model.
import { EXCLUSION_REASONS, UNKNOWN_QUALITY } from './constants.ts';
import type { Bid, ExclusionReason, InputLine, InputMaker, InputTerm } from './types.ts';

/** Order of the reasons as numbers, so that counts of a line are one small array. */
export const reasonNumber = (reason: ExclusionReason): number => EXCLUSION_REASONS.indexOf(reason);

/** What the tests of one pair of line and maker need besides both. */
export type Pair = {
  readonly term: InputTerm | null;
  readonly bid: Bid | undefined;
  /** Has all tags the line asks for. */
  readonly capable: boolean;
  readonly certified: boolean;
  /** Standard minutes of one piece. */
  readonly minutes: number;
};

/** The first reason that holds, of those that need no calendar; null when none does. */
export function findExclusion(line: InputLine, maker: InputMaker, pair: Pair): ExclusionReason | null {
  const { term, bid } = pair;
  if (maker.status !== 'ACTIVE') return 'MAKER_NOT_ACTIVE';
  if (line.declinedBy.includes(maker.gln)) return 'DECLINED_BEFORE';
  // no terms for the kind of product: it does not make it
  if (!pair.capable || (term === null && bid === undefined)) return 'CAPABILITY_MISSING';
  if (!pair.certified) return 'CERTIFICATE_MISSING';
  if (line.qualityFloorBps !== null && (maker.qualityScore ?? UNKNOWN_QUALITY) * 10_000 < line.qualityFloorBps)
    return 'QUALITY_UNDER_FLOOR';
  const least = bid === undefined ? (term?.moq ?? 0) : (bid.minQuantity ?? 0);
  if (line.quantity < least && term?.acceptsShortLots !== true) return 'BELOW_MOQ';
  if (bid === undefined && term?.minutePrice === null) return 'NO_EXCHANGE_RATE';
  const unitPrice = bid === undefined ? pair.minutes * (term?.minutePrice ?? 0) : bid.unitPrice;
  return line.priceCap !== null && unitPrice > line.priceCap ? 'PRICE_OVER_CAP' : null;
}

/** The bid that counts of a maker for a line: a counter-offer before a quote, then the cheaper one. */
export function chooseBid(bids: readonly Bid[]): Bid | undefined {
  const rank = ({ kind, unitPrice, setupCost, id }: Bid): [number, number, number, string] => [
    kind === 'COUNTER' ? 0 : 1,
    unitPrice,
    setupCost,
    id,
  ];
  return bids.toSorted((a, b) => {
    const [x, y] = [rank(a), rank(b)];
    return x[0] - y[0] || x[1] - y[1] || x[2] - y[2] || (x[3] < y[3] ? -1 : 1);
  })[0];
}

/** Answers "has all of these" for each maker; asked once for each different list. */
export function createHasAll(heldBy: readonly ReadonlySet<string>[]): (wanted: readonly string[]) => Uint8Array {
  const known = new Map<string, Uint8Array>();
  return (wanted) => {
    const key = [...new Set(wanted)].toSorted().join('\n');
    const found = known.get(key) ?? Uint8Array.from(heldBy, (held) => (wanted.every((one) => held.has(one)) ? 1 : 0));
    known.set(key, found);
    return found;
  };
}
