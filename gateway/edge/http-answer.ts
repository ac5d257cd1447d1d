/**
 * What a route gives back: plain data, written to the socket in one place. Exports `HttpAnswer`, `toJsonAnswer`,
 * `toErrorAnswer`, `toShownError`.
 */
import type { ServerResponse } from 'node:http';
import { isHubError } from '../../lib/errors/errors.ts';

export type HttpAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | StreamBody | LiveBody;
};

/** A body that comes in pieces. Whoever writes it reads it to its end or returns it. */
export type StreamBody = {
  readonly chunks: AsyncIterableIterator<string>;
  /** Written when nothing has come for so long. */
  readonly keepAlive: { readonly text: string; readonly everyMs: number };
};

/** A body without an end of its own, written by whoever has it: stopping the server does not wait for it. */
export type LiveBody = {
  /** Called when the head is written, unless the client has gone. Whoever reads nothing for `unreadMs` is to be cut off. */
  attach(response: ServerResponse, unreadMs: number): void;
};

export function toJsonAnswer(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): HttpAnswer {
  return { status, headers: { 'content-type': 'application/json; charset=utf-8', ...headers }, body: JSON.stringify(value) };
}

/** An error outside GraphQL, still in the shape that GraphQL clients read. What a client may not see is masked with the request id. */
export function toErrorAnswer(error: unknown, requestId: string): HttpAnswer {
  const status = isHubError(error) ? error.status : 500;
  // The rest of a body that is too large is not read: the connection cannot be used again
  const closing: Record<string, string> = status === 413 ? { connection: 'close' } : {};
  const asking: Record<string, string> = status === 401 ? { 'www-authenticate': 'Bearer' } : {};
  return toJsonAnswer(status, { errors: [toShownError(error, requestId)] }, { ...closing, ...asking });
}

export type ShownError = { readonly message: string; readonly extensions: Readonly<Record<string, unknown>> };

export function toShownError(error: unknown, requestId: string): ShownError {
  if (isHubError(error) && error.visible) return { message: error.message, extensions: { code: error.code, ...error.details } };
  return { message: `Internal error, request ${requestId}.`, extensions: { code: 'INTERNAL', requestId } };
}
