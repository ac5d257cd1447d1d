// A subgraph on @apollo/server behind the same Fastify door.
import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import fastifyApollo from '@as-integrations/fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { SubgraphContext } from '../context.ts';
import type { ServeOptions } from './server.ts';
import { logFailures, toClientError } from './mask.ts';
import { refuseSubscriptions } from './refuse-subscriptions.ts';

export async function addApollo(app: FastifyInstance, options: ServeOptions): Promise<void> {
  const server = new ApolloServer<SubgraphContext<never>>({
    schema: options.schema,
    introspection: false,
    validationRules: [refuseSubscriptions],
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    stopOnTerminationSignals: false,
    includeStacktraceInErrorResponses: false,
    logger: options.log,
    formatError: (_formatted, error) => toClientError(error),
    plugins: [
      logPlugin(options),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      ApolloServerPluginCacheControlDisabled(),
    ],
  });
  await server.start();
  await app.register(fastifyApollo(server), {
    path: '/graphql',
    context: async (request: FastifyRequest) => options.context(request),
  });
  app.addHook('onClose', () => server.stop());
}

const logPlugin = (options: ServeOptions): ApolloServerPlugin<SubgraphContext<never>> => ({
  requestDidStart: async () => ({
    didEncounterErrors: async ({ errors, contextValue }) => logFailures(errors, options.log, contextValue.requestId),
  }),
});
