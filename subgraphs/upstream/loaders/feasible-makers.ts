// Makers for demand lines, for all lines of a request at once: read, judge, rank, cut.
import { createHash } from 'node:crypto';
import { addDays, daysBetween, toBusinessDay } from '../../../lib/clock/clock.ts';
import type { SubgraphContext } from '../../../subgraph-kit/context.ts';
import { toDate } from '../../../subgraph-kit/days.ts';
import type { Batch } from '../../../subgraph-kit/loaders.ts';
import type { OperationRow, QuoteRow } from '../data/tables.ts';
import { compareRanked, judgeBinding, judgeTerms, type EarnedMinutes, type InfeasibleReason, type Verdict, type Wish } from '../feasibility.ts';
import type { Stage } from '../words.ts';
import { readBindings, readCandidates, readMinutes, readOperations, type BindingQuote, type CandidateMaker } from './candidates.ts';

/** A demand line as its owner hands it over with `@requires`. */
export type DemandRepresentation = {
  readonly demandLineId: string;
  readonly quantity: number;
  readonly latestDate: string;
  readonly requiredCapabilities: readonly string[];
  readonly requiredCertificates: readonly string[];
  readonly qualityFloorBps: number | null;
  readonly unitPriceCap: { readonly amountMinor: number; readonly currency: string } | null;
  readonly style: { readonly styleId: string; readonly category: string };
};

/** A quote as it is shown: one that was given, or one worked out, of which nothing is stored. */
export type QuoteView = Pick<QuoteRow, 'quoteId' | 'demandLineId' | 'gln' | 'memberId'> & {
  readonly [K in 'unitPriceMinor' | 'setupCostMinor' | 'currency' | 'minQty' | 'earliestFinish' | 'validUntil']: QuoteRow[K] | null;
} & { readonly binding?: boolean; readonly reasons?: readonly InfeasibleReason[] };

export type FeasibleKey = { readonly line: DemandRepresentation; readonly first: number };

// A worked-out price holds as long as nobody changes terms or takes minutes; a day is what a planner can count on.
const VALID_MS = 86_400_000;

/** Id of a quote that is not stored: the same for the same line and maker. */
const toQuoteId = (demandLineId: string, gln: string): string => `quo_${createHash('sha256').update(`${demandLineId}|${gln}`).digest('hex').slice(0, 32)}`;

function toWish(line: DemandRepresentation, operations: readonly OperationRow[], today: string): Wish {
  const units = operations.reduce((sum, { smv }) => sum + Math.round(Number(smv) * 10_000), 0);
  return {
    quantity: line.quantity,
    latestDay: daysBetween(today, line.latestDate),
    category: line.style.category,
    requiredCapabilities: line.requiredCapabilities,
    requiredCertificates: line.requiredCertificates,
    qualityFloorBps: line.qualityFloorBps,
    unitPriceCap: line.unitPriceCap === null ? null : { amountMinor: BigInt(line.unitPriceCap.amountMinor), currency: line.unitPriceCap.currency },
    operations: operations.map(({ stage, smv, capability }) => ({ stage, smv: Number(smv), capability })),
    smvTotal: (units / 10_000).toFixed(4),
  };
}

type Ranked = { readonly gln: string; readonly verdict: Verdict; readonly maker: CandidateMaker; readonly quote: BindingQuote | undefined };

type Known = {
  readonly today: string;
  readonly now: Date;
  readonly currency: string;
  readonly candidates: readonly CandidateMaker[];
  readonly minutesOf: (gln: string, stage: Stage) => EarnedMinutes | undefined;
};

function toView(demandLineId: string, { gln, verdict, maker, quote }: Ranked, known: Known): QuoteView {
  const { unitPrice, setupCostMinor, minQty, finishDay, reasons } = verdict;
  const isFeasible = reasons.length === 0;
  return {
    quoteId: quote?.row.quoteId ?? toQuoteId(demandLineId, gln),
    demandLineId,
    gln,
    memberId: maker.memberId,
    binding: quote !== undefined,
    unitPriceMinor: unitPrice?.amountMinor ?? null,
    currency: unitPrice?.currency ?? null,
    setupCostMinor,
    minQty,
    earliestFinish: finishDay === null ? null : toDate(addDays(known.today, finishDay)),
    validUntil: isFeasible ? (quote?.row.validUntil ?? new Date(known.now.getTime() + VALID_MS)) : null,
    reasons,
  };
}

function rank(wish: Wish, bindings: readonly BindingQuote[], known: Known): Ranked[] {
  const quoteOf = new Map(bindings.map((quote) => [quote.row.gln, quote]));
  const tags = new Set([...wish.requiredCapabilities, ...wish.operations.map(({ capability }) => capability)]);
  const ranked = known.candidates.flatMap((maker): Ranked[] => {
    const { gln } = maker;
    const quote = quoteOf.get(gln);
    if (quote !== undefined) return [{ gln, maker, quote, verdict: judgeBinding(wish, maker, quote) }];
    // without the work on the style nothing can be worked out; a maker with none of the tags is no near miss
    if (wish.operations.length === 0 || ![...tags].some((tag) => maker.tags.has(tag))) return [];
    return [{ gln, maker, quote, verdict: judgeTerms(wish, maker, (stage) => known.minutesOf(gln, stage)) }];
  });
  return ranked.sort(compareRanked(known.currency));
}

/** Four statements for any number of lines. */
export const feasibleMakers: Batch<FeasibleKey, readonly QuoteView[], SubgraphContext> = {
  name: 'feasibleMakers',
  toText: JSON.stringify,
  load: async (keys, { db, principal, clock, settings }) => {
    const reader = { db, viewer: principal };
    const now = clock.now();
    const today = toBusinessDay(now, settings.timeZone);
    const lines = keys.map((key) => key.line);
    const work = await readOperations(reader, [...new Set(lines.map(({ style }) => style.styleId))]);
    const bindings = await readBindings(reader, [...new Set(lines.map(({ demandLineId }) => demandLineId))], { now, today });
    const operations = [...work.values()].flat();
    const tags = new Set([...operations.map(({ capability }) => capability), ...lines.flatMap((line) => line.requiredCapabilities)]);
    const named = [...bindings.values()].flat().map(({ row }) => row.gln);
    const candidates = await readCandidates(reader, [...tags], [...new Set(named)]);
    const days = Math.max(...lines.map((line) => daysBetween(today, line.latestDate)));
    const minutesOf = await readMinutes(
      reader,
      candidates.map(({ gln }) => gln),
      { today, days, stages: [...new Set(operations.map(({ stage }) => stage))] },
    );
    const known: Known = { today, now, currency: settings.currency, candidates, minutesOf };
    return keys.map(({ line, first }) => {
      const wish = toWish(line, work.get(line.style.styleId) ?? [], today);
      const ranked = rank(wish, bindings.get(line.demandLineId) ?? [], known);
      return ranked.slice(0, first).map((one) => toView(line.demandLineId, one, known));
    });
  },
};
