/**
 * The price of a plan, in integers: the longest chain of fetches weighs most, then requests, entity positions, slots. Requests are
 * counted as they will be sent: merged by level, and after those with slack have sunk to others of their graph.
 */
import type { Position, View } from './model.ts';
import { requestKey } from './selection-state.ts';
import type { State } from './selection-state.ts';
import { sinkLevels } from './sink.ts';
import type { PlanFetch, PlanNode } from './types.ts';

export type Cost = {
  readonly total: number;
  readonly levels: number;
  readonly requests: number;
  readonly paths: number;
  readonly slots: number;
};

export function costOf(state: State): Cost {
  const requests = new Set<string>();
  const paths = new Map<Position, Set<string>>();
  let levels = 0;
  let slots = 0;
  for (const slot of state.sources.keys()) slots += slot.owner.position.weight;
  const level = sinkLevels(state, levelsOf(state), () => state.run.deferral.primary);
  for (const open of state.open.values()) {
    const at = level(open.view);
    levels = Math.max(levels, at);
    if (open.derivation.kind === 'field') continue;
    const request = requestKey(open.derivation.kind, open.view, at);
    requests.add(request);
    if (open.derivation.kind !== 'key') continue;
    const { position } = open.view.cls;
    slots += open.reads.size * position.weight;
    const known = paths.get(position);
    if (known === undefined) paths.set(position, new Set([request]));
    else known.add(request);
  }
  let pathCount = 0;
  for (const [position, known] of paths) pathCount += known.size * position.weight;
  return toCost(levels, requests.size, pathCount, slots);
}

function toCost(levels: number, requests: number, paths: number, slots: number): Cost {
  return { total: 400 * levels + 100 * requests + 10 * paths + slots, levels, requests, paths, slots };
}

/** A level so late that whatever waits for itself is never the cheapest. */
const IN_A_CIRCLE = 1_000_000;

/** Levels by the reads of each view; they may differ from what was known when it was opened. */
export function levelsOf(state: State): (view: View) => number {
  const known = new Map<View, number>();
  const level = (view: View): number => {
    const found = known.get(view);
    if (found !== undefined) return found;
    known.set(view, IN_A_CIRCLE);
    const value = computeLevel(state, view, level);
    known.set(view, value);
    return value;
  };
  return level;
}

function computeLevel(state: State, view: View, level: (view: View) => number): number {
  const open = state.open.get(view);
  if (open === undefined) return 1;
  const { derivation } = open;
  switch (derivation.kind) {
    case 'root':
      return 1;
    case 'field':
      return level(derivation.parent);
    case 'reentry':
      return 1 + level(derivation.from);
    case 'key': {
      let value = 1;
      for (const source of open.reads.values()) value = Math.max(value, 1 + level(source));
      for (const source of open.types.values()) value = Math.max(value, 1 + level(source));
      return value;
    }
  }
}

/** The price of the finished plan: as `costOf`, but of what is sent. */
export function costOfPlan(fetches: readonly PlanFetch[], nodes: readonly PlanNode[]): Cost {
  const paths = fetches.reduce((sum, fetch) => sum + fetch.calls.reduce((inner, call) => inner + call.paths.length, 0), 0);
  const slots = nodes.reduce((sum, node) => sum + node.fields.length, 0);
  const lengths: number[] = [];
  let longest = 0;
  for (const fetch of fetches) {
    let length = 1;
    for (const id of fetch.dependsOn) length = Math.max(length, 1 + (lengths[id] ?? 0));
    lengths[fetch.id] = length;
    longest = Math.max(longest, length);
  }
  return toCost(longest, fetches.length, paths, slots);
}
