/**
 * How many pairs of fields share a response name in a selection, once everything that is merged is merged: what the rule
 * OverlappingFieldsCanBeMerged has to compare, quadratic in the number of fields (400 KB of it took one server two minutes).
 * Expects fragments without cycles. Exports `countOverlaps`.
 */
import { Kind, type FieldNode, type FragmentDefinitionNode, type SelectionSetNode } from 'graphql';

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

/** Stops counting when over `limit`. */
export function countOverlaps(selectionSet: SelectionSetNode, fragments: Fragments, limit: number): number {
  let pairs = 0;
  const waiting: SelectionSetNode[][] = [[selectionSet]];
  for (let sets = waiting.pop(); sets && pairs <= limit; sets = waiting.pop()) {
    for (const group of groupByResponseName(sets, fragments).values()) {
      pairs += (group.length * (group.length - 1)) / 2;
      const inner = group.flatMap((field) => (field.selectionSet ? [field.selectionSet] : []));
      if (inner.length > 0) waiting.push(inner);
    }
  }
  return pairs;
}

function groupByResponseName(sets: readonly SelectionSetNode[], fragments: Fragments): Map<string, FieldNode[]> {
  const groups = new Map<string, FieldNode[]>();
  const spread = new Set<string>();
  const waiting = [...sets];
  for (let set = waiting.pop(); set; set = waiting.pop()) {
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) {
        const name = (selection.alias ?? selection.name).value;
        const group = groups.get(name);
        if (group) group.push(selection);
        else groups.set(name, [selection]);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) waiting.push(selection.selectionSet);
      else if (!spread.has(selection.name.value)) {
        // A fragment spread twice at one place is compared once
        spread.add(selection.name.value);
        const fragment = fragments.get(selection.name.value);
        if (fragment) waiting.push(fragment.selectionSet);
      }
    }
  }
  return groups;
}
