/**
 * Who sent an event. The head of the request is looked at before its body is read: who names no key of ours, or comes at another time,
 * need not send it. Exports `readSignature` and `assertSigned`.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { createError, type HubError } from '../../../lib/errors/errors.ts';
import type { EventKey, EventKeys } from './event-keys.ts';

export type Signature = { readonly key: EventKey; readonly timestamp: string; readonly bytes: Uint8Array };

/** How far the clock of a producer may be off, and so for how long a request can be sent again. */
const clockMs = 300_000;

const headers = { key: 'event-key', timestamp: 'event-timestamp', signature: 'event-signature' } as const;

/** Throws EVENT_UNSIGNED, EVENT_OUT_OF_TIME. */
export function readSignature(given: IncomingHttpHeaders, { keys, now }: { keys: EventKeys; now: Date }): Signature {
  const timestamp = readHeader(given, headers.timestamp, /^\d{1,12}$/, 'seconds since 1970');
  const text = readHeader(given, headers.signature, /^[A-Za-z0-9+/]{1,128}={0,2}$/, 'a signature in base64');
  const key = keys.find(readHeader(given, headers.key, /^[\w.-]{1,64}$/, 'the id of a key'));
  if (key === undefined) throw toRefusal();
  const offMs = Number(timestamp) * 1_000 - now.getTime();
  if (Math.abs(offMs) > clockMs) {
    const message = `The time in ${headers.timestamp} is ${Math.abs(Math.round(offMs / 1_000))} s ${offMs < 0 ? 'behind' : 'ahead'}; it may be ${clockMs / 1_000} s.`;
    throw createError('EVENT_OUT_OF_TIME', message);
  }
  return { key, timestamp, bytes: Buffer.from(text, 'base64') };
}

/** Throws EVENT_UNSIGNED. `body`: as sent, before any Content-Encoding. */
export function assertSigned({ key, timestamp, bytes }: Signature, topic: string, body: string): void {
  if (!key.verify(Buffer.from(`${timestamp}\n${topic}\n${body}`, 'utf8'), bytes)) throw toRefusal();
}

function readHeader(given: IncomingHttpHeaders, name: string, form: RegExp, words: string): string {
  const value = given[name];
  if (typeof value === 'string' && form.test(value)) return value;
  throw createError('EVENT_UNSIGNED', `Expected ${words} in the header ${name}.`);
}

/** The same for a key that is unknown and for a signature that is wrong. */
function toRefusal(): HubError {
  return createError('EVENT_UNSIGNED', 'The signature is of no key that is known here, or of other words than these.');
}
