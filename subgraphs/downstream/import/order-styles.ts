// Styles of the order file: each stock code becomes one style with one trade item, held by a generated creator. The styles of a creator
// that are seen first in the same batch of lines are one campaign of that creator.
import { toDemoGmn, toDemoGtin } from '../../../subgraph-kit/gs1.ts';
import { toDerivedId } from '../../../subgraph-kit/import/derived-id.ts';
import type { ImportChange, ImportRow } from '../../../subgraph-kit/import/format.ts';
import { query, sql } from '../../../subgraph-kit/sql.ts';
import type { Tx } from '../data/client.ts';
import { writeCampaigns, type NewCampaign } from '../writes/campaigns.ts';
import { writeStyles, type NewStyle } from '../writes/styles.ts';
import { toCategory } from './category.ts';
import { brandId, keeperOf, ONE_SIZE, type Keeper } from './house.ts';
import type { OrderLine } from './order-line.ts';

/** What a demand line must know of its style. */
export type HeldStyle = { readonly styleId: string; readonly memberId: string; readonly campaignId: string | null; readonly gtin: string };

const DAY_MS = 86_400_000;
const CAMPAIGN_DAYS = 60;
const COMMISSION_BPS = 1_200;

const styleIdOf = (stockCode: string): string => toDerivedId('sty', `orders ${stockCode}`);

/** Enters the styles of these lines that are not there yet; gives all of them by stock code. */
export async function enterStyles(
  change: ImportChange<Tx>,
  lines: readonly ImportRow<OrderLine>[],
): Promise<ReadonlyMap<string, HeldStyle>> {
  const first = new Map<string, OrderLine>();
  for (const { row } of lines) if (!first.has(row.stockCode)) first.set(row.stockCode, row);
  const known = await readHeld(change.tx, [...first.keys()]);
  const fresh = [...first.values()].filter((line) => !known.has(line.stockCode));
  if (fresh.length === 0) return known;
  const gtins = await findFreeGtins(
    change.tx,
    fresh.map(({ stockCode }) => stockCode),
  );
  await writeStyles(
    change,
    fresh.map((line) => toStyle(line, gtins.get(line.stockCode) ?? '', change.now)),
  );
  await writeCampaigns(change, toCampaigns(change, fresh));
  return new Map([
    ...known,
    ...(await readHeld(
      change.tx,
      fresh.map(({ stockCode }) => stockCode),
    )),
  ]);
}

async function readHeld(tx: Tx, stockCodes: readonly string[]): Promise<Map<string, HeldStyle>> {
  const codeOf = new Map(stockCodes.map((code) => [styleIdOf(code), code]));
  const rows = await query<HeldStyle>(
    tx,
    sql`SELECT s."styleId", s."memberId", k."gtin", c."campaignId" FROM "Style" s JOIN "Sku" k ON k."styleId" = s."styleId"
        LEFT JOIN LATERAL (SELECT l."campaignId" FROM "CampaignStyle" l WHERE l."styleId" = s."styleId" ORDER BY l."campaignId" LIMIT 1) c ON true
        WHERE s."styleId" = ANY(${[...codeOf.keys()]}::text[])`,
  );
  return new Map(rows.map((row) => [codeOf.get(row.styleId) ?? '', row]));
}

// A demo GTIN is a hash of 30 bits: another style may have it already.
async function findFreeGtins(tx: Tx, stockCodes: readonly string[]): Promise<Map<string, string>> {
  const taken = new Set<string>();
  const found = new Map<string, string>();
  for (let salt = 0; found.size < stockCodes.length; salt += 1) {
    const wished = new Map(
      stockCodes.filter((code) => !found.has(code)).map((code) => [code, toDemoGtin(`orders ${code}${salt === 0 ? '' : ` ${salt}`}`)]),
    );
    const rows = await tx.sku.findMany({ where: { gtin: { in: [...wished.values()] } }, select: { gtin: true } });
    for (const { gtin } of rows) taken.add(gtin);
    for (const [code, gtin] of wished) {
      if (taken.has(gtin)) continue;
      taken.add(gtin);
      found.set(code, gtin);
    }
  }
  return found;
}

function toStyle({ stockCode, description, unitPriceMinor, orderedAt }: OrderLine, gtin: string, now: Date): NewStyle {
  const { memberId, creatorId } = keeperOf(stockCode);
  const styleId = styleIdOf(stockCode);
  return {
    row: {
      styleId,
      gmn: toDemoGmn(`orders ${stockCode}`),
      memberId,
      origin: 'IMPORTED',
      name: description,
      category: toCategory(description),
      brandId,
      creatorId,
      retailPriceMinor: unitPriceMinor,
      retailPriceCurrency: 'GBP',
      life: 'CORE',
      proposedAt: orderedAt,
      changedAt: now,
    },
    skus: [{ gtin, styleId, colour: 'AS NAMED', size: ONE_SIZE, place: 0 }],
  };
}

function toCampaigns({ now }: ImportChange<Tx>, lines: readonly OrderLine[]): NewCampaign[] {
  const byKeeper = new Map<Keeper, OrderLine[]>();
  for (const line of lines) {
    const keeper = keeperOf(line.stockCode);
    byKeeper.set(keeper, [...(byKeeper.get(keeper) ?? []), line]);
  }
  return [...byKeeper].map(([keeper, group]) => toCampaign(keeper, group, now));
}

function toCampaign({ creatorId, memberId, name, segmentId }: Keeper, group: readonly OrderLine[], now: Date): NewCampaign {
  const codes = group.map(({ stockCode }) => stockCode);
  const startsAt = new Date(Math.min(...group.map(({ orderedAt }) => orderedAt.getTime())));
  return {
    row: {
      campaignId: toDerivedId('cmp', `orders ${creatorId} ${codes.join(' ')}`),
      memberId,
      origin: 'GENERATED',
      creatorId,
      brandId,
      title: `${name}: ${group[0]?.description.toLowerCase() ?? ''}${group.length > 1 ? ` and ${group.length - 1} more` : ''}`,
      status: 'LIVE',
      startsAt,
      endsAt: new Date(now.getTime() + CAMPAIGN_DAYS * DAY_MS),
      cpsRateBps: COMMISSION_BPS,
      slotFeeMinor: null,
      slotFeeCurrency: null,
      currency: 'GBP',
      cancelReason: null,
      changedAt: now,
    },
    styleIds: codes.map(styleIdOf),
    segmentIds: [segmentId],
  };
}
