// Accounts of creators with a month of readings, and what their audiences did with the styles of a campaign in the last hours.
import { z } from 'zod';
import { addDays } from '../../lib/clock/clock.ts';
import { forEachOf, type Stage } from '../stage.ts';
import type { PlayedCreator } from './creators.ts';

const READING_DAYS = 30;
const SIGNAL_HOURS = 12;
const HOUR_MS = 3_600_000;
const platforms = ['TIKTOK', 'INSTAGRAM', 'FACEBOOK'];

export async function playTraffic(stage: Stage, creators: readonly PlayedCreator[]): Promise<void> {
  await forEachOf(creators, 6, async (creator, i) => {
    const sources = [await addSource(stage, creator, i, 'PUBLIC')];
    if (stage.random('sources', i).chance(0.5)) sources.push(await addSource(stage, creator, i, 'PRIVATE'));
    const readings = sources.flatMap((sourceId, k) => readingsOf(stage, sourceId, i, k));
    const input = { readings, idempotencyKey: stage.key('traffic', i, stage.today) };
    await stage.client.change(creator.player, 'recordTraffic', input, 'sources { sourceId }');
    await recordSignals(stage, creator, i, sources[0] ?? '');
  });
}

async function addSource(stage: Stage, { player, creatorId }: PlayedCreator, i: number, domain: string): Promise<string> {
  const platform = domain === 'PRIVATE' ? 'OWN_COMMUNITY' : stage.random('platform', i).pick(platforms);
  const handle = `${domain === 'PRIVATE' ? 'friends' : 'live'}-of-${i + 1}`;
  const input = { creatorId, platform, handle, domain, idempotencyKey: stage.key('source', domain, i) };
  const payload = await stage.client.change(player, 'addTrafficSource', input, 'trafficSource { sourceId }');
  return z.object({ sourceId: z.string() }).parse(payload['trafficSource']).sourceId;
}

// Reach is log-normal over creators and days; of hundred views some four look at a product, and of these some three buy.
function readingsOf(stage: Stage, sourceId: string, i: number, k: number): Record<string, unknown>[] {
  const random = stage.random('readings', i, k);
  const usual = random.logNormal(4_000, 1);
  let followers = Math.round(usual * 6);
  return Array.from({ length: READING_DAYS }, (_, day) => {
    const views = Math.round(usual * random.logNormal(1, 0.5));
    const clicks = Math.round(views * (0.02 + random.next() * 0.04));
    followers += Math.round(views * 0.004);
    return {
      sourceId,
      day: addDays(stage.today, day - READING_DAYS),
      views,
      reactions: Math.round(views * (0.03 + random.next() * 0.05)),
      clicks,
      orders: Math.round(clicks * (0.01 + random.next() * 0.04)),
      joinedPrivate: k === 0 ? Math.round(clicks * random.next() * 0.02) : 0,
      followers,
    };
  });
}

async function recordSignals(stage: Stage, { player, campaigns }: PlayedCreator, i: number, sourceId: string): Promise<void> {
  const random = stage.random('signals', i);
  const signals = campaigns
    .filter(({ status }) => status !== 'DRAFT')
    .flatMap(({ campaignId, styles }) =>
      styles.flatMap(({ styleId, popularity }) =>
        Array.from({ length: SIGNAL_HOURS }, (_, hour) => {
          const views = Math.round(random.logNormal(120, 0.8) * Math.min(8, 0.4 + popularity));
          const addToCarts = Math.round(views * (0.01 + random.next() * 0.05));
          const orders = Math.round(addToCarts * random.next() * 0.5);
          return {
            styleId,
            sourceId,
            campaignId,
            at: new Date(stage.now.getTime() - (SIGNAL_HOURS - hour) * HOUR_MS).toISOString(),
            windowSeconds: 3_600,
            views,
            reactions: Math.round(views * 0.1),
            addToCarts,
            deposits: Math.round(orders * random.next() * 0.4),
            orders,
          };
        }),
      ),
    );
  if (signals.length === 0) return;
  const input = { signals, idempotencyKey: stage.key('signals', i, stage.today) };
  await stage.client.change(player, 'recordSignals', input, 'signals { signalId }');
}
