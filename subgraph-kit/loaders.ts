// Batching: whatever many resolvers of one request ask for is read in one statement per kind of question.
import DataLoader from 'dataloader';
import { readPages, type Page, type PageArgs, type PagedList } from './page.ts';
import type { Principal } from './principal.ts';
import { and, join, name, query, sql, type Sql, type SqlRunner } from './sql.ts';
import type { Table } from './table.ts';

/** Reads the answers for many keys at once, in the order of the keys. */
export type Batch<Key, Value, Context> = {
  readonly name: string;
  readonly load: (keys: readonly Key[], context: Context) => Promise<readonly Value[]>;
  /** Two keys with the same text are one; left out: the key itself. */
  readonly toText?: (key: Key) => string;
};

/** All rows of a parent, in an order; for lists that cannot grow without bound. */
export type ChildList<Row> = { readonly from: Sql; readonly parent: Sql; readonly order: Sql; readonly most: number; readonly row?: Row };

export const defineChildList = <Row>(list: ChildList<Row>): ChildList<Row> => Object.freeze(list);

// A list at the root has one nameless parent.
const ROOT = '';

export type Loaders = {
  /** One row by its key, or null when it does not exist or the viewer may not see it. */
  row<Row>(table: Table<Row>, ...key: readonly string[]): Promise<Row | null>;
  /** All rows of a parent. */
  children<Row>(list: ChildList<Row>, parent: string): Promise<readonly Row[]>;
  /** One page under a parent, fenced by the table. */
  page<Row, Args extends PageArgs>(table: Table<Row>, list: PagedList<Row, Args>, parent: string, args: Args): Promise<Page<Row>>;
  /** One page of a list at the root. */
  rootPage<Row, Args extends PageArgs>(table: Table<Row>, list: PagedList<Row, Args>, args: Args): Promise<Page<Row>>;
  /** Any other batched question. */
  batch<Key, Value, Context>(batch: Batch<Key, Value, Context>, key: Key, context: Context): Promise<Value>;
  /** Forgets what was read; called after every change. */
  clear(): void;
};

/** Loaders of one request. */
export function createLoaders(db: SqlRunner, viewer: Principal): Loaders {
  const waves = createWaves();
  const cache = new Map<unknown, DataLoader<unknown, unknown, string>>();
  const loaderOf = <K, V>(
    id: unknown,
    load: (keys: readonly K[]) => Promise<readonly V[]>,
    toText: (key: K) => string,
  ): DataLoader<K, V, string> => {
    // found by its definition, so its keys and values are of the definition's types
    const known = cache.get(id) as DataLoader<K, V, string> | undefined;
    if (known) return known;
    const made = new DataLoader<K, V, string>((keys) => waves.run(() => load(keys)), {
      cacheKeyFn: toText,
      batchScheduleFn: waves.schedule,
    });
    // the cache holds loaders of all types; they come out again as above
    cache.set(id, made);
    return made;
  };
  const pagesOf = new Map<unknown, Map<string, object>>();
  const pageId = (list: unknown, args: PageArgs): object => {
    const byArgs = pagesOf.get(list) ?? new Map<string, object>();
    pagesOf.set(list, byArgs);
    const text = JSON.stringify(args);
    const id = byArgs.get(text) ?? {};
    byArgs.set(text, id);
    return id;
  };
  const page = <Row, Args extends PageArgs>(
    table: Table<Row>,
    list: PagedList<Row, Args>,
    parent: string,
    args: Args,
  ): Promise<Page<Row>> =>
    loaderOf<string, Page<Row>>(
      pageId(list, args),
      (parents) => readPages({ db, viewer, list, fence: table.fence(viewer) }, parents, args),
      String,
    ).load(parent);
  return {
    row: <Row>(table: Table<Row>, ...key: readonly string[]) =>
      loaderOf<readonly string[], Row | null>(table, (keys) => readRows(db, viewer, table, keys), JSON.stringify).load(key),
    children: <Row>(list: ChildList<Row>, parent: string) =>
      loaderOf<string, readonly Row[]>(list, (parents) => readChildren(db, list, parents), String).load(parent),
    page: (table, list, parent, args) => page(table, list, parent, args),
    rootPage: (table, list, args) => page(table, list, ROOT, args),
    batch: (batch, key, context) => loaderOf(batch, (keys) => batch.load(keys, context), batch.toText ?? String).load(key),
    clear: () => {
      for (const loader of cache.values()) loader.clearAll();
    },
  };
}

type Waves = { readonly schedule: (dispatch: () => void) => void; readonly run: <T>(work: () => Promise<T>) => Promise<T> };

// Batches start in waves: the next one when all of the last have answered and every resolver behind them has asked. So how many
// statements an operation needs depends on its shape alone, never on which statement happened to be faster.
function createWaves(): Waves {
  let running = 0;
  let waiting: (() => void)[] = [];
  let armed = false;
  const arm = (): void => {
    if (armed || running > 0 || waiting.length === 0) return;
    armed = true;
    // a tick that is asked for in a microtask comes when no microtask is left
    void Promise.resolve().then(() => process.nextTick(start));
  };
  const start = (): void => {
    armed = false;
    const batches = waiting;
    waiting = [];
    for (const dispatch of batches) dispatch();
  };
  return {
    schedule: (dispatch) => {
      waiting.push(dispatch);
      arm();
    },
    run: async (work) => {
      running += 1;
      try {
        return await work();
      } finally {
        running -= 1;
        arm();
      }
    },
  };
}

const columnOf = (keys: readonly (readonly string[])[], i: number): string[] => keys.map((key) => key[i] ?? '');

async function readRows<Row>(
  db: SqlRunner,
  viewer: Principal,
  table: Table<Row>,
  keys: readonly (readonly string[])[],
): Promise<(Row | null)[]> {
  const wanted = join(
    table.key.map((_, i) => sql`${columnOf(keys, i)}::text[]`),
    ', ',
  );
  const columns = join(
    table.key.map((column) => name(`k_${column}`)),
    ', ',
  );
  const same = and(...table.key.map((column) => sql`t.${name(column)} = w.${name(`k_${column}`)}`));
  const rows = await query<Row>(
    db,
    sql`SELECT t.* FROM unnest(${wanted}) AS w(${columns}) JOIN ${name(table.table)} t ON ${same} WHERE ${table.fence(viewer)}`,
  );
  const byKey = new Map(rows.map((row) => [JSON.stringify(table.key.map((column) => row[column])), row]));
  return keys.map((key) => byKey.get(JSON.stringify(key)) ?? null);
}

async function readChildren<Row>(db: SqlRunner, list: ChildList<Row>, parents: readonly string[]): Promise<Row[][]> {
  const rows = await query<Row & { $parent: string }>(
    db,
    sql`SELECT p.k AS "$parent", c.* FROM unnest(${parents}::text[]) AS p(k) CROSS JOIN LATERAL (
      SELECT t.* FROM ${list.from} WHERE ${list.parent} = p.k ORDER BY ${list.order} LIMIT ${list.most}::int) c`,
  );
  const byParent = new Map<string, Row[]>(parents.map((parent) => [parent, []]));
  for (const row of rows) byParent.get(row.$parent)?.push(row);
  return parents.map((parent) => byParent.get(parent) ?? []);
}
