/**
 * Requests to go on in another protocol: to WebSocket they are given to its door, all others are answered as if they had not asked, as RFC 9110
 * (7.8) allows: some clients ask for HTTP/2 with their first request. Exports `listenForUpgrades`.
 */
import type { IncomingMessage, Server } from 'node:http';

export type UpgradeDoor = {
  /** Takes the connection over, whatever becomes of it. `head`: what the client sent after its request. */
  upgrade(message: IncomingMessage, head: Buffer): void;
  /** No more connections; what is being answered may end within the time, then all are closed. */
  stop(limitMs: number): Promise<void>;
};

export function listenForUpgrades(server: Server, door: UpgradeDoor): void {
  server.on('upgrade', (message: IncomingMessage, _socket, head: Buffer) => {
    if (message.headers.upgrade?.toLowerCase() === 'websocket') door.upgrade(message, head);
    else readAgain(server, message, head);
  });
}

const ofUpgrades = new Set(['upgrade', 'http2-settings']);

/** Node has stopped reading HTTP on the connection: it begins anew, with the same request but for the wish. */
function readAgain(server: Server, { method = '', url = '', httpVersion, rawHeaders, socket }: IncomingMessage, head: Buffer): void {
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = rawHeaders.slice(at, at + 2);
    if (ofUpgrades.has(name.toLowerCase())) continue;
    lines.push(`${name}: ${name.toLowerCase() === 'connection' ? withoutUpgrades(value) : value}`);
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]));
  server.emit('connection', socket);
}

function withoutUpgrades(value: string): string {
  const options = value.split(',').map((option) => option.trim());
  return options.filter((option) => !ofUpgrades.has(option.toLowerCase())).join(', ');
}
