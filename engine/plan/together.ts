/**
 * A call under the name of an interface object asks all its objects the same fields, whatever their types. Objects may share such a
 * call only if what one type is asked cannot harm another: requirements, and fields that may not be null, must be asked of both.
 */
import type { Slot, View } from './model.ts';
import { isInterfaceObject, rowIn } from './rows.ts';
import type { State } from './selection-state.ts';

/** Views of one place and graph with equal texts may share a call; '' unless entered as an interface object. */
export function askedTogether(state: State, view: View): string {
  const derivation = state.open.get(view)?.derivation;
  if (derivation?.kind !== 'key' || derivation.rule.enterAs === null) return '';
  const { supergraph } = state.run;
  if (!isInterfaceObject(supergraph, derivation.rule.enterAs, view.graph)) return '';
  const strict: string[] = [];
  for (const slot of view.cls.slots.values()) {
    if (isReadIn(state, view, slot) && rowIn(supergraph, slot.field, view.graph)?.type.nonNull === true) strict.push(slot.key);
  }
  const inKey = new Set(derivation.rule.slots);
  const harmful = strict.filter((key) => ![...inKey].some((slot) => slot.key === key));
  return `${view.requiring?.key ?? ''}|${harmful.toSorted().join()}`;
}

function isReadIn(state: State, view: View, slot: Slot): boolean {
  if (slot.child === null) return state.sources.get(slot) === view;
  return slot.child.classes.some((cls) =>
    [...cls.views.values()].some((inner) => {
      const derivation = state.open.get(inner)?.derivation;
      return derivation?.kind === 'field' && derivation.parent === view;
    }),
  );
}
