/** Whether the other end of a connection is still there, looked at now and then. Exports `SignsOfLife`. */
import type { Socket } from 'node:net';

export class SignsOfLife {
  readonly #socket: Pick<Socket, 'bytesRead' | 'bytesWritten' | 'writableLength'>;
  #heardBytes = 0;
  /** Bytes that had gone when the last look found others waiting; null: none waited. */
  #goneBytes: number | null = null;
  #isAsked = false;

  constructor(socket: Pick<Socket, 'bytesRead' | 'bytesWritten' | 'writableLength'>) {
    this.#socket = socket;
  }

  /**
   * ask: nothing was heard or said since the last look, so something is to be said that calls for an answer. gone: nothing was heard since
   * then. A slow reader is there as long as what waits for it moves on; what the kernel takes of a new message says nothing.
   */
  look(hasSent: boolean): 'fine' | 'ask' | 'gone' {
    const { bytesRead, bytesWritten, writableLength } = this.#socket;
    const goneBytes = bytesWritten - writableLength;
    const isHeard = bytesRead !== this.#heardBytes || (this.#goneBytes !== null && goneBytes > this.#goneBytes);
    if (!isHeard && this.#isAsked) return 'gone';
    this.#heardBytes = bytesRead;
    this.#goneBytes = writableLength > 0 ? goneBytes : null;
    this.#isAsked = !isHeard || !hasSent;
    return this.#isAsked ? 'ask' : 'fine';
  }
}
