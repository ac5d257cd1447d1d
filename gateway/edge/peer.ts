/** Who stands at the other end of a connection, as far as HTTP tells. Exports `readPeer`. */
import type { IncomingMessage } from 'node:http';
import { createError } from '../../lib/errors/errors.ts';

export type Peer = {
  /** Bearer token as sent. */
  readonly token: string | null;
  /** The peer is this machine and no proxy stands between. */
  readonly fromLoopback: boolean;
};

const proxyHeaders = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'];

/** Throws UNAUTHENTICATED for an Authorization header of another kind. */
export function readPeer({ headers, socket }: IncomingMessage): Peer {
  const [, token = null] = /^bearer +(\S+) *$/i.exec(headers.authorization ?? '') ?? [];
  if (headers.authorization !== undefined && token === null)
    throw createError('UNAUTHENTICATED', 'Expected Authorization: Bearer <token>.');
  // A proxy on this machine forwards strangers
  const isForwarded = proxyHeaders.some((name) => headers[name] !== undefined);
  return { token, fromLoopback: !isForwarded && isLoopback(socket.remoteAddress ?? '') };
}

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.');
}
