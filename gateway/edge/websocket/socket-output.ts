/**
 * All that goes out on one socket goes through here: messages of one tick leave in one write, as whole frames, so that what the library writes
 * itself (pong, close) falls between frames. Exports `SocketOutput` and `createFlushes`.
 */
import type { Socket } from 'node:net';
import { toTextFrame, type NextFrames } from './frames.ts';

/** Sees to it that an output is flushed at the end of this tick. */
export type Flushes = (output: SocketOutput) => void;

/** One callback for all sockets that something was written to. */
export function createFlushes(): Flushes {
  let waiting: SocketOutput[] = [];
  const flushAll = (): void => {
    const outputs = waiting;
    waiting = [];
    for (const output of outputs) output.flush();
  };
  return (output) => {
    if (waiting.push(output) === 1) process.nextTick(flushAll);
  };
}

type Rim = {
  readonly flushes: Flushes;
  readonly frames: NextFrames;
  /** Frames may be sent: none may follow a close frame. */
  readonly isOpen: () => boolean;
  /** After somebody was told that something waits, once that has left. */
  readonly onRoom: () => void;
};

const empty = new Uint8Array(0);

export class SocketOutput {
  readonly #socket: Socket;
  readonly #rim: Rim;
  #pieces: Uint8Array[] = [];
  #pendingBytes = 0;
  #cursors: Map<string, string> | null = null;
  #isScheduled = false;
  #isClosed = false;
  /** Somebody waits for room, or: a write that will tell so is on its way. */
  #isAwaited = false;
  #isTelling = false;
  /** Something was written since the last call of `takeSent`. */
  #hasSent = false;

  constructor(socket: Socket, rim: Rim) {
    this.#socket = socket;
    this.#rim = rim;
  }

  /** Written here and not on their way yet. */
  get bytes(): number {
    return this.#pendingBytes + this.#socket.writableLength;
  }

  /** The same for who wants to go on: whoever is told more than 0 hears of `onRoom` when they have left. */
  waiting(): number {
    const { bytes } = this;
    if (bytes > 0 && !this.#isAwaited && !this.#isClosed) {
      this.#isAwaited = true;
      this.#schedule();
    }
    return bytes;
  }

  /** One message. */
  send(message: object): void {
    this.#add(toTextFrame(JSON.stringify(message)));
  }

  /** `next` messages of one id; `head` is that of the id. What is in `tails` is kept until it has left. */
  next(id: string, head: Uint8Array, tails: readonly Uint8Array[]): void {
    // A position that was told before stays before what follows it
    if (this.#cursors?.has(id) === true) this.#tellCursors();
    for (const piece of this.#rim.frames(id, head, tails)) this.#add(piece);
  }

  /** How far the client of an id has come: several of one tick go in one ping. */
  bookmark(id: string, cursor: string): void {
    (this.#cursors ??= new Map()).set(id, cursor);
    this.#schedule();
  }

  /** Everything added so far goes to the socket. */
  flush(): void {
    this.#isScheduled = false;
    this.#tellCursors();
    if (!this.#isClosed && !this.#rim.isOpen()) this.close();
    if (this.#isClosed) return;
    const pieces = this.#pieces;
    if (pieces.length > 0) {
      this.#pieces = [];
      this.#pendingBytes = 0;
      this.#hasSent = true;
      if (pieces.length > 1) this.#socket.cork();
      for (const piece of pieces) this.#socket.write(piece);
      if (pieces.length > 1) this.#socket.uncork();
    }
    if (this.#isAwaited && !this.#isTelling) this.#tellWhenSent();
  }

  /** Nothing is written from here on. */
  close(): void {
    this.#isClosed = true;
    this.#pieces = [];
    this.#pendingBytes = 0;
    this.#cursors = null;
  }

  takeSent(): boolean {
    const hasSent = this.#hasSent;
    this.#hasSent = false;
    return hasSent;
  }

  #add(piece: Uint8Array): void {
    if (this.#isClosed) return;
    this.#pieces.push(piece);
    this.#pendingBytes += piece.length;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled || this.#isClosed) return;
    this.#isScheduled = true;
    this.#rim.flushes(this);
  }

  #tellCursors(): void {
    if (this.#cursors === null) return;
    const cursors = Object.fromEntries(this.#cursors);
    this.#cursors = null;
    this.send({ type: 'ping', payload: { cursors } });
  }

  /** A socket says `drain` only after it was over its own mark: an empty write says it whatever was before it. */
  #tellWhenSent(): void {
    this.#isTelling = true;
    const tell = (): void => {
      this.#isTelling = false;
      this.#isAwaited = false;
      this.#rim.onRoom();
    };
    if (this.#socket.writableLength === 0) tell();
    else this.#socket.write(empty, tell);
  }
}
