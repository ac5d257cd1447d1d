/**
 * A request whose answer is not needed at once may wait for the level of a later request to the same graph and join it: one
 * request fewer, and no longer chain.
 */
import type { Group } from './defer.ts';
import type { View } from './model.ts';
import type { State } from './selection-state.ts';
import { addTo } from './group.ts';

type Level = (view: View) => number;

/** Requests of one group only join each other; one that a deferred part waits for is sent as soon as it can be. */
export function sinkLevels(state: State, level: Level, groupOf: (view: View) => Group): Level {
  const entered = [...state.open.values()].filter(({ derivation }) => derivation.kind === 'key').map(({ view }) => view);
  if (entered.length < 2) return level;
  const moved = new Map<View, number>();
  const now: Level = (view) => {
    const open = state.open.get(view);
    if (open?.derivation.kind === 'field') return now(open.derivation.parent);
    return moved.get(view) ?? level(view);
  };
  const latest = latestLevels(state, { now, groupOf, last: Math.max(...entered.map(level)) });
  const requests = new Map<string, View[]>();
  for (const view of entered) {
    const key = `${view.graph}:${groupOf(view).id}:${level(view)}`;
    addTo(requests, key, view);
  }
  const levelsLike = (one: View): number[] =>
    [...new Set(entered.filter((view) => view.graph === one.graph && groupOf(view) === groupOf(one)).map(now))].toSorted((a, b) => a - b);
  // Later requests first: an earlier one may then follow where its readers have gone.
  const order = [...requests.values()].toSorted((a, b) => level(first(b)) - level(first(a)));
  for (const views of order) {
    const from = now(first(views));
    const limit = Math.min(...views.map(latest));
    const target = levelsLike(first(views)).find((at) => at > from && at <= limit);
    if (target !== undefined) for (const view of views) moved.set(view, target);
  }
  return now;
}

function first(views: readonly View[]): View {
  const [view] = views;
  if (view === undefined) throw new RangeError('A request has at least one view.');
  return view;
}

type Placed = { readonly now: Level; readonly groupOf: (view: View) => Group; readonly last: number };

/** The last level at which an entity view may be fetched without delaying what reads it. */
function latestLevels(state: State, { now, groupOf, last }: Placed): Level {
  const readers = new Map<View, View[]>();
  const fetched = (view: View): View => {
    const open = state.open.get(view);
    return open?.derivation.kind === 'field' ? fetched(open.derivation.parent) : view;
  };
  for (const open of state.open.values()) {
    const sources = [...open.reads.values(), ...open.types.values(), ...(open.derivation.kind === 'reentry' ? [open.derivation.from] : [])];
    for (const source of sources) {
      const key = fetched(source);
      addTo(readers, key, open.view);
    }
  }
  const limitBy = (view: View, reader: View): number => (groupOf(reader) === groupOf(view) ? now(reader) - 1 : now(view));
  return (view) => Math.min(last, ...(readers.get(view) ?? []).map((reader) => limitBy(view, reader)));
}
