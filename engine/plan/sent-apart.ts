/**
 * A call under the name of an interface takes objects of any type alike, as long as what is sent of them comes from the same requests.
 * Which requests those are is known last. Exports `readTypeWhereSentApart`.
 */
import type { View } from './model.ts';
import type { Node } from './nodes.ts';
import type { State } from './selection-state.ts';

/** Where classes of a call are sent from different nodes, the type is read first: in the view that tells it earliest. */
export function readTypeWhereSentApart(state: State, node: Node, get: (view: View) => Node): void {
  const views = [...node.rules.values()].flatMap((rules) => rules.map(({ view }) => view));
  if (views.length < 2 || views.some((view) => state.open.get(view)?.types.has(node.position) === true) || isSentAlike(state, node, get))
    return;
  const [source] = node.position.typeFact.sources
    .filter((view) => state.open.has(view) && get(view).level < node.level)
    .toSorted((one, other) => Number(get(other).readsType) - Number(get(one).readsType) || get(one).level - get(other).level);
  if (source === undefined) return;
  for (const view of views) state.open.get(view)?.types.set(node.position, source);
  node.reads.add(get(source));
  get(source).readsType = true;
}

/** One way for all classes: by one name, every leaf from one node under one key. */
function isSentAlike(state: State, { rules }: Node, get: (view: View) => Node): boolean {
  const ways = [...rules.values()].map((entered) =>
    entered.map(({ rule, view }) => [
      rule.enterAs,
      ...[...(state.open.get(view)?.reads ?? [])].flatMap(([slot, from]) => [slot.key, get(from)]),
    ]),
  );
  const [first = []] = ways;
  return ways.every((way) => way.length === first.length && way.every((one, at) => isEqual(one, first[at] ?? [])));
}

function isEqual(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((item, at) => item === other[at]);
}
