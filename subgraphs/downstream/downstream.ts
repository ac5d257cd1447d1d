// downstream: creators, brands and their audiences, what they ask for and what they sell. Its steps: resolvers, mutations, what it follows,
// the clock's work.
import type { SubgraphDefinition } from '../../subgraph-kit/subgraph.ts';
import { keepAllocation, keepDecision, keepLot, keepReceipt, keepShipment } from './consume/allocations.ts';
import type { Tx } from './data/client.ts';
import { expiresDemand } from './expire-demand.ts';
import { registerBrand, updateBrand } from './mutations/brands.ts';
import { cancelCampaign, closeCampaign, closePresale, openPresale } from './mutations/campaign-moves.ts';
import { createCampaign, updateCampaign } from './mutations/campaign-plan.ts';
import { registerCreator, registerMcn, updateCreator } from './mutations/creators.ts';
import { defineSegment } from './mutations/define-segment.ts';
import { cancelDemand, reviseDemand } from './mutations/demand-changes.ts';
import { proposeStyles } from './mutations/propose-styles.ts';
import { recordSales } from './mutations/record-sales.ts';
import { recordSignals } from './mutations/record-signals.ts';
import { submitDemands } from './mutations/submit-demands.ts';
import { addTrafficSource, recordTraffic } from './mutations/traffic.ts';
import { updateStyle } from './mutations/update-style.ts';
import { brandQueries, brandTypes } from './resolvers/brand.ts';
import { campaignQueries, campaignTypes } from './resolvers/campaign.ts';
import { creatorQueries, creatorTypes } from './resolvers/creator.ts';
import { demandQueries, demandTypes } from './resolvers/demand.ts';
import { segmentQueries, segmentTypes } from './resolvers/segment.ts';
import { styleQueries, styleTypes } from './resolvers/style.ts';
import { trafficTypes } from './resolvers/traffic.ts';

export const downstream: SubgraphDefinition<Tx> = {
  name: 'downstream',
  library: 'apollo',
  resolvers: {
    Query: { ...creatorQueries, ...brandQueries, ...segmentQueries, ...campaignQueries, ...styleQueries, ...demandQueries },
    ...creatorTypes,
    ...brandTypes,
    ...segmentTypes,
    ...campaignTypes,
    ...styleTypes,
    ...demandTypes,
    ...trafficTypes,
  },
  mutations: [
    registerCreator,
    updateCreator,
    registerMcn,
    registerBrand,
    updateBrand,
    defineSegment,
    proposeStyles,
    updateStyle,
    createCampaign,
    updateCampaign,
    openPresale,
    closePresale,
    closeCampaign,
    cancelCampaign,
    recordSales,
    submitDemands,
    reviseDemand,
    cancelDemand,
    addTrafficSource,
    recordTraffic,
    recordSignals,
  ],
  consumers: {
    'allocation.changed': keepAllocation,
    'decision.made': keepDecision,
    'lot.progressed': keepLot,
    'shipment.moved': keepShipment,
    'receipt.recorded': keepReceipt,
  },
  jobs: [expiresDemand],
};
