// Makers for demand lines, for all lines of a request at once: read, judge, rank, cut.
import { createHash } from 'node:crypto';
import { addDays, daysBetween, toBusinessDay } from '../../../lib/clock/clock.ts';
import type { SubgraphContext } from '../../../subgraph-kit/context.ts';
import { toDate } from '../../../subgraph-kit/days.ts';
import type { Batch } from '../../../subgraph-kit/loaders.ts';
import type { OperationRow, QuoteRow } from '../data/tables.ts';
import {
  judgeBinding,
  judgeTerms,
  rankFirst,
  type InfeasibleReason,
  type MinutesOfMaker,
  type Verdict,
  type Wish,
} from '../feasibility.ts';
import { SMV_DIGITS } from '../writes/operations.ts';
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
const toQuoteId = (demandLineId: string, gln: string): string =>
  `quo_${createHash('sha256').update(`${demandLineId}|${gln}`).digest('hex').slice(0, 32)}`;

function toWish(line: DemandRepresentation, operations: readonly OperationRow[], today: string): Wish {
  // whole ten-thousandths, so that 100 pieces of 0.07 minutes are 7 minutes and not a hair more
  const scale = 10 ** SMV_DIGITS;
  const unitsOf = ({ smv }: OperationRow): number => Math.round(Number(smv) * scale);
  return {
    quantity: line.quantity,
    latestDay: daysBetween(today, line.latestDate),
    category: line.style.category,
    requiredCapabilities: line.requiredCapabilities,
    requiredCertificates: line.requiredCertificates,
    qualityFloorBps: line.qualityFloorBps,
    unitPriceCap:
      line.unitPriceCap === null ? null : { amountMinor: BigInt(line.unitPriceCap.amountMinor), currency: line.unitPriceCap.currency },
    work: operations.map((operation) => ({ stage: operation.stage, minutes: (line.quantity * unitsOf(operation)) / scale })),
    smvTotal: { units: BigInt(operations.reduce((sum, operation) => sum + unitsOf(operation), 0)), digits: SMV_DIGITS },
    allTags: [...new Set([...line.requiredCapabilities, ...operations.map(({ capability }) => capability)])],
  };
}

type Ranked = { readonly gln: string; readonly verdict: Verdict; readonly maker: CandidateMaker; readonly quote: BindingQuote | undefined };

type Known = {
  readonly today: string;
  readonly now: Date;
  readonly currency: string;
  readonly candidates: readonly CandidateMaker[];
  readonly minutes: ReadonlyMap<string, MinutesOfMaker>;
};

const NO_MINUTES: MinutesOfMaker = new Map();

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

function rank(wish: Wish, bindings: readonly BindingQuote[], first: number, known: Known): Ranked[] {
  const quoteOf = new Map(bindings.map((quote) => [quote.row.gln, quote]));
  const hopeful = known.candidates.flatMap((maker): Ranked[] => {
    const { gln } = maker;
    const quote = quoteOf.get(gln);
    if (quote !== undefined) return [{ gln, maker, quote, verdict: judgeBinding(wish, maker, quote) }];
    // without the work on the style nothing can be worked out; a maker with none of the tags is no near miss
    if (wish.work.length === 0 || !wish.allTags.some((tag) => maker.tags.has(tag))) return [];
    return [{ gln, maker, quote, verdict: judgeTerms(wish, maker, null) }];
  });
  const judge = (one: Ranked): Ranked =>
    one.quote === undefined ? { ...one, verdict: judgeTerms(wish, one.maker, known.minutes.get(one.gln) ?? NO_MINUTES) } : one;
  return rankFirst(hopeful, { first, currency: known.currency, judge });
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
    const minutes = await readMinutes(
      reader,
      candidates.map(({ gln }) => gln),
      { today, days, stages: [...new Set(operations.map(({ stage }) => stage))] },
    );
    const known: Known = { today, now, currency: settings.currency, candidates, minutes };
    return keys.map(({ line, first }) => {
      const wish = toWish(line, work.get(line.style.styleId) ?? [], today);
      const ranked = rank(wish, bindings.get(line.demandLineId) ?? [], first, known);
      return ranked.map((one) => toView(line.demandLineId, one, known));
    });
  },
};
