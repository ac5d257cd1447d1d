/** How many connections each member has. Exports `createPlaces`. */

export type Places = {
  /** The function gives the place back, once. null: the member has as many as it may. */
  take(who: string): (() => void) | null;
};

export function createPlaces(most: number): Places {
  const taken = new Map<string, number>();
  return {
    take(who) {
      const count = taken.get(who) ?? 0;
      if (count >= most) return null;
      taken.set(who, count + 1);
      return () => {
        const left = (taken.get(who) ?? 1) - 1;
        if (left === 0) taken.delete(who);
        else taken.set(who, left);
      };
    },
  };
}
