// Demand lines as the model wants them: what is left to place of each, the work on a piece by stage, and what makers bound themselves to for it.
import { groupBy } from '../../../subgraph-kit/group-by.ts';
import type { Bid, InputLine } from '../model/types.ts';
import { STAGES } from '../model/constants.ts';
import type { Exchange } from './exchange.ts';
import type { LineNode, QuoteNode } from './questions.ts';
import type { Counter, Own } from './read-own.ts';

type Known = {
  readonly own: Own;
  /** By line; newest first. */
  readonly quotes: ReadonlyMap<string, readonly QuoteNode[]>;
  readonly exchange: Exchange;
  readonly today: string;
};

/** Firm lines that are still of use and not placed whole; nothing is made from a forecast. */
export function toLines(nodes: readonly LineNode[], known: Known): InputLine[] {
  // a row that moved while pages were read may have come twice
  const byId = new Map(nodes.map((node) => [node.demandLineId, node]));
  return [...byId.values()].flatMap((node) => toLine(node, known) ?? []);
}

function toLine(node: LineNode, { own, quotes, exchange, today }: Known): InputLine | null {
  const { demandLineId: id, member, style } = node;
  if (node.kind === 'FORECAST') return null;
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
    bids: [...toQuotes(quotes.get(id) ?? [], exchange), ...toCounters(own.counters.get(id) ?? [], exchange)],
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

// Of several quotes of one maker the newest holds.
function toQuotes(quotes: readonly QuoteNode[], exchange: Exchange): Bid[] {
  const newest = [...groupBy(quotes, ({ maker }) => maker.gln).values()].flatMap(([first]) => first ?? []);
  return newest.flatMap(({ quoteId, maker, unitPrice, setupCost, minQty, earliestFinish }): Bid[] => {
    if (unitPrice === null || setupCost === null || earliestFinish === null) return [];
    const [price, setup] = [exchange.money(unitPrice, 'quotes'), exchange.money(setupCost, 'quotes')];
    if (price === null || setup === null) return [];
    const limits = { minQuantity: minQty, maxQuantity: null };
    return [{ kind: 'QUOTE', id: quoteId, gln: maker.gln, unitPrice: price, setupCost: setup, ...limits, day: earliestFinish }];
  });
}

// A maker counters with one price for just so many pieces by a day: it is bound to these, and to no part of them.
const toCounters = (counters: readonly Counter[], exchange: Exchange): Bid[] =>
  counters.flatMap(({ allocationId, gln, quantity, priceMinor, currency, day }): Bid[] => {
    const unitPrice = exchange.money({ amountMinor: priceMinor, currency }, 'counter-offers');
    if (unitPrice === null) return [];
    return [{ kind: 'COUNTER', id: allocationId, gln, unitPrice, setupCost: 0, minQuantity: quantity, maxQuantity: quantity, day }];
  });
