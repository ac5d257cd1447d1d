// Tables and lists of money: what a row is, who may see it, in which order lists are read.
import { defineChildList } from '../../../subgraph-kit/loaders.ts';
import { definePagedList, type PageArgs } from '../../../subgraph-kit/page.ts';
import { isHub, isVisitor } from '../../../subgraph-kit/principal.ts';
import { sql } from '../../../subgraph-kit/sql.ts';
import { defineTable, openToAll, ownerFence, type Fence } from '../../../subgraph-kit/table.ts';
import type { SettlementStatus } from '../money/settlement-states.ts';
import type { PayeeKind, ReleaseRule, SplitBasis } from '../money/waterfall.ts';
import type { AllocationRow, DecimalValue } from './tables.ts';

export type FeeRow = {
  version: string;
  taxBps: number;
  paymentFeeBps: number;
  returnReserveBps: number;
  returnWindowDays: number;
  makerDepositBps: number;
  hubFeeBps: number;
  publishedAt: Date;
};

export type RateRow = { date: Date; from: string; to: string; rate: DecimalValue; recordedAt: Date };

export type SettlementRow = {
  settlementId: string;
  memberId: string;
  origin: string;
  campaignId: string | null;
  demandLineId: string | null;
  status: SettlementStatus;
  statusBefore: SettlementStatus | null;
  feesVersion: string;
  currency: string;
  receivedAt: Date | null;
  disputeNote: string | null;
  openedAt: Date;
  changedAt: Date;
};

/** An amount as it was given, and how it was converted; null when it was not. */
export type ConvertedColumns = {
  originalMinor: bigint | null;
  originalCurrency: string | null;
  rate: DecimalValue | null;
  rateDate: Date | null;
};

export type SplitRow = ConvertedColumns & {
  settlementId: string;
  position: number;
  basis: SplitBasis;
  payeeKind: PayeeKind;
  payeeId: string;
  payeeMemberId: string;
  shareBps: number | null;
  amountMinor: bigint;
  releaseRule: ReleaseRule;
  releasedMinor: bigint;
  releasedAt: Date | null;
};

export type CashFlowKind =
  | 'DEPOSIT'
  | 'BALANCE'
  | 'REFUND'
  | 'MAKER_PAYMENT'
  | 'FREIGHT_PAYMENT'
  | 'COMMISSION'
  | 'HUB_FEE'
  | 'TAX'
  | 'PAYMENT_FEE'
  | 'OWNER_PAYMENT';

export type CashFlowRow = ConvertedColumns & {
  cashFlowId: string;
  settlementId: string;
  memberId: string;
  origin: string;
  campaignId: string | null;
  creatorId: string | null;
  mcnId: string | null;
  kind: CashFlowKind;
  direction: 'IN' | 'OUT';
  amountMinor: bigint;
  currency: string;
  partyKind: PayeeKind;
  partyId: string;
  partyMemberId: string;
  due: Date;
  at: Date | null;
  documentId: string | null;
  part: string | null;
  recordedAt: Date;
};

export type PoolKind = 'CAMPAIGN' | 'CREATOR' | 'MCN' | 'HUB';
export type CashPoolRow = { positionId: string; kind: PoolKind; subjectId: string; memberId: string; origin: string };

// A payee, or a party of a payment, sees that the settlement is there; what of it is decided field by field.
const settlementFence: Fence = (viewer) => {
  if (isHub(viewer) || isVisitor(viewer)) return ownerFence()(viewer);
  return sql`(t."memberId" = ${viewer.memberId}
    OR EXISTS (SELECT 1 FROM "Split" x WHERE x."settlementId" = t."settlementId" AND x."payeeMemberId" = ${viewer.memberId})
    OR EXISTS (SELECT 1 FROM "CashFlow" x WHERE x."settlementId" = t."settlementId" AND x."partyMemberId" = ${viewer.memberId}))`;
};

const flowFence: Fence = (viewer) => {
  if (isHub(viewer) || isVisitor(viewer)) return ownerFence()(viewer);
  return sql`(t."memberId" = ${viewer.memberId} OR t."partyMemberId" = ${viewer.memberId})`;
};

export const feeSchedules = defineTable<FeeRow>({ table: 'FeeSchedule', key: ['version'], fence: openToAll });
export const settlements = defineTable<SettlementRow>({ table: 'Settlement', key: ['settlementId'], fence: settlementFence });
export const cashFlows = defineTable<CashFlowRow>({ table: 'CashFlow', key: ['cashFlowId'], fence: flowFence });
export const cashPools = defineTable<CashPoolRow>({ table: 'CashPool', key: ['positionId'], fence: ownerFence() });

export type SettlementsArgs = PageArgs & { readonly status?: readonly string[] | null };

export const settlementsByTime = definePagedList<SettlementRow, SettlementsArgs>({
  from: sql`"Settlement" t`,
  where: ({ status }) => (status ? sql`t."status" = ANY(${status}::text[])` : sql`true`),
  order: [
    { column: 'openedAt', cast: 'timestamptz', descending: true },
    { column: 'settlementId', cast: 'text', descending: true },
  ],
});

export const flowsOfSettlement = definePagedList<CashFlowRow, PageArgs>({
  from: sql`"CashFlow" t`,
  parent: sql`t."settlementId"`,
  order: [
    { column: 'due', cast: 'date' },
    { column: 'cashFlowId', cast: 'text' },
  ],
});

export const allocationsOfSettlement = definePagedList<AllocationRow, PageArgs>({
  from: sql`"Allocation" t`,
  parent: sql`t."settlementId"`,
  order: [
    { column: 'proposedAt', cast: 'timestamptz', descending: true },
    { column: 'allocationId', cast: 'text', descending: true },
  ],
});

/** More than a settlement shows: a payee's own are picked out of them. */
export const splitsOfSettlement = defineChildList<SplitRow>({
  from: sql`"Split" t`,
  parent: sql`t."settlementId"`,
  order: sql`t."position"`,
  most: 2_000,
});
