/** What a client of graphql-transport-ws may say. Exports `parseClientMessage`. */
import { createError, type HubError } from '../../../lib/errors/errors.ts';
import { parseStrictJson, type JsonBounds } from '../strict-json.ts';

export type ClientMessage =
  | { readonly type: 'connection_init'; readonly payload: Members }
  | { readonly type: 'ping' | 'pong'; readonly payload: Members }
  | { readonly type: 'subscribe'; readonly id: string; readonly payload: Members }
  | { readonly type: 'complete'; readonly id: string };

type Members = Readonly<Record<string, unknown>>;

/** Characters. */
const longestId = 256;
const nothing: Members = Object.freeze({});

/** Throws BAD_REQUEST for what is none, LIMIT_EXCEEDED for JSON over its bounds. Parameters of an operation are not looked at. */
export function parseClientMessage(text: string, bounds: JsonBounds): ClientMessage {
  const value = parseStrictJson(text, bounds);
  if (!isObject(value)) throw toRefusal('is not a JSON object');
  const { type } = value;
  switch (type) {
    case 'connection_init':
    case 'ping':
    case 'pong':
      return { type, payload: readPayload(value) ?? nothing };
    case 'subscribe': {
      const payload = readPayload(value);
      if (payload === null) throw toRefusal('has no payload');
      return { type, id: readId(value), payload };
    }
    case 'complete':
      return { type, id: readId(value) };
    default:
      throw toRefusal('has no type that a client may send');
  }
}

function readPayload({ payload = null }: Members): Members | null {
  if (payload === null || isObject(payload)) return payload;
  throw toRefusal('has a payload that is no object');
}

function readId({ id }: Members): string {
  if (typeof id === 'string' && id !== '' && id.length <= longestId) return id;
  throw toRefusal(`has no id of 1 to ${longestId} characters`);
}

function toRefusal(what: string): HubError {
  return createError('BAD_REQUEST', `The message ${what}.`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
