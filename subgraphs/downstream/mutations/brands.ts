// registerBrand and updateBrand: what a brand stands for, and the segments it speaks to.
import { createId } from '../../../lib/ids.ts';
import { checkCount, checkText, checkUnique } from '../../../subgraph-kit/checks.ts';
import type { MutationInput } from '../../../subgraph-kit/mutation.ts';
import type { Problems } from '../../../subgraph-kit/problems.ts';
import type { Tx } from '../data/client.ts';
import type { BrandRow } from '../data/rows.ts';
import { brands, segments } from '../data/tables.ts';
import { writeBrands } from '../writes/parties.ts';
import { toLinks } from '../writes/writer.ts';
import { changes, creates, SELLERS } from './kinds.ts';
import { findRows, refuseOn, requireOwn } from './references.ts';

const SEGMENTS_MOST = 100;
const words = ['name', 'positioning', 'promise', 'slogan'] as const;
type Words = Readonly<Record<(typeof words)[number], string>>;
type Optional<T> = { readonly [K in keyof T]?: T[K] | null };

function checkBrand(input: Optional<Words> & { segmentIds?: readonly string[] | null }, problems: Problems): void {
  for (const word of words) checkText(problems, input[word], [word], 500);
  checkCount(problems, input.segmentIds, ['segmentIds'], SEGMENTS_MOST);
  checkUnique(problems, input.segmentIds, ['segmentIds'], String);
}

async function requireSegments(tx: Tx, segmentIds: readonly string[], memberId: string): Promise<void> {
  const found = await findRows(tx, segments, segmentIds);
  refuseOn((problems) => segmentIds.forEach((id, i) => requireOwn(problems, found, { id, path: ['segmentIds', i], owners: [memberId] })));
}

type RegisterInput = MutationInput & Words & { readonly segmentIds?: readonly string[] | null };

export const registerBrand = creates<RegisterInput, BrandRow>({
  name: 'registerBrand',
  by: SELLERS,
  answer: { field: 'brand', table: brands },
  check: checkBrand,
  write: async ({ tx, emit, input, actor, now, context }) => {
    const segmentIds = input.segmentIds ?? [];
    await requireSegments(tx, segmentIds, actor.memberId);
    const { name, positioning, promise, slogan } = input;
    const row: BrandRow = {
      brandId: createId('brd', context.clock),
      memberId: actor.memberId,
      name,
      positioning,
      promise,
      slogan,
      changedAt: now,
    };
    await writeBrands({ tx, emit }, [{ row, segmentIds }]);
    return row;
  },
});

type UpdateInput = MutationInput & Optional<Words> & { readonly brandId: string; readonly segmentIds?: readonly string[] | null };

export const updateBrand = changes<UpdateInput, BrandRow>({
  name: 'updateBrand',
  by: 'ANY',
  answer: { field: 'brand', table: brands },
  row: { table: brands, key: ({ brandId }) => [brandId] },
  check: checkBrand,
  write: async ({ tx, emit, input, row, actor, changedAt }) => {
    const { brandId } = row;
    if (input.segmentIds) {
      await requireSegments(tx, input.segmentIds, actor.memberId);
      await tx.brandSegment.deleteMany({ where: { brandId } });
      await tx.brandSegment.createMany({ data: toLinks('brandId', 'segmentId', brandId, input.segmentIds) });
    }
    const changed = await tx.brand.update({
      where: { brandId },
      data: {
        name: input.name ?? row.name,
        positioning: input.positioning ?? row.positioning,
        promise: input.promise ?? row.promise,
        slogan: input.slogan ?? row.slogan,
        changedAt,
      },
    });
    emit('brand.changed', changed);
    return changed;
  },
});
