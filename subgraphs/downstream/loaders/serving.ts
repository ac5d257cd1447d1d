// Whether the viewer has live pieces of a line to make or to deliver, for all lines that are asked for at once.
import type { SubgraphContext } from '../../../subgraph-kit/context.ts';
import type { Batch } from '../../../subgraph-kit/loaders.ts';
import { isVisitor } from '../../../subgraph-kit/principal.ts';
import { query, sql } from '../../../subgraph-kit/sql.ts';
import { servedLines } from '../data/tables.ts';

export const isServing: Batch<string, boolean, SubgraphContext> = {
  name: 'lines that the viewer serves',
  load: async (demandLineIds, { db, principal }) => {
    if (isVisitor(principal)) return demandLineIds.map(() => false);
    const rows = await query<{ demandLineId: string }>(
      db,
      sql`SELECT s."demandLineId" FROM ${servedLines(principal)} s WHERE s."demandLineId" = ANY(${demandLineIds}::text[])`,
    );
    const served = new Set(rows.map(({ demandLineId }) => demandLineId));
    return demandLineIds.map((id) => served.has(id));
  },
};
