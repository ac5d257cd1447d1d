/** Ways in which rows of the four files get damaged, and what the reject file must say of each. */
import { readFile } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import { columns as postColumns } from '../../subgraphs/downstream/import/live-post.ts';
import { columns as orderColumns } from '../../subgraphs/downstream/import/order-line.ts';
import { columns as facilityColumns } from '../../subgraphs/upstream/import/facility-row.ts';
import { columns as teamColumns } from '../../subgraphs/upstream/import/team-day-row.ts';

/** Breaks one line of a file; the reject file names the column (none for a line that cannot be read) and the reason. */
export type Damage = { readonly breaks: (line: string) => string | Buffer; readonly column: string; readonly reason: RegExp };

const toField = (value: string): string => (/[",]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
const toLine = (fields: readonly string[]): string => fields.map(toField).join(',');
const toFields = (line: string): string[] => parse(line)[0] ?? [];

const columnsOf = { facilities: facilityColumns, orders: orderColumns, productivity: teamColumns, creators: postColumns } as const;
export type FormatName = keyof typeof columnsOf;

/** Another value in a column of a format. */
const wrong =
  (format: FormatName) =>
  (column: string, value: string, reason: RegExp): Damage => {
    const columns: readonly string[] = columnsOf[format];
    const place = columns.indexOf(column);
    return { column, reason, breaks: (line) => toLine(toFields(line).map((field, i) => (i === place ? value : field))) };
  };

// Of any file: what happens to lines, not to values.
const ofLines = (firstColumn: string): readonly Damage[] => [
  { breaks: (line) => toLine(toFields(line).slice(0, -1)), column: '', reason: /^expected \d+ values, got \d+$/ },
  { breaks: (line) => `${line},more`, column: '', reason: /^expected \d+ values, got \d+$/ },
  { breaks: (line) => line.replace(',', ',"'), column: '', reason: /quote/ },
  { breaks: (line) => Buffer.concat([Buffer.from(line), Buffer.from([0xc3, 0x28])]), column: '', reason: /^the line is not UTF-8$/ },
  { breaks: (line) => `\u0007${line}`, column: firstColumn, reason: /^the value holds a control character$/ },
];

const facility = wrong('facilities');
const order = wrong('orders');
const team = wrong('productivity');
const post = wrong('creators');

export const damages: Readonly<Record<FormatName, readonly Damage[]>> = {
  facilities: [
    ...ofLines('source_list'),
    facility('source_list', 'first', /number of a list/),
    facility('country', 'ATLANTIS', /expected a country/),
    facility('name', ' ', /expected 1 to \d+ characters, got 0/),
    facility('address', 'far away '.repeat(500), /characters, got \d+/),
    facility('lat', 'north', /number of degrees/),
    facility('lat', '91.5', /-90 to 90/),
    facility('lng', '-180.25', /-180 to 180/),
  ],
  orders: [
    ...ofLines('invoice_no'),
    order('invoice_no', 'C536379', /^a cancellation, not an order$/),
    order('stock_code', '?', /expected a stock code/),
    order('description', ' ', /^the description is empty$/),
    order('quantity', 'many', /whole number of pieces/),
    order('quantity', '0', /expected 1 to \d+ pieces/),
    order('invoice_time', '2011-02-30 10:00:00', /expected a time/),
    order('invoice_time', '2012-03-01 10:00:00', /which the published data covers/),
    order('unit_price_gbp', 'free', /expected a price in pounds/),
    order('country', 'Atlantis', /no country of this format/),
  ],
  productivity: [
    ...ofLines('date'),
    team('date', '2015-02-30', /expected a day like/),
    team('date', '2016-01-01', /which the published data covers/),
    team('quarter', 'Quarter6', /Quarter1 to Quarter5/),
    team('department', 'cutting', /expected sewing or finishing/),
    team('day', 'Someday', /^expected \w+day, which /),
    team('team', '0', /number of a team/),
    team('smv', '0', /standard minutes of a piece/),
    team('over_time', '-60', /expected minutes/),
    team('no_of_workers', '7.3', /workers in halves/),
    team('actual_productivity', '250 %', /expected a share above 0/),
  ],
  creators: [
    ...ofLines('status_id'),
    post('status_id', '246675545449582', /numbers of a page and of a post/),
    post('status_type', 'poem', /expected one of photo/),
    post('status_published', '2018-02-30T01:12', /expected a time like/),
    post('status_published', '2019-01-01T01:12', /expected a time like/),
    post('num_reactions', '-1', /whole number/),
    post('num_comments', 'some', /whole number/),
    { ...post('num_likes', '9999999', /add up to \d+, which is more/), column: 'num_reactions' },
    post('num_angrys', '', /whole number/),
  ],
};

/** One row in this many is damaged. */
const EVERY = 20;

export type Damaged = { readonly lines: readonly (string | Buffer)[]; readonly rows: number; readonly at: ReadonlyMap<number, Damage> };

/** The first rows of a file, every twentieth damaged, each way in its turn; `at`: lines of the file by number, the header is 1. */
export async function damage(format: FormatName, file: string, rowsMost: number): Promise<Damaged> {
  const ways = damages[format];
  const at = new Map<number, Damage>();
  const sound = (await readFile(file, 'utf8'))
    .trimEnd()
    .split('\n')
    .slice(0, rowsMost + 1);
  const lines = sound.map((line, i) => {
    const way = i > 0 && i % EVERY === 0 ? ways[(i / EVERY) % ways.length] : undefined;
    if (way === undefined) return line;
    at.set(i + 1, way);
    return way.breaks(line);
  });
  return { lines, rows: sound.length - 1, at };
}

/** Damaged lines that the reject file does not name with column and reason, and lines it names without need. */
export async function misnamed(rejectFile: string, at: ReadonlyMap<number, Damage>): Promise<string[]> {
  const rejects: { line: string; column: string; reason: string }[] = parse(await readFile(rejectFile, 'utf8'), { columns: true });
  const named = new Map(rejects.map((reject) => [Number(reject.line), reject]));
  const wrongly = [...at].flatMap(([line, way]) => {
    const found = named.get(line);
    const right = found !== undefined && found.column === way.column && way.reason.test(found.reason);
    return right ? [] : [`line ${line}: ${found === undefined ? 'not named' : `${found.column}: ${found.reason}`}`];
  });
  return [...wrongly, ...[...named.keys()].filter((line) => !at.has(line)).map((line) => `line ${line} was sound`)];
}
