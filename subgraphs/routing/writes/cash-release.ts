// Paying out: parts of a settlement become payments, with their postings; what was expected turns into what was done.
import { toDate } from '../../../subgraph-kit/days.ts';
import { execute, sql } from '../../../subgraph-kit/sql.ts';
import type { CashFlowRow } from '../data/money-tables.ts';
import { kindOfBasis } from '../money/due.ts';
import { postRelease } from '../money/ledger.ts';
import { keyOfPart } from '../money/waterfall.ts';
import { writeFlows, writePostings } from './cash-flows.ts';
import { newId, type Change } from './change.ts';
import { dayOf, type SettlementFacts } from './settlement-facts.ts';
import { flowOf, toColumns } from './settlement-rows.ts';
import { toPart, type StoredPart } from './settlement-splits.ts';

/** What is still to be paid of the parts that a condition picks. */
export const unpaidParts = (facts: SettlementFacts, isPaidNow: (part: StoredPart) => boolean): StoredPart[] =>
  facts.splits
    .map((row) => ({ ...toPart(row), position: row.position, unpaid: row.amountMinor - row.releasedMinor }))
    .filter((part) => part.unpaid > 0n && isPaidNow(part));

export type Paid = { readonly flows: readonly CashFlowRow[]; readonly facts: SettlementFacts };

/**
 * Pays the parts now; the payments, and the facts as they are afterwards. An expected payment keeps its id and its day; what it held
 * beyond the payment is expected anew.
 */
export async function payOut(change: Change, facts: SettlementFacts, parts: readonly StoredPart[]): Promise<Paid> {
  if (parts.length === 0) return { flows: [], facts };
  const { settlementId } = facts.row;
  const expected = new Map(facts.expected.map((flow) => [flow.part, flow]));
  const flows = parts.map((part): CashFlowRow => {
    const known = expected.get(keyOfPart(part));
    return {
      ...flowOf(facts, change),
      cashFlowId: known?.cashFlowId ?? newId(change, 'csh'),
      kind: kindOfBasis[part.basis],
      direction: 'OUT',
      amountMinor: part.unpaid,
      ...toColumns(null),
      partyKind: part.payee.kind,
      partyId: part.payee.id,
      partyMemberId: part.payee.memberId,
      due: known?.due ?? toDate(dayOf(change)),
      at: change.now,
      part: keyOfPart(part),
    };
  });
  const ids = flows.map(({ cashFlowId }) => cashFlowId);
  await execute(change.tx, sql`DELETE FROM "CashFlow" t WHERE t."cashFlowId" = ANY(${ids}::text[])`);
  await writeFlows(change, flows);
  await writePostings(
    change,
    change.settings.currency,
    parts.map((part, i) => ({ settlementId, posting: postRelease(ids[i] ?? '', part, part.unpaid) })),
  );
  await execute(
    change.tx,
    sql`UPDATE "Split" t SET "releasedMinor" = t."amountMinor", "releasedAt" = ${change.now}::timestamptz
        WHERE t."settlementId" = ${settlementId} AND t."position" = ANY(${parts.map(({ position }) => position)}::int[])`,
  );
  const paid = new Set(parts.map(({ position }) => position));
  return {
    flows,
    facts: {
      ...facts,
      splits: facts.splits.map((row) =>
        paid.has(row.position) ? { ...row, releasedMinor: row.amountMinor, releasedAt: change.now } : row,
      ),
      expected: facts.expected.filter(({ cashFlowId }) => !ids.includes(cashFlowId)),
    },
  };
}
