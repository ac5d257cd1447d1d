/**
 * Cuts a monolith into subgraphs so that every field stays reachable: per entity a random tree over the graphs that hold it, each
 * edge with a key that both ends resolve. The steps, in order; those of single directives are in cut-directives.ts. PLANNER §6.1.
 */
import { annex, carryTips, declareInterfaces, evenMembers, override, provide, tighten, trimMembers, unhide } from './cut-directives.ts';
import { Draft, KEYS } from './draft.ts';
import type { GraphCut } from './draft.ts';
import { FABRICS, KEY_FIELDS, createMonolith, fieldOf, isFabricField, namedType } from './monolith.ts';
import type { FieldSpec, Input, Monolith, TypeSpec } from './monolith.ts';
import { createRandom, hash } from './random.ts';

export type { GraphCut } from './draft.ts';

export type Cut = { readonly seed: number; readonly monolith: Monolith; readonly graphs: readonly GraphCut[] };

const NAMES: readonly string[] = ['alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta', 'eta', 'theta'];

export function createCut(seed: number): Cut {
  const random = createRandom(hash('cut', seed));
  const monolith = createMonolith(seed);
  const count = 2 + random.int(5);
  const old = count > 2 && random.chance(0.4) ? 0 : -1;
  const graphs = random
    .sample(NAMES, count)
    .map((name, index): GraphCut => ({ name, types: new Map(), isOld: index === old, hasExtras: index === 1 && random.chance(0.5) }));
  const draft = new Draft(random, monolith, graphs);
  const moved = placeFabrics(draft);
  const entities = draft.entities();
  for (const type of entities) placeEntity(draft, type);
  for (const type of entities) ownFields(draft, type, moved);
  ownKeyFields(draft);
  for (const type of entities)
    for (const field of type.fields) if (field.inputs !== null && !isFabricField(type, field)) ownComputed(draft, type, field);
  ownRoots(draft);
  ownKeyFields(draft);
  evenMembers(draft);
  for (const type of entities) annex(draft, type);
  provide(draft);
  override(draft);
  carryTips(draft);
  tighten(draft);
  declareInterfaces(draft);
  trimMembers(draft);
  unhide(draft);
  return { seed, monolith, graphs };
}

/** Fields of the interface that its interface object gives. */
type Moved = { readonly names: ReadonlySet<string>; readonly shared: boolean };

function placeFabrics(draft: Draft): Moved {
  const { monolith, object, random, real } = draft;
  const hasCode = fieldOf(monolith, 'Fabric', 'code') !== undefined;
  const key = hasCode ? random.pick(['id', 'code', 'id code']) : 'id';
  const hasKey = object !== null || random.chance(0.5);
  for (const name of FABRICS) {
    draft.homesOf(name).push(real);
    draft.core.set(name, [real]);
    draft.addType(real, name).interfaces.add('Fabric');
    if (hasKey) draft.addKey(real, name, key, true);
    if (!hasKey || random.chance(0.5)) draft.addKey(real, name, 'id', true);
  }
  const type = draft.addType(real, 'Fabric');
  for (const name of FABRICS) type.members.add(name);
  if (hasKey) type.keys.set(key, true);
  if (object === null) return { names: new Set(), shared: false };
  const isOpen = random.chance(0.6);
  draft.addType(object, 'Fabric').interfaceObject = true;
  draft.addKey(object, 'Fabric', key, isOpen);
  const movable = isOpen ? ['rating', 'remark', 'seller', 'score'] : ['rating', 'remark', 'seller'];
  return { names: new Set(random.sample(movable, 1 + random.int(3))), shared: !isOpen || random.chance(0.15) };
}

function placeEntity(draft: Draft, type: TypeSpec): void {
  const homes = draft.homesOf(type.name);
  if (type.name === 'Tale') {
    draft.join(draft.teller, type.name, true);
    homes.push(draft.teller);
  }
  const others = draft.graphs.filter((graph) => !homes.includes(graph) && draft.mayKnow(graph, type.name));
  for (const graph of draft.random.sample(others, (homes.length === 0 ? 1 : 0) + draft.random.int(3))) {
    draft.join(graph, type.name, true);
    homes.push(graph);
  }
  if (draft.random.chance(0.4)) draft.addKey(draft.random.pick(homes), type.name, draft.random.pick(KEYS), draft.random.chance(0.5));
}

function ownFields(draft: Draft, type: TypeSpec, moved: Moved): void {
  for (const field of type.fields) {
    if (KEY_FIELDS.includes(field.name) || ['alt', 'extra', 'extras'].includes(field.name)) continue;
    if (field.tells !== undefined) draft.own(draft.teller, type.name, field.name);
    else if (field.name === 'split') ownSplit(draft, type);
    else if (isFabricField(type, field)) ownFabricField(draft, type, field, moved);
    else if (field.inputs === null) ownSomewhere(draft, type, field, draft.random.chance(0.3) ? 2 : 1);
  }
}

/** A value without a key, in parts: both graphs resolve the field that leads to it, each has some of its fields. */
function ownSplit(draft: Draft, type: TypeSpec): void {
  const homes = draft.random.sample(
    draft.homesOf(type.name).filter((graph) => draft.mayKnow(graph, 'Split')),
    2,
  );
  for (const graph of homes) draft.own(graph, type.name, 'split');
  for (const field of draft.monolith.types.get('Split')?.fields ?? []) {
    draft.own(draft.random.pick(homes), 'Split', field.name);
    if (draft.random.chance(0.3)) draft.own(draft.random.pick(homes), 'Split', field.name);
  }
  // No graph may know a type without fields.
  for (const graph of homes) if (graph.types.get('Split')?.fields.size === 0) draft.own(graph, 'Split', 'p');
}

function ownFabricField(draft: Draft, type: TypeSpec, field: FieldSpec, moved: Moved): void {
  const { object, real } = draft;
  const isMoved = object !== null && moved.names.has(field.name);
  if (!isMoved || moved.shared) draft.own(real, type.name, field.name);
  if (!isMoved) return;
  const own = draft.own(object, 'Fabric', field.name);
  if (field.inputs === null) return;
  own.requires = field.inputs;
  for (const input of field.inputs) draft.external(object, 'Fabric', input.field);
}

function ownSomewhere(draft: Draft, type: TypeSpec, field: FieldSpec, count: number): void {
  const homes = draft.homesOf(type.name);
  const isAbstract = ['Goods', 'Named'].includes(namedType(field.type));
  let able = homes.filter((graph) => draft.mayReturn(graph, field));
  if (able.length === 0) {
    const graph = draft.random.pick(draft.graphs.filter((one) => draft.mayReturn(one, field) && draft.mayKnow(one, type.name)));
    draft.join(graph, type.name, true);
    homes.push(graph);
    able = [graph];
  }
  // Sharers of an abstract field have the same members, and the graph of the interface object may not know all.
  const sharers = isAbstract && count > 1 ? able.filter((graph) => graph !== draft.object) : able;
  for (const graph of draft.random.sample(sharers.length === 0 ? able : sharers, count)) draft.own(graph, type.name, field.name);
}

/** Every key field is known somewhere, used by a key or not. */
function ownKeyFields(draft: Draft): void {
  for (const type of draft.entities())
    for (const name of KEY_FIELDS)
      if (draft.ownersOf(type.name, name).length === 0) draft.own(draft.random.pick(draft.homesOf(type.name)), type.name, name);
}

/** In a graph that owns none of its inputs it is fed by `@requires`; if there is no such graph it needs none. */
function ownComputed(draft: Draft, type: TypeSpec, field: FieldSpec): void {
  const inputs = field.inputs ?? [];
  const all = draft.homesOf(type.name);
  const homes = all.filter((graph) => canBeFed(draft, graph, type.name, inputs));
  if (homes.length === 0) {
    draft.own(draft.random.pick(all), type.name, field.name);
    return;
  }
  const graph = draft.random.pick(homes);
  const own = draft.own(graph, type.name, field.name);
  own.requires = inputs;
  addExternals(draft, graph, type.name, inputs);
  const [loser] = draft.random.sample(
    all.filter((one) => one !== graph),
    1,
  );
  if (loser === undefined || graph.isOld || loser.types.get(type.name)?.fields.has(field.name) === true || !draft.random.chance(0.2))
    return;
  draft.own(loser, type.name, field.name).role = 'overridden';
  own.overrides = loser.name;
}

function canBeFed(draft: Draft, graph: GraphCut, type: string, inputs: readonly Input[]): boolean {
  const known = graph.types.get(type);
  if (known === undefined || ![...known.keys.values()].includes(true)) return false;
  // The composer (0.27.0) takes external key fields of other graphs for the own ones of a Federation 1 extension.
  if (graph.isOld && inputs.some(({ below }) => below.length > 0)) return false;
  return inputs.every(({ field: name, below }) => {
    const spec = fieldOf(draft.monolith, type, name);
    return (
      spec !== undefined &&
      known.fields.get(name)?.role !== 'own' &&
      known.fields.get(name)?.role !== 'overridden' &&
      (below.length === 0 || draft.mayReturn(graph, spec)) &&
      // Federation forbids implementers beside an interface object, also in fragments of requirements.
      below.every(({ on }) => on === undefined || draft.mayKnow(graph, on))
    );
  });
}

function addExternals(draft: Draft, graph: GraphCut, type: string, inputs: readonly Input[]): void {
  for (const { on, field, below } of inputs) {
    draft.external(graph, on ?? type, field);
    addExternals(draft, graph, namedType(fieldOf(draft.monolith, on ?? type, field)?.type ?? ''), below);
  }
}

function ownRoots(draft: Draft): void {
  const { random } = draft;
  for (const field of draft.monolith.queries) {
    const able = draft.graphs.filter((graph) => draft.mayReturn(graph, field));
    const isAbstract = ['Goods', 'Named'].includes(namedType(field.type));
    const sharers = isAbstract ? able.filter((graph) => graph !== draft.object) : able;
    for (const graph of random.sample(sharers.length === 0 ? able : sharers, random.chance(0.25) ? 2 : 1))
      draft.own(graph, 'Query', field.name);
  }
  for (const field of draft.monolith.mutations) {
    const able = draft.graphs.filter((graph) => draft.mayReturn(graph, field));
    draft.own(random.pick(able), 'Mutation', field.name);
  }
}
