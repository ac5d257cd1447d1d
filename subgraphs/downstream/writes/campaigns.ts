// Writes campaigns with their styles and segments, each with its event; many in a constant number of statements.
import type { CampaignRow } from '../data/rows.ts';
import { toLinks, type Writer } from './writer.ts';

export type NewCampaign = { readonly row: CampaignRow; readonly styleIds: readonly string[]; readonly segmentIds: readonly string[] };

export async function writeCampaigns({ tx, emit }: Writer, campaigns: readonly NewCampaign[]): Promise<void> {
  await tx.campaign.createMany({ data: campaigns.map(({ row }) => row) });
  await tx.campaignStyle.createMany({
    data: campaigns.flatMap(({ row, styleIds }) => toLinks('campaignId', 'styleId', row.campaignId, styleIds)),
  });
  const segments = campaigns.flatMap(({ row, segmentIds }) => toLinks('campaignId', 'segmentId', row.campaignId, segmentIds));
  if (segments.length > 0) await tx.campaignSegment.createMany({ data: segments });
  for (const { row } of campaigns) emit('campaign.changed', { ...row, previousStatus: null });
}
