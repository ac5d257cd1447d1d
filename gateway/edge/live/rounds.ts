/** One timer for what every one of many has to look at now and then: they are visited a few at a time. Exports `Rounds`. */

export type Visited = { visit(): void };

/** With thousands in it, no visit of all at once holds up the others. */
const groupCount = 32;

export class Rounds {
  readonly #stepMs: number;
  readonly #groups: readonly Set<Visited>[] = Array.from({ length: groupCount }, () => new Set<Visited>());
  #size = 0;
  #joining = 0;
  #visiting = 0;
  #timer: NodeJS.Timeout | undefined;

  /** Each is visited once in `roundMs`. */
  constructor(roundMs: number) {
    this.#stepMs = Math.max(1, Math.floor(roundMs / groupCount));
  }

  get size(): number {
    return this.#size;
  }

  /** Returns what takes it out again; the timer runs only while somebody is in. */
  add(visited: Visited): () => void {
    const group = this.#groups[this.#joining] ?? new Set();
    this.#joining = (this.#joining + 1) % groupCount;
    group.add(visited);
    this.#size += 1;
    this.#timer ??= setInterval(() => this.#step(), this.#stepMs).unref();
    return () => {
      if (!group.delete(visited)) return;
      this.#size -= 1;
      if (this.#size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }

  #step(): void {
    const group = this.#groups[this.#visiting];
    this.#visiting = (this.#visiting + 1) % groupCount;
    for (const visited of group ?? []) visited.visit();
  }
}
