/**
 * Fields as a client asks them, in the order of CollectFields: fragments, `@skip`, `@include` and `@defer` are looked at here and are gone
 * afterwards. Exports `collect`.
 */
import { Kind } from 'graphql';
import type { FieldNode, SelectionSetNode } from 'graphql';
import type { Bits } from '../supergraph/bits.ts';
import type { CompositeType } from '../supergraph/types.ts';
import { isIncluded, readDefer } from './conditions.ts';
import type { Usage } from './defer.ts';
import { isComposite } from './rows.ts';
import type { Run } from './run.ts';

/** A response key's selection sets: one view that the client has of a position. */
export type Lane = readonly LaneSet[];

/** `usage`: the deferred fragment in which the field stands whose selection set it is. */
type LaneSet = { readonly set: SelectionSetNode; readonly usage: Usage | null };

export type Occurrence = {
  readonly node: FieldNode;
  readonly types: Bits;
  readonly index: number;
  readonly denied: boolean;
  readonly usage: Usage | null;
};

/** What a lane asks: its fields, and the deferred fragments that begin here with the types they are for. */
export type Collected = {
  readonly fields: readonly Occurrence[];
  readonly opens: readonly { readonly usage: Usage; readonly types: Bits }[];
};

/** Field nodes in the order of CollectFields, each with the runtime types it is asked of and the deferred fragment it stands in. */
export function collect(run: Run, type: CompositeType, lane: Lane): Collected {
  const fields: Occurrence[] = [];
  const opens: { usage: Usage; types: Bits }[] = [];
  const visited = new Map<string, Bits>();
  const anonymous = type.possible === 0n;
  const walk = (set: SelectionSetNode, types: Bits, { parent, outer }: { parent: string; outer: Usage | null }): void => {
    for (const node of set.selections) {
      run.budget.count('occurrences');
      if (!isIncluded(node, run.conditions)) continue;
      if (node.kind === Kind.FIELD) {
        fields.push({ node, types, index: fields.length, denied: run.denied.has(`${parent}.${node.name.value}`), usage: outer });
        continue;
      }
      const fragment = node.kind === Kind.FRAGMENT_SPREAD ? run.fragments.get(node.name.value) : node;
      if (fragment === undefined) continue;
      let inner = narrow(run, types, fragment.typeCondition?.name.value);
      const label = run.deferral.enabled ? readDefer(node, run.conditions) : undefined;
      if (node.kind === Kind.FRAGMENT_SPREAD && label === undefined) {
        // A spread seen before adds nothing for the types it was walked with: this keeps fragment bombs linear.
        const name = outer === null ? node.name.value : `${node.name.value}:${outer.id}`;
        const before = visited.get(name);
        if (before !== undefined) inner &= ~before;
        if (before !== undefined && (inner === 0n || anonymous)) continue;
        visited.set(name, (before ?? 0n) | inner);
      }
      const condition = fragment.typeCondition?.name.value;
      if (inner === 0n && !(anonymous && (condition === undefined || condition === type.name))) continue;
      let usage = outer;
      if (label !== undefined) opens.push({ usage: (usage = run.deferral.addUsage(label, outer)), types: inner });
      walk(fragment.selectionSet, inner, { parent: condition ?? parent, outer: usage });
    }
  };
  for (const { set, usage } of lane) walk(set, type.possible, { parent: type.name, outer: usage });
  return { fields, opens };
}

function narrow(run: Run, types: Bits, condition: string | undefined): Bits {
  if (condition === undefined) return types;
  const type = run.supergraph.types.get(condition);
  return isComposite(type) ? types & type.possible : 0n;
}
