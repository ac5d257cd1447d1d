// A pool of money over days: its balance, its lowest point, who carries that, and its course. From flows added up by day.
import { addDays, daysBetween } from '../../../lib/clock/clock.ts';

/** All dated flows of one day: what is done counts on the day it happened, what is to come on the day it is due. Days ascend. */
export type PoolDay = { readonly day: string; readonly cashIn: bigint; readonly cashOut: bigint };

/** Lowest balance at the end of a day with flows, and the first such day; without flows zero and no day. */
export function lowest(days: readonly PoolDay[]): { balance: bigint; day: string | null } {
  let running = 0n;
  let low: { balance: bigint; day: string | null } = { balance: 0n, day: null };
  for (const { day, cashIn, cashOut } of days) {
    running += cashIn - cashOut;
    if (low.day === null || running < low.balance) low = { balance: running, day };
  }
  return low;
}

export type PoolPoint = PoolDay & { readonly balance: bigint };

/** One point for each day of the range, ends included; the balance is that of the end of the day. */
export function seriesOf(days: readonly PoolDay[], from: string, to: string): PoolPoint[] {
  const byDay = new Map(days.map((day) => [day.day, day]));
  let balance = days.filter(({ day }) => day < from).reduce((sum, { cashIn, cashOut }) => sum + cashIn - cashOut, 0n);
  return Array.from({ length: daysBetween(from, to) + 1 }, (_, i) => {
    const day = addDays(from, i);
    const { cashIn = 0n, cashOut = 0n } = byDay.get(day) ?? {};
    balance += cashIn - cashOut;
    return { day, cashIn, cashOut, balance };
  });
}

/** A settlement on the day on which its pool is lowest. `overdue`: payments that were due before today and were not made. */
export type Gap = {
  readonly memberId: string;
  readonly balance: bigint;
  readonly overdue: bigint;
  readonly waiting: readonly string[];
};

/**
 * Members whose credit carries a pool below zero: in each settlement below zero, payees who wait for payments that are overdue, and, for
 * what these do not cover, the owner of the demand.
 */
export function financersOf(gaps: readonly Gap[]): string[] {
  const members = gaps
    .filter(({ balance }) => balance < 0n)
    .flatMap(({ memberId, balance, overdue, waiting }) => [...waiting, ...(balance + overdue < 0n ? [memberId] : [])]);
  return [...new Set(members)].toSorted();
}
