/**
 * A subgraph that fails again and again is left alone for a while: its requests fail at once instead of each waiting for its deadline,
 * then a few are let through to see how it is. Exports `createBreaker`.
 */
import { isFailure, SubgraphFailure } from './failure.ts';
import { isSubgraphDown } from './health-of-answer.ts';
import { perSubgraph, type Step, type Time } from './step.ts';

export type BreakerState = 'closed' | 'open' | 'half-open';

export type BreakerOptions = {
  /** So many failures, and half of all requests, within the window open it. 0: never. */
  readonly failures: number;
  readonly pauseMs: number;
  readonly time: Pick<Time, 'now'>;
  readonly onState: (subgraph: string, state: BreakerState) => void;
};

const windowMs = 10_000;
const slots = 10;
const slotMs = windowMs / slots;
const failureShare = 0.5;
/** Requests let through at a time to see how the subgraph is. */
const probes = 3;

type Outcome = 'ok' | 'failed' | 'unknown';

export function createBreaker(next: Step, options: BreakerOptions): Step {
  const breakers = perSubgraph((name) => new Breaker(name, options));
  if (options.failures === 0) return next;
  return (request, cancel) => {
    const breaker = breakers(request.graph.name);
    const turn = breaker.enter();
    if (turn === null) return Promise.reject(breaker.refusal());
    return next(request, cancel).then(
      (response) => {
        breaker.leave(turn, isSubgraphDown(response) ? 'failed' : 'ok');
        return response;
      },
      (error: unknown) => {
        breaker.leave(turn, isFailure(error) ? judge(error) : 'unknown');
        throw error;
      },
    );
  };
}

/** An answer that cannot be used was at least one; our own limit and a client that went away say nothing of the subgraph. */
function judge({ code }: SubgraphFailure): Outcome {
  if (code === 'SUBGRAPH_UNREACHABLE' || code === 'SUBGRAPH_TIMEOUT') return 'failed';
  return code === 'SUBGRAPH_OVERLOADED' ? 'unknown' : 'ok';
}

/** Counts opening and closing: what was asked before the last change has no say after it. */
type Turn = number;

class Breaker {
  readonly #name: string;
  readonly #options: BreakerOptions;
  #state: BreakerState = 'closed';
  #turn: Turn = 0;
  #openUntil = 0;
  #probing = 0;
  /** Requests and failures of the last seconds, one slot each. */
  readonly #asked = Array.from({ length: slots }, () => ({ at: -1, all: 0, failed: 0 }));

  constructor(name: string, options: BreakerOptions) {
    this.#name = name;
    this.#options = options;
  }

  /** null: it may not be asked now. */
  enter(): Turn | null {
    if (this.#state === 'open' && this.#options.time.now() >= this.#openUntil) this.#change('half-open');
    if (this.#state === 'open' || (this.#state === 'half-open' && this.#probing >= probes)) return null;
    if (this.#state === 'half-open') this.#probing += 1;
    return this.#turn;
  }

  refusal(): SubgraphFailure {
    const message = `The subgraph ${this.#name} failed too often just now and is left alone for a while.`;
    return new SubgraphFailure('SUBGRAPH_UNAVAILABLE', message);
  }

  leave(turn: Turn, outcome: Outcome): void {
    if (turn !== this.#turn) return;
    if (this.#state === 'half-open') {
      this.#probing -= 1;
      if (outcome === 'ok') this.#change('closed');
      if (outcome === 'failed') this.#open();
      return;
    }
    if (outcome === 'unknown') return;
    this.#count(outcome === 'failed');
    if (outcome === 'failed' && this.#isTooMuch()) this.#open();
  }

  #open(): void {
    this.#openUntil = this.#options.time.now() + this.#options.pauseMs;
    this.#change('open');
  }

  #change(state: BreakerState): void {
    this.#state = state;
    this.#turn += 1;
    this.#probing = 0;
    for (const slot of this.#asked) slot.at = -1;
    this.#options.onState(this.#name, state);
  }

  #count(failed: boolean): void {
    const at = Math.floor(this.#options.time.now() / slotMs);
    const slot = this.#asked[at % slots];
    if (slot === undefined) return;
    if (slot.at !== at) Object.assign(slot, { at, all: 0, failed: 0 });
    slot.all += 1;
    if (failed) slot.failed += 1;
  }

  #isTooMuch(): boolean {
    const oldest = Math.floor(this.#options.time.now() / slotMs) - slots;
    let all = 0;
    let failed = 0;
    for (const slot of this.#asked) {
      if (slot.at <= oldest) continue;
      all += slot.all;
      failed += slot.failed;
    }
    return failed >= this.#options.failures && failed >= all * failureShare;
  }
}
