// publishCapacity: a maker offers minutes, many buckets at a time; each replaces what was offered before for its stage and day.
import { createId } from '../../../lib/ids.ts';
import { toBusinessDay } from '../../../lib/clock/clock.ts';
import { createBulkMutationKind, type Item } from '../../../subgraph-kit/bulk-mutation.ts';
import { checkNotPast, checkRange } from '../../../subgraph-kit/checks.ts';
import { toDay } from '../../../subgraph-kit/days.ts';
import type { MutationInput } from '../../../subgraph-kit/mutation.ts';
import type { Problems } from '../../../subgraph-kit/problems.ts';
import { query, sql } from '../../../subgraph-kit/sql.ts';
import type { Tx } from '../data/client.ts';
import { buckets, type BucketRow, type MakerRow } from '../data/tables.ts';
import type { Stage } from '../words.ts';
import { bucketKey, writeBuckets } from '../writes/buckets.ts';

const bulk = createBulkMutationKind<Tx>();

type CapacityInput = {
  readonly gln: string;
  readonly stage: Stage;
  readonly day: string;
  readonly actualMinutes: number;
  readonly maximumMinutes: number;
  readonly efficiencyBps: number;
  readonly ifChangedAt?: Date | null;
};

type Input = MutationInput & { readonly buckets: readonly CapacityInput[] };
type Known = { readonly makers: ReadonlyMap<string, MakerRow>; readonly buckets: ReadonlyMap<string, BucketRow> };

const MOST = 1_000;
const MINUTES_MOST = 10_000_000;
const EFFICIENCY_MOST = 30_000;

// Makers are locked in the order of their keys, so that two calls that name the same ones never wait for each other in a ring.
async function readKnown(tx: Tx, items: readonly Item<CapacityInput>[]): Promise<Known> {
  const values = items.map((item) => item.value);
  const makerRows = await query<MakerRow>(
    tx,
    sql`SELECT t.* FROM "Maker" t WHERE t."gln" = ANY(${values.map(({ gln }) => gln)}::text[]) ORDER BY t."gln" FOR UPDATE`,
  );
  const bucketRows = await query<BucketRow>(
    tx,
    sql`SELECT t.* FROM unnest(${values.map(({ gln }) => gln)}::text[], ${values.map(({ day }) => day)}::text[],
          ${values.map(({ stage }) => stage)}::text[]) AS w("gln", "day", "stage")
        JOIN "CapacityBucket" t ON t."gln" = w."gln" AND t."day" = w."day"::date AND t."stage" = w."stage"
        ORDER BY t."gln", t."day", t."stage" FOR UPDATE OF t`,
  );
  return {
    makers: new Map(makerRows.map((row) => [row.gln, row])),
    buckets: new Map(bucketRows.map((row) => [bucketKey({ ...row, day: toDay(row.day) }), row])),
  };
}

function judgeMaker(maker: MakerRow | undefined, gln: string, memberId: string, problems: Problems): void {
  if (maker === undefined) return problems.add('NOT_FOUND', ['gln'], `no Maker has the key ${gln}`);
  if (maker.memberId !== memberId) return problems.add('NOT_YOURS', ['gln'], `Maker ${gln} belongs to another member`);
  if (maker.status === 'CLOSED')
    problems.add('WRONG_STATE', ['gln'], `the maker ${gln} is CLOSED; only an ACTIVE or PAUSED one publishes capacity`);
}

function judgeBucket(before: BucketRow, value: CapacityInput, problems: Problems): void {
  const seen = value.ifChangedAt;
  if (seen && seen.getTime() !== before.changedAt.getTime()) {
    problems.add(
      'STALE',
      ['ifChangedAt'],
      `it was changed at ${before.changedAt.toISOString()}, you read ${seen.toISOString()}; read it again`,
    );
  }
  const promised = before.committedMinutes + before.heldMinutes;
  if (value.actualMinutes < promised) {
    problems.add('BELOW_COMMITTED', ['actualMinutes'], `${promised} minutes are committed or held, got ${value.actualMinutes}`);
  }
}

export const publishCapacity = bulk<Input, CapacityInput, Known, BucketRow>({
  name: 'publishCapacity',
  by: ['MAKER'],
  answer: { field: 'buckets', table: buckets },
  items: (input) => input.buckets,
  path: 'buckets',
  most: MOST,
  identity: bucketKey,
  check: (value, problems, { clock, settings }) => {
    checkNotPast(problems, value.day, toBusinessDay(clock.now(), settings.timeZone), ['day']);
    checkRange(problems, value.actualMinutes, ['actualMinutes'], { from: 0, to: MINUTES_MOST, unit: 'minutes' });
    checkRange(problems, value.maximumMinutes, ['maximumMinutes'], {
      from: Math.max(0, value.actualMinutes),
      to: MINUTES_MOST,
      unit: 'minutes',
    });
    checkRange(problems, value.efficiencyBps, ['efficiencyBps'], { from: 1, to: EFFICIENCY_MOST, unit: 'basis points' });
  },
  prepare: ({ tx }, items) => readKnown(tx, items),
  judge: (value, known, problems, { actor }) => {
    judgeMaker(known.makers.get(value.gln), value.gln, actor.memberId, problems);
    const before = known.buckets.get(bucketKey(value));
    // what another member's bucket holds is not told
    if (before !== undefined && before.memberId === actor.memberId) judgeBucket(before, value, problems);
    if (before === undefined && value.ifChangedAt) {
      problems.add(
        'STALE',
        ['ifChangedAt'],
        `there is no bucket of ${value.gln} for ${value.stage} on ${value.day}; leave ifChangedAt out to make it`,
      );
    }
  },
  write: (write) => {
    const { actor, origin, known, context } = write;
    const offers = write.items.map(({ value: { ifChangedAt: _ifChangedAt, ...value } }) => ({
      ...value,
      bucketId: known.buckets.get(bucketKey(value))?.bucketId ?? createId('bkt', context.clock),
      memberId: actor.memberId,
      // the maker is known: `judge` has seen it
      country: known.makers.get(value.gln)?.country ?? '',
      origin,
    }));
    return writeBuckets(write, offers);
  },
});
