// Tables of routing's plan: what a row is, and who may see it. Lists are in lists.ts.
import { isHub, isVisitor, type Principal } from '../../../subgraph-kit/principal.ts';
import { or, sql, type Sql } from '../../../subgraph-kit/sql.ts';
import { defineTable, openToAll, type Fence } from '../../../subgraph-kit/table.ts';
import type { CostKind, ExclusionReason, Fairness, PlannedDecision, Stage } from '../model/types.ts';
import type { AllocationStatus, RunStatus } from '../state-machines.ts';

/** A number of the database that is exact; as text where it was just written. */
export type DecimalValue = string | { toFixed(): string };

/** Decimal text without an exponent. */
export const toDecimal = (value: DecimalValue): string => (typeof value === 'string' ? value : value.toFixed());

export type MemberRow = { memberId: string; name: string; kinds: string[]; changedAt: Date };

export type PolicyWeight = { readonly kind: CostKind; readonly value: number };

export type PolicyRow = {
  version: string;
  weights: readonly PolicyWeight[];
  hhiLimit: number;
  maxShareBps: number;
  frozenDays: number;
  unservedPenalty: DecimalValue;
  latenessPenalty: DecimalValue;
  candidateLimit: number;
  publishedAt: Date;
  publishedHash: string;
};

export type RunTrigger = 'SCHEDULED' | 'MANUAL';
export type RunProblem = { readonly code: string; readonly path: readonly string[]; readonly message: string };

export type RunRow = {
  runId: string;
  memberId: string | null;
  trigger: RunTrigger;
  triggerRef: string | null;
  note: string | null;
  status: RunStatus;
  attempt: number;
  startedAt: Date;
  finishedAt: Date | null;
  committedAt: Date | null;
  horizonFrom: Date;
  horizonTo: Date;
  frozenUntil: Date;
  objective: DecimalValue | null;
  bound: DecimalValue | null;
  gap: number | null;
  currency: string;
  solveMs: number | null;
  inputHash: string | null;
  policyVersion: string;
  seed: string;
  demandedPieces: number | null;
  placedPieces: number | null;
  unservedPieces: number | null;
  changedLines: number | null;
  nervousness: number | null;
  fairness: Fairness | null;
  problems: readonly RunProblem[];
  changedAt: Date;
};

export type DeclineReason = 'NO_CAPACITY' | 'PRICE_TOO_LOW' | 'TOO_SHORT_NOTICE' | 'MATERIAL_NOT_FOUND' | 'NOT_OUR_WORK' | 'OTHER';

export type AllocationRow = {
  allocationId: string;
  runId: string;
  decisionId: string;
  demandLineId: string;
  demandMemberId: string;
  memberId: string;
  origin: string;
  gln: string;
  styleId: string;
  campaignId: string | null;
  distributorGln: string | null;
  distributorMemberId: string | null;
  quantity: number;
  unitPriceMinor: bigint;
  currency: string;
  originUnlocode: string;
  destinationUnlocode: string;
  promisedDate: Date;
  status: AllocationStatus;
  answerBy: Date | null;
  counterQuantity: number | null;
  counterPriceMinor: bigint | null;
  counterCurrency: string | null;
  counterDate: Date | null;
  counterAt: Date | null;
  declineReason: DeclineReason | null;
  note: string | null;
  counterOf: string | null;
  settlementId: string | null;
  receivedGood: number;
  receivedDamaged: number;
  proposedAt: Date;
  changedAt: Date;
};

export type SlotRow = {
  allocationId: string;
  position: number;
  stage: Stage;
  day: Date;
  bucketId: string;
  minutes: number;
  pieces: number;
};

export type PlanChangeRow = {
  allocationId: string;
  position: number;
  at: Date;
  runId: string;
  reason: RunTrigger;
  fromGln: string | null;
  fromQuantity: number | null;
  fromPromisedDate: Date | null;
  fromStatus: AllocationStatus | null;
  toGln: string;
  toQuantity: number;
  toPromisedDate: Date;
  toStatus: AllocationStatus;
};

/** A candidate as a decision keeps it; `memberId` is the owner of the maker. */
export type StoredCandidate = {
  readonly gln: string;
  readonly memberId: string;
  readonly name: string;
  readonly quantity: number;
  readonly totalCostMinor: number;
  /** Decimal text, major units of the currency of the run. */
  readonly reducedCost: string;
  readonly terms: readonly { readonly kind: CostKind; readonly amountMinor: number }[];
  /** What was planned with it; null when it was not chosen. */
  readonly plan: { readonly unitPriceMinor: number; readonly promisedDay: string } | null;
};

export type StoredExclusion = { readonly reason: ExclusionReason; readonly makers: number; readonly examples: readonly string[] };

/** Numbers of the text of a decision that stand in no column. */
export type DecisionFacts = {
  readonly styleName: string;
  readonly dueDay: string;
  readonly latestDay: string;
  readonly currency: string;
  readonly makers: number;
  readonly unserved: PlannedDecision['unserved'];
};

export type Outcome = PlannedDecision['outcome'];

export type DecisionRow = {
  decisionId: string;
  runId: string;
  demandLineId: string;
  demandMemberId: string;
  origin: string;
  styleId: string;
  outcome: Outcome;
  wanted: number;
  placed: number;
  costMinor: bigint;
  candidates: readonly StoredCandidate[];
  excluded: readonly StoredExclusion[];
  binding: readonly string[];
  facts: DecisionFacts;
  decidedAt: Date;
};

export type PriceRow = {
  priceId: string;
  runId: string;
  kind: 'DEMAND' | 'CAPACITY' | 'SHARE_CAP';
  bucketId: string | null;
  gln: string | null;
  memberId: string | null;
  demandLineId: string | null;
  styleId: string | null;
  stage: Stage | null;
  day: Date | null;
  price: DecimalValue;
  currency: string;
  per: string;
  validFrom: DecimalValue | null;
  validTo: DecimalValue | null;
  current: boolean;
  asOf: Date;
};

/** What the events of a maker said of it last. */
export type MakerCopyRow = {
  gln: string;
  memberId: string;
  name: string;
  status: string;
  country: string;
  enteredAt: Date;
  changedAt: Date;
};

// What was never offered is between the hub and the owner of the demand.
const WAS_OFFERED = sql`t."answerBy" IS NOT NULL`;

function allocationFence(viewer: Principal): Sql {
  if (isHub(viewer)) return sql`true`;
  if (isVisitor(viewer)) return sql`t."origin" <> 'REPORTED' AND ${WAS_OFFERED}`;
  const { memberId } = viewer;
  return or(
    sql`t."demandMemberId" = ${memberId}`,
    sql`t."memberId" = ${memberId} AND ${WAS_OFFERED}`,
    sql`t."distributorMemberId" = ${memberId}`,
    // jobs that wait for somebody to deliver them
    viewer.kinds.includes('DISTRIBUTOR') ? sql`t."distributorGln" IS NULL AND t."status" IN ('ACCEPTED', 'FROZEN')` : undefined,
  );
}

const decisionFence: Fence = (viewer) => {
  if (isHub(viewer)) return sql`true`;
  if (isVisitor(viewer)) return sql`t."origin" <> 'REPORTED'`;
  return or(
    sql`t."demandMemberId" = ${viewer.memberId}`,
    sql`EXISTS (SELECT FROM "DecisionReader" r WHERE r."decisionId" = t."decisionId" AND r."memberId" = ${viewer.memberId})`,
  );
};

const ofDemonstration = sql`EXISTS (SELECT FROM "DemandCopy" d WHERE d."demandLineId" = t."demandLineId" AND d."origin" <> 'REPORTED')`;

/** What one more piece of a line costs is its owner's business; all other prices are anonymous and for everybody. */
const priceFence: Fence = (viewer) =>
  isHub(viewer) ? sql`true` : or(sql`t."kind" <> 'DEMAND'`, isVisitor(viewer) ? ofDemonstration : sql`t."memberId" = ${viewer.memberId}`);

export const members = defineTable<MemberRow>({ table: 'Member', key: ['memberId'], fence: openToAll });
export const policies = defineTable<PolicyRow>({ table: 'Policy', key: ['version'], fence: openToAll });
export const runs = defineTable<RunRow>({ table: 'Run', key: ['runId'], fence: openToAll });
export const allocations = defineTable<AllocationRow>({ table: 'Allocation', key: ['allocationId'], fence: allocationFence });
/** Read under an allocation that the viewer sees. */
export const planChanges = defineTable<PlanChangeRow>({ table: 'PlanChange', key: ['allocationId', 'position'], fence: openToAll });
export const decisions = defineTable<DecisionRow>({ table: 'Decision', key: ['decisionId'], fence: decisionFence });
export const prices = defineTable<PriceRow>({ table: 'ShadowPrice', key: ['priceId'], fence: priceFence });
export const makerCopies = defineTable<MakerCopyRow>({ table: 'MakerCopy', key: ['gln'], fence: openToAll });
