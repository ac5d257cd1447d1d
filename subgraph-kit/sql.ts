// SQL text with its parameters, composed safely: values only ever travel as parameters, names are quoted constants.

/** A piece of SQL: its text with `?` marks, and the value of each mark. */
export type Sql = { readonly text: readonly string[]; readonly values: readonly unknown[] };

/** Whatever can run SQL: a Prisma client or the client of one of its transactions. */
export interface SqlRunner {
  $queryRawUnsafe<T>(text: string, ...values: unknown[]): Promise<T>;
  $executeRawUnsafe(text: string, ...values: unknown[]): Promise<number>;
}

const isSql = (value: unknown): value is Sql =>
  typeof value === 'object' && value !== null && 'text' in value && Array.isArray(value.text) && 'values' in value;

/** Tagged template: pieces of SQL are inlined, any other value becomes a parameter. */
export function sql(strings: TemplateStringsArray, ...parts: unknown[]): Sql {
  const text: string[] = [strings[0] ?? ''];
  const values: unknown[] = [];
  const append = (more: readonly string[]): void => {
    text[text.length - 1] += more[0] ?? '';
    text.push(...more.slice(1));
  };
  parts.forEach((part, i) => {
    if (isSql(part)) {
      append(part.text);
      values.push(...part.values);
    } else {
      values.push(part);
      text.push('');
    }
    text[text.length - 1] += strings[i + 1] ?? '';
  });
  return { text, values };
}

/** A quoted name of a table or column; only letters, digits and `_` are taken. */
export function name(identifier: string): Sql {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(identifier)) throw new Error(`"${identifier}" is no name of a table or column`);
  return { text: [`"${identifier}"`], values: [] };
}

/** Several pieces with a separator between them; an empty list gives `empty`. */
export function join(pieces: readonly Sql[], separator: string, empty: Sql = sql`true`): Sql {
  const [first, ...rest] = pieces;
  if (first === undefined) return empty;
  const gap: Sql = { text: [separator], values: [] };
  return rest.reduce((sum, piece) => sql`${sum}${gap}${piece}`, first);
}

/** Conditions that must all hold; none means true. */
export const and = (...conditions: readonly (Sql | undefined)[]): Sql =>
  sql`(${join(
    conditions.filter((c) => c !== undefined),
    ' AND ',
  )})`;

/** Conditions of which one must hold; none means false. */
export const or = (...conditions: readonly (Sql | undefined)[]): Sql =>
  sql`(${join(
    conditions.filter((c) => c !== undefined),
    ' OR ',
    sql`false`,
  )})`;

/** The text with `$1 …` in place of the marks. */
export const toText = (piece: Sql): string => piece.text.reduce((sum, part, i) => (i === 0 ? part : `${sum}$${i}${part}`), '');

/** Runs a query; rows have the columns as named in the SQL. */
export const query = <Row>(db: SqlRunner, piece: Sql): Promise<Row[]> => db.$queryRawUnsafe<Row[]>(toText(piece), ...piece.values);

/** Runs a statement; resolves to the number of rows it touched. */
export const execute = (db: SqlRunner, piece: Sql): Promise<number> => db.$executeRawUnsafe(toText(piece), ...piece.values);
