// The subgraph on fastify and mercurius.
import { buildSubgraphSchema } from '@apollo/subgraph';
import fastify from 'fastify';
import { parse } from 'graphql';
import mercurius from 'mercurius';
import { resolvers, sdl } from './audits.mjs';
import { port, readPrincipal } from './door.mjs';

const app = fastify();
app.decorateRequest('principal', null);
app.addHook('onRequest', async (request, reply) => {
  request.principal = await readPrincipal(request.headers);
  if (request.principal === null) await reply.code(401).send();
});
const schema = buildSubgraphSchema([{ typeDefs: parse(sdl), resolvers }]);
await app.register(mercurius, { schema, jit: 1, context: ({ principal }) => ({ principal }) });
await app.listen({ port, host: '127.0.0.1' });
console.log(`audits on mercurius: http://127.0.0.1:${port}/graphql`);
