// A child process that is kept running: started, watched until it answers, started again with back-off when it dies, ended at the end.
import { fork, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { request } from 'undici';
import { createError } from '../../lib/errors/errors.ts';
import type { Part } from '../../lib/lifecycle/index.ts';

const BACK_OFF_MS = [200, 500, 1_000, 2_000, 5_000];
const STEADY_MS = 30_000;
const LOOK_MS = 50;
const END_LIMIT_MS = 6_000;

export type ChildOptions = {
  readonly name: string;
  /** JavaScript file to run. */
  readonly file: string;
  readonly args?: readonly string[];
  readonly env: Record<string, string>;
  readonly nodeFlags?: readonly string[];
  /** Answers 200 once the child can be used. */
  readonly readyUrl: string;
  /** Every line the child prints. */
  readonly onLine: (line: string) => void;
  /** What happens to it, in words. */
  readonly say: (words: string) => void;
  /** False: a child that does not come up is tried again in the background instead of ending the start. */
  readonly required: boolean;
  /** How long start() waits, by default without end. */
  readonly patienceMs?: number;
};

export type Child = Part & {
  /** Has it answered yet? */
  readonly hasBeenUp: () => boolean;
  /** Ends it and starts it again; resolves to whether it came up. */
  readonly restart: () => Promise<boolean>;
};

// Not the stack that Node prints below an error, nor its version at the end.
const isTelling = (line: string): boolean => !/^\s*$|^\s+at |^Node\.js v/.test(line);

export function createChild(options: ChildOptions): Child {
  let process_: ChildProcess | undefined;
  let [deaths, startedAt] = [0, 0];
  let lastLine = '';
  let retry: NodeJS.Timeout | undefined;
  let [stopping, restarting] = [false, false];
  // Until then a child that is required is not started again: its start has failed.
  let hasBeenUp = false;

  const spawn = (): void => {
    startedAt = performance.now();
    const child = launch(options, (line) => {
      if (isTelling(line)) lastLine = line;
    });
    process_ = child;
    child.once('exit', (code, signal) => onExit(child, signal ?? `code ${code ?? '?'}`));
  };

  const onExit = (child: ChildProcess, how: string): void => {
    if (process_ === child) process_ = undefined;
    if (stopping || restarting || (options.required && !hasBeenUp)) return;
    deaths = performance.now() - startedAt > STEADY_MS ? 1 : deaths + 1;
    const waitMs = BACK_OFF_MS[Math.min(deaths, BACK_OFF_MS.length) - 1] ?? 5_000;
    options.say(`ended (${how}); it starts again in ${waitMs / 1_000} s`);
    retry = setTimeout(() => {
      spawn();
      void waitUntilReady().then((ready) => ready && options.say('is back'));
    }, waitMs);
  };

  const waitUntilReady = async (signal?: AbortSignal): Promise<boolean> => {
    const child = process_;
    while (child !== undefined && process_ === child && !stopping && signal?.aborted !== true) {
      const isUp = listening.has(child) && (await answers(options.readyUrl));
      hasBeenUp ||= isUp;
      if (isUp) return true;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    return false;
  };

  const end = async (): Promise<void> => {
    clearTimeout(retry);
    if (process_ !== undefined && process_.exitCode === null) await terminate(process_);
  };

  return {
    name: options.name,
    startLimitMs: 60_000,
    stopLimitMs: 8_000,
    hasBeenUp: () => hasBeenUp,
    start: async (signal) => {
      spawn();
      const patience = options.patienceMs === undefined ? [] : [AbortSignal.timeout(options.patienceMs)];
      if (await waitUntilReady(AbortSignal.any([signal, ...patience]))) return;
      if (!options.required) return options.say(`did not come up (${lastLine}); the hub goes on without it and keeps trying`);
      throw createError('START_FAILED', `${options.name} did not come up: ${lastLine}`);
    },
    stop: async () => {
      stopping = true;
      await end();
    },
    restart: async () => {
      restarting = true;
      await end();
      restarting = false;
      spawn();
      return waitUntilReady();
    },
  };
}

// Those that said so themselves: what answers on the port of another may be a stranger.
const listening = new WeakSet<ChildProcess>();

/** Starts the process; every line it prints goes to the options' onLine and to the watcher's. */
function launch(options: ChildOptions, onLine: (line: string) => void): ChildProcess {
  const child = fork(options.file, options.args ?? [], {
    env: options.env,
    execArgv: [...(options.nodeFlags ?? [])],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  child.once('message', () => listening.add(child));
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on('line', (line) => {
      onLine(line);
      options.onLine(line);
    });
  }
  return child;
}

async function answers(readyUrl: string): Promise<boolean> {
  try {
    const answer = await request(readyUrl, { headersTimeout: 2_000, bodyTimeout: 2_000 });
    await answer.body.dump();
    return answer.statusCode === 200;
  } catch {
    return false;
  }
}

/** Asks it to end, and ends it by force when it does not. */
async function terminate(child: ChildProcess): Promise<void> {
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), END_LIMIT_MS);
  await ended;
  clearTimeout(force);
}
