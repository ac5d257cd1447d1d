// Lines of a text file, in constant memory: UTF-8 is checked line by line, so that one damaged line does not cost the others.
import { createReadStream } from 'node:fs';

/** A line without its end; `text` is null when it cannot be read, then `value` shows what can be shown of it. */
export type Line =
  | { readonly number: number; readonly text: string }
  | { readonly number: number; readonly text: null; readonly value: string; readonly reason: string };

export type LineReader = { readonly lines: AsyncIterable<readonly Line[]>; readonly bytesRead: () => number };

export const LINE_BYTES_MOST = 65_536;
/** How much of a damaged text is shown. */
export const SHOWN_CHARACTERS = 200;

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const BYTE_ORDER_MARK = '\uFEFF';

/** Lines come in groups, as the file is read. A line longer than 64 KiB is kept in part only and reported as unreadable. */
export function readLines(file: string): LineReader {
  let bytes = 0;
  async function* run(): AsyncGenerator<readonly Line[]> {
    const pending = createPendingLine();
    let number = 0;
    // a Buffer per chunk: no encoding is set
    for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      const lines: Line[] = [];
      let from = 0;
      for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, from)) {
        pending.add(chunk.subarray(from, end));
        lines.push(pending.take((number += 1)));
        from = end + 1;
      }
      pending.add(chunk.subarray(from));
      yield lines;
    }
    if (!pending.isEmpty()) yield [pending.take(number + 1)];
  }
  return { lines: run(), bytesRead: () => bytes };
}

// The line that is being put together, never more of it than the limit.
function createPendingLine() {
  let parts: Buffer[] = [];
  let length = 0;
  const decoder = new TextDecoder('utf-8', { fatal: true });
  return {
    isEmpty: (): boolean => length === 0,
    add: (part: Buffer): void => {
      if (part.length > 0 && length <= LINE_BYTES_MOST) parts.push(Buffer.from(part.subarray(0, LINE_BYTES_MOST + 1 - length)));
      length += part.length;
    },
    take: (number: number): Line => {
      const bytes = withoutReturn(parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts));
      const tooLong = length > LINE_BYTES_MOST;
      parts = [];
      length = 0;
      const unreadable = (reason: string): Line => ({ number, text: null, value: bytes.toString('utf8', 0, SHOWN_CHARACTERS), reason });
      if (tooLong) return unreadable(`the line is longer than ${LINE_BYTES_MOST} bytes`);
      try {
        const text = decoder.decode(bytes);
        return { number, text: number === 1 && text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text };
      } catch {
        return unreadable('the line is not UTF-8');
      }
    },
  };
}

const withoutReturn = (bytes: Buffer): Buffer => (bytes.at(-1) === CARRIAGE_RETURN ? bytes.subarray(0, -1) : bytes);
