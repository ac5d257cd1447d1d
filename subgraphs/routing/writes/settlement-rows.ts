// Writes computed settlements: only what differs from what is stored, many settlements in a constant number of statements.
import { toDate, toDay } from '../../../subgraph-kit/days.ts';
import { nextChangedAt } from '../../../subgraph-kit/change.ts';
import { insertRows } from '../../../subgraph-kit/insert-rows.ts';
import { execute, query, sql } from '../../../subgraph-kit/sql.ts';
import type { CashFlowRow, ConvertedColumns, SplitRow } from '../data/money-tables.ts';
import { kindOfBasis, type ExpectedPayment } from '../money/due.ts';
import { postSplits } from '../money/ledger.ts';
import { keyOfPart, type Conversion, type SplitPart } from '../money/waterfall.ts';
import { openPools, writeFlows, writePostings } from './cash-flows.ts';
import { newId, type Change } from './change.ts';
import type { SettlementFacts } from './settlement-facts.ts';
import { toPart, type Computed } from './settlement-splits.ts';

/** Writes splits, postings, states and expected payments. The rows of what changed get a new `changedAt`. */
export async function writeComputed(change: Change, computed: readonly Computed[]): Promise<void> {
  const changed = computed.filter(({ differs }) => differs);
  for (const { row } of changed) row.changedAt = nextChangedAt(change.now, row.changedAt);
  await writeSettlements(change, changed);
  await writeSplits(change, changed);
  await nameParties(change, changed);
  await writeExpected(change, computed);
}

// Payments made before the campaign or its creator was known here belong to their pools too.
async function nameParties(change: Change, changed: readonly Computed[]): Promise<void> {
  const known = changed.filter(
    ({ facts }) => facts.creatorId !== null && !facts.splits.some(({ basis }) => basis === 'CREATOR_COMMISSION'),
  );
  if (known.length === 0) return;
  const named = await query<{ settlementId: string }>(
    change.tx,
    sql`UPDATE "CashFlow" t SET "creatorId" = w."creatorId", "mcnId" = w."mcnId"
        FROM unnest(${known.map(({ row }) => row.settlementId)}::text[], ${known.map(({ facts }) => facts.creatorId)}::text[],
          ${known.map(({ facts }) => facts.mcnId)}::text[]) AS w("settlementId", "creatorId", "mcnId")
        WHERE t."settlementId" = w."settlementId" AND t."creatorId" IS NULL RETURNING t."settlementId"`,
  );
  await openPools(
    change,
    named.map(({ settlementId }) => settlementId),
  );
}

async function writeSettlements({ tx }: Change, changed: readonly Computed[]): Promise<void> {
  if (changed.length === 0) return;
  const rows = changed.map(({ row }) => row);
  await execute(
    tx,
    sql`UPDATE "Settlement" t SET "status" = w."status", "statusBefore" = w."statusBefore", "receivedAt" = w."receivedAt", "changedAt" = w."changedAt"
        FROM jsonb_populate_recordset(NULL::"Settlement", ${JSON.stringify(rows, plain)}::jsonb) w WHERE t."settlementId" = w."settlementId"`,
  );
}

const plain = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);

/** The columns of an amount as it was given. */
export const toColumns = (conversion: Conversion | null): ConvertedColumns => ({
  originalMinor: conversion?.originalMinor ?? null,
  originalCurrency: conversion?.originalCurrency ?? null,
  rate: conversion?.rate ?? null,
  rateDate: conversion === null ? null : toDate(conversion.rateDate),
});

async function writeSplits(change: Change, changed: readonly Computed[]): Promise<void> {
  if (changed.length === 0) return;
  await execute(change.tx, sql`DELETE FROM "Split" t WHERE t."settlementId" = ANY(${changed.map(({ row }) => row.settlementId)}::text[])`);
  await insertRows(
    change.tx,
    'Split',
    changed.flatMap(({ facts, parts }) => toSplits(facts, parts)),
  );
  await writePostings(
    change,
    change.settings.currency,
    changed.flatMap(({ facts, parts }) => {
      const posting = postSplits(facts.splits.map(toPart), parts);
      return posting === null ? [] : [{ settlementId: facts.row.settlementId, posting }];
    }),
  );
}

// A part that grew after it was paid out is not paid out any more, though what was paid stays on record.
function toSplits({ row, splits }: SettlementFacts, parts: readonly SplitPart[]): SplitRow[] {
  const stored = new Map(splits.map((split) => [keyOfPart(toPart(split)), split]));
  return parts.map((part, position): SplitRow => {
    const before = stored.get(keyOfPart(part));
    const releasedMinor = before?.releasedMinor ?? 0n;
    return {
      settlementId: row.settlementId,
      position,
      basis: part.basis,
      shareBps: part.shareBps,
      amountMinor: part.amount,
      payeeKind: part.payee.kind,
      payeeId: part.payee.id,
      payeeMemberId: part.payee.memberId,
      releaseRule: part.rule,
      ...toColumns(part.conversion),
      releasedMinor,
      releasedAt: releasedMinor === part.amount ? (before?.releasedAt ?? null) : null,
    };
  });
}

/** A payment of a settlement, without what makes it that payment. */
export const flowOf = ({ row, creatorId, mcnId }: Pick<SettlementFacts, 'row' | 'creatorId' | 'mcnId'>, change: Change) => ({
  settlementId: row.settlementId,
  memberId: row.memberId,
  origin: row.origin,
  campaignId: row.campaignId,
  creatorId,
  mcnId,
  currency: change.settings.currency,
  documentId: null,
  recordedAt: change.now,
});

function toFlow(change: Change, facts: SettlementFacts, { part, key, amount, due }: ExpectedPayment): CashFlowRow {
  return {
    ...flowOf(facts, change),
    cashFlowId: newId(change, 'csh'),
    kind: kindOfBasis[part.basis],
    direction: 'OUT',
    amountMinor: amount,
    ...toColumns(null),
    partyKind: part.payee.kind,
    partyId: part.payee.id,
    partyMemberId: part.payee.memberId,
    due: toDate(due),
    at: null,
    part: key,
  };
}

const face = (rows: readonly { key: string; amount: bigint; due: string }[]): string =>
  rows
    .map(({ key, amount, due }) => `${key} ${amount} ${due}`)
    .toSorted((a, b) => (a < b ? -1 : 1))
    .join();

const isSame = ({ facts, expected }: Computed): boolean =>
  face(expected) === face(facts.expected.map(({ part, amountMinor, due }) => ({ key: part ?? '', amount: amountMinor, due: toDay(due) })));

async function writeExpected(change: Change, computed: readonly Computed[]): Promise<void> {
  const other = computed.filter((one) => !isSame(one));
  const gone = other.flatMap(({ facts }) => facts.expected.map(({ cashFlowId }) => cashFlowId));
  if (gone.length > 0) await execute(change.tx, sql`DELETE FROM "CashFlow" t WHERE t."cashFlowId" = ANY(${gone}::text[])`);
  const flows = other.flatMap(({ facts, expected }) => expected.map((payment) => toFlow(change, facts, payment)));
  await writeFlows(change, flows);
}
