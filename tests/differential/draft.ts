/**
 * A cut while it is made: which graph knows what. Knowing a field brings along all that its type needs, so that each graph is whole;
 * an entity that a graph comes to know joins the entity's tree of keys, so that every field stays reachable. PLANNER §6.1.
 */
import { FABRICS, concreteTypes, fieldOf, namedType, typesBehind } from './monolith.ts';
import type { FieldSpec, Input, Monolith, TypeSpec } from './monolith.ts';
import type { Random } from './random.ts';

export type Provided = { readonly on: string; readonly field: string; readonly below: readonly Provided[] };

export type GraphField = {
  /** external and overridden fields answer poison, unless a provides or a representation gives the value. */
  role: 'own' | 'external' | 'overridden';
  type: string;
  requires: readonly Input[] | null;
  provides: Provided[];
  overrides: string | null;
  /** Of a progressive override, on both sides: who answers is decided by whether it is active. */
  label: string | null;
};

export type GraphType = {
  readonly keys: Map<string, boolean>;
  readonly fields: Map<string, GraphField>;
  readonly interfaces: Set<string>;
  /** Carries the context that tales are told by. */
  tips: boolean;
  /** Of an interface or union: the types that this graph has in it. */
  readonly members: Set<string>;
  interfaceObject: boolean;
};

export type GraphCut = {
  readonly name: string;
  readonly types: Map<string, GraphType>;
  /** Written as a subgraph of Federation 1: no @link, extended types with external keys. */
  readonly isOld: boolean;
  /** Its input type has a field, and its `size` an argument, that clients do not know. */
  readonly hasExtras: boolean;
};

export const KEYS: readonly string[] = ['id', 'code', 'no year', 'ref { n }', 'parts { n }', 'mark', 'ref { n } code'];
/** Objects of two types have equal ones: `code` and `id` begin with the type. */
const COINCIDING: readonly string[] = ['no year', 'ref { n }', 'parts { n }', 'mark'];

/** The graph's key fields: `no year` → no, year; `ref { n }` → ref. */
export function fieldsOfKey(key: string): string[] {
  return key
    .replace(/\{.*?\}/g, '')
    .trim()
    .split(/\s+/);
}

export class Draft {
  readonly random: Random;
  readonly monolith: Monolith;
  readonly graphs: readonly GraphCut[];
  /** Graphs that may own fields of an entity. */
  readonly homes = new Map<string, GraphCut[]>();
  /** Graphs of an entity that reach each other both ways: a tree that grows. */
  readonly core = new Map<string, GraphCut[]>();
  /** `graph type`: no other field of that graph may return it, since its key there may be null. */
  readonly annexed = new Set<string>();
  readonly real: GraphCut;
  /** The graph with the interface object, if there is one: it must not know any implementer. */
  readonly object: GraphCut | null;
  /** The graph that tells tales. */
  readonly teller: GraphCut;
  readonly #common: string;

  constructor(random: Random, monolith: Monolith, graphs: readonly GraphCut[]) {
    this.random = random;
    this.monolith = monolith;
    this.graphs = graphs;
    const [real, object] = random.sample(
      graphs.filter(({ isOld }) => !isOld),
      2,
    );
    if (real === undefined || object === undefined) throw new Error('A cut has two graphs at least');
    this.real = real;
    this.object = random.chance(0.6) ? object : null;
    this.teller = random.pick(graphs.filter(({ isOld }) => !isOld));
    this.#common = random.pick(COINCIDING);
  }

  entities(): TypeSpec[] {
    return [...this.monolith.types.values()].filter((type) => type.kind === 'entity');
  }

  homesOf(entity: string): GraphCut[] {
    const homes = this.homes.get(entity) ?? [];
    this.homes.set(entity, homes);
    return homes;
  }

  ownersOf(type: string, field: string): GraphField[] {
    return this.graphs.flatMap((graph) => graph.types.get(type)?.fields.get(field) ?? []).filter((one) => one.role === 'own');
  }

  addType(graph: GraphCut, name: string): GraphType {
    const type = graph.types.get(name) ?? {
      keys: new Map(),
      fields: new Map(),
      interfaces: new Set(),
      members: new Set(),
      interfaceObject: false,
      tips: false,
    };
    graph.types.set(name, type);
    return type;
  }

  addKey(graph: GraphCut, name: string, key: string, resolvable: boolean): void {
    const type = this.addType(graph, name);
    type.keys.set(key, resolvable || graph.isOld || type.keys.get(key) === true);
    for (const field of fieldsOfKey(key)) this.own(graph, name, field);
  }

  own(graph: GraphCut, type: string, name: string): GraphField {
    const spec = fieldOf(this.monolith, type, name);
    if (spec === undefined) throw new Error(`No field ${type}.${name}`);
    const fields = this.addType(graph, type).fields;
    const field = fields.get(name) ?? { role: 'own', type: spec.type, requires: null, provides: [], overrides: null, label: null };
    fields.set(name, field);
    this.#know(graph, spec);
    return field;
  }

  external(graph: GraphCut, type: string, name: string): void {
    if (graph.types.get(type)?.fields.has(name) !== true) this.own(graph, type, name).role = 'external';
  }

  /** May this graph know the type, with these concrete types behind it? */
  mayKnow(graph: GraphCut, name: string, behind: readonly string[] = concreteTypes(this.monolith, name)): boolean {
    if (behind.some((type) => this.annexed.has(`${graph.name} ${type}`))) return false;
    if (name === 'Fabric') return graph === this.real || graph === this.object;
    // Federation 1 has no @inaccessible.
    if (graph.isOld && name === 'Vault') return false;
    return graph !== this.object || !behind.some((type) => FABRICS.includes(type));
  }

  mayReturn(graph: GraphCut, field: FieldSpec): boolean {
    return this.mayKnow(graph, namedType(field.type), typesBehind(this.monolith, field));
  }

  /** Makes the graph a node of the entity's tree: an edge is a key that both ends resolve. */
  join(graph: GraphCut, entity: string, resolvable: boolean): void {
    const nodes = this.core.get(entity) ?? [];
    this.core.set(entity, nodes);
    if (graph.types.has(entity) && (!resolvable || nodes.includes(graph))) return;
    this.addType(graph, entity);
    if (nodes.length === 0) {
      nodes.push(graph);
      this.addKey(graph, entity, this.#pickKey(), true);
      return;
    }
    const other = this.random.pick(nodes);
    const ready = [...(other.types.get(entity)?.keys ?? [])].filter(([, open]) => open).map(([key]) => key);
    const key = ready.length > 0 && this.random.chance(0.5) ? this.random.pick(ready) : this.#pickKey();
    this.addKey(other, entity, key, true);
    const isOpen = resolvable || this.random.chance(0.6);
    this.addKey(graph, entity, key, isOpen);
    if (isOpen) nodes.push(graph);
  }

  /** One key is common to many types: then only their names tell two objects of one call apart. */
  #pickKey(): string {
    return this.random.chance(0.6) ? this.#common : this.random.pick(KEYS);
  }

  #know(graph: GraphCut, field: FieldSpec): void {
    const name = namedType(field.type);
    const type = this.monolith.types.get(name);
    if (name === 'Query' && graph.types.get('Query') === undefined) {
      const roots = this.monolith.queries.filter((root) => root.name !== 'receipt' && this.mayReturn(graph, root));
      this.own(graph, 'Query', this.random.pick(roots).name);
    }
    if (type === undefined || name === 'Fabric') return;
    if (type.kind === 'entity') this.join(graph, name, false);
    else if (type.kind === 'value') this.#knowValue(graph, type);
    else for (const member of typesBehind(this.monolith, field)) this.knowMember(graph, name, member);
  }

  #knowValue(graph: GraphCut, type: TypeSpec): void {
    if (graph.types.has(type.name)) return;
    this.addType(graph, type.name);
    if (type.name !== 'Split') for (const field of type.fields) this.own(graph, type.name, field.name);
  }

  knowMember(graph: GraphCut, abstract: string, member: string): void {
    const type = this.addType(graph, abstract);
    if (type.members.has(member)) return;
    type.members.add(member);
    if (!graph.types.has(member)) this.join(graph, member, false);
    if (this.monolith.types.get(abstract)?.kind !== 'interface') return;
    this.own(graph, member, 'id');
    // Others reach it in a graph that can be entered.
    const [home] = this.core.get(member) ?? [];
    if (home !== undefined && this.ownersOf(member, 'id').length === 1) this.own(home, member, 'id');
    this.addType(graph, member).interfaces.add(abstract);
  }
}
