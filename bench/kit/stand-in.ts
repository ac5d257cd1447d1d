/**
 * All subgraphs of the bench in one process: a bare socket server that keeps its answers per (path, body), so that it costs next to
 * nothing. A nonce in a body does not count. `node stand-in.ts [delayMs]` prints its port. GET /count: requests answered so far.
 */
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { graphql, parse, validate } from 'graphql';
import type { GraphQLSchema } from 'graphql';
import { createSubgraphSchema, SDL, SUBGRAPHS } from './graph.ts';
import { toResponse } from './http.ts';

const delayMs = Number(process.argv[2] ?? 0);
const schemas = new Map<string, GraphQLSchema>(SUBGRAPHS.map((name) => [`/${name}`, createSubgraphSchema(name)]));
const answers = new Map<string, Buffer>();
let count = 0;

const server = createServer((socket) => {
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  let text = '';
  let answering = Promise.resolve();
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1', 0, chunk.length);
    for (let message = readMessage(text); message !== null; message = readMessage(text)) {
      text = text.slice(message.end);
      const { path, body } = message;
      if (path !== '/count') count += 1;
      const known = answers.get(keyOf(path, body));
      // Answers in the order of the requests; at once where nothing is waited for.
      if (known !== undefined && delayMs === 0) write(socket, known);
      else answering = answering.then(async () => write(socket, await answer(path, body)));
    }
  });
});

function write(socket: Socket, bytes: Buffer): void {
  if (delayMs === 0) socket.write(bytes);
  else setTimeout(() => socket.write(bytes), delayMs);
}

type Message = { readonly path: string; readonly body: string; readonly end: number };

/** Content-Length or chunked; null while it is not whole. */
function readMessage(text: string): Message | null {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd === -1) return null;
  const head = text.slice(0, headEnd);
  const path = head.slice(head.indexOf(' ') + 1, head.indexOf(' ', head.indexOf(' ') + 1));
  const start = headEnd + 4;
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length !== undefined) {
    const end = start + Number(length);
    return text.length < end ? null : { path, body: text.slice(start, end), end };
  }
  if (!/\r\ntransfer-encoding: *chunked/i.test(head)) return { path, body: '', end: start };
  let body = '';
  for (let at = start; ;) {
    const lineEnd = text.indexOf('\r\n', at);
    if (lineEnd === -1) return null;
    const size = Number.parseInt(text.slice(at, lineEnd), 16);
    const next = lineEnd + 2 + size + 2;
    if (text.length < next) return null;
    if (size === 0) return { path, body, end: next };
    body += text.slice(lineEnd + 2, lineEnd + 2 + size);
    at = next;
  }
}

/** Nonces are all of one length and stand once or not at all: the rest of the body is the key. */
function keyOf(path: string, body: string): string {
  const at = body.lastIndexOf('nonce-');
  if (at === -1) return `${path} ${body}`;
  return body.indexOf('nonce-') === at
    ? `${path} ${body.slice(0, at)} ${body.slice(at + 18)}`
    : `${path} ${body.replace(/nonce-\d{12}/g, '')}`;
}

async function answer(path: string, body: string): Promise<Buffer> {
  if (path === '/count') return toResponse(JSON.stringify({ count }));
  const key = keyOf(path, body);
  let bytes = answers.get(key);
  if (bytes === undefined) answers.set(key, (bytes = toResponse(await compute(path, body))));
  return bytes;
}

async function compute(path: string, body: string): Promise<string> {
  const schema = schemas.get(path);
  if (schema === undefined) return JSON.stringify({ errors: [{ message: `no subgraph at ${path}` }] });
  const { query, variables } = JSON.parse(Buffer.from(body, 'latin1').toString()) as { query: string; variables?: Record<string, unknown> }; // a gateway's request
  // As it was written: the library adds definitions that some peers refuse.
  if (query.includes('_service'))
    return JSON.stringify({ data: { _service: { sdl: SDL[SUBGRAPHS.find((name) => path === `/${name}`) ?? 'accounts'] } } });
  const problems = validate(schema, parse(query));
  if (problems.length > 0) return JSON.stringify({ errors: problems });
  return JSON.stringify(await graphql({ schema, source: query, variableValues: variables ?? {} }));
}

server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  console.log(typeof address === 'object' && address !== null ? address.port : '');
});
