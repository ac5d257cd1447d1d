// midstream: distributors, their sites and terms, shipments, stock, and customs data of styles. Its steps: resolvers, mutations, what it follows.
import type { SubgraphDefinition } from '../../subgraph-kit/subgraph.ts';
import { followAllocations } from './consume/allocations.ts';
import { keepLots } from './consume/lots.ts';
import { followSales } from './consume/sales.ts';
import { keepStyleOwner } from './consume/styles.ts';
import type { Tx } from './data/client.ts';
import { adjustInventory } from './mutations/adjust-inventory.ts';
import { bookShipment } from './mutations/book-shipment.ts';
import { cancelShipment } from './mutations/cancel-shipment.ts';
import { classifyStyle } from './mutations/classify-style.ts';
import { despatchShipment } from './mutations/despatch-shipment.ts';
import { publishTariffs, registerDistributor, updateDistributor } from './mutations/distributors.ts';
import { receiveShipment } from './mutations/receive-shipment.ts';
import { reportMilestone } from './mutations/report-milestone.ts';
import { registerSite, updateSite } from './mutations/sites.ts';
import { deliveryResolvers } from './resolvers/deliveries.ts';
import { distributorResolvers } from './resolvers/distributors.ts';
import { shipmentResolvers } from './resolvers/shipments.ts';
import { stockResolvers } from './resolvers/stock.ts';

export const midstream: SubgraphDefinition<Tx> = {
  name: 'midstream',
  library: 'mercurius',
  resolvers: {
    ...distributorResolvers,
    ...stockResolvers,
    ...shipmentResolvers,
    ...deliveryResolvers,
    Distributor: { ...distributorResolvers['Distributor'], ...shipmentResolvers['Distributor'] },
    Query: { ...distributorResolvers['Query'], ...stockResolvers['Query'], ...shipmentResolvers['Query'] },
  },
  mutations: [
    registerDistributor,
    updateDistributor,
    publishTariffs,
    registerSite,
    updateSite,
    classifyStyle,
    adjustInventory,
    bookShipment,
    despatchShipment,
    reportMilestone,
    receiveShipment,
    cancelShipment,
  ],
  consumers: {
    'style.proposed': keepStyleOwner,
    'sales.recorded': followSales,
    'allocation.changed': followAllocations,
    'lot.progressed': keepLots,
    'lot.closed': keepLots,
  },
  jobs: [],
};
