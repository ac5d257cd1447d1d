/** Payloads on their way through the pipeline. Exports `onEnd` and `mapPayloads`. */

/** The same payloads; told once, when they have ended, failed or are wanted no more, even if nobody ever asked for one. */
export function onEnd<T>(payloads: AsyncIterableIterator<T>, told: () => void): AsyncIterableIterator<T> {
  let isOver = false;
  const over = (): void => {
    if (!isOver) told();
    isOver = true;
  };
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      try {
        const step = await payloads.next();
        if (step.done === true) over();
        return step;
      } catch (error) {
        over();
        throw error;
      }
    },
    async return() {
      over();
      await payloads.return?.();
      return { value: undefined, done: true };
    },
  };
}

/** Each payload as what `to` makes of it; null leaves it out. */
export function mapPayloads<T, U>(payloads: AsyncIterableIterator<T>, to: (payload: T) => U | null): AsyncIterableIterator<U> {
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      for (;;) {
        const step = await payloads.next();
        if (step.done === true) return { value: undefined, done: true };
        const value = to(step.value);
        if (value !== null) return { value, done: false };
      }
    },
    async return() {
      await payloads.return?.();
      return { value: undefined, done: true };
    },
  };
}
