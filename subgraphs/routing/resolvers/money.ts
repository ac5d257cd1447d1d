// Settlements: one by its id, all by time, and what hangs on each. A payee sees its own splits and payments and nothing of the whole.
import { toMoney } from '../../../subgraph-kit/money.ts';
import type { PageArgs } from '../../../subgraph-kit/page.ts';
import type { Resolvers } from '../../../subgraph-kit/schema.ts';
import { maySee } from '../../../subgraph-kit/table.ts';
import {
  allocationsOfSettlement,
  cashFlows,
  feeSchedules,
  flowsOfSettlement,
  settlements,
  settlementsByTime,
  splitsOfSettlement,
  type CashFlowRow,
  type SettlementRow,
  type SettlementsArgs,
  type SplitRow,
} from '../data/money-tables.ts';
import { allocations, members } from '../data/tables.ts';
import { feesInForce, settlementOfCampaign, sumsOf } from '../loaders/cash-settlements.ts';
import { toConversion, toPayee } from './money-parts.ts';
import type { Context } from './parts.ts';

const SPLITS_MOST = 100;

async function visibleSplits(row: SettlementRow, { loaders, principal }: Context): Promise<SplitRow[]> {
  const all = await loaders.children(splitsOfSettlement, row.settlementId);
  const own = maySee(principal, row) ? all : all.filter(({ payeeMemberId }) => payeeMemberId === principal.memberId);
  return own.slice(0, SPLITS_MOST);
}

const settlementFields = {
  member: ({ memberId }: SettlementRow, _: unknown, { loaders }: Context) => loaders.row(members, memberId),
  campaign: ({ campaignId }: SettlementRow) => (campaignId === null ? null : { campaignId }),
  allocations: ({ settlementId }: SettlementRow, args: PageArgs, { loaders }: Context) =>
    loaders.page(allocations, allocationsOfSettlement, settlementId, args),
  gross: async (row: SettlementRow, _: unknown, context: Context) =>
    maySee(context.principal, row) ? toMoney((await context.loaders.batch(sumsOf, row.settlementId, context)).gross, row.currency) : null,
  returnsReserve: async (row: SettlementRow, _: unknown, context: Context) => {
    if (!maySee(context.principal, row)) return null;
    const splits = await context.loaders.children(splitsOfSettlement, row.settlementId);
    const held = splits.filter(({ basis }) => basis === 'RETURN_RESERVE').reduce((sum, split) => sum + split.amountMinor, 0n);
    return toMoney(held, row.currency);
  },
  splits: (row: SettlementRow, _: unknown, context: Context) => visibleSplits(row, context),
  cashFlows: ({ settlementId }: SettlementRow, args: PageArgs, { loaders }: Context) =>
    loaders.page(cashFlows, flowsOfSettlement, settlementId, args),
  balanced: async ({ settlementId }: SettlementRow, _: unknown, context: Context) => {
    const { gross, splits, trialBalance } = await context.loaders.batch(sumsOf, settlementId, context);
    return splits === gross && trialBalance === 0n;
  },
  fees: ({ feesVersion }: SettlementRow, _: unknown, { loaders }: Context) => loaders.row(feeSchedules, feesVersion),
};

export const moneyResolvers: Resolvers = {
  Query: {
    settlement: (_: unknown, { settlementId }: { settlementId: string }, { loaders }: Context) => loaders.row(settlements, settlementId),
    settlements: (_: unknown, args: SettlementsArgs, { loaders }: Context) => loaders.rootPage(settlements, settlementsByTime, args),
    fees: (_: unknown, _args: unknown, context: Context) => context.loaders.batch(feesInForce, '', context),
  },
  Settlement: {
    __resolveReference: ({ settlementId }: { settlementId: string }, { loaders }: Context) => loaders.row(settlements, settlementId),
    ...settlementFields,
  },
  FeeSchedule: {
    __resolveReference: ({ version }: { version: string }, { loaders }: Context) => loaders.row(feeSchedules, version),
  },
  Split: {
    payee: ({ payeeKind, payeeId }: SplitRow, _: unknown, context: Context) => toPayee(payeeKind, payeeId, context),
    // splits are kept in the currency of the hub
    amount: ({ amountMinor }: SplitRow, _: unknown, { settings }: Context) => toMoney(amountMinor, settings.currency),
    conversion: toConversion,
  },
  CashFlow: {
    __resolveReference: ({ cashFlowId }: { cashFlowId: string }, { loaders }: Context) => loaders.row(cashFlows, cashFlowId),
    settlement: ({ settlementId }: CashFlowRow, _: unknown, { loaders }: Context) => loaders.row(settlements, settlementId),
    amount: ({ amountMinor, currency }: CashFlowRow) => toMoney(amountMinor, currency),
    conversion: toConversion,
    party: ({ partyKind, partyId }: CashFlowRow, _: unknown, context: Context) => toPayee(partyKind, partyId, context),
    document: ({ documentId }: CashFlowRow) => (documentId === null ? null : { documentId }),
  },
  Campaign: {
    // whether a campaign exists is known to its owner
    __resolveReference: ({ campaignId }: { campaignId: string }) => ({ campaignId }),
    settlement: ({ campaignId }: { campaignId: string }, _: unknown, context: Context) =>
      context.loaders.batch(settlementOfCampaign, campaignId, context),
  },
};
