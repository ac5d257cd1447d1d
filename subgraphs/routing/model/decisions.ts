// Why each line went where it went: candidates with their costs, all others by the reason they were not one.
import { BINDING_MOST, COST_KINDS, EXAMPLES_MOST, EXCLUSION_REASONS } from './constants.ts';
import { pieceTerms, priceOf, type PieceTerms } from './costs.ts';
import { pickCheapest } from './generate-columns.ts';
import { piecesThatFit, type Placed, type Room } from './greedy.ts';
import { createBest, latenessOf, priceLine, toStandard, type Best, type Prices } from './pricing.ts';
import { arrivalOf, drawOf, NOT_EXCLUDED, reasonOfNotNear, type Line, type Problem } from './problem.ts';
import type { NumberedPrice } from './shadow-prices.ts';
import type { ExclusionReason, PlannedCandidate, PlannedDecision } from './types.ts';

export type Outcome = {
  readonly plan: readonly Placed[];
  readonly prices: Prices;
  readonly published: readonly NumberedPrice[];
  readonly room: Room;
  /** The plan comes from a solved program, not only from placing one line after the other. */
  readonly solved: boolean;
};

export function explainLines(problem: Problem, outcome: Outcome): PlannedDecision[] {
  const standard = toStandard(problem, outcome.prices);
  const best = createBest(problem.makers.length);
  const placedOf = problem.lines.map((): Placed[] => []);
  for (const placed of outcome.plan) placedOf[placed.line]?.push(placed);
  const placeOf = new Map(outcome.published.flatMap(({ bucket }, place) => (bucket === null ? [] : [[bucket, place] as const])));
  const demandOf = new Map(
    outcome.published.flatMap(({ published }, place) => (published.lineId === null ? [] : [[published.lineId, place] as const])),
  );
  const shareOf = new Map(outcome.published.flatMap(({ maker }, place) => (maker === null ? [] : [[maker, place] as const])));
  return problem.lines.map((line, number) => {
    priceLine(problem, number, { prices: outcome.prices, standard, most: Infinity }, best);
    return explainLine(problem, { number, line, best, placed: placedOf[number] ?? [], placeOf, demandOf, shareOf }, outcome);
  });
}

type LineCase = {
  readonly number: number;
  readonly line: Line;
  readonly best: Best;
  readonly placed: readonly Placed[];
  /** Places of prices: of minutes by bucket, of demand by line, of shares by maker. */
  readonly placeOf: ReadonlyMap<number, number>;
  readonly demandOf: ReadonlyMap<string, number>;
  readonly shareOf: ReadonlyMap<number, number>;
};

function explainLine(problem: Problem, at: LineCase, outcome: Outcome): PlannedDecision {
  const { number, line, best, placed } = at;
  const pieces = placed.reduce((sum, one) => sum + one.pieces, 0);
  const near = pickCheapest(problem, number, best, { most: problem.input.policy.candidateLimit, below: Infinity });
  const makers = [...new Set([...near, ...placed.map(({ maker }) => maker)])];
  const rated = makers.map((maker) => ({ maker, ...rate(problem, at, maker, outcome) }));
  const sorted = rated.toSorted((a, b) => a.each - b.each || drawOf(problem, number, a.maker) - drawOf(problem, number, b.maker));
  const left = line.of.quantity - pieces;
  return {
    lineId: line.of.id,
    outcome: left === 0 ? 'ALLOCATED' : pieces > 0 ? 'PARTIAL' : 'REFUSED',
    placed: pieces,
    candidates: sorted.map(({ candidate }) => candidate),
    excluded: listExcluded(problem, number, new Set(makers)),
    binding: findBinding(at, sorted, outcome),
    unserved: left === 0 ? null : { pieces: left, because: explainUnserved(problem, number, outcome) },
  };
}

type Rated = { readonly each: number; readonly candidate: PlannedCandidate; readonly routes: readonly number[] };

/** A candidate with the cost of what it was given, or of the whole line when it was not chosen. */
function rate(problem: Problem, { number, line, best, placed }: LineCase, maker: number, { prices }: Outcome): Rated {
  const given = placed.filter((one) => one.maker === maker);
  const route = best.route[maker] ?? 0;
  const parts = given.length > 0 ? given : [{ route, pieces: line.of.quantity }];
  const quantity = given.reduce((sum, one) => sum + one.pieces, 0);
  const pieces = parts.reduce((sum, one) => sum + one.pieces, 0);
  const each = termsOf(problem, number, maker);
  const lateness = parts.reduce(
    (sum, one) => sum + one.pieces * latenessOf(problem, line, arrivalOf(problem, number, maker, line.routes.finishDay[one.route] ?? 0)),
    0,
  );
  const terms = COST_KINDS.map((kind) => ({ kind, amount: kind === 'LATENESS' ? lateness : each[kind] * pieces })).filter(
    ({ kind, amount }) => kind === 'EX_WORKS' || amount !== 0,
  );
  const totalCost = terms.reduce((sum, { amount }) => sum + amount, 0);
  const worth = Math.min(prices.demand[number] ?? 0, line.unservedCost);
  const reducedCost = quantity > 0 ? 0 : Math.max(0, (best.cost[maker] ?? 0) - worth);
  const gln = problem.makers[maker]?.gln ?? '';
  return { each: totalCost / pieces, candidate: { gln, quantity, totalCost, reducedCost, terms }, routes: parts.map((one) => one.route) };
}

function termsOf(problem: Problem, number: number, maker: number): PieceTerms {
  const [line, of] = [problem.lines[number], problem.makers[maker]];
  const bid = problem.bids.get(number * problem.makers.length + maker);
  const price = line === undefined ? null : priceOf(line.of, line.totalMinutes, problem.termOf(number, maker), bid);
  if (line === undefined || of === undefined || price === null) throw new RangeError(`no price for line ${number} and maker ${maker}`);
  return pieceTerms(line.of, of, price, problem.wayOf(number, maker), problem.input.policy);
}

type Count = { reason: ExclusionReason; makers: number; examples: string[] };

function listExcluded(problem: Problem, number: number, candidates: ReadonlySet<number>): PlannedDecision['excluded'] {
  const counts = EXCLUSION_REASONS.map((reason): Count => ({ reason, makers: 0, examples: [] }));
  problem.makers.forEach(({ gln }, maker) => {
    if (candidates.has(maker)) return;
    const reason = problem.exclusion[number * problem.makers.length + maker] ?? NOT_EXCLUDED;
    const count = counts[reason === NOT_EXCLUDED ? reasonOfNotNear : reason];
    if (count === undefined) return;
    count.makers += 1;
    if (count.examples.length < EXAMPLES_MOST) count.examples.push(gln);
  });
  return counts.filter(({ makers }) => makers > 0);
}

/**
 * The limits that makers run into which the line took, or would have been cheaper with; dearest for a piece of the line first. The last is
 * what was asked for: one more piece costs its price.
 */
function findBinding(
  { line, placeOf, demandOf, shareOf }: LineCase,
  rated: readonly (Rated & { maker: number })[],
  { published }: Outcome,
): number[] {
  const chosen = rated.filter(({ candidate }) => candidate.quantity > 0);
  const most = chosen.length > 0 ? Math.max(...chosen.map(({ each }) => each)) : line.unservedCost;
  const dear = new Map<number, number>();
  for (const { maker, each, routes } of rated) {
    if (each > most) continue;
    const share = shareOf.get(maker);
    if (share !== undefined) dear.set(share, (published[share]?.published.price ?? 0) * line.totalMinutes);
    for (const route of routes)
      line.minutes.forEach((minutes, stage) => {
        const place = placeOf.get(line.routes.bucket[route * line.minutes.length + stage] ?? -1);
        if (place !== undefined) dear.set(place, (published[place]?.published.price ?? 0) * minutes);
      });
  }
  const sorted = [...dear].toSorted((a, b) => b[1] - a[1] || a[0] - b[0]);
  const asked = demandOf.get(line.of.id);
  return [...sorted.slice(0, BINDING_MOST - 1).map(([place]) => place), ...(asked === undefined ? [] : [asked])];
}

type Because = NonNullable<PlannedDecision['unserved']>['because'];

/** The last limit that stood in the way of one more piece on the routes that would be worth it. */
function explainUnserved(problem: Problem, number: number, { room, solved }: Outcome): Because {
  const line = problem.lines[number];
  if (line === undefined) return 'NO_CANDIDATE';
  const found = { eligible: false, worth: false, minutes: false, share: false };
  const unlimited = { ...room, share: new Float64Array(problem.makers.length).fill(Infinity), bid: new Map<number, number>() };
  const withShare = { ...unlimited, share: room.share };
  for (let maker = 0; maker < problem.makers.length; maker += 1) {
    const base = problem.pieceCost[number * problem.makers.length + maker] ?? Infinity;
    if (base === Infinity) continue;
    found.eligible = true;
    for (let route = line.routes.firstOf[maker] ?? 0; route < (line.routes.firstOf[maker + 1] ?? 0); route += 1) {
      const arrival = arrivalOf(problem, number, maker, line.routes.finishDay[route] ?? 0);
      if (arrival > line.latestDay || base + latenessOf(problem, line, arrival) >= line.unservedCost) continue;
      found.worth = true;
      const one = { line: number, maker, route, pieces: 1 };
      if (piecesThatFit(problem, unlimited, one) < 1) continue;
      found.minutes = true;
      if (piecesThatFit(problem, withShare, one) >= 1) found.share = true;
    }
  }
  if (!found.eligible) return 'NO_CANDIDATE';
  if (!found.worth) return 'DEARER_THAN_NOT_SERVING';
  if (!solved) return 'TIME_LIMIT';
  if (!found.minutes) return 'NO_MINUTES';
  // with minutes and share left, only makers remain that have bid for some pieces and got them
  return found.share ? 'NO_CANDIDATE' : 'SHARE_CAP';
}
