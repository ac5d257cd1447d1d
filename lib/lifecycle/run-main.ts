/**
 * The life of a process: build the service, start it, and stop it on SIGTERM, SIGINT or when the parent is gone. A second
 * Ctrl-C ends it at once. Exit code: 0 after a clean stop, 1 when it did not start or did not stop in time.
 */
import { isHubError, toMessage } from '../errors/errors.ts';
import type { Service } from './service.ts';

export type MainOptions = {
  /** For the whole stop, after which the process ends by force. */
  readonly stopLimitMs?: number;
  /** Where one line goes when the service does not start. */
  readonly onFailure?: (line: string) => void;
  /** Called when stopping begins, with its reason in words. */
  readonly onStopping?: (reason: string) => void;
};

const parentCheckMs = 1_000;
const defaultStopLimitMs = 10_000;

export async function runMain(build: () => Promise<Service> | Service, options: MainOptions = {}): Promise<void> {
  const {
    stopLimitMs = defaultStopLimitMs,
    onStopping = () => undefined,
    onFailure = (line) => process.stderr.write(`${line}\n`),
  } = options;
  let service: Service | undefined;
  let stopping = false;

  const stop = (reason: string) => {
    if (stopping) {
      // Ctrl-C reaches children by the terminal and again by their parent: only whoever sits at the terminal may be impatient
      if (reason === 'SIGINT' && !process.channel) process.exit(1);
      return;
    }
    stopping = true;
    onStopping(reason);
    setTimeout(() => process.exit(1), stopLimitMs).unref();
    void Promise.resolve(service?.stop()).then(() => process.exit(0));
  };
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));
  onParentGone(() => stop('the parent process is gone'));

  try {
    service = await build();
    await service.start();
  } catch (error) {
    if (stopping) return;
    stopping = true;
    onFailure(toFailureLine(error));
    await Promise.race([Promise.resolve(service?.stop()), new Promise((resolve) => setTimeout(resolve, stopLimitMs).unref())]);
    process.exit(1);
  }
}

/** One line: the code and what to do; never a stack. */
export function toFailureLine(error: unknown): string {
  const text = toMessage(error).replace(/\s*\n\s*/g, ' ');
  return isHubError(error) ? `${error.code}: ${text}` : text;
}

/**
 * Calls back once when the parent is gone: its IPC channel closes, or the process gets another parent. Only for children: a process
 * that was started by hand has no such channel and may outlive its shell.
 */
function onParentGone(callback: () => void): void {
  if (!process.channel) return;
  const parentPid = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid !== parentPid) callback();
  }, parentCheckMs);
  timer.unref();
  process.once('disconnect', callback);
  process.channel.unref();
}
