// The reject file: every row that was not taken, with its line, column, value and reason. It is written anew by every import of the file
// and takes the place of the one before at the end, so that it is always whole; without bad rows there is none.
import { createWriteStream, type WriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { once } from 'node:events';
import { basename, join } from 'node:path';
import { finished } from 'node:stream/promises';

export type Reject = { readonly line: number; readonly column: string; readonly value: string; readonly reason: string };

export type RejectFile = {
  readonly add: (reject: Reject) => Promise<void>;
  /** Puts the file in its place; resolves to its path, null when nothing was rejected. */
  readonly finish: () => Promise<string | null>;
  /** Drops what was written. */
  readonly abandon: () => Promise<void>;
};

const HEADER = 'line,column,value,reason\n';

const toField = (value: string | number): string =>
  /[",\r\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value);

/** Writes `<file>.reject.csv` beside the file, or in `otherFolder` when that place cannot be written. */
export async function openRejectFile(file: string, otherFolder: string): Promise<RejectFile> {
  const beside = await openPartial(`${file}.reject.csv`);
  const { stream, path, partial } =
    beside ?? (await openPartial(join(otherFolder, `${basename(file)}.reject.csv`))) ?? fail(file, otherFolder);
  let count = 0;
  const write = async (text: string): Promise<void> => {
    if (!stream.write(text)) await once(stream, 'drain');
  };
  const end = async (): Promise<void> => {
    stream.end();
    await finished(stream);
  };
  return {
    add: async ({ line, column, value, reason }) => {
      if (count === 0) await write(HEADER);
      count += 1;
      await write(`${[line, column, value, reason].map(toField).join(',')}\n`);
    },
    finish: async () => {
      await end();
      if (count > 0) {
        await rename(partial, path);
        return path;
      }
      await rm(partial);
      await rm(path, { force: true });
      return null;
    },
    abandon: async () => {
      await end();
      await rm(partial, { force: true });
    },
  };
}

type Partial = { readonly stream: WriteStream; readonly path: string; readonly partial: string };

// Null where it cannot be written. A process id in the name keeps two imports of one file apart.
async function openPartial(path: string): Promise<Partial | null> {
  const partial = `${path}.${process.pid}.partial`;
  const stream = createWriteStream(partial, { mode: 0o644 });
  try {
    await once(stream, 'open');
    await stat(partial);
    return { stream, path, partial };
  } catch {
    return null;
  }
}

const fail = (file: string, otherFolder: string): never => {
  throw new Error(`a reject file can be written neither beside ${file} nor in ${otherFolder}`);
};
