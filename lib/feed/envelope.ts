/** What the payload of every event in the feed is: the event's own fields inside what all events have. */

/** The envelope of schema/events.json. */
export type EventEnvelope = {
  /** As that of the feed's event: a repeat is dropped by it. */
  readonly id: string;
  /** As the name of the stream. */
  readonly topic: string;
  /** Of the payload. A newer one only adds fields. */
  readonly version: number;
  /** When it happened, ISO 8601. */
  readonly at: string;
  /** Member that made the change; null for the clock. */
  readonly actorId: string | null;
  /** Event that led to it; null for a request. */
  readonly causeId: string | null;
  /** Request that led to it; null for the clock. */
  readonly requestId: string | null;
  readonly payload: Readonly<Record<string, unknown>>;
};
