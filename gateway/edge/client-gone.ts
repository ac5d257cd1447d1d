/** Says that a client went away: what is needed of an AbortSignal, made for every request at no cost. Exports `ClientGone`. */
import type { ClientSignal } from '../pipeline/request.ts';

export class ClientGone implements ClientSignal {
  aborted = false;
  #listeners: (() => void)[] | undefined;

  addEventListener(_type: 'abort', listener: () => void): void {
    (this.#listeners ??= []).push(listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners = this.#listeners?.filter((one) => one !== listener);
  }

  /** Once; later calls do nothing. */
  tell(): void {
    if (this.aborted) return;
    this.aborted = true;
    for (const listener of this.#listeners ?? []) listener();
  }
}
