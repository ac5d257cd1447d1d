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

/** `n / d` for `d` above zero, rounded to the nearest whole number; a half goes to the even neighbour. */
export function divideHalfEven(n: bigint, d: bigint): bigint {
  if (d <= 0n) throw new RangeError(`expected a divisor above zero, got ${d}`);
  const below = n / d - (n < 0n && n % d !== 0n ? 1n : 0n);
  const twice = 2n * (n - below * d);
  const up = twice > d || (twice === d && below % 2n !== 0n);
  return up ? below + 1n : below;
}

const digitsOfCurrency = new Map<string, number>();

/** Decimals of a currency by ISO 4217, for example 2 for CNY and 0 for JPY; 2 for a code that is not of the list. */
export function minorDigits(currency: string): number {
  let digits = digitsOfCurrency.get(currency);
  if (digits === undefined) {
    digits = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
    digitsOfCurrency.set(currency, digits);
  }
  return digits;
}
