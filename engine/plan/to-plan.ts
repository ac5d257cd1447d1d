/** Last step: the chosen nodes and requests as frozen data, without a trace of the model. */
import { Kind, OperationTypeNode } from 'graphql';
import type { DocumentNode, FieldNode } from 'graphql';
import { deepFreeze } from '../supergraph/freeze.ts';
import { EngineError } from '../supergraph/engine-error.ts';
import { enteredClasses, primariesOf } from './build.ts';
import type { Call, Fetch } from './build.ts';
import { costOfPlan } from './cost.ts';
import { isEarlier } from './defer.ts';
import type { Usage } from './defer.ts';
import { instantiate } from './instantiate.ts';
import type { ClassNode, Entry, Position, Slot } from './model.ts';
import { isSeveral } from './nodes.ts';
import type { Node, Part } from './nodes.ts';
import { typeNames, variablesOf } from './print-document.ts';
import { toContexts, toRepresentation } from './representations.ts';
import { numberGroups, toDeferred } from './to-deferred.ts';
import type { GroupNumbers } from './to-deferred.ts';
import type { Run } from './run.ts';
import type { Plan, PlanCall, PlanEntry, PlanFetch, PlanNode, PlanPosition, PlanSource } from './types.ts';
import { addTo } from './group.ts';

/** Numbers of positions in the plan: only those that some fetch answers. */
export type Numbering = { positionOf(position: Position): number | undefined; typeNodeOf(position: Position): Node | null };

type Locals = { readonly fields: FieldNode[] };

export function toPlan(run: Run, parts: readonly Part[], fetches: readonly Fetch[]): Plan {
  const nodesOf = new Map<Position, Node[]>();
  for (const part of parts) {
    nodesOf.set(part.root, nodesOf.get(part.root) ?? []);
    for (const node of part.nodes) addTo(nodesOf, node.position, node);
  }
  const held = [...nodesOf.keys()].toSorted((a, b) => a.id - b.id);
  const numbers = new Map(held.map((position, index) => [position, index]));
  const primaries = new Map(parts.flatMap((part) => [...primariesOf(part)]));
  const groups = numberGroups(run, held, fetches);
  const isLate = (node: Node): number => {
    const wanted = parts[node.part]?.groups.existence(node.position);
    return wanted === undefined || isEarlier(node.group, wanted) ? 0 : 1;
  };
  const typeNodeOf = (position: Position): Node | null => {
    if (!isSeveral(position)) return null;
    const primary = primaries.get(position);
    if (primary?.readsType === true) return primary;
    // The earliest: an entity call may read types itself, after it was sent by what another node had told of them.
    const telling = nodesOf.get(position)?.filter((node) => node.readsType) ?? [];
    return telling.toSorted((one, other) => isLate(one) - isLate(other) || one.level - other.level)[0] ?? null;
  };
  const numbering: Numbering = { positionOf: (position) => numbers.get(position), typeNodeOf };
  const sources = new Map<Slot, { node: number; name: string }>();
  for (const part of parts) {
    for (const [slot, view] of part.state.sources) {
      const node = part.nodeOf(view);
      sources.set(slot, { node: node.id, name: node.fields.get(slot)?.name ?? '' });
    }
  }
  const locals: Locals = { fields: [] };
  const positions = held.map((position) => {
    const nodes = nodesOf.get(position) ?? [];
    return toPosition(run, position, { nodes, primary: primaries.get(position) ?? nodes[0], numbering, sources, locals, groups });
  });
  const planFetches = fetches.map((fetch) => toFetch(run, fetch, parts, { numbering, groups }));
  const nodes = parts.flatMap((part) => part.nodes.map((node) => toNode(node, numbering, fetches)));
  const plan: Plan = {
    kind: run.operation.operation === 'mutation' ? 'mutation' : 'query',
    operationName: run.operation.name?.value ?? null,
    conditions: [...run.conditions].toSorted(([a], [b]) => (a < b ? -1 : 1)),
    labels: [...run.labels.looked].toSorted().map((label) => [label, run.labels.active.has(label)] as const),
    cost: costOfPlan(planFetches, nodes),
    parts: parts.map((part, index) => ({
      position: numbers.get(part.root) ?? 0,
      fetches: fetches
        .filter(
          ({ group, part: own, nodes: asked }) => !group.usages.length && (own === index || asked.some((node) => node.part === index)),
        )
        .map(({ id }) => id),
    })),
    positions,
    nodes,
    fetches: planFetches,
    deferred: toDeferred(run, groups, { positions, nodes }),
    introspection: introspectionOf(run, locals),
  };
  const [part] = parts;
  return deepFreeze(part === undefined ? plan : instantiate(run, part, plan, numbering.positionOf));
}

type PositionContext = {
  readonly nodes: readonly Node[];
  readonly primary: Node | undefined;
  readonly numbering: Numbering;
  readonly sources: ReadonlyMap<Slot, { node: number; name: string }>;
  readonly locals: Locals;
  /** Null: everything belongs to the primary group. */
  readonly groups: GroupNumbers | null;
};

function toPosition(run: Run, position: Position, context: PositionContext): PlanPosition {
  const { nodes, primary, numbering } = context;
  const { slot } = position;
  const typeNode = numbering.typeNodeOf(position);
  const parentPosition = slot === null ? undefined : numbering.positionOf(slot.owner.position);
  return {
    id: numbering.positionOf(position) ?? -1,
    parent:
      slot === null || parentPosition === undefined
        ? null
        : { position: parentPosition, classIndex: slot.owner.position.classes.indexOf(slot.owner), field: slot.key },
    typeName: position.type.name,
    type: slot?.type ?? null,
    listDepth: position.listDepth,
    nodes: nodes.map(({ id }) => id),
    primary: primary?.id ?? -1,
    typeNode: typeNode?.id ?? null,
    classes: position.classes.map((cls) => ({
      types: typeNames(run, cls),
      lanes: cls.lanes.map((lane) => lane.map((entry) => toEntry(cls, entry, context))),
      opens: cls.opens.map((lane) => (context.groups === null ? [] : lane.flatMap(toUsages(context.groups)))),
    })),
    typeless: typeNode === null && isSeveral(position),
  };
}

/** None for a fragment that adds nothing to what is sent anyway. */
function toUsages({ usageOf }: GroupNumbers): (usage: Usage) => number[] {
  return (usage) => (usageOf(usage) < 0 ? [] : [usageOf(usage)]);
}

function toEntry(cls: ClassNode, entry: Entry, context: PositionContext): PlanEntry {
  const group = context.groups?.groupOf(entry.group) ?? 0;
  switch (entry.kind) {
    case 'typename':
      return { kind: 'typename', responseKey: entry.responseKey, group };
    case 'local':
      return { kind: 'local', responseKey: entry.responseKey, name: addLocal(context.locals, entry.nodes), group };
    case 'denied': {
      const { coordinate, type } = entry.field;
      return { kind: 'field', responseKey: entry.responseKey, coordinate, type, slot: -1, source: { kind: 'denied' }, group };
    }
    case 'field': {
      const { slot, responseKey } = entry;
      const source = sourceOf(cls, slot, entry.childLane, context);
      return { kind: 'field', responseKey, coordinate: slot.field.coordinate, type: slot.type, slot: slot.id, source, group };
    }
  }
}

function sourceOf(cls: ClassNode, slot: Slot, lane: number, context: PositionContext): PlanSource {
  if (slot.denied) return { kind: 'denied' };
  if (cls.masked) return { kind: 'none' };
  if (slot.child !== null) {
    const position = context.numbering.positionOf(slot.child);
    return position === undefined ? { kind: 'none' } : { kind: 'position', position, lane };
  }
  const source = context.sources.get(slot);
  return source === undefined ? { kind: 'none' } : { kind: 'leaf', node: source.node, name: source.name };
}

function toNode(node: Node, numbering: Numbering, fetches: readonly Fetch[]): PlanNode {
  return {
    id: node.id,
    position: numbering.positionOf(node.position) ?? -1,
    graph: node.graph,
    fetch: node.fetch,
    origin: toOrigin(node, fetches),
    fields: [...node.fields].map(([slot, field]) => ({ name: field.name, slot: slot.id, child: field.child?.id ?? null })),
    readsType: node.readsType,
  };
}

function toOrigin(node: Node, fetches: readonly Fetch[]): PlanNode['origin'] {
  switch (node.origin.kind) {
    case 'root':
    case 'reentry':
      return { kind: 'root' };
    case 'field':
      return { kind: 'field', node: node.origin.parent.id, name: node.origin.parent.fields.get(node.origin.slot)?.name ?? '' };
    case 'entity': {
      const calls = fetches[node.fetch]?.calls ?? [];
      const call = calls.findIndex((one) => one.nodes.includes(node));
      return { kind: 'entity', call, path: calls[call]?.nodes.indexOf(node) ?? -1 };
    }
  }
}

type Numbers = { readonly numbering: Numbering; readonly groups: GroupNumbers | null };

function toFetch(run: Run, fetch: Fetch, parts: readonly Part[], { numbering, groups }: Numbers): PlanFetch {
  const [first] = fetch.nodes;
  return {
    id: fetch.id,
    kind: fetch.kind,
    operation: fetch.operation,
    graph: fetch.graph,
    level: fetch.level,
    dependsOn: [...fetch.dependsOn].map(({ id }) => id).toSorted((a, b) => a - b),
    part: fetch.part,
    group: groups?.groupOf(fetch.group) ?? 0,
    document: fetch.document,
    variables: fetch.variables,
    declarations: fetch.declarations,
    calls: fetch.calls.map((call) => toCall(run, call, parts, numbering)),
    at: fetch.kind === 'reentry' && first !== undefined ? (numbering.positionOf(first.position) ?? null) : null,
  };
}

function toCall(run: Run, call: Call, parts: readonly Part[], numbering: Numbering): PlanCall {
  const paths = call.nodes.map((node) => {
    const part = parts[node.part];
    if (part === undefined) throw new EngineError('INTERNAL', 'A node of the plan has no part.');
    const needsType = [...node.rules.values()].some((rules) =>
      rules.some(({ view }) => part.state.open.get(view)?.types.has(node.position) === true),
    );
    return {
      position: numbering.positionOf(node.position) ?? -1,
      node: node.id,
      needsType: needsType && isSeveral(node.position),
      entries: enteredClasses(node).map((cls) => toRepresentation(run, node, cls, part, numbering)),
      contexts: toContexts(run, node, part, numbering),
    };
  });
  const { alias, variable, selection, contexts, pieces } = call;
  const [first] = call.nodes;
  return { alias, variable, selection, paths, contexts, pieces, uses: first === undefined ? [] : [...variablesOf(first)] };
}

function addLocal(locals: Locals, nodes: readonly FieldNode[]): string {
  const name = `i${locals.fields.length}`;
  const [node] = nodes;
  if (node === undefined) return name;
  const selections = nodes.flatMap((one) => one.selectionSet?.selections ?? []);
  const alias = { kind: Kind.NAME as const, value: name };
  const own = { ...node, alias, directives: [] };
  locals.fields.push(selections.length === 0 ? own : { ...own, selectionSet: { kind: Kind.SELECTION_SET, selections } });
  return name;
}

function introspectionOf(run: Run, locals: Locals): DocumentNode | null {
  if (locals.fields.length === 0) return null;
  const { variableDefinitions } = run.operation;
  return {
    kind: Kind.DOCUMENT,
    definitions: [
      // Without the client's name and directives: only the introspection fields are run, on the public schema.
      {
        kind: Kind.OPERATION_DEFINITION,
        operation: OperationTypeNode.QUERY,
        ...(variableDefinitions === undefined ? {} : { variableDefinitions }),
        selectionSet: { kind: Kind.SELECTION_SET, selections: locals.fields },
      },
      ...run.fragments.values(),
    ],
  };
}
