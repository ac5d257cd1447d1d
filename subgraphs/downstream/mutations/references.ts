// What inputs refer to: many rows of a table found at once, and the problem of each that is unknown or of another member.
import { createProblems, Refusal, type Problems } from '../../../subgraph-kit/problems.ts';
import { name, query, sql } from '../../../subgraph-kit/sql.ts';
import type { Table } from '../../../subgraph-kit/table.ts';
import type { Tx } from '../data/client.ts';
import type { CampaignRow } from '../data/rows.ts';

type Path = readonly (string | number)[];
export type Found<Row> = ReadonlyMap<string, Row>;

/** Rows of the table by their ids, in one statement; whoever may see them. */
export async function findRows<Row>(tx: Tx, table: Table<Row>, ids: readonly (string | null | undefined)[]): Promise<Found<Row>> {
  const wanted = [...new Set(ids.filter((id) => typeof id === 'string'))];
  if (wanted.length === 0) return new Map();
  const key = table.key[0];
  if (key === undefined) throw new TypeError(`${table.table} has no key`);
  const rows = await query<Row>(tx, sql`SELECT t.* FROM ${name(table.table)} t WHERE t.${name(key)} = ANY(${wanted}::text[])`);
  return new Map(rows.map((row) => [String(row[key]), row]));
}

/** The row, or undefined with the problem NOT_FOUND. An id that was left out is no problem. */
export function requireRow<Row>(problems: Problems, found: Found<Row>, id: string | null | undefined, path: Path): Row | undefined {
  if (id === null || id === undefined) return undefined;
  const row = found.get(id);
  if (row === undefined) problems.add('NOT_FOUND', path, `nothing has the id ${id}`);
  return row;
}

/** The same, and NOT_YOURS when it belongs to none of `owners`. */
export function requireOwn<Row extends { readonly memberId: string }>(
  problems: Problems,
  found: Found<Row>,
  wanted: { readonly id: string | null | undefined; readonly path: Path; readonly owners: readonly string[] },
): Row | undefined {
  const row = requireRow(problems, found, wanted.id, wanted.path);
  if (row !== undefined && !wanted.owners.includes(row.memberId))
    problems.add('NOT_YOURS', wanted.path, `${wanted.id} belongs to another member`);
  return row;
}

/** A campaign in preparation is its owner's business: for others there is none. */
export const withoutDrafts = (found: Found<CampaignRow>, memberId: string): Found<CampaignRow> =>
  new Map([...found].filter(([, campaign]) => campaign.status !== 'DRAFT' || campaign.memberId === memberId));

/** What `judge` gives; ends the change when it adds a problem. */
export function refuseOn<T>(judge: (problems: Problems) => T): T {
  const problems = createProblems();
  const result = judge(problems);
  if (problems.list.length > 0) throw new Refusal(problems.list);
  return result;
}
