/**
 * First step of planning: the operation as positions, classes and slots. Fragments and conditions are gone afterwards; what is
 * left of the client's document are the entries (response keys in order) that each class shows. Exports the roots, and the functions
 * that create positions and slots, which needs use too.
 */
import { Kind } from 'graphql';
import type { ArgumentNode, FieldNode, SelectionSetNode, ValueNode } from 'graphql';
import { bit, idsOf, isSubset } from '../supergraph/bits.ts';
import type { Bits } from '../supergraph/bits.ts';
import { canonicalArguments } from '../supergraph/canonical.ts';
import { EngineError } from '../supergraph/engine-error.ts';
import type { CompositeType, Field, GraphId, ObjectType, TypeRef } from '../supergraph/types.ts';
import { isIncluded } from './conditions.ts';
import type { ClassNode, Entry, Position, RootKind, Slot } from './model.ts';
import { isComposite, isInterfaceObject, rowIn } from './rows.ts';
import type { Run } from './run.ts';
import { addTo } from './group.ts';

/** A response key's selection sets: one view that the client has of a position. */
type Lane = readonly SelectionSetNode[];

type Occurrence = { readonly node: FieldNode; readonly types: Bits; readonly index: number };

/** Queries have one root; each root field of a mutation has its own, and its graph in `only`. */
export function normalise(run: Run, only: readonly (GraphId | null)[]): Position[] {
  const { supergraph, operation } = run;
  const typeName = operation.operation === 'query' ? supergraph.roots.query : supergraph.roots[operation.operation];
  const type = typeName === null ? undefined : supergraph.types.get(typeName);
  if (type?.kind !== 'object') throw new EngineError('OPERATION_NOT_FOUND', `The graph has no ${operation.operation}s.`);
  if (operation.operation === 'subscription')
    throw new EngineError('OPERATION_NOT_FOUND', 'Subscriptions are not planned by planOperation.');
  if (operation.operation === 'query') {
    return [createPosition(run, { slot: null, type, lanes: [[operation.selectionSet]], root: { operation: 'query', only: null } })];
  }
  const fields = new Map<string, FieldNode[]>();
  for (const { node } of collect(run, type, [operation.selectionSet])) {
    const key = node.alias?.value ?? node.name.value;
    addTo(fields, key, node);
  }
  return [...fields.values()].map((nodes, index) =>
    createPosition(run, {
      slot: null,
      type,
      lanes: [[{ kind: Kind.SELECTION_SET, selections: nodes }]],
      root: { operation: 'mutation', only: only[index] ?? null },
    }),
  );
}

type PositionOptions = { slot: Slot | null; type: CompositeType; lanes: readonly Lane[]; root?: RootKind; forKey?: boolean };

export function createPosition(run: Run, { slot, type, lanes, root, forKey }: PositionOptions): Position {
  run.budget.count('positions');
  const parent = slot?.owner.position;
  const depth = (parent?.depth ?? 0) + 1;
  if (depth > run.budget.limits.depth)
    throw new EngineError('PLAN_TOO_COMPLEX', `The operation is nested deeper than ${run.budget.limits.depth}.`);
  const needOnly = lanes.length === 0;
  const collected = lanes.map((lane) => collect(run, type, lane));
  const position: Position = {
    id: run.positions.length,
    depth,
    slot,
    type,
    listDepth: slot === null ? 0 : listDepth(slot.type),
    classes: [],
    laneCount: lanes.length,
    asksType: collected.some((lane) => lane.some(({ node }) => node.name.value === '__typename')),
    keyDepth: needOnly ? (parent?.keyDepth ?? 0) + (forKey === true ? 1 : 0) : 0,
    needDepth: needOnly ? (parent?.needDepth ?? 0) + 1 : 0,
    interfaceObjects: slot === null ? [] : interfaceObjectsAt(run, slot),
    typeFact: { sources: [], waiting: [] },
    isQueryRoot: type.name === run.supergraph.roots.query,
    root: root ?? null,
  };
  run.positions.push(position);
  for (const types of partition(run, type, collected)) addClass(run, position, types, collected);
  return position;
}

/** The position below a composite slot; made for needs when the client does not show it. */
export function childOf(run: Run, slot: Slot, forKey: boolean): Position | null {
  if (slot.child !== null) return slot.child;
  const type = run.supergraph.types.get(slot.type.name);
  if (!isComposite(type)) return null;
  if (slot.owner.position.needDepth >= run.budget.limits.needDepth) return null;
  slot.child = createPosition(run, { slot, type, lanes: [], forKey });
  return slot.child;
}

export type SlotOptions = { name: string; args: readonly ArgumentNode[]; directives?: string; responseKey?: string };

export function slotOf(run: Run, cls: ClassNode, { name, args, directives = '', responseKey }: SlotOptions): Slot {
  const argsText = canonicalArguments(args.map((arg) => ({ name: arg.name.value, value: arg.value })));
  const key = name + argsText + directives;
  const found = cls.slots.get(key);
  if (found !== undefined) return found;
  const field = fieldOf(cls, name);
  const slot: Slot = {
    id: run.slots.length,
    owner: cls,
    key,
    field,
    argsText: argsText + directives,
    args,
    variables: variablesOf(args),
    type: field.type,
    responseKey: responseKey ?? null,
    child: null,
    client: responseKey !== undefined,
    denied: run.denied.has(field.coordinate),
    sources: [],
    waiting: [],
    wanted: false,
  };
  run.budget.count('facts');
  run.slots.push(slot);
  cls.slots.set(key, slot);
  return slot;
}

function fieldOf(cls: ClassNode, name: string): Field {
  const field = cls.type.fields.get(name);
  if (field === undefined)
    throw new EngineError('GRAPHQL_VALIDATION_FAILED', `${cls.type.name} has no field ${name}: validate the operation before planning it.`);
  return field;
}

function addClass(run: Run, position: Position, types: Bits, collected: readonly Occurrence[][]): void {
  const ids = idsOf(types);
  const first = ids[0] === undefined ? undefined : run.supergraph.objects[ids[0]];
  const lanes: Entry[][] = collected.map(() => []);
  const cls: ClassNode = {
    id: run.classes.length,
    position,
    types,
    type: first ?? position.type,
    exact: ids.length === 1,
    slots: new Map(),
    lanes,
    views: new Map(),
    masked: false,
  };
  run.classes.push(cls);
  position.classes.push(cls);
  // Hidden types are null to clients: nothing is asked of them but what others need.
  if (first === undefined || first.public) fillLanes(run, cls, lanes, collected);
}

/** Entries of each lane in the client's order; child positions are made once all lanes have said what they show of a slot. */
function fillLanes(run: Run, cls: ClassNode, lanes: Entry[][], collected: readonly Occurrence[][]): void {
  const below = new Map<Slot, Lane[]>();
  collected.forEach((occurrences, index) => {
    const byKey = new Map<string, FieldNode[]>();
    for (const { node, types } of occurrences) {
      if (cls.types !== 0n && !isSubset(cls.types, types)) continue;
      const key = node.alias?.value ?? node.name.value;
      const nodes = byKey.get(key);
      if (nodes === undefined) byKey.set(key, [node]);
      else nodes.push(node);
    }
    for (const [responseKey, nodes] of byKey) lanes[index]?.push(createEntry(run, cls, responseKey, nodes, below));
  });
  for (const [slot, slotLanes] of below) {
    const type = run.supergraph.types.get(slot.type.name);
    if (isComposite(type)) slot.child = createPosition(run, { slot, type, lanes: slotLanes });
  }
}

function createEntry(run: Run, cls: ClassNode, responseKey: string, nodes: FieldNode[], below: Map<Slot, Lane[]>): Entry {
  const [node] = nodes;
  if (node === undefined || node.name.value === '__typename') return { kind: 'typename', responseKey };
  if (node.name.value === '__schema' || node.name.value === '__type') return { kind: 'local', responseKey, nodes };
  const slot = slotOf(run, cls, { name: node.name.value, args: node.arguments ?? [], responseKey });
  const sets = nodes.flatMap((one) => one.selectionSet ?? []);
  if (sets.length === 0) return { kind: 'field', responseKey, slot, childLane: 0 };
  const lanes = below.get(slot) ?? [];
  below.set(slot, lanes);
  lanes.push(sets);
  return { kind: 'field', responseKey, slot, childLane: lanes.length - 1 };
}

/** Field nodes in the order of CollectFields, each with the runtime types it is asked of. */
function collect(run: Run, type: CompositeType, lane: Lane): Occurrence[] {
  const found: Occurrence[] = [];
  const visited = new Map<string, Bits>();
  const anonymous = type.possible === 0n;
  const walk = (set: SelectionSetNode, types: Bits): void => {
    for (const node of set.selections) {
      run.budget.count('occurrences');
      if (!isIncluded(node, run.conditions)) continue;
      if (node.kind === Kind.FIELD) {
        found.push({ node, types, index: found.length });
        continue;
      }
      const fragment = node.kind === Kind.FRAGMENT_SPREAD ? run.fragments.get(node.name.value) : node;
      if (fragment === undefined) continue;
      let inner = narrow(run, types, fragment.typeCondition?.name.value);
      if (node.kind === Kind.FRAGMENT_SPREAD) {
        // A spread seen before adds nothing for the types it was walked with: this keeps fragment bombs linear.
        const before = visited.get(node.name.value);
        if (before !== undefined) inner &= ~before;
        if (before !== undefined && (inner === 0n || anonymous)) continue;
        visited.set(node.name.value, (before ?? 0n) | inner);
      }
      const condition = fragment.typeCondition?.name.value;
      if (inner !== 0n || (anonymous && (condition === undefined || condition === type.name))) walk(fragment.selectionSet, inner);
    }
  };
  for (const set of lane) walk(set, type.possible);
  return found;
}

function narrow(run: Run, types: Bits, condition: string | undefined): Bits {
  if (condition === undefined) return types;
  const type = run.supergraph.types.get(condition);
  return isComposite(type) ? types & type.possible : 0n;
}

/** Type sets of the classes, in the order of their first type. */
function partition(run: Run, type: CompositeType, collected: readonly Occurrence[][]): Bits[] {
  if (type.kind === 'object' || type.possible === 0n) return [type.possible];
  const groups = new Map<string, Bits>();
  for (const id of idsOf(type.possible)) {
    const object = run.supergraph.objects[id];
    if (object === undefined) continue;
    const signature = signatureOf(run, object, collected);
    groups.set(signature, (groups.get(signature) ?? 0n) | bit(id));
  }
  return [...groups.values()];
}

function signatureOf(run: Run, object: ObjectType, collected: readonly Occurrence[][]): string {
  const self = bit(object.objectId);
  const parts = [run.alike.profile(object)];
  const names = new Set<string>();
  for (const lane of collected) {
    const mine = lane.filter(({ types }) => (types & self) !== 0n);
    parts.push(mine.map(({ index }) => index).join());
    for (const { node } of mine) if (!node.name.value.startsWith('__')) names.add(node.name.value);
  }
  for (const name of names) parts.push(run.alike.field(object, name));
  if (run.denied.size > 0)
    parts.push([...object.fields.values()].map((field) => (run.denied.has(field.coordinate) ? field.name : '')).join());
  return parts.join('#');
}

function interfaceObjectsAt(run: Run, slot: Slot): string[] {
  const names = new Set<string>();
  for (const { id } of run.supergraph.graphs) {
    const row = rowIn(run.supergraph, slot.field, id);
    if (row !== undefined && isInterfaceObject(run.supergraph, row.type.name, id)) names.add(row.type.name);
  }
  return [...names];
}

export function listDepth(type: TypeRef): number {
  return type.of === null ? 0 : 1 + listDepth(type.of);
}

function variablesOf(args: readonly ArgumentNode[]): string[] {
  const names = new Set<string>();
  const visit = (value: ValueNode): void => {
    if (value.kind === Kind.VARIABLE) names.add(value.name.value);
    else if (value.kind === Kind.LIST) value.values.forEach(visit);
    else if (value.kind === Kind.OBJECT) value.fields.forEach((field) => visit(field.value));
  };
  for (const arg of args) visit(arg.value);
  return [...names];
}
