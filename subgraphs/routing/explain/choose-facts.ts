// What a decision says, whatever the language: winners, the runner-up and how far it was, who was shut out, what was scarce.
import { toDay } from '../../../subgraph-kit/days.ts';
import {
  toDecimal,
  type DecisionFacts,
  type DecisionRow,
  type PriceRow,
  type StoredCandidate,
  type StoredExclusion,
} from '../data/tables.ts';
import { toMajor } from '../minor-units.ts';
import type { Stage } from '../model/types.ts';
import { PIECE_DIGITS } from './words.ts';

/** A decision with the prices of its limits that the viewer may see, and whose name the viewer may know. */
export type DecisionView = {
  readonly decision: DecisionRow;
  readonly prices: readonly PriceRow[];
  readonly mayName: (candidate: StoredCandidate) => boolean;
};

export type Winner = {
  /** Null where the viewer may not know. */
  readonly name: string | null;
  readonly pieces: number;
  readonly unitPriceMinor: number;
  /** The price of a piece has its part of the set-up in it. */
  readonly hasSetup: boolean;
  readonly totalMinor: number;
  readonly promisedDay: string;
  /** The largest ones, dearest first. */
  readonly terms: StoredCandidate['terms'];
};

export type RunnerUp = {
  readonly name: string | null;
  /** Cost of one piece with all terms, major units. */
  readonly perPiece: number;
  /** Over that of a chosen piece; null when none was chosen, or when they cost the same. */
  readonly difference: number | null;
  /** What one piece would have to fall by; 0: it was as good. */
  readonly fall: number;
};

export type Facts = Pick<DecisionFacts, 'styleName' | 'dueDay' | 'latestDay' | 'currency' | 'makers' | 'unserved'> & {
  readonly wanted: number;
  readonly winners: readonly Winner[];
  readonly runnerUp: RunnerUp | null;
  readonly compared: number;
  readonly excluded: readonly StoredExclusion[];
  readonly limits: readonly { readonly stage: Stage | null; readonly day: string | null; readonly price: number }[];
  /** Limits that are not named. */
  readonly moreLimits: number;
  /** Null where the viewer may not know. */
  readonly pieceCost: number | null;
};

const TERMS_SAID = 3;
const LIMITS_SAID = 5;

export const chosenOf = ({ candidates }: Pick<DecisionRow, 'candidates'>): StoredCandidate[] =>
  candidates.filter(({ quantity }) => quantity > 0);

/** The candidate that was nearest to being chosen; of equals the cheaper one, which stands first. */
export const runnerUpOf = ({ candidates }: Pick<DecisionRow, 'candidates'>): StoredCandidate | null =>
  candidates
    .filter(({ quantity }) => quantity === 0)
    .reduce<StoredCandidate | null>(
      (best, one) => (best === null || Number(one.reducedCost) < Number(best.reducedCost) ? one : best),
      null,
    );

export function chooseFacts({ decision, prices, mayName }: DecisionView): Facts {
  const { facts } = decision;
  const nameOf = (candidate: StoredCandidate): string | null => (mayName(candidate) ? candidate.name : null);
  const limits = prices.filter(({ kind }) => kind !== 'DEMAND');
  const ofDemand = prices.find(({ kind }) => kind === 'DEMAND');
  return {
    ...facts,
    wanted: decision.wanted,
    winners: chosenOf(decision).map((candidate) => ({
      name: nameOf(candidate),
      pieces: candidate.quantity,
      unitPriceMinor: candidate.plan?.unitPriceMinor ?? Math.round(candidate.totalCostMinor / candidate.quantity),
      hasSetup: candidate.terms.some(({ kind, amountMinor }) => kind === 'SETUP' && amountMinor > 0),
      totalMinor: candidate.totalCostMinor,
      promisedDay: candidate.plan?.promisedDay ?? facts.latestDay,
      terms: candidate.terms
        .filter(({ amountMinor }) => amountMinor !== 0)
        .toSorted((a, b) => b.amountMinor - a.amountMinor)
        .slice(0, TERMS_SAID),
    })),
    runnerUp: toRunnerUp(decision, nameOf),
    compared: decision.candidates.length,
    excluded: decision.excluded,
    limits: limits
      .slice(0, LIMITS_SAID)
      .map(({ stage, day, price }) => ({ stage, day: day === null ? null : toDay(day), price: Number(toDecimal(price)) })),
    moreLimits: Math.max(0, limits.length - LIMITS_SAID),
    pieceCost: ofDemand === undefined ? null : Number(toDecimal(ofDemand.price)),
  };
}

// The cost of one that was not chosen is that of all pieces of the line; of those chosen, that of the pieces they were given.
function toRunnerUp(decision: DecisionRow, nameOf: (candidate: StoredCandidate) => string | null): RunnerUp | null {
  const runnerUp = runnerUpOf(decision);
  if (runnerUp === null) return null;
  const { currency } = decision.facts;
  const perPiece = toMajor(runnerUp.totalCostMinor, currency) / decision.wanted;
  const difference = decision.placed === 0 ? null : perPiece - toMajor(decision.costMinor, currency) / decision.placed;
  return {
    name: nameOf(runnerUp),
    perPiece,
    // costs are whole minor units, so less than one of them a piece may be rounding
    difference: difference !== null && Math.abs(difference) >= toMajor(1, currency) ? difference : null,
    // less than can be told is nothing
    fall: Math.max(0, Number(Number(runnerUp.reducedCost).toFixed(PIECE_DIGITS))),
  };
}
