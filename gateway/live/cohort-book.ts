/**
 * The cohorts of this gateway by their key: whoever sees the same is in the same one. One that nobody is in any more stays a while, for those
 * who come back. Exports `createCohortBook`, `toCohortKey`.
 */
import { randomUUID } from 'node:crypto';
import type { FeedPosition } from '../../lib/feed/index.ts';
import type { Hub } from '../pipeline/hub.ts';
import { toShareKey } from '../pipeline/share-key.ts';
import type { Asked, CheckedOperation } from '../pipeline/subscription.ts';
import { Cohort } from './cohort.ts';
import type { Cursors } from './cursor.ts';
import { createEncoders, type Encoders } from './encoder.ts';
import { filterOf, type LivePlan } from './live-plan.ts';
import { createResolver } from './resolve-events.ts';
import type { Topic, Topics } from './topics.ts';

export type CohortEntry = {
  readonly key: string;
  readonly cohort: Cohort;
  readonly encoders: Encoders;
  readonly plan: LivePlan;
  /** Why it has ended by itself; null as long as it has not. */
  readonly failure: () => unknown;
  /** It is not for new ones: when the last has left it ends. */
  retire(): void;
  enter(): void;
  leave(): void;
};

export type Entering = { readonly asked: Asked; readonly operation: CheckedOperation; readonly plan: LivePlan };

export type CohortBook = {
  /** `from`: where a cohort begins to read that is not there yet; null: where its topic is read now. Waits for the feed. */
  enter(entering: Entering, from: FeedPosition | null): Promise<CohortEntry>;
  readonly size: number;
  close(): void;
};

type Parts = { readonly hub: Hub; readonly topics: Topics; readonly cursors: Cursors };

/** After the last has gone. */
const lingerMs = 10_000;

/** All on which it depends what its viewers get: invariant 8. */
export function toCohortKey({ asked, operation, plan }: Entering, hub: Hub): string {
  const { principal, request } = asked;
  const keys = plan.subgraphs.map((name) => toShareKey(name, { request, principal }, hub));
  const readBy = hub.access.readBy({ supergraph: operation.graph.supergraph, operation: operation.operation, principal });
  return JSON.stringify([plan.key, operation.variables, keys, readBy]);
}

export function createCohortBook(parts: Parts): CohortBook {
  const entries = new Map<string, Promise<Entry>>();
  const open = async (key: string, entering: Entering, from: FeedPosition | null): Promise<Entry> => {
    const topic = parts.topics.open(entering.plan.feed.topic);
    try {
      const position = await topic.position();
      return new Entry({
        ...parts,
        key,
        entering,
        topic,
        from: from?.epoch === position.epoch && from.seq <= position.seq ? from : position,
      });
    } catch (error) {
      topic.release();
      throw error;
    }
  };
  return {
    async enter(entering, from) {
      const key = toCohortKey(entering, parts.hub);
      const opening = entries.get(key) ?? remember(key, open(key, entering, from));
      const entry = await opening;
      if (entry.isOver) {
        if (entries.get(key) === opening) entries.delete(key);
        return this.enter(entering, from);
      }
      entry.enter();
      return entry;
    },
    get size() {
      return entries.size;
    },
    close() {
      for (const entry of entries.values()) entry.then((one) => one.end()).catch(() => undefined);
    },
  };

  function remember(key: string, opening: Promise<Entry>): Promise<Entry> {
    entries.set(key, opening);
    const forget = (): unknown => entries.get(key) === opening && entries.delete(key);
    opening.then((entry) => entry.over.then(forget), forget);
    return opening;
  }
}

type EntryOptions = Parts & { readonly key: string; readonly entering: Entering; readonly topic: Topic; readonly from: FeedPosition };

class Entry implements CohortEntry {
  readonly key: string;
  readonly cohort: Cohort;
  readonly encoders: Encoders;
  readonly plan: LivePlan;
  /** Resolves when nobody may enter any more. */
  readonly over: Promise<void>;
  isOver = false;
  readonly #ending = new AbortController();
  #failure: unknown = null;
  #isRetired = false;
  #users = 0;
  #lingering: NodeJS.Timeout | undefined;
  #endOver: () => void = () => undefined;

  constructor({ key, entering, topic, from, hub, cursors }: EntryOptions) {
    const { asked, operation, plan } = entering;
    const { principal, request } = asked;
    this.key = key;
    this.plan = plan;
    this.encoders = createEncoders(cursors);
    this.over = new Promise((resolve) => (this.#endOver = resolve));
    const header = (name: string): string | undefined => request.header?.(name);
    const resolve = createResolver({ plan, operation, filter: filterOf(plan, operation), principal, header, id: randomUUID(), hub });
    const now = (): number => hub.clock.now().getTime();
    this.cohort = new Cohort({ ports: { ...topic, now, resolve: (events) => resolve(events, this.#ending.signal) }, from });
    const close = (error: unknown): void => {
      this.#failure = error;
      this.end();
      topic.release();
    };
    this.cohort.done.then(() => close(null), close);
  }

  failure(): unknown {
    return this.#failure;
  }

  enter(): void {
    clearTimeout(this.#lingering);
    this.#users += 1;
  }

  leave(): void {
    this.#users -= 1;
    if (this.#users > 0) return;
    if (this.#isRetired) return this.end();
    this.#lingering = setTimeout(() => this.end(), lingerMs);
    this.#lingering.unref();
  }

  retire(): void {
    this.#isRetired = true;
    this.#close();
  }

  end(): void {
    this.#close();
    this.#ending.abort();
    this.cohort.end();
  }

  #close(): void {
    clearTimeout(this.#lingering);
    this.isOver = true;
    this.#endOver();
  }
}
