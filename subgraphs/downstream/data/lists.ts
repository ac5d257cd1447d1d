// Lists of downstream: their order, their filters, and the parents they stand under.
import { defineChildList } from '../../../subgraph-kit/loaders.ts';
import { definePagedList, type OrderColumn, type PageArgs } from '../../../subgraph-kit/page.ts';
import { and, sql, type Sql } from '../../../subgraph-kit/sql.ts';
import { ownOrDemo } from './tables.ts';
import type {
  CampaignRow,
  CreatorRow,
  DemandLineRow,
  DemandSizeRow,
  SegmentSizeRow,
  SignalRow,
  SkuRow,
  SourceRow,
  StyleRow,
} from './rows.ts';

type Optional<T> = T | null | undefined;

const byName: readonly OrderColumn[] = [
  { column: 'displayName', cast: 'text' },
  { column: 'creatorId', cast: 'text' },
];
const newestStyle: readonly OrderColumn[] = [
  { column: 'proposedAt', cast: 'timestamptz', descending: true },
  { column: 'styleId', cast: 'text', descending: true },
];
const byDueDay: readonly OrderColumn[] = [
  { column: 'dueDate', cast: 'date' },
  { column: 'demandLineId', cast: 'text' },
];

// ---- Creators ----

export type CreatorsArgs = PageArgs & { readonly tier?: Optional<string> };

export const creatorsByName = definePagedList<CreatorRow, CreatorsArgs>({
  from: sql`"Creator" t`,
  where: ({ tier }) => (tier ? sql`t."tier" = ${tier}::"CreatorTier"` : sql`true`),
  order: byName,
});

export const creatorsOfMcn = definePagedList<CreatorRow, PageArgs>({ from: sql`"Creator" t`, parent: sql`t."mcnId"`, order: byName });

// ---- Campaigns ----

export type CampaignsArgs = PageArgs & { readonly status?: Optional<readonly string[]> };

export const campaignsOfCreator = definePagedList<CampaignRow, CampaignsArgs>({
  from: sql`"Campaign" t`,
  parent: sql`t."creatorId"`,
  where: ({ status }) => (status ? sql`t."status" = ANY(${status}::"CampaignStatus"[])` : sql`true`),
  order: [
    { column: 'startsAt', cast: 'timestamptz', descending: true },
    { column: 'campaignId', cast: 'text', descending: true },
  ],
});

// ---- Traffic and signals ----

/** A creator has at most 50 sources. */
export const channelsOfCreator = defineChildList<SourceRow>({
  from: sql`"TrafficSource" t`,
  parent: sql`t."creatorId"`,
  order: sql`t."platform", t."handle", t."sourceId"`,
  most: 50,
});

const newestSignal: readonly OrderColumn[] = [
  { column: 'at', cast: 'timestamptz', descending: true },
  { column: 'signalId', cast: 'text', descending: true },
];

export const signalsOfStyle = definePagedList<SignalRow, PageArgs>({
  from: sql`"DemandSignal" t`,
  parent: sql`t."styleId"`,
  order: newestSignal,
});
export const signalsOfSource = definePagedList<SignalRow, PageArgs>({
  from: sql`"DemandSignal" t`,
  parent: sql`t."sourceId"`,
  order: newestSignal,
});

// ---- Styles and trade items ----

export type StylesArgs = PageArgs & { readonly category?: Optional<string>; readonly life?: Optional<readonly string[]> };

export const stylesByAge = definePagedList<StyleRow, StylesArgs>({
  from: sql`"Style" t`,
  where: ({ category, life }) =>
    and(
      category ? sql`t."category" = ${category}::"StyleCategory"` : undefined,
      life ? sql`t."life" = ANY(${life}::"StyleLife"[])` : undefined,
    ),
  order: newestStyle,
});

export const stylesOfBrand = definePagedList<StyleRow, PageArgs>({ from: sql`"Style" t`, parent: sql`t."brandId"`, order: newestStyle });

export const stylesOfCampaign = definePagedList<StyleRow, PageArgs>({
  from: sql`(SELECT s.*, c."campaignId", c."place" FROM "CampaignStyle" c JOIN "Style" s ON s."styleId" = c."styleId") t`,
  parent: sql`t."campaignId"`,
  order: [
    { column: 'place', cast: 'int' },
    { column: 'styleId', cast: 'text' },
  ],
});

export const skusOfStyle = definePagedList<SkuRow, PageArgs>({
  from: sql`"Sku" t`,
  parent: sql`t."styleId"`,
  order: [
    { column: 'place', cast: 'int' },
    { column: 'gtin', cast: 'text' },
  ],
});

// ---- Demand ----

type DueArgs = { readonly from?: Optional<string>; readonly to?: Optional<string>; readonly status?: Optional<readonly string[]> };

const dueWithin = ({ from, to, status }: DueArgs): Sql =>
  and(
    from ? sql`t."dueDate" >= ${from}::date` : undefined,
    to ? sql`t."dueDate" <= ${to}::date` : undefined,
    status ? sql`t."status" = ANY(${status}::"DemandStatus"[])` : undefined,
  );

export type DemandLinesArgs = PageArgs & {
  readonly status?: Optional<readonly string[]>;
  readonly dueFrom?: Optional<string>;
  readonly dueTo?: Optional<string>;
};

export const demandByDueDay = definePagedList<DemandLineRow, DemandLinesArgs>({
  from: sql`"DemandLine" t`,
  where: ({ status, dueFrom, dueTo }) => dueWithin({ from: dueFrom, to: dueTo, status }),
  order: byDueDay,
});

export const demandOfStyle = definePagedList<DemandLineRow, PageArgs & DueArgs>({
  from: sql`"DemandLine" t`,
  parent: sql`t."styleId"`,
  where: dueWithin,
  order: byDueDay,
});

export const demandOfCampaign = definePagedList<DemandLineRow, PageArgs & { readonly status?: Optional<readonly string[]> }>({
  from: sql`"DemandLine" t`,
  parent: sql`t."campaignId"`,
  // whom a line belongs to is hidden from those who only serve it, so they do not find it under its campaign
  where: (args, viewer) => and(dueWithin(args), ownOrDemo(viewer)),
  order: byDueDay,
});

/** A style has at most 200 trade items, and so has a line. */
export const sizesOfDemand = defineChildList<DemandSizeRow>({
  from: sql`"DemandSize" t`,
  parent: sql`t."demandLineId"`,
  order: sql`t."place"`,
  most: 200,
});

/** A size curve has at most 50 sizes. */
export const curveOfSegment = defineChildList<SegmentSizeRow>({
  from: sql`"SegmentSize" t`,
  parent: sql`t."segmentId"`,
  order: sql`t."place"`,
  most: 50,
});
