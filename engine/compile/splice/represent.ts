/**
 * Bodies of requests, written from the bytes of answers: the same text that the path of objects writes. Exports `compileCalls`.
 */
import { mergeNeeds } from '../../plan/index.ts';
import type { PlanFetch, PlanNeed, PlanPath, PlanRepresentation } from '../../plan/index.ts';
import { constant } from './bytes.ts';
import type { Constant } from './bytes.ts';
import { NotSpliced } from './not-spliced.ts';
import { fieldOf, useOrder } from './rows.ts';
import type { Access, Accesses, Site } from './rows.ts';
import { find } from './run.ts';
import type { Run } from './run.ts';
import { NONE } from './scan-values.ts';
import { compileLeaves, decides } from './same-objects.ts';
import type { Leaf } from './same-objects.ts';
import { Seen, sendAll, sendEach } from './sent.ts';
import { INNER_LIST, PRESENT, record, useChild, useRange } from './shape.ts';
import type { Shape } from './shape.ts';
import { begin, copy, goBack, position, takeText, write, writeByte } from './writer.ts';

export type Call = {
  readonly variable: string;
  /** Nodes whose rows are the indexes of what was sent. */
  readonly nodes: readonly number[];
  /** Writes the list and notes in `run.maps` what each object was sent as. */
  write(run: Run): { readonly text: string; readonly count: number };
};

type Entry = {
  readonly typeName: TypeName;
  readonly fields: readonly Field[];
  readonly anyKey: boolean;
  /** When it is made of leaves only. */
  readonly leaves: readonly Leaf[] | null;
  /** Equal indexes in what was sent for this node: equal representations, too. */
  readonly decidedBy: Access | null;
};
/** `constant`: head with the name. Else the head for each type that may come. */
type TypeName =
  | { readonly kind: 'constant'; readonly head: Constant }
  | { readonly kind: 'read'; readonly typed: Access; readonly heads: readonly Constant[] };
type Field = { readonly key: Constant; readonly isKey: boolean; isWritten(run: Run, row: number): boolean };

const COMMA = 44;
const CLOSE = 125;
const OPEN_LIST = 91;
const CLOSE_LIST = 93;
const LETTER_N = 110;
const NULL = constant('null');

export function compileCalls(accesses: Accesses, fetch: PlanFetch): Call[] {
  return fetch.calls.map((call) => {
    const paths = call.paths.map((path) => compilePath(accesses, path));
    for (const { node } of call.paths) record(accesses.node(node).shape);
    const nodes = call.paths.map(({ node }) => node);
    return { variable: call.variable, nodes, write: (run) => writeCall(run, paths) };
  });
}

/** `only`: where all objects are sent alike. */
type Path = { readonly node: number; readonly site: Site; readonly only: Entry | null; entryOf(run: Run, row: number): Entry | undefined };

function compilePath(accesses: Accesses, path: PlanPath): Path {
  const site = accesses.site(path.position);
  useOrder(site);
  const entries = path.entries.map((entry) => compileEntry(accesses, site, entry));
  const [first] = entries;
  const byClass: (Entry | undefined)[] = [];
  for (const [index, { classIndex }] of path.entries.entries()) byClass[classIndex] = entries[index];
  return {
    node: path.node,
    site,
    only: path.needsType ? null : (first ?? null),
    entryOf: (run, row) => byClass[run.classOf(site, row)],
  };
}

/** First seen first, over all paths of the call. */
function writeCall(run: Run, paths: readonly Path[]): { text: string; count: number } {
  begin();
  const seen = new Seen();
  writeByte(OPEN_LIST);
  for (const { node, site, only, entryOf } of paths) {
    const map = new Int32Array(run.size(site)).fill(NONE);
    const order = run.order(site);
    if (only !== null) sendAll(run, only, { order, map }, (row) => writeEntry(run, only, row, seen));
    else {
      sendEach(order, map, (row) => {
        const entry = entryOf(run, row);
        return entry === undefined ? NONE : writeEntry(run, entry, row, seen);
      });
    }
    run.maps[node] = map;
  }
  writeByte(CLOSE_LIST);
  return { text: takeText(), count: seen.count };
}

/** Index of the representation; NONE when there is nothing to ask by. */
function writeEntry(run: Run, { typeName, fields, anyKey }: Entry, row: number, seen: Seen): number {
  const before = position();
  if (seen.count > 0) writeByte(COMMA);
  const from = position();
  if (typeName.kind === 'constant') write(typeName.head);
  else {
    const head = typeName.heads[run.typeOf(typeName.typed, row)];
    if (head === undefined) throw new NotSpliced('a type that is not known');
    write(head);
  }
  let some = !anyKey;
  for (const { key, isKey, isWritten } of fields) {
    write(key);
    const isThere = isWritten(run, row);
    if (isKey && isThere) some = true;
  }
  writeByte(CLOSE);
  const known = some ? seen.find(from) : NONE;
  if (some && known === NONE) return seen.add(from);
  goBack(before);
  return known;
}

function compileEntry(accesses: Accesses, site: Site, entry: PlanRepresentation): Entry {
  const typeName = compileTypeName(site, entry.typeName, true);
  const needs = entry.requires.length === 0 ? entry.key : mergeNeeds([entry.key, ...entry.requires.map((one) => one.needs)]);
  const keys = new Set(entry.key.map(({ field }) => field));
  const leaves = typeName.kind === 'read' ? null : compileLeaves(accesses, needs);
  return {
    typeName,
    fields: compileFields(accesses, needs, keys, isHeadEmpty(typeName)),
    anyKey: entry.key.length > 0,
    leaves,
    decidedBy: leaves === null ? null : findDecider(accesses, site, entry, leaves),
  };
}

/** All that is sent is decided by what another fetch was sent. */
function findDecider(accesses: Accesses, { position }: Site, { classIndex }: PlanRepresentation, leaves: readonly Leaf[]): Access | null {
  const where = { position: position.id, classIndex };
  const isDecider = (access: Access): boolean => access.mode === 'sent' && leaves.every((leaf) => decides(accesses, access, where, leaf));
  return leaves.find(({ access }) => isDecider(access))?.access ?? null;
}

function isHeadEmpty(typeName: TypeName): boolean {
  return typeName.kind === 'constant' && typeName.head.length === 1;
}

function compileTypeName({ position, typed }: Site, given: string | null, isWritten: boolean): TypeName {
  const toHead = (name: string | null): Constant => constant(name === null || name === '' ? '{' : `{"__typename":${JSON.stringify(name)}`);
  if (!isWritten) return { kind: 'constant', head: toHead(null) };
  if (given !== null || typed === null) {
    const [only] = position.classes;
    const staticName = position.classes.length === 1 && only?.types.length === 1 ? (only.types[0] ?? null) : null;
    return { kind: 'constant', head: toHead(given ?? staticName) };
  }
  return { kind: 'read', typed, heads: typed.shape.typeNames.map(toHead) };
}

function compileFields(accesses: Accesses, needs: readonly PlanNeed[], keys: ReadonlySet<string>, first: boolean): Field[] {
  const sorted = needs.toSorted((a, b) => (a.field < b.field ? -1 : 1));
  return sorted.map((need, index) => ({
    key: constant(`${index === 0 && first ? '' : ','}${JSON.stringify(need.field)}:`),
    isKey: keys.has(need.field),
    isWritten: need.kind === 'leaf' ? compileLeaf(accesses, need) : compileObject(accesses, need),
  }));
}

/** Each says whether there is something but null. */
function compileLeaf(accesses: Accesses, need: PlanNeed & { readonly kind: 'leaf' }): Field['isWritten'] {
  const access = accesses.node(need.node);
  const field = fieldOf(access.shape, need.name);
  const column = useRange(access.shape, field);
  return (run, row) => {
    const bound = run.bind(access);
    const { bytes, view, rows } = bound;
    const at = find(bound, row);
    const from = at === NONE ? NONE : (rows[at + column] ?? NONE);
    if (from === NONE || bytes[from] === LETTER_N) {
      write(NULL);
      return false;
    }
    copy(bytes, view, from, rows[at + column + 1] ?? from);
    return true;
  };
}

function compileObject(accesses: Accesses, need: PlanNeed & { readonly kind: 'object' }): Field['isWritten'] {
  const site = accesses.site(need.position);
  const { holder } = site;
  if (holder === null) throw new NotSpliced('a requirement that is the root');
  const { access, field } = holder;
  const column = useChild(access.shape, field);
  const byClass: (Inner | undefined)[] = [];
  for (const { classIndex, typeName, needs } of need.byClass)
    byClass[classIndex] = compileInner(accesses, site, { typeName, needs, typed: need.typed });
  const other = compileInner(accesses, site, { typeName: null, needs: [], typed: need.typed });
  const child = field.child;
  if (child === null) throw new NotSpliced('a requirement without fields');
  return (run, row) => {
    const bound = run.bind(access);
    const at = find(bound, row);
    const first = at === NONE ? NONE : (bound.rows[at + column] ?? NONE);
    if (first === NONE) {
      write(NULL);
      return false;
    }
    const writing: Writing = { run, site, access, byClass, other };
    if (field.kind === 'object') writeInner(writing, first);
    else writeList(writing, child, first, bound.rows[at + column + 1] ?? 0);
    return true;
  };
}

type Inner = { readonly typeName: TypeName; readonly fields: readonly Field[] };
type InnerInputs = { readonly typeName: string | null; readonly needs: readonly PlanNeed[]; readonly typed: boolean };

function compileInner(accesses: Accesses, site: Site, { typeName, needs, typed }: InnerInputs): Inner {
  const name = compileTypeName(site, typeName, typed);
  return { typeName: name, fields: compileFields(accesses, needs, new Set(), isHeadEmpty(name)) };
}

type Writing = {
  readonly run: Run;
  readonly site: Site;
  readonly access: Access;
  readonly byClass: readonly (Inner | undefined)[];
  readonly other: Inner;
};

function writeInner({ run, site, byClass, other }: Writing, row: number): void {
  const { typeName, fields } = byClass[run.classOf(site, row)] ?? other;
  if (typeName.kind === 'constant') write(typeName.head);
  else {
    const head = typeName.heads[run.typeOf(typeName.typed, row)];
    if (head === undefined) throw new NotSpliced('a type that is not known');
    write(head);
  }
  for (const { key, isWritten } of fields) {
    write(key);
    isWritten(run, row);
  }
  writeByte(CLOSE);
}

function writeList(writing: Writing, shape: Shape, first: number, items: number): void {
  const tape = writing.run.tapes[writing.access.fetch];
  if (tape === null || tape === undefined) return;
  writeByte(OPEN_LIST);
  for (let item = 0; item < items; item += 1) {
    if (item > 0) writeByte(COMMA);
    const at = (tape.starts[shape.index] ?? 0) + (first + item) * shape.stride;
    if (tape.rows[at + PRESENT] === NONE) write(NULL);
    else if (shape.item === null) writeInner(writing, first + item);
    else writeList(writing, shape.item, tape.rows[at + INNER_LIST] ?? 0, tape.rows[at + INNER_LIST + 1] ?? 0);
  }
  writeByte(CLOSE_LIST);
}
