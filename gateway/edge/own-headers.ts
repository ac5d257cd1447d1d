/** Headers of the hub itself. Exports `removeOwnHeaders`. */
import type { IncomingMessage } from 'node:http';

/** Only the gateway itself makes these. */
export function removeOwnHeaders({ headers }: IncomingMessage): void {
  for (const name in headers) if (name.startsWith('ir-')) delete headers[name];
}
