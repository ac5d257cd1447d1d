/**
 * Which upgrades become sockets: those of this path, from where requests may come, while there is room. All others get an HTTP answer, and the
 * connection is closed. Exports `checkUpgrade`, `refuseUpgrade` and `chooseSubprotocol`.
 */
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { createError } from '../../../lib/errors/errors.ts';
import { REQUEST_ID_HEADER } from '../../../lib/identity/index.ts';
import type { SenderCheck } from '../check-sender.ts';
import { toErrorAnswer } from '../http-answer.ts';
import type { HttpRequest } from '../http-request.ts';
import { assertNoToken } from '../live/url-secrets.ts';
import { removeOwnHeaders } from '../own-headers.ts';
import { readPeer, type Peer } from '../peer.ts';
import { securityHeaders } from '../security-headers.ts';

export const socketPath = '/graphql';

/** Not its predecessor `graphql-ws` (of the package subscriptions-transport-ws), which lets clients go on without being asked who they are. */
const subprotocol = 'graphql-transport-ws';

/** The peer. Throws NOT_FOUND, HOST_REFUSED, CSRF_PREVENTED, TOKEN_IN_URL, UNAUTHENTICATED, BAD_REQUEST. */
export function checkUpgrade(request: HttpRequest, sender: SenderCheck): Peer {
  const { message } = request;
  removeOwnHeaders(message);
  sender.assertHost(message.headers);
  if (request.path !== socketPath) throw createError('NOT_FOUND', `WebSockets are at ${socketPath}.`);
  // No page of another site may open a socket in the name of its visitor: browsers ask nobody before they do
  sender.assertOrigin(message.headers);
  assertNoToken(request);
  return readPeer(message);
}

/** False: the socket is opened without one, and closed with 4406. */
export function chooseSubprotocol(offered: ReadonlySet<string>): string | false {
  return offered.has(subprotocol) ? subprotocol : false;
}

/** When there may be room again. */
const retryAfterSeconds = 5;

export function refuseUpgrade(socket: Socket, error: unknown, requestId: string): void {
  const { status, headers, body } = toErrorAnswer(error, requestId);
  const text = typeof body === 'string' ? body : '';
  const again = status === 429 || status === 503 ? { 'retry-after': retryAfterSeconds } : {};
  const all = {
    ...securityHeaders,
    ...headers,
    ...again,
    [REQUEST_ID_HEADER]: requestId,
    connection: 'close',
    'content-length': Buffer.byteLength(text),
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.on('error', () => socket.destroy());
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n${text}`);
}
