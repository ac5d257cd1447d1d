/**
 * The newest frames of a cohort, as far as they fit: who comes back after a short break is served from here, and what it missed is resolved for
 * nobody a second time. Exports `createFrameLog`.
 */

/** One event as every client of a cohort gets it. */
export type Frame = {
  /** Position of the event in its stream. */
  readonly seq: number;
  /** Of the entity that it is about: of two frames with one key the later one tells all that is true now. */
  readonly key: string;
  /** The encoded payload, shared by all sockets: never written to. */
  readonly body: Uint8Array;
};

export type FrameLog = {
  /** Frames after the last one, and how far the stream has been read with them, now. Positions only ever go up. Throws RangeError. */
  add(frames: readonly Frame[], upTo: number, nowMs: number): void;
  /** Drops what was added before: what somebody may read may have changed since. */
  dropBefore(atMs: number): void;
  /** All frames after the position, as far as has been read; null where some of them are no longer here. */
  after(seq: number): readonly Frame[] | null;
  /** The position after which frames are here, and the last position that has been read. */
  readonly from: number;
  readonly upTo: number;
  readonly bytes: number;
};

/** `from`: position at which reading begins. */
export function createFrameLog({ from, maxBytes, maxFrames }: { from: number; maxBytes: number; maxFrames: number }): FrameLog {
  let frames: Frame[] = [];
  /** How far it was read at which time, the newest last; one for each addition that brought frames. */
  let marks: { readonly upTo: number; readonly atMs: number }[] = [];
  let [first, upTo, bytes] = [from, from, 0];

  const drop = (count: number): void => {
    for (const { body } of frames.slice(0, count)) bytes -= body.length;
    first = frames[count - 1]?.seq ?? first;
    frames = frames.slice(count);
    const old = marks.findIndex((mark) => mark.upTo > first);
    marks = old === -1 ? [] : marks.slice(old);
  };
  return {
    add(more, end, nowMs) {
      let last = upTo;
      for (const { seq } of more) {
        if (seq <= last || seq > end) throw new RangeError(`Expected frames after ${last} and up to ${end}, got ${seq}.`);
        last = seq;
      }
      if (end < upTo) throw new RangeError(`Expected to be read up to ${upTo} or further, got ${end}.`);
      for (const frame of more) bytes += frame.body.length;
      frames.push(...more);
      upTo = end;
      if (more.length > 0) marks.push({ upTo: end, atMs: nowMs });
      let [spare, left] = [Math.max(0, frames.length - maxFrames), bytes];
      for (const { body } of frames.slice(0, spare)) left -= body.length;
      for (; left > maxBytes; spare += 1) left -= frames[spare]?.body.length ?? left;
      if (spare > 0) drop(spare);
    },
    dropBefore(atMs) {
      const old = marks.findLast((mark) => mark.atMs < atMs);
      if (old === undefined) return;
      const kept = frames.findIndex((frame) => frame.seq > old.upTo);
      drop(kept === -1 ? frames.length : kept);
      first = Math.max(first, old.upTo);
    },
    after(seq) {
      if (seq < first || seq > upTo) return null;
      let low = 0;
      for (let high = frames.length; low < high;) {
        const middle = (low + high) >> 1;
        if ((frames[middle]?.seq ?? 0) <= seq) low = middle + 1;
        else high = middle;
      }
      return frames.slice(low);
    },
    get from() {
      return first;
    },
    get upTo() {
      return upTo;
    },
    get bytes() {
      return bytes;
    },
  };
}
