/** Accounts of creators, what happens there day by day, and what audiences do within minutes. */
import { today, type World } from '../world.ts';
import { STATELESS, type Entry } from './entry.ts';

export const newSource = async (world: World): Promise<{ sourceId: string; creatorId: string }> => {
  const { creatorId } = await world.newCreator();
  const input = { creatorId, platform: 'TIKTOK', handle: `@ann${world.next()}`, domain: 'PUBLIC' };
  const { trafficSource } = await world.done(world.creator, 'addTrafficSource', input, 'trafficSource { sourceId }');
  return { creatorId, sourceId: trafficSource.sourceId };
};

const counted = { views: 90_000, reactions: 1_200, clicks: 800, orders: 40, joinedPrivate: 25, followers: 12_345 };

export const trafficRows: Readonly<Record<string, Entry>> = {
  addTrafficSource: {
    works: async (w) => ({
      player: w.creator,
      input: { creatorId: (await w.newCreator()).creatorId, platform: 'INSTAGRAM', handle: '@ann', domain: 'PRIVATE' },
    }),
    fields: 'trafficSource { sourceId }',
    topics: ['traffic.recorded'],
    other: (w) => w.otherCreator,
    forbidden: STATELESS,
  },
  recordTraffic: {
    works: async (w) => {
      const { sourceId } = await newSource(w);
      await w.done(w.creator, 'recordTraffic', { readings: [{ sourceId, day: today, reactions: 5 }] }, 'sources { sourceId }');
      return { player: w.creator, input: { readings: [{ sourceId, day: today, ...counted }] } };
    },
    fields: 'sources { sourceId }',
    topics: ['traffic.recorded'],
    other: (w) => w.otherCreator,
    forbidden: STATELESS,
  },
  recordSignals: {
    works: async (w) => {
      const { sourceId } = await newSource(w);
      const { styleId } = await w.newStyle();
      const window = { at: '2026-11-22T08:30:00Z', windowSeconds: 300 };
      const all = { ...window, styleId, sourceId, views: 4_000, reactions: 300, addToCarts: 60, deposits: 20, orders: 12 };
      return { player: w.creator, input: { signals: [all] } };
    },
    fields: 'signals { signalId }',
    topics: ['signal.recorded'],
    other: (w) => w.otherCreator,
    forbidden: STATELESS,
  },
};
