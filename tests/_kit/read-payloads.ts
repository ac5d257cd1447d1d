/**
 * Readers of answers in several payloads, by hand from RFC 2046 (multipart) and the HTML standard (event streams): they know neither the
 * hub nor a client library, and throw where the text breaks a rule. Exports `readParts`, `readEvents`.
 */
import type { WirePayload } from './merge-incremental.ts';

/** `type`: the Content-Type of the answer, which names the boundary. */
export function readParts(text: string, type = 'multipart/mixed; boundary="-"'): WirePayload[] {
  const [, quoted, plain] = /^multipart\/mixed\s*(?:;.*)?;\s*boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(type) ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined) throw new Error(`No boundary: ${type}`);
  const delimiter = `\r\n--${boundary}`;
  const parts: WirePayload[] = [];
  // What stands before the first delimiter and after the last is no part; here nothing may stand there.
  let rest = `\r\n${text}`;
  if (!rest.startsWith(delimiter)) throw new Error(`Does not begin with a delimiter: ${text.slice(0, 50)}`);
  rest = rest.slice(delimiter.length);
  while (!rest.startsWith('--')) {
    const end = rest.indexOf(delimiter);
    if (end === -1) throw new Error(`The last delimiter is missing after: ${rest.slice(0, 200)}`);
    parts.push(readPart(rest.slice(0, end)));
    rest = rest.slice(end + delimiter.length);
  }
  if (rest !== '--\r\n') throw new Error(`After the end: ${rest}`);
  return parts;
}

/** The rest of the delimiter's line, header fields, an empty line, the body. */
function readPart(part: string): WirePayload {
  if (!part.startsWith('\r\n')) throw new Error(`Behind a delimiter: ${part.slice(0, 50)}`);
  const end = part.indexOf('\r\n\r\n');
  if (end === -1) throw new Error(`A part without a body: ${part}`);
  const fields = part.slice(2, end).split('\r\n');
  for (const field of fields) if (!/^[!#$%&'*+.^_`|~\w-]+: ?[^\r\n]+$/.test(field)) throw new Error(`No header field: ${field}`);
  const types = fields.filter((field) => /^content-type:/i.test(field));
  if (types.length !== 1 || !/^content-type: application\/json(;|$)/i.test(types[0] ?? ''))
    throw new Error(`Not JSON: ${fields.join(' | ')}`);
  return toPayload(part.slice(end + 4));
}

/** graphql-sse, distinct connections: `next` with each payload, `complete` at the end. */
export function readEvents(text: string): WirePayload[] {
  const payloads: WirePayload[] = [];
  let isComplete = false;
  const blocks = text.split(/\r\n\r\n|\n\n|\r\r/);
  if (blocks.pop() !== '') throw new Error(`The last event has no end: ${text.slice(-200)}`);
  for (const block of blocks) {
    const fields = block.split(/\r\n|\n|\r/).filter((line) => !line.startsWith(':'));
    if (fields.length === 0) continue;
    if (isComplete) throw new Error(`After the end: ${block}`);
    const values = (name: string): string[] =>
      fields.flatMap((line) => (line === name ? [''] : line.startsWith(`${name}:`) ? [line.slice(name.length + 1).replace(/^ /, '')] : []));
    const [event] = values('event');
    const data = values('data').join('\n');
    if (event === 'complete' && data === '') isComplete = true;
    else if (event === 'next') payloads.push(toPayload(data));
    else throw new Error(`Not an event: ${block}`);
  }
  if (!isComplete) throw new Error('The end is missing');
  return payloads;
}

function toPayload(text: string): WirePayload {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`No payload: ${text}`);
  return value; // its members are looked at when it is put together
}
