// Prices worked out from published terms, exactly: decimal text in, minor units out, rounded half-even once at the end.
import { divideHalfEven, minorDigits } from '../../subgraph-kit/money.ts';

/** A decimal number: `units` divided by 10 to the power of `digits`. */
export type Exact = { readonly units: bigint; readonly digits: number };

/** Reads decimal text that is not below zero. */
export function parseDecimal(text: string): Exact {
  const [whole = '', fraction = ''] = text.split('.');
  return { units: BigInt(whole + fraction), digits: fraction.length };
}

/** Standard minutes of one piece times the price of a minute, in minor units of the currency. */
export function pricePerPiece(minutes: Exact, price: Exact, currency: string): bigint {
  const digits = minutes.digits + price.digits - minorDigits(currency);
  const product = minutes.units * price.units;
  return digits >= 0 ? divideHalfEven(product, 10n ** BigInt(digits)) : product * 10n ** BigInt(-digits);
}
