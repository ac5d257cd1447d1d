// Tables and lists of midstream: what a row holds, who may see it, in which order lists are read.
import { defineChildList } from '../../../subgraph-kit/loaders.ts';
import { definePagedList, type PageArgs } from '../../../subgraph-kit/page.ts';
import { sql } from '../../../subgraph-kit/sql.ts';
import { defineTable, openToAll, ownerFence } from '../../../subgraph-kit/table.ts';

export type DistributorRow = { gln: string; memberId: string; origin: string; name: string; country: string; changedAt: Date };
export type SlaRow = {
  gln: string;
  position: number;
  measure: string;
  targetBps: number;
  penaltyMinor: bigint | null;
  penaltyCurrency: string | null;
};
export type TariffRow = {
  gln: string;
  position: number;
  service: string;
  unit: string;
  priceMinor: bigint;
  priceCurrency: string;
  originUnlocode: string | null;
  destinationUnlocode: string | null;
  transitDays: number | null;
  validFrom: Date;
  validTo: Date | null;
};
export type SiteRow = {
  siteGln: string;
  memberId: string;
  origin: string;
  distributorGln: string | null;
  name: string;
  kind: string;
  unlocode: string;
  freeCubicMetres: number;
  changedAt: Date;
};
export type PositionRow = {
  siteGln: string;
  gtin: string;
  memberId: string;
  origin: string;
  onHand: number;
  reserved: number;
  inTransit: number;
  changedAt: Date;
};
export type ClassificationRow = { styleId: string; memberId: string; hsCode: string; unitWeightGrams: number; changedAt: Date };

export const distributors = defineTable<DistributorRow>({ table: 'Distributor', key: ['gln'], fence: openToAll });
export const sites = defineTable<SiteRow>({ table: 'Site', key: ['siteGln'], fence: openToAll });
export const positions = defineTable<PositionRow>({ table: 'InventoryPosition', key: ['siteGln', 'gtin'], fence: ownerFence() });
export const classifications = defineTable<ClassificationRow>({ table: 'Classification', key: ['styleId'], fence: openToAll });

export const TARIFFS_MOST = 1_000;
export const SLAS_MOST = 50;

export const tariffsOfDistributor = defineChildList<TariffRow>({
  from: sql`"Tariff" t`,
  parent: sql`t."gln"`,
  order: sql`t."position"`,
  most: TARIFFS_MOST,
});
export const slasOfDistributor = defineChildList<SlaRow>({
  from: sql`"Sla" t`,
  parent: sql`t."gln"`,
  order: sql`t."position"`,
  most: SLAS_MOST,
});

export type DistributorsArgs = PageArgs & { readonly country?: string | null };

export const distributorsByName = definePagedList<DistributorRow, DistributorsArgs>({
  from: sql`"Distributor" t`,
  where: ({ country }) => (country ? sql`t."country" = ${country}` : sql`true`),
  order: [
    { column: 'name', cast: 'text' },
    { column: 'gln', cast: 'text' },
  ],
});

export type SitesArgs = PageArgs & { readonly kind?: string | null; readonly unlocode?: string | null };

const siteOrder = [
  { column: 'name', cast: 'text' },
  { column: 'siteGln', cast: 'text' },
] as const;

export const sitesByName = definePagedList<SiteRow, SitesArgs>({
  from: sql`"Site" t`,
  where: ({ kind, unlocode }) =>
    sql`${kind ? sql`t."kind" = ${kind}` : sql`true`} AND ${unlocode ? sql`t."unlocode" = ${unlocode}` : sql`true`}`,
  order: siteOrder,
});

export const sitesOfDistributor = definePagedList<SiteRow, PageArgs>({
  from: sql`"Site" t`,
  parent: sql`t."distributorGln"`,
  order: siteOrder,
});

export type SiteInventoryArgs = PageArgs & { readonly gtin?: string | null };

export const inventoryOfSite = definePagedList<PositionRow, SiteInventoryArgs>({
  from: sql`"InventoryPosition" t`,
  parent: sql`t."siteGln"`,
  where: ({ gtin }) => (gtin ? sql`t."gtin" = ${gtin}` : sql`true`),
  order: [{ column: 'gtin', cast: 'text' }],
});

export const inventoryOfSku = definePagedList<PositionRow, PageArgs>({
  from: sql`"InventoryPosition" t`,
  parent: sql`t."gtin"`,
  order: [{ column: 'siteGln', cast: 'text' }],
});
