// Prices worked out from published terms, exactly: decimal text in, minor units out, rounded half-even once at the end.

/** A decimal number: `units` divided by 10 to the power of `digits`. */
export type Exact = { readonly units: bigint; readonly digits: number };

/** Reads decimal text that is not below zero. */
export function parseDecimal(text: string): Exact {
  const [whole = '', fraction = ''] = text.split('.');
  return { units: BigInt(whole + fraction), digits: fraction.length };
}

/** Divides and rounds to the nearest whole number, a half to the even one. Both are not below zero. */
function divideHalfEven(dividend: bigint, divisor: bigint): bigint {
  const whole = dividend / divisor;
  const twice = (dividend % divisor) * 2n;
  const up = twice > divisor || (twice === divisor && whole % 2n === 1n);
  return up ? whole + 1n : whole;
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

/** Standard minutes of one piece times the price of a minute, in minor units of the currency. */
export function pricePerPiece(minutes: Exact, price: Exact, currency: string): bigint {
  const digits = minutes.digits + price.digits - minorDigits(currency);
  const product = minutes.units * price.units;
  return digits >= 0 ? divideHalfEven(product, 10n ** BigInt(digits)) : product * 10n ** BigInt(-digits);
}
