/**
 * Forward half of saturation: the least fixed point of "which graph can show these objects, and after how many round trips".
 * One pass in the order of rank (Knuth's generalisation of Dijkstra to AND/OR graphs): a key waits for all its leaves, a field
 * takes any source. Afterwards every view and slot of the run carries what is known of it.
 */
import type { Derivation, Position, Rule, Slot, View } from './model.ts';
import { createQueue } from './queue.ts';
import type { Queue } from './queue.ts';
import { canStand, isInterfaceObject, isReadable, rightsBelow, rowIn } from './rows.ts';
import type { Run } from './run.ts';
import { viewOf } from './demand.ts';

/** More ways to one fact than this are never looked at again. */
const MAX_DERIVATIONS = 6;

type Proof = { readonly view: View; readonly derivation: Derivation; readonly estimate: number };

export function saturate(run: Run, roots: readonly Position[]): void {
  const queue = createQueue<Proof>();
  for (const position of roots) startAt(run, queue, position);
  for (let proof = queue.pop(); proof !== undefined; proof = queue.pop()) {
    const { view, derivation, estimate } = proof;
    run.budget.count('facts');
    if (view.known) {
      if (derivation.rank <= view.rank + 1 && view.derivations.length < MAX_DERIVATIONS) view.derivations.push(derivation);
      continue;
    }
    view.known = true;
    view.rank = derivation.rank;
    view.estimate = estimate;
    view.derivations.push(derivation);
    spread(run, queue, view);
  }
}

function startAt(run: Run, queue: Queue<Proof>, position: Position): void {
  for (const cls of position.classes) {
    for (const { id } of run.supergraph.graphs) {
      const only = position.root?.only ?? null;
      if (cls.type.in[id] === undefined || (only !== null && only !== id)) continue;
      queue.push({ view: viewOf(run, cls, id), derivation: { kind: 'root', rank: 1 }, estimate: 500 }, 1, 500);
    }
  }
}

/** Everything that follows from a view that has become known. */
function spread(run: Run, queue: Queue<Proof>, view: View): void {
  for (const slot of view.cls.slots.values()) {
    if (!isReadable(run.supergraph, view, slot, run.labels) || (view.blind && isDeniedOfSome(run, view, slot))) continue;
    learnSlot(queue, slot, view);
    if (slot.child !== null) enterChild(run, queue, view, slot, slot.child);
  }
  if (tellsType(run, view)) learnType(queue, view);
  if (view.cls.position.isQueryRoot) reenter(run, queue, view);
}

/** Asked of objects whose types nobody knows, it would be read of those too of which it may not be. */
function isDeniedOfSome(run: Run, view: View, slot: Slot): boolean {
  if (run.denied.size === 0) return false;
  return view.cls.position.classes.some((cls) => run.denied.has(cls.type.fields.get(slot.field.name)?.coordinate ?? ''));
}

function learnSlot(queue: Queue<Proof>, slot: Slot, view: View): void {
  slot.sources.push(view);
  if (slot.sources.length > 1) return;
  for (const rule of slot.waiting) learnBody(queue, rule, view);
}

function learnType(queue: Queue<Proof>, view: View): void {
  const fact = view.cls.position.typeFact;
  fact.sources.push(view);
  if (fact.sources.length > 1) return;
  for (const rule of fact.waiting) learnBody(queue, rule, view);
}

function learnBody(queue: Queue<Proof>, rule: Rule, view: View): void {
  rule.missing -= 1;
  rule.rank = Math.max(rule.rank, view.rank + 1);
  rule.estimate += view.estimate;
  if (rule.missing > 0) return;
  const estimate = rule.estimate + 500 + 10 * (rule.slots.length + rule.types.length);
  queue.push({ view: rule.head, derivation: { kind: 'key', rank: rule.rank, rule }, estimate }, rule.rank, estimate);
}

function enterChild(run: Run, queue: Queue<Proof>, parent: View, slot: Slot, child: Position): void {
  const row = rowIn(run.supergraph, slot.field, parent.graph);
  if (row === undefined) return;
  const rights = rightsBelow(run.supergraph, parent, slot);
  const blind = child.classes.length > 1 && isInterfaceObject(run.supergraph, row.type.name, parent.graph);
  for (const cls of child.classes) {
    if (!canStand(run.supergraph, cls, row.type.name, parent.graph)) continue;
    const derivation: Derivation = { kind: 'field', rank: parent.rank, parent, slot };
    queue.push(
      { view: viewOf(run, cls, parent.graph, rights, blind), derivation, estimate: parent.estimate + 1 },
      parent.rank,
      parent.estimate + 1,
    );
  }
}

/** An interface object never knows the type of its objects; a call that was sent the type tells nothing new. */
function tellsType(run: Run, view: View): boolean {
  const { slot } = view.cls.position;
  const first = view.derivations[0];
  if (first?.kind === 'key') {
    const { enterAs, types } = first.rule;
    if (types.includes(view.cls.position)) return false;
    return enterAs === null || !isInterfaceObject(run.supergraph, enterAs, view.graph);
  }
  const row = slot === null ? undefined : rowIn(run.supergraph, slot.field, view.graph);
  return row === undefined || !isInterfaceObject(run.supergraph, row.type.name, view.graph);
}

/** Every graph's query root can be reached from a query root that is there. */
function reenter(run: Run, queue: Queue<Proof>, from: View): void {
  if (from.cls.position.slot === null) return;
  for (const { id } of run.supergraph.graphs) {
    if (id === from.graph || from.cls.type.in[id] === undefined || from.derivations[0]?.kind === 'reentry') continue;
    const rank = from.rank + 1;
    queue.push(
      { view: viewOf(run, from.cls, id), derivation: { kind: 'reentry', rank, from }, estimate: from.estimate + 500 },
      rank,
      from.estimate + 500,
    );
  }
}
