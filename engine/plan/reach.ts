/** After saturation: is every field that the client asks for known? Refuses the operation otherwise; never answers null silently. */
import { isSubset } from '../supergraph/bits.ts';
import { EngineError } from '../supergraph/engine-error.ts';
import type { ClassNode, Position, Slot } from './model.ts';
import { findSplitEntry } from './one-entry.ts';
import { isComposite, rowIn } from './rows.ts';
import type { Run } from './run.ts';

/** Some object of this class may come from a graph. */
export function arrives(cls: ClassNode): boolean {
  for (const view of cls.views.values()) if (view.known) return true;
  return false;
}

export type Unreachable = { readonly root: Position; readonly coordinate: string };

/** Client slots that nothing gives, at most one per root. Marks the classes that the union rule leaves out. */
export function findUnreachable(run: Run): Unreachable[] {
  const found = new Map<Position, string>();
  for (const { root, slot } of lostSlots(run)) if (!found.has(root)) found.set(root, slot.field.coordinate);
  return [...found].map(([root, coordinate]) => ({ root, coordinate }));
}

/**
 * For a principal that may not read everything: what nothing it may read leads to is denied as well. Each round makes fewer places
 * alive, so this ends.
 */
export function denyUnreachable(run: Run): void {
  for (let lost = lostSlots(run); lost.length > 0; lost = lostSlots(run)) for (const { slot } of lost) slot.denied = true;
  for (const position of run.positions) {
    if (position.laneCount > 0 && isAlive(position) && lacksType(position) && position.slot !== null) position.slot.denied = true;
  }
}

/** Objects that an interface object returns, and nobody tells their types. */
function lacksType(position: Position): boolean {
  const arriving = position.classes.filter((cls) => !cls.masked && arrives(cls));
  return position.interfaceObjects.length > 0 && position.typeFact.sources.length === 0 && (position.asksType || arriving.length > 1);
}

function lostSlots(run: Run): { readonly root: Position; readonly slot: Slot }[] {
  const found: { root: Position; slot: Slot }[] = [];
  for (const position of run.positions) {
    if (position.laneCount === 0 || !isAlive(position)) continue;
    narrowUnion(run, position);
    for (const cls of position.classes) {
      if (cls.masked || !(arrives(cls) || position.slot === null)) continue;
      for (const slot of cls.slots.values()) if (isLost(slot)) found.push({ root: rootOf(position), slot });
    }
    const split = findSplitEntry(run, position);
    for (const slot of split) found.push({ root: rootOf(position), slot });
  }
  return found;
}

function rootOf(position: Position): Position {
  return position.slot === null ? position : rootOf(position.slot.owner.position);
}

export function refuseUnreachable(coordinate: string): never {
  throw new EngineError('PLAN_UNREACHABLE_FIELD', `No way through the graphs leads to ${coordinate} at this place of the operation.`);
}

/** A slot that may be answered by nobody: the fault of the supergraph, or of an interface that nobody can enter. */
function isLost(slot: Slot): boolean {
  if (!slot.client || slot.denied) return false;
  return slot.sources.length === 0;
}

/** Positions under classes that cannot arrive, are masked or under denied slots are never shown. */
function isAlive(position: Position): boolean {
  const { slot } = position;
  if (slot === null) return true;
  return !slot.denied && !slot.owner.masked && slot.sources.length > 0 && arrives(slot.owner) && isAlive(slot.owner.position);
}

/**
 * A union field that several graphs could resolve here: only members that all of them know are planned, so that the answer does
 * not depend on the graph chosen. Others may still come; their fields are null.
 */
function narrowUnion(run: Run, position: Position): void {
  const { slot, type } = position;
  if (slot === null || type.kind !== 'union') return;
  for (const view of slot.sources) {
    const row = rowIn(run.supergraph, slot.field, view.graph);
    const typeThere = row === undefined ? undefined : run.supergraph.types.get(row.type.name);
    if (!isComposite(typeThere)) continue;
    for (const cls of position.classes) if (!isSubset(cls.types, typeThere.possibleIn[view.graph] ?? 0n)) cls.masked = true;
  }
}
