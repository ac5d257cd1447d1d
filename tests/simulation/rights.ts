/** Who may read what of whom, and when a member lost a right. A gateway hears of it a little later. */

export type Rights = {
  /** Owners whose events the member may read, and a number that changes whenever they do. */
  of(member: string): { readonly version: number; readonly owners: ReadonlySet<string> };
  /** What the member might read in the beginning. */
  first(member: string): { readonly version: number; readonly owners: ReadonlySet<string> };
  take(member: string, owner: string): void;
  /** From when on the member may not read it; Infinity: never lost, -Infinity: never had. */
  lostAt(member: string, owner: string): number;
};

export function createRights(now: () => number, given: ReadonlyMap<string, readonly string[]>): Rights {
  const lost = new Map<string, number>();
  const versions = new Map<string, number>();
  const first = (member: string): { version: number; owners: Set<string> } => ({ version: 0, owners: new Set(given.get(member)) });
  const lostAt = (member: string, owner: string): number =>
    given.get(member)?.includes(owner) === true ? (lost.get(`${member} ${owner}`) ?? Infinity) : -Infinity;
  return {
    first,
    of: (member) => ({
      version: versions.get(member) ?? 0,
      owners: new Set([...first(member).owners].filter((owner) => lostAt(member, owner) > now())),
    }),
    take(member, owner) {
      if (lostAt(member, owner) !== Infinity) return;
      lost.set(`${member} ${owner}`, now());
      versions.set(member, (versions.get(member) ?? 0) + 1);
    },
    lostAt,
  };
}
