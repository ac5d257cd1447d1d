// Lists of routing's plan: their order, their filters, and the parents they stand under.
import { defineChildList } from '../../../subgraph-kit/loaders.ts';
import { definePagedList, type OrderColumn, type PageArgs } from '../../../subgraph-kit/page.ts';
import { and, sql, type Sql } from '../../../subgraph-kit/sql.ts';
import type { AllocationRow, DecisionRow, MemberRow, Outcome, PlanChangeRow, PolicyRow, PriceRow, RunRow, SlotRow } from './tables.ts';

type Optional<T> = T | null | undefined;

// ---- Members ----

export type MembersArgs = PageArgs & { readonly kind?: Optional<string> };

export const membersByName = definePagedList<MemberRow, MembersArgs>({
  from: sql`"Member" t`,
  where: ({ kind }) => (kind ? sql`${kind} = ANY(t."kinds")` : sql`true`),
  order: [
    { column: 'name', cast: 'text' },
    { column: 'memberId', cast: 'text' },
  ],
});

// ---- Allocations ----

export type StatusArgs = PageArgs & { readonly status?: Optional<readonly string[]> };
export type AllocationsArgs = StatusArgs & { readonly gln?: Optional<string> };

const newestAllocation: readonly OrderColumn[] = [
  { column: 'proposedAt', cast: 'timestamptz', descending: true },
  { column: 'allocationId', cast: 'text', descending: true },
];
const ofStatus = (status: Optional<readonly string[]>): Sql | undefined => (status ? sql`t."status" = ANY(${status}::text[])` : undefined);

export const allocationsByAge = definePagedList<AllocationRow, AllocationsArgs>({
  from: sql`"Allocation" t`,
  where: ({ status, gln }) => and(ofStatus(status), gln ? sql`t."gln" = ${gln}` : undefined),
  order: newestAllocation,
});

const allocationsUnder = (parent: Sql) =>
  definePagedList<AllocationRow, StatusArgs>({
    from: sql`"Allocation" t`,
    parent,
    where: ({ status }) => and(ofStatus(status)),
    order: newestAllocation,
  });

export const allocationsOfMaker = allocationsUnder(sql`t."gln"`);
export const allocationsOfDistributor = allocationsUnder(sql`t."distributorGln"`);

export const allocationsOfLine = definePagedList<AllocationRow, StatusArgs>({
  from: sql`"Allocation" t`,
  parent: sql`t."demandLineId"`,
  where: ({ status }) => ofStatus(status) ?? sql`t."status" <> 'SUPERSEDED'`,
  order: [
    { column: 'quantity', cast: 'int', descending: true },
    { column: 'allocationId', cast: 'text' },
  ],
});

/** Dearest first. */
export const allocationsOfRun = definePagedList<AllocationRow, PageArgs>({
  from: sql`(SELECT a.*, a."quantity" * a."unitPriceMinor" AS "valueMinor" FROM "Allocation" a) t`,
  parent: sql`t."runId"`,
  order: [
    { column: 'valueMinor', cast: 'bigint', descending: true },
    { column: 'allocationId', cast: 'text' },
  ],
});

export const changesOfAllocation = definePagedList<PlanChangeRow, PageArgs>({
  from: sql`"PlanChange" t`,
  parent: sql`t."allocationId"`,
  order: [{ column: 'position', cast: 'int', descending: true }],
});

/** Most slots of one allocation. */
export const SLOTS_MOST = 1_000;

export const slotsOfAllocation = defineChildList<SlotRow>({
  from: sql`"AllocationSlot" t`,
  parent: sql`t."allocationId"`,
  order: sql`t."position"`,
  most: SLOTS_MOST,
});

// ---- Decisions, runs, prices, policies ----

export type DecisionsArgs = PageArgs & { readonly outcome?: Optional<Outcome> };

const ofOutcome = ({ outcome }: DecisionsArgs): Sql => (outcome ? sql`t."outcome" = ${outcome}` : sql`true`);

export const decisionsByAge = definePagedList<DecisionRow, DecisionsArgs>({
  from: sql`"Decision" t`,
  where: ofOutcome,
  order: [
    { column: 'decidedAt', cast: 'timestamptz', descending: true },
    { column: 'decisionId', cast: 'text', descending: true },
  ],
});

/** Dearest first. */
export const decisionsOfRun = definePagedList<DecisionRow, DecisionsArgs>({
  from: sql`"Decision" t`,
  parent: sql`t."runId"`,
  where: ofOutcome,
  order: [
    { column: 'costMinor', cast: 'bigint', descending: true },
    { column: 'decisionId', cast: 'text' },
  ],
});

export const runsByAge = definePagedList<RunRow, PageArgs>({
  from: sql`"Run" t`,
  order: [
    { column: 'startedAt', cast: 'timestamptz', descending: true },
    { column: 'runId', cast: 'text', descending: true },
  ],
});

const dearestPrice: readonly OrderColumn[] = [
  { column: 'price', cast: 'numeric', descending: true },
  { column: 'priceId', cast: 'text' },
];

export const pricesOfRun = definePagedList<PriceRow, PageArgs>({
  from: sql`"ShadowPrice" t`,
  parent: sql`t."runId"`,
  order: dearestPrice,
});

export type ScarcityArgs = PageArgs & { readonly from: string; readonly to: string; readonly stage?: Optional<string> };

/** Buckets that are scarce by the committed plan. */
export const scarceBuckets = definePagedList<PriceRow, ScarcityArgs>({
  from: sql`"ShadowPrice" t`,
  where: ({ from, to, stage }) =>
    and(
      sql`t."current" AND t."price" > 0 AND t."day" BETWEEN ${from}::text::date AND ${to}::text::date`,
      stage ? sql`t."stage" = ${stage}` : undefined,
    ),
  order: dearestPrice,
});

export const policiesByAge = definePagedList<PolicyRow, PageArgs>({
  from: sql`"Policy" t`,
  order: [
    { column: 'publishedAt', cast: 'timestamptz', descending: true },
    { column: 'version', cast: 'text', descending: true },
  ],
});
