/**
 * Third step: which of the known sources each slot takes. Forced slots first, then those an open view serves for nothing, then
 * the rest by added cost over what it covers; the search around it (branch and replay, within a budget) keeps the cheapest.
 */
import { isEngineError } from '../supergraph/engine-error.ts';
import { EngineError } from '../supergraph/engine-error.ts';
import { costOf } from './cost.ts';
import type { Cost } from './cost.ts';
import type { ClassNode, Position, Slot, View } from './model.ts';
import { arrives } from './reach.ts';
import type { Run } from './run.ts';
import { addType, createState, openView, pickForClient, sourceSlot } from './selection-state.ts';
import type { State } from './selection-state.ts';

export type Choice = { readonly state: State; readonly cost: Cost };

/** Above this many client slots only the first attempt is made. */
const SEARCH_SLOTS = 400;
const MAX_ATTEMPTS = 200;

export function choose(run: Run, roots: readonly Position[]): Choice {
  const todo = collectTodo(run, roots);
  const cover = coverOf(run);
  let best = attempt(run, todo, cover, []);
  if (todo.slots.length > SEARCH_SLOTS) return best;
  let choices = nextChoices(best.state);
  const perAttempt = Math.max(1, best.state.open.size);
  for (let attempts = 0; choices !== null && attempts < MAX_ATTEMPTS; attempts += 1) {
    if (run.budget.used('searchNodes') + 2 * perAttempt > run.budget.limits.searchNodes) break;
    const next = attempt(run, todo, cover, choices);
    if (next.cost.total < best.cost.total) best = next;
    choices = nextChoices(next.state);
  }
  return best;
}

/** The next path through the tree of choices, depth first; null when all have been tried. */
function nextChoices(state: State): number[] | null {
  const taken = state.alternatives.map((_, index) => state.choices[index] ?? 0);
  for (let at = taken.length - 1; at >= 0; at -= 1) {
    const index = taken[at] ?? 0;
    if (index + 1 < (state.alternatives[at] ?? 0)) return [...taken.slice(0, at), index + 1];
  }
  return null;
}

type Todo = { readonly slots: readonly Slot[]; readonly positions: readonly Position[] };

function attempt(run: Run, todo: Todo, cover: Map<View, number>, choices: readonly number[]): Choice {
  const state = createState(run, choices, cover);
  const forced = todo.slots.filter((slot) => slot.sources.length === 1);
  for (const slot of forced.toSorted((a, b) => (a.sources[0]?.rank ?? 0) - (b.sources[0]?.rank ?? 0))) sourceSlot(state, slot);
  for (const slot of todo.slots) if (!state.sources.has(slot)) sourceSlot(state, slot);
  for (const position of todo.positions) if (!state.held.has(position)) holdPosition(state, position);
  for (const position of todo.positions) if (position.interfaceObjects.length > 0) settleType(state, position);
  return { state, cost: costOf(state) };
}

/** Leaf slots and positions that the client sees, in the order of the operation. */
function collectTodo(run: Run, roots: readonly Position[]): Todo {
  const slots: Slot[] = [];
  const positions: Position[] = [];
  const visit = (position: Position): void => {
    positions.push(position);
    for (const cls of position.classes) {
      if (cls.masked || !arrives(cls)) continue;
      for (const slot of cls.slots.values()) {
        if (!slot.client || slot.denied) continue;
        if (slot.child === null) slots.push(slot);
        else visit(slot.child);
      }
    }
  };
  for (const root of roots) visit(root);
  run.budget.count('facts', slots.length);
  return { slots, positions: positions.filter((position) => position.slot !== null) };
}

/** How many client leaves each view can read, itself and by fields below it. */
function coverOf(run: Run): Map<View, number> {
  const cover = new Map<View, number>();
  // Children come after their parents: going backwards, each is complete before it is added to its parent.
  for (const position of run.positions.toReversed()) {
    for (const cls of position.classes) {
      for (const slot of cls.slots.values()) if (slot.client && slot.child === null) for (const view of slot.sources) cover.set(view, (cover.get(view) ?? 0) + 1);
      for (const view of cls.views.values()) {
        for (const derivation of view.derivations) {
          if (derivation.kind === 'field') cover.set(derivation.parent, (cover.get(derivation.parent) ?? 0) + (cover.get(view) ?? 0));
        }
      }
    }
  }
  return cover;
}

/** A position of which nothing but `__typename` is shown must still be asked for. */
function holdPosition(state: State, position: Position): void {
  const views = position.classes.flatMap((cls) => [...cls.views.values()].filter((view) => view.known));
  if (views.length === 0) return;
  const needsType = position.interfaceObjects.length > 0 && position.typeFact.sources.length > 0;
  const source = pickForClient(state, needsType ? position.typeFact.sources : views);
  openView(state, source);
}

/** Where an interface object may hold the position: is the runtime type needed, and by whom? */
function settleType(state: State, position: Position): void {
  const classes = position.classes.filter((cls) => !cls.masked && arrives(cls));
  const partial = classes.length > 1 ? partialEntries(state, classes) : [];
  const knows = (): View | undefined => position.typeFact.sources.find((view) => state.open.has(view));
  if (knows() === undefined && (position.asksType || partial.length > 0 || !sameShape(state, classes))) openType(state, position);
  const source = knows();
  if (source !== undefined && state.open.get(source)?.derivation.kind === 'key') waitForType(state, position, source);
  for (const view of partial) {
    const open = state.open.get(view);
    if (open !== undefined && !open.types.has(position)) open.level = Math.max(open.level, 1 + addType(state, open, position, open.view.rank));
  }
}

/** The way down from here depends on the type: whatever is entered below must wait for it. */
function waitForType(state: State, position: Position, source: View): void {
  for (const open of state.open.values()) {
    if (open.derivation.kind === 'key' && isBelow(open.view.cls.position, position)) open.types.set(position, source);
  }
}

function isBelow(inner: Position, outer: Position): boolean {
  for (let at = inner.slot?.owner.position; at !== undefined; at = at.slot?.owner.position) if (at === outer) return true;
  return false;
}

function openType(state: State, position: Position): void {
  if (position.typeFact.sources.length === 0) {
    throw new EngineError('PLAN_UNREACHABLE_FIELD', `No graph tells the runtime type of ${position.type.name} at this place of the operation.`);
  }
  const source = pickForClient(state, position.typeFact.sources);
  const { derivation } = openView(state, source);
  if (derivation.kind !== 'key' || derivation.rule.enterAs === null) return;
  // Looked up by the interface: objects of every class are sent, for none is known yet.
  for (const cls of position.classes) {
    const twin = cls.views.get(String(source.graph));
    if (twin?.known === true) openView(state, twin);
  }
}

/** Views entered as an interface object by some of the classes only: the others must not be sent there. */
function partialEntries(state: State, classes: readonly ClassNode[]): View[] {
  const byGraph = new Map<number, View[]>();
  for (const cls of classes) {
    for (const view of cls.views.values()) {
      const derivation = state.open.get(view)?.derivation;
      if (derivation?.kind !== 'key' || derivation.rule.enterAs === null || cls.position.typeFact.sources.includes(view)) continue;
      byGraph.set(view.graph, [...(byGraph.get(view.graph) ?? []), view]);
    }
  }
  return [...byGraph.values()].filter((views) => new Set(views.map((view) => view.cls)).size < classes.length).flat();
}

/** Do all classes show the same fields from the same graphs? Then an object can be shown without its type. */
function sameShape(state: State, classes: readonly ClassNode[]): boolean {
  const shape = (cls: ClassNode): string =>
    cls.lanes
      .map((lane) =>
        lane.map((entry) => (entry.kind === 'field' ? `${entry.responseKey}:${entry.slot.key}@${state.sources.get(entry.slot)?.graph ?? ''}` : entry.responseKey)).join(),
      )
      .join('|');
  return new Set(classes.map(shape)).size < 2;
}

export function isUnreachable(error: unknown): boolean {
  return isEngineError(error) && error.code === 'PLAN_UNREACHABLE_FIELD';
}
