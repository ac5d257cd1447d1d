/** One kept-alive connection to a subgraph: one request at a time, one write for each, and closed at the least doubt. Exports `Connection`. */
import { connect as connectTcp, type LookupFunction, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { SubgraphResponse } from '../types.ts';
import { SubgraphFailure } from './failure.ts';
import { isRefusedAddress } from './refused-addresses.ts';
import { ResponseParser } from './response-parser.ts';

export type Origin = { readonly secure: boolean; readonly hostname: string; readonly port: number };

export type Exchange = {
  readonly subgraph: string;
  /** Head and body. */
  readonly text: string;
  readonly encoding: 'latin1' | 'utf8';
  readonly maxResponseBytes: number;
  readonly resolve: (response: SubgraphResponse) => void;
  readonly reject: (reason: unknown) => void;
};

export type ConnectionOptions = {
  readonly connectMs: number;
  readonly lookup: LookupFunction;
  /** PEM of certificates to trust instead of those that Node knows. */
  readonly ca?: string | undefined;
  /** The exchange is over and the connection is as new. */
  readonly onIdle: (connection: Connection) => void;
  readonly onClosed: (connection: Connection) => void;
};

/** Holds what one read brings. A buffer of its own for each connection: on some systems a read stands open between two events. */
const readBytes = 65_536;

export class Connection {
  /** When the last answer was read, by the pool's clock. */
  idleSince = 0;
  readonly #options: ConnectionOptions;
  readonly #socket: Socket;
  #exchange: Exchange | null = null;
  #parser: ResponseParser | null = null;
  #isClosed = false;

  constructor(origin: Origin, options: ConnectionOptions) {
    this.#options = options;
    this.#socket = origin.secure ? this.#openTls(origin) : this.#openTcp(origin);
    this.#socket.setNoDelay(true);
    const timer = setTimeout(() => this.#fail(this.#unreachable('took too long to connect to')), options.connectMs);
    this.#socket.once(origin.secure ? 'secureConnect' : 'connect', () => {
      clearTimeout(timer);
      // What the lookup was told is what is connected to; this is the second lock of the same door
      if (isRefusedAddress(this.#socket.remoteAddress ?? '')) this.#fail(this.#unreachable('cannot be reached at'));
    });
    this.#socket.on('error', (cause) => this.#fail(this.#unreachable('cannot be reached at', cause)));
    this.#socket.on('end', () => this.#onEnd());
    this.#socket.on('close', () => {
      clearTimeout(timer);
      this.#fail(this.#unreachable('ended the connection from'));
    });
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  start(exchange: Exchange): void {
    this.#exchange = exchange;
    this.#parser = new ResponseParser(exchange.subgraph, exchange.maxResponseBytes);
    this.#socket.ref();
    this.#socket.write(exchange.text, exchange.encoding);
  }

  /** Ends the connection; whoever waits for an answer gets the reason. */
  abort(reason: unknown): void {
    this.#fail(reason);
  }

  #openTcp({ hostname, port }: Origin): Socket {
    return connectTcp({
      host: hostname,
      port,
      lookup: this.#options.lookup,
      onread: {
        buffer: Buffer.allocUnsafeSlow(readBytes),
        callback: (length, buffer) => {
          // The buffer is the one handed in above
          this.#onBytes((buffer as Buffer).subarray(0, length));
          return true;
        },
      },
    });
  }

  #openTls({ hostname, port }: Origin): Socket {
    const { lookup, ca } = this.#options;
    const socket = connectTls({
      host: hostname,
      port,
      lookup,
      // An address has no name to ask for (RFC 6066, 3)
      servername: /[a-z]/i.test(hostname) && !hostname.includes(':') ? hostname : '',
      ALPNProtocols: ['http/1.1'],
      rejectUnauthorized: true,
      ...(ca === undefined ? {} : { ca }),
    });
    socket.on('data', (bytes: Buffer) => this.#onBytes(bytes));
    return socket;
  }

  #onBytes(bytes: Buffer): void {
    const parser = this.#parser;
    // Nobody asked: what comes now would be taken for the answer to the next question
    if (parser === null) return this.#fail(this.#unreachable('sent more than was asked for from'));
    try {
      const taken = parser.take(bytes);
      if (parser.isDone) this.#finish(parser, taken === bytes.length);
    } catch (failure) {
      this.#fail(failure);
    }
  }

  #onEnd(): void {
    try {
      this.#parser?.end();
      if (this.#parser !== null) this.#finish(this.#parser, false);
    } catch (failure) {
      this.#fail(failure);
    }
    this.#fail(this.#unreachable('ended the connection from'));
  }

  /** `isClean`: not a byte was left over. */
  #finish(parser: ResponseParser, isClean: boolean): void {
    const exchange = this.#exchange;
    const response: SubgraphResponse = { kind: 'response', status: parser.status, text: parser.text() };
    this.#exchange = null;
    this.#parser = null;
    // An answer that came before the whole request was sent leaves the rest of the request on the wire
    const mayStay = isClean && parser.keepAlive && this.#socket.writableLength === 0;
    if (mayStay) this.#rest();
    else this.#close();
    exchange?.resolve(response);
  }

  /** Nobody waits for it: it does not keep the process alive either. */
  #rest(): void {
    this.#socket.unref();
    this.#options.onIdle(this);
  }

  #fail(reason: unknown): void {
    const exchange = this.#exchange;
    this.#exchange = null;
    this.#parser = null;
    this.#close();
    exchange?.reject(reason);
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket.destroy();
    this.#options.onClosed(this);
  }

  #unreachable(what: string, cause?: unknown): SubgraphFailure {
    const name = this.#exchange?.subgraph ?? '';
    const beforeAnswer = this.#parser?.begun !== true;
    const message = `The subgraph ${name} cannot be reached.`;
    const reason = cause ?? new Error(`The peer ${what} this side.`);
    return new SubgraphFailure('SUBGRAPH_UNREACHABLE', message, { cause: reason, beforeAnswer });
  }
}
