// The door of a subgraph: whoever comes without the gateway's token is refused, whatever is asked, in development as well.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Clock } from '../../lib/clock/clock.ts';
import { createError, isHubError } from '../../lib/errors/errors.ts';
import { PRINCIPAL_HEADER, REQUEST_ID_HEADER, verifyPrincipal, type Principal, type PublicKeys } from '../../lib/identity/index.ts';

export type Asker = { readonly principal: Principal; readonly requestId: string };

const askers = new WeakMap<FastifyRequest, Asker>();

/** Who asks in this request; the door has checked it. */
export function askerOf(request: FastifyRequest): Asker {
  const asker = askers.get(request);
  if (asker === undefined)
    throw createError('PRINCIPAL_INVALID', `the header ${PRINCIPAL_HEADER} is missing; ask the gateway, not the subgraph`);
  return asker;
}

const headerOf = (request: FastifyRequest, name: string): string | undefined => {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
};

/** Checks the token of every request to `/graphql` before anything else is read. */
export function addDoor(app: FastifyInstance, options: { subgraph: string; keys: PublicKeys; clock: Clock }): void {
  app.addHook('onRequest', async (request, reply) => {
    if (!request.url.startsWith('/graphql')) return;
    const requestId = (headerOf(request, REQUEST_ID_HEADER) ?? '').slice(0, 128);
    try {
      const token = headerOf(request, PRINCIPAL_HEADER);
      if (token === undefined)
        throw createError('PRINCIPAL_INVALID', `the header ${PRINCIPAL_HEADER} is missing; ask the gateway, not the subgraph`);
      const principal = await verifyPrincipal(token, options.keys, options.subgraph, { clock: options.clock });
      askers.set(request, { principal, requestId });
    } catch (error) {
      if (!isHubError(error)) throw error;
      await reply.code(401).send({ errors: [{ message: error.message, extensions: { code: error.code } }] });
    }
  });
}
