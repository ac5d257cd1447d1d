/**
 * Proves of a plan, from its data and the documents' text alone, what PLANNER §2.11 demands. It shares nothing with the planner: it reads
 * the operation by the collecting rules of the specification, and every subgraph document as that subgraph would.
 */
import { Kind, parse, validate } from 'graphql';
import type { DocumentNode, FieldNode, FragmentDefinitionNode, OperationDefinitionNode, SelectionSetNode } from 'graphql';
import type {
  Plan,
  PlanCall,
  PlanContextSource,
  PlanEntry,
  PlanFetch,
  PlanNeed,
  PlanNode,
  PlanPath,
  PlanPosition,
  PlanRepresentation,
} from '../../engine/plan/index.ts';
import { canonicalArguments, idsOf } from '../../engine/supergraph/index.ts';
import type { ContextArgument, Field, FieldSet, FieldSetField, GraphId, IndexType, Supergraph } from '../../engine/supergraph/index.ts';

/** What is wrong, one text each; none for a sound plan. The document holds one operation, first. */
export function checkPlan(plan: Plan, supergraph: Supergraph, document: DocumentNode): string[] {
  return new Checker(plan, supergraph, document).check();
}

/** Where a selection of a document stands: what is provided there, which names have requirements, which variables ancestors fill. */
type Selected = {
  readonly parent: string;
  readonly provided: FieldSet;
  readonly required: ReadonlySet<string>;
  readonly filled?: ReadonlySet<string>;
};

type Composite = Extract<IndexType, { kind: 'object' | 'interface' | 'union' }>;

/** A response key of a type at a position: what the client asks there. */
type Shown = {
  readonly type: string;
  readonly position: number;
  readonly wanted: readonly FieldNode[];
  readonly name: string;
  readonly args: string;
};

class Checker {
  readonly #plan: Plan;
  readonly #supergraph: Supergraph;
  readonly #operation: OperationDefinitionNode;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #conditions: ReadonlyMap<string, boolean>;
  readonly #labels: ReadonlyMap<string, boolean>;
  readonly #wrong: string[] = [];
  readonly #documents: (DocumentNode | null)[];
  readonly #readFetches = new Set<number>();

  constructor(plan: Plan, supergraph: Supergraph, document: DocumentNode) {
    this.#plan = plan;
    this.#supergraph = supergraph;
    const [operation] = document.definitions;
    if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('The operation comes first');
    this.#operation = operation;
    this.#fragments = new Map(
      document.definitions.flatMap((node) => (node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [])),
    );
    this.#conditions = new Map(plan.conditions);
    this.#labels = new Map(plan.labels);
    this.#documents = plan.fetches.map((fetch) => this.#parse(fetch));
  }

  check(): string[] {
    for (const fetch of this.#plan.fetches) {
      this.#checkOrder(fetch);
      this.#checkDocument(fetch);
      for (const call of fetch.calls) for (const path of call.paths) this.#checkPath(fetch, call, path);
      const at = this.#plan.positions[fetch.at ?? -1];
      if (at !== undefined) this.#checkWay(fetch, at);
    }
    this.#checkParts();
    this.#checkGroups();
    for (const fetch of this.#plan.fetches) if (!this.#readFetches.has(fetch.id)) this.#say(`fetch ${fetch.id} is read by nobody`);
    return this.#wrong;
  }

  #say(text: string): void {
    if (!this.#wrong.includes(text)) this.#wrong.push(text);
  }

  #parse(fetch: PlanFetch): DocumentNode | null {
    try {
      return parse(fetch.document);
    } catch (error) {
      this.#say(`fetch ${fetch.id}: ${String(error)}: ${fetch.document}`);
      return null;
    }
  }

  // --- order: acyclic, levels rise along every edge

  #checkOrder(fetch: PlanFetch): void {
    for (const id of fetch.dependsOn) {
      const other = this.#plan.fetches[id];
      if (other === undefined || other.id === fetch.id) this.#say(`fetch ${fetch.id} depends on ${id}, which is not there`);
      else if (other.part === fetch.part ? other.level >= fetch.level : other.part > fetch.part)
        this.#say(`fetch ${fetch.id} at level ${fetch.level} depends on ${id} at level ${other.level}`);
    }
    if (fetch.dependsOn.length === 0 && fetch.kind === 'entity') this.#say(`entity fetch ${fetch.id} depends on nothing`);
  }

  // --- groups: nothing waits for what is sent later, and each group waits for all it shows

  #checkGroups(): void {
    for (const fetch of this.#plan.fetches) {
      for (const id of fetch.dependsOn) {
        const other = this.#plan.fetches[id];
        if (other !== undefined && !this.#isEnclosing(other.group, fetch.group))
          this.#say(`fetch ${fetch.id} of group ${fetch.group} depends on ${id} of group ${other.group}`);
      }
    }
    for (const part of this.#plan.parts)
      for (const id of part.fetches)
        if (this.#plan.fetches[id]?.group !== 0) this.#say(`the first payload waits for fetch ${id}, which is deferred`);
    for (const position of this.#plan.positions)
      for (const entry of position.classes.flatMap(({ lanes }) => lanes.flat())) this.#checkGroupOf(entry);
  }

  #checkGroupOf(entry: PlanEntry): void {
    if (entry.kind !== 'field' || entry.source.kind === 'denied' || entry.source.kind === 'none') return;
    const below = entry.source.kind === 'position' ? this.#plan.positions[entry.source.position] : undefined;
    const nodes = entry.source.kind === 'leaf' ? [entry.source.node] : [below?.primary, below?.typeNode];
    for (const id of nodes) {
      const fetch = this.#plan.fetches[this.#plan.nodes[id ?? -1]?.fetch ?? -1];
      if (fetch === undefined) continue;
      if (!this.#isEnclosing(fetch.group, entry.group))
        this.#say(`${entry.coordinate} of group ${entry.group} is read from fetch ${fetch.id} of group ${fetch.group}`);
      if (this.#plan.deferred !== null && this.#plan.deferred.groups[entry.group]?.reads.includes(fetch.id) !== true)
        this.#say(`group ${entry.group} shows ${entry.coordinate} without waiting for fetch ${fetch.id}`);
    }
  }

  /** The same group, the primary one, or one whose fragments contain all those of the inner. */
  #isEnclosing(outer: number, inner: number): boolean {
    const groups = this.#plan.deferred?.groups ?? [{ usages: [], reads: [] }];
    const [around, inside] = [groups[outer]?.usages, groups[inner]?.usages];
    if (around === undefined || inside === undefined) return false;
    if (outer === 0 || outer === inner) return true;
    const isIn = (usage: number | null): boolean => {
      for (let at = usage; at !== null; at = this.#plan.deferred?.usages[at]?.parent ?? null) if (around.includes(at)) return true;
      return false;
    };
    return inside.length > 0 && inside.every(isIn);
  }

  #isBefore(early: number, fetch: PlanFetch): boolean {
    const seen = new Set<number>();
    const visit = (id: number): boolean => {
      if (id === early) return true;
      if (seen.has(id)) return false;
      seen.add(id);
      return (this.#plan.fetches[id]?.dependsOn ?? []).some(visit);
    };
    return fetch.dependsOn.some(visit);
  }

  // --- documents: valid in the graph, and nothing in them that the graph cannot resolve there

  #checkDocument(fetch: PlanFetch): void {
    const document = this.#documents[fetch.id];
    if (document === null || document === undefined) return;
    const [invalid] = validate(this.#supergraph.graphView(fetch.graph), document);
    if (invalid !== undefined)
      this.#say(`fetch ${fetch.id} is not valid in ${this.#nameOf(fetch.graph)}: ${invalid.message}: ${fetch.document}`);
    const operation = this.#operationOf(fetch);
    if (operation === null) return;
    const declared = (operation.variableDefinitions ?? []).map((node) => node.variable.name.value).toSorted();
    const filled = fetch.calls.flatMap((call) => [call.variable, ...call.contexts.map(({ variable }) => variable)]);
    const wanted = [...fetch.variables, ...filled].toSorted();
    if (declared.join() !== wanted.join()) this.#say(`fetch ${fetch.id} declares ${declared.join()} and is given ${wanted.join()}`);
    const rootName = this.#supergraph.roots[fetch.operation];
    for (const field of fieldsIn(operation.selectionSet)) {
      const call = fetch.calls.find((one) => one.alias === keyOf(field));
      if (call !== undefined && field.name.value === '_entities') this.#checkEntities(fetch, call, field);
      else if (rootName !== null) this.#checkField(fetch.graph, field, { parent: rootName, provided: [], required: new Set() });
    }
  }

  #operationOf(fetch: PlanFetch): OperationDefinitionNode | null {
    const node = this.#documents[fetch.id]?.definitions[0];
    return node?.kind === Kind.OPERATION_DEFINITION ? node : null;
  }

  #checkEntities(fetch: PlanFetch, call: PlanCall, field: FieldNode): void {
    // Which response names may need a representation with requirements.
    const required = new Set(call.paths.flatMap((path) => path.entries.flatMap((entry) => entry.requires.flatMap(({ names }) => names))));
    this.#checkSet(fetch.graph, field.selectionSet, {
      parent: '_Entity',
      provided: [],
      required,
      filled: new Set(call.contexts.map(({ variable }) => variable)),
    });
  }

  #checkSet(graph: GraphId, set: SelectionSetNode | undefined, at: Selected): void {
    for (const selection of set?.selections ?? []) {
      if (selection.kind === Kind.FRAGMENT_SPREAD) this.#say(`a document spreads ${selection.name.value}`);
      else if (selection.kind === Kind.INLINE_FRAGMENT)
        this.#checkSet(graph, selection.selectionSet, { ...at, parent: selection.typeCondition?.name.value ?? at.parent });
      else this.#checkField(graph, selection, at);
    }
  }

  #checkField(graph: GraphId, node: FieldNode, at: Selected): void {
    const name = node.name.value;
    if (name === '__typename') return;
    const type = this.#composite(at.parent);
    const field = type?.fields.get(name);
    const row = field?.in[graph];
    if (type === undefined || field === undefined || row === undefined) {
      this.#say(`${this.#nameOf(graph)} is asked for ${at.parent}.${name}, which it does not define`);
      return;
    }
    const concrete = type.kind === 'interface' && type.in[graph]?.interfaceObject !== true;
    const rows = concrete ? idsOf(type.possibleIn[graph] ?? 0n).map((id) => this.#supergraph.objects[id]?.fields.get(name)) : [field];
    for (const one of rows) if (one !== undefined) this.#checkUsable(graph, one, at.provided, at.required.has(keyOf(node)));
    for (const argument of row.contextArguments) {
      const given = node.arguments?.find(({ name: { value } }) => value === argument.name)?.value;
      const isFilled = given?.kind === Kind.VARIABLE && at.filled?.has(given.name.value) === true;
      if (!isFilled) this.#say(`${field.coordinate} in ${this.#nameOf(graph)} is asked without its contextual argument ${argument.name}`);
    }
    const provided = [...(row.provides ?? []), ...below(at.provided, name)];
    this.#checkSet(graph, node.selectionSet, { parent: row.type.name, provided, required: new Set() });
  }

  #checkUsable(graph: GraphId, field: Field, provided: FieldSet, isRequired: boolean): void {
    const row = field.in[graph];
    const where = `${field.coordinate} in ${this.#nameOf(graph)}`;
    if (row === undefined) this.#say(`${where} is not defined there, though its interface is asked for it`);
    else if (row.external && !lists(provided, field.name)) this.#say(`${where} is external and not provided here`);
    else if (row.usable === 'no') this.#say(`${where} is overridden`);
    else if (typeof row.usable === 'object' && this.#labels.get(row.usable.label) !== row.usable.active)
      this.#say(`${where} is on the wrong side of the label ${row.usable.label}, or the plan does not name the label`);
    else if (row.requires !== null && !isRequired) this.#say(`${where} is asked for without its requirement`);
  }

  // --- representations: key and requirement leaves come from fetches before, with the declared arguments

  #checkPath(fetch: PlanFetch, call: PlanCall, path: PlanPath): void {
    const position = this.#plan.positions[path.position];
    if (position === undefined) return this.#say(`fetch ${fetch.id} starts at position ${path.position}, which is not there`);
    this.#checkWay(fetch, position);
    if (path.needsType) this.#needType(position, fetch);
    else this.#checkWithoutType(fetch, path, position);
    for (const entry of path.entries) {
      this.#checkRepresentation(fetch, { call, path, position, entry });
      this.#checkNotAskedBack(fetch, { path, position, entry });
    }
    this.#checkContexts(fetch, call, path);
  }

  /** What is sent as a key is there: nothing shows the copy of it that comes back. */
  #checkNotAskedBack(fetch: PlanFetch, at: { path: PlanPath; position: PlanPosition; entry: PlanRepresentation }): void {
    const { path, position, entry } = at;
    const sent = new Set(entry.key.flatMap((need) => (need.kind === 'leaf' ? [need.field] : [])));
    for (const shown of position.classes[entry.classIndex]?.lanes.flat() ?? []) {
      const isBack = shown.kind === 'field' && shown.source.kind === 'leaf' && shown.source.node === path.node;
      if (isBack && sent.has(shown.coordinate.split('.')[1] ?? ''))
        this.#say(`fetch ${fetch.id} is sent ${shown.coordinate} and asked for it, too`);
    }
  }

  /** Down to its objects a fetch goes by what holds the object at each place, and by what tells the types above. */
  #checkWay(fetch: PlanFetch, position: PlanPosition): void {
    for (let place: PlanPosition | undefined = position; place !== undefined; place = this.#plan.positions[place.parent?.position ?? -1]) {
      const first = this.#plan.nodes[place.primary];
      // The root is there anyway.
      const isThere = place !== position && place.parent === null;
      if (first !== undefined && !isThere)
        this.#needFetch(first.fetch, fetch, place === position ? 'the objects to ask for' : 'the way to them');
      const type = this.#plan.nodes[place.typeNode ?? -1];
      if (place !== position && type !== undefined) this.#needFetch(type.fetch, fetch, 'the types on the way to its objects');
    }
  }

  // --- contexts: each variable of the call holds what the nearest ancestor that carries the context has under its selection

  #checkContexts(fetch: PlanFetch, call: PlanCall, path: PlanPath): void {
    if (path.contexts.length !== call.contexts.length)
      this.#say(`fetch ${fetch.id}: ${call.alias} has ${call.contexts.length} contexts, a path of it gives ${path.contexts.length}`);
    const node = this.#plan.nodes[path.node];
    for (const entry of path.entries) {
      const types = this.#plan.positions[path.position]?.classes[entry.classIndex]?.types ?? [];
      for (const type of types) {
        const entered = this.#composite(entry.typeName ?? type);
        for (const field of node === undefined
          ? []
          : this.#setsOf(node).flatMap((set) => collectIn(set, (on) => this.#applies(fetch.graph, on, type)))) {
          for (const argument of entered?.fields.get(field.name.value)?.in[fetch.graph]?.contextArguments ?? []) {
            const given = field.arguments?.find(({ name }) => name.value === argument.name)?.value;
            const index = call.contexts.findIndex(({ variable }) => given?.kind === Kind.VARIABLE && given.name.value === variable);
            const source = path.contexts[index];
            if (source !== undefined) this.#checkContext(fetch, argument, path, source);
            if (call.contexts[index]?.type !== argument.type.text)
              this.#say(`${field.name.value}(${argument.name}:) is filled with another type`);
          }
        }
      }
    }
  }

  #checkContext(fetch: PlanFetch, argument: ContextArgument, path: PlanPath, { position, value }: PlanContextSource): void {
    const where = `fetch ${fetch.id}: ${argument.name} of context ${argument.context}`;
    const nearest = this.#ancestor(path.position, argument.context);
    if (nearest === null || nearest.position.id !== position)
      return this.#say(
        `${where} is read at position ${position}, the nearest ancestor that carries it is ${nearest?.position.id ?? 'none'}`,
      );
    if (value === 'typename') return nearest.types.length > 1 ? this.#needType(nearest.position, fetch) : undefined;
    for (const type of nearest.types) {
      const wanted = alternative(argument.selection, (on) => isIn(this.#composite(on), type, this.#supergraph));
      if (wanted === null && value !== null) this.#say(`${where}: nothing is selected of ${type}, yet something is read`);
      const missing = wanted === null ? null : value === null ? wanted.name : this.#covers([value], [wanted], type);
      if (missing !== null) this.#say(`${where}: ${missing} of ${type} is not what is read`);
    }
    if (value !== null) this.#checkNeed(fetch, value, nearest.types);
  }

  #ancestor(from: number, context: string): { readonly position: PlanPosition; readonly types: readonly string[] } | null {
    for (let at = this.#plan.positions[from]?.parent ?? null; at !== null; at = this.#plan.positions[at.position]?.parent ?? null) {
      const position = this.#plan.positions[at.position];
      const types = position?.classes[at.classIndex]?.types ?? [];
      const carriers = [...this.#supergraph.types.values()].filter((one) => 'contexts' in one && one.contexts.includes(context));
      const isCarried = types.every((type) =>
        carriers.some(({ name }) => name === type || isIn(this.#composite(name), type, this.#supergraph)),
      );
      if (position !== undefined && types.length > 0 && isCarried) return { position, types };
    }
    return null;
  }

  /** Without types every object is sent alike: then every type that can arrive must be meant, or be one of the interface named. */
  #checkWithoutType(fetch: PlanFetch, path: PlanPath, position: PlanPosition): void {
    const arriving = position.nodes.flatMap((id) => this.#typesAt(this.#plan.nodes[id], this.#composite(position.typeName)));
    const meant = path.entries.flatMap((entry) => position.classes[entry.classIndex]?.types ?? []);
    const named = path.entries.map((entry) => this.#composite(entry.typeName ?? ''));
    const others = arriving.filter(
      (type) => !meant.includes(type) && !named.some((one) => one?.kind === 'interface' && isIn(one, type, this.#supergraph)),
    );
    if (others.length > 0) this.#say(`fetch ${fetch.id} sends ${others.join()} too at position ${position.id}: it reads no types`);
    const ways = new Set(path.entries.map(({ typeName, key, requires }) => JSON.stringify([typeName, key, requires])));
    if (ways.size > 1) this.#say(`fetch ${fetch.id} has ${ways.size} ways to send position ${position.id} and reads no types`);
  }

  #needFetch(early: number, fetch: PlanFetch, what: string): void {
    this.#readFetches.add(early);
    if (early !== fetch.id && !this.#isBefore(early, fetch))
      this.#say(`fetch ${fetch.id} reads ${what} from fetch ${early} without waiting for it`);
    if (early === fetch.id) this.#say(`fetch ${fetch.id} reads ${what} from itself`);
  }

  #needType(position: PlanPosition, fetch: PlanFetch): void {
    const node = this.#plan.nodes[position.typeNode ?? -1];
    if (node === undefined) return this.#say(`fetch ${fetch.id} needs the types at position ${position.id}, which nobody reads`);
    this.#needFetch(node.fetch, fetch, 'types');
    if (!node.readsType) this.#say(`node ${node.id} does not read __typename`);
  }

  #checkRepresentation(
    fetch: PlanFetch,
    { path, position, entry, call }: { path: PlanPath; position: PlanPosition; entry: PlanRepresentation; call: PlanCall },
  ): void {
    const types = position.classes[entry.classIndex]?.types ?? [];
    for (const type of types) {
      const name = entry.typeName ?? type;
      const entered = this.#composite(name);
      const row = entered?.in[fetch.graph];
      const where = `fetch ${fetch.id} into ${this.#nameOf(fetch.graph)} as ${name} for ${type}`;
      if (entered === undefined || row === undefined) {
        this.#say(`${where}: the graph does not know ${name}`);
        continue;
      }
      if (entered.kind === 'object' && name !== type) this.#say(`${where}: another type's name`);
      if (entered.kind === 'interface' && !entered.interfaceObjects.length && !isIn(entered, type, this.#supergraph))
        this.#say(`${where}: not one of its types`);
      const key = row.keys.find((one) => one.resolvable && this.#covers(entry.key, one.fields, type) === null);
      if (key === undefined) this.#say(`${where}: no resolvable key is what is sent (${entry.key.map((need) => need.field).join()})`);
      this.#checkRequirements(fetch, { entered, type, entry, path, call });
    }
    for (const need of [...entry.key, ...entry.requires.flatMap(({ needs }) => needs)]) this.#checkNeed(fetch, need, types);
  }

  #checkRequirements(
    fetch: PlanFetch,
    { entered, type, entry, path, call }: { entered: Composite; type: string; entry: PlanRepresentation; path: PlanPath; call: PlanCall },
  ): void {
    const node = this.#plan.nodes[path.node];
    if (node === undefined) return this.#say(`fetch ${fetch.id}: node ${path.node} is not there`);
    for (const { needs, names } of entry.requires) {
      for (const name of names) {
        const selected = this.#select(node, name, type)[0];
        const set = entered.fields.get(selected?.name.value ?? '')?.in[fetch.graph]?.requires;
        if (set === undefined || set === null)
          this.#say(`fetch ${fetch.id}: ${name} hangs on a requirement that ${entered.name} does not declare`);
        else {
          const missing = this.#covers(needs, set, type);
          if (missing !== null)
            this.#say(
              `fetch ${fetch.id}: ${entered.name}.${selected?.name.value ?? name} requires ${missing}, which is not sent (call ${call.alias})`,
            );
        }
      }
    }
  }

  /** Null when the needs are the field set (for objects of this type); else what is missing. */
  #covers(needs: readonly PlanNeed[], set: FieldSet, type: string): string | null {
    for (const part of set) {
      if (part.kind === 'fragment') {
        if (!isIn(this.#composite(part.on), type, this.#supergraph)) continue;
        const missing = this.#covers(needs, part.selections, type);
        if (missing !== null) return missing;
        continue;
      }
      if (part.name === '__typename') continue;
      const need = needs.find((one) => one.field === part.name);
      if (need === undefined) return part.name;
      if (need.kind === 'leaf') {
        if (part.selections.length > 0) return `${part.name} { … }`;
        const node = this.#plan.nodes[need.node];
        const selected = node === undefined ? [] : this.#select(node, need.name, null);
        for (const one of selected)
          if (argumentsOf(one) !== part.argsText) return `${part.name}${part.argsText} (read ${one.name.value}${argumentsOf(one)})`;
        continue;
      }
      const position = this.#plan.positions[need.position];
      for (const inner of need.byClass) {
        for (const innerType of position?.classes[inner.classIndex]?.types ?? []) {
          const missing = this.#covers(inner.needs, part.selections, innerType);
          if (missing !== null) return `${part.name}.${missing}`;
        }
      }
    }
    return null;
  }

  #checkNeed(fetch: PlanFetch, need: PlanNeed, types: readonly string[]): void {
    if (need.kind === 'leaf') {
      const node = this.#plan.nodes[need.node];
      if (node === undefined) return this.#say(`fetch ${fetch.id} reads ${need.field} from nowhere`);
      this.#needFetch(node.fetch, fetch, need.field);
      for (const type of types) this.#checkRead(node, { name: need.name, type, field: need.field, args: null });
      return;
    }
    const position = this.#plan.positions[need.position];
    const first = this.#plan.nodes[position?.primary ?? -1];
    if (position === undefined || first === undefined)
      return this.#say(`fetch ${fetch.id} reads ${need.field} at position ${need.position}, which is not there`);
    this.#needFetch(first.fetch, fetch, need.field);
    if (need.typed || need.byClass.length > 1) this.#needType(position, fetch);
    for (const inner of need.byClass)
      for (const one of inner.needs) this.#checkNeed(fetch, one, position.classes[inner.classIndex]?.types ?? []);
  }

  // --- reading a document as its graph would

  /** The fields with this response name at a node, for objects of this type (null: any). */
  #select(node: PlanNode, name: string, type: string | null): FieldNode[] {
    return this.#setsOf(node)
      .flatMap((set) => collectIn(set, (condition) => type === null || this.#applies(node.graph, condition, type)))
      .filter((field) => keyOf(field) === name);
  }

  #applies(graph: GraphId, condition: string, type: string): boolean {
    const composite = this.#composite(condition);
    const object = this.#composite(type);
    if (composite === undefined || object?.kind !== 'object') return false;
    return idsOf(composite.possibleIn[graph] ?? 0n).includes(object.objectId) || condition === type;
  }

  #setsOf(node: PlanNode): SelectionSetNode[] {
    const fetch = this.#plan.fetches[node.fetch];
    const root = fetch === undefined ? null : this.#operationOf(fetch);
    if (fetch === undefined || root === null) return [];
    const { origin } = node;
    switch (origin.kind) {
      case 'root':
        return [root.selectionSet];
      case 'entity':
        return fieldsIn(root.selectionSet).flatMap((field) =>
          keyOf(field) === fetch.calls[origin.call]?.alias && field.selectionSet !== undefined ? [field.selectionSet] : [],
        );
      case 'field': {
        const parent = this.#plan.nodes[origin.node];
        return parent === undefined ? [] : this.#select(parent, origin.name, null).flatMap((field) => field.selectionSet ?? []);
      }
    }
  }

  /** Can an object of this type be held as the node's graph sees it? */
  #mayStand(node: PlanNode, type: string): boolean {
    const object = this.#composite(type);
    if (object === undefined) return false;
    if (object.in[node.graph] !== undefined) return true;
    return object.interfaceObjects.some(({ graph }) => graph === node.graph);
  }

  #checkRead(node: PlanNode, { name, type, field, args }: { name: string; type: string; field: string; args: string | null }): void {
    if (!node.fields.some((one) => one.name === name)) this.#say(`node ${node.id} has no ${name}`);
    if (!this.#mayStand(node, type)) return;
    const selected = this.#select(node, name, type);
    const where = `fetch ${node.fetch} (${this.#nameOf(node.graph)})`;
    if (selected.length === 0) this.#say(`${where} does not ask ${type}.${field} as ${name}, though it is read there`);
    for (const one of selected) {
      if (one.name.value !== field) this.#say(`${where}: ${name} is ${one.name.value}, read as ${type}.${field}`);
      else if (args !== null && this.#ownArguments(node, one) !== args)
        this.#say(`${where}: ${type}.${field}${args} is asked as ${field}${argumentsOf(one)}`);
    }
  }

  /** Without those that an ancestor fills. */
  #ownArguments(node: PlanNode, field: FieldNode): string {
    const filled = new Set(this.#plan.fetches[node.fetch]?.calls.flatMap((call) => call.contexts.map(({ variable }) => variable)));
    const own = field.arguments?.filter(({ value }) => value.kind !== Kind.VARIABLE || !filled.has(value.name.value)) ?? [];
    return argumentsOf({ ...field, arguments: own });
  }

  // --- the client's answer: every response key of every type once, from one source, in order

  #checkParts(): void {
    const root = this.#supergraph.roots[this.#operation.operation === OPERATION_MUTATION ? 'mutation' : 'query'];
    if (root === null) return this.#say('the operation has no root type');
    const wanted = this.#collect([this.#operation.selectionSet], root);
    if (this.#plan.kind === 'query') {
      const [part] = this.#plan.parts;
      const position = this.#plan.positions[part?.position ?? -1];
      if (position !== undefined) this.#checkLane(position, 0, [this.#operation.selectionSet]);
      return;
    }
    const shown = this.#plan.parts.flatMap(({ position }) =>
      (this.#plan.positions[position]?.classes[0]?.lanes[0] ?? []).map((entry) => entry.responseKey),
    );
    if (shown.join() !== [...wanted.keys()].join())
      this.#say(`the mutation shows ${shown.join()}, the client asks for ${[...wanted.keys()].join()}`);
    for (const { position } of this.#plan.parts) {
      const entries = this.#plan.positions[position]?.classes[0]?.lanes[0] ?? [];
      for (const entry of entries) this.#checkEntry(entry, { type: root, position, wanted: wanted.get(entry.responseKey) });
    }
    this.#checkDeeds(wanted);
  }

  /** Each root field of a mutation is sent exactly once. */
  #checkDeeds(wanted: ReadonlyMap<string, readonly FieldNode[]>): void {
    const asked = [...wanted.values()].filter(([field]) => field !== undefined && !field.name.value.startsWith('__')).length;
    const sent = this.#plan.fetches
      .filter((fetch) => fetch.operation === 'mutation')
      .flatMap((fetch) => fieldsIn(this.#operationOf(fetch)?.selectionSet).filter((field) => field.name.value !== '__typename'));
    if (sent.length !== asked) this.#say(`${asked} mutation fields are asked, ${sent.length} sent`);
  }

  #checkLane(position: PlanPosition, lane: number, sets: readonly SelectionSetNode[]): void {
    const declared = this.#composite(position.typeName);
    const arriving = new Set(position.nodes.flatMap((id) => this.#typesAt(this.#plan.nodes[id], declared)));
    this.#checkShown(position, lane, arriving.size);
    for (const type of arriving) {
      // Objects of hidden types are null to clients.
      const object = this.#composite(type);
      if (object?.kind === 'object' && !object.public) continue;
      // Without types every object is shown as the first class is.
      const cls = position.typeless ? position.classes[0] : position.classes.find((one) => one.types.includes(type));
      const wanted = this.#collect(sets, type);
      const entries = cls?.lanes[lane] ?? [];
      const keys = entries.map((entry) => entry.responseKey);
      if (keys.join() !== [...wanted.keys()].join()) {
        this.#say(`position ${position.id}: ${type} shows [${keys.join()}], the client asks for [${[...wanted.keys()].join()}]`);
        continue;
      }
      for (const entry of entries) this.#checkEntry(entry, { type, position: position.id, wanted: wanted.get(entry.responseKey) });
    }
  }

  /** Where types are shown, or classes are shown differently, somebody must read the type. */
  #checkShown(position: PlanPosition, lane: number, arriving: number): void {
    const type = this.#plan.nodes[position.typeNode ?? -1];
    if (type !== undefined) this.#readFetches.add(type.fetch);
    const shown = new Set(position.classes.map((cls) => JSON.stringify(cls.lanes[lane] ?? [])));
    const isNamed = position.classes.some((cls) => (cls.lanes[lane] ?? []).some((entry) => entry.kind === 'typename'));
    const isTold = type?.readsType === true;
    if (arriving > 1 && !isTold && isNamed) this.#say(`position ${position.id} shows __typename, which nobody reads`);
    if (arriving > 1 && !isTold && !position.typeless && shown.size > 1)
      this.#say(`position ${position.id} shows its classes differently and reads no type`);
  }

  #typesAt(node: PlanNode | undefined, declared: Composite | undefined): string[] {
    if (node === undefined || declared === undefined || node.id !== this.#plan.positions[node.position]?.primary) return [];
    return idsOf((declared.possibleIn[node.graph] ?? 0n) & declared.possible).flatMap((id) => this.#supergraph.objects[id]?.name ?? []);
  }

  #checkEntry(entry: PlanEntry, at: { type: string; position: number; wanted: readonly FieldNode[] | undefined }): void {
    const [first] = at.wanted ?? [];
    if (first === undefined) return;
    const name = first.name.value;
    if (entry.kind === 'local' || entry.kind === 'typename') {
      const isRight = entry.kind === 'typename' ? name === '__typename' : name === '__schema' || name === '__type';
      if (!isRight) this.#say(`${entry.responseKey} is ${name}, shown as ${entry.kind}`);
      return;
    }
    const field = this.#composite(at.type)?.fields.get(name);
    if (field === undefined) return this.#say(`${at.type} has no field ${name}`);
    if (!field.public || this.#supergraph.types.get(at.type)?.public !== true) this.#say(`${field.coordinate} is inaccessible and shown`);
    if (entry.coordinate.split('.')[1] !== name) this.#say(`${entry.responseKey} is ${name}, shown as ${entry.coordinate}`);
    this.#checkSource(entry, { ...at, wanted: at.wanted ?? [], name, args: argumentsOf(first) });
  }

  #checkSource({ source, responseKey }: Extract<PlanEntry, { kind: 'field' }>, at: Shown): void {
    if (source.kind === 'leaf') this.#checkLeaf(source, responseKey, at);
    if (source.kind === 'position') this.#checkBelow(source, responseKey, at);
  }

  #checkLeaf(source: { readonly node: number; readonly name: string }, responseKey: string, at: Shown): void {
    const node = this.#plan.nodes[source.node];
    if (node?.position !== at.position)
      return this.#say(`${responseKey} is read from node ${source.node}, which is not at position ${at.position}`);
    this.#readFetches.add(node.fetch);
    this.#checkRead(node, { name: source.name, type: at.type, field: at.name, args: at.args });
  }

  #checkBelow(source: { readonly position: number; readonly lane: number }, responseKey: string, at: Shown): void {
    const position = this.#plan.positions[source.position];
    if (position === undefined) return this.#say(`${responseKey} leads to position ${source.position}, which is not there`);
    const node = this.#plan.nodes[position.primary];
    if (node !== undefined) this.#readFetches.add(node.fetch);
    const typed = this.#plan.nodes[position.typeNode ?? -1];
    if (typed !== undefined) this.#readFetches.add(typed.fetch);
    const parent = node?.origin.kind === 'field' ? this.#plan.nodes[node.origin.node] : undefined;
    if (parent !== undefined && node?.origin.kind === 'field')
      this.#checkRead(parent, { name: node.origin.name, type: at.type, field: at.name, args: at.args });
    const sets = at.wanted.flatMap((field) => field.selectionSet ?? []);
    this.#checkLane(position, source.lane, sets);
  }

  /** CollectFields of the specification, with the plan's conditions. */
  #collect(sets: readonly SelectionSetNode[], type: string): Map<string, FieldNode[]> {
    const grouped = new Map<string, FieldNode[]>();
    const visit = (set: SelectionSetNode): void => {
      for (const selection of set.selections) {
        if (!this.#isIncluded(selection)) continue;
        if (selection.kind === Kind.FIELD) {
          grouped.set(keyOf(selection), [...(grouped.get(keyOf(selection)) ?? []), selection]);
          continue;
        }
        const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? this.#fragments.get(selection.name.value) : selection;
        const condition = fragment?.typeCondition?.name.value;
        if (
          fragment !== undefined &&
          (condition === undefined || condition === type || isIn(this.#composite(condition), type, this.#supergraph))
        )
          visit(fragment.selectionSet);
      }
    };
    for (const set of sets) visit(set);
    return grouped;
  }

  #isIncluded(node: SelectionSetNode['selections'][number]): boolean {
    return (node.directives ?? []).every((directive) => {
      const name = directive.name.value;
      if (name !== 'skip' && name !== 'include') return true;
      const value = directive.arguments?.[0]?.value;
      const given =
        value?.kind === Kind.BOOLEAN ? value.value : value?.kind === Kind.VARIABLE ? this.#conditions.get(value.name.value) : undefined;
      return name === 'skip' ? given !== true : given === true;
    });
  }

  #composite(name: string): Composite | undefined {
    const type = this.#supergraph.types.get(name);
    return type?.kind === 'object' || type?.kind === 'interface' || type?.kind === 'union' ? type : undefined;
  }

  #nameOf(graph: GraphId): string {
    return this.#supergraph.graphs[graph]?.name ?? String(graph);
  }
}

const OPERATION_MUTATION = 'mutation';

function isIn(composite: Composite | undefined, type: string, supergraph: Supergraph): boolean {
  const object = supergraph.types.get(type);
  return composite !== undefined && object?.kind === 'object' && idsOf(composite.possible).includes(object.objectId);
}

function keyOf(field: FieldNode): string {
  return field.alias?.value ?? field.name.value;
}

function argumentsOf(field: FieldNode): string {
  return canonicalArguments((field.arguments ?? []).map((argument) => ({ name: argument.name.value, value: argument.value })));
}

/** Every field of a set, through fragments. */
function fieldsIn(set: SelectionSetNode | undefined): FieldNode[] {
  return set === undefined ? [] : collectIn(set, () => true);
}

function collectIn(set: SelectionSetNode, applies: (condition: string) => boolean): FieldNode[] {
  return set.selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [selection];
    if (selection.kind === Kind.FRAGMENT_SPREAD) return [];
    const condition = selection.typeCondition?.name.value;
    return condition === undefined || applies(condition) ? collectIn(selection.selectionSet, applies) : [];
  });
}

function below(set: FieldSet, name: string): FieldSet {
  return set.flatMap((node) => (node.kind === 'fragment' ? below(node.selections, name) : node.name === name ? node.selections : []));
}

/** The one field that a context selection names for a type. */
function alternative(set: FieldSet, applies: (on: string) => boolean): FieldSetField | null {
  for (const node of set) {
    const found = node.kind === 'field' ? node : applies(node.on) ? alternative(node.selections, applies) : null;
    if (found !== null) return found;
  }
  return null;
}

function lists(set: FieldSet, name: string): boolean {
  return set.some((node) => (node.kind === 'fragment' ? lists(node.selections, name) : node.name === name));
}
