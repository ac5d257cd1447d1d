/**
 * What follows the first payload of an operation with deferred fragments: each group is emitted as soon as the fetches it reads have
 * settled. Whoever stops reading ends what still runs. Exports `createLaterPayloads`.
 */
import type { AnswerError, LaterJoin, News } from '../../engine/compile/index.ts';
import type { PlanGroup } from '../../engine/plan/index.ts';
import { isHubError } from '../../lib/errors/errors.ts';
import type { StopSignal } from './stop.ts';
import type { LaterPayload, ResponseError } from './types.ts';

export type LaterOptions = {
  readonly later: LaterJoin;
  readonly groups: readonly PlanGroup[];
  /** Resolves once all these fetches have settled; rejects when the signal fires. */
  readonly run: (fetches: readonly number[]) => Promise<void>;
  readonly signal: StopSignal;
  /** Ends the fetches that still run. */
  readonly end: () => void;
  readonly toErrors: (errors: readonly AnswerError[]) => readonly ResponseError[];
};

/** Never rejects for what subgraphs do wrong. When the signal fires, one last payload says of everything outstanding why it is missing. */
export function createLaterPayloads(options: LaterOptions): AsyncIterableIterator<LaterPayload> {
  return new LaterPayloads(options);
}

class LaterPayloads implements AsyncIterableIterator<LaterPayload> {
  readonly #options: LaterOptions;
  readonly #started = new Set<number>();
  readonly #settled = new Set<number>();
  #wake: () => void = () => undefined;
  #ended = false;

  constructor(options: LaterOptions) {
    this.#options = options;
    options.signal.addEventListener('abort', () => this.#wake());
    // Started before anybody asks: fetches do not wait for the client to read.
    this.#start();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<LaterPayload>> {
    const { later, signal } = this.#options;
    while (!this.#ended) {
      if (signal.aborted) later.fail(toReason(signal));
      else this.#emitSettled();
      const news = later.news();
      if (news !== null) {
        if (!news.hasNext) this.#end();
        return { value: this.#toPayload(news), done: false };
      }
      // Everything has been said.
      if (signal.aborted) break;
      this.#start();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        if (signal.aborted || this.#hasSettled()) resolve();
      });
    }
    this.#end();
    return { value: undefined, done: true };
  }

  return(): Promise<IteratorResult<LaterPayload>> {
    this.#end();
    return Promise.resolve({ value: undefined, done: true });
  }

  #end(): void {
    this.#ended = true;
    this.#options.end();
    this.#wake();
  }

  #start(): void {
    const { later, groups, run } = this.#options;
    for (const group of later.groups()) {
      if (this.#started.has(group)) continue;
      this.#started.add(group);
      const settle = (): void => {
        this.#settled.add(group);
        this.#wake();
      };
      // It rejects with the reason of the signal only, to which `next` looks itself.
      run(groups[group]?.reads ?? []).then(settle, () => this.#wake());
    }
  }

  #hasSettled(): boolean {
    return this.#options.later.groups().some((group) => this.#settled.has(group));
  }

  /** What is emitted may uncover more of a group that has settled long since. */
  #emitSettled(): void {
    const { later } = this.#options;
    while (this.#hasSettled()) for (const group of later.groups()) if (this.#settled.has(group)) later.emit(group);
  }

  #toPayload({ pending, pieces, completed, hasNext }: News): LaterPayload {
    const { toErrors } = this.#options;
    return {
      pending,
      pieces: pieces.map((piece) => ({ ...piece, errors: toErrors(piece.errors) })),
      completed: completed.map((one) => ({ ...one, errors: one.errors === null ? null : toErrors(one.errors) })),
      hasNext,
    };
  }
}

function toReason({ reason }: StopSignal): AnswerError {
  const { code, message } = isHubError(reason) ? reason : { code: 'REQUEST_ABORTED', message: 'The request was ended.' };
  return { code, message, path: null, graph: null };
}
