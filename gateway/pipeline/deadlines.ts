/**
 * What must have ended after one and the same time: in the order of its beginning, so that one timer does for all. A timer for each would
 * cost more than what most requests are bounded for. Exports `Deadlines`.
 */

/** One of a list; its own neighbour on both sides when it is in none. */
export class Deadline {
  readonly atMs: number;
  readonly onDue: () => void;
  before: Deadline = this;
  after: Deadline = this;

  constructor(atMs: number, onDue: () => void) {
    this.atMs = atMs;
    this.onDue = onDue;
  }

  /** It will not be told, or not again. */
  end(): void {
    this.before.after = this.after;
    this.after.before = this.before;
    this.before = this;
    this.after = this;
  }
}

/** Timers may come a little early. */
const earlyMs = 1;

export class Deadlines {
  readonly limitMs: number;
  /** Before the first and after the last. */
  readonly #rim = new Deadline(Infinity, () => undefined);
  #isArmed = false;

  constructor(limitMs: number) {
    this.limitMs = limitMs;
  }

  /** `onDue` is called once, when the time is over, unless the deadline was ended before. */
  begin(onDue: () => void): Deadline {
    const deadline = new Deadline(performance.now() + this.limitMs, onDue);
    const last = this.#rim.before;
    last.after = deadline;
    deadline.before = last;
    deadline.after = this.#rim;
    this.#rim.before = deadline;
    if (!this.#isArmed) this.#arm(this.limitMs);
    return deadline;
  }

  /** It goes off even if all have ended by then: it is set once in that time, not for every request. */
  #arm(ms: number): void {
    this.#isArmed = true;
    setTimeout(() => this.#tell(), ms).unref();
  }

  #tell(): void {
    const nowMs = performance.now();
    this.#isArmed = false;
    for (let first = this.#rim.after; first.atMs <= nowMs + earlyMs; first = this.#rim.after) {
      first.end();
      first.onDue();
    }
    const { atMs } = this.#rim.after;
    if (atMs !== Infinity && !this.#isArmed) this.#arm(Math.max(1, atMs - nowMs));
  }
}
