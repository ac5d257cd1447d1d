/** The price of a plan, in integers: the longest chain of fetches weighs most, then requests, entity positions, slots. */
import type { Position, View } from './model.ts';
import type { State } from './selection-state.ts';

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
  let slots = state.sources.size;
  const level = levelsOf(state);
  for (const open of state.open.values()) {
    const at = level(open.view);
    levels = Math.max(levels, at);
    if (open.derivation.kind === 'field') continue;
    const request = `${open.derivation.kind === 'key' ? 'e' : 'r'}${open.view.graph}:${at}`;
    requests.add(request);
    if (open.derivation.kind !== 'key') continue;
    slots += open.reads.size;
    const { position } = open.view.cls;
    const known = paths.get(position);
    if (known === undefined) paths.set(position, new Set([request]));
    else known.add(request);
  }
  let pathCount = 0;
  for (const known of paths.values()) pathCount += known.size;
  return toCost(levels, requests.size, pathCount, slots);
}

export function toCost(levels: number, requests: number, paths: number, slots: number): Cost {
  return { total: 400 * levels + 100 * requests + 10 * paths + slots, levels, requests, paths, slots };
}

/** Levels by the reads of each view; they may differ from what was known when it was opened. */
export function levelsOf(state: State): (view: View) => number {
  const known = new Map<View, number>();
  const level = (view: View): number => {
    const found = known.get(view);
    if (found !== undefined) return found;
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
