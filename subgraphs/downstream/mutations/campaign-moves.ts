// openPresale, closePresale, closeCampaign, cancelCampaign: the moves of a campaign, one mutation each.
import type { MutationField, MutationInput } from '../../../subgraph-kit/mutation.ts';
import type { Tx } from '../data/client.ts';
import type { CampaignRow, CampaignStatus, CancelReason } from '../data/rows.ts';
import { campaigns } from '../data/tables.ts';
import { campaignStates } from '../state-machines.ts';
import { cancelDemandOfCampaign } from '../writes/demand.ts';
import type { Writer } from '../writes/writer.ts';
import { changes } from './kinds.ts';

type Input = MutationInput & { readonly campaignId: string; readonly reason?: CancelReason };

// Each state but CANCELLED has one state before it, so a move needs no more than where it leads.
const moves = (
  name: string,
  status: CampaignStatus,
  also?: (writer: Writer, campaignId: string, now: Date) => Promise<void>,
): MutationField<Tx> =>
  changes<Input, CampaignRow, CampaignRow, CampaignStatus>({
    name,
    by: 'ANY',
    answer: { field: 'campaign', table: campaigns },
    row: { table: campaigns, key: ({ campaignId }) => [campaignId] },
    move: { machine: campaignStates, from: (row) => row.status, to: () => status },
    write: async ({ tx, emit, input, row, now, changedAt }) => {
      const { campaignId } = row;
      const changed = await tx.campaign.update({ where: { campaignId }, data: { status, cancelReason: input.reason ?? null, changedAt } });
      emit('campaign.changed', { ...changed, previousStatus: row.status });
      await also?.({ tx, emit }, campaignId, now);
      return changed;
    },
  });

export const openPresale = moves('openPresale', 'PRESALE');
export const closePresale = moves('closePresale', 'LIVE');
export const closeCampaign = moves('closeCampaign', 'CLOSED');
export const cancelCampaign = moves('cancelCampaign', 'CANCELLED', cancelDemandOfCampaign);
