// Settlements: opened when allocations are offered, and posted anew whenever something that money follows from has changed. However many
// settlements there are, the number of statements is the same.
import { execute, query, sql } from '../../../subgraph-kit/sql.ts';
import type { AllocationRow } from '../data/tables.ts';
import type { SettlementStatus } from '../money/settlement-states.ts';
import { newId, type Change } from './change.ts';
import { readFees } from './fees.ts';
import { computeSettlement, type Computed } from './settlement-splits.ts';
import { dayOf, readFacts, readRates, type SettlementFacts } from './settlement-facts.ts';
import { writeComputed } from './settlement-rows.ts';

const subjectOf = ({ campaignId, demandLineId }: { campaignId: string | null; demandLineId: string | null }): string =>
  campaignId ?? demandLineId ?? '';

/** Opens the settlement of each campaign, or line without one, that has none yet, and puts the allocations into them. */
export async function openSettlements(change: Change, allocations: readonly AllocationRow[]): Promise<void> {
  if (allocations.length === 0) return;
  const { tx } = change;
  const opened = await insertSettlements(change, allocations);
  const campaigns = [...new Set(allocations.flatMap(({ campaignId }) => campaignId ?? []))];
  const lines = [...new Set(allocations.flatMap(({ campaignId, demandLineId }) => (campaignId === null ? demandLineId : [])))];
  const rows = await query<{ settlementId: string; campaignId: string | null; demandLineId: string | null }>(
    tx,
    sql`SELECT t."settlementId", t."campaignId", t."demandLineId" FROM "Settlement" t
        WHERE t."campaignId" = ANY(${campaigns}::text[]) OR t."demandLineId" = ANY(${lines}::text[])`,
  );
  const bySubject = new Map(rows.map((row) => [subjectOf(row), row.settlementId]));
  const ids = allocations.map((allocation) => bySubject.get(subjectOf(allocation)) ?? '');
  await execute(
    tx,
    sql`UPDATE "Allocation" t SET "settlementId" = w."settlementId"
        FROM unnest(${allocations.map(({ allocationId }) => allocationId)}::text[], ${ids}::text[]) AS w("allocationId", "settlementId")
        WHERE t."allocationId" = w."allocationId"`,
  );
  await post(change, [...new Set(ids)], { told: new Map(opened.map((id) => [id, null])) });
}

// In the order of their subjects, so that two commits wait for each other in one order.
async function insertSettlements(change: Change, allocations: readonly AllocationRow[]): Promise<string[]> {
  const { version } = await readFees(change.tx);
  const bySubject = new Map(allocations.toReversed().map((allocation) => [subjectOf(allocation), allocation]));
  const rows = [...bySubject.entries()]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { campaignId, demandLineId, demandMemberId, origin }]) => ({
      settlementId: newId(change, 'stl'),
      memberId: demandMemberId,
      origin,
      campaignId,
      demandLineId: campaignId === null ? demandLineId : null,
      status: 'DRAFT',
      feesVersion: version,
      currency: change.settings.currency,
      openedAt: change.now,
      changedAt: change.now,
    }));
  const opened = await query<{ settlementId: string }>(
    change.tx,
    sql`INSERT INTO "Settlement" SELECT w.* FROM jsonb_populate_recordset(NULL::"Settlement", ${JSON.stringify(rows)}::jsonb) w
        ON CONFLICT DO NOTHING RETURNING "settlementId"`,
  );
  return opened.map(({ settlementId }) => settlementId);
}

/** Posts settlements anew after a change of their allocations; what is closed stays as it is. */
export const repost = (change: Change, settlementIds: readonly string[]): Promise<void> => post(change, settlementIds, {});

export type PostOptions = {
  /** Settlements that are told in any case, with the state they had before; null: they are new. */
  readonly told?: ReadonlyMap<string, SettlementStatus | null>;
  /** A state that a mutation gives in place of the one that money gives. */
  readonly status?: SettlementStatus;
};

/** Computes splits, expected payments and state from what is stored now, writes what differs, and tells each settlement that changed. */
async function post(change: Change, settlementIds: readonly string[], options: PostOptions): Promise<void> {
  if (settlementIds.length === 0) return;
  await postFacts(change, await readFacts(change, [...new Set(settlementIds)]), options);
}

/** The same from facts that were read, and brought up to date, within this change. */
export async function postFacts(change: Change, facts: readonly SettlementFacts[], options: PostOptions): Promise<void> {
  const day = dayOf(change);
  const { currency } = change.settings;
  const currencies = facts.flatMap(({ work, freight }) => [...work, ...freight].map((one) => one.currency));
  const rates = await readRates(change.tx, currencies, { currency, day });
  const computed = facts.map((one) =>
    computeSettlement(one, {
      rates,
      day,
      currency,
      timeZone: change.settings.timeZone,
      ...(options.status ? { status: options.status } : {}),
    }),
  );
  await writeComputed(change, computed);
  for (const one of computed) tell(change, one, options);
}

function tell({ emit, settings }: Change, computed: Computed, { told }: PostOptions): void {
  const { row, gross } = computed.facts;
  const isTold = told?.has(row.settlementId) === true;
  if (!computed.differs && !isTold) return;
  const money = (amountMinor: bigint) => ({ amountMinor: Number(amountMinor), currency: settings.currency });
  const reserve = computed.parts.find(({ basis }) => basis === 'RETURN_RESERVE')?.amount ?? 0n;
  emit('settlement.posted', {
    ...computed.row,
    previousStatus: isTold ? told.get(row.settlementId) : row.status,
    gross: money(gross),
    returnsReserve: money(reserve),
    balanced: computed.parts.reduce((sum, { amount }) => sum + amount, 0n) === gross,
  });
}
