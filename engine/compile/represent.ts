/**
 * Representations as canonical text: equal objects, equal text. Built leaf by leaf, each from the node the plan names. A value that
 * is known to be null is sent as null; one that is not known is never sent, and what hangs on it is masked.
 */
import { mergeNeeds } from '../plan/index.ts';
import type { PlanNeed, PlanPath, PlanRepresentation } from '../plan/index.ts';
import { Lost, isObject, read } from './answers.ts';
import { isTooDeep } from './depth.ts';
import { writeExact } from './json.ts';
import { below, classOf, dataOf, isList, struckAt, typeNameOf } from './places.ts';
import type { Join, Place, Tree } from './places.ts';

/** What becomes of one place: its representation, null (nothing to ask), or why it cannot be asked. */
export type Represented = string | null | Lost;

export type Represent = (join: Join, place: Place) => Represented;

export function compileRepresent(path: PlanPath): Represent {
  const builders = path.entries.map((entry) => compileEntry(path, entry));
  const byClass = new Map(path.entries.map((entry, index) => [entry.classIndex, builders[index]]));
  return (join, place) => {
    // Every object is sent alike: under one static type, or under the name of an interface object.
    if (!path.needsType) return builders[0]?.(join, place) ?? null;
    const index = classOf(join, place);
    if (index instanceof Lost) return index.asNeed();
    return byClass.get(index)?.(join, place) ?? null;
  };
}

function compileEntry(path: PlanPath, entry: PlanRepresentation): Represent {
  const writeKey = compileNeeds(entry.key);
  const requires = entry.requires.map(({ needs, names }) => ({ needs, names, writers: compileNeeds(needs) }));
  const writeAllNeeds = compileNeeds(mergeNeeds([entry.key, ...entry.requires.map(({ needs }) => needs)]));
  return (join, place) => {
    const typeName = entry.typeName ?? typeNameOf(join, place);
    if (typeName instanceof Lost) return typeName.asNeed();
    const key = writeAll(join, place, writeKey);
    // With nothing known of the key there is nothing to ask by; some of it null is for the graph to judge.
    if (writeKey.length > 0 && !key.some) return key.lost;
    if (requires.length === 0) return toText(typeName, key.fields);
    const all = writeAll(join, place, writeAllNeeds);
    if (all.lost === null) return toText(typeName, all.fields);
    const known: (readonly PlanNeed[])[] = [];
    let lost: Lost | null = null;
    for (const { needs, names, writers } of requires) {
      const unknown = writeAll(join, place, writers).lost;
      if (unknown === null) known.push(needs);
      else for (const name of names) maskOf(place, path.node).set(name, (lost = unknown));
    }
    // All that is asked hangs on what is not known: nothing is sent.
    if (lost !== null && known.length === 0 && hangsWhole(join, path, requires)) return lost;
    return toText(typeName, writeAll(join, place, compileNeeds(mergeNeeds([entry.key, ...known]))).fields);
  };
}

function maskOf(place: Place, node: number): Map<string, Lost> {
  const found = place.masks.get(node);
  if (found !== undefined) return found;
  const masks = new Map<string, Lost>();
  place.masks.set(node, masks);
  return masks;
}

function hangsWhole(join: Join, path: PlanPath, requires: readonly { readonly names: readonly string[] }[]): boolean {
  const names = new Set(requires.flatMap((one) => one.names));
  return (join.plan.nodes[path.node]?.fields ?? []).every((field) => names.has(field.name));
}

type WriteResult = {
  /** `"name":value`, by name. */
  readonly fields: readonly string[];
  readonly lost: Lost | null;
  /** Something of it is neither null nor unknown. */ readonly some: boolean;
};
type Write = { readonly field: string; readonly key: string; write(join: Join, place: Place): string | null | Lost };

function writeAll(join: Join, place: Place, writers: readonly Write[]): WriteResult {
  const fields: string[] = [];
  let lost: Lost | null = null;
  let some = false;
  for (const { key, write } of writers) {
    const text = write(join, place);
    if (text instanceof Lost) lost ??= text.asNeed();
    else {
      fields.push(key + (text ?? 'null'));
      some ||= text !== null;
    }
  }
  return { fields, lost, some };
}

function toText(typeName: string | null, fields: readonly string[]): string {
  const [first = ''] = fields;
  const rest = fields.length > 1 ? fields.join(',') : first;
  if (typeName === null || typeName === '') return `{${rest}}`;
  return `{"__typename":${writeExact(typeName)}${rest === '' ? '' : ','}${rest}}`;
}

/** In the order of their names. */
function compileNeeds(needs: readonly PlanNeed[]): Write[] {
  return needs.map(compileNeed).toSorted((a, b) => (a.field < b.field ? -1 : 1));
}

/** Null = known to be null. */
function compileNeed(need: PlanNeed): Write {
  const key = `${JSON.stringify(need.field)}:`;
  if (need.kind === 'leaf') {
    return { field: need.field, key, write: (join, place) => writeLeaf(join, place, need.node, need.name) };
  }
  const byClass = new Map(need.byClass.map(({ classIndex, typeName, needs }) => [classIndex, { typeName, writers: compileNeeds(needs) }]));
  const writeTree = (join: Join, tree: Tree): string | null | Lost => {
    if (tree === null || tree instanceof Lost) return tree;
    if (isList(tree)) return writeItems(tree, (item) => writeTree(join, item));
    const index = classOf(join, tree);
    if (index instanceof Lost) return index;
    const entry = byClass.get(index);
    const runtime = entry?.typeName ?? typeNameOf(join, tree);
    if (runtime instanceof Lost) return runtime;
    const written = entry === undefined ? null : writeAll(join, tree, entry.writers);
    if (written !== null && written.lost !== null) return written.lost;
    return toText(need.typed ? runtime : null, written?.fields ?? []);
  };
  return {
    field: need.field,
    key,
    write(join, place) {
      const child = join.plan.positions[need.position];
      return child === undefined ? null : writeTree(join, below(join, place, child));
    },
  };
}

/** The one value that a context selection leads to, as JSON; of several objects on the way, the list of theirs. */
export type Value = (join: Join, place: Place) => string | null | Lost;

export function compileValue(need: PlanNeed | 'typename'): Value {
  if (need === 'typename') {
    return (join, place) => {
      const name = typeNameOf(join, place);
      return typeof name === 'string' ? JSON.stringify(name) : name;
    };
  }
  if (need.kind === 'leaf') return (join, place) => writeLeaf(join, place, need.node, need.name);
  const byClass = new Map(
    need.byClass.map(({ classIndex, needs: [inner] }) => [classIndex, inner === undefined ? null : compileValue(inner)]),
  );
  const valueOf = (join: Join, tree: Tree): string | null | Lost => {
    if (tree === null || tree instanceof Lost) return tree;
    if (isList(tree)) return writeItems(tree, (item) => valueOf(join, item));
    const index = classOf(join, tree);
    return index instanceof Lost ? index : (byClass.get(index)?.(join, tree) ?? null);
  };
  return (join, place) => {
    const child = join.plan.positions[need.position];
    return child === undefined ? null : valueOf(join, below(join, place, child));
  };
}

/** As long as the list: a null stands where one is known. */
function writeItems(items: readonly Tree[], write: (item: Tree) => string | null | Lost): string | Lost {
  const texts: string[] = [];
  for (const item of items) {
    const text = write(item);
    if (text instanceof Lost) return text;
    texts.push(text ?? 'null');
  }
  return `[${texts.join(',')}]`;
}

function writeLeaf(join: Join, place: Place, id: number, name: string): string | null | Lost {
  const data = dataOf(join, place, id);
  if (data instanceof Lost) return data;
  const masked = place.masks.get(id)?.get(name);
  if (masked !== undefined) return masked;
  if (!isObject(data)) return null;
  const value = read(data, name);
  const node = join.plan.nodes[id];
  if (value !== null && value !== undefined) return isTooDeep(value) ? tooDeep(join, node?.fetch ?? -1) : writeExact(value);
  const errors = node === undefined ? [] : struckAt(join.answers[node.fetch], data, name);
  return errors.length > 0 ? new Lost('field', errors) : null;
}

function tooDeep(join: Join, fetch: number): Lost {
  const graph = join.answers[fetch]?.graph ?? '';
  const message = `The subgraph ${graph} answered a value that is nested too deep to be sent on.`;
  return new Lost('field', [{ message, code: 'SUBGRAPH_INVALID_RESPONSE', graph, tail: [] }]);
}
