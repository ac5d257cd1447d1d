/**
 * Backward half of saturation: from what the client asks to every view, key and requirement that might give it. Creates the
 * views and rules that saturate.ts then proves from the roots on; nothing here says that anything can be reached.
 */
import { isSubset } from '../supergraph/bits.ts';
import type { FieldInGraph, FieldSet, GraphId, Key } from '../supergraph/types.ts';
import { contextNeedsOf, valuesOf } from './contexts.ts';
import type { ClassNode, ContextNeed, Position, Rule, Slot, View } from './model.ts';
import { flatten, needsOf } from './needs.ts';
import { canStand, fieldSetText, isComposite, isOffered, isPlain, rowIn } from './rows.ts';
import type { Run } from './run.ts';

export function demandAll(run: Run): void {
  // Needs append positions while this runs: those are demanded by their rules.
  const clients = run.positions.filter((position) => position.laneCount > 0);
  for (const position of clients) demandPosition(run, position);
}

function demandPosition(run: Run, position: Position): void {
  for (const cls of position.classes) for (const slot of clientSlots(cls)) wantSlot(run, slot);
  wantExistence(run, position);
}

/** A list of their own: needs add slots to the class meanwhile. */
function clientSlots(cls: ClassNode): Slot[] {
  return [...cls.slots.values()].filter((slot) => slot.client);
}

/** Any graph that resolves the field tells whether the object is there, and of what type. */
function wantExistence(run: Run, position: Position): void {
  const { slot } = position;
  if (slot === null) return;
  for (const { id } of run.supergraph.graphs) {
    const row = rowIn(run.supergraph, slot.field, id);
    if (row === undefined) continue;
    for (const cls of position.classes) if (canStand(run.supergraph, cls, row.type.name, id)) viewOf(run, cls, id);
  }
  if (position.interfaceObjects.length > 0) {
    for (const cls of position.classes)
      for (const { id } of run.supergraph.graphs) if (realInterfaces(run, cls, id).length > 0) wantView(run, cls, id);
  }
}

function wantSlot(run: Run, slot: Slot): void {
  if (slot.wanted || slot.denied) return;
  slot.wanted = true;
  for (const { id } of run.supergraph.graphs) {
    const row = rowIn(run.supergraph, slot.field, id);
    if (row === undefined || !isOffered(row, run.labels)) continue;
    if (isPlain(row)) wantView(run, slot.owner, id);
    else wantRequiring(run, slot, id, row);
  }
  if (slot.child !== null && slot.child.laneCount === 0) wantExistence(run, slot.child);
}

/** The plain view of a class in a graph, with every way to get it. */
function wantView(run: Run, cls: ClassNode, graph: GraphId): void {
  const view = viewOf(run, cls, graph);
  if (view.wanted) return;
  view.wanted = true;
  const { position } = cls;
  const { slot } = position;
  if (slot !== null) {
    const row = rowIn(run.supergraph, slot.field, graph);
    if (row !== undefined && isOffered(row, run.labels)) {
      if (isPlain(row)) wantView(run, slot.owner, graph);
      else wantRequiring(run, slot, graph, row);
    }
  }
  if (position.keyDepth <= run.stage) addRules(run, view, { requires: null, contexts: [] });
}

function wantRequiring(run: Run, slot: Slot, graph: GraphId, row: FieldInGraph): void {
  const name = `${graph}|r:${slot.key}`;
  if (slot.owner.views.has(name)) return;
  const view = createView(run, { cls: slot.owner, graph, name, rights: [], requiring: slot, blind: false });
  const contexts = contextNeedsOf(run, slot.owner, row.contextArguments);
  if (contexts !== null) addRules(run, view, { requires: row.requires, contexts });
}

export function viewOf(run: Run, cls: ClassNode, graph: GraphId, rights: FieldSet = [], blind = false): View {
  const name = `${graph}${rights.length === 0 ? '' : `|p:${fieldSetText(rights)}`}${blind ? '|blind' : ''}`;
  return cls.views.get(name) ?? createView(run, { cls, graph, name, rights, requiring: null, blind });
}

type ViewOptions = { cls: ClassNode; graph: GraphId; name: string; rights: FieldSet; requiring: Slot | null; blind: boolean };

function createView(run: Run, { cls, graph, name, rights, requiring, blind }: ViewOptions): View {
  run.budget.count('facts');
  const view: View = {
    id: run.views.length,
    cls,
    graph,
    rights,
    requiring,
    blind,
    rank: 0,
    estimate: 0,
    derivations: [],
    known: false,
    wanted: false,
  };
  run.views.push(view);
  cls.views.set(name, view);
  return view;
}

type Entrance = { readonly key: Key; readonly enterAs: string | null; readonly needsType: boolean };

type Carried = { readonly requires: FieldSet | null; readonly contexts: readonly ContextNeed[] };

function addRules(run: Run, head: View, { requires, contexts }: Carried): void {
  for (const { key, enterAs, needsType } of entrances(run, head.cls, head.graph, head.requiring !== null)) {
    const keyNeeds = needsOf(run, head.cls, key.fields, true);
    const requireNeeds = requires === null ? [] : needsOf(run, head.cls, requires, false);
    if (keyNeeds === null || requireNeeds === null) continue;
    const slots = new Set<Slot>();
    const types = new Set<Position>();
    flatten([...keyNeeds, ...requireNeeds, ...valuesOf(contexts)], slots, types);
    for (const { cls, value } of contexts) if (value === 'typename' && !cls.exact) types.add(cls.position);
    if (needsType || slots.size === 0) types.add(head.cls.position);
    const rule: Rule = {
      head,
      key,
      enterAs,
      keyNeeds,
      requireNeeds,
      contextNeeds: contexts,
      slots: [...slots],
      types: [...types],
      missing: slots.size + types.size,
      rank: 0,
      estimate: 0,
    };
    run.budget.count('facts', 1 + rule.missing);
    for (const slot of slots) slot.waiting.push(rule);
    for (const position of types) position.typeFact.waiting.push(rule);
    for (const slot of slots) wantSlot(run, slot);
  }
}

/** The keys by which a graph can be entered with objects of this class. Requirements are declared by types, not looked up by interfaces. */
function entrances(run: Run, cls: ClassNode, graph: GraphId, requiring: boolean): Entrance[] {
  const found: Entrance[] = [];
  const many = cls.position.classes.length > 1 || !cls.exact;
  const add = (name: string, enterAs: string | null, needsType: boolean): void => {
    const type = run.supergraph.types.get(name);
    const keys = isComposite(type) ? (type.in[graph]?.keys ?? []) : [];
    for (const key of keys) if (key.resolvable) found.push({ key, enterAs, needsType });
  };
  if (cls.type.kind === 'object') {
    if (cls.type.in[graph] !== undefined) add(cls.type.name, null, many);
    for (const entry of cls.type.interfaceObjects) if (entry.graph === graph) add(entry.interface, entry.interface, false);
  } else if (cls.type.in[graph] !== undefined) add(cls.type.name, cls.type.name, false);
  if (!requiring) for (const name of realInterfaces(run, cls, graph)) add(name, name, false);
  return found;
}

/** Interfaces by which an object whose type an interface object hides may be looked up in a graph that knows its type. */
function realInterfaces(run: Run, cls: ClassNode, graph: GraphId): string[] {
  return cls.position.interfaceObjects.filter((name) => {
    const type = run.supergraph.types.get(name);
    if (!isComposite(type) || cls.types === 0n) return false;
    const row = type.in[graph];
    return row !== undefined && !row.interfaceObject && isSubset(cls.types, type.possibleIn[graph] ?? 0n);
  });
}
