/** A routing subgraph for tests of figures, and events and rows of other subgraphs as they come to it. */
import { openClient, type Tx } from '../../../../subgraphs/routing/data/client.ts';
import { routing } from '../../../../subgraphs/routing/routing.ts';
import { openTestSubgraph, type TestSubgraph } from '../../../_kit/subgraph.ts';

export type Routing = TestSubgraph<Tx, ReturnType<typeof openClient>>;
export const openRouting = (): Promise<Routing> => openTestSubgraph(routing, openClient);

/** Noon of a day in Shanghai. */
export const noon = (day: string): string => `${day}T04:00:00.000Z`;
/** An instant, `n` seconds after another. */
export const later = (n: number): string => new Date(Date.parse('2026-11-01T00:00:00.000Z') + n * 1_000).toISOString();

/** All rows of the tables, ordered, as texts. */
export async function dump(r: Routing, ...tables: string[]): Promise<Record<string, unknown[]>> {
  const rows: Record<string, unknown[]> = {};
  for (const table of tables) {
    const found = await r.db.$queryRawUnsafe<{ row: unknown }[]>(`SELECT to_jsonb(t) AS row FROM "${table}" t ORDER BY t::text`);
    rows[table] = found.map(({ row }) => row);
  }
  return rows;
}

/** Empties the tables. */
export const empty = async (r: Routing, ...tables: string[]): Promise<void> =>
  void (await r.db.$executeRawUnsafe(`TRUNCATE ${tables.map((table) => `"${table}"`).join(', ')}`));
