/**
 * What one subscription of one socket still has to get. Nobody waits for it: what its budget does not hold ends it with its position (ALL), or
 * is put off until the socket is free again, the newest of each key only (LATEST). Exports `createOutlet`.
 */
import type { Frame } from './frame-log.ts';

export type Delivery = 'ALL' | 'LATEST';

export type Sink = {
  /** Bytes that were written and are not on their way yet. */
  waiting(): number;
  /** In one go. `skipped`: events since the last write of which a later one of the same key tells the rest. */
  write(frames: readonly Frame[], skipped: number): void;
  /** The stream cannot be read on from where it stood: the state is to be read anew, and frames after `position` follow. */
  reset(position: number): void;
  /** The last call: no frame after `position` was written. */
  end(reason: EndReason, position: number): void;
};

/** TOO_SLOW: the socket did not take what came. CLOSED: the cohort ended. */
export type EndReason = 'TOO_SLOW' | 'CLOSED';

export type Outlet = {
  /** Frames in the order of the stream, up to `upTo`; those at or before the position were had before. */
  push(frames: readonly Frame[], upTo: number): void;
  /** The socket is free again. */
  drain(): void;
  /** Goes on from another position, which the client is told. */
  reset(position: number): void;
  end(reason: EndReason): void;
  /** Nothing is written from here on. */
  close(): void;
  /** Everything up to it was written, or left out as it may be. */
  readonly position: number;
  readonly isOpen: boolean;
};

/** Keys of which the newest frame waits for one socket; with more of them it is too slow. */
export const mostPutOff = 10_000;

/** `after`: what the client has. */
export function createOutlet(sink: Sink, options: { delivery: Delivery; budgetBytes: number; after: number }): Outlet {
  const { delivery, budgetBytes } = options;
  const putOff = new Map<string, Frame>();
  let isOpen = true;
  /** Seen here, and written. */
  let [seen, position, skipped] = [options.after, options.after, 0];

  const write = (frames: readonly Frame[]): void => {
    const left = skipped;
    skipped = 0;
    position = seen;
    if (frames.length > 0) sink.write(frames, left);
    else skipped = left;
  };
  const keepNewest = (frames: readonly Frame[]): void => {
    for (const frame of frames) {
      if (putOff.delete(frame.key)) skipped += 1;
      putOff.set(frame.key, frame);
    }
    if (putOff.size > mostPutOff) end('TOO_SLOW');
  };
  const sendPutOff = (): void => {
    // An empty socket takes what is there, be it more than the budget: else it would never go
    if (!isOpen || putOff.size === 0 || (sink.waiting() > 0 && !hasRoom(sink.waiting(), [...putOff.values()], budgetBytes))) return;
    const frames = [...putOff.values()].toSorted((a, b) => a.seq - b.seq);
    putOff.clear();
    write(frames);
  };
  const end = (reason: EndReason): void => {
    if (!isOpen) return;
    isOpen = false;
    putOff.clear();
    sink.end(reason, position);
  };
  return {
    push(frames, upTo) {
      if (!isOpen || upTo <= seen) return;
      // The same array where it can be: what is made of it for one outlet is found again for the next
      const fresh = (frames[0]?.seq ?? 0) > seen ? frames : frames.filter(({ seq }) => seq > seen);
      seen = upTo;
      if (putOff.size === 0 && (fresh.length === 0 || hasRoom(sink.waiting(), fresh, budgetBytes))) return write(fresh);
      if (delivery === 'LATEST') {
        keepNewest(fresh);
        // Nobody says of an empty socket that it has room
        return sink.waiting() === 0 ? sendPutOff() : undefined;
      }
      end('TOO_SLOW');
    },
    drain: sendPutOff,
    reset(to) {
      if (!isOpen) return;
      putOff.clear();
      skipped = 0;
      seen = to;
      position = to;
      sink.reset(to);
    },
    end,
    close() {
      isOpen = false;
      putOff.clear();
    },
    get position() {
      return position;
    },
    get isOpen() {
      return isOpen;
    },
  };
}

/** A single frame always goes to an empty socket: what is larger than the budget would never get anywhere. */
function hasRoom(waiting: number, frames: readonly Frame[], budgetBytes: number): boolean {
  return (waiting === 0 && frames.length === 1) || waiting + frames.reduce((sum, { body }) => sum + body.length, 0) <= budgetBytes;
}
