/**
 * Cuts a monolith into subgraphs so that every field stays reachable: per entity a random tree over the graphs that hold it, each
 * edge with a key that both ends resolve. PLANNER §6.1.
 */
import { FABRICS, KEY_FIELDS, SHARED_SDL, concreteTypes, createMonolith, fieldOf, namedType } from './monolith.ts';
import type { FieldSpec, Input, Monolith, TypeSpec } from './monolith.ts';
import { createRandom, hash } from './random.ts';
import type { Random } from './random.ts';

export type GraphField = {
  /** external and overridden fields answer poison, unless a provides or a representation gives the value. */
  role: 'own' | 'external' | 'overridden';
  type: string;
  requires: readonly Input[] | null;
  provides: { readonly on: string; readonly field: string }[];
  overrides: string | null;
};

export type GraphType = {
  readonly keys: Map<string, boolean>;
  readonly fields: Map<string, GraphField>;
  readonly interfaces: Set<string>;
  interfaceObject: boolean;
};

export type GraphCut = { readonly name: string; readonly types: Map<string, GraphType> };

export type Cut = { readonly seed: number; readonly monolith: Monolith; readonly graphs: readonly GraphCut[] };

const KEYS = ['id', 'code', 'no year', 'ref { n }'];

export function createCut(seed: number): Cut {
  const random = createRandom(hash('cut', seed));
  const monolith = createMonolith(seed);
  const names = random.sample(['alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta'], 2 + random.int(4));
  const graphs = names.map((name): GraphCut => ({ name, types: new Map() }));
  new Cutter(random, monolith, graphs).cut();
  return { seed, monolith, graphs };
}

/** The graph's key fields: `no year` → no, year; `ref { n }` → ref. */
export function fieldsOfKey(key: string): string[] {
  return key
    .replace(/\{.*\}/, '')
    .trim()
    .split(/\s+/);
}

class Cutter {
  readonly #random: Random;
  readonly #monolith: Monolith;
  readonly #graphs: readonly GraphCut[];
  /** Graphs that may own fields of an entity. */
  readonly #homes = new Map<string, GraphCut[]>();
  /** Graphs of an entity that reach each other both ways: a tree that grows. */
  readonly #core = new Map<string, GraphCut[]>();
  readonly #real: GraphCut;
  /** The graph with the interface object, if there is one: it must not know any implementer. */
  readonly #object: GraphCut | null;
  readonly #moved: ReadonlySet<string>;

  constructor(random: Random, monolith: Monolith, graphs: readonly GraphCut[]) {
    this.#random = random;
    this.#monolith = monolith;
    this.#graphs = graphs;
    const [real, object] = random.sample(graphs, 2);
    if (real === undefined || object === undefined) throw new Error('A cut has two graphs at least');
    this.#real = real;
    this.#object = random.chance(0.5) ? object : null;
    this.#moved = new Set(this.#object === null ? [] : random.sample(['rating', 'remark', 'seller', 'score'], 1 + random.int(3)));
  }

  cut(): void {
    this.#placeFabrics();
    for (const type of this.#entities()) this.#placeEntity(type);
    for (const type of this.#entities()) this.#ownFields(type);
    this.#ownKeyFields();
    for (const type of this.#entities())
      for (const field of type.fields) if (field.inputs !== null && !isFabricField(type, field)) this.#ownComputed(type, field);
    this.#ownRoots();
    this.#ownKeyFields();
    this.#provide();
    this.#override();
    this.#tighten();
    this.#declareInterfaces();
  }

  #entities(): TypeSpec[] {
    return [...this.#monolith.types.values()].filter((type) => type.kind === 'entity');
  }

  #placeFabrics(): void {
    for (const name of FABRICS) {
      this.#homes.set(name, [this.#real]);
      this.#core.set(name, [this.#real]);
      this.#addType(this.#real, name).interfaces.add('Fabric');
      this.#addKey(this.#real, name, 'id', true);
    }
    const real = this.#addType(this.#real, 'Fabric');
    if (this.#object !== null || this.#random.chance(0.5)) real.keys.set('id', true);
    if (this.#object === null) return;
    const object = this.#addType(this.#object, 'Fabric');
    object.interfaceObject = true;
    this.#addKey(this.#object, 'Fabric', 'id', this.#random.chance(0.85));
    if ([...this.#moved].includes('score') || this.#moved.size > 0) object.keys.set('id', true);
  }

  #placeEntity(type: TypeSpec): void {
    const homes = this.#homes.get(type.name) ?? [];
    const others = this.#graphs.filter((graph) => !homes.includes(graph) && this.#mayKnow(graph, type.name));
    for (const graph of this.#random.sample(others, (homes.length === 0 ? 1 : 0) + this.#random.int(3))) {
      this.#join(graph, type.name, true);
      homes.push(graph);
    }
    this.#homes.set(type.name, homes);
    if (this.#random.chance(0.4)) this.#addKey(this.#random.pick(homes), type.name, this.#random.pick(KEYS), this.#random.chance(0.5));
  }

  /** Makes the graph a node of the entity's tree. */
  #join(graph: GraphCut, entity: string, resolvable: boolean): void {
    const nodes = this.#core.get(entity) ?? [];
    this.#core.set(entity, nodes);
    if (graph.types.has(entity) && (!resolvable || nodes.includes(graph))) return;
    this.#addType(graph, entity);
    if (nodes.length === 0) {
      nodes.push(graph);
      this.#addKey(graph, entity, this.#random.pick(KEYS), true);
      return;
    }
    const other = this.#random.pick(nodes);
    const ready = [...(other.types.get(entity)?.keys ?? [])].filter(([, open]) => open).map(([key]) => key);
    const key = ready.length > 0 && this.#random.chance(0.5) ? this.#random.pick(ready) : this.#random.pick(KEYS);
    this.#addKey(other, entity, key, true);
    const isOpen = resolvable || this.#random.chance(0.6);
    this.#addKey(graph, entity, key, isOpen);
    if (isOpen) nodes.push(graph);
  }

  #addType(graph: GraphCut, name: string): GraphType {
    const type = graph.types.get(name) ?? { keys: new Map(), fields: new Map(), interfaces: new Set(), interfaceObject: false };
    graph.types.set(name, type);
    return type;
  }

  #addKey(graph: GraphCut, name: string, key: string, resolvable: boolean): void {
    const type = this.#addType(graph, name);
    type.keys.set(key, resolvable || type.keys.get(key) === true);
    for (const field of fieldsOfKey(key)) this.#own(graph, name, field);
  }

  #own(graph: GraphCut, type: string, name: string): GraphField {
    const spec = fieldOf(this.#monolith, type, name);
    if (spec === undefined) throw new Error(`No field ${type}.${name}`);
    const fields = this.#addType(graph, type).fields;
    const field = fields.get(name) ?? { role: 'own', type: spec.type, requires: null, provides: [], overrides: null };
    fields.set(name, field);
    this.#know(graph, namedType(spec.type));
    return field;
  }

  #external(graph: GraphCut, type: string, name: string): void {
    if (graph.types.get(type)?.fields.has(name) !== true) this.#own(graph, type, name).role = 'external';
  }

  /** May this graph know the type at all? The graph of the interface object knows no implementer, others not the interface. */
  #mayKnow(graph: GraphCut, name: string): boolean {
    if (name === 'Fabric') return graph === this.#real || graph === this.#object;
    return graph !== this.#object || !concreteTypes(this.#monolith, name).some((type) => FABRICS.includes(type));
  }

  #know(graph: GraphCut, name: string): void {
    const type = this.#monolith.types.get(name);
    if (type === undefined || graph.types.has(name)) return;
    if (type.kind === 'entity') {
      this.#join(graph, name, false);
      return;
    }
    this.#addType(graph, name);
    if (type.kind === 'value' && name !== 'Split') for (const field of type.fields) this.#own(graph, name, field.name);
    for (const member of type.members) {
      this.#know(graph, member);
      if (type.kind !== 'interface') continue;
      this.#own(graph, member, 'id');
      this.#addType(graph, member).interfaces.add(name);
    }
  }

  #ownFields(type: TypeSpec): void {
    for (const field of type.fields) {
      if (KEY_FIELDS.includes(field.name)) continue;
      if (field.name === 'split') this.#ownSplit(type);
      else if (isFabricField(type, field)) this.#ownFabricField(type, field);
      else if (field.inputs === null) this.#ownSomewhere(type, field, this.#random.chance(0.3) ? 2 : 1);
    }
  }

  /** A value without a key, in parts: both graphs resolve the field that leads to it, each has some of its fields. */
  #ownSplit(type: TypeSpec): void {
    const homes = this.#random.sample(this.#homes.get(type.name) ?? [], 2);
    const [first] = homes;
    if (first === undefined) return;
    for (const graph of homes) this.#own(graph, type.name, 'split');
    for (const field of this.#monolith.types.get('Split')?.fields ?? []) {
      const graph = this.#random.pick(homes);
      this.#own(graph, 'Split', field.name);
      if (this.#random.chance(0.3)) this.#own(this.#random.pick(homes), 'Split', field.name);
    }
    // No graph may know a type without fields.
    for (const graph of homes) if (graph.types.get('Split')?.fields.size === 0) this.#own(graph, 'Split', 'p');
  }

  #ownFabricField(type: TypeSpec, field: FieldSpec): void {
    if (!this.#moved.has(field.name) || this.#object === null) {
      this.#own(this.#real, type.name, field.name);
      return;
    }
    const own = this.#own(this.#object, 'Fabric', field.name);
    if (field.inputs === null) return;
    own.requires = field.inputs;
    for (const input of field.inputs) this.#external(this.#object, 'Fabric', input.field);
  }

  #ownSomewhere(type: TypeSpec, field: FieldSpec, count: number): void {
    const target = namedType(field.type);
    const homes = this.#homes.get(type.name) ?? [];
    let able = homes.filter((graph) => this.#mayKnow(graph, target));
    if (able.length === 0) {
      const graph = this.#random.pick(this.#graphs.filter((one) => this.#mayKnow(one, target) && this.#mayKnow(one, type.name)));
      this.#join(graph, type.name, true);
      homes.push(graph);
      able = [graph];
    }
    for (const graph of this.#random.sample(able, count)) this.#own(graph, type.name, field.name);
  }

  /** Every key field is known somewhere, used by a key or not. */
  #ownKeyFields(): void {
    for (const type of this.#entities()) {
      for (const name of KEY_FIELDS) {
        if (!this.#graphs.some((graph) => graph.types.get(type.name)?.fields.get(name)?.role === 'own'))
          this.#own(this.#random.pick(this.#homes.get(type.name) ?? []), type.name, name);
      }
    }
  }

  /** In a graph that owns none of its inputs it is fed by `@requires`; if there is no such graph it needs none. */
  #ownComputed(type: TypeSpec, field: FieldSpec): void {
    const inputs = field.inputs ?? [];
    const homes = (this.#homes.get(type.name) ?? []).filter((graph) => {
      const known = graph.types.get(type.name);
      if (known === undefined || ![...known.keys.values()].includes(true)) return false;
      return inputs.every(({ field: name, below }) => {
        const spec = fieldOf(this.#monolith, type.name, name);
        const target = namedType(spec?.type ?? '');
        return (
          known.fields.get(name)?.role !== 'own' &&
          (below.length === 0 || this.#mayKnow(graph, target)) &&
          below.every(({ on }) => on === undefined || this.#mayKnow(graph, on))
        );
      });
    });
    if (homes.length === 0) {
      this.#own(this.#random.pick(this.#homes.get(type.name) ?? []), type.name, field.name);
      return;
    }
    const graph = this.#random.pick(homes);
    this.#own(graph, type.name, field.name).requires = inputs;
    this.#externals(graph, type.name, inputs);
  }

  #externals(graph: GraphCut, type: string, inputs: readonly Input[]): void {
    for (const { on, field, below } of inputs) {
      this.#external(graph, on ?? type, field);
      this.#externals(graph, namedType(fieldOf(this.#monolith, on ?? type, field)?.type ?? ''), below);
    }
  }

  #ownRoots(): void {
    for (const field of this.#monolith.queries) {
      const target = namedType(field.type);
      const able = this.#graphs.filter((graph) => this.#mayKnow(graph, target));
      for (const graph of this.#random.sample(able, this.#random.chance(0.25) ? 2 : 1)) this.#own(graph, 'Query', field.name);
    }
    for (const field of this.#monolith.mutations) {
      const able = this.#graphs.filter((graph) => this.#mayKnow(graph, namedType(field.type)));
      this.#own(this.#random.pick(able), 'Mutation', field.name);
    }
  }

  /** At a field that returns an entity, or a union with one: a field of that entity that this graph does not resolve otherwise. */
  #provide(): void {
    for (const graph of this.#graphs) {
      for (const [parent, { fields }] of graph.types) {
        for (const field of fields.values()) {
          const returned = this.#monolith.types.get(namedType(field.type));
          if (field.role !== 'own' || field.overrides !== null || parent === 'Mutation' || this.#random.chance(0.75)) continue;
          const members = returned?.kind === 'union' ? returned.members : returned?.kind === 'entity' ? [returned.name] : [];
          for (const name of this.#random.sample(members, 1)) this.#provideAt(graph, field, name);
        }
      }
    }
  }

  #provideAt(graph: GraphCut, field: GraphField, entity: string): void {
    const target = this.#monolith.types.get(entity);
    const known = graph.types.get(entity)?.fields;
    if (target === undefined || known === undefined) return;
    const free = target.fields.filter(
      (one) =>
        isPlainLeaf(this.#monolith, one) &&
        one.args === '' &&
        !known.has(one.name) &&
        !isFabricField(target, one) &&
        this.#ownersOf(entity, one.name).length > 0,
    );
    for (const one of this.#random.sample(free, 1)) {
      this.#external(graph, entity, one.name);
      field.provides.push({ on: entity, field: one.name });
    }
  }

  #ownersOf(type: string, field: string): GraphField[] {
    return this.#graphs.flatMap((graph) => graph.types.get(type)?.fields.get(field) ?? []).filter((one) => one.role === 'own');
  }

  #override(): void {
    for (const type of this.#entities()) {
      for (const spec of type.fields) {
        if (!isPlainLeaf(this.#monolith, spec) || isFabricField(type, spec) || this.#random.chance(0.8)) continue;
        const [winner, loser] = this.#random
          .sample(this.#homes.get(type.name) ?? [], 2)
          .map((graph) => ({ graph, field: graph.types.get(type.name)?.fields.get(spec.name) }));
        const owners = this.#ownersOf(type.name, spec.name);
        const isProvided = this.#graphs.some((graph) => graph.types.get(type.name)?.fields.get(spec.name)?.role === 'external');
        if (owners.length !== 1 || isProvided) continue;
        if (winner !== undefined && loser?.field !== undefined && loser.field === owners[0] && winner.field === undefined) {
          this.#own(winner.graph, type.name, spec.name).overrides = loser.graph.name;
          loser.field.role = 'overridden';
        } else if (owners[0] !== undefined && this.#random.chance(0.3)) owners[0].overrides = 'gone';
      }
    }
  }

  /** One of several owners promises non-null, which the data keeps. */
  #tighten(): void {
    for (const type of this.#entities()) {
      for (const spec of type.fields) {
        const owners = this.#ownersOf(type.name, spec.name);
        const all = this.#graphs.flatMap((graph) => graph.types.get(type.name)?.fields.get(spec.name) ?? []);
        if (
          owners.length < 2 ||
          all.length !== owners.length ||
          !isPlainLeaf(this.#monolith, spec) ||
          /[[!]/.test(spec.type) ||
          this.#random.chance(0.5)
        )
          continue;
        spec.neverNull = true;
        this.#random.pick(owners).type = `${spec.type}!`;
      }
    }
  }

  #declareInterfaces(): void {
    for (const spec of this.#monolith.types.values()) {
      if (spec.kind !== 'interface') continue;
      for (const graph of this.#graphs) {
        const type = graph.types.get(spec.name);
        if (type === undefined || type.interfaceObject) continue;
        for (const field of spec.fields) {
          const rows = spec.members.map((member) => graph.types.get(member)?.fields.get(field.name));
          const mustHave = spec.name === 'Fabric' || field.name === 'id';
          if (rows.every((row) => row !== undefined) && (mustHave || this.#random.chance(0.7))) {
            type.fields.set(field.name, { role: 'own', type: field.type, requires: null, provides: [], overrides: null });
          }
        }
      }
      const declared = (field: FieldSpec): boolean => this.#graphs.some((graph) => graph.types.get(spec.name)?.fields.has(field.name));
      spec.fields.splice(0, spec.fields.length, ...spec.fields.filter(declared));
    }
  }
}

function isFabricField(type: TypeSpec, field: FieldSpec): boolean {
  return type.interfaces.includes('Fabric') && ['weight', 'rating', 'remark', 'seller', 'score'].includes(field.name);
}

/** A leaf that can be copied: no key field, nothing that fails or changes, nothing computed. */
function isPlainLeaf(monolith: Monolith, field: FieldSpec): boolean {
  return !monolith.types.has(namedType(field.type)) && field.inputs === null && !['risky', 'count', ...KEY_FIELDS].includes(field.name);
}

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key", "@shareable", "@external", "@requires", "@provides", "@override", "@interfaceObject", "@inaccessible"])\n`;

export function graphSdl(cut: Cut, graph: GraphCut): string {
  return LINK + SHARED_SDL + [...graph.types].map(([name, type]) => typeSdl(cut, name, type)).join('\n');
}

function typeSdl(cut: Cut, name: string, type: GraphType): string {
  const spec = cut.monolith.types.get(name);
  if (spec?.kind === 'union') return `union ${name} = ${spec.members.join(' | ')}`;
  const isInterface = spec?.kind === 'interface' && !type.interfaceObject;
  const keys = [...type.keys].map(([key, open]) => ` @key(fields: "${key}"${open ? '' : ', resolvable: false'})`).join('');
  const above = type.interfaces.size === 0 ? '' : ` implements ${[...type.interfaces].join(' & ')}`;
  const fields = [...type.fields].map(
    ([fieldName, field]) =>
      `  ${fieldName}${fieldOf(cut.monolith, name, fieldName)?.args ?? ''}: ${field.type}${isInterface ? '' : directives(cut, name, fieldName, field)}`,
  );
  return `${isInterface ? 'interface' : 'type'} ${name}${above}${keys}${type.interfaceObject ? ' @interfaceObject' : ''} {\n${fields.join('\n')}\n}`;
}

function directives(cut: Cut, type: string, name: string, field: GraphField): string {
  const hidden = fieldOf(cut.monolith, type, name)?.hidden === true ? ' @inaccessible' : '';
  if (field.role === 'external') return ' @external';
  const rows = cut.graphs.flatMap((graph) => graph.types.get(type)?.fields.get(name) ?? []);
  const isShared = rows.filter((row) => row.role === 'own').length > 1 || rows.some((row) => row.role === 'external');
  return [
    hidden,
    isShared && type !== 'Mutation' ? ' @shareable' : '',
    field.requires === null ? '' : ` @requires(fields: "${inputText(field.requires)}")`,
    field.provides.length === 0
      ? ''
      : ` @provides(fields: "${field.provides.map(({ on, field: name }) => `... on ${on} { ${name} }`).join(' ')}")`,
    field.overrides === null ? '' : ` @override(from: "${field.overrides}")`,
  ].join('');
}

function inputText(inputs: readonly Input[]): string {
  return inputs
    .map(({ on, field, args, below }) => {
      const written = Object.entries(args).map(([name, value]) => `${name}: ${value}`);
      const text = `${field}${written.length === 0 ? '' : `(${written.join(', ')})`}${below.length === 0 ? '' : ` { ${inputText(below)} }`}`;
      return on === undefined ? text : `... on ${on} { ${text} }`;
    })
    .join(' ');
}
