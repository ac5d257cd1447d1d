// Records of a CSV file (RFC 4180): a value in quotes may hold line breaks. A damaged record costs its own line only, also when it
// opens a quote that it does not close: then the lines after it are read anew.
import { CsvError } from 'csv-parse';
import { parse } from 'csv-parse/sync';
import { createError } from '../../lib/errors/errors.ts';
import { SHOWN_CHARACTERS, type Line } from './read-lines.ts';

/** A record by column, or why it cannot be read. `line` is its first line; the first record after the header has the number 1. */
export type RecordEntry = { readonly rowNumber: number; readonly line: number } & (
  | { readonly kind: 'record'; readonly record: Readonly<Record<string, string>> }
  | { readonly kind: 'bad'; readonly column: string; readonly value: string; readonly reason: string }
);

/** Most lines of one record. */
const RECORD_LINES_MOST = 20;

/** Reads the header, which must be that of the format, then record after record. Throws IMPORT_HEADER_WRONG. */
export async function* readRecords(lines: AsyncIterable<readonly Line[]>, columns: readonly string[]): AsyncGenerator<RecordEntry> {
  const queue = createQueue(lines);
  checkHeader(await queue.at(0), columns);
  queue.drop(1);
  let rowNumber = 0;
  for (let first = await queue.at(0); first !== null; first = await queue.at(0)) {
    if (first.text === '') {
      queue.drop(1);
      continue;
    }
    const place = { rowNumber: (rowNumber += 1), line: first.number };
    const { texts, closed } = await gather(queue);
    const read = closed ? readFields(texts.join('\n'), columns) : 'a quote is opened and not closed';
    const sound = typeof read !== 'string';
    queue.drop(sound ? texts.length : 1);
    if (sound) yield { ...place, ...toRecord(read, columns) };
    else
      yield {
        ...place,
        kind: 'bad',
        column: '',
        value: show(first.text ?? first.value),
        reason: first.text === null ? first.reason : read,
      };
  }
}

const show = (text: string): string => text.slice(0, SHOWN_CHARACTERS);

type Queue = { readonly at: (i: number) => Promise<Line | null>; readonly drop: (count: number) => void };

// Lines that were read and not used yet; `at` reads on when it must.
function createQueue(source: AsyncIterable<readonly Line[]>): Queue {
  const groups = source[Symbol.asyncIterator]();
  let waiting: Line[] = [];
  let start = 0;
  return {
    at: async (i) => {
      while (start + i >= waiting.length) {
        const next = await groups.next();
        if (next.done === true) return null;
        waiting = [...waiting.slice(start), ...next.value];
        start = 0;
      }
      return waiting[start + i] ?? null;
    },
    drop: (count) => void (start += count),
  };
}

function checkHeader(line: Line | null, columns: readonly string[]): void {
  const found = line === null ? 'nothing' : (line.text ?? line.value);
  const fields = line?.text === undefined || line.text === null ? found : readFields(line.text, columns);
  if (typeof fields !== 'string' && fields.every((field, i) => field === columns[i])) return;
  throw createError('IMPORT_HEADER_WRONG', `the first line must be "${columns.join(',')}", it is "${show(found)}"; nothing was imported`);
}

// The lines of one record: more than one while a quote is open.
async function gather(queue: Queue): Promise<{ texts: string[]; closed: boolean }> {
  const texts: string[] = [];
  let state: QuoteState = 'start';
  while (texts.length < RECORD_LINES_MOST) {
    const line = await queue.at(texts.length);
    if (line === null || line.text === null) break;
    texts.push(line.text);
    state = scanQuotes(line.text, state === 'quoted' ? state : 'start');
    if (state !== 'quoted') return { texts, closed: true };
  }
  return { texts, closed: false };
}

type QuoteState = 'start' | 'plain' | 'quoted' | 'after';

// Where a line ends: `quoted` when the quote of a value is still open. A doubled quote closes and opens again, which comes to the same.
function scanQuotes(text: string, from: QuoteState): QuoteState {
  let state = from;
  if (state === 'start' && !text.includes('"')) return 'plain';
  for (const character of text) {
    if (character === '"') state = state === 'quoted' ? 'after' : state === 'plain' ? 'plain' : 'quoted';
    else if (state !== 'quoted') state = character === ',' ? 'start' : 'plain';
  }
  return state;
}

const reasons: Readonly<Record<string, string>> = {
  CSV_INVALID_CLOSING_QUOTE: 'text follows a closing quote',
  INVALID_OPENING_QUOTE: 'a quote stands inside a value that does not begin with one',
  CSV_QUOTE_NOT_CLOSED: 'a quote is opened and not closed',
};

// The fields, or why there are none.
function readFields(text: string, columns: readonly string[]): readonly string[] | string {
  try {
    const records = parse(text, { relax_column_count: true, record_delimiter: '\n' });
    const [fields = []] = records;
    return fields.length === columns.length ? fields : `expected ${columns.length} values, got ${fields.length}`;
  } catch (error) {
    if (error instanceof CsvError) return reasons[error.code] ?? 'the quotes cannot be read';
    throw error;
  }
}

type Read = { kind: 'record'; record: Record<string, string> } | { kind: 'bad'; column: string; value: string; reason: string };

function toRecord(fields: readonly string[], columns: readonly string[]): Read {
  // PostgreSQL takes no NUL in a text, and other control characters come from damage
  // eslint-disable-next-line no-control-regex
  const damaged = fields.findIndex((field) => /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(field));
  if (damaged >= 0)
    return {
      kind: 'bad',
      column: columns[damaged] ?? '',
      value: show(fields[damaged] ?? ''),
      reason: 'the value holds a control character',
    };
  return { kind: 'record', record: Object.fromEntries(columns.map((column, i) => [column, fields[i] ?? ''])) };
}
