// A loop that works until nothing is left, then waits for a wake-up or for its idle time; after an error it backs off.
export type Loop = { readonly start: () => void; readonly stop: () => Promise<void>; readonly wake: () => void };

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;

/** `pass` resolves to true when more work waits. `stop` resolves when the running pass has ended. */
export function createLoop(options: {
  name: string;
  idleMs: number;
  pass: () => Promise<boolean>;
  onError: (error: unknown) => void;
}): Loop {
  let running: Promise<void> | undefined;
  let stopped = false;
  let woken = false;
  let endWait: (() => void) | undefined;

  const wait = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        endWait = undefined;
        resolve();
      };
      const timer = setTimeout(end, ms);
      endWait = end;
    });

  const run = async (): Promise<void> => {
    let failures = 0;
    while (!stopped) {
      woken = false;
      try {
        const more = await options.pass();
        failures = 0;
        if (!more && !woken && !stopped) await wait(options.idleMs);
      } catch (error) {
        if (stopped) return;
        options.onError(error);
        await wait(Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures));
        failures += 1;
      }
    }
  };

  return {
    start: () => {
      running ??= run();
    },
    stop: async () => {
      stopped = true;
      endWait?.();
      await running;
    },
    wake: () => {
      woken = true;
      endWait?.();
    },
  };
}
