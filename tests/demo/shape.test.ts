/** What the generator draws has the shape of the real files; `scripts/prove-shape.ts` measures the files themselves. */
import { createRandom } from '../../demo/random.ts';
import {
  drawHour,
  drawOrderSize,
  drawPopularity,
  drawProductivity,
  HOUR_SHARES,
  ORDER_SIZE_SPREAD,
  pickWeighted,
  PRODUCTIVITY_QUANTILES,
  STYLE_GINI,
} from '../../demo/shape.ts';

const DRAWS = 20_000;
const draw = <T>(one: (random: ReturnType<typeof createRandom>) => T, count = DRAWS): T[] => {
  const random = createRandom(11);
  return Array.from({ length: count }, () => one(random));
};
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

it('order sizes have the spread of real order lines, about a small first batch', () => {
  const sizes = draw(drawOrderSize).toSorted((a, b) => a - b);
  expect(sizes[DRAWS / 2]).toBeGreaterThan(50);
  expect(sizes[DRAWS / 2]).toBeLessThan(70);
  // the middle, where no batch is cut off: a quarter of the lines on either side of the median
  const [low = 1, high = 1] = [sizes[DRAWS * 0.25], sizes[DRAWS * 0.75]];
  const spread = Math.log(high / low) / (2 * 0.6745);
  expect(Math.abs(spread - ORDER_SIZE_SPREAD)).toBeLessThan(0.06);
});

it('orders come at the hours at which people order', () => {
  const drawn = draw(drawHour);
  for (const [hour, share] of HOUR_SHARES) {
    const found = drawn.filter((one) => one === hour).length / DRAWS;
    expect(Math.abs(found - share)).toBeLessThan(0.01);
  }
});

it('few styles sell most: the Gini coefficient of their weights is that of the file', () => {
  const weights = draw(drawPopularity).toSorted((a, b) => a - b);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const gini = (2 * weights.reduce((sum, weight, i) => sum + (i + 1) * weight, 0)) / (DRAWS * total) - (DRAWS + 1) / DRAWS;
  expect(Math.abs(gini - STYLE_GINI)).toBeLessThan(0.05);
});

it('the heavier is picked the more often', () => {
  const picked = draw((random) => pickWeighted(random, [1, 3], (weight) => weight));
  expect(Math.abs(picked.filter((weight) => weight === 3).length / DRAWS - 0.75)).toBeLessThan(0.02);
});

it('sewing productivity has the quantiles of the file', () => {
  const drawn = draw(drawProductivity).toSorted((a, b) => a - b);
  for (const [share, value] of PRODUCTIVITY_QUANTILES.filter(([at]) => at > 0 && at < 1)) {
    expect(Math.abs((drawn[Math.floor(DRAWS * share)] ?? 0) - value)).toBeLessThan(0.02);
  }
  expect(mean(drawn)).toBeGreaterThan(0.68);
  expect(mean(drawn)).toBeLessThan(0.76);
});
