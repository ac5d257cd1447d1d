// What one piece of a line costs with a maker, term by term. docs/routing.md publishes the formulas.
import { dutyBps, USUAL_WEIGHT_GRAMS } from '../../../subgraph-kit/trade/landed-cost.ts';
import { COST_KINDS, QUALITY_RISK_RATE, TRANSIT_DAYS_ABROAD, TRANSIT_DAYS_HOME, UNKNOWN_PLACE, UNKNOWN_QUALITY } from './constants.ts';
import type { Bid, CostKind, InputLane, InputLine, InputMaker, InputPolicy, InputTerm } from './types.ts';

/** A cost of one piece by kind, weighted by the policy. Lateness is apart: it depends on the day. */
export type PieceTerms = Readonly<Record<CostKind, number>>;

/** Carriage and duty from a maker to a destination. */
export type Way = {
  readonly transitDays: number;
  readonly perConsignment: number;
  readonly perKilogram: number;
  readonly perPiece: number;
  readonly dutyRate: number;
};

/** What a maker asks for a line. */
export type Price = {
  readonly unitPrice: number;
  /** Set-up of the lot; 0 when it is none of its own. */
  readonly setupCost: number;
  /** Pieces the fixed amounts are spread over. */
  readonly lot: number;
};

/** The term for the kind of product, else the one for all others. */
export const findTerm = (maker: InputMaker, category: string): InputTerm | null =>
  maker.terms.find((term) => term.category === category) ?? maker.terms.find((term) => term.category === null) ?? null;

/** Where a maker sends from: a tariff for any origin also serves one that named no place. */
export const placeOf = ({ unlocode, country }: Pick<InputMaker, 'unlocode' | 'country'>): string =>
  unlocode ?? `${country}${UNKNOWN_PLACE}`;

const countryOf = (unlocode: string): string => unlocode.slice(0, 2);

export type LaneIndex = ReadonlyMap<string, InputLane>;

/** Lanes by their two ends; the cheapest when two are the same. */
export function indexLanes(lanes: readonly InputLane[]): LaneIndex {
  const index = new Map<string, InputLane>();
  const rank = (lane: InputLane): number[] => [lane.perPiece, lane.perKilogram, lane.perConsignment, lane.transitDays];
  for (const lane of lanes) {
    const key = `${lane.origin} ${lane.destination}`;
    const held = index.get(key);
    if (held === undefined || isBefore(rank(lane), rank(held))) index.set(key, lane);
  }
  return index;
}

function isBefore(a: readonly number[], b: readonly number[]): boolean {
  const at = a.findIndex((value, i) => value !== b[i]);
  return at >= 0 && (a[at] ?? 0) < (b[at] ?? 0);
}

export function findWay(maker: InputMaker, { shipTo, hsCode }: Pick<InputLine, 'shipTo' | 'hsCode'>, lanes: LaneIndex): Way {
  const lane = lanes.get(`${placeOf(maker)} ${shipTo}`);
  const dutyRate = dutyBps(hsCode, maker.country, countryOf(shipTo)) / 10_000;
  if (lane !== undefined) return { ...lane, dutyRate };
  const transitDays = maker.country === countryOf(shipTo) ? TRANSIT_DAYS_HOME : TRANSIT_DAYS_ABROAD;
  return { transitDays, perConsignment: 0, perKilogram: 0, perPiece: 0, dutyRate };
}

/** Published terms or the bid that takes their place; null when the price of the term has no exchange rate. */
export function priceOf(line: InputLine, minutes: number, term: InputTerm | null, bid: Bid | undefined): Price | null {
  if (bid !== undefined)
    return { unitPrice: bid.unitPrice, setupCost: bid.setupCost, lot: Math.min(line.quantity, bid.maxQuantity ?? line.quantity) };
  if (term === null || term.minutePrice === null) return null;
  const setupCost = line.quantity < term.moq ? (term.setupCost ?? 0) : 0;
  return { unitPrice: minutes * term.minutePrice, setupCost, lot: line.quantity };
}

export function pieceTerms(line: InputLine, maker: InputMaker, price: Price, way: Way, policy: InputPolicy): PieceTerms {
  const { weights } = policy;
  const weightKilogram = (line.unitWeightGrams ?? USUAL_WEIGHT_GRAMS) / 1_000;
  const risk = (1 - (maker.qualityScore ?? UNKNOWN_QUALITY)) * QUALITY_RISK_RATE;
  return {
    EX_WORKS: weights.EX_WORKS * price.unitPrice,
    FREIGHT: weights.FREIGHT * (way.perPiece + way.perKilogram * weightKilogram + way.perConsignment / price.lot),
    DUTY: weights.DUTY * price.unitPrice * way.dutyRate,
    SETUP: weights.SETUP * (price.setupCost / price.lot),
    QUALITY_RISK: weights.QUALITY_RISK * risk * price.unitPrice,
    LATENESS: 0,
  };
}

export const sumTerms = (terms: PieceTerms): number => COST_KINDS.reduce((sum, kind) => sum + terms[kind], 0);
