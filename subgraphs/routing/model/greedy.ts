// Places whole pieces one line after the other where minutes remain. It starts the solver, fills what rounding left, and is the plan when
// there was no time to solve.
import { latenessOf, type Prices } from './pricing.ts';
import { arrivalOf, drawOf, type Problem } from './problem.ts';

/** Whole pieces of a line with a maker on a route. */
export type Placed = { readonly line: number; readonly maker: number; readonly route: number; readonly pieces: number };

/** What is left of every limit. */
export type Room = {
  readonly bucket: Float64Array;
  readonly share: Float64Array;
  /** Pieces left of bids that are for some pieces only, by pair. */
  readonly bid: Map<number, number>;
};

/** Rounding of sums of minutes. */
const TINY = 1e-9;

export function wholeRoom({ buckets, makers, bids, shareMinutes }: Problem): Room {
  return {
    bucket: Float64Array.from(buckets, ({ of }) => of.freeMinutes),
    share: new Float64Array(makers.length).fill(shareMinutes),
    bid: new Map([...bids].flatMap(([pair, { maxQuantity }]) => (maxQuantity === null ? [] : [[pair, maxQuantity] as const]))),
  };
}

/** Whole pieces that fit, up to `wanted`. */
export function piecesThatFit(problem: Problem, room: Room, { line, maker, route, pieces: wanted }: Placed): number {
  const of = problem.lines[line];
  if (of === undefined) return 0;
  const { routes, minutes, totalMinutes } = of;
  let most = Math.min(wanted, room.bid.get(line * problem.makers.length + maker) ?? wanted);
  if (totalMinutes > 0) most = Math.min(most, ((room.share[maker] ?? 0) + TINY) / totalMinutes);
  for (let stage = 0; stage < minutes.length; stage += 1) {
    const bucket = routes.bucket[route * routes.stages.length + stage] ?? 0;
    most = Math.min(most, ((room.bucket[bucket] ?? 0) + TINY) / ((minutes[stage] ?? 1) * (problem.minuteFactor[bucket] ?? 1)));
  }
  return Math.max(0, Math.floor(most));
}

export function take(problem: Problem, room: Room, { line, maker, route, pieces }: Placed): void {
  const of = problem.lines[line];
  if (of === undefined) return;
  const pair = line * problem.makers.length + maker;
  const most = room.bid.get(pair);
  if (most !== undefined) room.bid.set(pair, most - pieces);
  room.share[maker] = (room.share[maker] ?? 0) - pieces * of.totalMinutes;
  of.minutes.forEach((standard, stage) => {
    const bucket = of.routes.bucket[route * of.routes.stages.length + stage] ?? 0;
    room.bucket[bucket] = (room.bucket[bucket] ?? 0) - pieces * standard * (problem.minuteFactor[bucket] ?? 1);
  });
}

export type Guide = { readonly prices: Prices; readonly standard: Float64Array };

/**
 * Places up to `pieces` of a line on the routes that are cheapest at the prices of scarcity and have room; never on one that costs as much
 * as not serving. What it takes is gone from `room`.
 */
export function placeLine(problem: Problem, line: number, pieces: number, { room, guide }: { room: Room; guide: Guide }): Placed[] {
  const placed: Placed[] = [];
  for (let left = pieces; left > 0;) {
    const found = findCheapest(problem, line, { room, guide, left });
    if (found === null) break;
    take(problem, room, found);
    placed.push(found);
    left -= found.pieces;
  }
  return placed;
}

function findCheapest(problem: Problem, number: number, { room, guide, left }: { room: Room; guide: Guide; left: number }): Placed | null {
  const line = problem.lines[number];
  if (line === undefined) return null;
  const { makers, pieceCost, transitDays, bids } = problem;
  const { firstOf, finishDay, bucket, stages } = line.routes;
  let least = Infinity;
  let leastDraw = 0;
  let chosen: Placed | null = null;
  for (let maker = 0; maker < makers.length; maker += 1) {
    const pair = number * makers.length + maker;
    const base = pieceCost[pair] ?? Infinity;
    const share = (guide.prices.share[maker] ?? 0) * line.totalMinutes;
    if (base >= line.unservedCost || base + share > least) continue;
    for (let route = firstOf[maker] ?? 0; route < (firstOf[maker + 1] ?? 0); route += 1) {
      const finish = finishDay[route] ?? 0;
      const arrival = bids.has(pair) ? arrivalOf(problem, number, maker, finish) : finish + (transitDays[pair] ?? 0);
      const lateness = latenessOf(problem, line, arrival);
      if (arrival > line.latestDay || base + lateness >= line.unservedCost) continue;
      let cost = base + share + lateness;
      for (let stage = 0; stage < stages.length; stage += 1)
        cost += (line.minutes[stage] ?? 0) * (guide.standard[bucket[route * stages.length + stage] ?? 0] ?? 0);
      if (cost > least) continue;
      const draw = drawOf(problem, number, maker);
      if (cost === least && draw >= leastDraw) continue;
      const fits = piecesThatFit(problem, room, { line: number, maker, route, pieces: left });
      if (fits === 0) continue;
      [least, leastDraw, chosen] = [cost, draw, { line: number, maker, route, pieces: fits }];
    }
  }
  return chosen;
}

/** Lines by what a minute on them saves, dearest first; equals as drawn. */
export function byWorth({ lines }: Problem): number[] {
  const worth = lines.map(({ unservedCost, totalMinutes }) => (totalMinutes > 0 ? unservedCost / totalMinutes : 0));
  return lines.map((_, number) => number).toSorted((a, b) => (worth[b] ?? 0) - (worth[a] ?? 0) || a - b);
}
