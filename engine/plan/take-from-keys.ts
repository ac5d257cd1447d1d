/**
 * A value by which a graph was entered is there already: it is not asked for again. Searching for a cheaper way elsewhere in the operation
 * may have chosen that. Exports `takeFromKeys`.
 */
import type { Slot, View } from './model.ts';
import { requestKey } from './selection-state.ts';
import type { State } from './selection-state.ts';

/** Before positions are held and types settled: what is open then serves a slot or stands below something that does. */
export function takeFromKeys(state: State): void {
  let moved = false;
  for (const [slot, view] of state.sources) {
    const source = valueOfKey(state, slot, view);
    if (source === view) continue;
    state.sources.set(slot, source);
    moved = true;
  }
  if (moved) closeUnread(state);
}

function valueOfKey(state: State, slot: Slot, view: View): View {
  const open = state.open.get(view);
  switch (open?.derivation.kind) {
    case 'field': {
      const above = valueOfKey(state, slot, open.derivation.parent);
      return above === open.derivation.parent ? view : above;
    }
    case 'key': {
      const read = open.reads.get(slot);
      return read === undefined ? view : valueOfKey(state, slot, read);
    }
    default:
      return view;
  }
}

function closeUnread(state: State): void {
  const read = new Set<View>();
  const mark = (view: View): void => {
    const open = state.open.get(view);
    if (open === undefined || read.has(view)) return;
    read.add(view);
    if (open.derivation.kind === 'field') mark(open.derivation.parent);
    if (open.derivation.kind === 'reentry') mark(open.derivation.from);
    for (const source of [...open.reads.values(), ...open.types.values()]) mark(source);
  };
  for (const view of state.sources.values()) mark(view);
  state.requests.clear();
  state.held.clear();
  for (const [view, { derivation, level }] of state.open) {
    if (!read.has(view)) {
      state.open.delete(view);
      continue;
    }
    state.held.add(view.cls.position);
    if (derivation.kind !== 'field') state.requests.add(requestKey(derivation.kind, view, level));
  }
  state.maxLevel = Math.max(0, ...[...state.open.values()].map(({ level }) => level));
}
