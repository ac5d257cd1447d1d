/**
 * Selections as text. From the classes of a node back to the fewest type conditions that are valid in the graph: none where
 * everything that can stand there is asked alike, one on an interface of the graph where exactly its types are, else one per concrete
 * type. A name the graph does not know never appears.
 */
import { idsOf, isSubset } from '../supergraph/bits.ts';
import type { Bits } from '../supergraph/bits.ts';
import { canonicalArguments, compareNames } from '../supergraph/canonical.ts';
import type { CompositeType, GraphId, InterfaceType, Supergraph } from '../supergraph/types.ts';
import type { ClassNode, Slot } from './model.ts';
import type { NameScope } from './names.ts';
import type { Node } from './nodes.ts';
import { isComposite, isInterfaceObject, isOffered, isPlain, rowIn } from './rows.ts';
import type { Run } from './run.ts';
import { addTo } from './group.ts';

/** Gives every field of the node and below its name; in the order in which they are printed. */
export function nameFields(run: Run, node: Node, scope: NameScope): void {
  const perOccurrence = node.position.root?.operation === 'mutation';
  for (const cls of classesOf(node)) {
    for (const slot of cls.slots.values()) {
      const field = node.fields.get(slot);
      if (field === undefined) continue;
      const row = rowIn(run.supergraph, slot.field, node.graph);
      // Two equal root fields of a mutation are two deeds.
      const key = perOccurrence ? `${slot.id}:${slot.key}` : slot.key;
      const named = scope.allocate(key, row?.type.text ?? '', slot.responseKey);
      field.name = named.name;
      field.twins = slot.twins.map((twin) => scope.allocate(twin.key, row?.type.text ?? '', twin.responseKey).name);
      if (field.child !== null) nameFields(run, field.child, named.below);
    }
  }
}

export function classesOf(node: Node): ClassNode[] {
  return [...node.classes].toSorted((a, b) => a.id - b.id);
}

/** `{ … }` of a node; the same node always prints the same. */
export function printNode(run: Run, node: Node): string {
  const byClass = classesOf(node).map((cls) => ({ cls, texts: printFields(run, node, cls) }));
  const type = node.declared === null ? undefined : run.supergraph.types.get(node.declared);
  const lines = isComposite(type) ? printDeclared(run, node.graph, type, byClass) : printEntities(run, node, byClass);
  const all = [...(node.readsType && node.declared !== null ? ['__typename'] : []), ...lines];
  return `{ ${all.length === 0 ? '__typename' : all.join(' ')} }`;
}

type Printed = { readonly cls: ClassNode; readonly texts: readonly FieldText[] };
type FieldText = { readonly text: string; readonly slot: Slot };

function printFields(run: Run, node: Node, cls: ClassNode): FieldText[] {
  const texts: FieldText[] = [];
  for (const slot of cls.slots.values()) {
    const field = node.fields.get(slot);
    if (field === undefined) continue;
    const alias = field.name === slot.field.name ? '' : `${field.name}: `;
    const below = field.child !== null ? ` ${printNode(run, field.child)}` : slot.child !== null ? ' { __typename }' : '';
    texts.push({ text: `${alias}${slot.field.name}${argumentsText(run, node, slot)}${below}`, slot });
    slot.twins.forEach((twin, index) => {
      const name = field.twins[index] ?? '';
      texts.push({ text: `${name === slot.field.name ? '' : `${name}: `}${slot.field.name}${twin.argsText}${below}`, slot });
    });
  }
  return texts;
}

/** The client's own arguments, and those that an ancestor fills: by variables of the call. */
function argumentsText(run: Run, node: Node, slot: Slot): string {
  const filled = (rowIn(run.supergraph, slot.field, node.graph)?.contextArguments ?? []).flatMap(({ name }) => {
    const variable = node.contexts.get(slot)?.get(name);
    return variable === undefined ? [] : [`${name}: $${variable.name}`];
  });
  if (filled.length === 0) return slot.argsText;
  const own =
    slot.args.length === 0 ? [] : [canonicalArguments(slot.args.map((arg) => ({ name: arg.name.value, value: arg.value }))).slice(1, -1)];
  return `(${[...own, ...filled].join(', ')})`;
}

/** Below a field: what all types share stands on the declared type, the rest under conditions. */
function printDeclared(run: Run, graph: GraphId, type: CompositeType, byClass: readonly Printed[]): string[] {
  if (type.kind === 'object' || isInterfaceObject(run.supergraph, type.name, graph))
    return unique(byClass.flatMap(({ texts }) => texts.map(({ text }) => text)));
  const possible = type.possibleIn[graph] ?? 0n;
  const askedBy = new Map<string, bigint>();
  for (const { cls, texts } of byClass) for (const { text } of texts) askedBy.set(text, (askedBy.get(text) ?? 0n) | cls.types);
  const shared = new Set<string>();
  for (const { texts } of byClass) {
    for (const { text, slot } of texts) {
      if (isSubset(possible, askedBy.get(text) ?? 0n) && holdsForAll(run, graph, type, slot)) shared.add(text);
    }
  }
  const slots = new Map(byClass.flatMap(({ texts }) => texts.map(({ text, slot }): [string, Slot] => [text, slot])));
  const rest = [...askedBy].flatMap(([text, types]) =>
    shared.has(text) ? [] : [{ text, types: types & possible, slot: slots.get(text) }],
  );
  const byInterface = onInterfaces(run, graph, possible, rest);
  const lines = [...shared, ...byInterface.lines];
  for (const { cls, texts } of byClass) {
    const own = texts.filter(({ text }) => !shared.has(text) && !byInterface.said.has(text)).map(({ text }) => text);
    if (cls.types === 0n) lines.push(...own);
    else if (own.length > 0) lines.push(...printConditions(run, cls.types & possible, own.join(' ')));
  }
  return lines;
}

/** May the field be asked on the interface itself? Only if every type that can stand there answers it plainly. */
function holdsForAll(run: Run, graph: GraphId, type: CompositeType, slot: Slot): boolean {
  const { name } = slot.field;
  const row = type.fields.get(name)?.in[graph];
  if (row === undefined || !isOffered(row, run.labels) || row.external || !isPlain(row)) return false;
  const text = rowIn(run.supergraph, slot.field, graph)?.type.text;
  return idsOf(type.possibleIn[graph] ?? 0n).every((id) => {
    const field = run.supergraph.objects[id]?.fields.get(name);
    // Not even where such a type cannot stand: no document names what is denied.
    if (field !== undefined && run.denied.has(field.coordinate)) return false;
    const own = field?.in[graph];
    // A narrower type on the object would let a name mean two types.
    return (
      own !== undefined &&
      isOffered(own, run.labels) &&
      !own.external &&
      isPlain(own) &&
      own.type.text === row.type.text &&
      text === row.type.text
    );
  });
}

type Asked = { readonly text: string; readonly types: Bits; readonly slot: Slot | undefined };

/**
 * Conditions on interfaces of the graph, for what exactly their types are asked: seventy types need one. In a document a name stands for
 * one field (names.ts), so what other types are asked never contradicts.
 */
function onInterfaces(run: Run, graph: GraphId, possible: Bits, asked: readonly Asked[]): { lines: string[]; said: ReadonlySet<string> } {
  const byInterface = new Map<string, string[]>();
  const said = new Set<string>();
  for (const { text, types, slot } of asked) {
    if (slot === undefined || !isSeveral(types)) continue;
    const type = interfacesIn(run.supergraph, graph).find(
      (one) => ((one.possibleIn[graph] ?? 0n) & possible) === types && holdsForAll(run, graph, one, slot),
    );
    if (type === undefined) continue;
    addTo(byInterface, type.name, text);
    said.add(text);
  }
  return { lines: [...byInterface].map(([name, texts]) => `... on ${name} { ${texts.join(' ')} }`), said };
}

function isSeveral(types: Bits): boolean {
  return (types & (types - 1n)) !== 0n;
}

const known = new WeakMap<Supergraph, CompositeType[][]>();

/** Those that are real in the graph, by name. */
function interfacesIn(supergraph: Supergraph, graph: GraphId): readonly CompositeType[] {
  const lists = known.get(supergraph) ?? [];
  known.set(supergraph, lists);
  return (lists[graph] ??= [...supergraph.types.values()]
    .filter((type): type is InterfaceType => type.kind === 'interface' && type.in[graph] !== undefined)
    .filter(({ name }) => !isInterfaceObject(supergraph, name, graph))
    .toSorted((a, b) => compareNames(a.name, b.name)));
}

function printConditions(run: Run, types: bigint, body: string): string[] {
  return idsOf(types).map((id) => `... on ${run.supergraph.objects[id]?.name ?? ''} { ${body} }`);
}

/** Entity calls: conditions on the names under which the objects are sent. */
function printEntities(run: Run, node: Node, byClass: readonly Printed[]): string[] {
  const byInterface = onInterfaces(run, node.graph, EVERY_TYPE, askedByType(node, byClass));
  const byName = new Map<string, Set<string>>();
  const asInterface = new Map<string, Printed[]>();
  for (const printed of byClass) {
    const { cls, texts } = printed;
    const enterAs = node.rules.get(cls)?.[0]?.rule.enterAs ?? null;
    if (enterAs !== null) {
      addTo(asInterface, enterAs, printed);
      continue;
    }
    for (const name of typeNames(run, cls)) {
      const own = byName.get(name) ?? new Set<string>();
      byName.set(name, own);
      if (node.readsType || texts.length === 0) own.add('__typename');
      for (const { text } of texts) if (!byInterface.said.has(text)) own.add(text);
    }
  }
  const lines = [...byName].flatMap(([name, texts]) => (texts.size === 0 ? [] : [`... on ${name} { ${[...texts].join(' ')} }`]));
  lines.unshift(...byInterface.lines);
  for (const [name, group] of asInterface) {
    const type = run.supergraph.types.get(name);
    const inner = isComposite(type) ? printDeclared(run, node.graph, type, group) : [];
    const all = [...(node.readsType ? ['__typename'] : []), ...inner];
    lines.push(`... on ${name} { ${all.length === 0 ? '__typename' : all.join(' ')} }`);
  }
  return lines;
}

const EVERY_TYPE: Bits = -1n;

/** What objects sent by their own type are asked, where that is all. */
function askedByType(node: Node, byClass: readonly Printed[]): Asked[] {
  const plain = byClass.filter(({ cls }) => (node.rules.get(cls)?.[0]?.rule.enterAs ?? null) === null);
  if (node.readsType || plain.length < byClass.length || plain.some(({ texts }) => texts.length === 0)) return [];
  const asked = new Map<string, Asked>();
  for (const { cls, texts } of plain)
    for (const { text, slot } of texts) asked.set(text, { text, types: (asked.get(text)?.types ?? 0n) | cls.types, slot });
  return [...asked.values()];
}

export function typeNames(run: Run, cls: ClassNode): string[] {
  return cls.types === 0n ? [cls.type.name] : idsOf(cls.types).map((id) => run.supergraph.objects[id]?.name ?? '');
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}

/** Client variables that the selection uses, in order of first use. */
export function variablesOf(node: Node, into: Set<string> = new Set()): Set<string> {
  for (const cls of classesOf(node)) {
    for (const slot of cls.slots.values()) {
      const field = node.fields.get(slot);
      if (field === undefined) continue;
      for (const name of slot.variables) into.add(name);
      for (const twin of slot.twins) for (const name of twin.variables) into.add(name);
      if (field.child !== null) variablesOf(field.child, into);
    }
  }
  return into;
}
