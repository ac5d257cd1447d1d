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
type Attempt = { readonly kind: 'answered'; readonly response: SubgraphResponse } | { readonly kind: 'failed'; readonly reason: unknown };

export function createRetry(next: Step, { retries, time, random, onRetry }: RetryOptions): Step {
  const budgets = perSubgraph<Budget>(() => ({ tokens: mostTokens }));
  return async (request, cancel) => {
    if (request.kind !== 'query' || retries === 0) return next(request, cancel);
    const budget = budgets(request.graph.name);
    budget.tokens = Math.min(mostTokens, budget.tokens + earnedByRequest);
    for (let attempt = 0; ; attempt += 1) {
      const result = await settle(next(request, cancel));
      const isLast = attempt >= retries || budget.tokens < 1 || cancel.cancelled || !isWorthTrying(result);
      if (isLast && result.kind === 'failed') throw result.reason;
      if (isLast && result.kind === 'answered') return result.response;
      budget.tokens -= 1;
      await pause(time, random() * firstPauseMs * 2 ** attempt, cancel);
      onRetry(request);
    }
  };
}

function settle(running: Promise<SubgraphResponse>): Promise<Attempt> {
  return running.then(
    (response) => ({ kind: 'answered', response }),
    (reason: unknown) => ({ kind: 'failed', reason }),
  );
}

function isWorthTrying(attempt: Attempt): boolean {
  if (attempt.kind === 'answered') return isPassingFailure(attempt.response);
  return isFailure(attempt.reason) && attempt.reason.code === 'SUBGRAPH_UNREACHABLE' && attempt.reason.beforeAnswer;
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
