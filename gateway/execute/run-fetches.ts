/**
 * Runs the fetches of a plan: each begins as soon as all it depends on has settled (answered, failed or skipped). Callbacks, not a promise
 * for every step: an operation of many fetches is made of little else. Exports `createRunner`.
 */
import type { Joiner, Outcome } from '../../engine/compile/index.ts';
import type { PlanFetch } from '../../engine/plan/index.ts';
import { callSubgraph } from './call-subgraph.ts';
import { throwIfStopped, toStopReason } from './stop.ts';
import type { ExecuteRequest, FetchTrace } from './types.ts';

/** Resolves once these fetches, and all they depend on, have settled. Rejects with the reason of the signal. */
export type Run = (fetches: readonly number[]) => Promise<void>;

export function createRunner(request: ExecuteRequest, joiner: Joiner): Run {
  const fetches = new Fetches(request, joiner);
  return (ids) => fetches.run(ids);
}

/** `waiting`: how many of those it depends on have not settled. `told`: called once when it settles. */
type State = { waiting: number; settled: boolean; readonly told: (() => void)[] };

class Fetches {
  readonly #request: ExecuteRequest;
  readonly #joiner: Joiner;
  readonly #now: () => number;
  readonly #startedAt: number;
  readonly #states: (State | undefined)[] = [];
  /** What ended all of it: the same for everybody who waits, now and later. */
  #end: { readonly reason: Error } | null = null;
  readonly #waiters = new Set<(reason: Error) => void>();

  constructor(request: ExecuteRequest, joiner: Joiner) {
    this.#request = request;
    this.#joiner = joiner;
    this.#now = request.now ?? nowOfProcess;
    this.#startedAt = request.onFetch === undefined ? 0 : this.#now();
  }

  run(ids: readonly number[]): Promise<void> {
    return new Promise((resolve, reject) => {
      let left = ids.length;
      if (left === 0) return resolve();
      const onSettled = (): void => {
        left -= 1;
        if (left > 0) return;
        this.#waiters.delete(reject);
        resolve();
      };
      this.#waiters.add(reject);
      for (const id of ids) this.#whenSettled(id, onSettled);
      if (this.#end !== null) reject(this.#end.reason);
    });
  }

  #whenSettled(id: number, told: () => void): void {
    const state = this.#start(id);
    if (state.settled) told();
    else state.told.push(told);
  }

  #start(id: number): State {
    const known = this.#states[id];
    if (known !== undefined) return known;
    const state: State = { waiting: 0, settled: false, told: [] };
    this.#states[id] = state;
    const fetch = this.#request.compiled.plan.fetches[id];
    if (fetch === undefined) {
      state.settled = true;
      return state;
    }
    state.waiting = fetch.dependsOn.length;
    const onSettled = (): void => {
      state.waiting -= 1;
      if (state.waiting === 0) this.#begin(fetch, state);
    };
    if (state.waiting === 0) this.#begin(fetch, state);
    else for (const above of fetch.dependsOn) this.#whenSettled(above, onSettled);
    return state;
  }

  #begin(fetch: PlanFetch, state: State): void {
    if (this.#end !== null) return;
    try {
      const { supergraph, signal } = this.#request;
      throwIfStopped(signal);
      const graph = supergraph.graphs[fetch.graph];
      const prepared = this.#joiner.prepare(fetch.id);
      const asked: Asked = { fetch, state, outcomes: [], representations: prepared?.representations ?? 0, from: this.#now() };
      if (graph !== undefined && prepared !== null) return this.#ask(asked, prepared.body, prepared.further ?? none);
      this.#trace(asked, 'skipped', null);
      this.#settle(state);
    } catch (error) {
      this.#fail(error);
    }
  }

  #ask(asked: Asked, body: string, further: readonly string[]): void {
    const { supergraph, signal, fetcher } = this.#request;
    const { fetch } = asked;
    const graph = supergraph.graphs[fetch.graph];
    if (graph === undefined) return;
    callSubgraph(fetcher, { graph, kind: fetch.operation, body, signal }, (outcome) => this.#take(asked, outcome, further));
  }

  #take(asked: Asked, outcome: Outcome, further: readonly string[]): void {
    try {
      throwIfStopped(this.#request.signal);
      const { fetch, outcomes } = asked;
      outcomes.push(outcome);
      // One after the other: a list of any length is no burst of requests.
      const next = further[outcomes.length - 1];
      if (next !== undefined) return this.#ask(asked, next, further);
      const [first = outcome, ...others] = outcomes;
      this.#joiner.take(fetch.id, first, others);
      if (this.#request.onFetch !== undefined) this.#traceOutcomes(asked, first);
      this.#settle(asked.state);
    } catch (error) {
      this.#fail(error);
    }
  }

  #settle(state: State): void {
    state.settled = true;
    for (const told of state.told) told();
  }

  #fail(error: unknown): void {
    const reason = toStopReason(error);
    this.#end ??= { reason };
    for (const reject of this.#waiters) reject(reason);
    this.#waiters.clear();
  }

  #traceOutcomes(asked: Asked, first: Outcome): void {
    const failed = asked.outcomes.find((one) => one.kind === 'failure' || one.status >= 400);
    const told = failed ?? first;
    this.#trace(asked, failed === undefined ? 'answered' : 'failed', told.kind === 'response' ? told.status : null);
  }

  #trace({ fetch, representations, from }: Asked, outcome: FetchTrace['outcome'], status: number | null): void {
    this.#request.onFetch?.({
      fetch: fetch.id + 1,
      graph: this.#request.supergraph.graphs[fetch.graph]?.name ?? '',
      startMs: from - this.#startedAt,
      durationMs: this.#now() - from,
      representations,
      outcome,
      status,
    });
  }
}

type Asked = {
  readonly fetch: PlanFetch;
  readonly state: State;
  readonly outcomes: Outcome[];
  readonly representations: number;
  readonly from: number;
};

const none: readonly string[] = Object.freeze([]);
const nowOfProcess = (): number => performance.now();
