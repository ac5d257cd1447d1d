// Fields of events as columns of a batch.
import type { ReceivedEvent } from '../../../subgraph-kit/consumer.ts';

/** A whole number that an event may leave out. */
export const optionalNumber = (event: ReceivedEvent, field: string): number | null =>
  (event.envelope.payload[field] ?? null) === null ? null : event.number(field);

/** One column of a batch, as texts. */
export const textsOf = (events: readonly ReceivedEvent[], field: string): (string | null)[] =>
  events.map((event) => event.optionalText(field));
