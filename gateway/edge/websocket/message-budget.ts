/** How much one socket may send: a bucket of messages that fills again with time. Exports `createMessageBudget`. */

export type MessageBudget = {
  /** Of one message. False: more than it may. */
  take(bytes: number): boolean;
};

/** So many seconds' worth may come at once. */
const burstSeconds = 10;
/** A larger message counts as several: reading it takes so much longer. */
const bytesOfOne = 16_384;

/** `perSecond`: 0: no bound. `nowMs`: a clock that never goes back. */
export function createMessageBudget(perSecond: number, nowMs: () => number): MessageBudget {
  const capacity = perSecond * burstSeconds;
  let left = capacity;
  let atMs = nowMs();
  return {
    take(bytes) {
      if (perSecond === 0) return true;
      const now = nowMs();
      left = Math.min(capacity, left + ((now - atMs) / 1_000) * perSecond);
      atMs = now;
      left -= 1 + Math.floor(bytes / bytesOfOne);
      return left >= 0;
    },
  };
}
