// Processes as Linux shows them in /proc: who is whose child, what runs, who is gone.
import { readdirSync, readFileSync } from 'node:fs';

export type ProcessInfo = { readonly pid: number; readonly parent: number; readonly command: string };

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // it ended meanwhile
    return '';
  }
}

/** Every process that is alive; a zombie is not. */
export function listProcesses(): ProcessInfo[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const [, state, parent] = /\) (\S) (\d+)/.exec(read(`/proc/${name}/stat`)) ?? [];
      if (state === undefined || state === 'Z') return [];
      return [{ pid: Number(name), parent: Number(parent), command: read(`/proc/${name}/cmdline`).replaceAll('\0', ' ').trim() }];
    });
}

/** The process and all below it. */
export function listTree(root: number): ProcessInfo[] {
  const all = listProcesses();
  const inTree = new Set([root]);
  for (let size = 0; size !== inTree.size;) {
    size = inTree.size;
    for (const { pid, parent } of all) if (inTree.has(parent)) inTree.add(pid);
  }
  return all.filter(({ pid }) => inTree.has(pid));
}

export function isAlive(pid: number): boolean {
  const [, state] = /\) (\S)/.exec(read(`/proc/${pid}/stat`)) ?? [];
  return state !== undefined && state !== 'Z';
}

/** kill -9; one that is gone already is no fault. */
export function killNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // gone
  }
}

/** Resolves to the milliseconds until all are gone; throws when some are still there after the limit. */
export async function untilGone(pids: readonly number[], limitMs: number): Promise<number> {
  const began = performance.now();
  for (;;) {
    const left = pids.filter(isAlive);
    const waited = performance.now() - began;
    if (left.length === 0) return Math.round(waited);
    if (waited > limitMs)
      throw new Error(`still alive after ${limitMs} ms: ${left.map((pid) => `${pid} ${read(`/proc/${pid}/cmdline`)}`).join('; ')}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
