/**
 * The final document of an answer in several payloads, put together by the rules of incremental delivery and nothing else: written by
 * hand from the specification, it knows neither the hub nor a client library. Takes both forms: fragments by id, and items by path.
 */
type Key = string | number;
type Json = null | boolean | number | string | readonly Json[] | JsonObject;
type JsonObject = { readonly [key: string]: Json };

export type WireError = { readonly message: string; readonly path?: readonly Key[]; readonly extensions?: { readonly code?: string } };

/** A payload as it comes from the wire, parsed. */
export type WirePayload = {
  readonly data?: Json;
  readonly errors?: readonly WireError[];
  readonly pending?: readonly { readonly id: string; readonly path: readonly Key[]; readonly label?: string }[];
  readonly incremental?: readonly {
    readonly id?: string;
    readonly subPath?: readonly Key[];
    readonly path?: readonly Key[];
    readonly label?: string;
    readonly data?: Json;
    readonly errors?: readonly WireError[];
  }[];
  readonly completed?: readonly { readonly id: string; readonly errors?: readonly WireError[] }[];
  readonly hasNext?: boolean;
};

export type Merged = {
  readonly data: unknown;
  readonly errors: readonly WireError[];
  /** Paths of the fragments that could not be sent. */
  readonly failed: readonly (readonly Key[])[];
};

/** Throws where the payloads break a rule: a fragment completed twice or never, data for nobody, anything after the end. */
export function mergeIncremental(payloads: readonly WirePayload[]): Merged {
  const [first, ...rest] = payloads;
  if (first === undefined) throw new Error('No payload at all');
  const merger = new Merger(first);
  for (const [index, payload] of rest.entries()) {
    if (payload.hasNext === undefined) throw new Error('A payload does not say whether it is the last');
    if (payload.hasNext !== index < rest.length - 1)
      throw new Error(`Payload ${index + 1} of ${rest.length} says hasNext ${payload.hasNext}`);
    merger.add(payload);
  }
  if (rest.length === 0 ? first.hasNext === true : first.hasNext !== true)
    throw new Error(`The first payload says hasNext ${first.hasNext}`);
  return merger.end();
}

class Merger {
  readonly #data: unknown;
  readonly #errors: WireError[] = [];
  readonly #failed: (readonly Key[])[] = [];
  readonly #open = new Map<string, readonly Key[]>();
  readonly #ids = new Set<string>();

  constructor(first: WirePayload) {
    this.#data = first.data;
    this.#errors.push(...(first.errors ?? []));
    this.#announce(first);
    if (first.incremental !== undefined || first.completed !== undefined) throw new Error('The first payload already completes something');
  }

  #announce({ pending = [] }: WirePayload): void {
    for (const { id, path } of pending) {
      if (this.#ids.has(id)) throw new Error(`${id} is announced twice`);
      this.#ids.add(id);
      this.#open.set(id, path);
      this.#objectAt(path);
    }
  }

  add(payload: WirePayload): void {
    const { incremental = [], completed = [] } = payload;
    // What is announced may lie in what this very payload brings.
    const { pending = [] } = payload;
    for (const { id, path } of pending) this.#open.set(id, path);
    for (const item of incremental) this.#place(item);
    for (const { id } of pending) this.#open.delete(id);
    this.#announce(payload);
    for (const { id, errors } of completed) {
      const path = this.#open.get(id);
      if (path === undefined) throw new Error(`${id} is completed and was not pending`);
      this.#open.delete(id);
      if (errors === undefined) continue;
      this.#failed.push(path);
      this.#errors.push(...errors);
    }
  }

  #place({ id, subPath = [], path, data, errors = [] }: NonNullable<WirePayload['incremental']>[number]): void {
    this.#errors.push(...errors);
    const base = id === undefined ? path : this.#open.get(id);
    if (base === undefined) throw new Error(`Data for ${id ?? 'nobody'}, which is not pending`);
    if (data === null) {
      if (id !== undefined || errors.length === 0) throw new Error('No data and no reason');
      this.#failed.push(base);
      return;
    }
    merge(this.#objectAt([...base, ...subPath]), data);
  }

  #objectAt(path: readonly Key[]): unknown {
    let at: unknown = this.#data;
    for (const key of path) at = read(at, key);
    if (typeof at !== 'object' || at === null || Array.isArray(at)) throw new Error(`Nothing stands at ${path.join('.')}`);
    return at;
  }

  end(): Merged {
    if (this.#open.size > 0) throw new Error(`Never completed: ${[...this.#open.keys()].join()}`);
    return { data: this.#data, errors: this.#errors, failed: this.#failed };
  }
}

function read(at: unknown, key: Key): unknown {
  if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) throw new Error(`There is no ${key}`);
  return (at as Record<Key, unknown>)[key]; // checked: its own
}

/** `__proto__` may be a key: written without meaning. */
function merge(into: unknown, from: unknown): void {
  if (typeof into !== 'object' || into === null || typeof from !== 'object' || from === null) throw new Error('Objects only');
  for (const [key, value] of Object.entries(from)) {
    if (!Object.hasOwn(into, key)) Object.defineProperty(into, key, { value, writable: true, enumerable: true, configurable: true });
    else throw new Error(`${key} is sent twice`);
  }
}
