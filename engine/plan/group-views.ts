/**
 * For what does a view wait to be read? Everything the client sees says so itself; what is needed for it (keys, requirements, types, the
 * objects on the way) belongs to the group of all its readers together. Only plans with deferred fragments have more than one group.
 */
import { valuesOf } from './contexts.ts';
import { isEarlier } from './defer.ts';
import type { Group } from './defer.ts';
import type { Need, Position, View } from './model.ts';
import type { Run } from './run.ts';
import type { Open, State } from './selection-state.ts';
import { askedTogether } from './together.ts';

export type Grouping = {
  of(view: View): Group;
  /** The group in which the objects of a position must be known to be there. */
  existence(position: Position): Group;
};

export function groupViews(run: Run, state: State): Grouping {
  const { primary, usages } = run.deferral;
  if (usages.length === 0) return { of: () => primary, existence: () => primary };
  const spreading: Spreading = { run, state, views: new Map(), places: new Map(), changed: true };
  for (const [slot, view] of state.sources) lowerView(spreading, view, slot.group ?? primary);
  for (const position of run.positions) if (position.laneCount > 0) lowerPlace(spreading, position, position.slot?.group ?? primary);
  const together = enteredTogether(state);
  // Groups only ever move towards the primary one, so this ends.
  while (spreading.changed) {
    spreading.changed = false;
    for (const open of state.open.values()) spread(spreading, open);
    for (const [position, group] of spreading.places) hold(spreading, position, group);
    for (const views of together) shareGroup(spreading, views);
  }
  return {
    of: (view) => spreading.views.get(view) ?? primary,
    existence: (position) => spreading.places.get(position) ?? primary,
  };
}

type Spreading = {
  readonly run: Run;
  readonly state: State;
  readonly views: Map<View, Group>;
  readonly places: Map<Position, Group>;
  changed: boolean;
};

function lower<K>(spreading: Spreading, groups: Map<K, Group>, key: K, group: Group): void {
  const before = groups.get(key);
  const now = before === undefined ? group : spreading.run.deferral.join(before, group);
  if (now === before) return;
  groups.set(key, now);
  spreading.changed = true;
}

function lowerView(spreading: Spreading, view: View, group: Group): void {
  lower(spreading, spreading.views, view, group);
}

function lowerPlace(spreading: Spreading, position: Position, group: Group): void {
  lower(spreading, spreading.places, position, group);
}

/** What a view stands on is read by whoever reads the view. */
function spread(spreading: Spreading, { view, derivation, reads, types }: Open): void {
  const group = spreading.views.get(view);
  if (group === undefined) return;
  switch (derivation.kind) {
    case 'root':
      return;
    case 'field':
      return lowerView(spreading, derivation.parent, group);
    case 'reentry':
      lowerPlace(spreading, view.cls.position, group);
      return lowerView(spreading, derivation.from, group);
    case 'key': {
      for (const source of [...reads.values(), ...types.values()]) lowerView(spreading, source, group);
      lowerPlace(spreading, view.cls.position, group);
      const visit = (needs: readonly Need[]): void => {
        for (const { slot, children } of needs) {
          if (slot.child === null) continue;
          lowerPlace(spreading, slot.child, group);
          for (const child of children) visit(child.needs);
        }
      };
      visit(derivation.rule.keyNeeds);
      visit(derivation.rule.requireNeeds);
      visit(valuesOf(derivation.rule.contextNeeds));
    }
  }
}

/** One of the views that came by the field itself must be there in time, and one that tells the type where that is another. */
function hold(spreading: Spreading, position: Position, group: Group): void {
  const { state } = spreading;
  const held = position.classes.flatMap((cls) =>
    [...cls.views.values()].filter((view) => {
      const kind = state.open.get(view)?.derivation.kind;
      return kind === 'field' || kind === 'root';
    }),
  );
  oneInTime(spreading, held, group);
  if (position.interfaceObjects.length > 0) {
    oneInTime(
      spreading,
      position.typeFact.sources.filter((view) => state.open.has(view)),
      group,
    );
  }
}

function oneInTime(spreading: Spreading, views: readonly View[], group: Group): void {
  const level = (view: View): number => spreading.state.open.get(view)?.level ?? 0;
  const inTime = views.some((view) => {
    const known = spreading.views.get(view);
    return known !== undefined && isEarlier(known, group);
  });
  const [first] = inTime ? [] : views.toSorted((a, b) => level(a) - level(b) || a.id - b.id);
  if (first !== undefined) lowerView(spreading, first, group);
}

/** Calls under the name of an interface take objects of all types: what was chosen as one call must stay one. */
function enteredTogether(state: State): View[][] {
  const calls = new Map<string, View[]>();
  for (const { derivation, view } of state.open.values()) {
    const { position } = view.cls;
    if (derivation.kind !== 'key' || derivation.rule.enterAs === null || position.classes.length < 2) continue;
    const key = `${position.id}:${view.graph}:${askedTogether(state, view)}`;
    const views = calls.get(key) ?? [];
    calls.set(key, views);
    views.push(view);
  }
  return [...calls.values()].filter(({ length }) => length > 1);
}

function shareGroup(spreading: Spreading, views: readonly View[]): void {
  const groups = views.flatMap((view) => spreading.views.get(view) ?? []);
  for (const group of groups) for (const view of views) lowerView(spreading, view, group);
}
