/** Budgets of planning in counted steps, never in time: a plan must not depend on the load of the machine. */
import { EngineError } from '../supergraph/engine-error.ts';

export type Limits = {
  readonly positions: number;
  readonly facts: number;
  readonly searchNodes: number;
  readonly fetches: number;
  readonly representationLeaves: number;
  readonly occurrences: number;
  readonly conditionVariables: number;
  readonly needDepth: number;
  /** Nesting of positions. */
  readonly depth: number;
};

export const LIMITS: Limits = {
  positions: 20_000,
  facts: 200_000,
  searchNodes: 20_000,
  fetches: 500,
  representationLeaves: 10_000,
  occurrences: 200_000,
  conditionVariables: 16,
  needDepth: 8,
  depth: 200,
};

export type Budget = {
  readonly limits: Limits;
  /** Adds to a counter; over its limit it refuses with PLAN_TOO_COMPLEX. */
  count(what: keyof Limits, steps?: number): void;
  /** Adds to a counter without ever refusing: the caller looks at `used` and makes do with what it has. */
  note(what: keyof Limits): void;
  /** Steps counted so far. */
  used(what: keyof Limits): number;
};

export function createBudget(limits: Limits = LIMITS): Budget {
  const used = new Map<keyof Limits, number>();
  return {
    limits,
    count(what, steps = 1) {
      const now = (used.get(what) ?? 0) + steps;
      used.set(what, now);
      if (now > limits[what]) {
        throw new EngineError('PLAN_TOO_COMPLEX', `The operation needs more than ${limits[what]} ${what}. Ask for less at once.`);
      }
    },
    note: (what) => void used.set(what, (used.get(what) ?? 0) + 1),
    used: (what) => used.get(what) ?? 0,
  };
}
