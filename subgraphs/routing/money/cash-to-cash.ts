// Cash-to-cash time of a pool: days of inventory and of receivables less days of payables (SCOR AM.1.1), and the ledger's own version.
import { daysBetween } from '../../../lib/clock/clock.ts';

/** What happened to a pool on one day, in minor units. Days ascend. */
export type TradeDay = {
  readonly day: string;
  /** Good pieces received, at the maker's price. */
  readonly received: number;
  /** Pieces sold less returned, at the mean price of their style. */
  readonly soldCost: number;
  /** Sales to consumers. */
  readonly revenue: number;
  /** Paid by buyers less refunds. */
  readonly buyersPaid: number;
  /** Paid to makers. */
  readonly makersPaid: number;
};

export type CashToCash = {
  readonly dio: number | null;
  readonly dso: number | null;
  readonly dpo: number | null;
  readonly cashToCashDays: number | null;
};

const sum = (days: readonly TradeDay[], of: (day: TradeDay) => number): number => days.reduce((total, day) => total + of(day), 0);

// The sum of a balance over all days from the first one to today; a mean balance over a total, times the days, is this sum over the total.
function sumOfBalances(days: readonly TradeDay[], today: string, balanceAfter: (total: TradeDay) => number): number {
  let area = 0;
  let total: TradeDay = { day: '', received: 0, soldCost: 0, revenue: 0, buyersPaid: 0, makersPaid: 0 };
  days.forEach((day, i) => {
    total = {
      day: day.day,
      received: total.received + day.received,
      soldCost: total.soldCost + day.soldCost,
      revenue: total.revenue + day.revenue,
      buyersPaid: total.buyersPaid + day.buyersPaid,
      makersPaid: total.makersPaid + day.makersPaid,
    };
    const next = days[i + 1]?.day;
    const held = next === undefined ? daysBetween(day.day, today) + 1 : daysBetween(day.day, next);
    area += balanceAfter(total) * held;
  });
  return area;
}

/** Days of inventory, receivables and payables; null where the total under the line is zero. */
export function cashToCashOf(all: readonly TradeDay[], today: string): CashToCash {
  const days = all.filter(({ day }) => day <= today);
  const cost = sum(days, ({ soldCost }) => soldCost);
  const revenue = sum(days, (day) => day.revenue);
  const purchases = sum(days, ({ received }) => received);
  const dio = cost > 0 ? sumOfBalances(days, today, (t) => Math.max(0, t.received - t.soldCost)) / cost : null;
  const dso = revenue > 0 ? sumOfBalances(days, today, (t) => t.revenue - t.buyersPaid) / revenue : null;
  const dpo = cost > 0 && purchases > 0 ? sumOfBalances(days, today, (t) => t.received - t.makersPaid) / cost : null;
  return { dio, dso, dpo, cashToCashDays: dio === null || dso === null || dpo === null ? null : dio + dso - dpo };
}

/** Money that moved on one day. */
export type MoneyDay = { readonly day: string; readonly cashIn: number; readonly cashOut: number };

/**
 * The ledger's own version: the mean day on which money came in less the mean day on which it went out, both weighted by amount. Below
 * zero: buyers pay first. Null while one of the two is missing.
 */
export function ledgerDaysOf(days: readonly MoneyDay[]): number | null {
  const first = days[0]?.day;
  if (first === undefined) return null;
  const mean = (amountOf: (day: MoneyDay) => number): number | null => {
    const total = days.reduce((a, day) => a + amountOf(day), 0);
    return total > 0 ? days.reduce((a, day) => a + amountOf(day) * daysBetween(first, day.day), 0) / total : null;
  };
  const cameIn = mean(({ cashIn }) => cashIn);
  const wentOut = mean(({ cashOut }) => cashOut);
  return cameIn === null || wentOut === null ? null : cameIn - wentOut;
}
