/**
 * One operation of one socket, from `subscribe` to `complete` or `error`: answered through the pipeline, or handed to the live core.
 * Exports `Operation`.
 */
import { createError, errorCatalogue } from '../../../lib/errors/errors.ts';
import { createId } from '../../../lib/ids.ts';
import type { Live, LiveClient, LiveEnd, LiveSubscription } from '../../live/client.ts';
import { beginRequest } from '../../pipeline/answer-request.ts';
import type { Hub } from '../../pipeline/hub.ts';
import type { Answer } from '../../pipeline/request.ts';
import type { Subscription } from '../../pipeline/subscription.ts';
import { ClientGone } from '../client-gone.ts';
import { toShownError, type ShownError } from '../http-answer.ts';
import type { Peer } from '../peer.ts';
import { toNextHead, transportWire } from './frames.ts';
import type { SocketOutput } from './socket-output.ts';

/** What an operation needs of the connection it came by. */
export type Carrier = {
  readonly hub: Hub;
  readonly live: Live | null;
  readonly output: SocketOutput;
  readonly peer: Peer;
  /** Resolves when little waits on the socket, or it is closed. */
  room(): Promise<void>;
  /** Everything is said: the id is free again. */
  forget(operation: Operation): void;
  /** The client is to come back on a new connection. */
  endConnection(end: Pick<LiveEnd, 'code' | 'message'>): void;
};

export class Operation implements LiveClient {
  readonly id: string;
  readonly wire = transportWire;
  readonly #carrier: Carrier;
  readonly #requestId = createId('req');
  readonly #head: Uint8Array;
  readonly #gone = new ClientGone();
  #subscription: LiveSubscription | null = null;
  /** Nothing is sent for the id any more. */
  #isOver = false;

  constructor(id: string, carrier: Carrier) {
    this.id = id;
    this.#carrier = carrier;
    this.#head = toNextHead(id);
  }

  /** Resolves when all is said and nothing runs any more, or the live core goes on with it. Never rejects. */
  async start(params: unknown): Promise<void> {
    const { hub, peer } = this.#carrier;
    const requestId = this.#requestId;
    try {
      const begun = await beginRequest(
        { ...peer, params, readOnly: false, requestId, payloads: 'ids', live: true, signal: this.#gone },
        hub,
      );
      await (begun.kind === 'subscription' ? this.#follow(begun) : this.#tell(begun));
    } catch (error) {
      hub.log.error({ err: error, requestId }, 'request failed');
      this.#fail([toShownError(error, requestId)]);
    }
  }

  /** The client wants no more, or is gone: what runs for it ends. */
  stop(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#gone.tell();
    this.#subscription?.stop();
  }

  get connection(): object {
    return this.#carrier.output;
  }

  /** The socket has room again. */
  drain(): void {
    if (!this.#isOver) this.#subscription?.drain();
  }

  waiting(): number {
    return this.#carrier.output.waiting();
  }

  write(messages: readonly Uint8Array[]): void {
    if (!this.#isOver) this.#next(messages);
  }

  bookmark(cursor: string): void {
    if (!this.#isOver) this.#carrier.output.bookmark(this.id, cursor);
  }

  end({ scope, code, message, cursor }: LiveEnd): void {
    if (this.#isOver) return;
    if (scope === 'connection') {
      this.bookmark(cursor);
      this.#leave();
      return this.#carrier.endConnection({ code, message });
    }
    const shown = toShownError(createError(code, message), this.#requestId);
    this.#fail([{ ...shown, extensions: { ...shown.extensions, cursor } }]);
  }

  async #follow(subscription: Subscription): Promise<void> {
    const { live } = this.#carrier;
    let followed: LiveSubscription;
    try {
      if (live === null) throw createError('LIVE_UNAVAILABLE', 'This gateway has no feed: there is nothing to subscribe to here.');
      if (this.#isOver) throw createError('REQUEST_ABORTED', 'The client wants no more of it.');
      followed = await live.subscribe(subscription, this, { cursor: null });
    } catch (error) {
      return this.#tell(subscription.refuse(error));
    }
    subscription.stands();
    if (this.#gone.aborted) followed.stop();
    else if (!this.#isOver) this.#subscription = followed;
  }

  async #tell(answer: Answer): Promise<void> {
    if (answer.kind !== 'data') return this.#refuse(answer);
    const { more } = answer;
    if (!this.#isOver) this.#next([transportWire.next(answer.bytes ?? Buffer.from(answer.text), '')]);
    if (more !== null) await this.#tellMore(more);
    if (this.#isOver) return;
    this.#carrier.output.send({ id: this.id, type: 'complete' });
    this.#leave();
  }

  /** No more is made than the client reads. */
  async #tellMore(more: AsyncIterableIterator<string>): Promise<void> {
    try {
      for (;;) {
        await this.#carrier.room();
        if (this.#isOver) return;
        const step = await more.next();
        if (step.done === true) return;
        if (!this.#isOver) this.#next([transportWire.next(Buffer.from(step.value), '')]);
      }
    } finally {
      await more.return?.();
    }
  }

  #refuse({ text, errorCodes }: Answer): void {
    // The body of every refusal is such an object
    const { errors } = JSON.parse(text) as { errors: readonly ShownError[] };
    this.#fail(errors);
    const [code] = errorCodes;
    // Whatever is asked next with this token is refused as well; a new connection brings a new one
    if (code === 'TOKEN_EXPIRED' || code === 'TOKEN_INVALID') this.#carrier.endConnection({ code, message: errorCatalogue[code].meaning });
  }

  #next(tails: readonly Uint8Array[]): void {
    this.#carrier.output.next(this.id, this.#head, tails);
    this.#carrier.hub.metrics.countSocketMessages(tails.length);
  }

  /** The last word for the id. */
  #fail(payload: readonly ShownError[]): void {
    if (this.#isOver) return;
    this.#carrier.output.send({ id: this.id, type: 'error', payload });
    this.#leave();
  }

  #leave(): void {
    this.#isOver = true;
    this.#carrier.forget(this);
  }
}
