/**
 * A cohort: all who see the same of one stream. One pump reads it, resolves each batch once, and hands the same frames to every outlet; it waits
 * for none of them. Who comes back with a position gets what it missed from the log of frames, or from chunks that are read once for all who
 * miss the same. Exports `Cohort`.
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
  /** Milliseconds; by default of the process's own clock. */
  now?(): number;
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
  /** For so long what was resolved is good for those who come back; after that rights are asked for again. */
  readonly keepMs: number;
  /** Written at once to one that catches up, if it is more than one frame. */
  readonly sliceBytes: number;
};

const usualLimits: CohortLimits = {
  batchEvents: 500,
  logBytes: 4_194_304,
  logFrames: 10_000,
  chunkEvents: 256,
  chunks: 16,
  keepMs: 10_000,
  sliceBytes: 65_536,
};

type Chunk = { readonly frames: readonly Frame[]; readonly upTo: number };

/** One stay of an outlet. `waits`: it is judged when the cohort has begun anew, by the stream that is there then. */
type Visit = { readonly outlet: Outlet; readonly room: () => Promise<void>; epoch: string; wasReset: boolean; waits: boolean };

export class Cohort {
  /** Resolves when the pump has ended; rejects with what ended it. */
  readonly done: Promise<void>;
  readonly #ports: CohortPorts;
  readonly #limits: CohortLimits;
  readonly #ending = new AbortController();
  /** Those that get what comes, of all that have joined. */
  readonly #live = new Set<Outlet>();
  readonly #all = new Map<Outlet, Visit>();
  readonly #chunks = new Map<string, { readonly chunk: Promise<Chunk>; readonly atMs: number }>();
  /** Resolves when the cohort has begun anew, or has ended. */
  #renewed = createSignal();
  #isEnded = false;
  #epoch: string;
  #log: FrameLog;

  /** Begins to read at once. */
  constructor({ ports, from, limits = {} }: CohortOptions) {
    this.#ports = ports;
    this.#limits = { ...usualLimits, ...limits };
    this.#epoch = from.epoch;
    this.#log = this.#newLog(from.seq);
    this.done = this.#pump().finally(() => this.#close());
    // Whoever awaits it gets the reason; a cohort nobody waits for ends all the same
    this.done.catch(() => undefined);
  }

  get position(): FeedPosition {
    return { epoch: this.#epoch, seq: this.#log.upTo };
  }

  get size(): number {
    return this.#all.size;
  }

  /** What is kept here: back to 0 when the cohort has ended. */
  get held(): { readonly outlets: number; readonly logBytes: number; readonly chunks: number } {
    return { outlets: this.#all.size, logBytes: this.#log.bytes, chunks: this.#chunks.size };
  }

  /**
   * Begins after the position. `room` resolves when the outlet can take more: only one that catches up waits. 'RESET': the position cannot be
   * read on from; the outlet was told so and goes on from now. An outlet that leaves meanwhile ends it as 'JOINED', whatever was still to read.
   */
  async join(outlet: Outlet, from: FeedPosition, room: () => Promise<void>): Promise<'JOINED' | 'RESET'> {
    if (this.#isEnded) outlet.end('CLOSED');
    const visit: Visit = { outlet, room, epoch: from.epoch, wasReset: false, waits: false };
    this.#all.set(outlet, visit);
    try {
      while (!(await this.#tryToCatchUp(visit, from)));
    } catch (error) {
      if (this.#all.get(outlet) === visit) this.#forget(outlet);
      throw error;
    } finally {
      if (!outlet.isOpen) this.#forget(outlet);
    }
    return visit.wasReset ? 'RESET' : 'JOINED';
  }

  /**
   * Forgets the outlet without closing it, so that another cohort may join it from the position that is given back: null where it is not here.
   * What still catches up for it here ends, and writes nothing more.
   */
  release(outlet: Outlet): FeedPosition | null {
    const visit = this.#all.get(outlet);
    this.#forget(outlet);
    return visit === undefined ? null : { epoch: visit.epoch, seq: outlet.position };
  }

  leave(outlet: Outlet): void {
    outlet.close();
    this.#forget(outlet);
  }

  end(): void {
    this.#ending.abort();
  }

  async #pump(): Promise<void> {
    while (!this.#ending.signal.aborted) {
      const seen = this.#ports.seen();
      try {
        if (!(await this.#readBatch())) await this.#ports.wait(seen, this.#ending.signal);
      } catch (error) {
        if (this.#ending.signal.aborted) return;
        if (!isReset(error)) throw error;
        await this.#startAnew();
      }
    }
  }

  /** True when there may be more at once. */
  async #readBatch(): Promise<boolean> {
    const { frames, upTo, read } = await this.#read({ epoch: this.#epoch, seq: this.#log.upTo }, this.#limits.batchEvents);
    if (this.#ending.signal.aborted) return true;
    this.#log.dropBefore(this.#nowMs() - this.#limits.keepMs);
    this.#log.add(frames, upTo, this.#nowMs());
    for (const outlet of this.#live) {
      outlet.push(frames, upTo);
      if (!outlet.isOpen) this.#forget(outlet);
    }
    return read > 0;
  }

  async #read(after: FeedPosition, count: number): Promise<Chunk & { readonly read: number }> {
    const { events, next } = await this.#ports.read(after, count);
    const frames = events.length === 0 ? [] : await this.#ports.resolve(events);
    return { frames, upTo: next.seq, read: events.length };
  }

  /** The stream was trimmed below the pump, or is another one: whoever listens must know. */
  async #startAnew(): Promise<void> {
    const head = await this.#ports.head();
    const { resolve } = this.#renewed;
    this.#renewed = createSignal();
    this.#epoch = head.epoch;
    this.#log = this.#newLog(head.seq);
    this.#chunks.clear();
    for (const visit of this.#all.values()) if (!visit.waits) this.#reset(visit);
    resolve();
  }

  /** The stream is another one already, and the pump has not come to know it, or the cohort ends and judges nobody. */
  async #isOutdated(): Promise<boolean> {
    const { epoch } = await this.#ports.head();
    return epoch !== this.#epoch || this.#ending.signal.aborted;
  }

  #nowMs(): number {
    return this.#ports.now?.() ?? performance.now();
  }

  #newLog(from: number): FrameLog {
    return createFrameLog({ from, maxBytes: this.#limits.logBytes, maxFrames: this.#limits.logFrames });
  }

  /** False when it must be tried again: the cohort has begun anew since. */
  async #tryToCatchUp(visit: Visit, from: FeedPosition): Promise<boolean> {
    const before = this.#renewed;
    try {
      await this.#catchUp(visit, from);
      return true;
    } catch (error) {
      if (!this.#isBehind(visit)) return true;
      if (!isReset(error) && !(error instanceof OtherEpoch)) throw error;
      visit.waits = true;
      if (await this.#isOutdated()) await before.promise;
      else if (this.#renewed === before && this.#isBehind(visit)) this.#reset(visit);
      visit.waits = false;
      return !this.#isBehind(visit);
    }
  }

  async #catchUp(visit: Visit, from: FeedPosition): Promise<void> {
    let { seq } = from;
    while (this.#isBehind(visit)) {
      this.#assertEpoch(from.epoch);
      this.#log.dropBefore(this.#nowMs() - this.#limits.keepMs);
      const { upTo } = this.#log;
      const rest = this.#log.after(seq);
      if (rest === null && seq > upTo) {
        if ((await this.#isAhead(seq)) && this.#isBehind(visit)) this.#live.add(visit.outlet);
      } else if (rest === null || sizeOf(rest) > this.#limits.sliceBytes) {
        seq = await this.#sendSlices(visit, rest === null ? await this.#chunkAfter(seq) : { frames: rest, upTo });
      } else {
        visit.outlet.push(rest, upTo);
        if (visit.outlet.isOpen) this.#live.add(visit.outlet);
      }
    }
  }

  /** The pump comes there; what it brings before was had. Throws when the stream itself does not reach so far. */
  async #isAhead(seq: number): Promise<boolean> {
    const head = await this.#ports.head();
    if (head.epoch !== this.#epoch || head.seq < seq) throw new OtherEpoch();
    return this.#log.upTo < seq;
  }

  /** As the outlet has room for it. Returns how far that is. */
  async #sendSlices(visit: Visit, { frames, upTo }: Chunk): Promise<number> {
    for (const slice of toSlices(frames, upTo, this.#limits.sliceBytes)) {
      await visit.room();
      // Meanwhile the cohort may have begun anew, and the outlet with it
      if (!this.#isBehind(visit)) break;
      visit.outlet.push(slice.frames, slice.upTo);
    }
    return upTo;
  }

  /** What follows the position, read once for all who stand in the same chunk. */
  async #chunkAfter(seq: number): Promise<Chunk> {
    const { chunkEvents } = this.#limits;
    const start = seq - (seq % chunkEvents);
    try {
      const chunk = await this.#remember(start, chunkEvents);
      // A read may bring less than was asked for
      if (chunk.upTo > seq || start === seq) return chunk;
    } catch (error) {
      // The beginning of the chunk may have been trimmed, and what is wanted not
      if (!isReset(error) || start === seq) throw error;
    }
    return this.#remember(seq, chunkEvents - (seq - start));
  }

  #remember(start: number, count: number): Promise<Chunk> {
    const key = `${this.#epoch}/${start}`;
    const known = this.#chunks.get(key);
    if (known !== undefined && this.#nowMs() - known.atMs <= this.#limits.keepMs) return known.chunk;
    const chunk = this.#read({ epoch: this.#epoch, seq: start }, count);
    this.#chunks.set(key, { chunk, atMs: this.#nowMs() });
    const forget = (): unknown => this.#chunks.get(key)?.chunk === chunk && this.#chunks.delete(key);
    // One that the stream did not fill yet holds less than the next may want
    chunk.then(({ upTo }) => (upTo < start + count || this.#isEnded) && forget(), forget);
    for (const oldest of this.#chunks.keys()) {
      if (this.#chunks.size <= this.#limits.chunks) break;
      this.#chunks.delete(oldest);
    }
    return chunk;
  }

  /** Here since it joined, and not with those yet that get what comes. */
  #isBehind(visit: Visit): boolean {
    return visit.outlet.isOpen && this.#all.get(visit.outlet) === visit && !this.#live.has(visit.outlet);
  }

  #reset(visit: Visit): void {
    visit.epoch = this.#epoch;
    visit.wasReset = true;
    visit.outlet.reset(this.#log.upTo);
    if (visit.outlet.isOpen) this.#live.add(visit.outlet);
  }

  #assertEpoch(epoch: string): void {
    if (epoch !== this.#epoch) throw new OtherEpoch();
  }

  #forget(outlet: Outlet): void {
    this.#live.delete(outlet);
    this.#all.delete(outlet);
  }

  #close(): void {
    this.#isEnded = true;
    for (const outlet of this.#all.keys()) outlet.end('CLOSED');
    this.#all.clear();
    this.#live.clear();
    this.#chunks.clear();
    this.#log = this.#newLog(this.#log.upTo);
    this.#renewed.resolve();
  }
}

type Signal = { readonly promise: Promise<void>; readonly resolve: () => void };

function createSignal(): Signal {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
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

function sizeOf(frames: readonly Frame[]): number {
  return frames.reduce((sum, { body }) => sum + body.length, 0);
}

class OtherEpoch extends Error {}

function isReset(error: unknown): boolean {
  return isHubError(error) && error.code === 'FEED_RESET';
}
