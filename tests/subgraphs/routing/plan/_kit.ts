/** An industry of two lines and four makers, plans written by hand over it, and the events by which others act on a plan. */
import { openClient, type Tx } from '../../../../subgraphs/routing/data/client.ts';
import type { AllocationRow, RunRow } from '../../../../subgraphs/routing/data/tables.ts';
import type {
  InputBucket,
  InputLine,
  InputMaker,
  PlannedAllocation,
  PlannedCandidate,
  PlannedDecision,
  PlannedPrice,
  RoutingInput,
  RoutingPlan,
} from '../../../../subgraphs/routing/model/types.ts';
import { routing } from '../../../../subgraphs/routing/routing.ts';
import type { Change } from '../../../../subgraphs/routing/writes/change.ts';
import { prepareFees } from '../../../../subgraphs/routing/writes/fees.ts';
import { preparePolicy, readPolicy } from '../../../../subgraphs/routing/writes/policy.ts';
import { storePlan } from '../../../../subgraphs/routing/writes/store-plan.ts';
import { runChange } from '../../../../subgraph-kit/change.ts';
import { query, sql } from '../../../../subgraph-kit/sql.ts';
import { hub, member, openTestSubgraph } from '../../../_kit/subgraph.ts';

export const anna = member('mbr_anna', 'MAKER');
export const bert = member('mbr_bert', 'MAKER');
export const cleo = member('mbr_cleo', 'MAKER');
export const carla = member('mbr_carla', 'CREATOR');
export const dora = member('mbr_dora', 'CREATOR');
export const dirk = member('mbr_dirk', 'DISTRIBUTOR');
export const emil = member('mbr_emil', 'DISTRIBUTOR');

/** The business day of testStart in Shanghai. */
export const today = '2026-11-22';

export const GLN = { anna: '9520000000011', bert: '9520000000028', cleo: '9520000000035', late: '9520000000042' } as const;
export const CARRIER = '9520000000059';

let keys = 0;
export const key = (): string => `key_${(keys += 1)}`;
export const cny = (amountMinor: number) => ({ amountMinor, currency: 'CNY' });
export const codes = ({ problems }: { problems: { code: string }[] }): string[] => problems.map((problem) => problem.code);

export type Routing = Awaited<ReturnType<typeof openRouting>>;

/** A hub that was started once: it has a policy and fees. */
export async function openRouting() {
  const subgraph = await openTestSubgraph(routing, openClient);
  const write = <T>(work: (change: Change) => Promise<T>, topics: readonly string[] = ALL_TOPICS): Promise<T> =>
    runChange(
      { db: subgraph.db, clock: subgraph.clock, cause: { actorId: null, causeId: null, requestId: null }, topics },
      (change: { tx: Tx; emit: Change['emit']; now: Date }) => work({ ...change, settings: subgraph.settings }),
    );
  await write(async (change) => {
    await change.tx.member.create({
      data: { memberId: hub.memberId ?? '', name: 'Industry router', kinds: ['HUB'], changedAt: change.now },
    });
    await preparePolicy(change);
    await prepareFees(change);
  });
  await subgraph.forgetEvents();
  return { ...subgraph, write };
}

/** Forgets every run and all that followed from one; policy, fees and members stay. */
export async function forgetPlans(r: Routing): Promise<void> {
  await r.db.$executeRawUnsafe(
    `TRUNCATE "Run", "Allocation", "AllocationSlot", "PlanChange", "Decision", "DecisionReader", "ShadowPrice", "Settlement", "Split", "CashFlow",
       "LedgerEntry", "DemandCopy", "LotFact", "Idempotency", "Outbox"`,
  );
}

const ALL_TOPICS = [
  'run.started',
  'run.completed',
  'allocation.proposed',
  'allocation.changed',
  'decision.made',
  'settlement.posted',
  'policy.published',
  'fees.published',
];

export const line = (id: string, more: Partial<InputLine> = {}): InputLine => ({
  id,
  memberId: carla.memberId ?? '',
  origin: 'REPORTED',
  styleId: 'sty_tee',
  styleName: 'Rain Tee',
  campaignId: null,
  quantity: 200,
  dueDay: '2026-12-05',
  latestDay: '2026-12-12',
  shipTo: 'CNHGH',
  requiredCapabilities: [],
  requiredCertificates: [],
  qualityFloorBps: null,
  priceCap: null,
  margin: 30,
  work: [{ stage: 'SEWING', minutes: 10, tags: [] }],
  category: 'T_SHIRT',
  unitWeightGrams: 180,
  hsCode: '610910',
  declinedBy: [],
  bids: [],
  ...more,
});

const maker = (gln: string, memberId: string | null, name: string): InputMaker => ({
  gln,
  memberId: memberId ?? '',
  name,
  status: 'ACTIVE',
  country: 'CN',
  unlocode: 'CNSHA',
  daysKnown: 10,
  capabilities: [],
  certificates: [],
  qualityScore: null,
  terms: [],
});

export const MAKERS = [
  maker(GLN.anna, anna.memberId, 'Anna Garments'),
  maker(GLN.bert, bert.memberId, 'Bert Knitwear'),
  maker(GLN.cleo, cleo.memberId, 'Cleo Sewing'),
  maker(GLN.late, 'mbr_lars', 'Late Works'),
];

const bucket = (id: string, gln: string, day: string): InputBucket => ({
  id,
  gln,
  stage: 'SEWING',
  day,
  freeMinutes: 5_000,
  efficiencyBps: 10_000,
});

export const BUCKETS = [
  bucket('bkt_anna', GLN.anna, '2026-11-30'),
  bucket('bkt_bert', GLN.bert, '2026-12-01'),
  bucket('bkt_cleo', GLN.cleo, '2026-12-02'),
];

const bucketOf = (gln: string): InputBucket => BUCKETS.find((one) => one.gln === gln) ?? bucket('bkt_other', gln, '2026-12-03');

export const allocate = (lineId: string, gln: string, quantity: number, more: Partial<PlannedAllocation> = {}): PlannedAllocation => ({
  lineId,
  gln,
  quantity,
  unitPrice: 12.5,
  origin: 'CNSHA',
  promisedDay: '2026-12-05',
  slots: [{ stage: 'SEWING', day: bucketOf(gln).day, bucketId: bucketOf(gln).id, minutes: quantity * 10, pieces: quantity }],
  bidId: null,
  ...more,
});

/** One whose pieces cost `piece` ex works and 0.5 of carriage each. */
export const candidate = (
  gln: string,
  quantity: number,
  of: { pieces?: number; piece?: number; reducedCost?: number } = {},
): PlannedCandidate => {
  const { pieces = quantity, piece = 12.5, reducedCost = 0 } = of;
  return {
    gln,
    quantity,
    totalCost: pieces * (piece + 0.5),
    reducedCost,
    terms: [
      { kind: 'EX_WORKS', amount: pieces * piece },
      { kind: 'FREIGHT', amount: pieces * 0.5 },
      { kind: 'SETUP', amount: 0 },
    ],
  };
};

/** What follows for the lines from the allocations: every other maker was a candidate that lost. */
export function decide(one: InputLine, allocations: readonly PlannedAllocation[], more: Partial<PlannedDecision> = {}): PlannedDecision {
  const mine = allocations.filter(({ lineId }) => lineId === one.id);
  const placed = mine.reduce((sum, { quantity }) => sum + quantity, 0);
  const chosen = mine.map(({ gln, quantity }) => candidate(gln, quantity));
  const others = [GLN.anna, GLN.bert].filter((gln) => !mine.some((planned) => planned.gln === gln));
  return {
    lineId: one.id,
    outcome: placed === 0 ? 'REFUSED' : placed < one.quantity ? 'PARTIAL' : 'ALLOCATED',
    placed,
    candidates: [...chosen, ...others.map((gln) => candidate(gln, 0, { pieces: one.quantity, piece: 13, reducedCost: 0.35 }))],
    excluded: [{ reason: 'TOO_LATE', makers: 1, examples: [GLN.late] }],
    binding: [],
    unserved: placed === one.quantity ? null : { pieces: one.quantity - placed, because: 'NO_MINUTES' },
    ...more,
  };
}

export type Wish = {
  readonly lines: readonly InputLine[];
  readonly allocations: readonly PlannedAllocation[];
  readonly decisions?: readonly PlannedDecision[];
  readonly prices?: readonly PlannedPrice[];
};

export function makePlan({ lines, allocations, decisions, prices = [] }: Wish): RoutingPlan {
  const demandedPieces = lines.reduce((sum, { quantity }) => sum + quantity, 0);
  const placedPieces = allocations.reduce((sum, { quantity }) => sum + quantity, 0);
  return {
    status: 'OPTIMAL',
    objective: 2_600.125,
    bound: 2_600.125,
    gap: 0,
    solveMs: 12,
    demandedPieces,
    placedPieces,
    unservedPieces: demandedPieces - placedPieces,
    allocations,
    decisions: decisions ?? lines.map((one) => decide(one, allocations)),
    prices,
    fairness: { hhi: 0.5, hhiNormalised: 0.2, hhiLimit: 0.15, largestShareBps: 6_000, gini: 0.3, newMakerShareBps: 0 },
  };
}

/** Starts a run as carla and ends it with this plan; gives the id of the run. */
export async function runPlan(r: Routing, wish: Wish): Promise<string> {
  const { run, problems } = await r.change(carla, 'reroute', { idempotencyKey: key() }, 'run { runId }');
  if (run === null) throw new Error(JSON.stringify(problems));
  await endWith(r, run.runId, wish);
  return run.runId;
}

export async function endWith(r: Routing, runId: string, wish: Wish): Promise<void> {
  await r.write(async (change) => {
    const [row] = await query<RunRow>(change.tx, sql`SELECT * FROM "Run" WHERE "runId" = ${runId}`);
    if (row === undefined) throw new Error(`no run ${runId}`);
    const policy = await readPolicy(change.tx);
    const weights = { EX_WORKS: 1, FREIGHT: 1, DUTY: 1, SETUP: 1, QUALITY_RISK: 1, LATENESS: 1 };
    const input: RoutingInput = {
      version: 1,
      currency: 'CNY',
      horizonFrom: today,
      horizonTo: '2026-12-19',
      policy: { ...policy, hash: policy.publishedHash, weights, unservedPenalty: 1_000, latenessPenalty: 5 },
      lines: wish.lines,
      makers: MAKERS,
      buckets: BUCKETS,
      lanes: [],
    };
    await storePlan(change, row, input, makePlan(wish));
  });
}

export const commit = (r: Routing, runId: string): Promise<any> =>
  r.change(hub, 'commitRun', { runId, idempotencyKey: key() }, 'run { runId committedAt }');

/** A run with one line, given to one maker, and committed; the allocation as it is stored. */
export async function offer(r: Routing, lineId: string, more: { line?: Partial<InputLine>; gln?: string } = {}): Promise<AllocationRow> {
  const one = line(lineId, more.line);
  const runId = await runPlan(r, { lines: [one], allocations: [allocate(lineId, more.gln ?? GLN.anna, one.quantity)] });
  const { problems } = await commit(r, runId);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return readLine(r, lineId);
}

/** The newest allocation of a line. */
export async function readLine(r: Routing, lineId: string): Promise<AllocationRow> {
  const [row] = await query<AllocationRow>(
    r.db,
    sql`SELECT * FROM "Allocation" WHERE "demandLineId" = ${lineId} ORDER BY "proposedAt" DESC, "allocationId" DESC LIMIT 1`,
  );
  if (row === undefined) throw new Error(`no allocation of ${lineId}`);
  return row;
}

export const readOne = async (r: Routing, allocationId: string): Promise<AllocationRow> => {
  const [row] = await query<AllocationRow>(r.db, sql`SELECT * FROM "Allocation" WHERE "allocationId" = ${allocationId}`);
  if (row === undefined) throw new Error(`no allocation ${allocationId}`);
  return row;
};

export const accept = (r: Routing, allocationId: string, who = anna): Promise<any> =>
  r.change(who, 'acceptAllocation', { allocationId, idempotencyKey: key() }, 'allocation { status }');

// ---- Events of others ----

const lotPayload = (row: AllocationRow, more: Record<string, unknown>) => ({
  lotId: `lot_${row.allocationId}`,
  allocationId: row.allocationId,
  gln: row.gln,
  styleId: row.styleId,
  memberId: row.memberId,
  demandMemberId: row.demandMemberId,
  goodQty: 0,
  changedAt: '2026-11-23T00:00:00.000Z',
  ...more,
});

export const lotProgressed = (row: AllocationRow, status: string, more: Record<string, unknown> = {}) => ({
  topic: 'lot.progressed',
  payload: lotPayload(row, { status, previousStatus: 'PLANNED', stage: null, qtyOut: null, scrap: null, progressBps: 0, ...more }),
});

export const lotClosed = (row: AllocationRow, status: string, more: Record<string, unknown> = {}) => ({
  topic: 'lot.closed',
  payload: lotPayload(row, { status, scrapQty: 0, ...more }),
});

export const demandCancelled = (lineId: string, changedAt = '2026-11-23T00:00:00.000Z') => ({
  topic: 'demand.cancelled',
  payload: {
    demandLineId: lineId,
    memberId: carla.memberId,
    styleId: 'sty_tee',
    campaignId: null,
    quantity: 200,
    reason: 'NO_LONGER_NEEDED',
    changedAt,
  },
});

export const demandChanged = (lineId: string, quantity: number) => ({
  topic: 'demand.changed',
  payload: {
    demandLineId: lineId,
    memberId: carla.memberId,
    styleId: 'sty_tee',
    campaignId: null,
    quantity,
    dueDate: '2026-12-05',
    latestDate: '2026-12-12',
    status: 'OPEN',
    previousStatus: 'OPEN',
    changedAt: '2026-11-23T00:00:00.000Z',
    origin: 'REPORTED',
    submittedAt: '2026-11-20T00:00:00.000Z',
  },
});

export const shipmentBooked = (row: AllocationRow, gsin: string, more: Record<string, unknown> = {}) => ({
  topic: 'shipment.booked',
  payload: {
    gsin,
    allocationId: row.allocationId,
    distributorGln: CARRIER,
    memberId: dirk.memberId,
    distributorMemberId: dirk.memberId,
    demandMemberId: row.demandMemberId,
    carrier: 'Dirk Lines',
    status: 'BOOKED',
    plannedArrival: '2026-12-05T00:00:00.000Z',
    eta: '2026-12-05T00:00:00.000Z',
    freight: cny(5_000),
    changedAt: '2026-11-24T00:00:00.000Z',
    ...more,
  },
});

export const receipt = (row: AllocationRow, gsin: string, good: number, damaged = 0) => ({
  topic: 'receipt.recorded',
  payload: {
    gsin,
    allocationId: row.allocationId,
    siteGln: '9520000000066',
    memberId: dirk.memberId,
    distributorGln: CARRIER,
    demandMemberId: row.demandMemberId,
    good,
    damaged,
    otif: true,
    onTime: true,
    documentsMatch: true,
    at: '2026-12-04T00:00:00.000Z',
    changedAt: '2026-12-04T00:00:00.000Z',
    lines: [],
  },
});
