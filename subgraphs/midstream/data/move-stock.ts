// Pieces that leave or reach known places: their positions are opened, moved and reported, in a constant number of statements.
import { nextChangedAt } from '../../../subgraph-kit/change.ts';
import { execute, query, sql } from '../../../subgraph-kit/sql.ts';
import { afterSales } from '../stock.ts';
import type { Tx } from './client.ts';
import type { PositionRow } from './tables.ts';
import { reportPositions, type Writer } from './write.ts';

/** Pieces of one item at one place: `taken` from the shelf and `brought` to it. */
export type StockMovement = { readonly siteGln: string; readonly gtin: string; readonly taken: number; readonly brought: number };

/** One movement for each place and item. */
export async function moveStock({ tx, emit }: Writer, unordered: readonly StockMovement[], now: Date): Promise<void> {
  if (unordered.length === 0) return;
  // in the order of their keys, so that two writers lock rows in one order
  const movements = unordered.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  await openPositions(tx, movements, now);
  reportPositions({ emit }, await movePositions(tx, movements, now));
}

const keyOf = ({ siteGln, gtin }: { readonly siteGln: string; readonly gtin: string }): string => JSON.stringify([siteGln, gtin]);

// Pieces brought to a known place that never held the item open a position there.
async function openPositions(tx: Tx, movements: readonly StockMovement[], now: Date): Promise<void> {
  const gained = movements.filter((m) => m.brought > m.taken);
  if (gained.length === 0) return;
  await execute(
    tx,
    sql`INSERT INTO "InventoryPosition" ("siteGln", "gtin", "memberId", "origin", "onHand", "reserved", "inTransit", "changedAt")
        SELECT s."siteGln", w.gtin, s."memberId", s."origin", 0, 0, 0, ${now}::timestamptz
        FROM unnest(${gained.map((m) => m.siteGln)}::text[], ${gained.map((m) => m.gtin)}::text[]) AS w(site, gtin) JOIN "Site" s ON s."siteGln" = w.site
        ON CONFLICT DO NOTHING`,
  );
}

async function movePositions(tx: Tx, movements: readonly StockMovement[], now: Date): Promise<PositionRow[]> {
  const held = await query<PositionRow>(
    tx,
    sql`SELECT t.* FROM "InventoryPosition" t JOIN unnest(${movements.map((m) => m.siteGln)}::text[], ${movements.map((m) => m.gtin)}::text[]) AS w(site, gtin)
        ON t."siteGln" = w.site AND t."gtin" = w.gtin ORDER BY t."siteGln", t."gtin" FOR UPDATE OF t`,
  );
  const byKey = new Map(movements.map((m) => [keyOf(m), m]));
  const moved = held.flatMap((row) => {
    const movement = byKey.get(keyOf(row));
    const onHand = afterSales(row.onHand, movement?.taken ?? 0, movement?.brought ?? 0);
    return onHand === row.onHand ? [] : [{ ...row, onHand, changedAt: nextChangedAt(now, row.changedAt) }];
  });
  await execute(
    tx,
    sql`UPDATE "InventoryPosition" t SET "onHand" = w."onHand", "changedAt" = w."changedAt"
        FROM unnest(${moved.map((m) => m.siteGln)}::text[], ${moved.map((m) => m.gtin)}::text[], ${moved.map((m) => m.onHand)}::int[], ${moved.map((m) => m.changedAt)}::timestamptz[])
          AS w("siteGln", "gtin", "onHand", "changedAt")
        WHERE t."siteGln" = w."siteGln" AND t."gtin" = w."gtin"`,
  );
  return moved;
}
