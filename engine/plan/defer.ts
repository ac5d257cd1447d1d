/**
 * `@defer`: its uses and the groups they form. A *usage* is one deferred fragment at one place of the operation; a *group* is a set of
 * usages that all wait for the same thing, without those that lie inside another of the set. The empty group is the primary one: what
 * the first payload shows.
 * Exports the groups of a run (`createDeferral`).
 */
export type Usage = { readonly id: number; readonly label: string | null; readonly parent: Usage | null };

export type Group = { readonly id: number; readonly usages: readonly Usage[] };

export type Deferral = {
  /** False: the directive is ignored, everything is primary. */
  readonly enabled: boolean;
  readonly primary: Group;
  readonly usages: readonly Usage[];
  /** In the order in which they were met; the primary group first. */
  readonly groups: readonly Group[];
  addUsage(label: string | null, parent: Usage | null): Usage;
  /** The group of what is used in all these; null stands for a use outside any deferred fragment. */
  groupOf(usages: readonly (Usage | null)[]): Group;
  /** The group of what both wait for. */
  join(one: Group, other: Group): Group;
};

export function createDeferral(enabled: boolean): Deferral {
  const primary: Group = { id: 0, usages: [] };
  const usages: Usage[] = [];
  const groups = [primary];
  const known = new Map<string, Group>();
  const groupOf: Deferral['groupOf'] = (members) => {
    if (usages.length === 0) return primary;
    const set = new Set<Usage>();
    for (const one of members) {
      if (one === null) return primary;
      set.add(one);
    }
    const outermost = [...set].filter((one) => !isInside(one.parent, set)).toSorted((a, b) => a.id - b.id);
    const key = outermost.map(({ id }) => id).join();
    const found = known.get(key);
    if (found !== undefined) return found;
    const group = { id: groups.length, usages: outermost };
    groups.push(group);
    known.set(key, group);
    return group;
  };
  return {
    enabled,
    primary,
    usages,
    groups,
    groupOf,
    addUsage(label, parent) {
      const usage = { id: usages.length, label, parent };
      usages.push(usage);
      return usage;
    },
    join(one, other) {
      if (one === other) return one;
      return one === primary || other === primary ? primary : groupOf([...one.usages, ...other.usages]);
    },
  };
}

/** Is the usage, or one around it, in the set? */
function isInside(usage: Usage | null, set: ReadonlySet<Usage>): boolean {
  for (let at = usage; at !== null; at = at.parent) if (set.has(at)) return true;
  return false;
}

/** Must whatever waits for `late` also wait for `early`, or be sent after it? */
export function isEarlier(early: Group, late: Group): boolean {
  const set = new Set(early.usages);
  return set.size === 0 || (late.usages.length > 0 && late.usages.every((usage) => isInside(usage, set)));
}
