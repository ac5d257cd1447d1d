// Tables and lists of upstream: what a row is, who may see it, and in which order lists are read.
import { definePagedList, type PageArgs } from '../../../subgraph-kit/page.ts';
import { defineChildList } from '../../../subgraph-kit/loaders.ts';
import { isHub } from '../../../subgraph-kit/principal.ts';
import { and, or, sql } from '../../../subgraph-kit/sql.ts';
import { defineTable, openToAll, ownerFence, type Fence } from '../../../subgraph-kit/table.ts';
import type { HoldReason, LotStatus } from '../lot-states.ts';
import { STAGES, type MakerStatus, type Stage } from '../words.ts';

/** A number of the database that is exact: it prints itself as decimal text. */
export type DecimalValue = { toString(): string };

export type MakerRow = {
  gln: string;
  memberId: string;
  origin: string;
  sourceKey: string | null;
  osId: string | null;
  name: string;
  status: MakerStatus;
  country: string;
  province: string | null;
  county: string | null;
  address: string;
  lat: number | null;
  lng: number | null;
  unlocode: string | null;
  supplierGroup: string | null;
  lineWorkers: number | null;
  changedAt: Date;
};

export type CapabilityRow = { gln: string; position: number; tag: string; stage: Stage; evidence: string | null };

export type TermRow = {
  gln: string;
  position: number;
  category: string | null;
  moq: number;
  acceptsShortLots: boolean;
  leadTimeDays: number;
  minutePrice: DecimalValue;
  currency: string;
  setupCostMinor: bigint;
};

export type BucketRow = {
  bucketId: string;
  gln: string;
  memberId: string;
  origin: string;
  stage: Stage;
  day: Date;
  actualMinutes: number;
  maximumMinutes: number;
  committedMinutes: number;
  heldMinutes: number;
  efficiencyBps: number;
  changedAt: Date;
};

export type QuoteRow = {
  quoteId: string;
  demandLineId: string;
  gln: string;
  memberId: string;
  demandMemberId: string;
  origin: string;
  unitPriceMinor: bigint;
  setupCostMinor: bigint;
  currency: string;
  minQty: number;
  earliestFinish: Date;
  validUntil: Date;
  givenAt: Date;
};

export type QualityRow = {
  gln: string;
  lots: number;
  pieces: bigint;
  firstPassPieces: bigint;
  rejectedLots: number;
  onTimeLots: number;
  changedAt: Date;
};

export type StyleWorkRow = { styleId: string; memberId: string; origin: string; madeUp: boolean; smvTotal: DecimalValue; changedAt: Date };
export type OperationRow = { styleId: string; position: number; stage: Stage; smv: DecimalValue; capability: string };

export type LotRow = {
  lotId: string;
  epcClass: string;
  allocationId: string;
  gln: string;
  memberId: string;
  demandMemberId: string;
  styleId: string;
  origin: string;
  status: LotStatus;
  holdReason: HoldReason | null;
  scrapNote: string | null;
  plannedQty: number;
  goodQty: number;
  scrapQty: number;
  neededBy: Date;
  openedAt: Date;
  completedAt: Date | null;
  changedAt: Date;
};

export type LotStageRow = {
  lotId: string;
  position: number;
  stage: Stage;
  smv: DecimalValue;
  qtyIn: number;
  qtyOut: number;
  scrap: number;
  startedAt: Date | null;
  reportedAt: Date | null;
  completedAt: Date | null;
};

const partners = ownerFence({ kinds: ['CREATOR', 'MCN', 'DISTRIBUTOR', 'PARTNER'] });
const ownOnly = ownerFence();

/** Capacity is hidden from rivals: whoever is a maker sees its own only, whatever else it is. */
export const rivalFence: Fence = (viewer) => (viewer.kinds.includes('MAKER') && !isHub(viewer) ? ownOnly(viewer) : partners(viewer));

/** A binding quote is between the maker, who gave it, and the owner of the demand. */
const quoteFence: Fence = (viewer) =>
  or(ownOnly(viewer), ...(viewer.memberId === null ? [] : [sql`t."demandMemberId" = ${viewer.memberId}`]));

/** A lot is for its maker, the owner of the demand, and whoever carries it. */
const lotFence: Fence = (viewer) => {
  const { memberId } = viewer;
  if (memberId === null) return ownOnly(viewer);
  const carries = sql`EXISTS (SELECT FROM "Carriage" c WHERE c."allocationId" = t."allocationId" AND c."memberId" = ${memberId})`;
  return or(ownOnly(viewer), sql`t."demandMemberId" = ${memberId}`, carries);
};

export const makers = defineTable<MakerRow>({ table: 'Maker', key: ['gln'], fence: openToAll });
export const buckets = defineTable<BucketRow>({ table: 'CapacityBucket', key: ['bucketId'], fence: rivalFence });
export const quotes = defineTable<QuoteRow>({ table: 'MakerQuote', key: ['quoteId'], fence: quoteFence });
export const qualities = defineTable<QualityRow>({ table: 'Quality', key: ['gln'], fence: openToAll });
export const styleWorks = defineTable<StyleWorkRow>({ table: 'StyleWork', key: ['styleId'], fence: openToAll });

export const lots = defineTable<LotRow>({ table: 'ProductionLot', key: ['lotId'], fence: lotFence });
/** The same rows by their other keys. */
export const lotsByEpcClass = defineTable<LotRow>({ table: 'ProductionLot', key: ['epcClass'], fence: lotFence });
export const lotsByAllocation = defineTable<LotRow>({ table: 'ProductionLot', key: ['allocationId'], fence: lotFence });

/** Most capabilities and terms of one maker, and most operations of one style. */
export const CAPABILITIES_MOST = 60;
export const TERMS_MOST = 14;
export const OPERATIONS_MOST = STAGES.length;

export const capabilitiesOf = defineChildList<CapabilityRow>({
  from: sql`"Capability" t`,
  parent: sql`t."gln"`,
  order: sql`t."position"`,
  most: CAPABILITIES_MOST,
});

export const termsOf = defineChildList<TermRow>({
  from: sql`"MakerTerm" t`,
  parent: sql`t."gln"`,
  order: sql`t."position"`,
  most: TERMS_MOST,
});

export const operationsOf = defineChildList<OperationRow>({
  from: sql`"Operation" t`,
  parent: sql`t."styleId"`,
  order: sql`t."position"`,
  most: OPERATIONS_MOST,
});

export const stagesOf = defineChildList<LotStageRow>({
  from: sql`"LotStage" t`,
  parent: sql`t."lotId"`,
  order: sql`t."position"`,
  most: OPERATIONS_MOST,
});

type Given<T> = T | null | undefined;

export type MakersArgs = PageArgs & {
  readonly capability?: Given<string>;
  readonly country?: Given<string>;
  readonly province?: Given<string>;
  readonly county?: Given<string>;
  readonly stage?: Given<Stage>;
};

export const makersByName = definePagedList<MakerRow, MakersArgs>({
  from: sql`"Maker" t`,
  where: ({ capability, country, province, county, stage }) =>
    and(
      country ? sql`t."country" = ${country}` : undefined,
      province ? sql`t."province" = ${province}` : undefined,
      county ? sql`t."county" = ${county}` : undefined,
      capability ? sql`EXISTS (SELECT FROM "Capability" c WHERE c."gln" = t."gln" AND c."tag" = ${capability})` : undefined,
      stage ? sql`EXISTS (SELECT FROM "Capability" c WHERE c."gln" = t."gln" AND c."stage" = ${stage})` : undefined,
    ),
  order: [
    { column: 'name', cast: 'text' },
    { column: 'gln', cast: 'text' },
  ],
});

export type CapacityArgs = PageArgs & { readonly from: string; readonly to: string; readonly stage?: Given<Stage> };
export type BucketsArgs = CapacityArgs & { readonly gln?: Given<string> };

// Stages sort in the order of the work, not of their letters.
const bucketsWithStageOrder = sql`(SELECT b.*, array_position(${[...STAGES]}::text[], b."stage") AS "stageOrder" FROM "CapacityBucket" b) t`;

const within = ({ from, to, stage }: CapacityArgs) =>
  and(sql`t."day" BETWEEN ${from}::text::date AND ${to}::text::date`, stage ? sql`t."stage" = ${stage}` : undefined);

export const capacityOfMaker = definePagedList<BucketRow, CapacityArgs>({
  from: bucketsWithStageOrder,
  parent: sql`t."gln"`,
  where: within,
  order: [
    { column: 'day', cast: 'date' },
    { column: 'stageOrder', cast: 'int' },
  ],
});

export const bucketsByDay = definePagedList<BucketRow, BucketsArgs>({
  from: bucketsWithStageOrder,
  where: (args) => and(within(args), args.gln ? sql`t."gln" = ${args.gln}` : undefined),
  order: [
    { column: 'day', cast: 'date' },
    { column: 'gln', cast: 'text' },
    { column: 'stageOrder', cast: 'int' },
  ],
});

export type LotsArgs = PageArgs & { readonly status?: Given<readonly LotStatus[]>; readonly gln?: Given<string> };

const NEWEST_FIRST = [
  { column: 'openedAt', cast: 'timestamptz', descending: true },
  { column: 'lotId', cast: 'text', descending: true },
] as const;

const inStates = ({ status }: LotsArgs) => (status ? sql`t."status" = ANY(${status}::text[])` : undefined);

export const lotsOfMaker = definePagedList<LotRow, LotsArgs>({
  from: sql`"ProductionLot" t`,
  parent: sql`t."gln"`,
  where: (args) => and(inStates(args)),
  order: NEWEST_FIRST,
});

export const lotsByTime = definePagedList<LotRow, LotsArgs>({
  from: sql`"ProductionLot" t`,
  where: (args) => and(inStates(args), args.gln ? sql`t."gln" = ${args.gln}` : undefined),
  order: NEWEST_FIRST,
});

export type QuotesArgs = PageArgs & { readonly validAt?: Given<Date> };

export const quotesByTime = definePagedList<QuoteRow, QuotesArgs>({
  from: sql`"MakerQuote" t`,
  where: ({ validAt }) => (validAt ? sql`t."validUntil" >= ${validAt}::timestamptz` : sql`true`),
  order: [
    { column: 'givenAt', cast: 'timestamptz', descending: true },
    { column: 'quoteId', cast: 'text', descending: true },
  ],
});
