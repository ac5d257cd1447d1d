/**
 * Fourth step: from nodes to requests. Entity calls of one graph and level share a request; calls with the same selection share one
 * `_entities` field. `dependsOn` holds what a request reads, and for mutations the end of the part before; nothing else.
 */
import { print } from 'graphql';
import { EngineError } from '../supergraph/engine-error.ts';
import type { GraphId } from '../supergraph/types.ts';
import { valuesOf } from './contexts.ts';
import { isEarlier } from './defer.ts';
import type { Group } from './defer.ts';
import type { Need } from './model.ts';
import { createScope } from './names.ts';
import type { Prefixes } from './names.ts';
import type { Node, Part } from './nodes.ts';
import { classesOf, nameFields, printNode, variablesOf } from './print-document.ts';
import type { Run } from './run.ts';
import { createWaits } from './waits.ts';

export type Fetch = {
  id: number;
  readonly kind: 'root' | 'entity' | 'reentry';
  readonly operation: 'query' | 'mutation';
  readonly graph: GraphId;
  level: number;
  readonly part: number;
  /** What waits for it. */
  readonly group: Group;
  readonly nodes: Node[];
  readonly dependsOn: Set<Fetch>;
  calls: Call[];
  document: string;
  variables: string[];
  /** Their declarations, in the same order. */
  declarations: string[];
};

export type Call = {
  readonly alias: string;
  readonly variable: string;
  readonly selection: string;
  readonly nodes: Node[];
  /** Variables that ancestors fill. */
  readonly contexts: readonly { readonly variable: string; readonly type: string }[];
  /** The selection cut at these variables. */
  readonly pieces: readonly (string | number)[];
};

export function buildFetches(run: Run, parts: readonly Part[], prefixes: Prefixes): Fetch[] {
  const fetches = groupNodes(run, parts);
  run.budget.count('fetches', fetches.length);
  const ofNode = new Map<Node, Fetch>();
  for (const fetch of fetches) for (const node of fetch.nodes) ofNode.set(node, fetch);
  const fetchOf = (node: Node): Fetch => {
    const found = node.origin.kind === 'field' ? fetchOf(node.origin.parent) : ofNode.get(node);
    if (found === undefined) throw new EngineError('INTERNAL', 'A node of the plan has no fetch.');
    return found;
  };
  for (const part of parts) {
    const primaries = primariesOf(part);
    for (const node of part.nodes) {
      const own = fetchOf(node);
      for (const read of readsOf(node, primaries)) if (fetchOf(read) !== own) own.dependsOn.add(fetchOf(read));
    }
  }
  for (const part of parts) waitForWay(part, fetchOf);
  orderParts(fetches, parts.length);
  const sorted = fetches.toSorted(
    (a, b) => a.part - b.part || a.level - b.level || a.graph - b.graph || a.group.id - b.group.id || firstPosition(a) - firstPosition(b),
  );
  sorted.forEach((fetch, id) => {
    fetch.id = id;
    // Parts of a mutation were levelled one by one.
    if (parts.length > 1) fetch.level = 1 + Math.max(0, ...[...fetch.dependsOn].map(({ level }) => level));
    writeDocument(run, fetch, prefixes);
  });
  let id = 0;
  for (const part of parts) {
    for (const node of part.nodes) {
      node.id = id++;
      node.fetch = fetchOf(node).id;
    }
  }
  return sorted;
}

const ENTITIES = '_entities';

function firstPosition(fetch: Fetch): number {
  return Math.min(...fetch.nodes.map((node) => node.position.id));
}

/**
 * The node that says whether an object is there: one that came by its field, in time for all who ask; of several the earliest, and then
 * the one that knows most types.
 */
export function primariesOf(part: Part): Map<Node['position'], Node> {
  const primaries = new Map<Node['position'], Node>();
  for (const node of part.nodes) {
    if (node.origin.kind === 'entity' || node.origin.kind === 'reentry') continue;
    const best = primaries.get(node.position);
    const wanted = part.groups.existence(node.position);
    const isLate = (one: Node): number => (isEarlier(one.group, wanted) ? 0 : 1);
    const order = best === undefined ? -1 : isLate(node) - isLate(best) || node.level - best.level || best.classes.size - node.classes.size;
    if (order < 0) primaries.set(node.position, node);
  }
  return primaries;
}

/** Nodes that an entity call reads: leaves, types, and on the way to them whatever says that the object is there. */
function readsOf(node: Node, primaries: ReadonlyMap<Node['position'], Node>): Set<Node> {
  const reads = new Set(node.reads);
  if (node.origin.kind === 'field') return reads;
  const include = (position: Node['position']): void => {
    const primary = primaries.get(position);
    // An entity call at the same place already waits for what holds the object.
    if (
      primary === undefined ||
      [...node.reads].some((read) => read.position === position && (read === primary || read.origin.kind === 'entity'))
    )
      return;
    reads.add(primary);
  };
  if (node.origin.kind === 'entity') include(node.position);
  const visit = (needs: readonly Need[]): void => {
    for (const need of needs) {
      if (need.slot.child === null) continue;
      include(need.slot.child);
      for (const child of need.children) visit(child.needs);
    }
  };
  for (const rules of node.rules.values()) {
    for (const { rule } of rules) {
      visit(rule.keyNeeds);
      visit(rule.requireNeeds);
      visit(valuesOf(rule.contextNeeds));
    }
  }
  return reads;
}

/**
 * The way to the objects of a call leads through what says at each place above that an object is there. Mostly the call waits for it
 * anyway, by what it reads; not where a place is held by several requests and what is read came by another of them.
 */
function waitForWay(part: Part, fetchOf: (node: Node) => Fetch): void {
  const primaries = primariesOf(part);
  for (const node of part.nodes) {
    if (node.origin.kind !== 'entity' && node.origin.kind !== 'reentry') continue;
    const own = fetchOf(node);
    // The root is there anyway.
    for (let { position } = node; position.slot !== null; { position } = position.slot.owner) {
      const primary = primaries.get(position);
      // At its own place an entity call waits for what holds the object, or for another call that does.
      if (
        primary === undefined ||
        (node.origin.kind === 'entity' && position === node.position) ||
        fetchOf(primary) === own ||
        awaits(own, fetchOf(primary))
      )
        continue;
      own.dependsOn.add(fetchOf(primary));
    }
  }
}

/** The other one has ended before this one begins. */
function awaits(fetch: Fetch, other: Fetch): boolean {
  return [...fetch.dependsOn].some((one) => one === other || (one.level > other.level && awaits(one, other)));
}

/** Root nodes by graph, entity calls by graph and level; neighbouring mutation fields of one graph where nothing follows the first. */
function groupNodes(run: Run, parts: readonly Part[]): Fetch[] {
  const fetches: Fetch[] = [];
  const { operation } = run.operation;
  parts.forEach((part, index) => {
    const byKey = new Map<string, Fetch>();
    const primaries = run.merge === 'level' ? null : primariesOf(part);
    const waitsOf = createWaits(run.merge, (node) => (primaries === null ? [] : readsOf(node, primaries)));
    for (const node of part.nodes) {
      const { kind } = node.origin;
      if (kind === 'field') continue;
      const key = `${kind}:${node.graph}:${node.level}:${node.group.id}:${waitsOf(node)}:${kind === 'reentry' ? node.position.id : ''}`;
      let fetch = byKey.get(key);
      if (fetch === undefined) {
        const shared = kind === 'root' && operation === 'mutation' ? joinable(fetches, part, index) : undefined;
        fetch = shared ?? createFetch(node, kind, kind === 'root' && operation === 'mutation' ? 'mutation' : 'query', index);
        if (shared === undefined) fetches.push(fetch);
        byKey.set(key, fetch);
      }
      fetch.nodes.push(node);
    }
  });
  return fetches;
}

/** The request of the mutation field before, if it is all that field needs and goes to the same graph. */
function joinable(fetches: readonly Fetch[], part: Part, index: number): Fetch | undefined {
  const last = fetches.at(-1);
  const graph = part.nodes.find((node) => node.origin.kind === 'root')?.graph;
  if (last === undefined || last.kind !== 'root' || last.graph !== graph) return undefined;
  const lastPart = Math.max(...last.nodes.map((node) => node.part));
  return lastPart === index - 1 && fetches.every((fetch) => fetch === last || Math.max(...fetch.nodes.map((node) => node.part)) < last.part)
    ? last
    : undefined;
}

function createFetch(node: Node, kind: Fetch['kind'], operation: Fetch['operation'], part: number): Fetch {
  return {
    id: -1,
    kind,
    operation,
    graph: node.graph,
    level: node.level,
    part,
    group: node.group,
    nodes: [],
    dependsOn: new Set(),
    calls: [],
    document: '',
    variables: [],
    declarations: [],
  };
}

/** A part of a mutation begins when all fetches of the parts before have ended, but for those that are deferred. */
function orderParts(fetches: readonly Fetch[], count: number): void {
  if (count < 2) return;
  let ends: Fetch[] = [];
  for (let part = 0; part < count; part += 1) {
    const own = fetches.filter((fetch) => fetch.part === part);
    if (own.length === 0) continue;
    for (const fetch of own) if (fetch.dependsOn.size === 0) for (const end of ends) fetch.dependsOn.add(end);
    const awaited = own.filter(({ group }) => group.usages.length === 0);
    ends = awaited.filter((fetch) => !awaited.some((other) => other.dependsOn.has(fetch)));
  }
}

function writeDocument(run: Run, fetch: Fetch, prefixes: Prefixes): void {
  const used = new Set<string>();
  for (const node of fetch.nodes) variablesOf(node, used);
  fetch.variables = [...used];
  fetch.declarations = fetch.variables.map((name) => declaration(run, name));
  const declared = [...fetch.declarations];
  let body: string;
  if (fetch.kind === 'entity') {
    fetch.calls = makeCalls(run, fetch, prefixes);
    const calls = fetch.calls.map(
      (call) => `${call.alias === ENTITIES ? '' : `${call.alias}: `}_entities(representations: $${call.variable}) ${call.selection}`,
    );
    declared.unshift(
      ...fetch.calls.flatMap((call) => [
        `$${call.variable}: [_Any!]!`,
        ...call.contexts.map(({ variable, type }) => `$${variable}: ${type}`),
      ]),
    );
    body = `{ ${calls.join(' ')} }`;
  } else {
    const scope = createScope(prefixes.names);
    for (const node of fetch.nodes) nameFields(run, node, scope);
    const texts = fetch.nodes.map((node) => printNode(run, node).slice(2, -2));
    body = `{ ${texts.join(' ')} }`;
  }
  const head = declared.length === 0 ? '' : `(${declared.join(', ')})`;
  fetch.document = fetch.operation === 'mutation' ? `mutation${head} ${body}` : `${head === '' ? '' : `query${head} `}${body}`;
}

/** Nodes with the same selection share a call: their representations are de-duplicated together. */
function makeCalls(run: Run, fetch: Fetch, prefixes: Prefixes): Call[] {
  const bySelection = new Map<string, Node[]>();
  for (const node of fetch.nodes) {
    nameFields(run, node, createScope(prefixes.names));
    nameContexts(node, prefixes.contexts);
    const selection = printNode(run, node);
    const nodes = bySelection.get(selection);
    if (nodes === undefined) bySelection.set(selection, [node]);
    else nodes.push(node);
  }
  const plain = bySelection.size === 1 && fetch.nodes.every((node) => node.variables.size === 0);
  return [...bySelection].map(([common, nodes], index) => {
    const alias = plain ? ENTITIES : `_e${index}`;
    const variable = `${prefixes.variables}${index}`;
    const [first] = nodes;
    if (first === undefined || first.variables.size === 0) return { alias, variable, selection: common, nodes, contexts: [], pieces: [] };
    const pieces = cutAtContexts(run, first);
    // Equal up to the names of such variables, which differ from call to call.
    nameContexts(first, `${prefixes.contexts}${index}_`);
    const contexts = [...first.variables.values()].map(({ name, type }) => ({ variable: name, type }));
    return { alias, variable, selection: printNode(run, first), nodes, contexts, pieces };
  });
}

/** What no document contains. */
const MARK = '\u0000';

/** Text, number of a variable, text, …: calls are repeated with variables of their own for each tuple of values. */
function cutAtContexts(run: Run, node: Node): (string | number)[] {
  [...node.variables.values()].forEach((variable, index) => (variable.name = `${MARK}${index}${MARK}`));
  return printNode(run, node)
    .split(MARK)
    .map((piece, index) => (index % 2 === 0 ? piece : Number(piece)));
}

function nameContexts(node: Node, prefix: string): void {
  [...node.variables.values()].forEach((variable, index) => (variable.name = `${prefix}${index}`));
}

function declaration(run: Run, name: string): string {
  const node = run.operation.variableDefinitions?.find((definition) => definition.variable.name.value === name);
  if (node === undefined)
    throw new EngineError('GRAPHQL_VALIDATION_FAILED', `Variable $${name} is not declared: validate the operation before planning it.`);
  const value = node.defaultValue === undefined ? '' : ` = ${print(node.defaultValue)}`;
  return `$${name}: ${print(node.type)}${value}`;
}

/** Classes of a node that are entered there, with their rules. */
export function enteredClasses(node: Node): ReturnType<typeof classesOf> {
  return classesOf(node).filter((cls) => node.rules.has(cls));
}
