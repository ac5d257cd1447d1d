// Stock place by place, and what this subgraph adds to trade items and styles.
import type { SubgraphContext } from '../../../subgraph-kit/context.ts';
import type { PageArgs } from '../../../subgraph-kit/page.ts';
import type { Resolvers } from '../../../subgraph-kit/schema.ts';
import { classifications, inventoryOfSku, positions, sites, type PositionRow } from '../data/tables.ts';
import { availableToPromise, daysOfSupply } from '../loaders/stock.ts';
import { promisable } from '../stock.ts';

type Context = SubgraphContext;
type SkuRef = { readonly gtin: string };
type StyleRef = { readonly styleId: string };
type PlaceArgs = { readonly siteGln?: string | null };

export const stockResolvers: Resolvers = {
  Query: {
    inventoryPosition: (_: unknown, { siteGln, gtin }: { siteGln: string; gtin: string }, { loaders }: Context) =>
      loaders.row(positions, siteGln, gtin),
    availableToPromise: (_: unknown, { gtin, siteGln }: SkuRef & PlaceArgs, context: Context) =>
      context.loaders.batch(availableToPromise, { gtin, siteGln: siteGln ?? null }, context),
  },
  InventoryPosition: {
    __resolveReference: ({ siteGln, gtin }: { siteGln: string; gtin: string }, { loaders }: Context) =>
      loaders.row(positions, siteGln, gtin),
    member: ({ memberId }: PositionRow) => ({ memberId }),
    site: ({ siteGln }: PositionRow, _: unknown, { loaders }: Context) => loaders.row(sites, siteGln),
    sku: ({ gtin }: PositionRow): SkuRef => ({ gtin }),
    availableToPromise: promisable,
    daysOfSupply: (row: PositionRow, _: unknown, context: Context) => context.loaders.batch(daysOfSupply, row, context),
  },
  Sku: {
    __resolveReference: ({ gtin }: SkuRef): SkuRef => ({ gtin }),
    inventory: ({ gtin }: SkuRef, args: PageArgs, { loaders }: Context) => loaders.page(positions, inventoryOfSku, gtin, args),
    availableToPromise: ({ gtin }: SkuRef, { siteGln }: PlaceArgs, context: Context) =>
      context.loaders.batch(availableToPromise, { gtin, siteGln: siteGln ?? null }, context),
  },
  Style: {
    __resolveReference: ({ styleId }: StyleRef): StyleRef => ({ styleId }),
    hsCode: async ({ styleId }: StyleRef, _: unknown, { loaders }: Context) =>
      (await loaders.row(classifications, styleId))?.hsCode ?? null,
    unitWeightGrams: async ({ styleId }: StyleRef, _: unknown, { loaders }: Context) =>
      (await loaders.row(classifications, styleId))?.unitWeightGrams ?? null,
  },
};
