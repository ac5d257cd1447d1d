// Double entry: every posting adds up to zero; above zero is debit. The pool holds what buyers paid until it is paid out; what it owes to
// each payee stands in an account of its own.
import { keyOfPart, type Payee, type SplitBasis, type SplitPart } from './waterfall.ts';

export type Entry = { readonly account: string; readonly memberId: string | null; readonly amountMinor: bigint };
export type Posting = { readonly cashFlowId: string | null; readonly entries: readonly Entry[] };

const pool = (amountMinor: bigint): Entry => ({ account: 'POOL', memberId: null, amountMinor });
const buyers = (amountMinor: bigint): Entry => ({ account: 'BUYERS', memberId: null, amountMinor });

/** The account of what a payee is owed. */
export const payableOf = (basis: SplitBasis, payee: Payee): string => `PAYABLE:${basis}:${payee.id}`;
const payable = ({ basis, payee }: { basis: SplitBasis; payee: Payee }, amountMinor: bigint): Entry => ({
  account: payableOf(basis, payee),
  memberId: payee.memberId,
  amountMinor,
});

/** Buyers pay into the pool (above zero), or get money back (below zero). */
export const postBuyers = (cashFlowId: string, amountMinor: bigint): Posting => ({
  cashFlowId,
  entries: [pool(amountMinor), buyers(-amountMinor)],
});

/** A payee is paid out of the pool. */
export const postRelease = (cashFlowId: string, part: { basis: SplitBasis; payee: Payee }, amountMinor: bigint): Posting => ({
  cashFlowId,
  entries: [payable(part, amountMinor), pool(-amountMinor)],
});

type Amount = Pick<SplitPart, 'basis' | 'payee' | 'rule' | 'conversion' | 'amount'>;

/** What buyers paid becomes what payees are owed: the difference between the splits before and after; null when there is none. */
export function postSplits(before: readonly Amount[], after: readonly Amount[]): Posting | null {
  const changes = new Map<string, { part: Amount; by: bigint }>();
  const add = (part: Amount, by: bigint): void => {
    const key = keyOfPart(part);
    changes.set(key, { part, by: (changes.get(key)?.by ?? 0n) + by });
  };
  for (const part of before) add(part, -part.amount);
  for (const part of after) add(part, part.amount);
  const entries = [...changes.values()].filter(({ by }) => by !== 0n).map(({ part, by }) => payable(part, -by));
  if (entries.length === 0) return null;
  const sum = entries.reduce((a, { amountMinor }) => a + amountMinor, 0n);
  return { cashFlowId: null, entries: sum === 0n ? entries : [buyers(-sum), ...entries] };
}

/** Zero in every sound ledger. */
export const balanceOf = (entries: readonly Entry[]): bigint => entries.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
