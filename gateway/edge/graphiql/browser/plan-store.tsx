/** The plan of the operation that ran last. */
import { useSyncExternalStore } from 'react';

/** `fetch` is the number in the plan's text. */
type FetchTrace = {
  readonly fetch: number;
  readonly graph: string;
  readonly startMs: number;
  readonly durationMs: number;
  readonly representations: number;
  readonly outcome: string;
};

export type PlanReport = {
  readonly text: string;
  /** Empty when the operation was only planned. */
  readonly fetches: readonly FetchTrace[];
};

let plan: PlanReport | null = null;
const listeners = new Set<() => void>();

export function setPlan(next: PlanReport | null): void {
  plan = next;
  for (const listener of listeners) listener();
}

export function usePlan(): PlanReport | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => plan,
  );
}
