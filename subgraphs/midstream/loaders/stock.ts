// Batched questions about stock: what can still be promised, and how many days it lasts.
import { addDays, toBusinessDay } from '../../../lib/clock/clock.ts';
import type { SubgraphContext } from '../../../subgraph-kit/context.ts';
import { INT_MOST } from '../../../subgraph-kit/checks.ts';
import type { Batch } from '../../../subgraph-kit/loaders.ts';
import { query, sql } from '../../../subgraph-kit/sql.ts';

export const DEMAND_DAYS = 28;
/** Stands for the place of what was sold away from any place. */
export const ONLINE = '';

type PromiseKey = { readonly gtin: string; readonly siteGln: string | null };

/** Pieces that can still be promised, of one place or of all; null for an item that no place knows. A number for everybody. */
export const availableToPromise: Batch<PromiseKey, number | null, SubgraphContext> = {
  name: 'availableToPromise',
  toText: (key) => JSON.stringify([key.gtin, key.siteGln]),
  load: async (keys, { db }) => {
    const rows = await query<{ place: number; known: number; pieces: number }>(
      db,
      sql`SELECT w.place::int AS place, count(t.*)::int AS known,
            least(${INT_MOST}::bigint, coalesce(sum(t."onHand"::bigint + t."inTransit" - t."reserved")
              FILTER (WHERE w.site IS NULL OR t."siteGln" = w.site), 0))::int AS pieces
          FROM unnest(${keys.map((k) => k.gtin)}::text[], ${keys.map((k) => k.siteGln)}::text[]) WITH ORDINALITY AS w(gtin, site, place)
          LEFT JOIN "InventoryPosition" t ON t."gtin" = w.gtin GROUP BY w.place`,
    );
    const byPlace = new Map(rows.map((row) => [row.place, row]));
    return keys.map((_, i) => {
      const row = byPlace.get(i + 1);
      return row === undefined || row.known === 0 ? null : row.pieces;
    });
  },
};

type SupplyKey = { readonly siteGln: string; readonly gtin: string; readonly onHand: number };

/**
 * On hand over the mean daily net demand of the last 28 days, today included; null without demand. A store sells what is bought there;
 * any other place serves what is sold away from stores.
 */
export const daysOfSupply: Batch<SupplyKey, number | null, SubgraphContext> = {
  name: 'daysOfSupply',
  toText: (key) => JSON.stringify([key.siteGln, key.gtin]),
  load: async (keys, { db, clock, settings }) => {
    const today = toBusinessDay(clock.now(), settings.timeZone);
    const rows = await query<{ place: number; pieces: number }>(
      db,
      sql`SELECT w.place::int AS place, sum(d."pieces")::float8 AS pieces
          FROM unnest(${keys.map((k) => k.siteGln)}::text[], ${keys.map((k) => k.gtin)}::text[]) WITH ORDINALITY AS w(site, gtin, place)
          JOIN "Site" s ON s."siteGln" = w.site
          JOIN "DailySales" d ON d."gtin" = w.gtin AND d."siteGln" = CASE WHEN s."kind" = 'STORE' THEN w.site ELSE ${ONLINE} END
          WHERE d."day" > ${addDays(today, -DEMAND_DAYS)}::date AND d."day" <= ${today}::date GROUP BY w.place`,
    );
    const byPlace = new Map(rows.map((row) => [row.place, row.pieces]));
    return keys.map((key, i) => {
      const pieces = byPlace.get(i + 1) ?? 0;
      return pieces > 0 ? key.onHand / (pieces / DEMAND_DAYS) : null;
    });
  },
};
