/** The plan of the operation that ran last. */
import { useSyncExternalStore } from 'react';

export type PlanReport = {
  readonly text: string;
  /** Empty when the operation was only planned. */
  readonly fetches: readonly { readonly subgraph: string; readonly startMs: number; readonly ms: number; readonly outcome: string }[];
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
