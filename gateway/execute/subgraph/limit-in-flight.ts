/**
 * At most so many requests to one subgraph are in flight, and so the connections to it; further ones wait in a row of bounded length
 * for a bounded time. Exports `createInFlightLimit`.
 */
import type { SubgraphRequest, SubgraphResponse } from '../types.ts';
import type { Cancel } from './cancel.ts';
import { SubgraphFailure } from './failure.ts';
import { perSubgraph, type Step, type Time } from './step.ts';

export type InFlightLimits = {
  readonly inFlight: number;
  readonly queue: number;
  /** Longest time in the row. */
  readonly queueMs: number;
};

type Waiting = { readonly go: () => void };
type Gate = { running: number; readonly row: Set<Waiting> };

export function createInFlightLimit(next: Step, limits: InFlightLimits, time: Time): Step {
  const gates = perSubgraph<Gate>(() => ({ running: 0, row: new Set() }));
  const run = (gate: Gate, request: SubgraphRequest, cancel: Cancel): Promise<SubgraphResponse> =>
    next(request, cancel).then(
      (response) => {
        leave(gate);
        return response;
      },
      (reason: unknown) => {
        leave(gate);
        throw reason;
      },
    );
  return (request, cancel) => {
    const { name } = request.graph;
    const gate = gates(name);
    if (gate.running < limits.inFlight) {
      gate.running += 1;
      return run(gate, request, cancel);
    }
    if (gate.row.size >= limits.queue) return Promise.reject(overloaded(name, `${limits.queue} requests wait for it already`));
    return waitForTurn({ gate, cancel, time, limitMs: limits.queueMs, name }).then(() => run(gate, request, cancel));
  };
}

/** The place is handed on as it is: nobody who comes now gets before those who wait. */
function leave(gate: Gate): void {
  if (gate.row.size === 0) gate.running -= 1;
  else for (const first of gate.row) return first.go();
}

type Turn = { readonly gate: Gate; readonly cancel: Cancel; readonly time: Time; readonly limitMs: number; readonly name: string };

function waitForTurn({ gate, cancel, time, limitMs, name }: Turn): Promise<void> {
  return new Promise((resolve, reject) => {
    const leaveRow = () => {
      gate.row.delete(waiting);
      cancel.onCancel = null;
      stopTimer();
    };
    const waiting: Waiting = {
      go() {
        leaveRow();
        resolve();
      },
    };
    const give = (reason: unknown) => {
      leaveRow();
      reject(reason instanceof Error ? reason : new Error('ended', { cause: reason }));
    };
    const stopTimer = time.after(limitMs, () => give(overloaded(name, `none of its requests ended within ${limitMs} ms`)));
    cancel.onCancel = give;
    gate.row.add(waiting);
  });
}

function overloaded(name: string, why: string): SubgraphFailure {
  return new SubgraphFailure('SUBGRAPH_OVERLOADED', `The subgraph ${name} is asked more than it can answer: ${why}.`);
}
