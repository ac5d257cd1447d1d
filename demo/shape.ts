// The shape of real trade, as numbers measured on public files; the generator draws from it. No row of a file is in them.
// Sizes, hours and concentration: 54,263 order lines of sewn goods, "Online Retail" (UCI 352, doi 10.24432/C5BW33, CC BY 4.0).
// Sewing productivity: 691 team-days of a garment factory (UCI 597, CC BY 4.0). `scripts/prove-shape.ts` measures the files again.
import type { Random } from './random.ts';

/** Spread of the logarithm of the pieces of an order line; the median of a small first batch takes the place of the shop's 4 pieces. */
export const ORDER_SIZE_SPREAD = 1.2;
const FIRST_BATCH_MEDIAN = 60;
const [BATCH_LEAST, BATCH_MOST] = [10, 1_200];

/** Share of order lines by hour of the day, from 7 to 20 o'clock. */
export const HOUR_SHARES: readonly (readonly [number, number])[] = [
  [7, 0.0005],
  [8, 0.0159],
  [9, 0.0666],
  [10, 0.0951],
  [11, 0.1095],
  [12, 0.15],
  [13, 0.1284],
  [14, 0.1181],
  [15, 0.1484],
  [16, 0.0975],
  [17, 0.049],
  [18, 0.0138],
  [19, 0.0065],
  [20, 0.0007],
];

/** Gini coefficient of the pieces sold by style: the best tenth of the styles has two thirds of them. */
export const STYLE_GINI = 0.8;
// of a log-normal distribution: Gini = erf(spread / 2)
const STYLE_SPREAD = 1.81;

/** Sewing productivity (standard minutes earned per minute worked) at some shares of the team-days. */
export const PRODUCTIVITY_QUANTILES: readonly (readonly [number, number])[] = [
  [0, 0.23],
  [0.05, 0.366],
  [0.1, 0.5],
  [0.25, 0.661],
  [0.5, 0.751],
  [0.75, 0.8],
  [0.9, 0.851],
  [0.95, 0.95],
  [1, 1.1],
];

/** Pieces of a first batch. */
export const drawOrderSize = (random: Random): number =>
  Math.min(BATCH_MOST, Math.max(BATCH_LEAST, Math.round(random.logNormal(FIRST_BATCH_MEDIAN, ORDER_SIZE_SPREAD))));

/** Hour of the day of an order. */
export function drawHour(random: Random): number {
  let rest = random.next() * HOUR_SHARES.reduce((sum, [, share]) => sum + share, 0);
  for (const [hour, share] of HOUR_SHARES) {
    rest -= share;
    if (rest < 0) return hour;
  }
  return 20;
}

/** Weight of a style among those that sell. */
export const drawPopularity = (random: Random): number => random.logNormal(1, STYLE_SPREAD);

/** One of the list, the heavier the more often. */
export function pickWeighted<T>(random: Random, list: readonly T[], weightOf: (item: T) => number): T {
  let rest = random.next() * list.reduce((sum, item) => sum + weightOf(item), 0);
  for (const item of list) {
    rest -= weightOf(item);
    if (rest < 0) return item;
  }
  return random.pick(list);
}

/** Sewing productivity of a team on a day. */
export function drawProductivity(random: Random): number {
  const share = random.next();
  for (const [i, [upTo, value]] of PRODUCTIVITY_QUANTILES.entries()) {
    const before = PRODUCTIVITY_QUANTILES[i - 1];
    if (before === undefined || share > upTo) continue;
    const [from, low] = before;
    return low + ((value - low) * (share - from)) / (upTo - from);
  }
  return 1;
}
