/**
 * A service is a list of parts. They start in the order given and stop in reverse, each within its own limit. If one does not start,
 * those before it are stopped again.
 */
import { once } from 'node:events';
import { createError, isHubError, toMessage } from '../errors/errors.ts';
import type { Log } from '../log/log.ts';

export type Part = {
  readonly name: string;
  /** Resolves when the part can be used. The signal fires when starting is given up. */
  start(signal: AbortSignal): Promise<void> | void;
  /** Resolves when nothing of the part is left: no timer, socket or process. */
  stop(): Promise<void> | void;
  readonly startLimitMs?: number;
  readonly stopLimitMs?: number;
};

export type PartState = 'idle' | 'starting' | 'ready' | 'stopping' | 'stopped' | 'failed';
export type PartStatus = { readonly name: string; readonly state: PartState; readonly startMs?: number; readonly error?: string };

export type Service = {
  /** Rejects with START_FAILED or START_TIMEOUT when a part does not start. */
  start(): Promise<void>;
  /** Never rejects: what did not stop in time is in the log and in the status. May be called at any time, and twice. */
  stop(): Promise<void>;
  status(): readonly PartStatus[];
};

const defaultStartLimitMs = 30_000;
const defaultStopLimitMs = 5_000;

export function createService(parts: readonly Part[], { log }: { log: Log }): Service {
  const { set, get, list } = createStatuses(parts);
  const startAbort = new AbortController();
  const started: Part[] = [];
  let starting: Promise<void> | undefined;
  let stopping: Promise<void> | undefined;

  async function startPart(part: Part): Promise<void> {
    startAbort.signal.throwIfAborted();
    set(part, 'starting');
    started.push(part);
    const beganAt = performance.now();
    const work = Promise.resolve().then(() => part.start(startAbort.signal));
    const limitMs = part.startLimitMs ?? defaultStartLimitMs;
    await within(Promise.race([work, whenAborted(startAbort.signal)]), limitMs, () =>
      createError('START_TIMEOUT', `${part.name} did not start within ${limitMs} ms.`),
    );
    const startMs = Math.round(performance.now() - beganAt);
    set(part, 'ready', { startMs });
    log.debug({ part: part.name, startMs }, 'part is ready');
  }

  async function startAll(): Promise<void> {
    for (const part of parts) {
      try {
        await startPart(part);
      } catch (cause) {
        set(part, 'failed', { error: toMessage(cause) });
        startAbort.abort(cause);
        await stopAll();
        throw startAbort.signal.reason === stopReason
          ? createError('START_FAILED', `${part.name}: stopped while starting.`)
          : toStartError(part, cause);
      }
    }
  }

  async function stopPart(part: Part): Promise<void> {
    const failed = get(part)?.state === 'failed';
    if (!failed) set(part, 'stopping');
    const limitMs = part.stopLimitMs ?? defaultStopLimitMs;
    try {
      await within(
        Promise.resolve().then(() => part.stop()),
        limitMs,
        () => createError('STOP_TIMEOUT', `${part.name} did not stop within ${limitMs} ms.`),
      );
      if (!failed) set(part, 'stopped');
    } catch (error) {
      log.warn({ err: error, part: part.name }, 'part did not stop cleanly');
      set(part, 'failed', { error: toMessage(error) });
    }
  }

  async function stopAll(): Promise<void> {
    for (let part = started.pop(); part; part = started.pop()) await stopPart(part);
  }

  return {
    start: () => (starting ??= startAll()),
    stop: () =>
      (stopping ??= (async () => {
        startAbort.abort(stopReason);
        await starting?.catch(() => undefined);
        await stopAll();
      })()),
    status: list,
  };
}

function createStatuses(parts: readonly Part[]) {
  const statuses = new Map<Part, PartStatus>(parts.map((part) => [part, { name: part.name, state: 'idle' }]));
  return {
    set: (part: Part, state: PartState, more: Partial<PartStatus> = {}) => {
      statuses.set(part, { ...statuses.get(part), ...more, name: part.name, state });
    },
    get: (part: Part) => statuses.get(part),
    list: () => [...statuses.values()],
  };
}

const stopReason = new Error('The service was stopped while it started.');

function toStartError(part: Part, cause: unknown): unknown {
  if (isHubError(cause)) return cause;
  return createError('START_FAILED', `${part.name}: ${toMessage(cause)}`, { cause });
}

/** The result of the work, or the error when it takes longer than the limit. The work itself is not ended. */
async function within<T>(work: Promise<T>, limitMs: number, toError: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(toError()), limitMs);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}

/** Rejects with the signal's reason when it fires; a start that does not listen to the signal is not waited for. */
async function whenAborted(signal: AbortSignal): Promise<never> {
  if (!signal.aborted) await once(signal, 'abort');
  throw signal.reason;
}
