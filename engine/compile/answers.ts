/**
 * Answers of graphs, immutable once read. Errors are attached to the place in the answer where they strike: the object or list and
 * the key in it, so that whoever reads a null there finds its reason.
 */
import { isNested } from './json.ts';

export type GraphError = {
  readonly message: string;
  readonly code: string;
  readonly graph: string;
  /** What is left of its path below the place it is attached to. */
  readonly tail: readonly (string | number)[];
};

/**
 * How a loss is told. 'fetch': a whole request is lost, each field it should have given says so. 'field': an error struck this field.
 * 'entity': an error struck the entity, told once for each place it has. 'need': an error struck something the graph had to be asked
 * with, told once, and only if nobody else has.
 */
export type LossKind = 'fetch' | 'field' | 'entity' | 'need';

/** Why a value is not known. Not the same as null: nothing may be computed from it. */
export class Lost {
  readonly kind: LossKind;
  readonly errors: readonly GraphError[];

  constructor(kind: LossKind, errors: readonly GraphError[]) {
    this.kind = kind;
    this.errors = errors;
  }

  /** The same loss as those feel it that needed the value. */
  asNeed(): Lost {
    return this.kind === 'fetch' ? this : new Lost('need', this.errors);
  }
}

export type Answer = {
  /** The root object of the answer, or why there is none. */
  readonly data: unknown;
  readonly graph: string;
  /** Errors by the object or list they strike and the key in it. */
  readonly struck: ReadonlyMap<object, ReadonlyMap<string | number, readonly GraphError[]>>;
  /** Errors whose place is not known; told at the first null that has no reason of its own. */
  readonly loose: GraphError[];
  /** Answers to the requests of a fetch that was sent in several. */
  readonly parts?: readonly Answer[];
};

/** One answer to all requests of a fetch: each part is read by itself, what struck is known of all. */
export function joinAnswers(first: Answer, further: readonly Answer[]): Answer {
  const parts = [first, ...further];
  return {
    data: first.data,
    graph: first.graph,
    struck: new Map(parts.flatMap((part) => [...part.struck])),
    loose: parts.flatMap((part) => part.loose),
    parts,
  };
}

export function failedAnswer(graph: string, code: string, message: string): Answer {
  return { data: new Lost('fetch', [{ message, code, graph, tail: [] }]), graph, struck: new Map(), loose: [] };
}

/** Reads own properties only: an absent name must never find something of a prototype. */
export function read(object: unknown, name: string): unknown {
  if (typeof object !== 'object' || object === null || !Object.hasOwn(object, name)) return undefined;
  // A record of unknown values is all that JSON promises.
  return (object as Readonly<Record<string, unknown>>)[name];
}

export function isObject(value: unknown): value is object {
  return isNested(value) && !Array.isArray(value) && !(value instanceof Lost);
}

/** `body`: the parsed JSON of a GraphQL response. */
export function toAnswer(graph: string, body: unknown, defaultCode: string): Answer {
  const data = read(body, 'data');
  const list = read(body, 'errors');
  const raw = Array.isArray(list) ? list : [];
  if (!isObject(data)) {
    const errors = raw.map((error) => toGraphError(graph, error, defaultCode));
    const fallback: GraphError = { message: `The subgraph ${graph} answered without data.`, code: defaultCode, graph, tail: [] };
    return { data: new Lost('fetch', errors.length > 0 ? errors.slice(0, 1) : [fallback]), graph, struck: new Map(), loose: [] };
  }
  const struck = new Map<object, Map<string | number, GraphError[]>>();
  const loose: GraphError[] = [];
  for (const error of raw) {
    const place = findPlace(data, read(error, 'path'));
    if (place === null) {
      loose.push(toGraphError(graph, error, defaultCode));
      continue;
    }
    const byKey = struck.get(place.object) ?? new Map<string | number, GraphError[]>();
    struck.set(place.object, byKey);
    const errors = byKey.get(place.key) ?? [];
    byKey.set(place.key, errors);
    errors.push({ ...toGraphError(graph, error, defaultCode), tail: place.tail });
  }
  return { data, graph, struck, loose };
}

/** Errors that no null of the answer explains: their place is not known, or the object or list is there all the same. */
export function errorsWithoutNull({ struck, loose }: Answer): GraphError[] {
  const found = [...loose];
  for (const [object, byKey] of struck) {
    for (const [key, errors] of byKey) {
      const value = step(object, key);
      if (isNested(value)) for (const error of errors) if (error.tail.length === 0) found.push(error);
    }
  }
  return found;
}

/** Codes stand in metrics and in logs: one that is as long as a page is none. */
const plainCode = /^[\w.:/-]{1,100}$/;

function toGraphError(graph: string, error: unknown, defaultCode: string): GraphError {
  const message = read(error, 'message');
  const code = read(read(error, 'extensions'), 'code');
  return {
    message: typeof message === 'string' ? message : 'The subgraph reported an error without a message.',
    code: typeof code === 'string' && plainCode.test(code) ? code : defaultCode,
    graph,
    tail: [],
  };
}

type Struck = { readonly object: object; readonly key: string | number; readonly tail: readonly (string | number)[] };

function step(at: object, key: string | number): unknown {
  if (!Array.isArray(at)) return read(at, String(key));
  const list: readonly unknown[] = at;
  return typeof key === 'number' ? list[key] : undefined;
}

/** Follows the path to the first null, or to its end. Null when there is no path or it does not fit the data. */
function findPlace(data: object, path: unknown): Struck | null {
  if (!Array.isArray(path) || path.length === 0) return null;
  const keys = path.filter((key) => typeof key === 'string' || typeof key === 'number');
  if (keys.length !== path.length) return null;
  let at: object = data;
  for (const [index, key] of keys.entries()) {
    const next = step(at, key);
    const tail = keys.slice(index + 1);
    if (next === undefined) return null;
    if (!isNested(next) || tail.length === 0) return { object: at, key, tail };
    at = next;
  }
  return null;
}
