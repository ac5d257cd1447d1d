// Amounts between the model, which computes in major units, and rows, which hold whole minor units.

const digitsOfCurrency = new Map<string, number>();

/** Decimals of a currency by ISO 4217, for example 2 for CNY and 0 for JPY. */
export function minorDigits(currency: string): number {
  let digits = digitsOfCurrency.get(currency);
  if (digits === undefined) {
    digits = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
    digitsOfCurrency.set(currency, digits);
  }
  return digits;
}

// Binary noise of a double ends well before this place.
const PLACES = 9;

/** Major units to minor ones, rounded half-even at the ninth decimal's exact text. */
export function toMinor(amount: number, currency: string): bigint {
  const [whole = '0', fraction = ''] = Math.abs(amount).toFixed(PLACES).split('.');
  const units = BigInt(whole + fraction);
  const divisor = 10n ** BigInt(PLACES - minorDigits(currency));
  const below = units / divisor;
  const twice = (units % divisor) * 2n;
  const minor = twice > divisor || (twice === divisor && below % 2n === 1n) ? below + 1n : below;
  return amount < 0 ? -minor : minor;
}

/** Minor units as a number of major units, for showing. */
export const toMajor = (amountMinor: number | bigint, currency: string): number => Number(amountMinor) / 10 ** minorDigits(currency);
