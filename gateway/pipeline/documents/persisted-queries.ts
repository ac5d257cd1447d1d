/**
 * Texts that clients have sent once and then name by their hash (automatic persisted queries). Each member has a store of its own, so
 * nobody can push out what others use, or find out what they sent. Exports `createPersistedQueries`.
 */

export type PersistedQueries = {
  find(owner: string, hash: string): string | undefined;
  /** The text must have been checked in full, and be the text of the hash. */
  keep(owner: string, hash: string, text: string): void;
  /** In all: entries, and characters of their texts. */
  size(): { readonly entries: number; readonly characters: number };
};

export type PersistedBounds = {
  readonly entriesOfOwner: number;
  readonly charactersOfOwner: number;
  readonly entries: number;
  readonly characters: number;
};

/** docs/limits.md names these. */
const usualBounds: PersistedBounds = { entriesOfOwner: 500, charactersOfOwner: 1_048_576, entries: 10_000, characters: 16_777_216 };

/** A Map lists its keys in the order of insertion: what is used is put in again, so the first is what was not used for longest. */
type Store = { readonly texts: Map<string, string>; characters: number };

export function createPersistedQueries(bounds: PersistedBounds = usualBounds): PersistedQueries {
  const owners = new Map<string, Store>();
  let entries = 0;
  let characters = 0;

  const dropOldest = (owner: string, store: Store) => {
    const [oldest] = store.texts;
    if (!oldest) return;
    const [hash, { length }] = oldest;
    store.texts.delete(hash);
    store.characters -= length;
    entries -= 1;
    characters -= length;
    if (store.texts.size === 0) owners.delete(owner);
  };
  const use = (owner: string): Store => {
    const store = owners.get(owner) ?? { texts: new Map<string, string>(), characters: 0 };
    owners.delete(owner);
    owners.set(owner, store);
    return store;
  };

  return {
    find(owner, hash) {
      const text = owners.get(owner)?.texts.get(hash);
      if (text === undefined) return undefined;
      const { texts } = use(owner);
      texts.delete(hash);
      texts.set(hash, text);
      return text;
    },
    keep(owner, hash, text) {
      if (text.length > bounds.charactersOfOwner || owners.get(owner)?.texts.has(hash)) return;
      const store = use(owner);
      store.texts.set(hash, text);
      store.characters += text.length;
      entries += 1;
      characters += text.length;
      while (store.texts.size > bounds.entriesOfOwner || store.characters > bounds.charactersOfOwner) dropOldest(owner, store);
      // Whoever asked for nothing for longest loses first
      for (const [other, idle] of owners) {
        while (idle.texts.size > 0 && (entries > bounds.entries || characters > bounds.characters)) dropOldest(other, idle);
        if (entries <= bounds.entries && characters <= bounds.characters) return;
      }
    },
    size: () => ({ entries, characters }),
  };
}
