/**
 * What an operation with `@defer` comes to over one schema, by the rules of incremental delivery: what waits for the same fragments is
 * executed together, a null that may not stand ends at the edge of its fragments, a fragment counts only when the one around it does.
 * Written from the specification; it knows nothing of planning. Exports `runIncremental`.
 */
import {
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  Kind,
  getArgumentValues,
  getDirectiveValues,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import type {
  DirectiveNode,
  DocumentNode,
  FieldNode,
  GraphQLObjectType,
  GraphQLOutputType,
  GraphQLSchema,
  SelectionNode,
  SelectionSetNode,
} from 'graphql';

type Values = Readonly<Record<string, unknown>>;
type Key = string | number;
type Path = readonly Key[];
type Answer = Record<string, unknown>;

/** A deferred fragment at one object of the answer. `sets`: what it waits for. */
type Fragment = { readonly path: Path; readonly parent: Fragment | null; readonly sets: DeferredSet[] };
type Detail = { readonly node: FieldNode; readonly fragment: Fragment | null };
type Fields = Map<string, Detail[]>;
/** What is executed for itself; the empty list of fragments is the first payload. */
type DeferredSet = { readonly fragments: readonly Fragment[]; readonly into: Answer; readonly path: Path; result: Part };
type Part = { readonly data: Answer | null; readonly errors: string[]; readonly found: DeferredSet[] };

export type IncrementalTruth = {
  readonly data: Answer | null;
  /** Paths, with dots. */
  readonly errors: readonly string[];
  /** Paths of the fragments that cannot be sent, those of which the client never hears left out. */
  readonly failed: readonly Path[];
  /** Fragments of which something is sent. */
  readonly sent: number;
};

export type IncrementalInput = {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  /** Coerced. */
  readonly variables: Values;
  readonly root: object;
  /** May throw; an item that is an Error is a failed item. */
  readonly resolve: (parent: string, source: object, field: string, args: Values) => unknown;
  readonly typeOf: (source: object) => string;
};

export function runIncremental(input: IncrementalInput): IncrementalTruth {
  const executor = new Executor(input);
  const part = executor.run();
  const sets = [...reachable(part)];
  const fragments = [...new Set(sets.flatMap((set) => set.fragments))];
  const sent = fragments.filter(isSent);
  const errors = [...part.errors];
  for (const { fragments: owners, into, result } of sets) {
    if (owners.some(isAnnounced)) errors.push(...result.errors);
    if (owners.some(isSent)) assign(into, result.data ?? {});
  }
  const failed = fragments.filter((fragment) => isAnnounced(fragment) && !isSent(fragment));
  return { data: part.data, errors, failed: failed.map(({ path }) => path), sent: sent.length };
}

/** In the order in which they were found; below a set that failed there is nothing. */
function* reachable({ data, found }: Part): Generator<DeferredSet> {
  if (data === null) return;
  for (const set of found) {
    yield set;
    yield* reachable(set.result);
  }
}

function isSent(fragment: Fragment): boolean {
  return isAnnounced(fragment) && fragment.sets.every(({ result }) => result.data !== null);
}

function isAnnounced({ parent }: Fragment): boolean {
  return parent === null || isSent(parent);
}

function assign(into: Answer, from: Answer): void {
  for (const [key, value] of Object.entries(from)) define(into, key, value);
}

/** `__proto__` may be a key. */
function define(into: Answer, key: string, value: unknown): void {
  Object.defineProperty(into, key, { value, writable: true, enumerable: true, configurable: true });
}

class FieldError extends Error {
  readonly path: Path;
  constructor(path: Path, message: string) {
    super(message);
    this.path = path;
  }
}

type Place = { readonly source: object; readonly path: Path; readonly type: GraphQLObjectType };

class Executor {
  readonly #input: IncrementalInput;
  readonly #fragments = new Map<string, { readonly on: string; readonly selections: SelectionSetNode }>();

  constructor(input: IncrementalInput) {
    this.#input = input;
    for (const node of input.document.definitions)
      if (node.kind === Kind.FRAGMENT_DEFINITION)
        this.#fragments.set(node.name.value, { on: node.typeCondition.name.value, selections: node.selectionSet });
  }

  run(): Part {
    const [operation] = this.#input.document.definitions;
    if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('The operation comes first');
    const type = this.#input.schema.getRootType(operation.operation);
    if (type === null || type === undefined) throw new Error('No root type');
    const place = { source: this.#input.root, path: [], type };
    const fields: Fields = new Map();
    this.#collect(place, operation.selectionSet, null, fields);
    return this.#part((errors, found) => this.#object(place, fields, [], { errors, found }));
  }

  #part(make: (errors: string[], found: DeferredSet[]) => Answer): Part {
    const errors: string[] = [];
    const found: DeferredSet[] = [];
    try {
      return { data: make(errors, found), errors, found };
    } catch (error) {
      if (!(error instanceof FieldError)) throw error;
      return { data: null, errors: [...errors, error.path.join('.')], found: [] };
    }
  }

  #object(place: Place, fields: Fields, own: readonly Fragment[], part: Pick<Part, 'errors' | 'found'>): Answer {
    const answer: Answer = {};
    const later: { readonly fragments: readonly Fragment[]; readonly fields: Fields }[] = [];
    for (const [key, details] of fields) {
      const fragments = waitsFor(details);
      if (isSame(fragments, own)) {
        define(answer, key, this.#field({ ...place, path: [...place.path, key] }, details, own, part));
        continue;
      }
      const known = later.find((one) => isSame(one.fragments, fragments));
      if (known === undefined) later.push({ fragments, fields: new Map([[key, details]]) });
      else known.fields.set(key, details);
    }
    for (const { fragments, fields: inner } of later) {
      const result = this.#part((errors, found) => this.#object(place, inner, fragments, { errors, found }));
      const set = { fragments, into: answer, path: place.path, result };
      for (const fragment of fragments) fragment.sets.push(set);
      part.found.push(set);
    }
    return answer;
  }

  #field(place: Place, details: readonly Detail[], own: readonly Fragment[], part: Pick<Part, 'errors' | 'found'>): unknown {
    const [first] = details;
    const name = first?.node.name.value ?? '';
    if (name === '__typename') return place.type.name;
    const field = place.type.getFields()[name];
    if (field === undefined || first === undefined) throw new Error(`No field ${place.type.name}.${name}`);
    return this.#within(place.path, field.type, part, () => {
      const value = attempt(place.path, () =>
        this.#input.resolve(place.type.name, place.source, name, getArgumentValues(field, first.node, this.#input.variables)),
      );
      return this.#complete(place.path, field.type, value, { details, own, part });
    });
  }

  /** A failure below ends here where null may stand, and with it all that was found below. */
  #within(path: Path, type: GraphQLOutputType, part: Pick<Part, 'errors' | 'found'>, make: () => unknown): unknown {
    const before = part.found.length;
    try {
      return make();
    } catch (error) {
      if (!(error instanceof FieldError) || isNonNullType(type)) throw error;
      for (const { fragments } of part.found) for (const { sets } of fragments) drop(sets, path);
      part.found.splice(before);
      part.errors.push(error.path.join('.'));
      return null;
    }
  }

  #complete(
    path: Path,
    type: GraphQLOutputType,
    value: unknown,
    at: { details: readonly Detail[]; own: readonly Fragment[]; part: Pick<Part, 'errors' | 'found'> },
  ): unknown {
    if (value instanceof Error) throw new FieldError(path, value.message);
    if (isNonNullType(type)) {
      const inner = this.#complete(path, type.ofType, value, at);
      if (inner === null) throw new FieldError(path, 'null where none may stand');
      return inner;
    }
    if (value === null || value === undefined) return null;
    if (isListType(type)) {
      if (!Array.isArray(value)) throw new FieldError(path, 'no list');
      return value.map((item: unknown, index) => {
        const below = [...path, index];
        return this.#within(below, type.ofType, at.part, () => this.#complete(below, type.ofType, item, at));
      });
    }
    if (isLeafType(type)) return attempt(path, () => type.serialize(value));
    if (typeof value !== 'object') throw new FieldError(path, 'no object');
    const concrete = isAbstractType(type) ? this.#input.schema.getType(this.#input.typeOf(value)) : type;
    if (!isObjectType(concrete)) throw new FieldError(path, 'no such type');
    const place = { source: value, path, type: concrete };
    const fields: Fields = new Map();
    for (const { node, fragment } of at.details)
      if (node.selectionSet !== undefined) this.#collect(place, node.selectionSet, fragment, fields);
    return this.#object(place, fields, at.own, at.part);
  }

  #collect(place: Place, { selections }: SelectionSetNode, around: Fragment | null, into: Fields): void {
    for (const node of selections) {
      if (!this.#isIncluded(node)) continue;
      if (node.kind === Kind.FIELD) {
        const key = node.alias?.value ?? node.name.value;
        const known = into.get(key);
        if (known === undefined) into.set(key, [{ node, fragment: around }]);
        else known.push({ node, fragment: around });
        continue;
      }
      const spread = node.kind === Kind.FRAGMENT_SPREAD ? this.#fragments.get(node.name.value) : undefined;
      const on = node.kind === Kind.INLINE_FRAGMENT ? node.typeCondition?.name.value : spread?.on;
      const below = node.kind === Kind.INLINE_FRAGMENT ? node.selectionSet : spread?.selections;
      if (below === undefined || !this.#isOf(place.type, on)) continue;
      const isLater = node.directives?.some((directive) => this.#defers(directive)) === true;
      this.#collect(place, below, isLater ? { path: place.path, parent: around, sets: [] } : around, into);
    }
  }

  #isIncluded(node: SelectionNode): boolean {
    const { variables } = this.#input;
    if (getDirectiveValues(GraphQLSkipDirective, node, variables)?.['if'] === true) return false;
    return getDirectiveValues(GraphQLIncludeDirective, node, variables)?.['if'] !== false;
  }

  #isOf(type: GraphQLObjectType, on: string | undefined): boolean {
    if (on === undefined || on === type.name) return true;
    const above = this.#input.schema.getType(on);
    return isAbstractType(above) && this.#input.schema.isSubType(above, type);
  }

  #defers({ name, arguments: args = [] }: DirectiveNode): boolean {
    if (name.value !== 'defer') return false;
    const value = args.find((one) => one.name.value === 'if')?.value;
    if (value?.kind === Kind.VARIABLE) return this.#input.variables[value.name.value] !== false;
    return value?.kind !== Kind.BOOLEAN || value.value;
  }
}

function attempt<T>(path: Path, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw new FieldError(path, String(error));
  }
}

/** Fragments that lie inside another of them count with that one; a use outside any is one of the first payload. */
function waitsFor(details: readonly Detail[]): readonly Fragment[] {
  const all = new Set(details.map(({ fragment }) => fragment));
  if (all.has(null)) return [];
  const isInside = (fragment: Fragment | null | undefined): boolean =>
    fragment !== null && fragment !== undefined && (all.has(fragment) || isInside(fragment.parent));
  return [...all].filter((fragment) => fragment !== null && !isInside(fragment.parent)) as Fragment[]; // none is null
}

function isSame(one: readonly Fragment[], other: readonly Fragment[]): boolean {
  return one.length === other.length && one.every((fragment) => other.includes(fragment));
}

function drop(sets: DeferredSet[], path: Path): void {
  const isBelow = (set: DeferredSet): boolean => path.every((key, index) => set.path[index] === key);
  for (let index = sets.length - 1; index >= 0; index -= 1) {
    const set = sets[index];
    if (set !== undefined && isBelow(set)) sets.splice(index, 1);
  }
}
