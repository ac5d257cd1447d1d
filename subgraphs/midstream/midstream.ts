// midstream: distributors, their sites and terms, stock, and customs data of styles. Its steps: resolvers, mutations, what it follows.
import type { SubgraphDefinition } from '../../subgraph-kit/subgraph.ts';
import { followSales } from './consume/sales.ts';
import { keepStyleOwner } from './consume/styles.ts';
import type { Tx } from './data/client.ts';
import { adjustInventory } from './mutations/adjust-inventory.ts';
import { classifyStyle } from './mutations/classify-style.ts';
import { publishTariffs, registerDistributor, updateDistributor } from './mutations/distributors.ts';
import { registerSite, updateSite } from './mutations/sites.ts';
import { distributorResolvers } from './resolvers/distributors.ts';
import { stockResolvers } from './resolvers/stock.ts';

export const midstream: SubgraphDefinition<Tx> = {
  name: 'midstream',
  library: 'mercurius',
  resolvers: {
    ...distributorResolvers,
    ...stockResolvers,
    Query: { ...distributorResolvers['Query'], ...stockResolvers['Query'] },
  },
  mutations: [registerDistributor, updateDistributor, publishTariffs, registerSite, updateSite, classifyStyle, adjustInventory],
  consumers: {
    'style.proposed': keepStyleOwner,
    'sales.recorded': followSales,
  },
  jobs: [],
};
