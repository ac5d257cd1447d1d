/**
 * POST /events/<topic>: events of producers that have no outbox. The steps: head → body → signature → rate → topic → event → feed. 204 is
 * said when the event is durable, and not before. docs/webhook.md tells producers how. Exports `createEventHandler`.
 */
import { createError, isHubError, toMessage, type HubError } from '../../../lib/errors/errors.ts';
import type { EventContract, EventEnvelope, Feed } from '../../../lib/feed/index.ts';
import { createPrincipal } from '../../../lib/identity/index.ts';
import type { Hub } from '../../pipeline/hub.ts';
import { limitRate } from '../../pipeline/rates.ts';
import { toErrorAnswer, type HttpAnswer } from '../http-answer.ts';
import type { HttpRequest } from '../http-request.ts';
import { isJsonContentType } from '../media-types.ts';
import { readPeer } from '../peer.ts';
import { readBody } from '../read-body.ts';
import type { Handler } from '../router.ts';
import { assertSigned, readSignature } from './check-signature.ts';
import type { EventKey, EventKeys } from './event-keys.ts';
import { readEvent } from './read-event.ts';

export type EventDoor = {
  readonly hub: Hub;
  readonly feed: Feed;
  readonly keys: EventKeys;
  readonly contract: EventContract;
  /** For one append. */
  readonly appendLimitMs?: number;
};

export const eventsPath = '/events/';

const bodyLimitBytes = 262_144;
const usualAppendLimitMs = 10_000;
const retryAfterSeconds = 5;
const topicForm = /^[\w.-]{1,100}$/;
const taken: HttpAnswer = Object.freeze({ status: 204, headers: Object.freeze({}), body: '' });

export function createEventHandler(door: EventDoor): Handler {
  const { metrics } = door.hub;
  return async (request) => {
    const topic = request.path.slice(eventsPath.length);
    const label = Object.hasOwn(door.contract.topics, topic) ? topic : 'other';
    try {
      await takeEvent(request, topic, door);
      metrics.countEvent(label, 'taken');
      return taken;
    } catch (error) {
      metrics.countEvent(label, isHubError(error) ? error.code : 'INTERNAL');
      if (!isHubError(error)) throw error;
      return toRefusal(error, request.requestId);
    }
  };
}

async function takeEvent({ message, requestId }: HttpRequest, topic: string, door: EventDoor): Promise<void> {
  const { hub, keys, contract } = door;
  if (!topicForm.test(topic)) throw unknownTopic();
  if (!isJsonContentType(message.headers['content-type']))
    throw createError('UNSUPPORTED_MEDIA_TYPE', 'Send Content-Type: application/json, in UTF-8.');
  const now = hub.clock.now();
  const signature = readSignature(message.headers, { keys, now });
  const { key } = signature;
  const body = await readBody(message, bodyLimitBytes);
  assertSigned(signature, topic, body);
  // Only now: whoever knows the id of a key could use up its rate otherwise
  await limitRate.run({ principal: createPrincipal({ memberId: `events of ${key.producer}` }), request: readPeer(message) }, hub);
  assertTopic(topic, key, contract);
  await append(readEvent(body, { contract, topic, key, requestId, now }), door);
}

function assertTopic(topic: string, key: EventKey, contract: EventContract): void {
  if (!Object.hasOwn(contract.topics, topic)) throw unknownTopic();
  if (!key.topics.has(topic)) throw createError('EVENT_FORBIDDEN', 'This key may not append to this topic.');
}

function unknownTopic(): HubError {
  return createError('EVENT_TOPIC_UNKNOWN', 'There is no such topic.');
}

async function append(event: EventEnvelope, { feed, hub, appendLimitMs = usualAppendLimitMs }: EventDoor): Promise<void> {
  const { repeated } = await withinLimit(feed.append(event.topic, [{ id: event.id, payload: event }]), appendLimitMs).catch(
    (cause: unknown) => {
      hub.log.warn({ reason: toMessage(cause), topic: event.topic, requestId: event.requestId }, 'an event was not appended');
      throw createError('EVENT_NOT_KEPT', 'The event may not have been kept. Send it again, with the same id.', {
        cause,
        details: { retryAfterSeconds },
      });
    },
  );
  if (repeated > 0) throw createError('EVENT_REPEATED', 'An event with this id was appended before. It is in the feed once.');
}

/** What takes longer may still be appended; the producer sends it again then, and is told. */
async function withinLimit<T>(work: Promise<T>, limitMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`the feed did not answer within ${limitMs} ms`)), limitMs);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}

function toRefusal(error: HubError, requestId: string): HttpAnswer {
  const answer = toErrorAnswer(error, requestId);
  const seconds = error.details['retryAfterSeconds'];
  return {
    ...answer,
    headers: {
      ...answer.headers,
      ...(error.status === 401 ? { 'www-authenticate': 'Event-Signature' } : {}),
      ...(typeof seconds === 'number' ? { 'retry-after': String(seconds) } : {}),
    },
  };
}
