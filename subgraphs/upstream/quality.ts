// How well a maker has worked. The formula is published and the same for all:
//   score = 0.5 · first-pass yield + 0.3 · lots on time + 0.2 · (1 − lots rejected)
// with the yield over pieces and the other two over lots.
import type { QualityRow } from './data/tables.ts';

export type QualityScore = {
  readonly firstPassYieldBps: number;
  readonly aqlRejectBps: number;
  readonly onTimeBps: number;
  readonly score: number;
  readonly sampleSize: number;
  readonly asOf: Date;
};

type Sums = Omit<QualityRow, 'gln'>;

/** `score` lies within 0 and 1; the shares are in basis points. The sums are of at least one lot. */
export function scoreOf({ lots, pieces, firstPassPieces, rejectedLots, onTimeLots, changedAt }: Sums): QualityScore {
  const yielded = Number(firstPassPieces) / Number(pieces);
  const rejected = rejectedLots / lots;
  const onTime = onTimeLots / lots;
  return {
    firstPassYieldBps: Math.round(yielded * 10_000),
    aqlRejectBps: Math.round(rejected * 10_000),
    onTimeBps: Math.round(onTime * 10_000),
    score: 0.5 * yielded + 0.3 * onTime + 0.2 * (1 - rejected),
    sampleSize: lots,
    asOf: changedAt,
  };
}
