/** Keys and requirements in one representation: fields that both mention are written once, with all that either wants below. */
import type { PlanNeed } from './types.ts';

export function mergeNeeds(lists: readonly (readonly PlanNeed[])[]): PlanNeed[] {
  const merged: PlanNeed[] = [];
  for (const needs of lists) for (const need of needs) mergeNeed(merged, need);
  return byField(merged);
}

/** Two mentions of one field become one. */
export function mergeNeed(needs: PlanNeed[], need: PlanNeed): void {
  const index = needs.findIndex((other) => other.field === need.field);
  const found = needs[index];
  if (found === undefined) {
    needs.push(need);
    return;
  }
  if (found.kind !== 'object' || need.kind !== 'object') return;
  const byClass = found.byClass.map((one) => {
    const other = need.byClass.find(({ classIndex }) => classIndex === one.classIndex);
    return { ...one, needs: mergeNeeds([one.needs, other?.needs ?? []]) };
  });
  needs[index] = { ...found, byClass };
}

export function byField(needs: readonly PlanNeed[]): PlanNeed[] {
  return needs.toSorted((a, b) => (a.field === b.field ? 0 : a.field < b.field ? -1 : 1));
}
