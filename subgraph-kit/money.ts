// Money is an integer of minor units and a currency, never a floating number.

export type Money = { readonly amountMinor: bigint | number; readonly currency: string };

/** Null when there is no amount. */
export const toMoney = (amountMinor: bigint | number | null, currency: string | null): Money | null =>
  amountMinor === null || currency === null ? null : { amountMinor, currency };

/**
 * Splits a whole into integer parts in the ratio of the weights by the largest remainder; the parts add up to the whole exactly.
 * Equal remainders go to the earlier weight. Weights must not all be zero.
 */
export function splitByLargestRemainder(whole: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((a, b) => a + b, 0);
  if (!(sum > 0)) throw new RangeError('the weights must add up to more than zero');
  const exact = weights.map((weight) => (whole * weight) / sum);
  const parts = exact.map(Math.floor);
  const rest = whole - parts.reduce((a, b) => a + b, 0);
  const byRemainder = exact
    .map((value, i) => ({ i, remainder: value - Math.floor(value) }))
    .sort((a, b) => b.remainder - a.remainder || a.i - b.i);
  for (const { i } of byRemainder.slice(0, rest)) parts[i] = (parts[i] ?? 0) + 1;
  return parts;
}
