/** The last supergraph that could be served, kept on disk for a start without a good one. Exports `createLastGood`. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { toMessage } from '../../../lib/errors/errors.ts';
import type { Log } from '../../../lib/log/log.ts';

export type LastGood = {
  read(): Promise<string | undefined>;
  /** Writes beside and renames; writes follow each other. What cannot be written is said in the log. */
  keep(sdl: string): void;
  /** Resolves when all is written. */
  settled(): Promise<void>;
};

export function createLastGood(file: string, log: Log): LastGood {
  let writing = Promise.resolve();
  async function write(sdl: string): Promise<void> {
    const beside = `${file}.${process.pid}`;
    await mkdir(dirname(file), { recursive: true });
    await writeFile(beside, sdl);
    await rename(beside, file);
  }
  return {
    read: () => readFile(file, 'utf8').catch(() => undefined),
    keep(sdl) {
      writing = writing
        .then(() => write(sdl))
        .catch((error: unknown) => log.warn({ reason: toMessage(error), file }, 'last good supergraph not kept'));
    },
    settled: () => writing,
  };
}
