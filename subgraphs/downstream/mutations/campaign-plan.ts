// createCampaign and updateCampaign: what a campaign sells, to whom, and when.
import { createId } from '../../../lib/ids.ts';
import { checkAmount, checkBps, checkCount, checkOrder, checkText, checkUnique, type MoneyInput } from '../../../subgraph-kit/checks.ts';
import type { MutationInput } from '../../../subgraph-kit/mutation.ts';
import type { Problems } from '../../../subgraph-kit/problems.ts';
import type { Tx } from '../data/client.ts';
import type { BrandRow, CampaignRow, CreatorRow, SegmentRow, StyleRow } from '../data/rows.ts';
import { brands, campaigns, creators, segments, styles } from '../data/tables.ts';
import { writeCampaigns } from '../writes/campaigns.ts';
import { toLinks } from '../writes/writer.ts';
import { changes, creates, PERFORMERS } from './kinds.ts';
import { findRows, refuseOn, requireOwn, requireRow, type Found } from './references.ts';

const STYLES_MOST = 200;
const SEGMENTS_MOST = 100;

type Lists = { readonly styleIds?: readonly string[] | null; readonly segmentIds?: readonly string[] | null };
type Plan = Lists & { readonly title?: string | null; readonly startsAt?: Date | null; readonly endsAt?: Date | null };

function checkPlan(input: Plan, problems: Problems): void {
  checkText(problems, input.title, ['title']);
  checkOrder(problems, input.startsAt, input.endsAt, ['endsAt']);
  checkCount(problems, input.styleIds, ['styleIds'], STYLES_MOST, 1);
  checkUnique(problems, input.styleIds, ['styleIds'], String);
  checkCount(problems, input.segmentIds, ['segmentIds'], SEGMENTS_MOST);
  checkUnique(problems, input.segmentIds, ['segmentIds'], String);
}

type Known = {
  readonly creators: Found<CreatorRow>;
  readonly brands: Found<BrandRow>;
  readonly styles: Found<StyleRow>;
  readonly segments: Found<SegmentRow>;
};

const readKnown = async (tx: Tx, input: Lists & { readonly creatorId?: string; readonly brandId?: string | null }): Promise<Known> => ({
  creators: await findRows(tx, creators, [input.creatorId]),
  brands: await findRows(tx, brands, [input.brandId]),
  styles: await findRows(tx, styles, input.styleIds ?? []),
  segments: await findRows(tx, segments, input.segmentIds ?? []),
});

// Anybody's styles may be sold; segments are of the one who runs the campaign or of its brand. One campaign has one currency.
function judgeLists(input: Lists, known: Known, options: { owners: readonly string[]; currency?: string }, problems: Problems): void {
  let { currency } = options;
  input.styleIds?.forEach((id, i) => {
    const style = requireRow(problems, known.styles, id, ['styleIds', i]);
    currency ??= style?.retailPriceCurrency;
    if (style && style.retailPriceCurrency !== currency) {
      problems.add('CURRENCY_MISMATCH', ['styleIds', i], `the campaign is in ${currency}, style ${id} in ${style.retailPriceCurrency}`);
    }
  });
  input.segmentIds?.forEach((id, i) => requireOwn(problems, known.segments, { id, path: ['segmentIds', i], owners: options.owners }));
}

type CreateInput = MutationInput &
  Plan & {
    readonly creatorId: string;
    readonly brandId?: string | null;
    readonly title: string;
    readonly startsAt: Date;
    readonly cpsRateBps: number;
    readonly slotFee?: MoneyInput | null;
    readonly styleIds: readonly string[];
  };

export const createCampaign = creates<CreateInput, CampaignRow>({
  name: 'createCampaign',
  by: PERFORMERS,
  answer: { field: 'campaign', table: campaigns },
  check: (input, problems) => {
    checkPlan(input, problems);
    checkBps(problems, input.cpsRateBps, ['cpsRateBps']);
    checkAmount(problems, input.slotFee, ['slotFee']);
  },
  write: async ({ tx, emit, input, actor, origin, now, context }) => {
    const known = await readKnown(tx, input);
    refuseOn((problems) => {
      requireOwn(problems, known.creators, { id: input.creatorId, path: ['creatorId'], owners: [actor.memberId] });
      const brand = requireRow(problems, known.brands, input.brandId, ['brandId']);
      judgeLists(input, known, { owners: [actor.memberId, brand?.memberId ?? actor.memberId] }, problems);
    });
    const first = known.styles.get(input.styleIds[0] ?? '');
    const row: CampaignRow = {
      campaignId: createId('cmp', context.clock),
      memberId: actor.memberId,
      origin,
      creatorId: input.creatorId,
      brandId: input.brandId ?? null,
      title: input.title.trim(),
      status: 'DRAFT',
      startsAt: input.startsAt,
      endsAt: input.endsAt ?? null,
      cpsRateBps: input.cpsRateBps,
      slotFeeMinor: input.slotFee ? BigInt(input.slotFee.amountMinor) : null,
      slotFeeCurrency: input.slotFee?.currency ?? null,
      currency: first?.retailPriceCurrency ?? context.settings.currency,
      cancelReason: null,
      changedAt: now,
    };
    await writeCampaigns({ tx, emit }, [{ row, styleIds: input.styleIds, segmentIds: input.segmentIds ?? [] }]);
    return row;
  },
});

type UpdateInput = MutationInput & Plan & { readonly campaignId: string };

export const updateCampaign = changes<UpdateInput, CampaignRow>({
  name: 'updateCampaign',
  by: 'ANY',
  answer: { field: 'campaign', table: campaigns },
  row: { table: campaigns, key: ({ campaignId }) => [campaignId] },
  check: checkPlan,
  write: async ({ tx, emit, input, row, changedAt, refuse }) => {
    if (row.status === 'CLOSED' || row.status === 'CANCELLED')
      refuse('WRONG_STATE', [], `the campaign is ${row.status}; only one that is not over may be changed`);
    const known = await readKnown(tx, { ...input, brandId: row.brandId });
    const startsAt = input.startsAt ?? row.startsAt;
    const endsAt = input.endsAt ?? row.endsAt;
    refuseOn((problems) => {
      checkOrder(problems, startsAt, endsAt, ['endsAt']);
      const brandOwner = known.brands.get(row.brandId ?? '')?.memberId;
      judgeLists(input, known, { owners: [row.memberId, brandOwner ?? row.memberId], currency: row.currency }, problems);
    });
    await replaceLists(tx, row.campaignId, input);
    const changed = await tx.campaign.update({
      where: { campaignId: row.campaignId },
      data: { title: input.title?.trim() ?? row.title, startsAt, endsAt, changedAt },
    });
    emit('campaign.changed', { ...changed, previousStatus: row.status });
    return changed;
  },
});

async function replaceLists(tx: Tx, campaignId: string, { styleIds, segmentIds }: Lists): Promise<void> {
  if (styleIds) {
    await tx.campaignStyle.deleteMany({ where: { campaignId } });
    await tx.campaignStyle.createMany({ data: toLinks('campaignId', 'styleId', campaignId, styleIds) });
  }
  if (segmentIds) {
    await tx.campaignSegment.deleteMany({ where: { campaignId } });
    await tx.campaignSegment.createMany({ data: toLinks('campaignId', 'segmentId', campaignId, segmentIds) });
  }
}
