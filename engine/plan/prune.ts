/**
 * Which requests of a choice could perhaps be spared: all but those without which some slot has no source at all. Exports `spareRequests`;
 * choose.ts tries to do without them, one or two at a time.
 */
import type { View } from './model.ts';
import { requestKey } from './selection-state.ts';
import type { State } from './selection-state.ts';

/** Of more requests no pairs are tried. */
const MOST_PAIRED = 6;

type Spare = { readonly requests: ReadonlySet<string>; readonly sets: readonly ReadonlySet<string>[] };

/** All requests as they were before any of them sank; and sets of them that may be spared, those opened last first. */
export function spareRequests(state: State): Spare {
  const forced = forcedRequests(state);
  const spare = [...state.requests].filter((request) => !forced.has(request)).toReversed();
  const few = spare.length > MOST_PAIRED ? [] : spare;
  const pairs = few.flatMap((one, index) => few.slice(index + 1).map((other) => new Set([one, other])));
  return { requests: state.requests, sets: state.requests.size < 2 ? [] : [...spare.map((one) => new Set([one])), ...pairs] };
}

function forcedRequests(state: State): Set<string> {
  const forced = new Set<string>();
  const seen = new Set<View>();
  const force = (view: View | undefined): void => {
    const open = view === undefined ? undefined : state.open.get(view);
    if (view === undefined || open === undefined || seen.has(view) || view.derivations.length > 1) return;
    seen.add(view);
    const { derivation } = open;
    if (derivation.kind !== 'field') forced.add(requestKey(derivation.kind, view, open.level));
    switch (derivation.kind) {
      case 'root':
        return;
      case 'field':
        return force(derivation.parent);
      case 'reentry':
        return force(derivation.from);
      case 'key':
        for (const slot of derivation.rule.slots) if (slot.child === null && slot.sources.length === 1) force(slot.sources[0]);
    }
  };
  for (const slot of state.sources.keys()) if (slot.sources.length === 1) force(slot.sources[0]);
  return forced;
}
