// Lifetime value, by a formula that anybody can repeat:
//   value = net revenue per buyer of a period ÷ (1 − share of buyers who come back), the share taken as at most 95 %.
// It is the sum of a geometric row: each period the same share of buyers buys the same amount again. For a segment the period is the
// last 90 days; for a cohort the revenue so far, with its share after 90 days (after 30 while 90 have not passed, none before).
import { divideHalfEven } from '../../subgraph-kit/money.ts';

/** Fewer buyers than this say nothing. */
export const LEAST_BUYERS = 30;
const MOST_RETENTION_BPS = 9_500;

/** Minor units per buyer, rounded half to even; null below 30 buyers. */
export function lifetimeValue(figures: { netMinor: bigint; buyers: number; retentionBps: number | null }): bigint | null {
  const { netMinor, buyers } = figures;
  if (buyers < LEAST_BUYERS) return null;
  const lostBps = 10_000 - Math.min(figures.retentionBps ?? 0, MOST_RETENTION_BPS);
  return divideHalfEven(netMinor * 10_000n, BigInt(buyers) * BigInt(lostBps));
}

/** Share in basis points, rounded down; null without a whole. */
export const toBps = (part: number, whole: number): number | null => (whole > 0 ? Math.floor((part * 10_000) / whole) : null);
