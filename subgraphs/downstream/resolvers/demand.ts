// Demand lines. Makers and distributors see lines that wait without who asks, for what campaign or store, and what is paid; those who have
// pieces of a line to make or deliver know who asks, and where for.
import { maySee } from '../../../subgraph-kit/table.ts';
import { demandByDueDay, sizesOfDemand, type DemandLinesArgs } from '../data/lists.ts';
import type { DemandLineRow, DemandSizeRow } from '../data/rows.ts';
import { campaigns, demandLines, segments, skus, styles } from '../data/tables.ts';
import { isServing } from '../loaders/serving.ts';
import { memberOf, money, type Context } from './parts.ts';

export const demandQueries = {
  demandLine: (_: unknown, { demandLineId }: { demandLineId: string }, { loaders }: Context) => loaders.row(demandLines, demandLineId),
  demandLines: (_: unknown, args: DemandLinesArgs, { loaders }: Context) => loaders.rootPage(demandLines, demandByDueDay, args),
};

// A field that stays hidden from those who only serve the line.
const hidden =
  <T>(read: (line: DemandLineRow, context: Context) => T) =>
  (line: DemandLineRow, _: unknown, context: Context): T | null =>
    maySee(context.principal, line) ? read(line, context) : null;

// One that those know who serve the line.
const shared =
  <T>(read: (line: DemandLineRow, context: Context) => T) =>
  async (line: DemandLineRow, _: unknown, context: Context): Promise<Awaited<T> | null> =>
    maySee(context.principal, line) || (await context.loaders.batch(isServing, line.demandLineId, context))
      ? await read(line, context)
      : null;

export const demandTypes = {
  DemandLine: {
    __resolveReference: ({ demandLineId }: { demandLineId: string }, { loaders }: Context) => loaders.row(demandLines, demandLineId),
    member: shared(memberOf),
    campaign: shared(({ campaignId }, { loaders }) => (campaignId === null ? null : loaders.row(campaigns, campaignId))),
    store: shared(({ siteGln }) => (siteGln === null ? null : { siteGln })),
    style: ({ styleId }: DemandLineRow, _: unknown, { loaders }: Context) => loaders.row(styles, styleId),
    sizes: ({ demandLineId }: DemandLineRow, _: unknown, { loaders }: Context) => loaders.children(sizesOfDemand, demandLineId),
    segment: hidden(({ segmentId }, { loaders }) => (segmentId === null ? null : loaders.row(segments, segmentId))),
    unitPriceCap: hidden(({ unitPriceCapMinor, currency }) => money(unitPriceCapMinor, currency)),
    unitMargin: hidden(({ unitMarginMinor, currency }) => money(unitMarginMinor, currency)),
    depositPaid: hidden(({ depositPaidMinor, currency }) => money(depositPaidMinor, currency)),
  },
  SizeQty: {
    sku: ({ gtin }: DemandSizeRow, _: unknown, { loaders }: Context) => loaders.row(skus, gtin),
  },
};
