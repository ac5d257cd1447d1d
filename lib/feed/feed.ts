/**
 * The feed: ordered, durable streams of events, one per topic. What every driver promises:
 *
 * - append() returns when the events are durable. An event whose id is among the kept events of its stream is not appended again, so an
 *   append whose answer was lost may be repeated.
 * - Positions have no gaps and no late comers: once a reader has seen `seq`, nothing at or below it will ever appear.
 * - `epoch` is a random text born with the stream, and a new one whenever acknowledged events may have been lost.
 * - A position of another epoch, before what is kept, or after the head is refused with FEED_RESET: never a silent gap.
 */
import { createError } from '../errors/errors.ts';

export type FeedEvent = { readonly id: string; readonly payload: unknown };
/** "I have seen everything up to and with `seq`." 0 is the position before the first event. */
export type FeedPosition = { readonly epoch: string; readonly seq: number };
/** The position of the last of the events, and how many of them had been appended before. */
export type Appended = FeedPosition & { readonly repeated: number };
export type StoredEvent = { readonly id: string; readonly payload: unknown; readonly seq: number };
export type FeedBatch = { readonly epoch: string; readonly events: readonly StoredEvent[]; readonly next: FeedPosition };
export type TailOptions = { readonly after: FeedPosition | null; readonly signal: AbortSignal; readonly limit?: number };

export interface Feed {
  /** The position of the last of these events (of the head, when there are none). Throws FEED_UNAVAILABLE, FEED_CLOSED. */
  append(stream: string, events: readonly FeedEvent[]): Promise<Appended>;
  /** At most `limit` events after the position; null: from the first one kept. Throws FEED_RESET. */
  read(stream: string, after: FeedPosition | null, limit: number): Promise<FeedBatch>;
  /** Batches as they come, without end, also over outages of the server. Ends when the signal fires. Throws FEED_RESET. */
  tail(stream: string, options: TailOptions): AsyncIterable<FeedBatch>;
  /** Forgets the events before the position: those with a smaller `seq`. Throws FEED_RESET for a position of another epoch. */
  trim(stream: string, before: FeedPosition): Promise<void>;
  head(stream: string): Promise<FeedPosition>;
  close(): Promise<void>;
}

export const feedLimits = {
  /** Most events in one read. */
  readEvents: 1_000,
  /** Largest payload, as JSON. */
  payloadBytes: 1_048_576,
  /** Longest stream name and event id. */
  nameLength: 200,
  /** Events that wait in this process to be appended to one stream. */
  queuedEvents: 50_000,
} as const;

/** What is kept of a stream: `first` is the least seq that can be read, `last` the greatest given out. */
export type StreamState = { readonly epoch: string; readonly first: number; readonly last: number };

/** The seq after which to read. Throws FEED_RESET for a position from which events would be missing. */
export function toStart(stream: string, after: FeedPosition | null, { epoch, first, last }: StreamState): number {
  if (after === null) return first - 1;
  const reason = findReset(after, { epoch, first, last });
  if (reason === undefined) return after.seq;
  throw createError(
    'FEED_RESET',
    `Stream ${stream} cannot be read on from ${after.epoch}/${after.seq}: ${reason}. Read the state anew and go on from the head.`,
    {
      details: { stream, epoch, head: last },
    },
  );
}

export function assertName(kind: 'stream' | 'event id', name: string): void {
  // PostgreSQL takes every character in a text but NUL
  if (name === '' || name.length > feedLimits.nameLength || name.includes('\0')) {
    throw new TypeError(`Expected the ${kind} to have 1 to ${feedLimits.nameLength} characters and no NUL, got ${name.length} characters.`);
  }
}

/** The payload as JSON. Throws TypeError when it has none or is too large. */
export function toPayloadText({ id, payload }: FeedEvent): string {
  assertName('event id', id);
  const text: string | undefined = JSON.stringify(payload);
  if (text === undefined) throw new TypeError(`The payload of event ${id} has no JSON form.`);
  if (Buffer.byteLength(text) > feedLimits.payloadBytes)
    throw new TypeError(`The payload of event ${id} is larger than ${feedLimits.payloadBytes} bytes.`);
  return text;
}

function findReset(after: FeedPosition, { epoch, first, last }: StreamState): string | undefined {
  if (after.epoch !== epoch) return `the stream has a new epoch (${epoch})`;
  if (after.seq < first - 1) return `it has been trimmed up to ${first - 1}`;
  if (after.seq > last) return `it ends at ${last}`;
  return undefined;
}
