/**
 * Watches a file by looking at it: works the same for files that are rewritten, truncated, replaced by renaming, on any file system.
 * A change is read once the file has rested, so that a text half written is not taken; a file that never rests is read all the same.
 * Exports `watchFile`.
 */
import { readFile, stat } from 'node:fs/promises';
import { toMessage } from '../../../lib/errors/errors.ts';

export type WatchOptions = {
  readonly file: string;
  readonly onText: (text: string) => void;
  readonly onProblem: (message: string) => void;
  /** Between two looks. */
  readonly pollMs?: number;
  /** Larger files are not read. */
  readonly maxBytes?: number;
};

export type Watch = { stop(): Promise<void> };

const defaultPollMs = 100;
const defaultMaxBytes = 52_428_800;
/** After so many looks at a file that changes all the time, or stays empty, it is read as it is. */
const maxRestlessLooks = 10;

export function watchFile({ file, onText, onProblem, pollMs = defaultPollMs, maxBytes = defaultMaxBytes }: WatchOptions): Watch {
  let stopped = false;
  let seen = '';
  let taken = '';
  let restlessLooks = 0;

  async function look(): Promise<void> {
    const { mark, size } = await readMark(file);
    // Empty is a file that somebody has opened to write it
    const rests = mark === seen && (size > 0 || mark === missing);
    seen = mark;
    if (mark === taken) return;
    restlessLooks = rests ? 0 : restlessLooks + 1;
    if (!rests && restlessLooks < maxRestlessLooks) return;
    const text = size > maxBytes || mark === missing ? '' : await readFile(file, 'utf8');
    // Written to while it was read: the next look decides
    if ((await readMark(file)).mark !== mark) return;
    restlessLooks = 0;
    taken = mark;
    if (mark === missing) onProblem(`${file} is not there.`);
    else if (size > maxBytes) onProblem(`${file} is larger than ${maxBytes} bytes.`);
    else onText(text);
  }

  let wake: () => void = () => undefined;
  const running = (async () => {
    while (!stopped) {
      await look().catch((error: unknown) => onProblem(`${file} cannot be read: ${toMessage(error)}`));
      await pause(pollMs);
    }
  })();

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  return {
    async stop() {
      stopped = true;
      wake();
      await running;
    },
  };
}

const missing = 'missing';

/** Changes whenever the content may have. */
async function readMark(file: string): Promise<{ mark: string; size: number }> {
  try {
    const { mtimeNs, ino, size } = await stat(file, { bigint: true });
    return { mark: `${ino}:${mtimeNs}:${size}`, size: Number(size) };
  } catch {
    return { mark: missing, size: 0 };
  }
}
