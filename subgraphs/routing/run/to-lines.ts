// Demand lines as the model wants them: what is left to place of each, the work on a piece by stage, and the counter-offers for it.
import { groupBy } from '../../../subgraph-kit/group-by.ts';
import type { Bid, InputLine } from '../model/types.ts';
import { STAGES } from '../model/constants.ts';
import type { Exchange } from './exchange.ts';
import type { LineNode } from './questions.ts';
import type { Own } from './read-own.ts';

type Known = { readonly own: Own; readonly exchange: Exchange; readonly today: string };

/** Lines that are still of use and not placed whole. */
export function toLines(nodes: readonly LineNode[], known: Known): InputLine[] {
  // a row that moved while pages were read may have come twice
  const byId = new Map(nodes.map((node) => [node.demandLineId, node]));
  return [...byId.values()].flatMap((node) => toLine(node, known) ?? []);
}

function toLine(node: LineNode, { own, exchange, today }: Known): InputLine | null {
  const { demandLineId: id, member, style } = node;
  const quantity = node.quantity - (own.placed.get(id) ?? 0);
  if (quantity <= 0 || node.latestDate < today || member === null) return null;
  const cap = node.unitPriceCap && exchange.money(node.unitPriceCap, 'price caps of demand, which is planned without a cap');
  const margin = node.unitMargin && exchange.money(node.unitMargin, 'margins of demand, which count as none');
  return {
    id,
    memberId: member.memberId,
    origin: node.origin,
    styleId: style.styleId,
    styleName: style.name,
    campaignId: node.campaign?.campaignId ?? null,
    quantity,
    dueDay: node.dueDate,
    latestDay: node.latestDate,
    shipTo: node.shipToUnlocode,
    requiredCapabilities: node.requiredCapabilities,
    requiredCertificates: node.requiredCertificates,
    qualityFloorBps: node.qualityFloorBps,
    priceCap: cap,
    margin: margin ?? 0,
    work: toWork(style.operations ?? []),
    category: style.category,
    unitWeightGrams: style.unitWeightGrams,
    hsCode: style.hsCode,
    declinedBy: own.declined.get(id) ?? [],
    bids: toBids(id, own, exchange),
  };
}

// Each stage once, in the order of the work.
function toWork(operations: readonly { stage: (typeof STAGES)[number]; smv: number; capability: string }[]): InputLine['work'] {
  const byStage = groupBy(operations, ({ stage }) => stage);
  return STAGES.flatMap((stage) => {
    const own = byStage.get(stage);
    if (own === undefined) return [];
    const minutes = Math.round(own.reduce((sum, { smv }) => sum + smv, 0) * 1e6) / 1e6;
    return [{ stage, minutes, tags: [...new Set(own.map(({ capability }) => capability))] }];
  });
}

// A maker counters with one price for just so many pieces by a day: it is bound to these, and to no part of them.
const toBids = (lineId: string, own: Own, exchange: Exchange): Bid[] =>
  (own.counters.get(lineId) ?? []).flatMap(({ allocationId, gln, quantity, priceMinor, currency, day }): Bid[] => {
    const unitPrice = exchange.money({ amountMinor: priceMinor, currency }, 'counter-offers');
    if (unitPrice === null) return [];
    return [{ kind: 'COUNTER', id: allocationId, gln, unitPrice, setupCost: 0, minQuantity: quantity, maxQuantity: quantity, day }];
  });
