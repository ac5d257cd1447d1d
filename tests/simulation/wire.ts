/** What travels between a gateway and a client, and what is said of an event in it. */
import type { Delivery } from '../../gateway/live/outlet.ts';

/** What the simulated industry says. `append`: which of them went in together, and how many. */
export type Payload = {
  readonly id: string;
  readonly key: string;
  readonly owner: string;
  readonly size: number;
  readonly append: string;
  readonly of: number;
};

/** An event as a client reads it. */
export type Shown = {
  readonly epoch: string;
  readonly seq: number;
  readonly id: string;
  readonly key: string;
  readonly owner: string;
  /** The supergraph by which it was resolved. */
  readonly supergraph: number;
  readonly resolvedAt: number;
};

/** What a client asks for: its member, and events of at least this size. */
export type Asked = {
  readonly member: string;
  readonly least: number;
  readonly delivery: Delivery;
  readonly cursor: string | null;
  readonly tokenUntil: number;
};

/** What travels to a client in one piece. */
export type Message =
  | { readonly kind: 'started' | 'resumed' | 'reset' | 'bookmark'; readonly cursor: string }
  | { readonly kind: 'frames'; readonly bodies: readonly Uint8Array[]; readonly skipped: number; readonly cursor: string }
  | { readonly kind: 'ended'; readonly reason: string; readonly cursor: string }
  | { readonly kind: 'refused' };

/** The way to a client, as the gateway has it. */
export type Line = {
  send(message: Message, bytes: number): void;
  /** Bytes that were sent and have not gone yet. */
  waiting(): number;
  whenRoom(run: () => void): void;
  /** Nothing arrives any more. */
  cut(): void;
};

/** A subscription, as the client has it. */
export type Connection = { close(): void; renew(tokenUntil: number): void };
