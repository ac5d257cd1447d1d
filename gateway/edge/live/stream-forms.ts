/**
 * How a subscription stands on an HTTP response: server-sent events (graphql-sse in distinct connections mode, and any EventSource) or the
 * parts of Apollo's multipart subscriptions. docs/live.md shows both. Exports `eventsForm`, `multipartForm`.
 */
import type { LiveEnd, Wire } from '../../live/client.ts';
import { EVENTS_ALIVE, EVENTS_TYPE } from '../payload-stream.ts';

export type StreamForm = {
  readonly headers: Readonly<Record<string, string>>;
  readonly wire: Wire;
  /** What comes first of all. `random`: 0 to 1. */
  begin(random: number): Uint8Array;
  bookmark(cursor: string): Uint8Array;
  /** Says nothing but that the connection stands. */
  readonly alive: Uint8Array;
  end(end: LiveEnd): Uint8Array;
};

const noBuffers = { 'cache-control': 'no-store', 'x-accel-buffering': 'no' };

/** All that lose their connections at once do not come back at once. */
const retryFromMs = 1_000;
const retryWithinMs = 3_000;

export const eventsForm: StreamForm = {
  headers: Object.freeze({ 'content-type': EVENTS_TYPE, ...noBuffers }),
  wire: {
    name: 'events',
    next: (payload, cursor) => Buffer.concat([Buffer.from(`id: ${cursor}\nevent: next\ndata: `), toLines(payload), eventEnd]),
  },
  begin: (random) => Buffer.from(`retry: ${retryFromMs + Math.floor(random * retryWithinMs)}\n\n`),
  bookmark: (cursor) => Buffer.from(`id: ${cursor}\n\n`),
  alive: Buffer.from(EVENTS_ALIVE),
  // After `complete` no client comes back; without it every client does, with its cursor
  end({ scope, cursor, ...rest }) {
    const complete = scope === 'operation' ? 'event: complete\ndata:\n\n' : '';
    return Buffer.from(`id: ${cursor}\nevent: next\ndata: ${JSON.stringify(toErrors(rest, cursor))}\n\n${complete}`);
  },
};

const eventEnd = Buffer.from('\n\n');
const dataLine = Buffer.from('\ndata: ');

/** Line ends between the tokens of the JSON would end the field. */
function toLines(payload: Uint8Array): Uint8Array {
  if (!payload.includes(0x0a) && !payload.includes(0x0d)) return payload;
  const lines = Buffer.from(payload)
    .toString('utf8')
    .split(/[\r\n]+/);
  return Buffer.concat(lines.flatMap((line, index) => (index === 0 ? [Buffer.from(line)] : [dataLine, Buffer.from(line)])));
}

const partHead = '\r\nContent-Type: application/json\r\n\r\n';
const delimiter = '\r\n--graphql';
const payloadHead = Buffer.from(`${partHead}{"payload":`);
const payloadEnd = Buffer.from(`}${delimiter}`);

/** After each part comes the delimiter of the next: a reader knows at once that the part is whole. */
export const multipartForm: StreamForm = {
  headers: Object.freeze({ 'content-type': 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0', ...noBuffers }),
  wire: { name: 'multipart', next: (payload) => Buffer.concat([payloadHead, payload, payloadEnd]) },
  begin: () => Buffer.from('--graphql'),
  // A heartbeat must be {} and no more; a field of its head that does not begin with Content- means nothing to others (RFC 2046, 5.1)
  bookmark: (cursor) => Buffer.from(`\r\nIr-Cursor: ${cursor}${partHead}{}${delimiter}`),
  alive: Buffer.from(`${partHead}{}${delimiter}`),
  end: ({ cursor, ...rest }) => Buffer.from(`${partHead}${JSON.stringify({ payload: null, ...toErrors(rest, cursor) })}${delimiter}--\r\n`),
};

function toErrors({ message, code }: Pick<LiveEnd, 'message' | 'code'>, cursor: string): object {
  return { errors: [{ message, extensions: { code, cursor } }] };
}
