// A settlement as it must be by its facts: its splits, its state, and the payments still to come.
import { toDay } from '../../../subgraph-kit/days.ts';
import type { SettlementRow, SplitRow } from '../data/money-tables.ts';
import { toDecimal } from '../data/tables.ts';
import { claimsOfFreight, claimsOfMakers, type FindRate } from '../money/claims.ts';
import { rateOf, type DatedRate } from '../money/convert.ts';
import { expectPayments, type ExpectedPayment, type Progress } from '../money/due.ts';
import { statusByMoney, type SettlementStatus } from '../money/settlement-states.ts';
import { keyOfPart, shareGross, type Conversion, type SplitPart } from '../money/waterfall.ts';
import type { SettlementFacts } from './settlement-facts.ts';

export type Computed = {
  readonly facts: SettlementFacts;
  readonly row: SettlementRow;
  readonly parts: readonly SplitPart[];
  readonly expected: readonly ExpectedPayment[];
  /** True when splits or settlement are not what is stored. */
  readonly differs: boolean;
};

export type ComputeOptions = {
  readonly rates: readonly DatedRate[];
  readonly day: string;
  readonly currency: string;
  readonly timeZone: string;
  readonly status?: SettlementStatus;
};

const conversionOf = ({ originalMinor, originalCurrency, rate, rateDate }: SplitRow): Conversion | null =>
  originalMinor === null || originalCurrency === null || rate === null || rateDate === null
    ? null
    : { originalMinor, originalCurrency, rate: toDecimal(rate), rateDate: toDay(rateDate) };

/** A stored split as a part of the waterfall. */
export const toPart = (row: SplitRow): SplitPart => ({
  basis: row.basis,
  payee: { kind: row.payeeKind, id: row.payeeId, memberId: row.payeeMemberId },
  shareBps: row.shareBps,
  rule: row.releaseRule,
  conversion: conversionOf(row),
  claim: row.amountMinor,
  amount: row.amountMinor,
});

/** A stored part, and what of it was not paid out yet. */
export type StoredPart = SplitPart & { readonly position: number; readonly unpaid: bigint };

/** What the release rules look at. */
export const progressOf = ({ work, receivedAt, promised, fees }: SettlementFacts): Progress => ({
  work,
  receivedAt,
  promised,
  returnWindowDays: fees.returnWindowDays,
});

// A settlement converts a currency by one rate: the one it used first.
function findRate(facts: SettlementFacts, { rates, day, currency }: ComputeOptions): FindRate {
  const used = facts.splits.flatMap((split) => conversionOf(split) ?? []);
  return (from) => {
    const known = used.find(({ originalCurrency }) => originalCurrency === from);
    return known === undefined ? rateOf(rates, from, currency, day) : { date: known.rateDate, from, to: currency, rate: known.rate };
  };
}

function share(facts: SettlementFacts, options: ComputeOptions): SplitPart[] {
  const { fees, gross, hub, owner, commission, splits } = facts;
  const find = findRate(facts, options);
  const into = { currency: options.currency, find };
  return shareGross({
    gross,
    fees,
    hub,
    owner,
    commission,
    makers: claimsOfMakers(facts.work, {
      ...into,
      depositBps: fees.makerDepositBps,
    }),
    freight: claimsOfFreight(facts.freight, into),
    released: splits
      .filter(({ releasedMinor }) => releasedMinor > 0n)
      .map((row) => ({
        part: toPart(row),
        amount: row.releasedMinor,
      })),
  });
}

const facesOf = (parts: readonly SplitPart[]): string =>
  JSON.stringify(parts.map((part) => [keyOfPart(part), part.shareBps, String(part.amount), String(part.conversion?.originalMinor)]));

/** Computes a settlement that is not closed. */
export function computeSettlement(facts: SettlementFacts, options: ComputeOptions): Computed {
  const parts = share(facts, options);
  const released = new Map(facts.splits.map((row) => [keyOfPart(toPart(row)), row.releasedMinor]));
  const releasedOf = (key: string): bigint => released.get(key) ?? 0n;
  const paid = parts.map(({ rule, amount, ...part }) => ({ rule, amount, released: releasedOf(keyOfPart({ ...part, rule })) }));
  const byMoney = (before: SettlementStatus): SettlementStatus => statusByMoney(before, facts.gross > 0n, paid);
  const before = facts.row.status;
  const status = options.status ?? (before === 'DISPUTED' ? 'DISPUTED' : byMoney(before));
  const held = facts.row.statusBefore;
  const statusBefore = held === null ? null : byMoney(held);
  const dueBefore = new Map(facts.expected.map(({ part, due }) => [part ?? '', toDay(due)]));
  return {
    facts,
    parts,
    row: { ...facts.row, status, statusBefore, receivedAt: facts.receivedAt },
    expected:
      status === 'CLOSED'
        ? []
        : expectPayments({
            parts,
            releasedOf,
            progress: progressOf(facts),
            timeZone: options.timeZone,
            today: options.day,
            dueBefore: (key) => dueBefore.get(key) ?? null,
          }),
    differs:
      facesOf(parts) !== facesOf(facts.splits.map(toPart)) ||
      status !== before ||
      statusBefore !== held ||
      facts.receivedAt?.getTime() !== facts.row.receivedAt?.getTime(),
  };
}
