/**
 * Asks once more what only reads: when the connection ended before anything of an answer came, or when a proxy or the subgraph says that
 * it cannot work now. A mutation is never asked twice, because it may have been done. Exports `createRetry`.
 */
import type { SubgraphRequest, SubgraphResponse } from '../types.ts';
import type { Cancel } from './cancel.ts';
import { isFailure } from './failure.ts';
import { isPassingFailure } from './health-of-answer.ts';
import { perSubgraph, type Step, type Time } from './step.ts';

export type RetryOptions = {
  /** Further attempts of one request. */
  readonly retries: number;
  readonly time: Time;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly onRetry: (request: SubgraphRequest) => void;
};

/** Retries may add a tenth to what a subgraph is asked, and a few to begin with: a subgraph in need is not asked twice as much. */
const earnedByRequest = 0.1;
const mostTokens = 10;
/** Waited before the first further attempt, at most; doubled for each one more. */
const firstPauseMs = 50;

type Budget = { tokens: number };

export function createRetry(next: Step, { retries, time, random, onRetry }: RetryOptions): Step {
  const budgets = perSubgraph<Budget>(() => ({ tokens: mostTokens }));
  return (request, cancel) => {
    if (request.kind !== 'query' || retries === 0) return next(request, cancel);
    const budget = budgets(request.graph.name);
    budget.tokens = Math.min(mostTokens, budget.tokens + earnedByRequest);
    const again = async (attempt: number): Promise<SubgraphResponse> => {
      budget.tokens -= 1;
      await pause(time, random() * firstPauseMs * 2 ** attempt, cancel);
      onRetry(request);
      return run(attempt + 1);
    };
    const mayTry = (attempt: number): boolean => attempt < retries && budget.tokens >= 1 && !cancel.cancelled;
    const run = (attempt: number): Promise<SubgraphResponse> =>
      next(request, cancel).then(
        (response) => (isPassingFailure(response) && mayTry(attempt) ? again(attempt) : response),
        (reason: unknown) => {
          if (isConnectionLost(reason) && mayTry(attempt)) return again(attempt);
          throw reason;
        },
      );
    return run(0);
  };
}

function isConnectionLost(reason: unknown): boolean {
  return isFailure(reason) && reason.code === 'SUBGRAPH_UNREACHABLE' && reason.beforeAnswer;
}

/** Ends at once, with the reason, when the request is cancelled. */
function pause(time: Time, ms: number, cancel: Cancel): Promise<void> {
  return new Promise((resolve, reject) => {
    const stopTimer = time.after(ms, () => {
      cancel.onCancel = null;
      resolve();
    });
    cancel.onCancel = (reason) => {
      stopTimer();
      reject(reason instanceof Error ? reason : new Error('ended', { cause: reason }));
    };
  });
}
