/** Processes of the bench on their processor: started with `taskset`, watched through /proc, ended by id. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';

export type Started = { readonly child: ChildProcess; readonly pid: number; output(): string };

/** `cpu`: one processor, or a list of them as `taskset -c` takes it. */
export type StartOptions = { readonly cpu: number | string; readonly cwd: string; readonly env?: Readonly<Record<string, string>> };

const keptOutput = 4_000;

export function start(args: readonly string[], { cpu, cwd, env = {} }: StartOptions): Started {
  const child = spawn('taskset', ['-c', String(cpu), ...args], { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  const keep = (chunk: Buffer): void => void (text = (text + chunk.toString()).slice(-keptOutput));
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  if (child.pid === undefined) throw new Error(`${args.join(' ')} cannot be started: is the program taskset (package util-linux) there?`);
  return { child, pid: child.pid, output: () => text };
}

export async function stop({ child }: Started): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await ended;
  clearTimeout(timer);
}

/** Resolves with the first line of the standard output that `read` makes something of. */
export async function waitFor<T>(ask: () => Promise<T | null>, what: string, limitMs = 60_000): Promise<T> {
  const endsAt = performance.now() + limitMs;
  while (performance.now() < endsAt) {
    const found = await ask().catch(() => null);
    if (found !== null) return found;
    await rest(100);
  }
  throw new Error(`${what} is not there after ${limitMs} ms`);
}

export const rest = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Resident memory of the process and its descendants, MB. */
export function memoryOf(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter((text) => text !== '');
  const own = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
  return children.reduce((sum, child) => sum + memoryOf(Number(child)), Number(own) / 1_024);
}

/** Linux counts in hundredths of a second, whatever its clock does. */
const tickMicroseconds = 10_000;

/** CPU time of one process so far, user and system, all its threads. */
export function cpuMicrosecondsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * tickMicroseconds;
}

/** Ticks of one processor so far. */
export function cpuTicks(cpu: number): { readonly busy: number; readonly all: number } {
  const line =
    readFileSync('/proc/stat', 'utf8')
      .split('\n')
      .find((text) => text.startsWith(`cpu${cpu} `)) ?? '';
  const ticks = line.split(/\s+/).slice(1).map(Number);
  const all = ticks.slice(0, 8).reduce((sum, one) => sum + one, 0);
  const [, , , idle = 0, wait = 0] = ticks;
  return { busy: all - idle - wait, all };
}
