/** Runs a command of a page, `NAME=value … program arguments`, on any system: the words before the program become its environment. */
import { spawn, type ChildProcess } from 'node:child_process';
import { fromRoot } from '../../lib/paths.ts';

export type Started = { readonly child: ChildProcess; readonly output: () => string };

const startLimitMs = 150_000;
const stopLimitMs = 15_000;
const onWindows = process.platform === 'win32';

/** `variables` go before those of the command. */
function open(command: string, variables: NodeJS.ProcessEnv): Started {
  const words = command.split(/\s+/);
  const first = words.findIndex((word) => !/^[A-Z_]+=/.test(word));
  const [program = '', ...args] = words.slice(first);
  const own = words.slice(0, first).map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]);
  // A database or a mode that someone set for the tests is not one for a hub
  const { DATABASE_URL: _given, NODE_ENV: _mode, NODE_OPTIONS: _options, ...rest } = process.env;
  const child = spawn(program, args, {
    cwd: fromRoot(),
    env: { ...rest, ...Object.fromEntries(own), ...variables },
    // a group of its own, so that npm and what it started are stopped together
    detached: !onWindows,
    shell: onWindows,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += String(chunk)));
  return { child, output: () => output };
}

/** Resolves when the command has ended. */
export async function runCommand(command: string, variables: NodeJS.ProcessEnv): Promise<{ code: number | null; output: string }> {
  const { child, output } = open(command, variables);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, output: output() };
}

/** Starts a command that goes on; resolves when it has printed `ready`. */
export async function startCommand(command: string, variables: NodeJS.ProcessEnv, ready: RegExp): Promise<Started> {
  const started = open(command, variables);
  const { child, output } = started;
  await new Promise<void>((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`${command} ${why}: ${output()}`));
    const late = setTimeout(() => fail('is not ready'), startLimitMs);
    const look = (): void => {
      if (!ready.test(output())) return;
      clearTimeout(late);
      resolve();
    };
    child.stdout?.on('data', look);
    child.stderr?.on('data', look);
    child.once('exit', (code) => {
      clearTimeout(late);
      fail(`ended with ${code}`);
    });
  });
  return started;
}

/** Resolves when the command is gone with all that it started: its shell may end before the programs it runs. */
export async function stopCommand({ child }: Started): Promise<void> {
  const { pid } = child;
  if (pid === undefined) return;
  const group = onWindows ? pid : -pid;
  if (!sendTo(group, 'SIGTERM')) return;
  const lateMs = performance.now() + stopLimitMs;
  while (sendTo(group, performance.now() > lateMs ? 'SIGKILL' : 0)) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** False when there is nobody left. Signal 0 only asks. */
function sendTo(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(group, signal);
  } catch {
    return false;
  }
}
