// Pages of lists that grow: cursors, order, and the SQL that reads one page for many parents in one statement.
import { createHash } from 'node:crypto';
import { createError } from '../lib/errors/errors.ts';
import { isWritable } from './input-text.ts';
import type { Principal } from './principal.ts';
import { isDay } from './scalars.ts';
import { and, join, name, or, query, sql, toText, type Sql, type SqlRunner } from './sql.ts';

export const PAGE_DEFAULT = 20;
export const PAGE_MOST = 200;

/** One column of an order; the last one of a list must be unique within a parent. */
export type OrderColumn = {
  readonly column: string;
  readonly cast: 'text' | 'date' | 'timestamptz' | 'int' | 'bigint' | 'numeric';
  readonly descending?: boolean;
};

/** A list that is read page by page; the rows stand under the alias `t`. */
export type PagedList<Row, Args = unknown> = {
  /** A function where the rows themselves depend on the arguments, such as figures of a window. */
  readonly from: Sql | ((args: Args) => Sql);
  /** Column of the parent; left out for a list at the root. */
  readonly parent?: Sql;
  readonly where?: (args: Args, viewer: Principal) => Sql;
  readonly order: readonly OrderColumn[];
  /** Never set: it only carries the type of a row. */
  readonly row?: Row;
};

export const definePagedList = <Row, Args = unknown>(list: PagedList<Row, Args>): PagedList<Row, Args> => Object.freeze(list);

export type PageArgs = { readonly first?: number | null; readonly after?: string | null };

/** A page as resolvers hand it out; counting happens only when asked for. */
export type Page<Row> = {
  readonly rows: readonly Row[];
  readonly cursors: readonly string[];
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly countTotal: () => Promise<number>;
};

type Raw = Record<string, unknown>;

const fromOf = <Row, Args>(list: PagedList<Row, Args>, args: Args): Sql => (typeof list.from === 'function' ? list.from(args) : list.from);

/** The wanted number of nodes; refuses what is not within 1 to 200. */
export function readFirst(args: PageArgs): number {
  const first = args.first ?? PAGE_DEFAULT;
  if (first >= 1 && first <= PAGE_MOST) return first;
  throw createError('BAD_USER_INPUT', `\`first\` must be within 1 and ${PAGE_MOST}, got ${first}`);
}

// A cursor names its list, so that one of another list is not taken for it.
function tagOf<Row, Args>(list: PagedList<Row, Args>, from: Sql): string {
  const columns = list.order.map(({ column }) => column);
  const text = JSON.stringify([toText(from), list.parent === undefined ? null : toText(list.parent), columns]);
  return createHash('sha256').update(text).digest('base64url').slice(0, 8);
}

const toCursor = (tag: string, values: readonly string[]): string => Buffer.from(JSON.stringify([tag, ...values])).toString('base64url');

const INTEGER = /^-?(0|[1-9]\d{0,18})$/;
const isInteger = (value: string, bits: number): boolean => INTEGER.test(value) && BigInt.asIntN(bits, BigInt(value)) === BigInt(value);
const INSTANT = /^[1-9]\d{3}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;
const isInstant = (value: string): boolean => INSTANT.test(value) && !Number.isNaN(Date.parse(value)) && isDay(value.slice(0, 10));

// What the database is going to read as a value of the column's type.
const fits: Readonly<Record<OrderColumn['cast'], (value: string) => boolean>> = {
  text: isWritable,
  date: isDay,
  timestamptz: isInstant,
  int: (value) => isInteger(value, 32),
  bigint: (value) => isInteger(value, 64),
  numeric: (value) => /^-?\d{1,30}(\.\d{1,30})?$/.test(value),
};

function readCursor(cursor: string, tag: string, order: readonly OrderColumn[]): string[] {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    const list: readonly unknown[] = Array.isArray(parsed) ? parsed : [];
    const [found, ...values] = list;
    const texts = values.filter((value, i): value is string => typeof value === 'string' && fits[order[i]?.cast ?? 'text'](value));
    if (found === tag && values.length === order.length && texts.length === order.length) return texts;
  } catch {
    // not base64url, or no list in JSON: refused below like any other wrong cursor
  }
  throw createError(
    'BAD_USER_INPUT',
    '`after` is not a cursor of this list; hand in `pageInfo.endCursor` of a page read with the same order',
  );
}

const cast = (column: OrderColumn, value: string): Sql => sql`${value}${{ text: [`::${column.cast}`], values: [] }}`;

// (a, b) after (x, y) with mixed directions: a > x, or a = x and b > y.
function afterCondition(order: readonly OrderColumn[], tag: string, after: string | null | undefined): Sql {
  if (after === null || after === undefined) return sql`true`;
  const values = readCursor(after, tag, order);
  const alternatives = order.map((column, i) => {
    const equal = order.slice(0, i).map((c, j) => sql`t.${name(c.column)} = ${cast(c, values[j] ?? '')}`);
    const value = cast(column, values[i] ?? '');
    const beyond = column.descending ? sql`t.${name(column.column)} < ${value}` : sql`t.${name(column.column)} > ${value}`;
    return and(...equal, beyond);
  });
  return or(...alternatives);
}

const orderBy = (order: readonly OrderColumn[]): Sql =>
  join(
    order.map((c) => (c.descending ? sql`t.${name(c.column)} DESC` : sql`t.${name(c.column)}`)),
    ', ',
  );

// The order's values as text, so that a cursor is exact whatever the column's type is.
const orderText = (order: readonly OrderColumn[]): Sql =>
  join(
    order.map((c) =>
      c.cast === 'timestamptz'
        ? sql`to_char(t.${name(c.column)} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
        : sql`t.${name(c.column)}::text`,
    ),
    ', ',
  );

/** Reads one page of the list for each parent (a list at the root has one, nameless) in one statement; pages come in the order of the parents. */
export async function readPages<Row, Args extends PageArgs>(
  options: { db: SqlRunner; viewer: Principal; list: PagedList<Row, Args>; fence: Sql },
  parents: readonly string[],
  args: Args,
): Promise<Page<Row>[]> {
  const { db, list, viewer } = options;
  const first = readFirst(args);
  const conditions = and(options.fence, list.where?.(args, viewer));
  const from = fromOf(list, args);
  const tag = tagOf(list, from);
  const count = countLater({ db, list, from, conditions }, parents);
  const under = list.parent === undefined ? sql`true` : sql`${list.parent} = p.k`;
  const rows = await query<Raw>(
    db,
    sql`SELECT p.k AS "$parent", c.* FROM unnest(${parents}::text[]) AS p(k) CROSS JOIN LATERAL (
      SELECT t.*, ARRAY[${orderText(list.order)}] AS "$order" FROM ${from}
      WHERE ${under} AND ${conditions} AND ${afterCondition(list.order, tag, args.after)}
      ORDER BY ${orderBy(list.order)} LIMIT ${first + 1}::int) c`,
  );
  const byParent = new Map<unknown, Raw[]>();
  for (const row of rows) {
    const group = byParent.get(row['$parent']);
    if (group) group.push(row);
    else byParent.set(row['$parent'], [row]);
  }
  return parents.map((parent) => {
    const found = byParent.get(parent) ?? [];
    const shown = found.slice(0, first);
    return {
      // the list's definition says which rows its SQL gives
      rows: shown as Row[],
      // orderText makes an array of texts
      cursors: shown.map((row) => toCursor(tag, row['$order'] as string[])),
      hasNextPage: found.length > first,
      hasPreviousPage: args.after !== null && args.after !== undefined,
      countTotal: () => count(parent),
    };
  });
}

// One count for all parents, made when the first of them asks.
function countLater<Row, Args>(
  options: { db: SqlRunner; list: PagedList<Row, Args>; from: Sql; conditions: Sql },
  parents: readonly string[],
) {
  const { db, list, from, conditions } = options;
  let counts: Promise<Map<string, number>> | undefined;
  const parent = list.parent ?? sql`''`;
  const read = async (): Promise<Map<string, number>> => {
    const under = list.parent === undefined ? sql`true` : sql`${list.parent} = ANY(${parents}::text[])`;
    const rows = await query<{ k: string; n: number }>(
      db,
      sql`SELECT ${parent} AS k, count(*)::int AS n FROM ${from} WHERE ${under} AND ${conditions} GROUP BY 1`,
    );
    return new Map(rows.map((row) => [row.k, row.n]));
  };
  return async (key: string): Promise<number> => (await (counts ??= read())).get(key) ?? 0;
}
