/** The deferred fragments of a finished plan and the groups they wait for, numbered anew: only those that anything belongs to. */
import type { Fetch } from './build.ts';
import type { Group, Usage } from './defer.ts';
import type { Position } from './model.ts';
import type { Run } from './run.ts';
import type { PlanDeferred, PlanNode, PlanPosition } from './types.ts';

export type GroupNumbers = { groupOf(group: Group): number; usageOf(usage: Usage): number };

/** Null when nothing is deferred: all groups are the primary one. */
export function numberGroups(run: Run, positions: readonly Position[], fetches: readonly Fetch[]): GroupNumbers | null {
  const { usages, groups } = run.deferral;
  if (usages.length === 0) return null;
  const entries = positions.flatMap((position) => position.classes.flatMap(({ lanes }) => lanes.flat()));
  const used = new Set([...entries, ...fetches].map(({ group }) => group));
  const kept = groups.filter((group) => group.usages.length === 0 || used.has(group));
  if (kept.length < 2) return null;
  const groupNumbers = new Map(kept.map((group, index) => [group, index]));
  const named = new Set<Usage>();
  for (const group of kept) for (const usage of group.usages) for (let at: Usage | null = usage; at !== null; at = at.parent) named.add(at);
  const usageNumbers = new Map(usages.filter((usage) => named.has(usage)).map((usage, index) => [usage, index]));
  return { groupOf: (group) => groupNumbers.get(group) ?? 0, usageOf: (usage) => usageNumbers.get(usage) ?? -1 };
}

type Finished = { readonly positions: readonly PlanPosition[]; readonly nodes: readonly PlanNode[] };

export function toDeferred(run: Run, numbers: GroupNumbers | null, finished: Finished): PlanDeferred | null {
  if (numbers === null) return null;
  const { groups, usages } = run.deferral;
  const reads = readsByGroup(finished);
  const shown = groups.filter((group) => group.usages.length === 0 || numbers.groupOf(group) > 0);
  return {
    usages: usages
      .filter((usage) => numbers.usageOf(usage) >= 0)
      .map(({ label, parent }) => ({ label, parent: parent === null ? null : numbers.usageOf(parent) })),
    groups: shown.map((group) => ({
      usages: group.usages.map((usage) => numbers.usageOf(usage)),
      reads: [...(reads.get(numbers.groupOf(group)) ?? [])].toSorted((a, b) => a - b),
    })),
  };
}

/** All that is looked at when the entries of a group are shown: values, objects and their types. */
function readsByGroup({ positions, nodes }: Finished): Map<number, Set<number>> {
  const reads = new Map<number, Set<number>>();
  const add = (group: number, id: number | null): void => {
    const fetch = nodes[id ?? -1]?.fetch;
    if (fetch === undefined) return;
    const known = reads.get(group);
    if (known === undefined) reads.set(group, new Set([fetch]));
    else known.add(fetch);
  };
  for (const position of positions) {
    for (const { group, source } of position.classes.flatMap(({ lanes }) => lanes.flat()).filter((entry) => entry.kind === 'field')) {
      if (source.kind === 'leaf') add(group, source.node);
      if (source.kind !== 'position') continue;
      const below = positions[source.position];
      add(group, below?.primary ?? null);
      add(group, below?.typeNode ?? null);
    }
  }
  return reads;
}
