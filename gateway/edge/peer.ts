/** Who stands at the other end of a connection, as far as HTTP tells. Exports `readPeer`, `readBearer`. */
import type { IncomingMessage } from 'node:http';
import { createError } from '../../lib/errors/errors.ts';

export type Peer = {
  /** Bearer token as sent. */
  readonly token: string | null;
  /** The peer is this machine and no proxy stands between. */
  readonly fromLoopback: boolean;
  /** A header by its lower-case name; the values of one that came several times are joined. */
  readonly header: (name: string) => string | undefined;
  readonly address: string;
};

const proxyHeaders = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'];

/** Throws UNAUTHENTICATED for an Authorization header of another kind. */
export function readPeer({ headers, socket }: IncomingMessage): Peer {
  const token = headers.authorization === undefined ? null : readBearer(headers.authorization);
  // A proxy on this machine forwards strangers
  let isForwarded = false;
  for (const name of proxyHeaders) if (headers[name] !== undefined) isForwarded = true;
  const header = (name: string) => {
    const value = Object.hasOwn(headers, name) ? headers[name] : undefined;
    return typeof value === 'string' ? value : value?.join(', ');
  };
  const address = socket.remoteAddress ?? '';
  return { token, header, fromLoopback: !isForwarded && isLoopback(address), address };
}

const bearer = /^bearer +(\S+) *$/i;

/** Throws UNAUTHENTICATED. */
export function readBearer(header: string): string {
  const token = bearer.exec(header)?.[1];
  if (token === undefined) throw createError('UNAUTHENTICATED', 'Expected Authorization: Bearer <token>.');
  return token;
}

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.');
}
