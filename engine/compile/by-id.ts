/**
 * Values by a small number, a few of them: an object of a run has some, and there are thousands of objects. Found by looking at each;
 * a Map takes ten times the memory. Exports `ById`.
 */
export class ById<Value> {
  #ids: number[] = NOTHING;
  #values: Value[] = NOTHING;

  get(id: number): Value | undefined {
    const at = this.#find(id);
    return at < 0 ? undefined : this.#values[at];
  }

  has(id: number): boolean {
    return this.#find(id) >= 0;
  }

  set(id: number, value: Value): void {
    const at = this.#find(id);
    if (at >= 0) this.#values[at] = value;
    else if (this.#ids === NOTHING) {
      this.#ids = [id];
      this.#values = [value];
    } else {
      this.#ids.push(id);
      this.#values.push(value);
    }
  }

  #find(id: number): number {
    const ids = this.#ids;
    for (let at = 0; at < ids.length; at += 1) if (ids[at] === id) return at;
    return -1;
  }
}

/** Never written to. */
const NOTHING: never[] = [];
