// The trade itself: styles are engineered and classified, demand is raised, quotes are given, stock is put up and goods are sold.
import { z } from 'zod';
import { addDays } from '../../lib/clock/clock.ts';
import { forEachOf, inParts, type Stage } from '../stage.ts';
import type { PlayedCreator, PlayedStyle } from './creators.ts';
import type { Site } from './distributors.ts';
import type { Facility } from './makers.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const SALES_DAYS = 40;
// Variables of a request may take 64 KiB.
const PART = 100;

export type Trade = {
  readonly creators: readonly PlayedCreator[];
  readonly facilities: readonly Facility[];
  readonly sites: readonly Site[];
};

export async function playTrade(stage: Stage, trade: Trade): Promise<void> {
  await engineer(stage, trade);
  await classify(stage, trade);
  const lines = await raiseDemand(stage, trade);
  await putUpStock(stage, trade);
  await sell(stage, trade);
  await quote(stage, trade, lines);
}

// A maker that can sew it works out the minutes of every style.
async function engineer(stage: Stage, { creators, facilities }: Trade): Promise<void> {
  const styles = creators.flatMap((creator) => creator.styles);
  await forEachOf(styles, 6, async (style, i) => {
    const random = stage.random('operations', i);
    const able = facilities.filter((facility) => facility.tags.includes(style.kind.tag));
    const facility = random.pick(able.length > 0 ? able : facilities);
    const sewing = style.kind.sewingMinutes * (0.85 + random.next() * 0.3);
    const step = (name: string, smv: number, capability: string) => ({ stage: name, smv: Number(smv.toFixed(2)), capability });
    const operations = [
      step('FABRIC_PREP', sewing * 0.04 + 0.2, 'FABRIC_INSPECT'),
      step('CUTTING', sewing * 0.12 + 0.3, 'CUT_AUTO'),
      step('SEWING', sewing, style.kind.tag),
      step('FINISHING', sewing * 0.1 + 0.5, 'FINISH_PRESS'),
      step('QC', sewing * 0.05 + 0.3, 'QC_AQL'),
      step('PACKING', 0.5, 'PACK_CARTON'),
    ];
    await stage.client.change(
      facility.player,
      'recordOperations',
      { styleId: style.styleId, operations, idempotencyKey: stage.key('operations', i) },
      'style { styleId }',
    );
  });
}

async function classify(stage: Stage, { creators, sites }: Trade): Promise<void> {
  const styles = creators.flatMap((creator) => creator.styles);
  await forEachOf(styles, 6, async (style, i) => {
    const player = stage.random('classify', i).pick(sites).player;
    const input = {
      styleId: style.styleId,
      hsCode: style.kind.hsCode,
      unitWeightGrams: style.kind.grams,
      idempotencyKey: stage.key('classify', i),
    };
    await stage.client.change(player, 'classifyStyle', input, 'style { styleId }');
  });
}

type Line = { readonly demandLineId: string; readonly style: PlayedStyle; readonly quantity: number; readonly dueDate: string };

const linesShape = z.array(z.object({ demandLineId: z.string(), quantity: z.number(), dueDate: z.string() }));

// Small first batches: most lines want 60 to 250 pieces.
async function raiseDemand(stage: Stage, { creators, sites }: Trade): Promise<Line[]> {
  const stores = sites.filter((site) => site.kind === 'STORE');
  const all = await forEachOf(creators, 6, async (creator, i) => {
    const random = stage.random('demand', i);
    const wishes = creator.campaigns.flatMap((campaign) => campaign.styles.map((style) => ({ campaign, style })));
    const demands = wishes.map(({ campaign, style }) => {
      const presale = campaign.status === 'PRESALE';
      const quantity = Math.max(20, Math.round(random.logNormal(110, 0.6)));
      const dueDate = addDays(stage.today, random.int(6, 15));
      return {
        campaignId: campaign.campaignId,
        styleId: style.styleId,
        kind: presale ? 'PRESALE' : random.pick(['ORDER', 'ORDER', 'FORECAST', 'REORDER_TRIGGER']),
        cut: cutOf(random.chance(0.5), style, creator, quantity),
        dueDate,
        latestDate: addDays(dueDate, random.int(2, 7)),
        shipToUnlocode: random.pick(['CNSHA', 'CNCAN', 'CNPEK', 'CNCTU']),
        requiredCapabilities: [style.kind.tag],
        ...(random.chance(0.15) ? { requiredCertificates: ['OEKO-TEX Standard 100'] } : {}),
        ...(random.chance(0.3) ? { qualityFloorBps: 8_500 } : {}),
        ...(random.chance(0.3) ? { unitPriceCap: stage.yuan(style.priceYuan * 0.45) } : {}),
        unitMargin: stage.yuan(style.priceYuan * (0.3 + random.next() * 0.2)),
        ...(presale ? { depositPaid: stage.yuan(quantity * style.priceYuan * 0.1) } : {}),
        ...(stores.length > 0 && random.chance(0.1) ? { siteGln: random.pick(stores).siteGln } : {}),
      };
    });
    const payload = await stage.client.change(
      creator.player,
      'submitDemands',
      { demands, idempotencyKey: stage.key('demand', i) },
      'demandLines { demandLineId quantity dueDate }',
    );
    return linesShape.parse(payload['demandLines']).map((line, k) => ({ ...line, style: styleAt(wishes, k) }));
  });
  return all.flat();
}

function styleAt(wishes: readonly { style: PlayedStyle }[], index: number): PlayedStyle {
  const wish = wishes[index];
  if (wish === undefined) throw new RangeError(`the hub answered more lines than were sent: ${index + 1}`);
  return wish.style;
}

// Either pieces per trade item, or a total that the size curve of a segment cuts.
function cutOf(byCurve: boolean, style: PlayedStyle, creator: PlayedCreator, quantity: number): Record<string, unknown> {
  const [segmentId] = creator.segmentIds;
  if (byCurve && style.skus.length > 2 && segmentId !== undefined) return { curve: { quantity, segmentId, colour: style.skus[0]?.colour } };
  const each = Math.max(1, Math.floor(quantity / style.skus.length));
  return { sizes: style.skus.map((sku) => ({ gtin: sku.gtin, quantity: each })) };
}

async function putUpStock(stage: Stage, { creators, sites }: Trade): Promise<void> {
  const skus = creators.flatMap((creator) => creator.styles.flatMap((style) => style.skus.slice(0, 3)));
  const stocked = stage.random('stock').some(skus, 160);
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

// Hours at which people buy: a small peak at noon and a large one in the evening.
const hours = [8, 10, 11, 12, 12, 13, 15, 17, 19, 20, 20, 20, 21, 21, 21, 21, 22, 22, 23];
const platforms = ['TIKTOK', 'TIKTOK', 'INSTAGRAM', 'OWN_COMMUNITY', 'FACEBOOK'];

async function sell(stage: Stage, { creators, sites }: Trade): Promise<void> {
  const stores = sites.filter((site) => site.kind === 'STORE');
  await forEachOf(creators, 4, async (creator, i) => {
    const random = stage.random('sales', i);
    const campaign = creator.campaigns[0];
    if (campaign === undefined) return;
    const count = Math.min(300, Math.max(40, Math.round(random.logNormal(80, 0.7))));
    const sales = Array.from({ length: count }, () => {
      const style = random.pick(campaign.styles);
      const daysAgo = Math.min(SALES_DAYS, Math.floor(random.logNormal(6, 0.9)));
      const at = new Date(
        Date.parse(`${addDays(stage.today, -daysAgo)}T00:00:00Z`) + random.pick(hours) * HOUR_MS - 8 * HOUR_MS + random.int(0, 59) * 60_000,
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

// Two makers that can sew it give a binding quote for every second line.
async function quote(stage: Stage, { facilities }: Trade, lines: readonly Line[]): Promise<void> {
  const wanted = lines.filter((_, i) => i % 2 === 0);
  await forEachOf(wanted, 6, async (line, i) => {
    const random = stage.random('quote', i);
    const able = facilities.filter((facility) => facility.tags.includes(line.style.kind.tag));
    for (const [k, facility] of random.some(able, 2).entries()) {
      const input = {
        demandLineId: line.demandLineId,
        gln: facility.gln,
        unitPrice: stage.yuan(line.style.kind.sewingMinutes * (1 + random.next()) + 4),
        setupCost: stage.yuan(random.int(50, 300)),
        minQty: Math.min(line.quantity, random.pick([30, 50, 100])),
        earliestFinish: addDays(line.dueDate, -random.int(0, 3)),
        validUntil: new Date(stage.now.getTime() + 14 * DAY_MS).toISOString(),
        idempotencyKey: stage.key('quote', i, k),
      };
      await stage.client.change(facility.player, 'quoteDemand', input, 'quote { quoteId }');
    }
  });
}
