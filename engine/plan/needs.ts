/** What keys, requirements and contexts want of an object: field sets as slots of its class, made when nobody has them yet. */
import { Kind } from 'graphql';
import type { FieldSet } from '../supergraph/types.ts';
import type { ClassNode, Need, Position, Slot } from './model.ts';
import { childOf, slotOf } from './normalise.ts';
import { applies, canStand, rowIn } from './rows.ts';
import type { Run } from './run.ts';

/** Null when the needs are nested deeper than allowed. */
export function needsOf(run: Run, cls: ClassNode, set: FieldSet, forKey: boolean): Need[] | null {
  const needs: Need[] = [];
  for (const node of set) {
    if (node.kind === 'fragment') {
      if (cls.types !== 0n && !applies(run.supergraph, cls.types, node.on)) continue;
      const inner = needsOf(run, cls, node.selections, forKey);
      if (inner === null) return null;
      needs.push(...inner);
      continue;
    }
    if (node.name === '__typename') continue;
    // A field of an interface that this class lacks cannot be asked of it.
    if (!cls.type.fields.has(node.name)) continue;
    const args = node.args.map((arg) => ({
      kind: Kind.ARGUMENT as const,
      name: { kind: Kind.NAME as const, value: arg.name },
      value: arg.value,
    }));
    const slot = slotOf(run, cls, { name: node.name, args });
    if (node.selections.length === 0) {
      needs.push({ slot, children: [] });
      continue;
    }
    const child = childOf(run, slot, forKey);
    if (child === null) return null;
    const children: { cls: ClassNode; needs: readonly Need[] }[] = [];
    for (const inner of child.classes) {
      if (!mayArrive(run, inner, slot)) continue;
      const innerNeeds = needsOf(run, inner, node.selections, forKey);
      if (innerNeeds === null) return null;
      children.push({ cls: inner, needs: innerNeeds });
    }
    needs.push({ slot, children });
  }
  return needs;
}

/** Does any graph that has the field let it return such objects? */
function mayArrive(run: Run, cls: ClassNode, slot: Slot): boolean {
  return run.supergraph.graphs.some(({ id }) => {
    const row = rowIn(run.supergraph, slot.field, id);
    return row !== undefined && canStand(run.supergraph, cls, row.type.name, id);
  });
}

/** All slots and types that must be known for them. */
export function flatten(needs: readonly Need[], slots: Set<Slot>, types: Set<Position>): void {
  for (const need of needs) {
    if (need.children.length === 0) {
      slots.add(need.slot);
      continue;
    }
    const { child } = need.slot;
    const plain = child !== null && child.classes.length === 1 && need.children.every((inner) => inner.needs.length > 0);
    if (child !== null && !plain) types.add(child);
    for (const inner of need.children) flatten(inner.needs, slots, types);
    // The composite itself must be read somewhere, whichever view serves what lies below.
    slots.add(need.slot);
  }
}
