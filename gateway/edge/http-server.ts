/**
 * The HTTP server: one place that reads the head of a request and writes every answer. Slow clients are cut off, sizes are bounded,
 * stopping lets running requests end. Exports `createHttpServer`.
 */
import { isAscii } from 'node:buffer';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { REQUEST_ID_HEADER } from '../../lib/identity/index.ts';
import type { Log } from '../../lib/log/log.ts';
import { ClientGone } from './client-gone.ts';
import type { SenderCheck } from './check-sender.ts';
import { toErrorAnswer, type HttpAnswer, type LiveBody } from './http-answer.ts';
import { HttpRequest } from './http-request.ts';
import { removeOwnHeaders } from './own-headers.ts';
import { toRequestId } from './request-id.ts';
import type { Handler } from './router.ts';
import { securityHeaders } from './security-headers.ts';
import { listenForUpgrades, type UpgradeDoor } from './upgrades.ts';
import { cutUnread, writeStream } from './write-stream.ts';

export type HttpServerOptions = {
  readonly handler: Handler;
  readonly sender: SenderCheck;
  readonly log: Log;
  /** For running requests when the server stops. */
  readonly stopMs: number;
  readonly onRunning: (count: number) => void;
  /** Without one, nobody is let to go on in another protocol. */
  readonly upgrades?: UpgradeDoor;
  /** For the head, for the whole request, between two looks at these; for a client that reads nothing of its answer. */
  readonly timeouts?: ClientTimeouts;
};

export type ClientTimeouts = {
  readonly headersMs: number;
  readonly requestMs: number;
  readonly checkMs: number;
  readonly unreadMs: number;
};

export type HttpServer = {
  /** Rejects with the error of the socket (EADDRINUSE). */
  listen(port: number, host: string): Promise<AddressInfo>;
  stop(): Promise<void>;
  isStopping(): boolean;
};

const usualTimeouts: ClientTimeouts = { headersMs: 10_000, requestMs: 20_000, checkMs: 2_000, unreadMs: 30_000 };
const serverLimits = { keepAliveTimeout: 60_000, maxHeaderSize: 16_384 };
const maxHeaders = 100;
const maxConnections = 20_000;

export function createHttpServer(options: HttpServerOptions): HttpServer {
  const { handler, sender, log, stopMs, onRunning, upgrades, timeouts = usualTimeouts } = options;
  let [stopping, running] = [false, 0];
  let onIdle: () => void = () => undefined;
  const live = new LiveResponses();

  async function answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = toRequestId(message.headers[REQUEST_ID_HEADER]);
    const gone = new ClientGone();
    response.on('close', () => {
      if (!response.writableFinished) gone.tell();
    });
    onRunning((running += 1));
    try {
      removeOwnHeaders(message);
      sender.assertHost(message.headers);
      const found = await handler(new HttpRequest(message, requestId, gone));
      const writing = write(message, response, { found, requestId });
      if (writing !== null) await writing;
    } catch (error) {
      const found = toErrorAnswer(error, requestId);
      if (found.status >= 500) log.error({ err: error, requestId }, 'request failed');
      if (!response.headersSent) await write(message, response, { found, requestId });
    } finally {
      onRunning((running -= 1));
      if (running === 0) onIdle();
    }
  }

  /** null: all of it is written. */
  function write(
    message: IncomingMessage,
    response: ServerResponse,
    { found: { status, headers, body }, requestId }: { found: HttpAnswer; requestId: string },
  ): Promise<unknown> | null {
    const origin = sender.allowedOrigin(message.headers);
    const isStream = typeof body === 'object' && 'chunks' in body;
    const isLive = typeof body === 'object' && 'attach' in body;
    if (response.destroyed) return isStream ? (body.chunks.return?.() ?? null) : null;
    const lines = [...toLines(headers), REQUEST_ID_HEADER, requestId];
    if (!isStream && !isLive) lines.push('content-length', String(Buffer.byteLength(body)));
    if (origin !== null) lines.push('access-control-allow-origin', origin, 'vary', 'origin');
    if (stopping && headers['connection'] === undefined) lines.push('connection', 'close');
    const closes = stopping || headers['connection'] !== undefined || !response.shouldKeepAlive;
    response.writeHead(status, lines);
    if (isStream) return writeStream(response, body, timeouts.unreadMs);
    if (isLive) return live.attach(response, body, timeouts.unreadMs);
    if (message.complete || !closes) endWith(response, body);
    else endAfterRequest(message, response, body);
    cutUnread(response, timeouts.unreadMs);
    return null;
  }

  const server = createBoundedServer((message, response) => void answer(message, response), { timeouts, upgrades });

  return {
    listen: (port, host) => listen(server, port, host),
    isStopping: () => stopping,
    async stop() {
      stopping = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      const idle = new Promise<void>((resolve) => (running === 0 ? resolve() : (onIdle = resolve)));
      await Promise.all([withinLimit(idle, stopMs), upgrades?.stop(stopMs)]);
      if (running > 0) log.warn({ running }, 'requests cut off: they took longer than stopping may');
      live.end();
      closeOpen(server, running > 0 ? 0 : closeGraceMs);
      await closed;
    },
  };
}

function closeOpen(server: Server, graceMs: number): void {
  server.closeIdleConnections();
  // What is still open has nothing running, or no time left
  setTimeout(() => server.closeAllConnections(), graceMs).unref();
}

/** Those without an end of their own. */
class LiveResponses {
  readonly #open = new Set<ServerResponse>();

  attach(response: ServerResponse, body: LiveBody, unreadMs: number): null {
    this.#open.add(response);
    response.once('close', () => this.#open.delete(response));
    body.attach(response, unreadMs);
    return null;
  }

  end(): void {
    for (const response of this.#open) response.end();
  }
}

function createBoundedServer(
  onRequest: (message: IncomingMessage, response: ServerResponse) => void,
  { timeouts, upgrades }: { timeouts: ClientTimeouts; upgrades: UpgradeDoor | undefined },
): Server {
  const { headersMs, requestMs, checkMs } = timeouts;
  const server = createServer(
    { ...serverLimits, headersTimeout: headersMs, requestTimeout: requestMs, connectionsCheckingInterval: checkMs },
    onRequest,
  );
  if (upgrades) listenForUpgrades(server, upgrades);
  server.maxHeadersCount = maxHeaders;
  server.maxConnections = maxConnections;
  const refused = new WeakSet<Duplex>();
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    // What it still sends is no HTTP either
    if (refused.has(socket)) return;
    if (!socket.writable) {
      socket.destroy();
      return;
    }
    refused.add(socket);
    socket.end(toRawRefusal(error.code));
    setTimeout(() => socket.destroy(), lingerMs).unref();
  });
  return server;
}

/** Node puts a text into one piece with the head, bytes it does not: for small ones copying them is cheaper than a second piece. */
const maxCopied = 16_384;

function endWith(response: ServerResponse, body: string | Uint8Array): void {
  if (typeof body === 'string' || body.length > maxCopied || !isAscii(body)) response.end(body);
  else response.end(Buffer.from(body.buffer, body.byteOffset, body.length).toString('latin1'), 'latin1');
}

/**
 * A connection that is closed while its client sends is reset, and the answer may be lost on its way. So the answer goes out, and what
 * still comes is read and thrown away for a while.
 */
const lingerMs = 1_000;

function endAfterRequest(message: IncomingMessage, response: ServerResponse, body: string | Uint8Array): void {
  const end = (): void => {
    clearTimeout(timer);
    response.end();
  };
  const timer = setTimeout(end, lingerMs);
  message.once('close', end);
  message.once('end', end);
  response.write(body);
  message.resume();
}

/** For the last bytes of the last answers. */
const closeGraceMs = 200;

function listen(server: Server, port: number, host: string): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      // A server that listens on a port has an AddressInfo
      resolve(server.address() as AddressInfo);
    });
  });
}

/** By the headers of an answer, most of which are the same object every time. */
const knownLines = new WeakMap<object, readonly string[]>();

/** What Node writes without looking again: name, value, name, value. What a route says goes before what every answer carries. */
function toLines(headers: HttpAnswer['headers']): readonly string[] {
  const known = knownLines.get(headers);
  if (known) return known;
  const lines = Object.entries({ ...securityHeaders, ...headers }).flat();
  if (Object.isFrozen(headers)) knownLines.set(headers, lines);
  return lines;
}

function toRawRefusal(code: string | undefined): string {
  const status =
    code === 'HPE_HEADER_OVERFLOW'
      ? '431 Request Header Fields Too Large'
      : code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? '408 Request Timeout'
        : '400 Bad Request';
  return `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;
}

async function withinLimit(work: Promise<void>, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => (timer = setTimeout(resolve, limitMs)));
  await Promise.race([work, limit]);
  clearTimeout(timer);
}
