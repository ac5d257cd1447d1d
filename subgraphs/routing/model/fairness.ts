// How evenly the work is spread over the makers that could have had some.
import { NEW_MAKER_DAYS } from './constants.ts';
import type { Placed } from './greedy.ts';
import type { Problem } from './problem.ts';
import type { Fairness } from './types.ts';

export function measureFairness(problem: Problem, plan: readonly Placed[]): Fairness {
  const { makers, lines, input, pieceCost } = problem;
  const minutes = new Float64Array(makers.length);
  for (const { line, maker, pieces } of plan) minutes[maker] = (minutes[maker] ?? 0) + pieces * (lines[line]?.totalMinutes ?? 0);
  const eligible = makers.map(() => false);
  pieceCost.forEach((cost, pair) => {
    if (cost < Infinity) eligible[pair % makers.length] = true;
  });
  const total = minutes.reduce((sum, one) => sum + one, 0);
  const held = [...minutes].filter((_, maker) => eligible[maker] === true).toSorted((a, b) => a - b);
  const shares = held.map((one) => (total > 0 ? one / total : 0));
  const hhi = shares.reduce((sum, share) => sum + share * share, 0);
  const fresh = minutes.reduce((sum, one, maker) => ((makers[maker]?.daysKnown ?? 0) < NEW_MAKER_DAYS ? sum + one : sum), 0);
  const toBps = (share: number): number => Math.round(share * 10_000);
  return {
    hhi,
    hhiNormalised: normalise(hhi, shares.length),
    hhiLimit: input.policy.hhiLimit,
    largestShareBps: toBps(shares.at(-1) ?? 0),
    gini: toGini(shares),
    newMakerShareBps: total > 0 ? toBps(fresh / total) : 0,
  };
}

/** 0 when all have the same, 1 when one has all; a single one has all. */
function normalise(hhi: number, makers: number): number {
  if (hhi === 0) return 0;
  return makers < 2 ? 1 : Math.max(0, (hhi - 1 / makers) / (1 - 1 / makers));
}

/** Of shares that add up to 1, smallest first; 0 when there are none. */
function toGini(shares: readonly number[]): number {
  const sum = shares.reduce((all, share) => all + share, 0);
  if (sum === 0) return 0;
  const ranked = shares.reduce((all, share, place) => all + (place + 1) * share, 0);
  return Math.max(0, (2 * ranked) / (shares.length * sum) - (shares.length + 1) / shares.length);
}
