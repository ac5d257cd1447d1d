// Amounts between the model, which computes in major units, and rows, which hold whole minor units.
import { divideHalfEven, minorDigits } from '../../subgraph-kit/money.ts';

// Binary noise of a double ends well before this place.
const PLACES = 9;

/** Major units to minor ones, rounded half-even at the ninth decimal's exact text. */
export function toMinor(amount: number, currency: string): bigint {
  const [whole = '0', fraction = ''] = Math.abs(amount).toFixed(PLACES).split('.');
  const units = BigInt(whole + fraction);
  const divisor = 10n ** BigInt(PLACES - minorDigits(currency));
  const minor = divideHalfEven(units, divisor);
  return amount < 0 ? -minor : minor;
}

/** Minor units as a number of major units, for showing. */
export const toMajor = (amountMinor: number | bigint, currency: string): number => Number(amountMinor) / 10 ** minorDigits(currency);
