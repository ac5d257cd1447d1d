// upstream: makers, their capacity, quotes, lots and quality, and the work on styles. Its steps: resolvers, mutations, what it follows.
import type { SubgraphDefinition } from '../../subgraph-kit/subgraph.ts';
import { keepAllocation, keepCarriage } from './consume/allocations.ts';
import { keepDemand, keepStyle, takeStyle } from './consume/copies.ts';
import type { Tx } from './data/client.ts';
import { closeLot, completeLot, holdLot, releaseLot, resumeLot, scrapLot } from './mutations/lots.ts';
import { publishCapacity } from './mutations/publish-capacity.ts';
import { quoteDemand } from './mutations/quote-demand.ts';
import { recordInspections } from './mutations/record-inspections.ts';
import { recordOperations } from './mutations/record-operations.ts';
import { registerMaker } from './mutations/register-maker.ts';
import { reportStage } from './mutations/report-stage.ts';
import { updateMaker } from './mutations/update-maker.ts';
import { capacityResolvers } from './resolvers/capacity.ts';
import { lotResolvers } from './resolvers/lot.ts';
import { makerResolvers } from './resolvers/maker.ts';
import { quoteResolvers } from './resolvers/quote.ts';
import { styleResolvers } from './resolvers/style.ts';

export const upstream: SubgraphDefinition<Tx> = {
  name: 'upstream',
  library: 'mercurius',
  resolvers: {
    ...makerResolvers,
    ...capacityResolvers,
    ...quoteResolvers,
    ...styleResolvers,
    ...lotResolvers,
    Query: { ...makerResolvers['Query'], ...capacityResolvers['Query'], ...quoteResolvers['Query'], ...lotResolvers['Query'] },
  },
  mutations: [
    registerMaker,
    updateMaker,
    publishCapacity,
    quoteDemand,
    recordOperations,
    recordInspections,
    releaseLot,
    reportStage,
    holdLot,
    resumeLot,
    completeLot,
    closeLot,
    scrapLot,
  ],
  consumers: {
    'style.proposed': takeStyle,
    'style.changed': keepStyle('changedAt'),
    'demand.submitted': keepDemand(),
    'demand.changed': keepDemand(),
    'demand.cancelled': keepDemand('CANCELLED'),
    'allocation.changed': keepAllocation,
    'shipment.booked': keepCarriage,
  },
  jobs: [],
};
