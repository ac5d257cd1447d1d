// Amounts of any currency in major units of the hub's, by the rate of the day. What has no rate is told once for each currency.
import type { Money } from '../../../subgraph-kit/money.ts';
import type { RunProblem } from '../data/tables.ts';
import { toMajor } from '../minor-units.ts';
import { rateOf, type DatedRate } from '../money/convert.ts';

export type Exchange = {
  /** Major units of the hub's currency; null without a rate. */
  readonly money: (amount: Money, what: string) => number | null;
  /** The same for an amount that is in major units already. */
  readonly major: (amount: number, currency: string, what: string) => number | null;
  /** One for each currency that was asked for in vain. */
  readonly problems: () => RunProblem[];
};

// A millionth of a unit: finer than any price, coarser than the noise of a double.
const PLACES = 1e6;

export function createExchange(rates: readonly DatedRate[], to: string, day: string): Exchange {
  const factors = new Map<string, number | null>([[to, 1]]);
  const missing = new Map<string, Set<string>>();
  const factorOf = (currency: string): number | null => {
    const known = factors.get(currency);
    if (known !== undefined) return known;
    const rate = rateOf(rates, currency, to, day);
    const factor = rate === null ? null : Number(rate.rate);
    factors.set(currency, factor);
    return factor;
  };
  const major: Exchange['major'] = (amount, currency, what) => {
    const factor = factorOf(currency);
    if (factor !== null) return Math.round(amount * factor * PLACES) / PLACES;
    missing.set(currency, (missing.get(currency) ?? new Set()).add(what));
    return null;
  };
  return {
    major,
    money: ({ amountMinor, currency }, what) => major(toMajor(amountMinor, currency), currency, what),
    problems: () =>
      [...missing]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([currency, whats]) => ({
          code: 'NO_EXCHANGE_RATE',
          path: [],
          message: `no rate from ${currency} to ${to} for ${day} or the days just before; left out: ${[...whats].toSorted().join(', ')}`,
        })),
  };
}
