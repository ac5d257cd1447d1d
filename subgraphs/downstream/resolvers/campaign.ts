// Campaigns. Anybody may see those that are announced; what they sell is for their owner.
import type { PageArgs } from '../../../subgraph-kit/page.ts';
import { maySee } from '../../../subgraph-kit/table.ts';
import { demandOfCampaign, stylesOfCampaign } from '../data/lists.ts';
import type { CampaignRow } from '../data/rows.ts';
import { brands, campaigns, creators, demandLines, styles } from '../data/tables.ts';
import { toBps } from '../lifetime-value.ts';
import { salesOfCampaign, type SalesSums } from '../loaders/sales-figures.ts';
import { segmentsOfCampaign } from '../loaders/segments-of.ts';
import { memberOf, money, type Context } from './parts.ts';

export const campaignQueries = {
  campaign: (_: unknown, { campaignId }: { campaignId: string }, { loaders }: Context) => loaders.row(campaigns, campaignId),
};

// A figure of the sales of a campaign, for those who may know it.
const figure =
  <T>(pick: (sums: SalesSums, campaign: CampaignRow) => T) =>
  async (campaign: CampaignRow, _: unknown, context: Context): Promise<T | null> =>
    maySee(context.principal, campaign) ? pick(await context.loaders.batch(salesOfCampaign, campaign.campaignId, context), campaign) : null;

export const campaignTypes = {
  Campaign: {
    __resolveReference: ({ campaignId }: { campaignId: string }, { loaders }: Context) => loaders.row(campaigns, campaignId),
    member: memberOf,
    creator: ({ creatorId }: CampaignRow, _: unknown, { loaders }: Context) => loaders.row(creators, creatorId),
    brand: ({ brandId }: CampaignRow, _: unknown, { loaders }: Context) => (brandId === null ? null : loaders.row(brands, brandId)),
    slotFee: ({ slotFeeMinor, slotFeeCurrency }: CampaignRow) => money(slotFeeMinor, slotFeeCurrency),
    styles: ({ campaignId }: CampaignRow, args: PageArgs, { loaders }: Context) => loaders.page(styles, stylesOfCampaign, campaignId, args),
    segments: ({ campaignId }: CampaignRow, _: unknown, context: Context) => context.loaders.batch(segmentsOfCampaign, campaignId, context),
    demand: ({ campaignId }: CampaignRow, args: PageArgs & { status?: readonly string[] | null }, { loaders }: Context) =>
      loaders.page(demandLines, demandOfCampaign, campaignId, args),
    gmv: figure(({ gmvMinor }, { currency }) => money(gmvMinor, currency)),
    netGmv: figure(({ netMinor }, { currency }) => money(netMinor, currency)),
    returnRateBps: figure(({ piecesReturned, piecesSold }) => toBps(piecesReturned, piecesSold)),
  },
};
