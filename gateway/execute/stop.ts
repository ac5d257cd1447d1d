/**
 * Ends the work for one request, whoever is at it: what is needed of an AbortController and its signal, of which one costs as much as the
 * rest of a small request. Exports `Stop`, `StopSignal`, `throwIfStopped`, `toStopReason`.
 */

/** An AbortSignal is one, and so is a Stop. Whoever listens takes its listener back when it has what it waited for. */
export type StopSignal = {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
};

export class Stop implements StopSignal {
  aborted = false;
  reason: unknown = undefined;
  /** In no order. */
  #listeners: (() => void)[] = [];

  addEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.push(listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    const at = this.#listeners.lastIndexOf(listener);
    if (at === -1) return;
    const last = this.#listeners.pop();
    if (last !== undefined && at < this.#listeners.length) this.#listeners[at] = last;
  }

  /** Once; later calls do nothing. */
  abort(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    const listeners = this.#listeners;
    this.#listeners = [];
    for (const listener of listeners) listener();
  }
}

export function throwIfStopped(signal: StopSignal): void {
  if (signal.aborted) throw toStopReason(signal.reason);
}

export function toStopReason(reason: unknown): Error {
  // Not by instanceof alone: errors made by Node itself are of another realm when the code runs in a vm context, as under jest
  return reason instanceof Error || (typeof reason === 'object' && reason !== null && 'message' in reason)
    ? // It has a message, which is all that anybody reads
      (reason as Error)
    : new Error('ended', { cause: reason });
}
