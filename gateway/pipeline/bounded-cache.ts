/**
 * A least-recently-used cache, bounded by the number of entries and by their total weight; entries that are of one family may have a
 * bound of their own. Keys are whole texts, compared as such. Exports `BoundedCache`.
 */

type Families<Value> = { readonly of: (value: Value) => string; readonly maxEntries: number };

type Bounds<Value> = { readonly maxEntries: number; readonly maxWeight: number; readonly families?: Families<Value> };

type Entry<Value> = { readonly value: Value; readonly weight: number; usedAt: number };

export class BoundedCache<Value> {
  readonly #entries = new Map<string, Entry<Value>>();
  /** Keys of the entries of each family. */
  readonly #families = new Map<string, Set<string>>();
  readonly #bounds: Bounds<Value>;
  #weight = 0;
  #uses = 0;

  constructor(bounds: Bounds<Value>) {
    this.#bounds = bounds;
  }

  get size(): number {
    return this.#entries.size;
  }

  get weight(): number {
    return this.#weight;
  }

  get(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    // Used last, it is the youngest already
    if (entry.usedAt === this.#uses - 1) return entry.value;
    entry.usedAt = this.#uses++;
    // A Map lists its keys in the order of insertion: inserted again, the entry is the youngest
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  /** What is heavier than the whole cache may be is not kept. */
  set(key: string, value: Value, weight: number): void {
    const { maxEntries, maxWeight } = this.#bounds;
    this.#remove(key);
    if (weight > maxWeight) return;
    this.#entries.set(key, { value, weight, usedAt: this.#uses++ });
    this.#weight += weight;
    this.#join(key, value);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= maxEntries && this.#weight <= maxWeight) return;
      this.#remove(oldest);
    }
  }

  /** In a family that grows too large the member that was not used for longest makes room. */
  #join(key: string, value: Value): void {
    const { families } = this.#bounds;
    if (!families) return;
    const family = families.of(value);
    const members = this.#families.get(family) ?? new Set();
    this.#families.set(family, members.add(key));
    if (members.size <= families.maxEntries) return;
    const [oldest] = [...members].toSorted((a, b) => this.#usedAt(a) - this.#usedAt(b));
    if (oldest !== undefined) this.#remove(oldest);
  }

  #usedAt(key: string): number {
    return this.#entries.get(key)?.usedAt ?? 0;
  }

  #remove(key: string): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#weight -= entry.weight;
    this.#entries.delete(key);
    const family = this.#bounds.families?.of(entry.value);
    const members = family === undefined ? undefined : this.#families.get(family);
    if (family === undefined || members?.delete(key) !== true) return;
    if (members.size === 0) this.#families.delete(family);
  }
}
