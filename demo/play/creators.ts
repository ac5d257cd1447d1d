// Agencies and creators enter themselves, their audiences, brands, styles and campaigns.
import { z } from 'zod';
import type { Player } from '../client.ts';
import { toGmn, toKey13 } from '../gs1.ts';
import { forEachOf, type Stage } from '../stage.ts';
import { drawPopularity } from '../shape.ts';
import { adjectives, brandWords, colours, kinds, type Kind } from '../words.ts';
import type { Cast } from './members.ts';

export type PlayedStyle = {
  readonly styleId: string;
  readonly kind: Kind;
  readonly priceYuan: number;
  readonly skus: readonly { gtin: string; colour: string; size: string }[];
  /** Weight among the styles that sell. */
  readonly popularity: number;
};
export type PlayedCampaign = { readonly campaignId: string; readonly styles: readonly PlayedStyle[]; readonly status: string };
export type PlayedCreator = {
  readonly player: Player;
  readonly creatorId: string;
  readonly segmentIds: readonly string[];
  readonly styles: readonly PlayedStyle[];
  readonly campaigns: readonly PlayedCampaign[];
};

const DAY_MS = 86_400_000;
const STYLES_EACH = 3;
const tiers = ['KOC', 'KOC', 'KOL', 'AMATEUR'];
const audiences = ['students', 'office', 'young parents', 'slim waist', 'tall', 'plus', 'retro', 'sporty'];
const curves: readonly (readonly number[])[] = [
  [800, 2_400, 3_400, 2_300, 1_100],
  [2_200, 3_600, 2_600, 1_200, 400],
  [300, 1_200, 2_700, 3_400, 2_400],
];

const readId = (payload: unknown, field: string): string => z.object({ [field]: z.string() }).parse(payload)[field] ?? '';

export async function playCreators(stage: Stage, cast: Cast): Promise<PlayedCreator[]> {
  const mcnIds = await forEachOf(cast.mcns, 4, async (player, i) => {
    const input = { name: player.name, takeRateBps: 1_000 + i * 250, idempotencyKey: stage.key('mcn', i) };
    return readId((await stage.client.change(player, 'registerMcn', input, 'mcn { mcnId }'))['mcn'], 'mcnId');
  });
  return forEachOf(cast.creators, 6, (player, i) => playCreator(stage, player, i, mcnIds));
}

async function playCreator(stage: Stage, player: Player & { name: string }, i: number, mcnIds: readonly string[]): Promise<PlayedCreator> {
  const random = stage.random('creator', i);
  const tier = random.pick(tiers);
  const mcnId = random.chance(0.6) ? random.pick(mcnIds) : null;
  const input = { displayName: player.name, tier, country: 'CN', mcnId, idempotencyKey: stage.key('creator', i) };
  const creatorId = readId((await stage.client.change(player, 'registerCreator', input, 'creator { creatorId }'))['creator'], 'creatorId');
  const segmentIds = await forEachOf(random.some(audiences, 2), 1, (name, j) => defineSegment(stage, player, { creatorId, name, i, j }));
  const brandId = random.chance(0.5) ? await registerBrand(stage, player, i, segmentIds) : null;
  const styles = await proposeStyles(stage, player, { creatorId, brandId, i });
  const campaigns = await forEachOf([0, 1], 1, (j) => playCampaign(stage, player, { creatorId, brandId, segmentIds, styles, i, j }));
  return { player, creatorId, segmentIds, styles, campaigns };
}

async function defineSegment(
  stage: Stage,
  player: Player,
  who: { creatorId: string; name: string; i: number; j: number },
): Promise<string> {
  const random = stage.random('segment', who.i, who.j);
  const shares = random.pick(curves);
  const input = {
    creatorId: who.creatorId,
    name: who.name,
    size: Math.round(random.logNormal(4_000, 0.9)),
    priceFrom: stage.yuan(random.int(30, 80)),
    priceTo: stage.yuan(random.int(150, 500)),
    sizeCurve: ['XS', 'S', 'M', 'L', 'XL'].map((size, k) => ({ size, shareBps: shares[k] ?? 0 })),
    idempotencyKey: stage.key('segment', who.i, who.j),
  };
  return readId((await stage.client.change(player, 'defineSegment', input, 'segment { segmentId }'))['segment'], 'segmentId');
}

async function registerBrand(stage: Stage, player: Player, i: number, segmentIds: readonly string[]): Promise<string> {
  const name = `${brandWords[i % brandWords.length]} ${i}`;
  const input = {
    name,
    positioning: `the calm choice for ${name}`,
    promise: 'fits the first time',
    slogan: 'Made when you ask for it',
    segmentIds,
    idempotencyKey: stage.key('brand', i),
  };
  return readId((await stage.client.change(player, 'registerBrand', input, 'brand { brandId }'))['brand'], 'brandId');
}

async function proposeStyles(
  stage: Stage,
  player: Player,
  who: { creatorId: string; brandId: string | null; i: number },
): Promise<PlayedStyle[]> {
  const random = stage.random('styles', who.i);
  const drafts = Array.from({ length: STYLES_EACH }, (_, j) => {
    const kind = random.pick(kinds);
    const priceYuan = Math.round(kind.priceYuan * (0.8 + random.next() * 0.5));
    const skus = random
      .some(colours, 2)
      .flatMap((colour, c) =>
        kind.sizes.map((size, k) => ({ gtin: toKey13(5, (who.i * STYLES_EACH + j) * 20 + c * 6 + k), colour, size })),
      );
    return { kind, priceYuan, skus, gmn: toGmn(who.i * STYLES_EACH + j), name: `${random.pick(adjectives)} ${kind.noun}` };
  });
  const styles = drafts.map(({ kind, priceYuan, skus, gmn, name }) => ({
    gmn,
    name,
    category: kind.category,
    creatorId: who.creatorId,
    ...(who.brandId === null ? {} : { brandId: who.brandId }),
    retailPrice: stage.yuan(priceYuan),
    skus,
  }));
  const payload = await stage.client.change(
    player,
    'proposeStyles',
    { styles, idempotencyKey: stage.key('styles', who.i) },
    'styles { styleId }',
  );
  const ids = z.array(z.object({ styleId: z.string() })).parse(payload['styles']);
  return drafts.map(({ kind, priceYuan, skus }, j) => ({
    styleId: ids[j]?.styleId ?? '',
    kind,
    priceYuan,
    skus,
    popularity: drawPopularity(stage.random('popularity', who.i, j)),
  }));
}

type CampaignPlan = {
  creatorId: string;
  brandId: string | null;
  segmentIds: readonly string[];
  styles: readonly PlayedStyle[];
  i: number;
  j: number;
};

// The first campaign is on sale, the second takes deposits or is still being prepared.
async function playCampaign(stage: Stage, player: Player, plan: CampaignPlan): Promise<PlayedCampaign> {
  const random = stage.random('campaign', plan.i, plan.j);
  const styles = random.some(plan.styles, plan.j === 0 && random.chance(0.3) ? 2 : 1);
  const startsAt = new Date(stage.now.getTime() + (plan.j === 0 ? -random.int(3, 12) : random.int(2, 10)) * DAY_MS);
  const input = {
    creatorId: plan.creatorId,
    ...(plan.brandId === null ? {} : { brandId: plan.brandId }),
    title: plan.j === 0 ? 'This week live' : 'Next week first look',
    startsAt: startsAt.toISOString(),
    endsAt: new Date(startsAt.getTime() + 21 * DAY_MS).toISOString(),
    cpsRateBps: random.int(800, 2_500),
    ...(random.chance(0.2) ? { slotFee: stage.yuan(random.int(200, 3_000)) } : {}),
    styleIds: styles.map((style) => style.styleId),
    segmentIds: plan.segmentIds,
    idempotencyKey: stage.key('campaign', plan.i, plan.j),
  };
  const campaignId = readId(
    (await stage.client.change(player, 'createCampaign', input, 'campaign { campaignId }'))['campaign'],
    'campaignId',
  );
  const move = (mutation: string) =>
    stage.client.change(player, mutation, { campaignId, idempotencyKey: stage.key(mutation, plan.i, plan.j) }, 'campaign { status }');
  const opens = plan.j === 0 || random.chance(0.7);
  if (opens) await move('openPresale');
  if (plan.j === 0) await move('closePresale');
  return { campaignId, styles, status: plan.j === 0 ? 'LIVE' : opens ? 'PRESALE' : 'DRAFT' };
}
