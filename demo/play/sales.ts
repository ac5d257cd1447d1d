// What was sold, and what lies ready to be sold.
import { addDays } from '../../lib/clock/clock.ts';
import { drawHour, pickWeighted } from '../shape.ts';
import { forEachOf, inParts, type Stage } from '../stage.ts';
import type { Trade } from './trade.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const SALES_DAYS = 40;
// Variables of a request may take 64 KiB.
const PART = 100;

export async function putUpStock(stage: Stage, { creators, sites }: Trade): Promise<void> {
  const skus = creators.flatMap((creator) => creator.styles.flatMap((style) => style.skus.slice(0, 3)));
  const stocked = stage.random('stock').some(skus, 90);
  await forEachOf(stocked, 6, async (sku, i) => {
    const random = stage.random('stock', i);
    const site = random.pick(sites);
    const input = {
      siteGln: site.siteGln,
      gtin: sku.gtin,
      delta: Math.max(1, Math.round(random.logNormal(40, 0.8))),
      reason: 'COUNT',
      idempotencyKey: stage.key('stock', i),
    };
    await stage.client.change(site.player, 'adjustInventory', input, 'position { onHand }');
  });
}

const platforms = ['TIKTOK', 'TIKTOK', 'INSTAGRAM', 'OWN_COMMUNITY', 'FACEBOOK'];

export async function sell(stage: Stage, { creators, sites }: Trade): Promise<void> {
  const stores = sites.filter((site) => site.kind === 'STORE');
  await forEachOf(creators, 4, async (creator, i) => {
    const random = stage.random('sales', i);
    const campaign = creator.campaigns[0];
    if (campaign === undefined) return;
    const weight = campaign.styles.reduce((sum, { popularity }) => sum + popularity, 0);
    const count = Math.min(400, Math.max(8, Math.round(40 * weight)));
    const sales = Array.from({ length: count }, () => {
      const style = pickWeighted(random, campaign.styles, ({ popularity }) => popularity);
      const daysAgo = Math.min(SALES_DAYS, Math.floor(random.logNormal(6, 0.9)));
      const at = new Date(
        Date.parse(`${addDays(stage.today, -daysAgo)}T00:00:00Z`) + drawHour(random) * HOUR_MS - 8 * HOUR_MS + random.int(0, 59) * 60_000,
      );
      return {
        kind: random.chance(0.12) ? 'RETURN' : 'SALE',
        gtin: random.pick(style.skus).gtin,
        quantity: random.chance(0.85) ? 1 : random.int(2, 4),
        unitPrice: stage.yuan(style.priceYuan * (random.chance(0.3) ? 0.9 : 1)),
        soldAt: new Date(Math.min(at.getTime(), stage.now.getTime() - DAY_MS / 24)).toISOString(),
        campaignId: campaign.campaignId,
        ...(stores.length > 0 && random.chance(0.1) ? { siteGln: random.pick(stores).siteGln } : {}),
        segmentId: random.pick(creator.segmentIds),
        platform: random.pick(platforms),
        buyerPseudonym: `buyer-${i}-${random.int(1, Math.ceil(count / 2))}`,
      };
    });
    for (const [part, some] of inParts(sales, PART).entries()) {
      await stage.client.change(
        creator.player,
        'recordSales',
        { sales: some, idempotencyKey: stage.key('sales', i, part, stage.today) },
        'recorded',
      );
    }
  });
}
