/** A clock that stands still until the next thing is due, so that hours pass in milliseconds and every run of a seed is the same. */

type Due = { readonly at: number; readonly order: number; readonly run: () => void };

export type VirtualClock = {
  /** Milliseconds since the beginning. */
  now(): number;
  at(ms: number, run: () => void): void;
  after(ms: number, run: () => void): void;
  delay(ms: number): Promise<void>;
  /** Runs what is due until then; whatever follows from it by promises alone is done before time goes on. */
  runUntil(ms: number): Promise<void>;
  /** What is due yet. */
  readonly waiting: number;
};

export function createVirtualClock(): VirtualClock {
  // The next one last, as taking from there costs nothing
  const queue: Due[] = [];
  let [now, orders] = [0, 0];

  const add = (due: Due): void => {
    let low = 0;
    for (let high = queue.length; low < high;) {
      const middle = (low + high) >> 1;
      const other = queue[middle];
      if (other !== undefined && (other.at > due.at || (other.at === due.at && other.order > due.order))) low = middle + 1;
      else high = middle;
    }
    queue.splice(low, 0, due);
  };
  const clock: VirtualClock = {
    now: () => now,
    at: (ms, run) => add({ at: Math.max(now, ms), order: (orders += 1), run }),
    after: (ms, run) => clock.at(now + ms, run),
    delay: (ms) => new Promise((resolve) => clock.after(ms, resolve)),
    async runUntil(ms) {
      for (let next = queue.at(-1); next !== undefined && next.at <= ms; next = queue.at(-1)) {
        queue.pop();
        now = next.at;
        next.run();
        // Promises are done when the event loop comes round
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
      now = ms;
    },
    get waiting() {
      return queue.length;
    },
  };
  return clock;
}
