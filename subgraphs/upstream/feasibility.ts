// Can a maker serve a demand line? Plain rules over plain data; the order of the makers is by price and GLN, never by rank bought.
//
// A maker's minutes of a stage add up from today on; the lot is packed on the first day on which every stage has had its standard
// minutes, but not before the lead time is over. Stages are taken to overlap, piece by piece.
import { pricePerPiece, type Exact } from './price.ts';
import { pickTerm } from './terms.ts';
import type { MakerStatus, Stage } from './words.ts';

export type InfeasibleReason =
  | 'CAPABILITY_MISSING'
  | 'CERTIFICATE_MISSING'
  | 'CAPACITY_SHORT'
  | 'TOO_LATE'
  | 'BELOW_MOQ'
  | 'PRICE_OVER_CAP'
  | 'QUALITY_UNDER_FLOOR'
  | 'MAKER_NOT_ACTIVE';

export type Amount = { readonly amountMinor: bigint; readonly currency: string };

/** What a demand line asks for. Days are counted from today: 0 is today. */
export type Wish = {
  readonly quantity: number;
  readonly latestDay: number;
  readonly category: string;
  readonly requiredCapabilities: readonly string[];
  readonly requiredCertificates: readonly string[];
  readonly qualityFloorBps: number | null;
  readonly unitPriceCap: Amount | null;
  /** Standard minutes of the whole lot, by stage. */
  readonly work: readonly { readonly stage: Stage; readonly minutes: number }[];
  /** Standard minutes of one piece over all operations. */
  readonly smvTotal: Exact;
  /** Tags that are required and tags of the operations. */
  readonly allTags: readonly string[];
};

export type CandidateTerm = {
  readonly category: string | null;
  readonly moq: number;
  readonly acceptsShortLots: boolean;
  readonly leadTimeDays: number;
  readonly minutePrice: Exact;
  readonly currency: string;
  readonly setupCostMinor: bigint;
};

/** Standard minutes that a stage can earn from today to a day: the days with minutes, and the sum up to each of them. */
export type EarnedMinutes = { readonly days: readonly number[]; readonly sums: readonly number[] };
/** The same for the stages of one maker. */
export type MinutesOfMaker = ReadonlyMap<Stage, EarnedMinutes>;

export type Candidate = {
  readonly gln: string;
  readonly status: MakerStatus;
  readonly tags: ReadonlySet<string>;
  readonly evidences: ReadonlySet<string>;
  readonly terms: readonly CandidateTerm[];
  /** 0 to 1; null before the first inspected lot. */
  readonly score: number | null;
};

/** What a maker bound itself to for this line. */
export type Binding = { readonly unitPrice: Amount; readonly setupCostMinor: bigint; readonly minQty: number; readonly finishDay: number };

/** The answer: an offer when there is no reason against it. */
export type Verdict = {
  readonly unitPrice: Amount | null;
  readonly setupCostMinor: bigint | null;
  readonly minQty: number | null;
  /** Days from today. */
  readonly finishDay: number | null;
  readonly reasons: readonly InfeasibleReason[];
};

/** First day by which a stage has earned the minutes; null when never. */
export function firstDayWith(earned: EarnedMinutes | undefined, minutes: number): number | null {
  if (earned === undefined) return null;
  let low = 0;
  let high = earned.sums.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((earned.sums[middle] ?? 0) >= minutes) high = middle;
    else low = middle + 1;
  }
  return earned.days[low] ?? null;
}

/** First day by which every stage of the work has its minutes; null when one never has. */
function finishOf(wish: Wish, minutes: MinutesOfMaker): number | null {
  let finish = 0;
  for (const { stage, minutes: wanted } of wish.work) {
    const day = firstDayWith(minutes.get(stage), wanted);
    if (day === null) return null;
    finish = Math.max(finish, day);
  }
  return finish;
}

const isOverCap = (cap: Amount | null, price: Amount): boolean =>
  cap !== null && cap.currency === price.currency && price.amountMinor > cap.amountMinor;

// Reasons that do not depend on price, day or lot.
function standingReasons(wish: Wish, maker: Candidate, tags: readonly string[]): InfeasibleReason[] {
  const reasons: InfeasibleReason[] = [];
  if (maker.status !== 'ACTIVE') reasons.push('MAKER_NOT_ACTIVE');
  if (!tags.every((tag) => maker.tags.has(tag))) reasons.push('CAPABILITY_MISSING');
  if (!wish.requiredCertificates.every((name) => maker.evidences.has(name))) reasons.push('CERTIFICATE_MISSING');
  if (wish.qualityFloorBps !== null && (maker.score === null || maker.score * 10_000 < wish.qualityFloorBps))
    reasons.push('QUALITY_UNDER_FLOOR');
  return reasons;
}

/** What a binding quote says: the maker answers for its capacity itself. */
export function judgeBinding(wish: Wish, maker: Candidate, quote: Binding): Verdict {
  const reasons = standingReasons(wish, maker, wish.requiredCapabilities);
  if (wish.quantity < quote.minQty) reasons.push('BELOW_MOQ');
  if (isOverCap(wish.unitPriceCap, quote.unitPrice)) reasons.push('PRICE_OVER_CAP');
  if (quote.finishDay > wish.latestDay) reasons.push('TOO_LATE');
  return toVerdict(reasons, quote.minQty, quote);
}

/**
 * Works an offer out of published terms and free minutes; without `minutes` as if there were enough today, which is never worse. A maker
 * without terms for the category does not make such products.
 */
export function judgeTerms(wish: Wish, maker: Candidate, minutes: MinutesOfMaker | null): Verdict {
  const term = pickTerm(maker.terms, wish.category);
  const reasons = standingReasons(wish, maker, wish.allTags);
  const finish = minutes === null ? 0 : finishOf(wish, minutes);
  if (finish === null) reasons.push('CAPACITY_SHORT');
  if (term === null) {
    if (!reasons.includes('CAPABILITY_MISSING')) reasons.push('CAPABILITY_MISSING');
    return toVerdict(reasons, null, null);
  }
  const unitPrice = { amountMinor: pricePerPiece(wish.smvTotal, term.minutePrice, term.currency), currency: term.currency };
  const finishDay = Math.max(finish ?? 0, term.leadTimeDays);
  if (wish.quantity < term.moq && !term.acceptsShortLots) reasons.push('BELOW_MOQ');
  if (isOverCap(wish.unitPriceCap, unitPrice)) reasons.push('PRICE_OVER_CAP');
  if (finishDay > wish.latestDay) reasons.push('TOO_LATE');
  return toVerdict(reasons, term.moq, { unitPrice, setupCostMinor: term.setupCostMinor, finishDay });
}

type Offer = Pick<Binding, 'unitPrice' | 'setupCostMinor' | 'finishDay'>;

const toVerdict = (reasons: readonly InfeasibleReason[], minQty: number | null, offer: Offer | null): Verdict =>
  reasons.length > 0 || offer === null
    ? { unitPrice: null, setupCostMinor: null, minQty, finishDay: null, reasons }
    : { unitPrice: offer.unitPrice, setupCostMinor: offer.setupCostMinor, minQty, finishDay: offer.finishDay, reasons };

export type Ranked = { readonly gln: string; readonly verdict: Verdict };

/**
 * The order in which makers are named: those that can, cheapest first, the currency of the hub before others; then near misses, fewest
 * reasons first. Equal ones by GLN.
 */
export function compareRanked(currency: string) {
  const placeOf = ({ verdict: { unitPrice } }: Ranked): string =>
    unitPrice === null || unitPrice.currency === currency ? '' : unitPrice.currency;
  return (a: Ranked, b: Ranked): number => {
    const byReasons = a.verdict.reasons.length - b.verdict.reasons.length;
    if (byReasons !== 0) return byReasons;
    const [left, right] = [placeOf(a), placeOf(b)];
    if (left !== right) return left < right ? -1 : 1;
    const difference = (a.verdict.unitPrice?.amountMinor ?? 0n) - (b.verdict.unitPrice?.amountMinor ?? 0n);
    if (difference !== 0n) return difference < 0n ? -1 : 1;
    return a.gln < b.gln ? -1 : 1;
  };
}

/**
 * The first ones by rank. `hopeful` holds verdicts that the full one, by `judge`, can only make worse: so once as many as are wanted have
 * stood the full judgement, nobody further down can overtake them, and only a part of the makers needs to be looked at in full.
 */
export function rankFirst<T extends Ranked>(
  hopeful: readonly T[],
  options: { first: number; currency: string; judge: (one: T) => T },
): T[] {
  const compare = compareRanked(options.currency);
  const judged: T[] = [];
  let stood = 0;
  for (const one of hopeful.toSorted(compare)) {
    if (stood === options.first) break;
    const full = options.judge(one);
    if (full.verdict.reasons.length === one.verdict.reasons.length) stood += 1;
    judged.push(full);
  }
  return judged.sort(compare).slice(0, options.first);
}
