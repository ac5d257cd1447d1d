/** The selections that the chosen views amount to: one node per position and fetch, with the slots read in it. */
import type { GraphId } from '../supergraph/types.ts';
import { levelsOf } from './cost.ts';
import type { Group } from './defer.ts';
import { groupViews } from './group-views.ts';
import type { Grouping } from './group-views.ts';
import type { ClassNode, ContextNeed, Derivation, Need, Position, Rule, Slot, View } from './model.ts';
import { isComposite, isInterfaceObject, rowIn } from './rows.ts';
import type { Run } from './run.ts';
import { sinkLevels } from './sink.ts';
import { readTypeWhereSentApart } from './sent-apart.ts';
import { askedTogether } from './together.ts';
import { waitLevels } from './way-levels.ts';
import type { Open, State } from './selection-state.ts';
import { addTo } from './group.ts';

export type Node = {
  id: number;
  readonly position: Position;
  readonly graph: GraphId;
  readonly level: number;
  readonly part: number;
  /** What waits for its fetch. */
  readonly group: Group;
  readonly origin:
    | { readonly kind: 'root' }
    | { readonly kind: 'reentry' }
    | { readonly kind: 'entity' }
    | { readonly kind: 'field'; readonly parent: Node; readonly slot: Slot };
  /** Declared type in the graph; null for entity calls, which always print type conditions. */
  readonly declared: string | null;
  readonly fields: Map<Slot, NodeField>;
  /** Classes that the node serves, also those of which it reads nothing. */
  readonly classes: Set<ClassNode>;
  /** Entity calls: how each class is entered. */
  readonly rules: Map<ClassNode, { readonly rule: Rule; readonly view: View }[]>;
  readsType: boolean;
  fetch: number;
  /** Nodes it reads from before it can be sent. */
  readonly reads: Set<Node>;
  /** Arguments that an ancestor fills, by slot and name of the argument. */
  readonly contexts: Map<Slot, ReadonlyMap<string, ContextVariable>>;
  /** Each of them once, in the order of first use. */
  readonly variables: Map<string, ContextVariable>;
};

/** A variable of the call: equal sources and types share one. */
export type ContextVariable = { name: string; readonly type: string; readonly need: ContextNeed };

/** `twins`: names of the slot's twins, in their order. */
export type NodeField = { name: string; child: Node | null; twins: readonly string[] };

export type Part = {
  readonly state: State;
  readonly root: Position;
  readonly groups: Grouping;
  readonly nodes: readonly Node[];
  readonly nodeOf: (view: View) => Node;
};

export function collectNodes(run: Run, state: State, root: Position, part: number): Part {
  const groups = groupViews(run, state);
  const level = waitLevels(state, run.merge === 'level' ? sinkLevels(state, levelsOf(state), groups.of) : levelsOf(state), groups);
  const collector: Collector = { run, state, part, level, groups, nodes: [], entrances: new Map(), known: new Map() };
  const get = (view: View): Node => nodeOf(collector, view);
  for (const view of state.open.keys()) get(view);
  for (const [slot, view] of state.sources) fieldOf(get(view), slot);
  for (const open of state.open.values()) linkReads(get, open);
  for (const node of collector.nodes) readTypeWhereSentApart(state, node, get);
  for (const node of collector.nodes) markTypes(run, node);
  for (const view of state.open.keys()) {
    const { position } = view.cls;
    if (position.interfaceObjects.length > 0 && isSeveral(position) && position.typeFact.sources.includes(view)) get(view).readsType = true;
  }
  return { state, root, groups, nodes: collector.nodes, nodeOf: get };
}

type Collector = {
  readonly run: Run;
  readonly state: State;
  readonly part: number;
  readonly level: (view: View) => number;
  readonly groups: Grouping;
  readonly nodes: Node[];
  /** Root nodes and entity calls, by what makes them one. */
  readonly entrances: Map<string, Node>;
  readonly known: Map<View, Node>;
};

function nodeOf(collector: Collector, view: View): Node {
  const found = collector.known.get(view);
  if (found !== undefined) return found;
  const derivation = collector.state.open.get(view)?.derivation ?? { kind: 'root' as const, rank: 1 };
  const node = derivation.kind === 'field' ? belowField(collector, view, derivation) : entranceOf(collector, view, derivation);
  node.classes.add(view.cls);
  collector.known.set(view, node);
  return node;
}

function belowField(collector: Collector, view: View, derivation: Extract<Derivation, { kind: 'field' }>): Node {
  const parent = nodeOf(collector, derivation.parent);
  const field = fieldOf(parent, derivation.slot);
  const row = rowIn(collector.run.supergraph, derivation.slot.field, view.graph);
  return (field.child ??= createNode(collector, view, { kind: 'field', parent, slot: derivation.slot }, row?.type.name ?? null));
}

function entranceOf(collector: Collector, view: View, derivation: Exclude<Derivation, { kind: 'field' }>): Node {
  const { entrances, state, level, groups } = collector;
  const place = `${view.cls.position.id}:${view.graph}:${groups.of(view).id}`;
  if (derivation.kind !== 'key') {
    const key = `${derivation.kind}:${place}`;
    const node = entrances.get(key) ?? createNode(collector, view, { kind: derivation.kind }, view.cls.type.name);
    entrances.set(key, node);
    return node;
  }
  const contexts = derivation.rule.contextNeeds.map(contextKey).toSorted().join();
  const key = groupOf(entrances, `${place}:${level(view)}:${askedTogether(state, view)}:${contexts}`, view.cls, derivation.rule);
  const node = entrances.get(key) ?? createNode(collector, view, { kind: 'entity' }, null);
  entrances.set(key, node);
  addTo(node.rules, view.cls, { rule: derivation.rule, view });
  if (view.requiring !== null) fillContexts(node, view.requiring, derivation.rule.contextNeeds);
  return node;
}

/** Calls take their variables as a whole: only fields that want the same values of the same ancestors share one. */
function contextKey({ cls, value, argument }: ContextNeed): string {
  return `${cls.id}/${typeof value === 'object' && value !== null ? needKey(value) : value}:${argument.type.text}`;
}

function needKey({ slot, children }: Need): string {
  return `${slot.id}${children.map(({ cls, needs }) => `|${cls.id}/${needs.map(needKey).join()}`).join('')}`;
}

function fillContexts(node: Node, slot: Slot, needs: readonly ContextNeed[]): void {
  if (needs.length === 0) return;
  const filled = new Map<string, ContextVariable>();
  for (const need of needs) {
    const key = contextKey(need);
    const variable = node.variables.get(key) ?? { name: '', type: need.argument.type.text, need };
    node.variables.set(key, variable);
    filled.set(need.argument.name, variable);
  }
  node.contexts.set(slot, filled);
}

function createNode(collector: Collector, view: View, origin: Node['origin'], declared: string | null): Node {
  const node: Node = {
    id: -1,
    position: view.cls.position,
    graph: view.graph,
    level: collector.level(view),
    part: collector.part,
    group: origin.kind === 'field' ? origin.parent.group : collector.groups.of(view),
    origin,
    declared,
    fields: new Map(),
    classes: new Set(),
    rules: new Map(),
    readsType: false,
    fetch: -1,
    reads: new Set(),
    contexts: new Map(),
    variables: new Map(),
  };
  collector.nodes.push(node);
  return node;
}

function linkReads(get: (view: View) => Node, open: Open): void {
  const node = get(open.view);
  for (const [slot, view] of open.reads) {
    fieldOf(get(view), slot);
    node.reads.add(get(view));
  }
  for (const view of open.types.values()) {
    node.reads.add(get(view));
    get(view).readsType = true;
  }
  if (open.derivation.kind === 'reentry') node.reads.add(get(open.derivation.from));
}

export function fieldOf(node: Node, slot: Slot): NodeField {
  let field = node.fields.get(slot);
  if (field === undefined) node.fields.set(slot, (field = { name: '', child: null, twins: [] }));
  return field;
}

/** More than one runtime type may stand here. */
export function isSeveral(position: Position): boolean {
  return position.classes.length > 1 || position.classes.some((cls) => !cls.exact && cls.types !== 0n);
}

/** Every abstract place tells its type, and no selection is empty. */
function markTypes(run: Run, node: Node): void {
  const named = node.declared !== null && !isInterfaceObject(run.supergraph, node.declared, node.graph);
  if (isSeveral(node.position) && named && isComposite(run.supergraph.types.get(node.declared ?? ''))) node.readsType = true;
}

/** The first group of entity calls at this place whose representations do not contradict the rule's. */
function groupOf(groups: ReadonlyMap<string, Node>, base: string, cls: ClassNode, rule: Rule): string {
  const mine = pathsOf([...rule.keyNeeds, ...rule.requireNeeds]);
  for (let index = 0; ; index += 1) {
    const key = `${base}:${index}`;
    const rules = groups.get(key)?.rules.get(cls) ?? [];
    const clash = rules.some((other) => {
      const theirs = pathsOf([...other.rule.keyNeeds, ...other.rule.requireNeeds]);
      return other.rule.enterAs !== rule.enterAs || [...mine].some(([path, slot]) => theirs.has(path) && theirs.get(path) !== slot);
    });
    if (!clash) return key;
  }
}

/** Field paths of a representation and the slots that fill them: equal paths must have equal slots. */
function pathsOf(needs: readonly Need[], prefix = '', into = new Map<string, Slot>()): Map<string, Slot> {
  for (const need of needs) {
    const path = `${prefix}${need.slot.field.name}`;
    into.set(path, need.slot);
    for (const child of need.children) pathsOf(child.needs, `${path}/${child.cls.id}/`, into);
  }
  return into;
}
