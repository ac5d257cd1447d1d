// Traffic sources and signals. That a creator has an account is for all to know; its numbers are for its owner.
import { addDays } from '../../../lib/clock/clock.ts';
import { createError } from '../../../lib/errors/errors.ts';
import type { PageArgs } from '../../../subgraph-kit/page.ts';
import { maySee } from '../../../subgraph-kit/table.ts';
import { signalsOfSource } from '../data/lists.ts';
import type { SignalRow, SourceRow } from '../data/rows.ts';
import { campaigns, creators, signals, sources, styles } from '../data/tables.ts';
import { figuresOfSource, readingsOfSource, type TrafficFigures } from '../loaders/traffic-figures.ts';
import type { Context } from './parts.ts';

const DAYS_MOST = 366;

type Range = { readonly from: string; readonly to: string };

function checkRange({ from, to }: Range): void {
  if (from > to) throw createError('BAD_USER_INPUT', `\`to\` (${to}) lies before \`from\` (${from})`);
  if (addDays(from, DAYS_MOST) <= to) throw createError('BAD_USER_INPUT', `expected at most ${DAYS_MOST} days from \`from\` to \`to\``);
}

// A figure of a source, for those who may know it.
const figure =
  <T>(pick: (figures: TrafficFigures, source: SourceRow) => T) =>
  async (source: SourceRow, _: unknown, context: Context): Promise<T | null> =>
    maySee(context.principal, source) ? pick(await context.loaders.batch(figuresOfSource, source.sourceId, context), source) : null;

export const trafficTypes = {
  TrafficSource: {
    __resolveReference: ({ sourceId }: { sourceId: string }, { loaders }: Context) => loaders.row(sources, sourceId),
    creator: ({ creatorId }: SourceRow, _: unknown, { loaders }: Context) => loaders.row(creators, creatorId),
    followers: figure(({ followers }) => followers),
    followersAsOf: figure(({ followersAsOf }) => followersAsOf),
    reach7d: figure(({ reach7d }) => reach7d),
    conversionRateBps: figure(({ conversionRateBps }) => conversionRateBps),
    privateConversionBps: figure(({ privateConversionBps }, { domain }) => (domain === 'PUBLIC' ? privateConversionBps : null)),
    readings: (source: SourceRow, range: Range, context: Context) => {
      checkRange(range);
      if (!maySee(context.principal, source)) return null;
      return context.loaders.batch(readingsOfSource, { sourceId: source.sourceId, ...range }, context);
    },
    signals: ({ sourceId }: SourceRow, args: PageArgs, { loaders }: Context) => loaders.page(signals, signalsOfSource, sourceId, args),
  },
  DemandSignal: {
    __resolveReference: ({ signalId }: { signalId: string }, { loaders }: Context) => loaders.row(signals, signalId),
    style: ({ styleId }: SignalRow, _: unknown, { loaders }: Context) => (styleId === null ? null : loaders.row(styles, styleId)),
    source: ({ sourceId }: SignalRow, _: unknown, { loaders }: Context) => (sourceId === null ? null : loaders.row(sources, sourceId)),
    campaign: ({ campaignId }: SignalRow, _: unknown, { loaders }: Context) =>
      campaignId === null ? null : loaders.row(campaigns, campaignId),
  },
};
