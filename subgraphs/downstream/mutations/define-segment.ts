// defineSegment: a part of an audience, whole; with an id it replaces the segment of that id.
import { nextChangedAt } from '../../../subgraph-kit/change.ts';
import {
  checkAmount,
  checkCount,
  checkOneCurrency,
  checkRange,
  checkText,
  checkUnique,
  type MoneyInput,
} from '../../../subgraph-kit/checks.ts';
import { lockTarget, type MutationInput, type Write } from '../../../subgraph-kit/mutation.ts';
import type { Problems } from '../../../subgraph-kit/problems.ts';
import { createId } from '../../../lib/ids.ts';
import type { Tx } from '../data/client.ts';
import type { SegmentRow } from '../data/rows.ts';
import { creators, segments } from '../data/tables.ts';
import { toCurveRows, writeSegments, type CurvePart } from '../writes/parties.ts';
import { creates, SELLERS } from './kinds.ts';
import { findRows, refuseOn, requireOwn } from './references.ts';

const SIZES_MOST = 50;
const SEGMENTS_MOST = 100;

type Input = MutationInput & {
  readonly segmentId?: string | null;
  readonly creatorId?: string | null;
  readonly name: string;
  readonly size: number;
  readonly priceFrom?: MoneyInput | null;
  readonly priceTo?: MoneyInput | null;
  readonly sizeCurve: readonly CurvePart[];
};

function checkSegment(input: Input, problems: Problems): void {
  const { priceFrom, priceTo, sizeCurve } = input;
  checkText(problems, input.name, ['name']);
  checkRange(problems, input.size, ['size'], { from: 1, unit: 'people' });
  checkAmount(problems, priceFrom, ['priceFrom']);
  checkAmount(problems, priceTo, ['priceTo']);
  checkOneCurrency(problems, [priceFrom, priceTo], ['priceTo', 'currency']);
  if (priceFrom && priceTo)
    checkRange(problems, priceTo.amountMinor, ['priceTo', 'amountMinor'], {
      from: priceFrom.amountMinor,
      unit: 'minor units, the lowest price',
    });
  checkCurve(sizeCurve, problems);
}

function checkCurve(sizeCurve: readonly CurvePart[], problems: Problems): void {
  checkCount(problems, sizeCurve, ['sizeCurve'], SIZES_MOST, 1);
  checkUnique(problems, sizeCurve, ['sizeCurve'], ({ size }) => size);
  sizeCurve.forEach(({ size, shareBps }, i) => {
    checkText(problems, size, ['sizeCurve', i, 'size'], 40);
    checkRange(problems, shareBps, ['sizeCurve', i, 'shareBps'], { from: 0, to: 10_000, unit: 'basis points' });
  });
  const sum = sizeCurve.reduce((total, { shareBps }) => total + shareBps, 0);
  if (sum !== 10_000) problems.add('SUM_MISMATCH', ['sizeCurve'], `expected shares that add up to 10000 basis points, got ${sum}`);
}

export const defineSegment = creates<Input, SegmentRow>({
  name: 'defineSegment',
  by: SELLERS,
  answer: { field: 'segment', table: segments },
  check: checkSegment,
  write: async (write) => {
    const { tx, emit, input, actor } = write;
    const { segmentId } = input;
    const old = segmentId ? await lockTarget<SegmentRow, Input>(tx, { table: segments, key: () => [segmentId] }, input, actor) : null;
    await requireCreator(write, old);
    const row = toRow(write, old);
    if (old === null) {
      await writeSegments({ tx, emit }, [{ row, sizeCurve: input.sizeCurve }]);
      return row;
    }
    await tx.audienceSegment.update({ where: { segmentId: row.segmentId }, data: row });
    await tx.segmentSize.deleteMany({ where: { segmentId: row.segmentId } });
    await tx.segmentSize.createMany({ data: toCurveRows(row.segmentId, input.sizeCurve) });
    emit('segment.changed', row);
    return row;
  },
});

// The creator's list of segments has no pages, so it has a greatest length.
async function requireCreator({ tx, input, actor, refuse }: Write<Tx, Input>, old: SegmentRow | null): Promise<void> {
  const { creatorId } = input;
  if (!creatorId) return;
  const found = await findRows(tx, creators, [creatorId]);
  refuseOn((problems) => requireOwn(problems, found, { id: creatorId, path: ['creatorId'], owners: [actor.memberId] }));
  if (old?.creatorId === creatorId) return;
  const count = await tx.audienceSegment.count({ where: { creatorId } });
  if (count >= SEGMENTS_MOST) refuse('TOO_MANY', ['creatorId'], `a creator has at most ${SEGMENTS_MOST} segments`);
}

const toRow = ({ input, actor, origin, now, context }: Write<Tx, Input>, old: SegmentRow | null): SegmentRow => ({
  segmentId: old?.segmentId ?? createId('seg', context.clock),
  memberId: actor.memberId,
  origin,
  creatorId: input.creatorId ?? null,
  name: input.name.trim(),
  size: BigInt(input.size),
  priceFromMinor: input.priceFrom ? BigInt(input.priceFrom.amountMinor) : null,
  priceToMinor: input.priceTo ? BigInt(input.priceTo.amountMinor) : null,
  priceCurrency: input.priceFrom?.currency ?? input.priceTo?.currency ?? null,
  changedAt: nextChangedAt(now, old?.changedAt),
});
