// Division of whole numbers, rounded to the nearest, a half to the even neighbour.

/** `n / d` for `d` above zero. */
export function divideHalfEven(n: bigint, d: bigint): bigint {
  if (d <= 0n) throw new RangeError(`expected a divisor above zero, got ${d}`);
  const below = n / d - (n < 0n && n % d !== 0n ? 1n : 0n);
  const twice = 2n * (n - below * d);
  const up = twice > d || (twice === d && below % 2n !== 0n);
  return up ? below + 1n : below;
}
