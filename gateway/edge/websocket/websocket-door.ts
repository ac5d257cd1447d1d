/**
 * The door for clients of graphql-transport-ws (https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md): queries, mutations and
 * subscriptions over one connection. In this order:
 *
 *   handshake         an upgrade request becomes a socket, or is refused with an HTTP status
 *   sessions          all sockets: their signs of life, their end
 *   client-message    what a client says, read strictly and within the limits of a body
 *   session           what follows from it, in the order that the protocol wants
 *   operation         one answer through the pipeline, or one subscription of the live core
 *   socket-output     everything that goes out, in frames
 *
 * Exports `createWebSocketDoor`.
 */
import { WebSocketServer } from 'ws';
import { createError } from '../../../lib/errors/errors.ts';
import { REQUEST_ID_HEADER } from '../../../lib/identity/index.ts';
import type { SenderCheck } from '../check-sender.ts';
import { ClientGone } from '../client-gone.ts';
import { HttpRequest } from '../http-request.ts';
import { toRequestId } from '../request-id.ts';
import type { UpgradeDoor } from '../upgrades.ts';
import { closeCodes } from './close-codes.ts';
import { checkUpgrade, chooseSubprotocol, refuseUpgrade } from './handshake.ts';
import { lingerMs } from './session.ts';
import { Sessions, type SessionsOptions } from './sessions.ts';

export function createWebSocketDoor({ sender, ...options }: SessionsOptions & { readonly sender: SenderCheck }): UpgradeDoor {
  const { limits } = options.hub;
  const sessions = new Sessions(options);
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: limits.bodyBytes,
    handleProtocols: chooseSubprotocol,
  });
  return {
    upgrade(message, head) {
      const { socket } = message;
      const requestId = toRequestId(message.headers[REQUEST_ID_HEADER]);
      try {
        const peer = checkUpgrade(new HttpRequest(message, requestId, new ClientGone()), sender);
        if (sessions.isStopping) throw createError('LIVE_GOING_AWAY', 'The gateway stops. Connect again.');
        if (sessions.size >= limits.sockets)
          throw createError('LIVE_LIMIT', 'The gateway has as many connections as it may. Come again later.');
        server.handleUpgrade(message, socket, head, (ws) => {
          if (ws.protocol !== '') return sessions.add(ws, socket, peer);
          ws.on('error', () => ws.terminate());
          ws.close(closeCodes.noSubprotocol, 'Subprotocol not acceptable');
          setTimeout(() => ws.terminate(), lingerMs).unref();
        });
      } catch (error) {
        refuseUpgrade(socket, error, requestId);
      }
    },
    stop: (limitMs) => sessions.stop(limitMs),
  };
}
