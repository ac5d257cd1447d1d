/** The feed in the memory of one process: for unit tests. The same contract, but for durability. */
import { randomBytes } from 'node:crypto';
import { createError } from '../errors/errors.ts';
import { assertName, feedLimits, toPayloadText, toStart, type Feed, type FeedEvent, type StoredEvent } from './feed.ts';
import { tailStream } from './tail.ts';
import { createWakes } from './wakes.ts';

type Stream = { readonly epoch: string; first: number; last: number; events: StoredEvent[]; readonly seqs: Map<string, number> };

const pollMs = 1_000;

export function createMemoryFeed(): Feed {
  const streams = new Map<string, Stream>();
  const wakes = createWakes();
  const closing = new AbortController();

  function open(name: string): Stream {
    if (closing.signal.aborted) throw createError('FEED_CLOSED', 'The feed was closed.');
    assertName('stream', name);
    const found = streams.get(name) ?? {
      epoch: randomBytes(6).toString('hex'),
      first: 1,
      last: 0,
      events: [],
      seqs: new Map<string, number>(),
    };
    streams.set(name, found);
    return found;
  }

  const read: Feed['read'] = async (name, after, limit) => {
    const stream = open(name);
    const start = toStart(name, after, stream);
    const from = start - stream.first + 1;
    const events = stream.events.slice(from, from + Math.min(limit, feedLimits.readEvents));
    return { epoch: stream.epoch, events, next: { epoch: stream.epoch, seq: events.at(-1)?.seq ?? start } };
  };

  return {
    read,
    append: async (name, events) => {
      const stream = open(name);
      const prepared = events.map((event) => ({ id: event.id, payloadText: toPayloadText(event) }));
      const before = stream.last;
      let seq = before;
      for (const { id, payloadText } of prepared) seq = appendOne(stream, { id, payload: JSON.parse(payloadText) });
      wakes.wake(name);
      return { epoch: stream.epoch, seq, repeated: prepared.length - (stream.last - before) };
    },
    tail: (name, options) => tailStream(name, options, { read, wakes, pollMs, closed: closing.signal }),
    trim: async (name, before) => {
      const stream = open(name);
      toStart(name, { epoch: before.epoch, seq: Math.max(before.seq, stream.first) - 1 }, stream);
      const dropped = stream.events.splice(0, Math.max(0, before.seq - stream.first));
      for (const { id } of dropped) stream.seqs.delete(id);
      stream.first += dropped.length;
    },
    head: async (name) => {
      const { epoch, last } = open(name);
      return { epoch, seq: last };
    },
    close: async () => closing.abort(),
  };
}

function appendOne(stream: Stream, { id, payload }: FeedEvent): number {
  const known = stream.seqs.get(id);
  if (known !== undefined) return known;
  stream.last += 1;
  stream.events.push({ id, payload, seq: stream.last });
  stream.seqs.set(id, stream.last);
  return stream.last;
}
