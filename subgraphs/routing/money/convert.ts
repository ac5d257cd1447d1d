// Converting an amount into the currency of the hub: exact arithmetic, rounded half-even, once.
import { addDays } from '../../../lib/clock/clock.ts';
import { divideHalfEven, minorDigits } from '../../../subgraph-kit/money.ts';
import type { Conversion } from './waterfall.ts';

/** A rate of an earlier day holds for at most this many days more. */
export const RATE_DAYS = 7;

export type DatedRate = { readonly date: string; readonly from: string; readonly to: string; readonly rate: string };

/** The rate of the day, else the latest of the days before it that still holds; null when there is none. */
export function rateOf(rates: readonly DatedRate[], from: string, to: string, day: string): DatedRate | null {
  const first = addDays(day, -RATE_DAYS);
  const usable = rates.filter((rate) => rate.from === from && rate.to === to && rate.date <= day && rate.date >= first);
  return usable.toSorted((a, b) => (a.date < b.date ? 1 : -1))[0] ?? null;
}

const DECIMAL = /^(\d+)(?:\.(\d+))?$/;

/** A decimal number above zero as a fraction of whole numbers. */
function toFraction(decimal: string): { over: bigint; under: bigint } {
  const [, whole = '', places = ''] = DECIMAL.exec(decimal) ?? [];
  if (whole === '') throw new RangeError(`"${decimal}" is no rate`);
  return { over: BigInt(whole + places), under: 10n ** BigInt(places.length) };
}

/** The amount in minor units of `rate.to`, and how it was made. The rate is of major units. */
export function convert(amountMinor: bigint, rate: DatedRate): { amountMinor: bigint; conversion: Conversion } {
  const { over, under } = toFraction(rate.rate);
  const digits = minorDigits(rate.to) - minorDigits(rate.from);
  const up = 10n ** BigInt(Math.max(0, digits));
  const down = 10n ** BigInt(Math.max(0, -digits));
  return {
    amountMinor: divideHalfEven(amountMinor * over * up, under * down),
    conversion: { originalMinor: amountMinor, originalCurrency: rate.from, rate: rate.rate, rateDate: rate.date },
  };
}
