// The columns that column generation starts from. Lines on a guess of the prices mostly want the same makers, so besides its cheapest
// choices each line takes some by a draw in which a choice counts as much as the guess gives it: together they fit the minutes there are.
import { drawPair } from './draw.ts';
import { estimatePrices, listChoices, type Choices } from './estimate-prices.ts';
import { createAddedMost, pickCheapest } from './generate-columns.ts';
import { byWorth, placeLine, wholeRoom, type Placed } from './greedy.ts';
import { toColumn, type Column } from './master.ts';
import { mergeDays } from './merge-days.ts';
import { createBest, freePrices, priceLine, type Prices } from './pricing.ts';
import { drawOf, type Problem } from './problem.ts';

/** Makers of a line that the guess over single days looks at. */
const MAKERS_GUESSED = 40;
/** Cheapest choices of each line, and those drawn. */
const CHEAPEST = 2;
const DRAWN = 5;
/** Sharpness at which the guess over days begins, as a multiple of the last. */
const DAYS_FROM = 4;

export type Start = {
  readonly columns: readonly Column[];
  /** A plan in whole pieces. */
  readonly plan: readonly Placed[];
  /** The guess. */
  readonly prices: Prices;
};

export function startColumns(problem: Problem): Start {
  const guess = guessPrices(problem);
  const { standard } = guess;
  const added = createAddedMost(problem);
  const prices = { ...freePrices(problem), bucket: standard.map((price, number) => price / (problem.minuteFactor[number] ?? 1)) };
  const room = wholeRoom(problem);
  const guide = { prices, standard };
  const plan = byWorth(problem).flatMap((line) => placeLine(problem, line, problem.lines[line]?.of.quantity ?? 0, { room, guide }));
  const columns = [
    ...nearest(problem),
    ...problem.lines.flatMap((of, line) => chooseColumns(problem, line, { guess, most: added(of) })),
    ...plan.map(({ line, maker, route }) => toColumn(problem, line, maker, route)),
  ];
  return { columns, plan, prices };
}

type Guess = { readonly standard: Float64Array; readonly choices: Choices; readonly sharpness: number };

/** First over makers with their days thrown together, then over single days of makers drawn at those prices. */
function guessPrices(problem: Problem): Guess {
  const { problem: merged, bucketOf } = mergeDays(problem);
  const everybody = problem.makers.map((_, maker) => maker);
  const rough = estimatePrices(
    merged,
    listChoices(merged, () => everybody),
    { start: new Float64Array(merged.buckets.length) },
  );
  const best = createBest(problem.makers.length);
  const prices = freePrices(merged);
  const added = createAddedMost(problem);
  const choices = listChoices(problem, (line) => {
    const of = merged.lines[line];
    if (of === undefined) return [];
    priceLine(merged, line, { prices, standard: rough.standard, most: of.unservedCost }, best);
    best.cost.forEach((cost, maker) => {
      best.cost[maker] = cost + noise(drawOf(problem, line, maker), rough.sharpness * of.totalMinutes);
    });
    return pickCheapest(merged, line, best, { most: Math.max(MAKERS_GUESSED, added(of)), below: Infinity });
  });
  const start = Float64Array.from(bucketOf, (bucket) => rough.standard[bucket] ?? 0);
  return { choices, ...estimatePrices(problem, choices, { start, sharpness: rough.sharpness * DAYS_FROM }) };
}

/** The makers that are cheapest while nothing is scarce. */
function nearest(problem: Problem): Column[] {
  const prices = freePrices(problem);
  const standard = new Float64Array(problem.buckets.length);
  const best = createBest(problem.makers.length);
  return problem.lines.flatMap((line, number) => {
    priceLine(problem, number, { prices, standard, most: line.unservedCost }, best);
    const picked = pickCheapest(problem, number, best, { most: CHEAPEST, below: line.unservedCost });
    return picked.map((maker) => toColumn(problem, number, maker, best.route[maker] ?? 0));
  });
}

/**
 * Noise of Gumbel from 32 drawn bits: the k cheapest with it are a draw of k without putting back, in which a choice counts as much as the
 * guess gives it. The cheapest alone would be the same few for all lines.
 */
const noise = (draw: number, scale: number): number => scale * Math.log(-Math.log((draw + 0.5) / 2 ** 32));

function chooseColumns(problem: Problem, number: number, { guess, most }: { guess: Guess; most: number }): Column[] {
  const { choices, standard, sharpness } = guess;
  const line = problem.lines[number];
  if (line === undefined) return [];
  const { firstOf, maker, route, cost } = choices;
  const stages = line.minutes.length;
  const rated: { at: number; full: number; drawn: number }[] = [];
  for (let at = firstOf[number] ?? 0; at < (firstOf[number + 1] ?? 0); at += 1) {
    let full = cost[at] ?? 0;
    const place = (route[at] ?? 0) * stages;
    for (let stage = 0; stage < stages; stage += 1)
      full += (line.minutes[stage] ?? 0) * (standard[line.routes.bucket[place + stage] ?? 0] ?? 0);
    rated.push({
      at,
      full,
      drawn: full + noise(drawPair(drawOf(problem, number, maker[at] ?? 0), route[at] ?? 0), sharpness * line.totalMinutes),
    });
  }
  const byFull = rated.toSorted((a, b) => a.full - b.full).slice(0, Math.max(CHEAPEST, most));
  const byDraw = rated.toSorted((a, b) => a.drawn - b.drawn).slice(0, Math.max(DRAWN, most));
  return [...byFull, ...byDraw].map(({ at }) => toColumn(problem, number, maker[at] ?? 0, route[at] ?? 0));
}
