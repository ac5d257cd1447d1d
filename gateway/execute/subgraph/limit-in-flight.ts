/**
 * At most so many requests to one subgraph are in flight, and so the connections to it; further ones wait in a row of bounded length
 * for a bounded time. Exports `createInFlightLimit`.
 */
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
  return async (request, cancel) => {
    const { name } = request.graph;
    const gate = gates(name);
    if (gate.running >= limits.inFlight) {
      if (gate.row.size >= limits.queue) throw overloaded(name, `${limits.queue} requests wait for it already`);
      await waitForTurn({ gate, cancel, time, limitMs: limits.queueMs, name });
    } else {
      gate.running += 1;
    }
    try {
      return await next(request, cancel);
    } finally {
      // The place is handed on as it is: nobody who comes now gets before those who wait
      const [first] = gate.row;
      if (first === undefined) gate.running -= 1;
      else first.go();
    }
  };
}

type Turn = { readonly gate: Gate; readonly cancel: Cancel; readonly time: Time; readonly limitMs: number; readonly name: string };

function waitForTurn({ gate, cancel, time, limitMs, name }: Turn): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = () => {
      gate.row.delete(waiting);
      cancel.onCancel = null;
      stopTimer();
    };
    const waiting: Waiting = {
      go() {
        leave();
        resolve();
      },
    };
    const give = (reason: unknown) => {
      leave();
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
