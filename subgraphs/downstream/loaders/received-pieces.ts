// Good pieces of a style that were received in a window, for all styles that are asked for at once.
import { INT_MOST } from '../../../subgraph-kit/checks.ts';
import type { SubgraphContext } from '../../../subgraph-kit/context.ts';
import type { Batch } from '../../../subgraph-kit/loaders.ts';
import { isVisitor } from '../../../subgraph-kit/principal.ts';
import { query, sql } from '../../../subgraph-kit/sql.ts';
import { startOf } from '../windows.ts';
import type { StyleWindow } from './sales-figures.ts';

export const receivedOfStyle: Batch<StyleWindow, number, SubgraphContext> = {
  name: 'pieces received of styles',
  toText: ({ styleId, window }) => `${styleId} ${window}`,
  load: async (keys, { db, clock, principal }) => {
    const now = clock.now();
    // a visitor sees what came of demonstration rows only
    const counted = isVisitor(principal)
      ? sql`EXISTS (SELECT 1 FROM "AllocationCopy" a WHERE a."allocationId" = r."allocationId" AND a."origin" <> 'REPORTED')`
      : sql`true`;
    const rows = await query<{ place: number; pieces: number }>(
      db,
      sql`SELECT w.place::int AS place, least(${INT_MOST}::bigint, sum(r."good"))::int AS pieces
          FROM unnest(${keys.map(({ styleId }) => styleId)}::text[], ${keys.map(({ window }) => startOf(window, now).toISOString())}::timestamptz[])
            WITH ORDINALITY AS w(id, since, place)
          JOIN "ReceivedPieces" r ON r."styleId" = w.id AND r."at" > w.since AND r."at" <= ${now}::timestamptz AND ${counted}
          GROUP BY w.place`,
    );
    const byPlace = new Map(rows.map(({ place, pieces }) => [place, pieces]));
    return keys.map((_, i) => byPlace.get(i + 1) ?? 0);
  },
};
