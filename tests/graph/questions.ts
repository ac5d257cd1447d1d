/** Questions that touch every field of the graph: ids of rows that are full, literal arguments, and deep questions where depth one is too little. */
import type { GraphQLObjectType, GraphQLSchema } from 'graphql';
import { allEnumValues } from './coverage.ts';
import type { Ids } from './full-house.ts';
import { today } from './world.ts';

const days: Readonly<Record<string, string>> = { from: '"2026-11-22"', to: '"2026-12-12"', first: '3' };
/** Literal arguments of fields below the root. */
export const innerArguments = (field: string, argument: string): string | null => {
  if (field === 'AudienceSegment.cohorts' && argument === 'from') return '"2026-08-01"';
  if (/^Style\.demand$/.test(field) && argument !== 'first') return null;
  return days[argument] ?? null;
};

/** Literal arguments for a field of the root: those it must have, from the ids. */
export function argumentsOf(query: GraphQLObjectType, name: string, ids: Ids): string {
  const literals: Record<string, string> = {
    distributor: `(gln: "${ids['distributorGln']}")`,
    inventoryPosition: `(siteGln: "${ids['siteGln']}", gtin: "${ids['stockGtin']}")`,
    availableToPromise: `(gtin: "${ids['stockGtin']}")`,
    fxRates: `(from: "USD", to: "CNY", fromDate: "2026-11-01", toDate: "${today}")`,
  };
  const special = literals[name];
  if (special !== undefined) return special;
  const field = query.getFields()[name];
  const given = (field?.args ?? []).flatMap((argument) => {
    const id = ids[argument.name];
    if (id !== undefined && argument.name !== 'gln') return [`${argument.name}: "${id}"`];
    if (argument.name === 'gln' && name === 'maker') return [`gln: "${ids['gln']}"`];
    const literal = name === 'demandLines' && (argument.name === 'from' || argument.name === 'to') ? undefined : days[argument.name];
    return literal === undefined ? [] : [`${argument.name}: ${literal}`];
  });
  return given.length === 0 ? '' : `(${given.join(', ')})`;
}

export const deepQuestions = (ids: Ids): string[] => [
  '{ allocations(status: [COUNTERED], first: 5) { nodes { counterOffer { quantity unitPrice { amountMinor } promisedDate at } } } }',
  '{ allocations(status: [DECLINED], first: 5) { nodes { declineReason } } settlements(status: [DISPUTED], first: 5) { nodes { disputeNote } } }',
  `{ settlement(settlementId: "${ids['settlementId']}") { splits { conversion { original { amountMinor currency } rate rateDate } } } }`,
  `{ allocation(allocationId: "${ids['allocationId']}") { changes { nodes { to { maker { gln } } } } } }`,
  '{ controlTower { mismatch(phase: BEFORE) { bullwhip } } lots(status: [ON_HOLD], first: 1) { nodes { holdReason } } }',
  `{ shipment(gsin: "${ids['gsin']}") { units { nodes { sscc parent { sscc } contents { quantity sku { gtin } lot { lotId } } } } } }`,
  `{ maker(gln: "${ids['gln']}") { allocations(status: [DECLINED, COMPLETED], first: 1) { nodes { slots { bucket { day } } } } } }`,
  '{ decisions(first: 100) { nodes { considered { nodes { maker { gln } terms { kind amount { amountMinor } } } } runnerUp { reducedCost } excluded { examples { gln } } } } }',
  '{ scarcity(from: "2026-11-22", to: "2026-12-20", first: 2) { nodes { run { runId } bucket { shadowPrice { price validFrom validTo } } } } }',
  `{ style(styleId: "${ids['styleId']}") { operations { stage smv capability } smvTotal hsCode unitWeightGrams sales(window: D90) { piecesSold piecesReturned gmv { amountMinor } netGmv { amountMinor } } } }`,
  `{ demandLines(first: 100) { nodes { qualityFloorBps unitPriceCap { amountMinor currency } store { siteGln name } segment { name } campaign { title } feasibleMakers(first: 50) { quoteId binding unitPrice { amountMinor } setupCost { amountMinor } minQty earliestFinish validUntil infeasibleBecause maker { name member { name } } demandLine { quantity } member { name } } } } }`,
  `{ sites(first: 50) { nodes { distributor { name } inventory(first: 50) { nodes { daysOfSupply sku { style { name } } } } } } }`,
  `{ segments(first: 100) { nodes { ltv { amountMinor } retentionBps(window: D7) priceBand { from { amountMinor } to { amountMinor } } cohorts(from: "2026-08-01", to: "2026-11-30") { week platform buyers retentionD30Bps retentionD90Bps revenue { amountMinor } ltv { amountMinor } } } } }`,
  `{ demandLines(first: 20) { nodes { sizes { quantity sku { gtin colour size } } } } }`,
  `{ distributors(first: 10) { nodes { tariffs { price { amountMinor currency } service unit validTo transitDays originUnlocode destinationUnlocode } slas { measure penalty { amountMinor } } } } }`,
  `{ makers(first: 100) { nodes { osId region { province county } location { lat lng } capabilities { evidence } terms { category setupCost { amountMinor } } quality { score sampleSize } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`,
  `{ creators(first: 100) { nodes { campaigns(first: 5) { nodes { returnRateBps slotFee { amountMinor } gmv { amountMinor } netGmv { amountMinor } endsAt } } } } }`,
];

/** Lists of states, kinds and codes that a client may name. */
export function filterQuestions(schema: GraphQLSchema): string[] {
  const values = (name: string): string[] =>
    allEnumValues(schema)
      .filter((value) => value.startsWith(`${name}.`))
      .map((value) => value.slice(name.length + 1));
  return [
    ...values('StyleCategory').map((value) => `{ styles(category: ${value}, first: 1) { totalCount } }`),
    ...values('Stage').map((value) => `{ makers(stage: ${value}, first: 1) { totalCount } }`),
    ...values('MemberKind').map((value) => `{ members(kind: ${value}, first: 1) { totalCount } }`),
    ...values('SiteKind').map((value) => `{ sites(kind: ${value}, first: 1) { totalCount } }`),
    ...values('CreatorTier').map((value) => `{ creators(tier: ${value}, first: 1) { totalCount } }`),
    ...values('StyleLife').map((value) => `{ styles(life: [${value}], first: 1) { totalCount } }`),
    ...values('DemandStatus').map((value) => `{ demandLines(status: [${value}], first: 1) { totalCount } }`),
    ...values('AllocationStatus').map((value) => `{ allocations(status: [${value}], first: 1) { totalCount } }`),
    ...values('LotStatus').map((value) => `{ lots(status: [${value}], first: 1) { totalCount } }`),
    ...values('ShipmentStatus').map((value) => `{ shipments(status: [${value}], first: 1) { totalCount } }`),
    ...values('SettlementStatus').map((value) => `{ settlements(status: [${value}], first: 1) { totalCount } }`),
    ...values('DecisionOutcome').map((value) => `{ decisions(outcome: ${value}, first: 1) { totalCount } }`),
    ...values('RoutingPhase').map((value) => `{ controlTower { mismatch(phase: ${value}) { fillRateBps } } }`),
    ...values('TimeWindow').map((value) => `{ styles(first: 1) { nodes { sales(window: ${value}) { piecesSold } } } }`),
  ];
}
