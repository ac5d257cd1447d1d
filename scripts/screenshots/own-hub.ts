// A hub of its own for a script: `npm start` in a temporary data folder on a free port, ended and cleaned up afterwards.
import { execFile, spawn } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findFreePort } from '../../lib/free-port.ts';
import { fromRoot } from '../../lib/paths.ts';
import { withVariables } from '../../lib/config/index.ts';

const START_MS = 180_000;

export type OwnHub = {
  readonly url: string;
  /** A token of the first member of a kind, as `npm run token` prints it. */
  readonly printToken: (as: string) => Promise<string>;
  readonly stop: () => Promise<void>;
};

/** Resolves when the demo industry is loaded. */
export async function startOwnHub(): Promise<OwnHub> {
  const data = await mkdtemp(join(tmpdir(), 'hub-pictures-'));
  // the database server runs as a user of its own, who must be able to pass through
  await chmod(data, 0o711);
  const port = await findFreePort();
  const env = withVariables({ HUB_DATA: data, PORT: String(port), NODE_ENV: 'development' });
  const child = spawn(process.execPath, [fromRoot('scripts', 'run.mjs'), 'cli/start'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
    await rm(data, { recursive: true, force: true });
  };
  const printToken = async (as: string): Promise<string> => {
    const { stdout } = await promisify(execFile)(process.execPath, [fromRoot('scripts', 'run.mjs'), 'cli/token', '--as', as], { env });
    return stdout.trim();
  };
  let text = '';
  const ready = new Promise<void>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      if (text.includes('GraphQL: http')) resolve();
    });
  });
  const limit = new Promise<'late'>((resolve) => {
    setTimeout(() => resolve('late'), START_MS).unref();
  });
  const first = await Promise.race([ready, ended.then(() => 'ended' as const), limit]);
  if (first === undefined) return { url: `http://localhost:${port}`, printToken, stop };
  await stop();
  throw new Error(`the hub did not start (${first}):\n${text}`);
}
