// The plan as allocations: one for each line and maker, with whole minutes of each bucket it takes.
import { addDays } from '../../../lib/clock/clock.ts';
import { STAGES } from './constants.ts';
import { placeOf, priceOf } from './costs.ts';
import type { Placed } from './greedy.ts';
import { arrivalOf, type Problem } from './problem.ts';
import type { PlannedAllocation, PlannedSlot } from './types.ts';

/** Rounding of sums of minutes: so little more than a whole number is that number. */
const TINY = 1e-6;

/** `plan` is sorted by line and maker. */
export function toAllocations(problem: Problem, plan: readonly Placed[]): PlannedAllocation[] {
  const taken = new Float64Array(problem.buckets.length);
  const groups = new Map<number, Placed[]>();
  for (const placed of plan) {
    const pair = placed.line * problem.makers.length + placed.maker;
    const group = groups.get(pair);
    if (group === undefined) groups.set(pair, [placed]);
    else group.push(placed);
  }
  return [...groups.values()].map((group) => toAllocation(problem, group, taken));
}

function toAllocation(problem: Problem, group: readonly Placed[], taken: Float64Array): PlannedAllocation {
  const [first] = group;
  const line = problem.lines[first?.line ?? -1];
  const maker = problem.makers[first?.maker ?? -1];
  if (first === undefined || line === undefined || maker === undefined) throw new RangeError('an allocation of nothing');
  const bid = problem.bids.get(first.line * problem.makers.length + first.maker);
  const price = priceOf(line.of, line.totalMinutes, problem.termOf(first.line, first.maker), bid);
  if (price === null) throw new RangeError(`maker ${maker.gln} has no price for line ${line.of.id}`);
  const arrivals = group.map(({ route }) => arrivalOf(problem, first.line, first.maker, line.routes.finishDay[route] ?? 0));
  return {
    lineId: line.of.id,
    gln: maker.gln,
    quantity: group.reduce((sum, { pieces }) => sum + pieces, 0),
    unitPrice: price.unitPrice + price.setupCost / price.lot,
    origin: placeOf(maker),
    promisedDay: addDays(problem.input.horizonFrom, Math.max(...arrivals)),
    slots: toSlots(problem, group, taken),
    bidId: bid?.id ?? null,
  };
}

// Minutes of a bucket are rounded up on their running sum, so that all its slots together are the sum rounded up: never more than it has.
function toSlots(problem: Problem, group: readonly Placed[], taken: Float64Array): PlannedSlot[] {
  const slots = new Map<number, { pieces: number; exact: number }>();
  for (const { line, route, pieces } of group) {
    const of = problem.lines[line];
    of?.minutes.forEach((standard, stage) => {
      const bucket = of.routes.bucket[route * of.routes.stages.length + stage] ?? 0;
      const held = slots.get(bucket) ?? { pieces: 0, exact: 0 };
      slots.set(bucket, { pieces: held.pieces + pieces, exact: held.exact + pieces * standard * (problem.minuteFactor[bucket] ?? 1) });
    });
  }
  const listed = [...slots].flatMap(([number, { pieces, exact }]) => {
    const bucket = problem.buckets[number];
    if (bucket === undefined) return [];
    const before = taken[number] ?? 0;
    taken[number] = before + exact;
    const minutes = Math.ceil(before + exact - TINY) - Math.ceil(before - TINY);
    return [{ stage: bucket.of.stage, day: bucket.of.day, bucketId: bucket.of.id, minutes, pieces }];
  });
  return listed.toSorted((a, b) => STAGES.indexOf(a.stage) - STAGES.indexOf(b.stage) || (a.day < b.day ? -1 : 1));
}
