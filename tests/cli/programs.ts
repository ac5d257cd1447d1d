/** The project's programs as processes, as npm runs them: run to the end, or kept running until the test stops them. */
import { spawn, type ChildProcess } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromRoot } from '../../lib/paths.ts';
import { deleteEmbedded } from '../../lib/postgres/index.ts';

export type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string };
export type Running = {
  readonly pid: number;
  /** All that it has printed. */
  readonly words: () => string;
  /** Resolves when it has printed the text after the given place; rejects when it ends before. */
  readonly untilPrinted: (text: string | RegExp, from?: number) => Promise<void>;
  /** Ctrl-C; resolves to the exit code. */
  readonly stop: () => Promise<number | null>;
};
type Options = { readonly env?: Record<string, string>; readonly root?: string; readonly nodeFlags?: readonly string[] };

/** The environment of a person at a terminal: nothing of the hub, of jest or of npm. */
function cleanEnvironment(more: Record<string, string> = {}): Record<string, string> {
  const { PATH = '', HOME = '/' } = process.env;
  return { PATH, HOME, ...more };
}

function launch(program: string, args: readonly string[], { env, root = fromRoot(), nodeFlags = [] }: Options): ChildProcess {
  return spawn(process.execPath, [...nodeFlags, join(root, 'scripts', 'run.mjs'), program, ...args], {
    cwd: root,
    env: cleanEnvironment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

export function runProgram(program: string, args: readonly string[] = [], options: Options = {}): Promise<Ended> {
  const child = launch(program, args, options);
  let [stdout, stderr] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

export function startProgram(program: string, args: readonly string[] = [], options: Options = {}): Running {
  const child = launch(program, args, options);
  let words = '';
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => (words += text));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const has = (text: string | RegExp, from: number): boolean =>
    typeof text === 'string' ? words.includes(text, from) : text.test(words.slice(from));
  return {
    pid: child.pid ?? 0,
    words: () => words,
    untilPrinted: async (text, from = 0) => {
      while (!has(text, from)) {
        if (child.exitCode !== null) throw new Error(`it ended before it printed ${String(text)}:\n${words}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    stop: () => {
      child.kill('SIGINT');
      return ended;
    },
  };
}

/** A folder that the user of the database can enter too. */
export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'hub cli '));
  await chmod(folder, 0o711);
  return folder;
}

export async function deleteFolder(folder: string): Promise<void> {
  await deleteEmbedded(join(folder, 'data', 'postgres'));
  await rm(folder, { recursive: true, force: true });
}
