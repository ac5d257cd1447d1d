// The subgraph on Apollo Server.
import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginInlineTraceDisabled } from '@apollo/server/plugin/disabled';
import { buildSubgraphSchema } from '@apollo/subgraph';
import fastifyApollo from '@as-integrations/fastify';
import fastify from 'fastify';
import { parse } from 'graphql';
import { resolvers, sdl } from './audits.mjs';
import { port, readPrincipal } from './door.mjs';

const app = fastify();
app.decorateRequest('principal', null);
app.addHook('onRequest', async (request, reply) => {
  request.principal = await readPrincipal(request.headers);
  if (request.principal === null) await reply.code(401).send();
});
const schema = buildSubgraphSchema([{ typeDefs: parse(sdl), resolvers }]);
const server = new ApolloServer({ schema, plugins: [ApolloServerPluginInlineTraceDisabled()] });
await server.start();
await app.register(fastifyApollo(server), { context: async ({ principal }) => ({ principal }) });
await app.listen({ port, host: '127.0.0.1' });
console.log(`audits on Apollo Server: http://127.0.0.1:${port}/graphql`);
