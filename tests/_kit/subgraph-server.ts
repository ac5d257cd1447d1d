/**
 * A subgraph in a few lines for tests: a schema behind node:http, with switches for what a subgraph may do wrong. It validates every
 * document strictly and keeps what it was asked.
 */
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { execute, parse, validate } from 'graphql';
import type { ExecutionResult, GraphQLFieldResolver, GraphQLSchema } from 'graphql';

export type Fault =
  | 'none'
  /** Connections are cut as soon as they are made. */
  | 'down'
  /** No answer until the fault is changed. */
  | 'slow'
  /** Status 500 with a JSON error. */
  | '500'
  /** Status 200 with an HTML page. */
  | 'html'
  /** JSON that is no GraphQL answer. */
  | 'wrong shape';

export type SubgraphRequest = { readonly query: string; readonly variables: unknown; readonly headers: IncomingMessage['headers'] };

export type SubgraphServer = {
  readonly url: string;
  /** What was asked since the start, in order. */
  readonly requests: readonly SubgraphRequest[];
  /** Documents among them that are not valid here. */
  readonly invalid: readonly string[];
  setFault(fault: Fault): void;
  stop(): Promise<void>;
};

/** By type name: fields, `__resolveReference`, `__resolveType`. Rows are plain objects of the test. */
export type Resolvers = Record<string, Record<string, GraphQLFieldResolver<any, unknown> | ((reference: any) => unknown)>>;

export function buildSchema(typeDefs: string, resolvers: Resolvers): GraphQLSchema {
  return buildSubgraphSchema([{ typeDefs: parse(typeDefs), resolvers }]);
}

export async function startSubgraphServer(schema: GraphQLSchema, port = 0): Promise<SubgraphServer> {
  const requests: SubgraphRequest[] = [];
  const invalid: string[] = [];
  const sockets = new Set<Socket>();
  const waiting = new Set<() => void>();
  let fault: Fault = 'none';
  const server = createServer((request, response) => {
    void answer(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  });
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { query, variables } = JSON.parse(await readBody(request)) as { query: string; variables?: Record<string, unknown> }; // the gateway's body
    requests.push({ query, variables, headers: request.headers });
    if (fault === 'slow') await new Promise<void>((resolve) => waiting.add(resolve));
    const { status, type, body } = faulty(fault) ?? (await run(schema, query, variables));
    if (status === 400) invalid.push(query);
    response.writeHead(status, { 'content-type': type }).end(body);
  }
  server.on('connection', (socket) => {
    if (fault === 'down') socket.destroy();
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.address() as AddressInfo; // listening on TCP
  return {
    url: `http://127.0.0.1:${address.port}/graphql`,
    requests,
    invalid,
    setFault(next) {
      fault = next;
      if (next === 'down') for (const socket of sockets) socket.destroy();
      for (const go of waiting) go();
      waiting.clear();
    },
    async stop() {
      for (const go of waiting) go();
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

type Answer = { readonly status: number; readonly type: string; readonly body: string };

function faulty(fault: Fault): Answer | null {
  switch (fault) {
    case '500':
      return { status: 500, type: 'application/json', body: '{"error": "out of order"}' };
    case 'html':
      return { status: 200, type: 'text/html', body: '<!doctype html><title>Sign in</title>' };
    case 'wrong shape':
      return { status: 200, type: 'application/json', body: '{"data": [1, "two"], "errors": "none"}' };
    default:
      return null;
  }
}

async function run(schema: GraphQLSchema, query: string, variables: Record<string, unknown> | undefined): Promise<Answer> {
  const document = parse(query);
  const errors = validate(schema, document);
  const result: ExecutionResult =
    errors.length > 0 ? { errors } : await execute({ schema, document, ...(variables === undefined ? {} : { variableValues: variables }) });
  return { status: errors.length > 0 ? 400 : 200, type: 'application/json', body: JSON.stringify(result) };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array)); // a request's chunks are bytes
  return Buffer.concat(chunks).toString('utf8');
}
