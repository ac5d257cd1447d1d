/** One subscription on one HTTP response: what the core says goes out as it stands, and nobody waits. Exports `LiveStream`. */
import type { ServerResponse } from 'node:http';
import type { LiveClient, LiveEnd, LiveSubscription, Wire } from '../../live/client.ts';
import type { ClientSignal } from '../../pipeline/request.ts';
import type { LiveBody } from '../http-answer.ts';
import { cutUnread } from '../write-stream.ts';
import type { Rounds, Visited } from './rounds.ts';
import type { StreamForm } from './stream-forms.ts';

/** So many visits in a row that found nothing written: the client is told that the connection stands. */
const quietVisits = 2;
/**
 * Where the end of a connection is read together with its last event, graphql-sse waits for ever instead of coming back: what ends without
 * `complete` is closed a little later.
 */
const closeAfterMs = 50;

export class LiveStream implements LiveClient, LiveBody, Visited {
  readonly wire: Wire;
  /** A stream has its connection to itself. */
  readonly connection: object = this;
  readonly #form: StreamForm;
  readonly #signal: ClientSignal;
  /** What is said before the head of the response is. */
  #early: Uint8Array[] = [];
  #response: ServerResponse | null = null;
  #subscription: LiveSubscription | null = null;
  #end: LiveEnd | null = null;
  #quiet = 0;
  #unreadMs = 0;
  #isWatched = false;
  #leave: () => void = () => undefined;

  constructor(form: StreamForm, signal: ClientSignal) {
    this.#form = form;
    this.wire = form.wire;
    this.#signal = signal;
  }

  /** The subscription stands. Ends it when the client has gone, now or later. */
  follow(subscription: LiveSubscription, rounds: Rounds): void {
    if (this.#signal.aborted) return subscription.stop();
    this.#subscription = subscription;
    this.#leave = rounds.add(this);
    this.#signal.addEventListener('abort', () => this.#stop());
    if (this.#end !== null) this.#forget();
  }

  /** The head of the response is written. */
  attach(response: ServerResponse, unreadMs: number): void {
    this.#response = response;
    this.#unreadMs = unreadMs;
    // Also when the server ends it
    response.once('close', () => this.#stop());
    this.#send([this.#form.begin(Math.random()), ...this.#early]);
    this.#early = [];
    if (this.#end !== null) this.#close(this.#end);
  }

  waiting(): number {
    return this.#response?.writableLength ?? this.#early.reduce((sum, { length }) => sum + length, 0);
  }

  write(messages: readonly Uint8Array[]): void {
    if (this.#end !== null) return;
    if (this.#response === null) this.#early.push(...messages);
    else this.#send(messages);
  }

  bookmark(cursor: string): void {
    this.write([this.#form.bookmark(cursor)]);
  }

  end(end: LiveEnd): void {
    if (this.#end !== null) return;
    this.write([this.#form.end(end)]);
    this.#end = end;
    this.#forget();
    if (this.#response !== null) this.#close(end);
  }

  /** Now and then: a quiet connection is used, one that is not read is watched. */
  visit(): void {
    const response = this.#response;
    if (response === null || response.destroyed) return;
    if (response.writableLength > 0) {
      // Once: to watch again would be to wait again
      if (!this.#isWatched) cutUnread(response, this.#unreadMs);
      this.#isWatched = true;
      return;
    }
    this.#quiet += 1;
    if (this.#quiet >= quietVisits) this.#send([this.#form.alive]);
  }

  /** In one go: the pieces of one call leave in one write. */
  #send(messages: readonly Uint8Array[]): void {
    const response = this.#response;
    if (response === null || response.destroyed || response.writableEnded) return;
    this.#quiet = 0;
    const last = messages.length - 1;
    if (last > 0) response.cork();
    for (const [index, message] of messages.entries()) {
      if (index < last) response.write(message);
      else response.write(message, this.#onSent);
    }
    if (last > 0) response.uncork();
  }

  /** What was written is on its way. `drain` of the response would not do: it comes only where much has waited. */
  readonly #onSent = (): void => {
    const response = this.#response;
    if (response === null || response.destroyed || response.writableLength > 0) return;
    if (this.#isWatched) response.socket?.setTimeout(0);
    this.#isWatched = false;
    this.#subscription?.drain();
  };

  #close({ scope }: LiveEnd): void {
    const response = this.#response;
    const end = (): void => {
      if (response === null || response.destroyed) return;
      response.end();
      cutUnread(response, this.#unreadMs);
    };
    if (scope === 'operation') end();
    else setTimeout(end, closeAfterMs);
  }

  #stop(): void {
    this.#subscription?.stop();
    this.#forget();
  }

  #forget(): void {
    this.#subscription = null;
    this.#leave();
  }
}
