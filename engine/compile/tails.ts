/** The rest of a graph's error path, below the place where its answer ends, in the client's words. */
import type { Plan, PlanPosition } from '../plan/index.ts';

export type TailOf = (tail: readonly (string | number)[]) => (string | number)[];

/** Cut at the first name that the client does not show. */
export function compileTail(plan: Plan, position: PlanPosition, lane: number): TailOf {
  return (tail) => {
    const keys: (string | number)[] = [];
    let at: { position: PlanPosition; lane: number } | null = { position, lane };
    for (const key of tail) {
      if (typeof key === 'number') {
        keys.push(key);
        continue;
      }
      const next: Step | null = at === null ? null : step(plan, at.position, at.lane, key);
      if (next === null) return keys;
      keys.push(next.responseKey);
      at = next.below;
    }
    return keys;
  };
}

type Step = { readonly responseKey: string; readonly below: { position: PlanPosition; lane: number } | null };

function step(plan: Plan, position: PlanPosition, lane: number, name: string): Step | null {
  const slots = new Set<number>();
  for (const id of position.nodes) for (const field of plan.nodes[id]?.fields ?? []) if (field.name === name) slots.add(field.slot);
  for (const cls of position.classes) {
    for (const entry of cls.lanes[lane] ?? []) {
      if (entry.kind !== 'field' || !slots.has(entry.slot)) continue;
      const below = entry.source.kind === 'position' ? plan.positions[entry.source.position] : undefined;
      return {
        responseKey: entry.responseKey,
        below: below === undefined || entry.source.kind !== 'position' ? null : { position: below, lane: entry.source.lane },
      };
    }
  }
  return null;
}
