/**
 * Ends what runs for one request. Like an AbortSignal with room for one listener, because the steps stand one inside the other; an
 * EventTarget costs more than the rest of a step. Exports `Cancel`.
 */

export class Cancel {
  #reason: unknown = undefined;
  #cancelled = false;
  /** Called once, with the reason. Set by the step that waits, and taken away by it. */
  onCancel: ((reason: unknown) => void) | null = null;

  get cancelled(): boolean {
    return this.#cancelled;
  }

  get reason(): unknown {
    return this.#reason;
  }

  cancel(reason: unknown): void {
    if (this.#cancelled) return;
    this.#cancelled = true;
    this.#reason = reason;
    const listener = this.onCancel;
    this.onCancel = null;
    listener?.(reason);
  }

  throwIfCancelled(): void {
    if (this.#cancelled) throw this.#reason;
  }
}
