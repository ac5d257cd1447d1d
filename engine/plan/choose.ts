/**
 * Third step: which of the known sources each slot takes. Forced slots first, then those an open view serves for nothing, then
 * the rest by added cost over what it covers; the search around it (branch and replay, within a budget) keeps the cheapest.
 */
import { isEngineError } from '../supergraph/engine-error.ts';
import { EngineError } from '../supergraph/engine-error.ts';
import { costOf } from './cost.ts';
import type { Cost } from './cost.ts';
import type { ClassNode, Derivation, Entry, Position, Rule, Slot, View } from './model.ts';
import { arrives } from './reach.ts';
import type { Run } from './run.ts';
import { createState, isBrought, openBrought, openView, pickForClient, sourceSlot } from './selection-state.ts';
import type { Paid, State } from './selection-state.ts';
import { spareRequests } from './prune.ts';
import { takeFromKeys } from './take-from-keys.ts';
import { askedTogether } from './together.ts';

export type Choice = { readonly state: State; readonly cost: Cost };

/** Above this many client slots only the first attempt is made. */
const SEARCH_SLOTS = 400;
const MAX_ATTEMPTS = 200;
const MAX_PRUNED = 60;

export function choose(run: Run, roots: readonly Position[]): Choice {
  const todo = collectTodo(run, roots);
  const cover = coverOf(run);
  let best = attempt(todo, createState(run, [], cover));
  if (todo.slots.length > SEARCH_SLOTS) return pruned(run, todo, cover, best);
  let choices = nextChoices(best.state);
  const perAttempt = Math.max(1, best.state.open.size);
  for (let attempts = 0; choices !== null && attempts < MAX_ATTEMPTS; attempts += 1) {
    if (run.budget.used('searchNodes') + 2 * perAttempt > run.budget.limits.searchNodes) break;
    const next = attempt(todo, createState(run, choices, cover));
    if (next.cost.total < best.cost.total) best = next;
    choices = nextChoices(next.state);
  }
  return pruned(run, todo, cover, best);
}

/** Tries to do without each request in turn, the last first, then without two at a time, as long as that makes the plan cheaper. */
function pruned(run: Run, todo: Todo, cover: Map<View, number>, choice: Choice): Choice {
  let best = choice;
  let left = MAX_PRUNED;
  for (let better = true; better && left > 0;) {
    better = false;
    const { requests, sets } = spareRequests(best.state);
    for (const avoided of sets) {
      if (left === 0 || run.budget.used('searchNodes') + 2 * best.state.open.size > run.budget.limits.searchNodes) return best;
      left -= 1;
      const next = without(run, todo, cover, { requests, levels: best.cost.levels, avoided });
      if (next === null || next.cost.total >= best.cost.total) continue;
      best = next;
      better = true;
      break;
    }
  }
  return best;
}

function without(run: Run, todo: Todo, cover: Map<View, number>, paid: Paid): Choice | null {
  try {
    return attempt(todo, createState(run, [], cover, paid));
  } catch (error) {
    // What is entered later than it could be may come to stand on itself.
    if (isUnreachable(error)) return null;
    throw error;
  }
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

function attempt(todo: Todo, state: State): Choice {
  for (const slots of inWaves(state.run, todo.slots)) {
    const forced = slots.filter((slot) => slot.sources.length === 1);
    for (const slot of forced.toSorted((a, b) => (a.sources[0]?.rank ?? 0) - (b.sources[0]?.rank ?? 0))) sourceSlot(state, slot);
    for (const slot of slots) if (!state.sources.has(slot)) sourceSlot(state, slot);
  }
  takeFromKeys(state);
  for (const position of todo.positions) if (!state.held.has(position)) holdPosition(state, position);
  for (const position of todo.positions) if (position.interfaceObjects.length > 0) settleType(state, position);
  settleEntries(state);
  return { state, cost: costOf(state) };
}

/** What the first payload shows is planned before, and as if without, what is deferred: that then takes what is open already. */
function inWaves(run: Run, slots: readonly Slot[]): readonly (readonly Slot[])[] {
  const { primary, usages } = run.deferral;
  if (usages.length === 0) return [slots];
  const isPrimary = ({ group }: Slot): boolean => group === primary;
  return [slots.filter(isPrimary), slots.filter((slot) => !isPrimary(slot))];
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
      for (const slot of cls.slots.values())
        if (slot.client && slot.child === null) for (const view of slot.sources) cover.set(view, (cover.get(view) ?? 0) + 1);
      for (const view of cls.views.values()) {
        for (const derivation of view.derivations) {
          if (derivation.kind === 'field') cover.set(derivation.parent, (cover.get(derivation.parent) ?? 0) + (cover.get(view) ?? 0));
        }
      }
    }
  }
  return cover;
}

/**
 * A position of which nothing but `__typename` is shown must still be asked for: of what brings its objects. A call that enters them would
 * show nothing; it may look cheap all the same, because others can join its request.
 */
function holdPosition(state: State, position: Position): void {
  const views = position.classes.flatMap((cls) => [...cls.views.values()].filter((view) => view.known && isBrought(view)));
  if (views.length === 0) return;
  const needsType = position.interfaceObjects.length > 0 && position.typeFact.sources.length > 0;
  if (needsType) openView(state, pickForClient(state, position.typeFact.sources));
  else openBrought(state, pickForClient(state, views));
}

/** Where an interface object may hold the position: is the runtime type needed? */
function settleType(state: State, position: Position): void {
  const classes = position.classes.filter((cls) => !cls.masked && arrives(cls));
  if (typeSource(state, position) === undefined && (position.asksType || !sameShape(state, classes))) openType(state, position);
}

function typeSource(state: State, position: Position): View | undefined {
  return position.typeFact.sources.find((view) => state.open.has(view));
}

function openType(state: State, position: Position): void {
  if (position.typeFact.sources.length === 0) {
    throw new EngineError(
      'PLAN_UNREACHABLE_FIELD',
      `No graph tells the runtime type of ${position.type.name} at this place of the operation.`,
    );
  }
  openView(state, pickForClient(state, position.typeFact.sources));
}

/** Views of one place and graph that are entered under the name of an interface. */
type Entered = { readonly position: Position; readonly views: View[] };

/**
 * Calls under the name of an interface take objects of any type. If only some of the classes are meant, either the type is read
 * before, or (where this very call is what tells the type) all classes are sent.
 */
function settleEntries(state: State): void {
  const groups = enteredAsInterface(state);
  for (const { position, views } of groups) {
    const [first] = views;
    if (first === undefined || otherTypeSource(state, position, first) !== undefined || !position.typeFact.sources.includes(first))
      continue;
    openTwins(state, position, first);
  }
  for (const { position, views } of enteredAsInterface(state)) {
    const [first] = views;
    const classes = position.classes.filter(arrives);
    if (first === undefined) continue;
    const whole = new Set(views.map(({ cls }) => cls)).size >= classes.length;
    if (whole && (sentAlike(state, views) || otherTypeSource(state, position, first) === undefined)) continue;
    if (otherTypeSource(state, position, first) === undefined) openType(state, position);
    const source = otherTypeSource(state, position, first);
    if (source === undefined) openTwins(state, position, first);
    else for (const view of views) state.open.get(view)?.types.set(position, source);
  }
  const blind = [...state.open.keys()].filter((view) => view.blind).map(({ cls }) => cls.position);
  for (const position of new Set([...blind, ...groups.map((group) => group.position)])) waitForType(state, position);
}

function enteredAsInterface(state: State): Entered[] {
  const groups = new Map<string, Entered>();
  for (const { derivation, view } of state.open.values()) {
    const { position } = view.cls;
    if (derivation.kind !== 'key' || derivation.rule.enterAs === null || position.classes.length < 2) continue;
    const key = `${position.id}:${view.graph}:${askedTogether(state, view)}`;
    const group = groups.get(key) ?? { position, views: [] };
    groups.set(key, group);
    group.views.push(view);
  }
  return [...groups.values()];
}

/** Are representations of all these classes read from the same graphs? */
function sentAlike(state: State, views: readonly View[]): boolean {
  const texts = views.map((view) =>
    [...(state.open.get(view)?.reads ?? [])].map(([slot, source]) => `${slot.key}@${source.graph}:${source.rank}`).join(),
  );
  return new Set(texts).size < 2;
}

/** An open view that tells the type and is not one of this call. */
function otherTypeSource(state: State, position: Position, own: View): View | undefined {
  const isOwn = (view: View): boolean => view.graph === own.graph && state.open.get(view)?.derivation.kind === 'key';
  return position.typeFact.sources.find((view) => state.open.has(view) && !isOwn(view));
}

/** By the same key and name, whatever else would lead there: it is the call that asks for their types. */
function openTwins(state: State, position: Position, own: View): void {
  const rule = ruleOf(state.open.get(own)?.derivation);
  for (const cls of position.classes) {
    const twin = cls.views.get(String(own.graph));
    if (twin?.known !== true) continue;
    const alike = twin.derivations.find((one) => isAlike(ruleOf(one), rule));
    if (alike !== undefined && !isAlike(ruleOf(state.open.get(twin)?.derivation), rule)) state.open.delete(twin);
    openView(state, twin, alike);
  }
}

function ruleOf(derivation: Derivation | undefined): Rule | null {
  return derivation?.kind === 'key' ? derivation.rule : null;
}

function isAlike(one: Rule | null, other: Rule | null): boolean {
  return one !== null && other !== null && one.key === other.key && one.enterAs === other.enterAs;
}

/** Where not the call that brought the objects tells their type, the way down waits for the one that does: what is entered below reads it. */
function waitForType(state: State, position: Position): void {
  const told = position.typeFact.sources.filter((view) => state.open.has(view));
  const held = position.classes.some((cls) => [...cls.views.values()].some((view) => view.blind && state.open.has(view)));
  const [source] = told.toSorted((a, b) => (state.open.get(a)?.level ?? 0) - (state.open.get(b)?.level ?? 0));
  if (source === undefined || (!held && told.some((view) => state.open.get(view)?.derivation.kind === 'field'))) return;
  for (const open of state.open.values()) {
    if (open.derivation.kind === 'key' && isBelow(open.view.cls.position, position)) open.types.set(position, source);
  }
}

function isBelow(inner: Position, outer: Position): boolean {
  for (let at = inner.slot?.owner.position; at !== undefined; at = at.slot?.owner.position) if (at === outer) return true;
  return false;
}

/** Do all classes show the same fields from the same graphs? Then an object can be shown without its type. */
function sameShape(state: State, classes: readonly ClassNode[]): boolean {
  return new Set(classes.map((cls) => cls.lanes.map((lane) => shapeOf(state, lane)).join('|'))).size < 2;
}

function shapeOf(state: State, lane: readonly Entry[]): string {
  return lane
    .map((entry) => {
      if (entry.kind !== 'field') return `${entry.responseKey}+${entry.group.id}`;
      const { slot, childLane } = entry;
      const below = slot.child?.classes.map((cls) => `${cls.types}{${shapeOf(state, cls.lanes[childLane] ?? [])}}`) ?? [];
      return `${entry.responseKey}+${entry.group.id}:${slot.key}@${state.sources.get(slot)?.graph ?? ''}${below.join('')}`;
    })
    .join();
}

export function isUnreachable(error: unknown): boolean {
  return isEngineError(error) && error.code === 'PLAN_UNREACHABLE_FIELD';
}
