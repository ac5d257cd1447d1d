/** How each graph sees a field of a class: its row, whether it can be resolved there and what a `provides` allows. */
import type { Bits } from '../supergraph/bits.ts';
import { isSubset } from '../supergraph/bits.ts';
import type { CompositeType, Field, FieldInGraph, FieldSet, FieldSetField, GraphId, Supergraph } from '../supergraph/types.ts';
import type { ClassNode, Slot, View } from './model.ts';

/** The row of a field in a graph; where the graph has it by an interface object, the row of the interface's field. */
export function rowIn(supergraph: Supergraph, field: Field, graph: GraphId): FieldInGraph | undefined {
  const own = field.in[graph];
  if (own !== undefined) return own;
  for (const entry of field.fromInterfaceObjects) {
    if (entry.graph !== graph) continue;
    const type = supergraph.types.get(entry.interface);
    const row = type?.kind === 'interface' ? type.fields.get(field.name)?.in[graph] : undefined;
    if (row !== undefined) return row;
  }
  return undefined;
}

/** Override labels during one planning: those that are active, and those that were looked at, on which the plan therefore depends. */
export type Labels = { readonly active: ReadonlySet<string>; readonly looked: Set<string> };

/** False for overridden fields and for the wrong side of a label. */
export function isOffered(row: FieldInGraph, labels: Labels): boolean {
  if (typeof row.usable === 'string') return row.usable === 'yes';
  labels.looked.add(row.usable.label);
  return labels.active.has(row.usable.label) === row.usable.active;
}

/** Nothing has to be sent for it: neither requirements nor contextual arguments, which only an entity call of its own can carry. */
export function isPlain(row: FieldInGraph): boolean {
  return row.requires === null && row.contextArguments.length === 0;
}

/** Can the slot be read in this view? */
export function isReadable(supergraph: Supergraph, view: View, slot: Slot, labels: Labels): boolean {
  if (slot.denied) return false;
  const row = rowIn(supergraph, slot.field, view.graph);
  if (row === undefined || !isOffered(row, labels)) return false;
  if (row.external) return provided(supergraph, view.cls.types, view.rights, slot).length > 0;
  if (view.blind && row.type.nonNull && !isAskedOfAll(supergraph, view, slot)) return false;
  return isPlain(row) || view.requiring === slot;
}

/**
 * An interface object may be asked a field for objects that turn out to be of another type, but only where a failure of the field
 * cannot take such an object with it: it may be null, everybody asks it, or it is part of a key.
 */
function isAskedOfAll(supergraph: Supergraph, view: View, slot: Slot): boolean {
  if (!slot.client) return true;
  if (view.cls.position.classes.every((cls) => cls.slots.get(slot.key)?.client === true)) return true;
  return view.cls.position.interfaceObjects.some((name) => {
    const type = supergraph.types.get(name);
    const keys = isComposite(type) ? (type.in[view.graph]?.keys ?? []) : [];
    return keys.some(({ fields }) => fields.some((node) => node.kind === 'field' && node.name === slot.field.name));
  });
}

/** The nodes of a provides that list this slot for objects of these types. */
function provided(supergraph: Supergraph, types: Bits, rights: FieldSet, slot: Slot): FieldSetField[] {
  return rights.flatMap((node): FieldSetField[] => {
    if (node.kind === 'field') return node.name === slot.field.name ? [node] : [];
    return applies(supergraph, types, node.on) ? provided(supergraph, types, node.selections, slot) : [];
  });
}

/** What the way through this slot allows below it: its own provides and the rest of those it lies under. */
export function rightsBelow(supergraph: Supergraph, view: View, slot: Slot): FieldSet {
  const own = rowIn(supergraph, slot.field, view.graph)?.provides ?? [];
  const inherited = provided(supergraph, view.cls.types, view.rights, slot).flatMap((node) => node.selections);
  return inherited.length === 0 ? own : [...own, ...inherited];
}

/** Do all these types satisfy a type condition? Classes are made so that it is all or none. */
export function applies(supergraph: Supergraph, types: Bits, condition: string): boolean {
  const type = supergraph.types.get(condition);
  return type !== undefined && isComposite(type) && isSubset(types, type.possible);
}

export function isComposite(type: { readonly kind: string } | undefined): type is CompositeType {
  return type !== undefined && (type.kind === 'object' || type.kind === 'interface' || type.kind === 'union');
}

/** Can objects of this class stand in a field whose type in the graph is so named? */
export function canStand(supergraph: Supergraph, cls: ClassNode, typeName: string, graph: GraphId): boolean {
  const type = supergraph.types.get(typeName);
  if (!isComposite(type) || type.in[graph] === undefined) return false;
  if (cls.types === 0n) return cls.type.name === typeName;
  return isSubset(cls.types, type.possibleIn[graph] ?? 0n);
}

export function isInterfaceObject(supergraph: Supergraph, typeName: string, graph: GraphId): boolean {
  const type = supergraph.types.get(typeName);
  return isComposite(type) && type.in[graph]?.interfaceObject === true;
}

export function fieldSetText(set: FieldSet): string {
  return set
    .map((node) => {
      const below = node.selections.length === 0 ? '' : `{${fieldSetText(node.selections)}}`;
      return node.kind === 'field' ? node.name + node.argsText + below : `...${node.on}${below}`;
    })
    .join(' ');
}
