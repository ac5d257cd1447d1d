// Serves one subgraph over HTTP: the door, GraphQL on either library, and its health.
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import type { Clock } from '../../lib/clock/clock.ts';
import { createError } from '../../lib/errors/errors.ts';
import type { PublicKeys } from '../../lib/identity/index.ts';
import type { Part } from '../../lib/lifecycle/index.ts';
import type { Log } from '../../lib/log/log.ts';
import type { SubgraphContext } from '../context.ts';
import { addApollo } from './apollo.ts';
import { addDoor, askerOf, type Asker } from './door.ts';
import { addMercurius } from './mercurius.ts';

export type Library = 'mercurius' | 'apollo';

/** What either library gets. */
export type ServeOptions = {
  readonly schema: GraphQLSchema;
  readonly log: Log;
  readonly context: (request: FastifyRequest) => SubgraphContext<never>;
};

export type ServerOptions = {
  readonly subgraph: string;
  readonly library: Library;
  readonly schema: GraphQLSchema;
  readonly host: string;
  readonly port: number;
  readonly keys: PublicKeys;
  readonly clock: Clock;
  readonly log: Log;
  readonly contextOf: (asker: Asker) => SubgraphContext<never>;
  /** Resolves when the database answers. */
  readonly probe: () => Promise<void>;
};

const BODY_LIMIT_BYTES = 8 * 1024 * 1024;

export type SubgraphServer = Part & { readonly url: () => string };

export function createSubgraphServer(options: ServerOptions): SubgraphServer {
  const { log, subgraph } = options;
  let app: FastifyInstance | undefined;
  let url = '';
  const build = async (): Promise<FastifyInstance> => {
    const made = Fastify({ bodyLimit: BODY_LIMIT_BYTES, forceCloseConnections: true, keepAliveTimeout: 75_000 });
    addDoor(made, { subgraph, keys: options.keys, clock: options.clock });
    addRequestLog(made, log);
    addHealth(made, options);
    const serve = { schema: options.schema, log, context: (request: FastifyRequest) => options.contextOf(askerOf(request)) };
    await (options.library === 'mercurius' ? addMercurius(made, serve) : addApollo(made, serve));
    return made;
  };
  return {
    name: 'server',
    url: () => url,
    start: async () => {
      app = await build();
      try {
        url = `${await app.listen({ host: options.host, port: options.port })}/graphql`;
      } catch (error) {
        const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
        throw taken ? createError('PORT_TAKEN', `port ${options.port} is taken; set PORT to a free one`, { cause: error }) : error;
      }
      log.info({ url }, `${subgraph} listens`);
    },
    stop: async () => {
      await app?.close();
    },
  };
}

// One line per request: id, status and time; never a document, variable or header.
function addRequestLog(app: FastifyInstance, log: Log): void {
  app.addHook('onResponse', async (request, reply) => {
    const requestId = request.headers['x-request-id'];
    if (request.url.startsWith('/graphql')) log.info({ requestId, status: reply.statusCode, ms: Math.round(reply.elapsedTime) }, 'request');
  });
}

function addHealth(app: FastifyInstance, options: ServerOptions): void {
  const startedAt = options.clock.now().getTime();
  app.get('/health', async () => ({ subgraph: options.subgraph, uptime: Math.round((options.clock.now().getTime() - startedAt) / 1_000) }));
  app.get('/ready', async (_request, reply) => {
    try {
      await options.probe();
      return { ready: true };
    } catch {
      return reply.code(503).send({ ready: false, reason: 'the database does not answer' });
    }
  });
}
