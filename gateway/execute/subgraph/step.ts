/** What the steps between executor and network have in common: their shape, time and chance as inputs, and state kept by subgraph. */
import type { SubgraphRequest, SubgraphResponse } from '../types.ts';
import type { Cancel } from './cancel.ts';

/** Rejects with SubgraphFailure, or with the reason of a cancel; never throws. */
export type Step = (request: SubgraphRequest, cancel: Cancel) => Promise<SubgraphResponse>;

export type Time = {
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** Calls back after some milliseconds; what it returns takes that back. */
  readonly after: (ms: number, callback: () => void) => () => void;
};

export const realTime: Time = {
  now: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

/** Supergraphs come and go: what was made first is forgotten, whoever uses it still holds it. */
const maxSubgraphs = 1_000;

/** One state for each subgraph, by name. */
export function perSubgraph<State>(create: (name: string) => State): (name: string) => State {
  const states = new Map<string, State>();
  return (name) => {
    const known = states.get(name);
    if (known !== undefined) return known;
    const [oldest] = states.keys();
    if (oldest !== undefined && states.size >= maxSubgraphs) states.delete(oldest);
    const state = create(name);
    states.set(name, state);
    return state;
  };
}
