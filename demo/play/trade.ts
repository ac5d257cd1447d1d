// The trade itself: styles are engineered and classified, demand is raised, quotes are given, stock is put up and goods are sold.
import { z } from 'zod';
import { addDays } from '../../lib/clock/clock.ts';
import type { Random } from '../random.ts';
import { drawOrderSize } from '../shape.ts';
import { forEachOf, type Stage } from '../stage.ts';
import type { PlayedCreator, PlayedStyle } from './creators.ts';
import type { Site } from './distributors.ts';
import { playFlow } from './flow.ts';
import type { Facility } from './makers.ts';
import { putUpStock, sell } from './sales.ts';

const DAY_MS = 86_400_000;

export type Trade = {
  readonly creators: readonly PlayedCreator[];
  readonly facilities: readonly Facility[];
  readonly sites: readonly Site[];
};

export async function playTrade(stage: Stage, trade: Trade): Promise<void> {
  await engineer(stage, trade);
  await classify(stage, trade);
  const lines = [...(await raiseDemand(stage, trade, 'running')), ...(await raiseDemand(stage, trade, 'coming'))];
  await putUpStock(stage, trade);
  await sell(stage, trade);
  await quote(stage, trade, lines);
  await playFlow(stage, trade, new Set(lines.filter(({ batch }) => batch === 'running').map(({ demandLineId }) => demandLineId)));
}

// A maker that can sew it works out the minutes of every style.
async function engineer(stage: Stage, { creators, facilities }: Trade): Promise<void> {
  const styles = creators.flatMap((creator) => creator.styles);
  await forEachOf(styles, 6, async (style, i) => {
    const random = stage.random('operations', i);
    const able = facilities.filter((facility) => facility.tags.includes(style.kind.tag));
    const facility = random.pick(able.length > 0 ? able : facilities);
    const sewing = style.kind.sewingMinutes * (0.85 + random.next() * 0.3);
    // every fourth style is printed and embroidered: its lots go through all eight stages
    const decorated = i % 4 === 0;
    const step = (name: string, smv: number, capability: string) => ({ stage: name, smv: Number(smv.toFixed(2)), capability });
    const operations = [
      step('FABRIC_PREP', sewing * 0.04 + 0.2, 'FABRIC_INSPECT'),
      step('CUTTING', sewing * 0.12 + 0.3, 'CUT_AUTO'),
      ...(decorated ? [step('PRINTING', 1.2, 'PRINT_SCREEN'), step('EMBROIDERY', 1.6, 'EMBROIDER_MULTIHEAD')] : []),
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

/** Demand that is under way and will be delivered, or demand of the coming weeks. */
type Batch = 'running' | 'coming';
type Line = {
  readonly demandLineId: string;
  readonly style: PlayedStyle;
  readonly quantity: number;
  readonly dueDate: string;
  readonly batch: Batch;
};

const linesShape = z.array(z.object({ demandLineId: z.string(), quantity: z.number(), dueDate: z.string() }));
// What is under way was ordered days ago and is wanted within this week and the next.
const DUE_DAYS: Readonly<Record<Batch, readonly [number, number]>> = { running: [7, 9], coming: [12, 20] };

async function raiseDemand(stage: Stage, { creators, sites }: Trade, batch: Batch): Promise<Line[]> {
  const stores = sites.filter((site) => site.kind === 'STORE');
  const all = await forEachOf(creators, 6, async (creator, i) => {
    const random = stage.random('demand', batch, i);
    const wishes = creator.campaigns
      .flatMap((campaign) => campaign.styles.map((style) => ({ campaign, style })))
      .filter(() => batch === 'running' || random.chance(0.4));
    if (wishes.length === 0) return [];
    const demands = wishes.map(({ campaign, style }) => {
      const presale = campaign.status === 'PRESALE';
      const quantity = drawOrderSize(random);
      const dueDate = addDays(stage.today, random.int(...DUE_DAYS[batch]));
      return {
        campaignId: campaign.campaignId,
        styleId: style.styleId,
        kind: presale ? 'PRESALE' : random.pick(['ORDER', 'ORDER', 'ORDER', 'REORDER_TRIGGER']),
        cut: cutOf(random.chance(0.5), style, creator, quantity),
        dueDate,
        latestDate: addDays(dueDate, random.int(5, 8)),
        shipToUnlocode: random.pick(['CNSHA', 'CNCAN', 'CNPEK', 'CNCTU']),
        unitMargin: stage.yuan(style.priceYuan * (0.3 + random.next() * 0.2)),
        ...(presale ? { depositPaid: stage.yuan(quantity * style.priceYuan * 0.1) } : {}),
        ...(stores.length > 0 && random.chance(0.1) ? { siteGln: random.pick(stores).siteGln } : {}),
        ...(batch === 'running'
          ? { orderedAt: new Date(stage.now.getTime() - (6 + random.next() * 5) * DAY_MS).toISOString() }
          : wishesOf(stage, random, style)),
      };
    });
    // what the creator had expected of the same styles in the same weeks, so that forecast and demand can be compared
    const expected =
      batch === 'running'
        ? []
        : demands
            .filter(() => random.chance(0.6))
            .map((demand) => ({
              ...demand,
              kind: 'FORECAST',
              cut: cutOf(false, styleOf(wishes, demand.styleId), creator, drawOrderSize(random)),
            }));
    const payload = await stage.client.change(
      creator.player,
      'submitDemands',
      { demands: [...demands, ...expected], idempotencyKey: stage.key('demand', batch, i) },
      'demandLines { demandLineId quantity dueDate }',
    );
    const lines = linesShape.parse(payload['demandLines']).slice(0, demands.length);
    return lines.map((line, k) => ({ ...line, batch, style: styleAt(wishes, k) }));
  });
  return all.flat();
}

// Some ask for more than most makers can show: a certificate, a quality, a price.
const wishesOf = (stage: Stage, random: Random, style: PlayedStyle): Record<string, unknown> => ({
  requiredCapabilities: [style.kind.tag],
  ...(random.chance(0.25) ? { requiredCertificates: ['OEKO-TEX Standard 100'] } : {}),
  ...(random.chance(0.3) ? { qualityFloorBps: 8_500 } : {}),
  ...(random.chance(0.3) ? { unitPriceCap: stage.yuan(style.priceYuan * 0.3) } : {}),
});

const styleOf = (wishes: readonly { style: PlayedStyle }[], styleId: string): PlayedStyle =>
  styleAt(
    wishes,
    wishes.findIndex(({ style }) => style.styleId === styleId),
  );

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

// Two makers that can sew it give a binding quote for every third line.
async function quote(stage: Stage, { facilities }: Trade, lines: readonly Line[]): Promise<void> {
  const wanted = lines.filter((_, i) => i % 3 === 0);
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
