/** A server below HTTP for tests of the client: each request gets bytes as a test writes them. Exports `startRawServer`. */
import { createServer, type AddressInfo, type Socket } from 'node:net';

export type RawServer = {
  readonly url: string;
  /** Whole requests as text, in their order. */
  readonly requests: readonly string[];
  /** Connections that were ever opened. */
  connections(): number;
  /** Connections that are open now. */
  open(): number;
  stop(): Promise<void>;
};

/** Called for every whole request; `number` counts the requests of this connection from 1. */
export type Reply = (socket: Socket, request: string, number: number) => void;

export async function startRawServer(reply: Reply): Promise<RawServer> {
  const sockets = new Set<Socket>();
  const requests: string[] = [];
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    let text = '';
    let number = 0;
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1');
      const end = endOfRequest(text);
      if (end === -1) return;
      const request = text.slice(0, end);
      text = text.slice(end);
      requests.push(request);
      number += 1;
      reply(socket, request, number);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A listening TCP server has an address with a port
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/graphql`,
    requests,
    connections: () => connections,
    open: () => sockets.size,
    stop() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function endOfRequest(text: string): number {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd === -1) return -1;
  const end = headEnd + 4 + Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
  return text.length >= end ? end : -1;
}

export function toHttp(body: string | Buffer, { status = '200 OK', headers = [] as readonly string[] } = {}): Buffer {
  const bytes = Buffer.from(body);
  const head = [`HTTP/1.1 ${status}`, ...headers, `content-length: ${bytes.length}`, '', ''].join('\r\n');
  return Buffer.concat([Buffer.from(head), bytes]);
}
