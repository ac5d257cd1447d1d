// adjustInventory: corrects the stock of one trade item at one place of the calling member.
import { nextChangedAt } from '../../../subgraph-kit/change.ts';
import { checkGtin, checkRange } from '../../../subgraph-kit/checks.ts';
import { createMutationKinds, type MutationInput, type Write } from '../../../subgraph-kit/mutation.ts';
import { execute, query, sql } from '../../../subgraph-kit/sql.ts';
import type { Tx } from '../data/client.ts';
import { positions, type PositionRow } from '../data/tables.ts';
import { reportPositions } from '../data/write.ts';
import { explainShortage } from '../stock.ts';

const { creates } = createMutationKinds<Tx>();

type Input = MutationInput & { readonly siteGln: string; readonly gtin: string; readonly delta: number; readonly reason: string };

const PIECES_MOST = 1_000_000_000;
const EMPTY = { onHand: 0, reserved: 0, inTransit: 0 };

export const adjustInventory = creates<Input, PositionRow>({
  name: 'adjustInventory',
  by: 'ANY',
  answer: { field: 'position', table: positions },
  check: (input, problems) => {
    checkGtin(problems, input.gtin, ['gtin']);
    checkRange(problems, input.delta, ['delta'], { from: -PIECES_MOST, to: PIECES_MOST, unit: 'pieces' });
    if (input.delta === 0) problems.add('OUT_OF_RANGE', ['delta'], 'expected pieces to add or to take off, got 0');
  },
  write: async (write) => {
    const { tx, input, now, emit, refuse } = write;
    await checkSite(write);
    const before = await lockPosition(write);
    checkNotStale(write, before);
    const shortage = explainShortage(before ?? EMPTY, input.delta);
    if (shortage !== null) refuse('STOCK_SHORT', ['delta'], shortage);
    const onHand = (before?.onHand ?? 0) + input.delta;
    if (onHand > PIECES_MOST) refuse('OUT_OF_RANGE', ['delta'], `expected at most ${PIECES_MOST} pieces at one place, got ${onHand}`);
    const { siteGln, gtin } = input;
    const row = await tx.inventoryPosition.update({
      where: { siteGln_gtin: { siteGln, gtin } },
      data: { onHand, changedAt: nextChangedAt(now, before?.changedAt) },
    });
    reportPositions({ emit }, [row]);
    return row;
  },
});

async function checkSite({ tx, input, actor, refuse }: Write<Tx, Input>): Promise<void> {
  const site = await tx.site.findUnique({ where: { siteGln: input.siteGln } });
  if (site === null) return refuse('NOT_FOUND', ['siteGln'], `no place has the GLN ${input.siteGln}`);
  if (site.memberId !== actor.memberId) return refuse('NOT_YOURS', ['siteGln'], `the place ${input.siteGln} belongs to another member`);
}

// Null when there was no position: then an empty one was made, which is rolled back with everything else if the change is refused.
async function lockPosition({ tx, input, actor, origin, now }: Write<Tx, Input>): Promise<PositionRow | null> {
  const made = await execute(
    tx,
    sql`INSERT INTO "InventoryPosition" ("siteGln", "gtin", "memberId", "origin", "onHand", "reserved", "inTransit", "changedAt")
        VALUES (${input.siteGln}, ${input.gtin}, ${actor.memberId}, ${origin}, 0, 0, 0, ${now}::timestamptz) ON CONFLICT DO NOTHING`,
  );
  if (made === 1) return null;
  const [row] = await query<PositionRow>(
    tx,
    sql`SELECT t.* FROM "InventoryPosition" t WHERE t."siteGln" = ${input.siteGln} AND t."gtin" = ${input.gtin} FOR UPDATE`,
  );
  return row ?? null;
}

function checkNotStale({ input, refuse }: Write<Tx, Input>, before: PositionRow | null): void {
  const seen = input.ifChangedAt;
  if (!seen || before?.changedAt.getTime() === seen.getTime()) return;
  const words =
    before === null ? 'there was no such stock yet' : `it was changed at ${before.changedAt.toISOString()}, you read ${seen.toISOString()}`;
  refuse('STALE', ['ifChangedAt'], `${words}; read it again`);
}
