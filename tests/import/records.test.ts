/** Lines and records of CSV files: what is read, what is reported, and that damage costs no more than its own line. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readLines, LINE_BYTES_MOST } from '../../subgraph-kit/import/read-lines.ts';
import { readRecords, type RecordEntry } from '../../subgraph-kit/import/read-records.ts';
import { toInstant } from '../../subgraph-kit/import/zoned-time.ts';
import { makeFolder, removeFolders } from './_kit.ts';

let folder: string;
beforeAll(async () => (folder = await makeFolder()));
afterAll(removeFolders);

let files = 0;
async function read(content: string | Buffer, columns = ['a', 'b', 'c']): Promise<RecordEntry[]> {
  const file = join(folder, `${(files += 1)}.csv`);
  await writeFile(file, content);
  const entries: RecordEntry[] = [];
  for await (const entry of readRecords(readLines(file).lines, columns)) entries.push(entry);
  return entries;
}
/** Entries as short text: `row line: values` or `row line! column reason`. */
const print = (entries: readonly RecordEntry[]): string[] =>
  entries.map((e) =>
    e.kind === 'record'
      ? `${e.rowNumber} ${e.line}: ${Object.values(e.record).join('|')}`
      : `${e.rowNumber} ${e.line}! ${e.column} ${e.reason}`,
  );
const readText = async (content: string | Buffer): Promise<string[]> => print(await read(content));

describe('Records', () => {
  it('are read with quotes, doubled quotes, commas and line breaks in values', async () => {
    expect(await readText('a,b,c\n1,"x, y","he said ""no"""\n2,"two\nlines",z\n3,,\n')).toEqual([
      '1 2: 1|x, y|he said "no"',
      '2 3: 2|two\nlines|z',
      '3 5: 3||',
    ]);
  });

  it('may end in CR LF, begin with a byte order mark, and lack the last line end', async () => {
    expect(await readText('\uFEFFa,b,c\r\n1,2,3\r\n4,5,6')).toEqual(['1 2: 1|2|3', '2 3: 4|5|6']);
  });

  it('are counted without empty lines', async () => {
    expect(await readText('a,b,c\n\n1,2,3\n\n4,5,6\n\n')).toEqual(['1 3: 1|2|3', '2 5: 4|5|6']);
  });

  it('with too few or too many values are reported with both numbers', async () => {
    expect(await readText('a,b,c\n1,2\n1,2,3,4\n1,2,3\n')).toEqual([
      '1 2!  expected 3 values, got 2',
      '2 3!  expected 3 values, got 4',
      '3 4: 1|2|3',
    ]);
  });

  it('with damaged quotes cost one line each', async () => {
    const lines = ['a,b,c', '1,"x"y,z', '2,x"y,z', '3,"open,z', '4,5,6', '7,"8, 8",9'];
    expect(await readText(lines.join('\n'))).toEqual([
      '1 2!  text follows a closing quote',
      '2 3!  a quote stands inside a value that does not begin with one',
      // the quote that opens in line 4 meets the one of line 6; both lines after it are read anew
      '3 4!  text follows a closing quote',
      '4 5: 4|5|6',
      '5 6: 7|8, 8|9',
    ]);
  });

  it('with a quote that is never closed cost one line, however long the file is', async () => {
    const entries = await read(['a,b,c', '1,"open,z', ...Array.from({ length: 200 }, (_, i) => `${i},5,6`)].join('\n'));
    expect(print(entries.slice(0, 2))).toEqual(['1 2!  a quote is opened and not closed', '2 3: 0|5|6']);
    expect(entries.filter((e) => e.kind === 'record')).toHaveLength(200);
  });

  it('that are not UTF-8, too long, or hold control characters are reported', async () => {
    const latin = Buffer.from('1,caf\xe9,3\n', 'latin1');
    const content = Buffer.concat([
      Buffer.from('a,b,c\n'),
      latin,
      Buffer.from(`2,${'x'.repeat(LINE_BYTES_MOST)},3\n3,a\u0000b,3\n4,5,6\n`),
    ]);
    const entries = await read(content);
    expect(print(entries)).toEqual([
      '1 2!  the line is not UTF-8',
      `2 3!  the line is longer than ${LINE_BYTES_MOST} bytes`,
      '3 4! b the value holds a control character',
      '4 5: 4|5|6',
    ]);
    expect(entries.map((e) => (e.kind === 'bad' ? e.value.length <= 200 : true))).toEqual([true, true, true, true]);
  });

  it('need the header of the format, in order', async () => {
    await expect(read('a,c,b\n1,2,3\n')).rejects.toThrow('the first line must be "a,b,c", it is "a,c,b"; nothing was imported');
    await expect(read('')).rejects.toThrow('it is "nothing"');
    await expect(read('a,b\n')).rejects.toMatchObject({ code: 'IMPORT_HEADER_WRONG' });
    expect(await read('a,b,c\n')).toEqual([]);
  });

  it('are whole wherever the file is cut into chunks', async () => {
    const rows = Array.from({ length: 20_000 }, (_, i) => `${i},"ä ${i}, ü\n${'z'.repeat(i % 50)}",€`);
    const entries = await read(`a,b,c\n${rows.join('\n')}\n`);
    expect(entries).toHaveLength(rows.length);
    expect(
      entries.every((e, i) => e.kind === 'record' && e.record['b'] === `ä ${i}, ü\n${'z'.repeat(i % 50)}` && e.line === 2 + 2 * i),
    ).toBe(true);
  });
});

describe('Local times', () => {
  const at = (local: string): string | undefined => toInstant(local, 'Europe/London')?.toISOString();

  it('become instants of their zone, in winter and in summer', () => {
    expect(at('2010-12-01 08:45:00')).toBe('2010-12-01T08:45:00.000Z');
    expect(at('2011-07-01 08:45:00')).toBe('2011-07-01T07:45:00.000Z');
  });

  it('are told apart on the days when the clock moves', () => {
    expect(at('2011-03-27 00:30:00')).toBe('2011-03-27T00:30:00.000Z');
    expect(at('2011-03-27 12:00:00')).toBe('2011-03-27T11:00:00.000Z');
    // left out by the clock, and shown twice by it
    expect(at('2011-03-27 01:30:00')).toBe('2011-03-27T01:30:00.000Z');
    expect(at('2011-10-30 01:30:00')).toBe('2011-10-30T00:30:00.000Z');
    expect(at('2011-10-30 10:00:00')).toBe('2011-10-30T10:00:00.000Z');
    expect(toInstant('2011-03-13 12:00:00', 'America/New_York')?.toISOString()).toBe('2011-03-13T16:00:00.000Z');
    expect(toInstant('2011-01-01 00:00:00', 'Asia/Shanghai')?.toISOString()).toBe('2010-12-31T16:00:00.000Z');
  });

  it('that do not exist are none', () => {
    for (const text of ['', '2011-02-29 08:00:00', '2011-13-01 08:00:00', '2011-01-01 25:00:00', '2011-01-01T08:00:00', '1/12/2010 8:26'])
      expect(toInstant(text, 'Europe/London')).toBeNull();
  });
});
