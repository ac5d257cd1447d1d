// Segments of audiences, and their figures as they stand now.
import { addDays } from '../../../lib/clock/clock.ts';
import { createError } from '../../../lib/errors/errors.ts';
import type { PageArgs } from '../../../subgraph-kit/page.ts';
import { curveOfSegment } from '../data/lists.ts';
import type { SegmentRow } from '../data/rows.ts';
import { segments } from '../data/tables.ts';
import { lifetimeValue, toBps } from '../lifetime-value.ts';
import { cohortsOfSegment, type Cohort } from '../loaders/cohorts.ts';
import { arpuOfSegment, loyaltyOfSegment, segmentsByArpu } from '../loaders/segment-figures.ts';
import { countedFor } from '../loaders/sales-figures.ts';
import { startOf, type TimeWindow } from '../windows.ts';
import { memberOf, money, type Context } from './parts.ts';

const WEEKS_MOST = 104;

export const segmentQueries = {
  segment: (_: unknown, { segmentId }: { segmentId: string }, { loaders }: Context) => loaders.row(segments, segmentId),
  segments: (_: unknown, args: PageArgs & { minArpuMinor?: number | null }, { loaders, clock, settings, principal }: Context) => {
    const now = clock.now();
    return loaders.rootPage(segments, segmentsByArpu, {
      ...args,
      since: startOf('D30', now).toISOString(),
      now: now.toISOString(),
      currency: settings.currency,
      counted: countedFor(principal),
    });
  },
};

type Range = { readonly from: string; readonly to: string };

function checkRange({ from, to }: Range): void {
  if (from > to) throw createError('BAD_USER_INPUT', `\`to\` (${to}) lies before \`from\` (${from})`);
  if (addDays(from, WEEKS_MOST * 7) <= to)
    throw createError('BAD_USER_INPUT', `expected at most ${WEEKS_MOST} weeks from \`from\` to \`to\``);
}

export const segmentTypes = {
  AudienceSegment: {
    __resolveReference: ({ segmentId }: { segmentId: string }, { loaders }: Context) => loaders.row(segments, segmentId),
    member: memberOf,
    arpu: async ({ segmentId }: SegmentRow, { window }: { window: TimeWindow }, context: Context) =>
      money(await context.loaders.batch(arpuOfSegment, { segmentId, window }, context), context.settings.currency),
    retentionBps: async ({ segmentId }: SegmentRow, { window }: { window: TimeWindow }, context: Context) => {
      const { again, before } = await context.loaders.batch(loyaltyOfSegment, { segmentId, window }, context);
      return toBps(again, before);
    },
    ltv: async ({ segmentId }: SegmentRow, _: unknown, context: Context) => {
      const { again, before, buyers, netMinor } = await context.loaders.batch(loyaltyOfSegment, { segmentId, window: 'D90' }, context);
      return money(lifetimeValue({ netMinor, buyers, retentionBps: toBps(again, before) }), context.settings.currency);
    },
    cohorts: ({ segmentId }: SegmentRow, range: Range, context: Context) => {
      checkRange(range);
      return context.loaders.batch(cohortsOfSegment, { segmentId, ...range }, context);
    },
    priceBand: ({ priceFromMinor, priceToMinor, priceCurrency }: SegmentRow) =>
      priceCurrency === null ? null : { from: money(priceFromMinor, priceCurrency), to: money(priceToMinor, priceCurrency) },
    sizeCurve: ({ segmentId }: SegmentRow, _: unknown, { loaders }: Context) => loaders.children(curveOfSegment, segmentId),
  },
  SegmentCohort: {
    revenue: ({ netMinor }: Cohort, _: unknown, { settings }: Context) => money(netMinor, settings.currency),
    ltv: ({ netMinor, buyers, retentionD30Bps, retentionD90Bps }: Cohort, _: unknown, { settings }: Context) =>
      money(lifetimeValue({ netMinor, buyers, retentionBps: retentionD90Bps ?? retentionD30Bps }), settings.currency),
  },
};
