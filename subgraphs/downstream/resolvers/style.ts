// Styles and their trade items. Anybody may see them; what they sell is for their owner.
import { INT_MOST } from '../../../subgraph-kit/checks.ts';
import type { PageArgs } from '../../../subgraph-kit/page.ts';
import { maySee } from '../../../subgraph-kit/table.ts';
import { demandOfStyle, signalsOfStyle, skusOfStyle, stylesByAge, type StylesArgs } from '../data/lists.ts';
import type { SkuRow, StyleRow } from '../data/rows.ts';
import { brands, creators, demandLines, signals, skus, styles, stylesByGmn } from '../data/tables.ts';
import { toBps } from '../lifetime-value.ts';
import { receivedOfStyle } from '../loaders/received-pieces.ts';
import { salesOfStyle } from '../loaders/sales-figures.ts';
import type { TimeWindow } from '../windows.ts';
import { memberOf, money, type Context } from './parts.ts';

export const styleQueries = {
  style: (_: unknown, { styleId }: { styleId: string }, { loaders }: Context) => loaders.row(styles, styleId),
  styles: (_: unknown, args: StylesArgs, { loaders }: Context) => loaders.rootPage(styles, stylesByAge, args),
  sku: (_: unknown, { gtin }: { gtin: string }, { loaders }: Context) => loaders.row(skus, gtin),
};

// Other subgraphs refer to a style by either of its keys.
type StyleReference = { readonly styleId: string } | { readonly gmn: string };

type DemandArgs = PageArgs & { readonly from?: string | null; readonly to?: string | null; readonly status?: readonly string[] | null };

export const styleTypes = {
  Style: {
    __resolveReference: (reference: StyleReference, { loaders }: Context) =>
      'styleId' in reference ? loaders.row(styles, reference.styleId) : loaders.row(stylesByGmn, reference.gmn),
    member: memberOf,
    brand: ({ brandId }: StyleRow, _: unknown, { loaders }: Context) => (brandId === null ? null : loaders.row(brands, brandId)),
    proposedBy: ({ creatorId }: StyleRow, _: unknown, { loaders }: Context) =>
      creatorId === null ? null : loaders.row(creators, creatorId),
    retailPrice: ({ retailPriceMinor, retailPriceCurrency }: StyleRow) => money(retailPriceMinor, retailPriceCurrency),
    skus: ({ styleId }: StyleRow, args: PageArgs, { loaders }: Context) => loaders.page(skus, skusOfStyle, styleId, args),
    demand: ({ styleId }: StyleRow, args: DemandArgs, { loaders }: Context) => loaders.page(demandLines, demandOfStyle, styleId, args),
    sales: async (style: StyleRow, { window }: { window: TimeWindow }, context: Context) => {
      if (!maySee(context.principal, style)) return null;
      const { piecesSold, piecesReturned, gmvMinor, netMinor } = await context.loaders.batch(
        salesOfStyle,
        { styleId: style.styleId, window },
        context,
      );
      const currency = style.retailPriceCurrency;
      return { piecesSold, piecesReturned, gmv: money(gmvMinor, currency), netGmv: money(netMinor, currency) };
    },
    signals: ({ styleId }: StyleRow, args: PageArgs, { loaders }: Context) => loaders.page(signals, signalsOfStyle, styleId, args),
    sellThroughBps: async (style: StyleRow, { window }: { window: TimeWindow }, context: Context) => {
      if (!maySee(context.principal, style)) return null;
      const key = { styleId: style.styleId, window };
      const [{ piecesSold }, received] = await Promise.all([
        context.loaders.batch(salesOfStyle, key, context),
        context.loaders.batch(receivedOfStyle, key, context),
      ]);
      const share = toBps(piecesSold, received);
      return share === null ? null : Math.min(share, INT_MOST);
    },
  },
  Sku: {
    __resolveReference: ({ gtin }: { gtin: string }, { loaders }: Context) => loaders.row(skus, gtin),
    style: ({ styleId }: SkuRow, _: unknown, { loaders }: Context) => loaders.row(styles, styleId),
  },
};
