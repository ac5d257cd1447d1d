// From the solution of the linear program to whole pieces: round down, then place what is left where minutes remain.
import { piecesThatFit, placeLine, take, wholeRoom, type Placed, type Room } from './greedy.ts';
import { toColumn, type Column } from './master.ts';
import { toStandard, type Prices } from './pricing.ts';
import type { Problem } from './problem.ts';

/** Pieces of the solver this close to a whole number are one. */
const ROUNDING = 1e-6;

export function roundPlan(
  problem: Problem,
  columns: readonly Column[],
  { pieces, prices }: { pieces: Float64Array; prices: Prices },
): Placed[] {
  const room = wholeRoom(problem);
  const left = problem.lines.map(({ of }) => of.quantity);
  const parts: { placed: Placed; part: number }[] = [];
  columns.forEach(({ line, maker, route }, at) => {
    const value = pieces[at] ?? 0;
    if (value <= ROUNDING) return;
    const whole = Math.min(Math.floor(value + ROUNDING), left[line] ?? 0);
    const placed = { line, maker, route, pieces: whole };
    parts.push({ placed, part: value - whole });
    left[line] = (left[line] ?? 0) - whole;
    take(problem, room, placed);
  });
  const more = [...topUp(problem, parts, { room, left }), ...fillUp(problem, prices, { room, left })];
  return joinPlaced([...parts.map(({ placed }) => placed), ...more]);
}

type Rest = { readonly room: Room; readonly left: number[] };

/** One piece more where the solver wanted a part of one and minutes remain: the largest parts first. */
function topUp(problem: Problem, parts: readonly { placed: Placed; part: number }[], { room, left }: Rest): Placed[] {
  const sorted = parts.filter(({ part }) => part > ROUNDING).toSorted((a, b) => b.part - a.part || a.placed.line - b.placed.line);
  return sorted.flatMap(({ placed }) => {
    const one = { ...placed, pieces: 1 };
    if ((left[placed.line] ?? 0) < 1 || piecesThatFit(problem, room, one) < 1) return [];
    take(problem, room, one);
    left[placed.line] = (left[placed.line] ?? 0) - 1;
    return [one];
  });
}

/** The rest on any route that has room, lines that lose most by a minute not given first. */
function fillUp(problem: Problem, prices: Prices, { room, left }: Rest): Placed[] {
  const guide = { prices, standard: toStandard(problem, prices) };
  const worth = problem.lines.map(({ unservedCost, totalMinutes }) => (totalMinutes > 0 ? unservedCost / totalMinutes : 0));
  const waiting = problem.lines.flatMap((_, line) => ((left[line] ?? 0) > 0 ? [line] : []));
  return waiting
    .toSorted((a, b) => (worth[b] ?? 0) - (worth[a] ?? 0) || a - b)
    .flatMap((line) => placeLine(problem, line, left[line] ?? 0, { room, guide }));
}

/** Each route once, in the order of lines and makers. */
export function joinPlaced(placed: readonly Placed[]): Placed[] {
  const joined = new Map<string, Placed>();
  for (const one of placed) {
    if (one.pieces === 0) continue;
    const key = `${one.line} ${one.maker} ${one.route}`;
    joined.set(key, { ...one, pieces: one.pieces + (joined.get(key)?.pieces ?? 0) });
  }
  return [...joined.values()].toSorted((a, b) => a.line - b.line || a.maker - b.maker || a.route - b.route);
}

/** Pieces of each line that a plan leaves out. */
export function unservedOf({ lines }: Problem, plan: readonly Placed[]): number[] {
  const left = lines.map(({ of }) => of.quantity);
  for (const { line, pieces } of plan) left[line] = (left[line] ?? 0) - pieces;
  return left;
}

export function costOf(problem: Problem, plan: readonly Placed[]): number {
  const served = plan.reduce((sum, { line, maker, route, pieces }) => sum + pieces * toColumn(problem, line, maker, route).cost, 0);
  return unservedOf(problem, plan).reduce((sum, pieces, line) => sum + pieces * (problem.lines[line]?.unservedCost ?? 0), served);
}

/** What a plan leaves of every limit. */
export function roomAfter(problem: Problem, plan: readonly Placed[]): Room {
  const room = wholeRoom(problem);
  for (const placed of plan) take(problem, room, placed);
  return room;
}
