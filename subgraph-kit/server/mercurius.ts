// A subgraph on mercurius with its just-in-time compiler.
import type { FastifyInstance } from 'fastify';
import mercurius from 'mercurius';
import type { ServeOptions } from './server.ts';
import { logFailures, toClientError } from './mask.ts';
import { refuseSubscriptions } from './refuse-subscriptions.ts';

export async function addMercurius(app: FastifyInstance, options: ServeOptions): Promise<void> {
  await app.register(mercurius, {
    schema: options.schema,
    jit: 1,
    path: '/graphql',
    allowBatchedQueries: false,
    validationRules: [refuseSubscriptions],
    context: (request) => options.context(request),
    errorFormatter: (execution, context) => {
      // mercurius hands over the context that `context` made
      const requestId = (context as unknown as { requestId?: string }).requestId ?? '';
      logFailures(execution.errors ?? [], options.log, requestId);
      const errors = execution.errors?.map(toClientError) ?? [];
      // the type wants GraphQLError; what is sent is its formatted form
      return { statusCode: 200, response: { data: execution.data ?? null, errors: errors as never } };
    },
  });
}
