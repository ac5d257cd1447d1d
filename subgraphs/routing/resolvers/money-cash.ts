// Pools of money and exchange rates. What each figure means: docs/settlement.md.
import { toMoney } from '../../../subgraph-kit/money.ts';
import type { Resolvers } from '../../../subgraph-kit/schema.ts';
import { cashPools, type CashPoolRow, type PoolKind, type RateRow } from '../data/money-tables.ts';
import { members } from '../data/tables.ts';
import { cashToCash, ledgerDays } from '../loaders/cash-figures.ts';
import { financers, poolState } from '../loaders/cash-positions.ts';
import { poolOf, ratesBetween, type RatesArgs } from '../loaders/cash-settlements.ts';
import type { CashToCash } from '../money/cash-to-cash.ts';
import { seriesOf } from '../money/pool.ts';
import { checkDays } from './money-parts.ts';
import { decimal, type Context } from './parts.ts';

const stateOf = ({ positionId }: CashPoolRow, context: Context) => context.loaders.batch(poolState, positionId, context);
const money = (amountMinor: bigint, { settings }: Context) => toMoney(amountMinor, settings.currency);

async function financedBy(pool: CashPoolRow, context: Context): Promise<unknown[]> {
  const { minBalance, minBalanceOn } = await stateOf(pool, context);
  if (minBalance >= 0n || minBalanceOn === null) return [];
  const ids = await context.loaders.batch(financers, { positionId: pool.positionId, day: minBalanceOn }, context);
  return Promise.all(ids.map((memberId) => context.loaders.row(members, memberId)));
}

async function series(pool: CashPoolRow, { from, to }: { from: string; to: string }, context: Context): Promise<unknown[]> {
  checkDays(from, to);
  const { days } = await stateOf(pool, context);
  return seriesOf(days, from, to).map(({ day, cashIn, cashOut, balance }) => ({
    day,
    cashIn: money(cashIn, context),
    cashOut: money(cashOut, context),
    balance: money(balance, context),
  }));
}

const figure =
  (name: keyof CashToCash) =>
  async ({ positionId }: CashPoolRow, _: unknown, context: Context): Promise<number | null> =>
    (await context.loaders.batch(cashToCash, positionId, context))[name];

// Whether the subject exists is known to its owner.
const cashOf =
  (kind: PoolKind, key: string) =>
  (parent: Readonly<Record<string, string>>, _: unknown, context: Context): Promise<CashPoolRow | null> =>
    context.loaders.batch(poolOf, { kind, subjectId: parent[key] ?? '' }, context);

export const cashResolvers: Resolvers = {
  Query: {
    cashPosition: (_: unknown, { positionId }: { positionId: string }, { loaders }: Context) => loaders.row(cashPools, positionId),
    fxRates: (_: unknown, args: RatesArgs, context: Context) => {
      checkDays(args.fromDate, args.toDate);
      return context.loaders.batch(ratesBetween, args, context);
    },
  },
  FxRate: { rate: ({ rate }: RateRow) => decimal(rate) },
  CashPosition: {
    __resolveReference: ({ positionId }: { positionId: string }, { loaders }: Context) => loaders.row(cashPools, positionId),
    owner: ({ memberId }: CashPoolRow, _: unknown, { loaders }: Context) => loaders.row(members, memberId),
    asOf: (_pool: CashPoolRow, _: unknown, { clock }: Context) => clock.now(),
    balance: async (pool: CashPoolRow, _: unknown, context: Context) => money((await stateOf(pool, context)).balance, context),
    minBalance: async (pool: CashPoolRow, _: unknown, context: Context) => money((await stateOf(pool, context)).minBalance, context),
    minBalanceOn: async (pool: CashPoolRow, _: unknown, context: Context) => (await stateOf(pool, context)).minBalanceOn,
    financedBy: (pool: CashPoolRow, _: unknown, context: Context) => financedBy(pool, context),
    cashToCashDays: figure('cashToCashDays'),
    dio: figure('dio'),
    dso: figure('dso'),
    dpo: figure('dpo'),
    ledgerCashToCashDays: ({ positionId }: CashPoolRow, _: unknown, context: Context) =>
      context.loaders.batch(ledgerDays, positionId, context),
    series: (pool: CashPoolRow, args: { from: string; to: string }, context: Context) => series(pool, args, context),
  },
  Creator: {
    __resolveReference: ({ creatorId }: { creatorId: string }) => ({ creatorId }),
    cash: cashOf('CREATOR', 'creatorId'),
  },
  Mcn: {
    __resolveReference: ({ mcnId }: { mcnId: string }) => ({ mcnId }),
    cash: cashOf('MCN', 'mcnId'),
  },
  Campaign: { cash: cashOf('CAMPAIGN', 'campaignId') },
};
