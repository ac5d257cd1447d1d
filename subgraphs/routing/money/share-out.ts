// Sharing out whole amounts: every part is a whole number of minor units and the parts add up to the whole, exactly, at any size.

/**
 * Cuts a whole in the ratio of the weights by the largest remainder; equal remainders go to the earlier weight. Weights that are all zero
 * take a whole of zero only.
 */
export function shareOut(whole: bigint, weights: readonly bigint[]): bigint[] {
  const sum = weights.reduce((a, b) => a + b, 0n);
  if (whole === 0n) return weights.map(() => 0n);
  if (sum <= 0n) throw new RangeError('the weights must add up to more than zero');
  const parts = weights.map((weight) => (whole * weight) / sum);
  const rest = whole - parts.reduce((a, b) => a + b, 0n);
  const byRemainder = weights
    .map((weight, i) => ({ i, remainder: (whole * weight) % sum }))
    .sort((a, b) => (a.remainder === b.remainder ? a.i - b.i : a.remainder < b.remainder ? 1 : -1));
  for (const { i } of byRemainder.slice(0, Number(rest))) parts[i] = (parts[i] ?? 0n) + 1n;
  return parts;
}

/** Gives each what it claims, or, when there is too little, shares out what there is in the ratio of the claims. */
export function cutTo(left: bigint, claims: readonly bigint[]): bigint[] {
  const sum = claims.reduce((a, b) => a + b, 0n);
  return sum <= left ? [...claims] : shareOut(left, claims);
}
