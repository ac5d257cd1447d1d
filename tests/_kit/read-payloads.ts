/** Payloads of an answer as they stand on the wire; throws where the frame around them is not as specified. Exports `readParts` and `readEvents`. */
import type { WirePayload } from './merge-incremental.ts';

/** By RFC 2046: delimiters stand on lines of their own, `-----` ends; what stands outside is refused. */
export function readParts(text: string): WirePayload[] {
  const [before, ...rest] = `\r\n${text}`.split('\r\n---');
  if (before !== '') throw new Error(`Before the first part: ${before}`);
  if (rest.pop() !== '--\r\n') throw new Error('The end is missing');
  return rest.map((part) => {
    const [head = '', body = ''] = part.split('\r\n\r\n');
    if (head !== '\r\nContent-Type: application/json; charset=utf-8') throw new Error(`Not the head of a part: ${head}`);
    return JSON.parse(body) as WirePayload; // the gateway's own
  });
}

/** Server-sent events as GraphQL over SSE writes them. */
export function readEvents(text: string): WirePayload[] {
  const events = text.split('\n\n');
  if (events.pop() !== '' || events.pop() !== 'event: complete\ndata:') throw new Error(`The end is missing: ${text}`);
  return events
    .filter((event) => event !== ':')
    .map((event) => {
      if (!event.startsWith('event: next\ndata: ')) throw new Error(`Not an event: ${event}`);
      return JSON.parse(event.slice('event: next\ndata: '.length)) as WirePayload; // the gateway's own
    });
}
