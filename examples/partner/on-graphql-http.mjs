// The subgraph on plain Node and graphql-http.
import { createServer } from 'node:http';
import { createHandler } from 'graphql-http/lib/use/http';
import { schema } from './audits.mjs';
import { port, readPrincipal } from './door.mjs';

const handle = createHandler({ schema, context: ({ raw }) => ({ principal: raw.principal }) });

const server = createServer(async (request, response) => {
  request.principal = await readPrincipal(request.headers);
  if (request.principal === null) return response.writeHead(401).end();
  return handle(request, response);
});
server.listen(port, '127.0.0.1', () => console.log(`audits on graphql-http: http://127.0.0.1:${port}/graphql`));
