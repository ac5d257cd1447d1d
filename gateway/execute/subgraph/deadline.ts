/** Innermost step around the client: one attempt ends after its time, whether it waits for a connection, a head or the last byte. */
import { toStopReason } from '../stop.ts';
import { Cancel } from './cancel.ts';
import { SubgraphFailure } from './failure.ts';
import type { Step, Time } from './step.ts';

export function createDeadline(next: Step, limitMs: number, time: Time): Step {
  return (request, cancel) => {
    if (cancel.cancelled) return Promise.reject(toStopReason(cancel.reason));
    const attempt = new Cancel();
    cancel.onCancel = (reason) => attempt.cancel(reason);
    const stopTimer = time.after(limitMs, () => {
      attempt.cancel(new SubgraphFailure('SUBGRAPH_TIMEOUT', `The subgraph ${request.graph.name} did not answer in time.`));
    });
    const end = (): void => {
      stopTimer();
      cancel.onCancel = null;
    };
    return next(request, attempt).then(
      (response) => {
        end();
        return response;
      },
      (reason: unknown) => {
        end();
        throw reason;
      },
    );
  };
}
