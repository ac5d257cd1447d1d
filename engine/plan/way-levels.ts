/**
 * Where parts are deferred, what says that an object is there may come later than what is read of it: it must be in time for all who ask,
 * while a deferred part reads from a request of its own. What is entered there or below waits for both.
 */
import { isEarlier } from './defer.ts';
import type { Group } from './defer.ts';
import type { Grouping } from './group-views.ts';
import { addTo } from './group.ts';
import type { Position, View } from './model.ts';
import type { Open, State } from './selection-state.ts';

type Level = (view: View) => number;

/** Levels that are later than all that build.ts lets a request wait for. */
export function waitLevels(state: State, level: Level, groups: Grouping): Level {
  if (state.run.deferral.usages.length === 0) return level;
  const entered = [...state.open.values()].filter(({ derivation: { kind } }) => kind === 'key' || kind === 'reentry');
  const raised = new Map<View, number>();
  const now: Level = (view) => {
    const derivation = state.open.get(view)?.derivation;
    return derivation?.kind === 'field' ? now(derivation.parent) : (raised.get(view) ?? level(view));
  };
  const held = heldViews(state);
  const groupOf = (view: View): Group => {
    const derivation = state.open.get(view)?.derivation;
    return derivation?.kind === 'field' ? groupOf(derivation.parent) : groups.of(view);
  };
  /** As `primariesOf` of build.ts. */
  const levelOfPlace = (position: Position): number => {
    const views = held.get(position) ?? [];
    const inTime = views.filter((view) => isEarlier(groupOf(view), groups.existence(position)));
    return views.length === 0 ? 0 : Math.min(...(inTime.length > 0 ? inTime : views).map(now));
  };
  // What is raised may move others; whoever waits is later than what it reads, so none moves itself.
  for (let rounds = entered.length, changed = true; changed && rounds >= 0; rounds -= 1) {
    changed = false;
    for (const open of entered) {
      const least = 1 + Math.max(0, ...sourcesOf(open).map(now), ...placesOf(state, open).map(levelOfPlace));
      if (least <= now(open.view)) continue;
      raised.set(open.view, least);
      changed = true;
    }
  }
  return now;
}

/** By place, what came by the field itself. */
function heldViews(state: State): Map<Position, View[]> {
  const held = new Map<Position, View[]>();
  for (const { view, derivation } of state.open.values())
    if (derivation.kind === 'field' || derivation.kind === 'root') addTo(held, view.cls.position, view);
  return held;
}

function sourcesOf({ derivation, reads, types }: Open): View[] {
  return [...reads.values(), ...types.values(), ...(derivation.kind === 'reentry' ? [derivation.from] : [])];
}

/** The places on the way, and those on the way to what is sent. At its own place it may have been sent for by what another call told. */
function placesOf(state: State, open: Open): Position[] {
  const places: Position[] = [];
  const { position } = open.view.cls;
  for (let at = position.slot?.owner.position; at !== undefined && at.slot !== null; at = at.slot.owner.position) places.push(at);
  const isTold = [...open.reads.values(), ...open.types.values()].some(
    (read) => read.cls.position === position && state.open.get(read)?.derivation.kind === 'key',
  );
  if (!isTold && position.slot !== null) places.push(position);
  if (open.derivation.kind === 'key') for (const { child } of open.derivation.rule.slots) if (child !== null) places.push(child);
  return places;
}
