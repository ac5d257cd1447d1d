/**
 * What the answer to a request must look like, from its document: objects with their keys in order. A shape says which of its values
 * are recorded while it is read; a row of numbers per object. Exports `Shape`, `ShapeField`, `compileShapes`, `useRange`, `useChild`.
 */
import { Kind, parse } from 'graphql';
import type { FieldNode, SelectionSetNode } from 'graphql';
import type { Plan, PlanFetch, PlanNode } from '../../plan/index.ts';
import type { Supergraph, TypeRef } from '../../supergraph/types.ts';
import { UNREAD, compileLeafCheck, toTexts } from './leaf-checks.ts';
import type { LeafCheck, Texts } from './leaf-checks.ts';
import { NotSpliced } from './not-spliced.ts';
import { toKeyWords } from './bytes.ts';

/** Columns of every row: 0 = the object is there, NULL_ROW = null stands there; then its type, by number in `typeNames`. */
export const PRESENT = 0;
export const TYPE = 1;
const FIRST_FREE = 2;

/** An object, or (`item` is not null) a list within a list. Shapes of one request are numbered; their rows are kept apart. */
export type Shape = {
  readonly index: number;
  readonly nodes: readonly PlanNode[];
  readonly item: Shape | null;
  fields: readonly ShapeField[];
  /** Every key must be there, in this order. Else some stand under type conditions: they may be absent, and in another order. */
  strict: boolean;
  /** As an item of a list. */
  nullable: boolean;
  /** Numbers per row; 0 = nothing of it is read, no rows are kept. */
  stride: number;
  readonly typeNames: readonly string[];
  readonly typeTexts: Texts;
  /** While an answer is read: its rows and their number. */
  rows: Int32Array;
  count: number;
};

/** Kinds of readers. Any other leaf is read by its check, and so is a string that is null. */
const LEAF = 0;
export const STRING = 1;
export const BELOW = 2;
export const TYPE_NAME = 3;

export const NO_ROWS = new Int32Array(0);

export type ShapeField = {
  readonly name: string;
  /** `"name":` in words of four bytes; the last may overlap the one before. */
  readonly words: Int32Array;
  readonly keyLength: number;
  readonly optional: boolean;
  readonly order: number;
  readonly kind: 'leaf' | 'object' | 'list' | 'type';
  /** By what its value is read. */
  readonly reader: number;
  /** The key with the brace or comma before it, as it stands where all keys come in order. */
  readonly opening: Int32Array;
  readonly openingLength: number;
  readonly check: LeafCheck;
  readonly nullable: boolean;
  readonly child: Shape | null;
  /** Column of the start of the value; its end is next. -1: not recorded. */
  rangeAt: number;
  /** Column of the row of the object below, or of the first item's row; the number of items is next. */
  childAt: number;
};

export type FetchShapes = { readonly root: Shape; readonly shapes: readonly Shape[]; readonly ofNode: ReadonlyMap<number, Shape> };

export function useRange(shape: Shape, field: ShapeField): number {
  if (field.rangeAt < 0) {
    field.rangeAt = takeColumns(shape);
  }
  return field.rangeAt;
}

export function useChild(shape: Shape, field: ShapeField): number {
  if (field.childAt < 0) field.childAt = takeColumns(shape);
  for (let below = field.child; below !== null; below = below.item) record(below);
  return field.childAt;
}

export function record(shape: Shape): void {
  if (shape.stride === 0) shape.stride = shape.item === null ? FIRST_FREE : FIRST_FREE + 2;
}

/** Where a list within a list keeps its first row and the number of its items. */
export const INNER_LIST = FIRST_FREE;

function takeColumns(shape: Shape): number {
  record(shape);
  shape.stride += 2;
  return shape.stride - 2;
}

type Compiler = {
  readonly plan: Plan;
  readonly supergraph: Supergraph;
  readonly shapes: Shape[];
  readonly ofNode: Map<number, Shape>;
  /** Types of what the client is shown, by `node:name`. */
  readonly shown: ReadonlyMap<string, readonly TypeRef[]>;
};

export function compileShapes(plan: Plan, supergraph: Supergraph, fetch: PlanFetch): FetchShapes {
  const compiler: Compiler = { plan, supergraph, shapes: [], ofNode: new Map(), shown: shownLeaves(plan) };
  const [definition] = parse(fetch.document).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new NotSpliced('no operation');
  const roots = plan.nodes.filter((node) => node.fetch === fetch.id && node.origin.kind === 'root');
  const root =
    fetch.kind === 'entity'
      ? compileEntities(compiler, fetch, definition.selectionSet)
      : compileObject(compiler, [definition.selectionSet], roots, false);
  return { root, shapes: compiler.shapes, ofNode: compiler.ofNode };
}

function createShape(compiler: Compiler, nodes: readonly PlanNode[], item: Shape | null): Shape {
  const names = new Set(nodes.flatMap((node) => compiler.plan.positions[node.position]?.classes.flatMap(({ types }) => types) ?? []));
  const typeNames = [...names];
  const shape: Shape = {
    index: compiler.shapes.length,
    nodes,
    item,
    fields: [],
    strict: true,
    nullable: true,
    stride: 0,
    typeNames,
    typeTexts: toTexts(typeNames),
    rows: NO_ROWS,
    count: 0,
  };
  compiler.shapes.push(shape);
  if (item === null) for (const { id } of nodes) compiler.ofNode.set(id, shape);
  return shape;
}

/** The root of an answer with `_entities`: one list per call. */
function compileEntities(compiler: Compiler, fetch: PlanFetch, set: SelectionSetNode): Shape {
  const root = createShape(compiler, [], null);
  root.fields = set.selections.map((selection, order) => {
    if (selection.kind !== Kind.FIELD || selection.selectionSet === undefined) throw new NotSpliced('no entity call');
    const name = nameOf(selection);
    const call = fetch.calls.find((one) => one.alias === name);
    if (call === undefined) throw new NotSpliced('an entity call that the plan does not know');
    const nodes = call.paths.flatMap(({ node }) => compiler.plan.nodes[node] ?? []);
    // Only objects of one type are sent: its condition always holds.
    const [only, ...others] = selection.selectionSet.selections;
    const sets = only?.kind === Kind.INLINE_FRAGMENT && others.length === 0 ? [only.selectionSet] : [selection.selectionSet];
    const child = compileObject(compiler, sets, nodes, false);
    return createField({ name, optional: false, order, kind: 'list', nullable: false, child });
  });
  return root;
}

type Occurrence = { readonly field: FieldNode; readonly optional: boolean };

function compileObject(compiler: Compiler, sets: readonly SelectionSetNode[], nodes: readonly PlanNode[], optional: boolean): Shape {
  const shape = createShape(compiler, nodes, null);
  const found = new Map<string, Occurrence[]>();
  for (const set of sets) collectFields(set, optional || sets.length > 1, found);
  shape.fields = [...found].map(([name, occurrences], order) => compileField(compiler, nodes, name, { occurrences, order }));
  shape.strict = shape.fields.every((field) => !field.optional);
  return shape;
}

function collectFields(set: SelectionSetNode, optional: boolean, into: Map<string, Occurrence[]>): void {
  for (const selection of set.selections) {
    if (selection.kind === Kind.FIELD) {
      const name = nameOf(selection);
      const occurrences = into.get(name) ?? [];
      into.set(name, occurrences);
      const conditional = (selection.directives ?? []).length > 0;
      occurrences.push({ field: selection, optional: optional || conditional });
    } else if (selection.kind === Kind.INLINE_FRAGMENT) collectFields(selection.selectionSet, true, into);
    else throw new NotSpliced('a named fragment');
  }
}

function nameOf(field: FieldNode): string {
  return field.alias?.value ?? field.name.value;
}

type Found = { readonly occurrences: readonly Occurrence[]; readonly order: number };

function compileField(compiler: Compiler, nodes: readonly PlanNode[], name: string, { occurrences, order }: Found): ShapeField {
  const optional = occurrences.every((one) => one.optional);
  const [first] = occurrences;
  if (first === undefined) throw new NotSpliced('no field');
  if (first.field.name.value === '__typename' && name === '__typename')
    return createField({ name, optional, order, kind: 'type', nullable: false });
  const below = nodes.flatMap((node) => node.fields.filter((field) => field.name === name));
  const sets = occurrences.flatMap(({ field }) => (field.selectionSet === undefined ? [] : [field.selectionSet]));
  const children = [...new Set(below.flatMap(({ child }) => (child === null ? [] : (compiler.plan.nodes[child] ?? []))))];
  if (sets.length === 0) {
    const types = nodes.flatMap((node) => compiler.shown.get(`${node.id}:${name}`) ?? []);
    const check = types.length === 0 ? UNREAD : compileLeafCheck(compiler.supergraph, types);
    return createField({ name, optional, order, kind: 'leaf', nullable: check.nullable, check });
  }
  const types = children.map((child) => compiler.plan.positions[child.position]?.type ?? null);
  const [type] = types;
  // Asked only for being there: how deep its lists are is not known here.
  if (type === undefined || type === null) return createField({ name, optional, order, kind: 'leaf', nullable: true });
  const levels = nullLevels(types);
  let child = compileObject(compiler, sets, children, occurrences.length > 1);
  child.nullable = levels[levels.length - 1] ?? true;
  for (let level = levels.length - 2; level > 0; level -= 1) {
    child = createShape(compiler, children, child);
    child.nullable = levels[level] ?? true;
  }
  return createField({ name, optional, order, kind: levels.length > 1 ? 'list' : 'object', nullable: levels[0] ?? true, child });
}

/** Whether null may stand at each level, the outermost first: where one reader forbids it, it is forbidden. */
function nullLevels(types: readonly (TypeRef | null)[]): boolean[] {
  const each = types.map((type) => {
    const levels: boolean[] = [];
    for (let at = type; at !== null; at = at.of) levels.push(!at.nonNull);
    return levels;
  });
  const [first = []] = each;
  if (each.some((levels) => levels.length !== first.length)) throw new NotSpliced('lists of different depths');
  return first.map((_, level) => each.every((levels) => levels[level] === true));
}

type FieldInputs = Pick<ShapeField, 'name' | 'optional' | 'order' | 'kind' | 'nullable'> & {
  readonly child?: Shape;
  readonly check?: LeafCheck;
};

/** Written out: all fields have one form, which the reader of answers gains from. */
function createField({ name, optional, order, kind, nullable, child, check = UNREAD }: FieldInputs): ShapeField {
  const { words, length } = toKeyWords('', name);
  const opening = toKeyWords(order === 0 ? '{' : ',', name);
  const isString = kind === 'leaf' && check.kind === 'string' && check.item === null;
  return {
    name,
    words,
    keyLength: length,
    optional,
    order,
    kind,
    reader: child !== undefined ? BELOW : kind === 'type' ? TYPE_NAME : isString ? STRING : LEAF,
    opening: opening.words,
    openingLength: opening.length,
    check,
    nullable,
    child: child ?? null,
    rangeAt: -1,
    childAt: -1,
  };
}

function shownLeaves(plan: Plan): Map<string, TypeRef[]> {
  const found = new Map<string, TypeRef[]>();
  for (const { classes } of plan.positions) {
    for (const { lanes } of classes) {
      for (const entry of lanes.flat()) {
        if (entry.kind !== 'field' || entry.source.kind !== 'leaf') continue;
        const key = `${entry.source.node}:${entry.source.name}`;
        const types = found.get(key) ?? [];
        found.set(key, types);
        types.push(entry.type);
      }
    }
  }
  return found;
}
