/**
 * Wake-ups for readers that wait for more. A wake-up carries no data; it only says "look". Counting them closes the gap between a read
 * that found nothing and the wait that follows: whoever waits says which count he saw before he read.
 */

export type Wakes = {
  count(stream: string): number;
  wake(stream: string): void;
  wakeAll(): void;
  /** Resolves when the count is no longer `seen`, after `limitMs`, or when the signal fires. */
  wait(stream: string, seen: number, options: { limitMs: number; signal: AbortSignal }): Promise<void>;
};

export function createWakes(): Wakes {
  const counts = new Map<string, number>();
  const waiting = new Map<string, Set<() => void>>();
  /** Counts the wake-ups that are meant for all streams. */
  let common = 0;

  const count = (stream: string) => {
    const own = counts.get(stream) ?? 0;
    counts.set(stream, own);
    return own + common;
  };
  const release = (stream: string) => {
    const callbacks = waiting.get(stream);
    waiting.delete(stream);
    for (const callback of callbacks ?? []) callback();
  };

  return {
    count,
    wake: (stream) => {
      const own = counts.get(stream);
      // only streams that somebody reads here are counted, so names sent by others cannot fill the memory
      if (own !== undefined) counts.set(stream, own + 1);
      release(stream);
    },
    wakeAll: () => {
      common += 1;
      for (const stream of waiting.keys()) release(stream);
    },
    wait: (stream, seen, { limitMs, signal }) =>
      new Promise((resolve) => {
        if (signal.aborted || count(stream) !== seen) return resolve();
        const done = () => {
          clearTimeout(timer);
          signal.removeEventListener('abort', done);
          waiting.get(stream)?.delete(done);
          resolve();
        };
        const timer = setTimeout(done, limitMs);
        signal.addEventListener('abort', done, { once: true });
        const callbacks = waiting.get(stream) ?? new Set();
        waiting.set(stream, callbacks.add(done));
      }),
  };
}
