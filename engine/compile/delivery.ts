/**
 * What is sent after the first payload, and when: the deferred fragments of one run with the pieces they are made of. A fragment is
 * announced once the one around it is complete, and is complete once all its pieces are there; a piece that several fragments share is
 * sent once, with the first of them. Knows nothing of time or of how answers come. Exports `createDelivery`.
 */
import type { Plan, PlanDeferred } from '../plan/index.ts';
import type { AnswerError, Found, Later, Path } from './emit.ts';
import { toKeys } from './emit.ts';
import type { Place } from './places.ts';

type Keys = readonly (string | number)[];

export type Pending = { readonly id: string; readonly path: Keys; readonly label: string | null };

/** `data`: JSON text of what is new at `path`, which begins with that of the fragment named by `id`. */
export type Piece = {
  readonly id: string;
  readonly label: string | null;
  readonly path: Keys;
  readonly subPath: Keys;
  readonly data: string;
  readonly errors: readonly AnswerError[];
};

/** `errors`: why nothing of the fragment is sent; null when it is complete. */
export type Completed = {
  readonly id: string;
  readonly label: string | null;
  readonly path: Keys;
  readonly errors: readonly AnswerError[] | null;
};

/** One payload. */
export type News = {
  readonly pending: readonly Pending[];
  readonly pieces: readonly Piece[];
  readonly completed: readonly Completed[];
  readonly hasNext: boolean;
};

/** What came of a piece. Null data: the object cannot stand without it. */
export type Emitted = { readonly data: string | null; readonly errors: readonly AnswerError[]; readonly found: readonly Found[] };

export type Waiting = { readonly group: number; readonly place: Place; readonly path: Path | null; readonly emit: Later['emit'] };

export type Delivery = {
  /** Objects of the first payload of which something is deferred. */
  begin(found: readonly Found[]): void;
  /** Groups that have something to emit now, each once, in the order in which it was found. */
  groups(): number[];
  /** Takes out what waits in these groups; each must be settled. */
  take(group: number): Waiting[];
  settle(waiting: Waiting, emitted: Emitted): void;
  /** What has become known since the last call; null when that is nothing. */
  news(): News | null;
  /** Ends everything that is announced and not complete. */
  fail(error: AnswerError): void;
};

type Fragment = {
  id: string | null;
  readonly label: string | null;
  readonly path: Path | null;
  readonly parent: Fragment | null;
  readonly children: Fragment[];
  readonly pieces: Held[];
  state: 'hidden' | 'pending' | 'complete' | 'dropped';
};

type Held = Waiting & { readonly fragments: readonly Fragment[]; emitted: Emitted | null; sent: boolean };

const ROOT = Symbol('root');

export function createDelivery(plan: Plan & { readonly deferred: PlanDeferred }): Delivery {
  return new Deliverer(plan.deferred);
}

class Deliverer implements Delivery {
  readonly #deferred: PlanDeferred;
  /** By the path of the object where they begin: paths are made once for each object shown. */
  readonly #opened = new Map<Path | typeof ROOT, Map<number, Fragment>>();
  /** Fragments inside no other that have not been looked at yet. */
  #fresh: Fragment[] = [];
  readonly #pending = new Set<Fragment>();
  readonly #waiting = new Set<Held>();
  #nextId = 0;
  #failure: AnswerError | null = null;

  constructor(deferred: PlanDeferred) {
    this.#deferred = deferred;
  }

  begin(found: readonly Found[]): void {
    this.#register(found);
  }

  groups(): number[] {
    return [...new Set([...this.#waiting].map(({ group }) => group))];
  }

  take(group: number): Waiting[] {
    const records = [...this.#waiting].filter((record) => record.group === group);
    for (const record of records) this.#waiting.delete(record);
    return records.filter((record) => record.fragments.some(isAlive));
  }

  settle(waiting: Waiting, emitted: Emitted): void {
    // Only what `take` gave comes back.
    const record = waiting as Held;
    record.emitted = emitted;
    if (emitted.data !== null) this.#register(emitted.found);
  }

  fail(error: AnswerError): void {
    this.#failure = error;
    this.#waiting.clear();
  }

  news(): News | null {
    const pending: Pending[] = [];
    const pieces: Piece[] = [];
    const completed: Completed[] = [];
    this.#announce(this.#fresh.splice(0), pending);
    // Grows while it is walked: what a complete fragment held back is announced, and may be complete itself.
    for (const fragment of this.#pending) {
      const errors = this.#errorsOf(fragment);
      if (errors === null && fragment.pieces.some(({ emitted }) => emitted === null)) continue;
      if (errors === null) for (const record of fragment.pieces) this.#send(record, fragment, pieces);
      this.#pending.delete(fragment);
      fragment.state = errors === null ? 'complete' : 'dropped';
      completed.push({ id: fragment.id ?? '', label: fragment.label, path: toKeys(fragment.path), errors });
      if (errors === null) this.#announce(fragment.children, pending);
    }
    if (pending.length + completed.length === 0) return null;
    return { pending, pieces, completed, hasNext: this.#pending.size > 0 };
  }

  /** Fragments that wait for nothing of their own give way to those inside them. */
  #announce(fragments: readonly Fragment[], pending: Pending[]): void {
    for (const fragment of fragments) {
      if (fragment.pieces.length === 0) {
        fragment.state = 'complete';
        this.#announce(fragment.children, pending);
        continue;
      }
      fragment.id = String(this.#nextId++);
      fragment.state = 'pending';
      this.#pending.add(fragment);
      pending.push({ id: fragment.id, path: toKeys(fragment.path), label: fragment.label });
    }
  }

  /** Why it cannot be sent; null when nothing speaks against it so far. */
  #errorsOf(fragment: Fragment): AnswerError[] | null {
    const failed = fragment.pieces.filter(({ emitted }) => emitted !== null && emitted.data === null);
    if (failed.length > 0) return failed.flatMap(({ emitted }) => emitted?.errors ?? []);
    const isOpen = fragment.pieces.some(({ emitted }) => emitted === null);
    return this.#failure !== null && isOpen ? [{ ...this.#failure, path: toKeys(fragment.path) }] : null;
  }

  #send(record: Held, owner: Fragment, pieces: Piece[]): void {
    const { emitted } = record;
    if (record.sent || emitted === null || emitted.data === null) return;
    record.sent = true;
    const path = toKeys(record.path);
    // By the innermost fragment that the client knows of.
    let best = owner;
    let length = toKeys(owner.path).length;
    for (const other of record.fragments) {
      const otherLength = toKeys(other.path).length;
      if (other.state !== 'pending' || otherLength <= length) continue;
      best = other;
      length = otherLength;
    }
    pieces.push({ id: best.id ?? '', label: best.label, path, subPath: path.slice(length), data: emitted.data, errors: emitted.errors });
  }

  #register(found: readonly Found[]): void {
    for (const { place, path, opens, later } of found) {
      for (const usage of opens) this.#open(usage, path);
      for (const { group, emit } of later) {
        const usages = this.#deferred.groups[group]?.usages ?? [];
        const fragments = usages.flatMap((usage) => this.#fragmentAt(usage, path) ?? []);
        const record: Held = { group, place, path, emit, fragments, emitted: null, sent: false };
        this.#waiting.add(record);
        for (const fragment of fragments) fragment.pieces.push(record);
      }
    }
  }

  #open(usage: number, path: Path | null): void {
    const { label = null, parent: around = null } = this.#deferred.usages[usage] ?? {};
    const parent = around === null ? null : this.#fragmentAt(around, path);
    const fragment: Fragment = { id: null, label, path, parent, children: [], pieces: [], state: 'hidden' };
    const here = this.#opened.get(path ?? ROOT) ?? new Map<number, Fragment>();
    this.#opened.set(path ?? ROOT, here);
    here.set(usage, fragment);
    if (parent === null || parent.state === 'complete') this.#fresh.push(fragment);
    else parent.children.push(fragment);
  }

  /** The fragment of this usage that the object lies in. */
  #fragmentAt(usage: number, path: Path | null): Fragment | null {
    for (let at = path; ; at = at.above) {
      const found = this.#opened.get(at ?? ROOT)?.get(usage);
      if (found !== undefined) return found;
      if (at === null) return null;
    }
  }
}

/** Will anything of it still be sent? */
function isAlive(fragment: Fragment): boolean {
  if (fragment.state === 'dropped') return false;
  return fragment.parent === null || isAlive(fragment.parent);
}
