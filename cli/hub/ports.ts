// Ports: the usual one when it is free, else another; one that was asked for by name is never swapped.
import { createServer } from 'node:net';
import { createError } from '../../lib/errors/errors.ts';
import { findFreePort } from '../../lib/free-port.ts';

const isFree = (port: number, host: string): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });

/** The usual port, or any other when it is taken. */
export const findPort = async (usual: number, host: string): Promise<number> => ((await isFree(usual, host)) ? usual : findFreePort(host));

const MOST_STEPS = 50;

/** The gateway's port: the wanted one or PORT_TAKEN; without a wish the usual one or the next free one after it. */
export async function findGatewayPort(wanted: number | undefined, usual: number, host: string): Promise<number> {
  if (wanted === 0) return findFreePort(host);
  if (wanted !== undefined) {
    if (await isFree(wanted, host)) return wanted;
    throw createError('PORT_TAKEN', `port ${wanted} is taken; stop what listens there, or set PORT to a free one`);
  }
  for (let port = usual; port < usual + MOST_STEPS; port += 1) if (await isFree(port, host)) return port;
  return findFreePort(host);
}
