/**
 * A cohort: all who see the same of one stream. One pump reads it, resolves each batch once, and hands the same frames to every outlet; it waits
 * for none of them. Who comes back with a position gets what it missed from the log of frames, or from chunks that are read once for all who
 * miss the same. Exports `startCohort`.
 */
import { isHubError } from '../../lib/errors/errors.ts';
import type { FeedBatch, FeedPosition, StoredEvent } from '../../lib/feed/index.ts';
import { createFrameLog, type Frame, type FrameLog } from './frame-log.ts';
import type { Outlet } from './outlet.ts';

export type CohortPorts = {
  /** What is there after the position; may be nothing. Throws FEED_RESET. */
  read(after: FeedPosition, limit: number): Promise<FeedBatch>;
  /** Waits until there may be more than was read before the call of `seen`. */
  seen(): number;
  wait(seen: number, signal: AbortSignal): Promise<void>;
  head(): Promise<FeedPosition>;
  /** A frame for each event that is meant and may be read, in their order. What it throws ends the cohort. */
  resolve(events: readonly StoredEvent[]): Promise<readonly Frame[]>;
};

export type CohortOptions = { readonly ports: CohortPorts; readonly from: FeedPosition; readonly limits?: Partial<CohortLimits> };

export type CohortLimits = {
  /** Events read and resolved at once. */
  readonly batchEvents: number;
  readonly logBytes: number;
  readonly logFrames: number;
  /** Positions of the stream that are read at once for those who missed them, and how many such chunks are kept. */
  readonly chunkEvents: number;
  readonly chunks: number;
  /** Written at once to one that catches up, if it is more than one frame. */
  readonly sliceBytes: number;
};

const usualLimits: CohortLimits = { batchEvents: 500, logBytes: 4_194_304, logFrames: 10_000, chunkEvents: 256, chunks: 16, sliceBytes: 65_536 };

export type Cohort = {
  /**
   * Begins after the position. `room` resolves when the outlet can take more: only one that catches up waits. 'RESET': the position cannot be
   * read on from; the outlet was told so and goes on from now.
   */
  join(outlet: Outlet, from: FeedPosition, room: () => Promise<void>): Promise<'JOINED' | 'RESET'>;
  leave(outlet: Outlet): void;
  end(): void;
  /** Resolves when the pump has ended; rejects with what ended it. */
  readonly done: Promise<void>;
  readonly position: FeedPosition;
  readonly size: number;
};

type Chunk = { readonly frames: readonly Frame[]; readonly upTo: number };

export function startCohort({ ports, from, limits: given = {} }: CohortOptions): Cohort {
  const limits = { ...usualLimits, ...given };
  const ending = new AbortController();
  const live = new Set<Outlet>();
  const all = new Set<Outlet>();
  let epoch = from.epoch;
  let log = newLog(from.seq);
  let chunks = new Map<string, Promise<Chunk>>();

  function newLog(seq: number): FrameLog {
    return createFrameLog({ from: seq, maxBytes: limits.logBytes, maxFrames: limits.logFrames });
  }

  /** The stream was trimmed below the pump, or is another one: whoever listens must know. */
  async function startAnew(): Promise<void> {
    const head = await ports.head();
    epoch = head.epoch;
    log = newLog(head.seq);
    chunks = new Map();
    for (const outlet of all) {
      outlet.reset(head.seq);
      live.add(outlet);
    }
  }

  async function readBatch(): Promise<boolean> {
    const batch = await ports.read({ epoch, seq: log.upTo }, limits.batchEvents);
    if (ending.signal.aborted) return true;
    const frames = batch.events.length === 0 ? [] : await ports.resolve(batch.events);
    if (ending.signal.aborted) return true;
    log.add(frames, batch.next.seq);
    for (const outlet of live) {
      outlet.push(frames, batch.next.seq);
      if (!outlet.isOpen) forget(outlet);
    }
    return batch.events.length > 0;
  }

  async function pump(): Promise<void> {
    while (!ending.signal.aborted) {
      const seen = ports.seen();
      try {
        if (!(await readBatch())) await ports.wait(seen, ending.signal);
      } catch (error) {
        if (ending.signal.aborted) return;
        if (!isReset(error)) throw error;
        await startAnew();
      }
    }
  }

  function forget(outlet: Outlet): void {
    live.delete(outlet);
    all.delete(outlet);
  }

  /** What follows the position, read once for all who stand in the same chunk. */
  async function chunkAfter(seq: number): Promise<Chunk> {
    const start = seq - (seq % limits.chunkEvents);
    try {
      return await remember(start, limits.chunkEvents);
    } catch (error) {
      // The beginning of the chunk may have been trimmed, and what is wanted not
      if (!isReset(error) || start === seq) throw error;
      return remember(seq, limits.chunkEvents - (seq - start));
    }
  }

  function remember(start: number, count: number): Promise<Chunk> {
    const key = `${epoch}/${start}`;
    const known = chunks.get(key);
    if (known !== undefined) return known;
    const chunk = readChunk({ epoch, seq: start }, count);
    chunks.set(key, chunk);
    chunk.catch(() => chunks.delete(key));
    for (const oldest of chunks.keys()) {
      if (chunks.size <= limits.chunks) break;
      chunks.delete(oldest);
    }
    return chunk;
  }

  async function readChunk(after: FeedPosition, count: number): Promise<Chunk> {
    const batch = await ports.read(after, count);
    const frames = batch.events.length === 0 ? [] : await ports.resolve(batch.events);
    return { frames, upTo: batch.next.seq };
  }

  async function catchUp(outlet: Outlet, from: FeedPosition, room: () => Promise<void>): Promise<void> {
    let { seq } = from;
    while (outlet.isOpen && all.has(outlet) && !live.has(outlet)) {
      assertEpoch(from.epoch);
      const rest = log.after(seq);
      if (rest !== null) {
        outlet.push(rest, log.upTo);
        if (outlet.isOpen) live.add(outlet);
        return;
      }
      if (seq > log.upTo) {
        await assertReached(seq);
        // The pump comes there; what it brings before was had
        if (log.upTo < seq) {
          live.add(outlet);
          return;
        }
        continue;
      }
      const { frames, upTo } = await chunkAfter(seq);
      if (upTo <= seq) throw new RangeError(`Expected to read on after ${seq}, got to ${upTo}.`);
      for (const slice of toSlices(frames, upTo, limits.sliceBytes)) {
        await room();
        // Meanwhile the cohort may have begun anew, and the outlet with it
        if (live.has(outlet)) return;
        assertEpoch(from.epoch);
        outlet.push(slice.frames, slice.upTo);
      }
      seq = upTo;
    }
  }

  function assertEpoch(of: string): void {
    if (of !== epoch) throw new OtherEpoch();
  }

  async function assertReached(seq: number): Promise<void> {
    const head = await ports.head();
    if (head.epoch !== epoch || head.seq < seq) throw new OtherEpoch();
  }

  const done = pump().finally(() => {
    for (const outlet of [...all]) outlet.end('CLOSED');
    all.clear();
    live.clear();
  });
  // Whoever awaits it gets the reason; a cohort nobody waits for ends all the same
  done.catch(() => undefined);

  return {
    async join(outlet, at, room) {
      all.add(outlet);
      try {
        await catchUp(outlet, at, room);
        return 'JOINED';
      } catch (error) {
        if (!isReset(error) && !(error instanceof OtherEpoch)) {
          forget(outlet);
          throw error;
        }
        if (all.has(outlet) && !live.has(outlet)) {
          outlet.reset(log.upTo);
          live.add(outlet);
        }
        return 'RESET';
      } finally {
        if (!outlet.isOpen) forget(outlet);
      }
    },
    leave(outlet) {
      outlet.close();
      forget(outlet);
    },
    end: () => ending.abort(),
    done,
    get position() {
      return { epoch, seq: log.upTo };
    },
    get size() {
      return all.size;
    },
  };
}

/** Parts that a socket with room can take: one frame at least. */
function toSlices(frames: readonly Frame[], upTo: number, maxBytes: number): Chunk[] {
  const slices: { frames: Frame[]; upTo: number }[] = [];
  let left = 0;
  for (const frame of frames) {
    const last = slices.at(-1);
    left -= frame.body.length;
    if (last !== undefined && left >= 0) {
      last.frames.push(frame);
      last.upTo = frame.seq;
    } else {
      slices.push({ frames: [frame], upTo: frame.seq });
      left = maxBytes - frame.body.length;
    }
  }
  const last = slices.at(-1);
  return last === undefined ? [{ frames: [], upTo }] : [...slices.slice(0, -1), { ...last, upTo }];
}

class OtherEpoch extends Error {}

function isReset(error: unknown): boolean {
  return isHubError(error) && error.code === 'FEED_RESET';
}
