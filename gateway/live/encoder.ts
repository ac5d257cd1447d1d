/**
 * Frames → messages of one wire with the cursors of one family: made once for all clients that are equal in both. Exports `createEncoders`.
 */
import type { FeedPosition } from '../../lib/feed/index.ts';
import type { Wire } from './client.ts';
import type { Cursors, Family } from './cursor.ts';
import type { Frame } from './frame-log.ts';

/** Beside the cursor, in `extensions` of one message: said to one client only. */
export type Aside = { readonly resume?: { readonly status: 'RESUMED' | 'RESET' }; readonly delivery?: { readonly skipped: number } };

export type Encoder = {
  cursor(position: FeedPosition): string;
  /** The same list for the same list. */
  messages(frames: readonly Frame[], epoch: string): readonly Uint8Array[];
  /** The same, with the aside in the first; made for this call. */
  messagesWith(aside: Aside, frames: readonly Frame[], epoch: string): readonly Uint8Array[];
  /** Says that the state is to be read anew. */
  reset(responseName: string | null, position: FeedPosition): Uint8Array;
};

/** Those of one cohort. */
export type Encoders = { of(family: Family, wire: Wire): Encoder };

export function createEncoders(cursors: Cursors): Encoders {
  const known = new Map<string, Encoder>();
  return {
    of(family, wire) {
      const key = `${wire.name} ${Buffer.from(family).toString('base64url')}`;
      const found = known.get(key) ?? createEncoder(cursors, family, wire);
      known.set(key, found);
      return found;
    },
  };
}

function createEncoder(cursors: Cursors, family: Family, wire: Wire): Encoder {
  const messages = new WeakMap<Frame, Uint8Array>();
  let last: { readonly frames: readonly Frame[]; readonly messages: readonly Uint8Array[] } | null = null;
  const toCursor = (position: FeedPosition): string => cursors.write(family, [position]);
  const encode = ({ seq, body }: Frame, epoch: string, aside: Aside): Uint8Array => {
    const cursor = toCursor({ epoch, seq });
    const tail = Buffer.from(`,"extensions":${JSON.stringify({ cursor, ...aside })}}`);
    return wire.next(Buffer.concat([body, tail]), cursor);
  };
  const toMessage = (frame: Frame, epoch: string): Uint8Array => {
    const found = messages.get(frame) ?? encode(frame, epoch, {});
    messages.set(frame, found);
    return found;
  };
  return {
    cursor: toCursor,
    messages(frames, epoch) {
      if (last?.frames !== frames) last = { frames, messages: frames.map((frame) => toMessage(frame, epoch)) };
      return last.messages;
    },
    messagesWith(aside, frames, epoch) {
      return frames.map((frame, index) => (index === 0 ? encode(frame, epoch, aside) : toMessage(frame, epoch)));
    },
    reset(responseName, position) {
      const data = responseName === null ? null : { [responseName]: null };
      const cursor = toCursor(position);
      return wire.next(Buffer.from(JSON.stringify({ data, extensions: { cursor, resume: { status: 'RESET' } } })), cursor);
    },
  };
}
