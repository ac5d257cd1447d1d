// The subgraph on plain Node and graphql-http. What a subgraph answers besides its own fields, `_service` and `_entities`, is written out
// here: any GraphQL server in any language can do it.
import { createServer } from 'node:http';
import { buildSchema, defaultFieldResolver, execute } from 'graphql';
import { createHandler } from 'graphql-http/lib/use/http';
import { resolvers, sdl } from './audits.mjs';
import { port, readPrincipal } from './door.mjs';

const federation = `
  scalar _Any
  union _Entity = Maker | Audit
  type _Service { sdl: String! }
  extend type Query {
    _service: _Service!
    _entities(representations: [_Any!]!): [_Entity]!
  }
`;
// The federation directives (@link, @key) are for the composer alone, so their definitions are not asked for
const schema = buildSchema(sdl + federation, { assumeValidSDL: true });

const toEntity = ({ __typename, ...key }) => {
  const found = resolvers[__typename].__resolveReference(key);
  return found === null ? null : { __typename, ...found };
};
const rootValue = { _service: { sdl }, _entities: ({ representations }) => representations.map(toEntity) };

const fieldResolver = (parent, args, context, info) =>
  (resolvers[info.parentType.name]?.[info.fieldName] ?? defaultFieldResolver)(parent, args, context, info);

const handle = createHandler({
  schema,
  rootValue,
  context: ({ raw }) => ({ principal: raw.principal }),
  execute: (args) => execute({ ...args, fieldResolver }),
});

async function answer(request, response) {
  request.principal = await readPrincipal(request.headers);
  if (request.principal === null) response.writeHead(401).end();
  else await handle(request, response);
}
const server = createServer((request, response) => void answer(request, response));
server.listen(port, '127.0.0.1', () => console.log(`audits on graphql-http: http://127.0.0.1:${port}/graphql`));
