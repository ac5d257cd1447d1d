// Memory of the whole hub: this process, its children and the database server, as the kernel counts it.
import { readdir, readFile } from 'node:fs/promises';
import type { OpenHub } from './open-hub.ts';

const MIB = 1024 * 1024;

async function readNumber(file: string, name: string): Promise<number> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) * 1024;
}

// Proportional size where the kernel tells it (shared pages are counted once), else resident size.
const sizeOf = async (pid: number): Promise<number> =>
  (await readNumber(`/proc/${pid}/smaps_rollup`, 'Pss')) || (await readNumber(`/proc/${pid}/status`, 'VmRSS'));

async function parentOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? 0);
}

/** Bytes of a process and all below it; 0 where the system does not tell. */
export async function measureTree(root: number): Promise<number> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name)).map(Number);
  const parents = new Map<number, number>();
  await Promise.all(pids.map(async (pid) => parents.set(pid, await parentOf(pid))));
  const isBelow = (pid: number): boolean => {
    for (let at = pid; at > 1; at = parents.get(at) ?? 0) if (at === root) return true;
    return false;
  };
  const sizes = await Promise.all(pids.filter(isBelow).map(sizeOf));
  return sizes.reduce((a, b) => a + b, 0);
}

/** Says how much memory the hub takes at rest. */
export async function printMemory({ screen }: OpenHub): Promise<void> {
  const bytes = await measureTree(process.pid);
  if (bytes > 0) screen.say('memory', `${Math.round(bytes / MIB)} MB in all processes of the hub`);
}
