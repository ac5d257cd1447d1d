/** A port of this machine that nobody listens on. Another program may take it before you do: whoever listens there still handles that. */
import { createServer } from 'node:net';

/** `host`: the address that will be listened on. Rejects with the system's error when no port can be had there. */
export function findFreePort(host = '127.0.0.1'): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, host, () => {
      const address = server.address();
      // of a server that listens on a host, the address is an object
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
