// The control tower, and the gap between demand and supply of a style. What each figure means: docs/figures.md.
import { toBusinessDay } from '../../../lib/clock/clock.ts';
import type { SubgraphContext } from '../../../subgraph-kit/context.ts';
import type { Resolvers } from '../../../subgraph-kit/schema.ts';
import type { Phase } from '../figures/minutes.ts';
import type { Window } from '../figures/scope.ts';
import { readWindow } from '../figures/window.ts';
import { cashToCashOfViewer } from '../loaders/cash-figures.ts';
import { poolOfHub } from '../loaders/cash-settlements.ts';
import { lastFairness, mismatchOf, ordersIn, stagesIn } from '../loaders/figures.ts';

type Context = SubgraphContext;
type WindowArgs = { readonly from?: string | null; readonly to?: string | null };
type PhaseArgs = { readonly phase: Phase };

const todayOf = ({ clock, settings }: Context): string => toBusinessDay(clock.now(), settings.timeZone);

export const figureResolvers: Resolvers = {
  Query: {
    controlTower: (_: unknown, args: WindowArgs, context: Context): Window => readWindow(todayOf(context), args),
  },
  ControlTower: {
    perfectOrderBps: async (window: Window, _: unknown, context: Context) =>
      (await context.loaders.batch(ordersIn, window, context)).perfectOrderBps,
    orderFulfilmentCycleDays: async (window: Window, _: unknown, context: Context) =>
      (await context.loaders.batch(ordersIn, window, context)).orderFulfilmentCycleDays,
    cycleByStage: (window: Window, _: unknown, context: Context) => context.loaders.batch(stagesIn, window, context),
    cashToCashDays: async (_window: Window, _: unknown, context: Context) =>
      (await context.loaders.batch(cashToCashOfViewer, '', context)).cashToCashDays,
    cash: (_window: Window, _: unknown, context: Context) => context.loaders.batch(poolOfHub, '', context),
    fairness: (_window: Window, _: unknown, context: Context) => context.loaders.batch(lastFairness, '', context),
    mismatch: ({ from, to }: Window, { phase }: PhaseArgs, context: Context) =>
      context.loaders.batch(mismatchOf, { window: { from, to }, phase, styleId: null }, context),
  },
  Style: {
    // whether a style exists is known to its owner
    __resolveReference: ({ styleId }: { styleId: string }) => ({ styleId }),
    mismatch: ({ styleId }: { styleId: string }, { phase }: PhaseArgs, context: Context) =>
      context.loaders.batch(mismatchOf, { window: readWindow(todayOf(context)), phase, styleId }, context),
  },
};
