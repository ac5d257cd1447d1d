// addTrafficSource and recordTraffic: where a creator reaches people, and what happened there day by day.
import { toBusinessDay } from '../../../lib/clock/clock.ts';
import { createId } from '../../../lib/ids.ts';
import { checkNotFuture, checkRange, checkText, INT_MOST } from '../../../subgraph-kit/checks.ts';
import { toDate } from '../../../subgraph-kit/days.ts';
import type { MutationInput } from '../../../subgraph-kit/mutation.ts';
import type { Problems } from '../../../subgraph-kit/problems.ts';
import { query, sql } from '../../../subgraph-kit/sql.ts';
import type { CreatorRow, Platform, SourceRow, TrafficDomain } from '../data/rows.ts';
import { sources } from '../data/tables.ts';
import { replaceReadings, writeSources } from '../writes/traffic.ts';
import { bulk, creates, PERFORMERS } from './kinds.ts';
import { findRows, refuseOn, requireOwn, type Found } from './references.ts';

const SOURCES_MOST = 50;
const READINGS_MOST = 1_000;

type AddInput = MutationInput & {
  readonly creatorId: string;
  readonly platform: Platform;
  readonly handle: string;
  readonly domain: TrafficDomain;
};

export const addTrafficSource = creates<AddInput, SourceRow>({
  name: 'addTrafficSource',
  by: PERFORMERS,
  answer: { field: 'trafficSource', table: sources },
  check: ({ handle }, problems) => checkText(problems, handle, ['handle'], 100),
  write: async ({ tx, emit, input, actor, origin, now, context, refuse }) => {
    const { creatorId, platform, domain } = input;
    const handle = input.handle.trim();
    // two sources at a time are counted one after the other
    const found = await query<CreatorRow>(tx, sql`SELECT * FROM "Creator" WHERE "creatorId" = ${creatorId} FOR UPDATE`);
    const byId = new Map(found.map((row) => [row.creatorId, row]));
    refuseOn((problems) => requireOwn(problems, byId, { id: creatorId, path: ['creatorId'], owners: [actor.memberId] }));
    const channels = await tx.trafficSource.findMany({ where: { creatorId } });
    if (channels.some((known) => known.platform === platform && known.handle === handle))
      refuse('DUPLICATE', ['handle'], `the creator has ${handle} on ${platform} already`);
    if (channels.length >= SOURCES_MOST) refuse('TOO_MANY', ['creatorId'], `a creator has at most ${SOURCES_MOST} sources`);
    const sourceId = createId('src', context.clock);
    const row: SourceRow = { sourceId, memberId: actor.memberId, origin, creatorId, platform, handle, domain, changedAt: now };
    await writeSources({ tx, emit }, [row]);
    return row;
  },
});

type ReadingInput = {
  readonly sourceId: string;
  readonly day: string;
  readonly views?: number | null;
  readonly reactions: number;
  readonly clicks?: number | null;
  readonly orders?: number | null;
  readonly joinedPrivate?: number | null;
  readonly followers?: number | null;
};
type RecordInput = MutationInput & { readonly readings: readonly ReadingInput[] };

function checkReading(reading: ReadingInput, problems: Problems, today: string): void {
  checkNotFuture(problems, reading.day, today, ['day']);
  for (const field of ['views', 'reactions', 'clicks', 'followers'] as const) checkRange(problems, reading[field], [field], { from: 0 });
  for (const field of ['orders', 'joinedPrivate'] as const) checkRange(problems, reading[field], [field], { from: 0, to: INT_MOST });
}

export const toLong = (value: number | null | undefined): bigint | null => (value === null || value === undefined ? null : BigInt(value));

export const recordTraffic = bulk<RecordInput, ReadingInput, Found<SourceRow>, SourceRow>({
  name: 'recordTraffic',
  by: PERFORMERS,
  answer: { field: 'sources', table: sources },
  items: (input) => input.readings,
  path: 'readings',
  most: READINGS_MOST,
  identity: ({ sourceId, day }) => `${sourceId} ${day}`,
  check: (reading, problems, { clock, settings }) => checkReading(reading, problems, toBusinessDay(clock.now(), settings.timeZone)),
  prepare: ({ tx }, items) =>
    findRows(
      tx,
      sources,
      items.map(({ value }) => value.sourceId),
    ),
  judge: ({ sourceId }, found, problems, { actor }) =>
    void requireOwn(problems, found, { id: sourceId, path: ['sourceId'], owners: [actor.memberId] }),
  write: async ({ tx, emit, items, known, origin, now }) => {
    const readings = items.flatMap(({ value }) => {
      const source = known.get(value.sourceId);
      if (source === undefined) return [];
      const { sourceId, day, orders, joinedPrivate } = value;
      const row = {
        sourceId,
        day: toDate(day),
        origin,
        views: toLong(value.views),
        reactions: BigInt(value.reactions),
        clicks: toLong(value.clicks),
        orders: orders ?? null,
        joinedPrivate: joinedPrivate ?? null,
        followers: toLong(value.followers),
        recordedAt: now,
      };
      return [{ row, source }];
    });
    const changed = await replaceReadings({ tx, emit }, readings, now);
    return readings.map(({ source }) => changed.get(source.sourceId) ?? source);
  },
});
