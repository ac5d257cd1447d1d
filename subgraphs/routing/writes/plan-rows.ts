// From the answer of the model to rows: ids, minor units, and what the decision will be told by. Pure but for the ids.
import { toDate } from '../../../subgraph-kit/days.ts';
import type { AllocationRow, DecisionRow, PlanChangeRow, PriceRow, RunRow, SlotRow, StoredCandidate } from '../data/tables.ts';
import { groupBy } from '../../../subgraph-kit/group-by.ts';
import { toMinor } from '../minor-units.ts';
import type { InputLine, InputMaker, PlannedAllocation, PlannedDecision, RoutingInput, RoutingPlan } from '../model/types.ts';
import { newId, type Change } from './change.ts';

export type PlanRows = {
  readonly decisions: readonly DecisionRow[];
  readonly readers: readonly { readonly decisionId: string; readonly memberId: string }[];
  readonly allocations: readonly AllocationRow[];
  readonly slots: readonly SlotRow[];
  readonly changes: readonly PlanChangeRow[];
  readonly prices: readonly PriceRow[];
};

type Solved = { readonly run: RunRow; readonly input: RoutingInput; readonly plan: RoutingPlan };
type Known = Solved & {
  readonly change: Pick<Change, 'now'>;
  readonly lineOf: (id: string) => InputLine;
  readonly makerOf: (gln: string) => InputMaker;
};

/** Most limits that a decision names. */
const BINDING_MOST = 20;

/** All rows of a plan. */
export function toPlanRows(change: Pick<Change, 'now'>, solved: Solved): PlanRows {
  const { input, plan } = solved;
  const known: Known = {
    ...solved,
    change,
    lineOf: finder(input.lines, ({ id }) => id, 'line'),
    makerOf: finder(input.makers, ({ gln }) => gln, 'maker'),
  };
  const prices = toPriceRows(known);
  const priceIds = prices.map(({ priceId }) => priceId);
  const plannedOf = groupBy(plan.allocations, ({ lineId }) => lineId);
  const decisions = plan.decisions.map((decision) => toDecisionRow(known, decision, plannedOf.get(decision.lineId) ?? [], priceIds));
  const decisionOf = finder(decisions, ({ demandLineId }) => demandLineId, 'decision');
  const allocations = plan.allocations.map((planned) => toAllocationRow(known, planned, decisionOf(planned.lineId).decisionId));
  return {
    decisions,
    readers: decisions.flatMap(({ decisionId, candidates }) =>
      [...new Set(candidates.map(({ memberId }) => memberId))].map((memberId) => ({ decisionId, memberId })),
    ),
    allocations,
    slots: plan.allocations.flatMap(({ slots }, i) =>
      slots.map((slot, position) => ({ ...slot, allocationId: allocations[i]?.allocationId ?? '', position, day: toDate(slot.day) })),
    ),
    changes: allocations.map((row) => toFirstChange(solved.run, row)),
    prices,
  };
}

function finder<T>(items: readonly T[], idOf: (item: T) => string, word: string): (id: string) => T {
  const byId = new Map(items.map((item) => [idOf(item), item]));
  return (id) => {
    const item = byId.get(id);
    if (item === undefined) throw new Error(`the plan names the ${word} ${id}, which the input does not have`);
    return item;
  };
}

function toAllocationRow({ run, input, change, lineOf, makerOf }: Known, planned: PlannedAllocation, decisionId: string): AllocationRow {
  const line = lineOf(planned.lineId);
  const counter = line.bids.find(({ kind, id }) => kind === 'COUNTER' && id === planned.bidId);
  return {
    allocationId: newId(change, 'alc'),
    runId: run.runId,
    decisionId,
    demandLineId: line.id,
    demandMemberId: line.memberId,
    memberId: makerOf(planned.gln).memberId,
    origin: line.origin,
    gln: planned.gln,
    styleId: line.styleId,
    campaignId: line.campaignId,
    distributorGln: null,
    distributorMemberId: null,
    quantity: planned.quantity,
    unitPriceMinor: toMinor(planned.unitPrice, input.currency),
    currency: input.currency,
    originUnlocode: planned.origin,
    destinationUnlocode: line.shipTo,
    promisedDate: toDate(planned.promisedDay),
    status: 'PROPOSED',
    answerBy: null,
    counterQuantity: null,
    counterPriceMinor: null,
    counterCurrency: null,
    counterDate: null,
    counterAt: null,
    declineReason: null,
    note: null,
    counterOf: counter?.id ?? null,
    settlementId: null,
    receivedGood: 0,
    receivedDamaged: 0,
    proposedAt: change.now,
    changedAt: change.now,
  };
}

const toFirstChange = ({ runId, trigger }: RunRow, row: AllocationRow): PlanChangeRow => ({
  allocationId: row.allocationId,
  position: 0,
  at: row.proposedAt,
  runId,
  reason: trigger,
  fromGln: null,
  fromQuantity: null,
  fromPromisedDate: null,
  fromStatus: null,
  toGln: row.gln,
  toQuantity: row.quantity,
  toPromisedDate: row.promisedDate,
  toStatus: row.status,
});

function toDecisionRow(
  known: Known,
  decision: PlannedDecision,
  planned: readonly PlannedAllocation[],
  priceIds: readonly string[],
): DecisionRow {
  const { run, input, change, lineOf } = known;
  const line = lineOf(decision.lineId);
  const candidates = decision.candidates.map((candidate) => toStoredCandidate(known, candidate, planned));
  return {
    decisionId: newId(change, 'dec'),
    runId: run.runId,
    demandLineId: line.id,
    demandMemberId: line.memberId,
    origin: line.origin,
    styleId: line.styleId,
    outcome: decision.outcome,
    wanted: line.quantity,
    placed: decision.placed,
    costMinor: BigInt(candidates.reduce((sum, { quantity, totalCostMinor }) => (quantity > 0 ? sum + totalCostMinor : sum), 0)),
    candidates,
    excluded: decision.excluded,
    binding: decision.binding.slice(0, BINDING_MOST).flatMap((place) => priceIds[place] ?? []),
    facts: {
      styleName: line.styleName,
      dueDay: line.dueDay,
      latestDay: line.latestDay,
      currency: input.currency,
      makers: input.makers.length,
      unserved: decision.unserved,
    },
    decidedAt: change.now,
  };
}

// The whole is the sum of its rounded parts, so that both can be shown.
function toStoredCandidate(
  { input, makerOf }: Known,
  candidate: PlannedDecision['candidates'][number],
  planned: readonly PlannedAllocation[],
): StoredCandidate {
  const { memberId, name } = makerOf(candidate.gln);
  const terms = candidate.terms.map(({ kind, amount }) => ({ kind, amountMinor: Number(toMinor(amount, input.currency)) }));
  const mine = planned.filter(({ gln }) => gln === candidate.gln);
  const [first] = mine;
  const lastDay = mine
    .map(({ promisedDay }) => promisedDay)
    .toSorted()
    .at(-1);
  return {
    gln: candidate.gln,
    memberId,
    name,
    quantity: candidate.quantity,
    totalCostMinor: terms.reduce((sum, { amountMinor }) => sum + amountMinor, 0),
    reducedCost: candidate.reducedCost.toFixed(6),
    terms,
    plan:
      first === undefined || lastDay === undefined
        ? null
        : { unitPriceMinor: Number(toMinor(first.unitPrice, input.currency)), promisedDay: lastDay },
  };
}

function toPriceRows({ run, input, plan, change, lineOf, makerOf }: Known): PriceRow[] {
  const bucketOf = finder(input.buckets, ({ id }) => id, 'bucket');
  return plan.prices.map((price) => {
    const line = price.lineId === null ? null : lineOf(price.lineId);
    const bucket = price.bucketId === null ? null : bucketOf(price.bucketId);
    return {
      priceId: newId(change, 'prc'),
      runId: run.runId,
      kind: price.kind,
      bucketId: price.bucketId,
      gln: price.gln,
      memberId: line?.memberId ?? (price.gln === null ? null : makerOf(price.gln).memberId),
      demandLineId: price.lineId,
      styleId: line?.styleId ?? null,
      stage: bucket?.stage ?? null,
      day: bucket === null ? null : toDate(bucket.day),
      price: price.price.toFixed(9),
      currency: input.currency,
      per: price.kind === 'DEMAND' ? 'H87' : 'MIN',
      validFrom: price.validFrom?.toFixed(6) ?? null,
      validTo: price.validTo?.toFixed(6) ?? null,
      current: false,
      asOf: change.now,
    };
  });
}
