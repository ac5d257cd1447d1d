/**
 * JSON as RFC 8259 and I-JSON (RFC 7493) mean it: no repeated key, no number outside the range of doubles, no lone surrogate, no
 * `__proto__`, nesting and keys bounded. Exports `parseStrictJson`.
 */
import { createError, type HubError } from '../../lib/errors/errors.ts';

const quote = 0x22;
const backslash = 0x5c;
const loneSurrogate = /\p{Surrogate}/u;
/** A number shorter than this without an exponent is always finite. */
const safeDigits = 300;

/** Levels of lists and objects inside each other; keys of all objects together, which take more time than anything else in JSON. */
export type JsonBounds = { readonly nesting: number; readonly keys: number };

/** `"":1,`: no key takes less. */
export const bytesOfKey = 5;

/** The parsed value. Throws BAD_REQUEST, or LIMIT_EXCEEDED when over its bounds. */
export function parseStrictJson(text: string, bounds: JsonBounds): unknown {
  if (text.length > bytesOfKey * bounds.keys && countColons(text) > bounds.keys) throw toKeyRefusal(bounds.keys);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    // V8 quotes the text in its message; what the client sent may be secret, so only the fact is passed on
    throw createError('BAD_REQUEST', 'The request is not valid JSON.', { cause });
  }
  scan(text, bounds);
  return value;
}

/** Those outside of strings, one for each key: making the keys is what takes time. Any text, also what is no JSON. */
function countColons(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) at = findStringEnd(text, at);
    else if (code === 0x3a) count += 1;
  }
  return count;
}

/** Walks over text that is known to be valid JSON. An entry of the stack is the set of keys of an open object, null for an array. */
function scan(text: string, { nesting, keys: maxKeys }: JsonBounds): void {
  const open: (Set<string> | null)[] = [];
  let keyNext = false;
  let keyCount = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      const end = findStringEnd(text, at);
      const keys = keyNext ? open.at(-1) : null;
      if (keyNext && (keyCount += 1) > maxKeys) throw toKeyRefusal(maxKeys);
      checkString(text, at, { end, keys });
      keyNext = false;
      at = end;
    } else if (code === 0x7b || code === 0x5b) {
      if (open.length === nesting) throw toRefusal(`The request is nested deeper than ${nesting} levels.`, 'jsonNesting');
      keyNext = code === 0x7b;
      open.push(keyNext ? new Set() : null);
    } else if (code === 0x7d || code === 0x5d) {
      open.pop();
      keyNext = false;
    } else if (code === 0x2c) keyNext = open.at(-1) instanceof Set;
    else if (code === 0x2d || (code >= 0x30 && code <= 0x39)) at = checkNumber(text, at) - 1;
  }
}

function toKeyRefusal(keys: number): HubError {
  return toRefusal(`The request has more than ${keys} keys in its JSON.`, 'jsonKeys');
}

function toRefusal(message: string, limit: string): HubError {
  return createError('LIMIT_EXCEEDED', message, { details: { limit } });
}

/** At least the length of the text where the string does not end. */
function findStringEnd(text: string, start: number): number {
  let at = start + 1;
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) break;
    if (code === backslash) at += 1;
  }
  return at;
}

function checkString(text: string, start: number, { end, keys }: { end: number; keys: Set<string> | null | undefined }): void {
  const raw = text.slice(start + 1, end);
  const escaped = raw.includes('\\');
  if (!keys && !escaped) return;
  // JSON.parse of one quoted string gives a string
  const value = escaped ? (JSON.parse(text.slice(start, end + 1)) as string) : raw;
  if (escaped && loneSurrogate.test(value)) throw createError('BAD_REQUEST', 'The JSON of the request holds half of a surrogate pair.');
  if (!keys) return;
  if (value === '__proto__') throw createError('BAD_REQUEST', 'The JSON of the request has a key that is not allowed: __proto__.');
  if (keys.has(value)) throw createError('BAD_REQUEST', 'The JSON of the request has the same key twice in one object.');
  keys.add(value);
}

/** Returns where the number ends. */
function checkNumber(text: string, start: number): number {
  let end = start + 1;
  let exponent = false;
  for (; end < text.length; end++) {
    const code = text.charCodeAt(end);
    if (code === 0x65 || code === 0x45) exponent = true;
    else if (!(code >= 0x30 && code <= 0x39) && code !== 0x2b && code !== 0x2d && code !== 0x2e) break;
  }
  if ((exponent || end - start > safeDigits) && !Number.isFinite(Number(text.slice(start, end)))) {
    throw createError('BAD_REQUEST', 'The JSON of the request holds a number that is too large.');
  }
  return end;
}
