/**
 * What a door gives the live core, and what it gets: the core decides what is said and when, a door how it stands on its wire. Types only.
 */
import type { ErrorCode } from '../../lib/errors/errors.ts';
import type { Subscription } from '../pipeline/subscription.ts';

/** How messages of one protocol are written. What it makes is shared by all clients of a cohort and never written into. */
export type Wire = {
  /** Equal for wires that write the same bytes. */
  readonly name: string;
  /** One `next` message without what only one client has. `payload`: JSON, `{"data": …, "extensions": {"cursor": …}}`. */
  next(payload: Uint8Array, cursor: string): Uint8Array;
};

/** One subscription of one connection, as its door carries it. Nothing here throws or waits. */
export type LiveClient = {
  readonly wire: Wire;
  /** The same for all subscriptions of one connection. */
  readonly connection: object;
  /** Bytes written to the connection that are not on their way yet, of all its subscriptions. */
  waiting(): number;
  /** Messages that the wire made, in their order and in one go. */
  write(messages: readonly Uint8Array[]): void;
  /** Nothing is to be said but how far the stream was read; also once at the beginning, before anything is sent. */
  bookmark(cursor: string): void;
  /** The last call. */
  end(end: LiveEnd): void;
};

/**
 * operation: this subscription cannot go on, the others of the connection do. connection: the client is to come back with its cursors on
 * a new connection (too slow, token expired, gateway stops).
 */
export type LiveEnd = {
  readonly scope: 'operation' | 'connection';
  readonly code: ErrorCode;
  readonly message: string;
  /** Everything up to it was handed to `write`; resume from here. */
  readonly cursor: string;
};

export type LiveSubscription = {
  /** The connection has room again. */
  drain(): void;
  /** The client went away or wants no more. Nothing is called after it. */
  stop(): void;
};

/** The live core as doors see it. */
export type Live = {
  /**
   * Nothing of the client is called before the promise has resolved; then the door says `subscription.stands()`. `cursor`: where the
   * client stands, if its door knows of it; else `extensions.resume.cursor` of the request says so. Rejects with what
   * `subscription.refuse` turns into an answer: CURSOR_INVALID, LIVE_LIMIT, LIVE_UNAVAILABLE, FORBIDDEN and others.
   */
  subscribe(subscription: Subscription, client: LiveClient, options: { readonly cursor: string | null }): Promise<LiveSubscription>;
};
