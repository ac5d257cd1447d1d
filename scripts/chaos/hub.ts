// A hub in a folder of its own, started the way people start it, whose processes can be found and killed.
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readState } from '../../cli/hub/data-folder.ts';
import { toDataFolder, type DataFolder } from '../../cli/hub/layout.ts';
import { findFreePort } from '../../lib/free-port.ts';
import { withVariables } from '../../lib/config/index.ts';
import { fromRoot } from '../../lib/paths.ts';
import { isAlive, listProcesses, listTree } from './processes.ts';

export const partNames = ['PostgreSQL', 'gateway', 'upstream', 'midstream', 'downstream', 'routing', 'supervisor'] as const;
export type PartName = (typeof partNames)[number];

export type ChaosHub = {
  readonly url: string;
  readonly data: DataFolder;
  /** Starts it; resolves when it is up, to the milliseconds that took. */
  readonly start: () => Promise<number>;
  /** Tells it to stop, as Ctrl-C does; resolves to the milliseconds until every process is gone. */
  readonly stop: () => Promise<number>;
  readonly pidOf: (part: PartName) => number;
  /** Every process of the hub, PostgreSQL and its backends too. */
  readonly pids: () => readonly number[];
  readonly databaseUrl: (role: string) => Promise<string>;
};

const START_LIMIT_MS = 120_000;

export async function openChaosHub(folder: string): Promise<ChaosHub> {
  const data = toDataFolder(folder);
  const port = await findFreePort();
  const url = `http://localhost:${port}`;
  let hub: ChildProcess | undefined;
  let words = '';

  const isReady = async (): Promise<boolean> =>
    fetch(`${url}/ready`).then(
      ({ status }) => status === 200,
      () => false,
    );

  const start = async (): Promise<number> => {
    const began = performance.now();
    const child = spawn(process.execPath, [fromRoot('scripts', 'run.mjs'), 'cli/start', '--no-demo'], {
      env: withVariables({ HUB_DATA: folder, PORT: String(port) }),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    hub = child;
    words = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (words = (words + text).slice(-4_000)));
    while (!words.includes('Stop with Ctrl-C') || !(await isReady())) {
      if (child.exitCode !== null || performance.now() - began > START_LIMIT_MS) throw new Error(`the hub did not start: ${words}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return Math.round(performance.now() - began);
  };

  const supervisorPid = (): number => {
    if (hub?.pid === undefined) throw new Error('the hub was not started');
    return hub.pid;
  };
  const pidOf = (part: PartName): number => {
    if (part === 'supervisor') return supervisorPid();
    if (part === 'PostgreSQL') return readPostmaster(data);
    const file = part === 'gateway' ? join('gateway', 'main.js') : join('subgraphs', part, 'main.js');
    const found = listTree(supervisorPid()).find(({ command }) => command.includes(file));
    if (found === undefined) throw new Error(`${part} does not run`);
    return found.pid;
  };
  const pids = (): number[] => [...new Set([...listTree(supervisorPid()), ...listTree(readPostmaster(data))].map(({ pid }) => pid))];

  return {
    url,
    data,
    start,
    stop: async () => {
      const [all, began] = [pids(), performance.now()];
      hub?.kill('SIGINT');
      while (all.some(isAlive) && performance.now() - began < 15_000) await new Promise((resolve) => setTimeout(resolve, 50));
      const left = listProcesses().filter(({ pid }) => all.includes(pid));
      if (left.length > 0) throw new Error(`left behind: ${left.map(({ pid, command }) => `${pid} ${command}`).join('; ')}`);
      return Math.round(performance.now() - began);
    },
    pidOf,
    pids,
    databaseUrl: async (role) => {
      const state = await readState(data);
      if (state === null) throw new Error('the hub does not run');
      const databaseUrl = new URL(state.databaseUrl);
      databaseUrl.username = role;
      databaseUrl.password = encodeURIComponent(readFileSync(data.passwordFile(role), 'utf8').trim());
      return databaseUrl.href;
    },
  };
}

function readPostmaster(data: DataFolder): number {
  const homes = [join(data.postgres, 'home'), data.postgres];
  const file = homes.map((home) => join(home, 'cluster', 'postmaster.pid')).find(existsSync);
  if (file === undefined) throw new Error('PostgreSQL does not run');
  return Number(readFileSync(file, 'utf8').split('\n')[0]);
}
