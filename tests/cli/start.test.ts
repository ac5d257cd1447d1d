/** How the hub finds its port and says so, and that a program ends with the npm that started it. */
import { spawn } from 'node:child_process';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { findGatewayPort } from '../../cli/hub/ports.ts';
import { toWelcome } from '../../cli/hub/screen.ts';
import { fromRoot } from '../../lib/paths.ts';
import { isAlive, listTree, untilGone } from '../../scripts/chaos/processes.ts';

const host = '127.0.0.1';

async function take(port: number): Promise<{ server: Server; port: number }> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  const address = server.address();
  return { server, port: typeof address === 'object' && address !== null ? address.port : 0 };
}

describe('the port of the hub', () => {
  it('is the next free one when the usual one is taken', async () => {
    const { server, port } = await take(0);
    const found = await findGatewayPort(undefined, port, host);
    expect(found).toBeGreaterThan(port);
    expect(found).toBeLessThanOrEqual(port + 50);
    server.close();
  });

  it('is said aloud when it is not the usual one, unless it was asked for', () => {
    const url = 'http://localhost:4001';
    const moved = toWelcome({ url, production: false, askedPort: undefined, usualPort: 4000 });
    expect(moved).toContain('GraphQL: http://localhost:4001/graphql\n(port 4000 is taken, so the hub listens on 4001)\n');
    expect(toWelcome({ url, production: false, askedPort: 4001, usualPort: 4000 })).not.toContain('taken');
    expect(toWelcome({ url: 'http://localhost:4000', production: false, askedPort: undefined, usualPort: 4000 })).not.toContain('taken');
  });

  it('that was asked for is never swapped', async () => {
    const { server, port } = await take(0);
    await expect(findGatewayPort(port, 4000, host)).rejects.toMatchObject({ code: 'PORT_TAKEN' });
    server.close();
  });
});

it('a program that npm started ends when the shell between them is ended, as SIGTERM to npm does', async () => {
  const { PATH = '', HOME = '/' } = process.env;
  const env = {
    PATH,
    HOME,
    PORT: '0',
    npm_lifecycle_event: 'gateway',
    SUPERGRAPH_FILE: fromRoot('schema', 'supergraph.graphql'),
    HUB_AUTH: 'none',
  };
  // the second command keeps the shell from becoming the first one
  const shell = spawn('/bin/sh', ['-c', `"$0" "$1" gateway/main; true`, process.execPath, join(fromRoot(), 'scripts', 'run.mjs')], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise<void>((resolve) =>
    shell.stdout.setEncoding('utf8').on('data', (text: string) => text.includes('GraphQL: ') && resolve()),
  );
  const below = listTree(shell.pid ?? 0).flatMap(({ pid }) => (pid === shell.pid ? [] : [pid]));
  expect(below.length).toBeGreaterThan(0);
  expect(below.every(isAlive)).toBe(true);
  shell.kill('SIGTERM');
  expect(await untilGone(below, 10_000)).toBeLessThan(10_000);
}, 60_000);
