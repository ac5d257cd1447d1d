/** A clock that stands still until the next thing is due, so that hours pass in milliseconds and every run of a seed is the same. */

type Due = { readonly at: number; readonly order: number; readonly run: () => void };

export type VirtualClock = {
  now(): number;
  at(ms: number, run: () => void): void;
  delay(ms: number): Promise<void>;
  /** Runs what is due until then; whatever follows from it by promises alone is done before time goes on. */
  runUntil(ms: number): Promise<void>;
};

export function createVirtualClock(): VirtualClock {
  const queue: Due[] = [];
  let [now, orders] = [0, 0];

  const add = (due: Due): void => {
    let low = 0;
    for (let high = queue.length; low < high;) {
      const middle = (low + high) >> 1;
      const other = queue[middle];
      if (other !== undefined && (other.at < due.at || (other.at === due.at && other.order < due.order))) low = middle + 1;
      else high = middle;
    }
    queue.splice(low, 0, due);
  };
  const clock: VirtualClock = {
    now: () => now,
    at: (ms, run) => add({ at: Math.max(now, ms), order: (orders += 1), run }),
    delay: (ms) => new Promise((resolve) => clock.at(now + ms, resolve)),
    async runUntil(ms) {
      for (let next = queue[0]; next !== undefined && next.at <= ms; next = queue[0]) {
        queue.shift();
        now = next.at;
        next.run();
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
      now = ms;
    },
  };
  return clock;
}
