// When a part of a settlement is due: whether its rule is met now, and on which day it will be.
import { addDays, toBusinessDay } from '../../../lib/clock/clock.ts';
import type { CashFlowKind } from '../data/money-tables.ts';
import { hasAgreed, type PaidWork } from './claims.ts';
import { keyOfPart, type SplitBasis, type SplitPart } from './waterfall.ts';

const DAY_MS = 86_400_000;

/** What the rules look at. `promised`: the last day on which goods are promised; null without live allocations. */
export type Progress = {
  readonly work: readonly PaidWork[];
  readonly receivedAt: Date | null;
  readonly promised: string | null;
  readonly returnWindowDays: number;
};

/** The instant from which buyers can no longer return; null before receipt. */
export const windowEnd = ({ receivedAt, returnWindowDays }: Pick<Progress, 'receivedAt' | 'returnWindowDays'>): Date | null =>
  receivedAt === null ? null : new Date(receivedAt.getTime() + returnWindowDays * DAY_MS);

/** True when the rule of the part is met. ON_CLOSE is met by closing alone. */
export function isDue({ rule, payee }: Pick<SplitPart, 'rule' | 'payee'>, progress: Progress, now: Date): boolean {
  switch (rule) {
    case 'ON_ACCEPTANCE':
      return hasAgreed(progress.work, payee.id);
    case 'ON_RECEIPT':
      return progress.receivedAt !== null;
    case 'AFTER_RETURN_WINDOW': {
      const end = windowEnd(progress);
      return end !== null && end <= now;
    }
    case 'ON_CLOSE':
      return false;
  }
}

export const kindOfBasis: Readonly<Record<SplitBasis, CashFlowKind>> = {
  TAX: 'TAX',
  PAYMENT_FEE: 'PAYMENT_FEE',
  RETURN_RESERVE: 'OWNER_PAYMENT',
  MAKER_PRICE: 'MAKER_PAYMENT',
  FREIGHT: 'FREIGHT_PAYMENT',
  CREATOR_COMMISSION: 'COMMISSION',
  MCN_SHARE: 'COMMISSION',
  HUB_FEE: 'HUB_FEE',
  OWNER_MARGIN: 'OWNER_PAYMENT',
};

/** A payment out of the pool that is still to come. */
export type ExpectedPayment = { readonly part: SplitPart; readonly key: string; readonly amount: bigint; readonly due: string };

type Expecting = {
  readonly parts: readonly SplitPart[];
  readonly releasedOf: (key: string) => bigint;
  readonly progress: Progress;
  readonly timeZone: string;
  readonly today: string;
  /** Day on which a part was expected before; null: it was not. */
  readonly dueBefore: (key: string) => string | null;
};

/**
 * What will have to be paid, and when. Makers and carriers are counted with all that they are owed, also where the gross does not cover it
 * yet: that is the gap somebody must finance. A maker that has not agreed is owed nothing.
 */
export function expectPayments(options: Expecting): ExpectedPayment[] {
  const { progress, timeZone } = options;
  const received = progress.receivedAt === null ? null : toBusinessDay(progress.receivedAt, timeZone);
  const receipt = received ?? progress.promised;
  const dayOf = (part: SplitPart, key: string): string | null => {
    if (part.rule === 'ON_ACCEPTANCE') return options.dueBefore(key) ?? options.today;
    if (receipt === null || part.rule === 'ON_RECEIPT') return receipt;
    return addDays(receipt, progress.returnWindowDays);
  };
  return options.parts.flatMap((part) => {
    if (part.basis === 'MAKER_PRICE' && !hasAgreed(progress.work, part.payee.id)) return [];
    const key = keyOfPart(part);
    const due = dayOf(part, key);
    const owed = part.basis === 'MAKER_PRICE' || part.basis === 'FREIGHT' ? part.claim : part.amount;
    const amount = owed - options.releasedOf(key);
    return due === null || amount <= 0n ? [] : [{ part, key, amount, due }];
  });
}
