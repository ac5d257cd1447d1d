// The outbox: events are written in the transaction of the change they report, and only there.
import { createId } from '../lib/ids.ts';
import type { Clock } from '../lib/clock/clock.ts';
import type { EventEnvelope } from '../lib/feed/envelope.ts';
import { execute, sql, type SqlRunner } from './sql.ts';
import { toPayload, topicOf } from './topics.ts';

/** Who and what led to a change. */
export type Cause = { readonly actorId: string | null; readonly causeId: string | null; readonly requestId: string | null };

/** Notes an event; the payload is picked from `source` by the declared names. */
export type Emit = (topic: string, source: Readonly<Record<string, unknown>>) => void;

/** Events of one transaction, kept until it is about to end. */
export type EventCollection = { readonly emit: Emit; readonly events: readonly EventEnvelope[] };

/** `allowed`: topics that this change may write; another one is a fault of the program. */
export function collectEvents(options: { clock: Clock; cause: Cause; allowed: readonly string[] }): EventCollection {
  const events: EventEnvelope[] = [];
  const emit: Emit = (topic, source) => {
    if (!options.allowed.includes(topic))
      throw new Error(`this change may not write "${topic}"; schema/events.json allows ${options.allowed.join(', ') || 'none'}`);
    const at = options.clock.now().toISOString();
    events.push({
      id: createId('evt', options.clock),
      topic,
      version: topicOf(topic).version,
      at,
      ...options.cause,
      payload: toPayload(topic, source),
    });
  };
  return { emit, events };
}

/** Writes the collected events; call it last in the transaction, so that the locks on the rows give the events their order. */
export async function writeOutbox(tx: SqlRunner, events: readonly EventEnvelope[]): Promise<void> {
  for (let start = 0; start < events.length; start += 1_000) {
    const part = events.slice(start, start + 1_000);
    await execute(
      tx,
      sql`INSERT INTO "Outbox" ("id", "topic", "event")
          SELECT * FROM unnest(${part.map((e) => e.id)}::text[], ${part.map((e) => e.topic)}::text[], ${part.map((e) => JSON.stringify(e))}::jsonb[])`,
    );
  }
}
