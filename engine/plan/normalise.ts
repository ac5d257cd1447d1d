/**
 * First step of planning: the operation as positions, classes and slots. Fragments and conditions are gone afterwards; what is
 * left of the client's document are the entries (response keys in order) that each class shows. Exports the roots, and the functions
 * that create positions and slots, which needs use too.
 */
import { Kind } from 'graphql';
import type { ArgumentNode, FieldNode, ValueNode } from 'graphql';
import { bit, idsOf, isSubset } from '../supergraph/bits.ts';
import type { Bits } from '../supergraph/bits.ts';
import { canonicalArguments } from '../supergraph/canonical.ts';
import { EngineError } from '../supergraph/engine-error.ts';
import type { CompositeType, Field, GraphId, ObjectType, TypeRef } from '../supergraph/types.ts';
import { collect } from './collect.ts';
import type { Collected, Lane, Occurrence } from './collect.ts';
import type { ClassNode, Entry, Position, RootKind, Slot, Twin } from './model.ts';
import { isComposite, isInterfaceObject, rowIn } from './rows.ts';
import type { Run } from './run.ts';
import { addTo } from './group.ts';
import { responseKeyOf } from './twins.ts';

/** Queries have one root; each root field of a mutation has its own, and its graph in `only`. */
export function normalise(run: Run, only: readonly (GraphId | null)[]): Position[] {
  const { supergraph, operation } = run;
  const typeName = operation.operation === 'query' ? supergraph.roots.query : supergraph.roots[operation.operation];
  const type = typeName === null ? undefined : supergraph.types.get(typeName);
  if (type?.kind !== 'object') throw new EngineError('OPERATION_NOT_FOUND', `The graph has no ${operation.operation}s.`);
  if (operation.operation === 'subscription')
    throw new EngineError('OPERATION_NOT_FOUND', 'Subscriptions are not planned by planOperation.');
  if (operation.operation === 'query') {
    return [
      createPosition(run, {
        slot: null,
        type,
        lanes: [[{ set: operation.selectionSet, usage: null }]],
        root: { operation: 'query', only: null },
      }),
    ];
  }
  const fields = new Map<string, FieldNode[]>();
  for (const { node } of collect(run, type, [{ set: operation.selectionSet, usage: null }]).fields) {
    const key = node.alias?.value ?? node.name.value;
    addTo(fields, key, node);
  }
  return [...fields.values()].map((nodes, index) =>
    createPosition(run, {
      slot: null,
      type,
      lanes: [[{ set: { kind: Kind.SELECTION_SET, selections: nodes }, usage: null }]],
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
    asksType: collected.some(({ fields }) => fields.some(({ node }) => node.name.value === '__typename')),
    keyDepth: needOnly ? (parent?.keyDepth ?? 0) + (forKey === true ? 1 : 0) : 0,
    needDepth: needOnly ? (parent?.needDepth ?? 0) + 1 : 0,
    interfaceObjects: slot === null ? [] : interfaceObjectsAt(run, slot),
    typeFact: { sources: [], waiting: [] },
    isQueryRoot: type.name === run.supergraph.roots.query,
    root: root ?? null,
    weight: slot === null ? 1 : slot.owner.position.weight * (1 + slot.twins.length),
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
    twins: [],
    client: responseKey !== undefined,
    group: null,
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

function addClass(run: Run, position: Position, types: Bits, collected: readonly Collected[]): void {
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
    opens: collected.map(({ opens }) => opens.filter((one) => types === 0n || isSubset(types, one.types)).map(({ usage }) => usage)),
    views: new Map(),
    masked: false,
  };
  run.classes.push(cls);
  position.classes.push(cls);
  // Hidden types are null to clients: nothing is asked of them but what others need.
  if (first === undefined || first.public) fillLanes(run, cls, lanes, collected);
}

/** Entries of each lane in the client's order; child positions are made once all lanes have said what they show of a slot. */
function fillLanes(run: Run, cls: ClassNode, lanes: Entry[][], collected: readonly Collected[]): void {
  const below = new Map<Slot, Lane[]>();
  collected.forEach(({ fields }, index) => {
    const byKey = new Map<string, Occurrence[]>();
    for (const occurrence of fields) {
      const { node, types } = occurrence;
      if (cls.types !== 0n && !isSubset(cls.types, types)) continue;
      addTo(byKey, responseKeyOf(node), occurrence);
    }
    for (const [responseKey, occurrences] of byKey) lanes[index]?.push(createEntry(run, cls, { responseKey, occurrences, below }));
  });
  for (const [slot, slotLanes] of below) {
    const type = run.supergraph.types.get(slot.type.name);
    if (isComposite(type)) slot.child = createPosition(run, { slot, type, lanes: slotLanes });
  }
}

type EntryOptions = {
  readonly responseKey: string;
  readonly occurrences: readonly Occurrence[];
  readonly below: Map<Slot, Lane[]>;
};

function createEntry(run: Run, cls: ClassNode, { responseKey, occurrences, below }: EntryOptions): Entry {
  const group = run.deferral.groupOf(occurrences.map(({ usage }) => usage));
  const node = occurrences[0]?.node;
  const field = occurrences.some(({ denied }) => denied) ? cls.type.fields.get(node?.name.value ?? '') : undefined;
  if (field !== undefined) return { kind: 'denied', responseKey, field, group };
  if (node === undefined || node.name.value === '__typename') return { kind: 'typename', responseKey, group };
  if (node.name.value === '__schema' || node.name.value === '__type')
    return { kind: 'local', responseKey, nodes: occurrences.map((one) => one.node), group };
  const slot = slotOf(run, cls, { name: node.name.value, args: node.arguments ?? [], responseKey });
  const others = cls.position.slot === null ? run.folded?.twins.get(node) : undefined;
  if (others !== undefined) slot.twins = others.map((other) => twinOf(run, other));
  slot.group = slot.group === null ? group : run.deferral.join(slot.group, group);
  const sets = occurrences.flatMap((one) =>
    one.node.selectionSet === undefined ? [] : [{ set: one.node.selectionSet, usage: one.usage }],
  );
  if (sets.length === 0) return { kind: 'field', responseKey, slot, childLane: 0, group };
  const lanes = below.get(slot) ?? [];
  below.set(slot, lanes);
  lanes.push(sets);
  return { kind: 'field', responseKey, slot, childLane: lanes.length - 1, group };
}

function twinOf(run: Run, node: FieldNode): Twin {
  run.budget.count('occurrences');
  const args = node.arguments ?? [];
  const argsText = canonicalArguments(args.map((arg) => ({ name: arg.name.value, value: arg.value })));
  return { responseKey: responseKeyOf(node), key: node.name.value + argsText, argsText, variables: variablesOf(args) };
}

/** Type sets of the classes, in the order of their first type. */
function partition(run: Run, type: CompositeType, collected: readonly Collected[]): Bits[] {
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

function signatureOf(run: Run, object: ObjectType, collected: readonly Collected[]): string {
  const self = bit(object.objectId);
  const parts = [run.alike.profile(object)];
  const names = new Set<string>();
  for (const lane of collected) {
    const mine = lane.fields.filter(({ types }) => (types & self) !== 0n);
    parts.push(mine.map(({ index }) => index).join());
    for (const { node } of mine) if (!node.name.value.startsWith('__')) names.add(node.name.value);
  }
  for (const name of names) parts.push(run.alike.field(object, name));
  if (run.denied.size > 0) parts.push(deniedOf(run, object));
  return parts.join('#');
}

function deniedOf(run: Run, object: ObjectType): string {
  let text = run.deniedTexts.get(object.objectId);
  if (text === undefined) {
    text = [...object.fields.values()].flatMap((field) => (run.denied.has(field.coordinate) ? [field.name] : [])).join();
    run.deniedTexts.set(object.objectId, text);
  }
  return text;
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
