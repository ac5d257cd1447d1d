/** One HTTP request as handlers see it. What few of them ask for is made when it is asked for. Exports `HttpRequest`. */
import type { IncomingMessage } from 'node:http';
import { createError, toMessage } from '../../lib/errors/errors.ts';
import type { ClientSignal } from '../pipeline/request.ts';

/** Nothing in it that a URL parser would change. */
const plainPath = /^(?:\/[\w-]+)+$/;

export class HttpRequest {
  readonly message: IncomingMessage;
  readonly requestId: string;
  /** Fires when the client goes away. */
  readonly signal: ClientSignal;
  #url: URL | undefined;

  constructor(message: IncomingMessage, requestId: string, signal: ClientSignal) {
    this.message = message;
    this.requestId = requestId;
    this.signal = signal;
  }

  get path(): string {
    const target = this.message.url ?? '/';
    return plainPath.test(target) ? target : this.url.pathname;
  }

  /** Throws BAD_REQUEST. Only path and query are of use: the host is checked by itself. */
  get url(): URL {
    return (this.#url ??= toUrl(this.message.url));
  }
}

function toUrl(target: string | undefined): URL {
  try {
    return new URL(target ?? '/', 'http://gateway');
  } catch (cause) {
    throw createError('BAD_REQUEST', `The URL cannot be read: ${toMessage(cause)}.`, { cause });
  }
}
