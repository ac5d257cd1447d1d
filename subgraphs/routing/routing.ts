// routing: the hub's own subgraph, which belongs to no member. Its steps: resolvers, mutations, what it follows, the clock's work.
import { createId } from '../../lib/ids.ts';
import { runChange } from '../../subgraph-kit/change.ts';
import type { MutationField } from '../../subgraph-kit/mutation.ts';
import { topicsOf } from '../../subgraph-kit/mutation.ts';
import type { SubgraphDefinition, SubgraphOptions } from '../../subgraph-kit/subgraph.ts';
import { keepCampaign, keepCreator, keepDemand, keepMaker, keepMcn } from './consume/copies.ts';
import {
  keepBooking,
  keepCapacity,
  keepLotClosed,
  keepLotCreated,
  keepLotProgress,
  keepReceipt,
  keepSales,
  keepWork,
} from './consume/facts.ts';
import { inTurn } from './consume/in-turn.ts';
import { enterOwner } from './consume/parties.ts';
import type { Tx } from './data/client.ts';
import { registerMember } from './mutations/register-member.ts';
import { figureResolvers } from './resolvers/figures.ts';
import { memberResolvers } from './resolvers/member.ts';
import { createRuns } from './run/runs.ts';

const waiting = (name: string): MutationField<Tx> => ({
  name,
  by: 'ANY',
  topics: topicsOf(name),
  resolve: () => Promise.reject(new Error(`${name} is being built`)),
});

export const routing: SubgraphDefinition<Tx> = {
  name: 'routing',
  library: 'mercurius',
  resolvers: { ...memberResolvers, ...figureResolvers, Query: { ...memberResolvers['Query'], ...figureResolvers['Query'] } },
  mutations: [
    registerMember,
    ...[
      'reroute',
      'commitRun',
      'freezeAllocation',
      'acceptAllocation',
      'declineAllocation',
      'counterAllocation',
      'publishPolicy',
      'recordCashFlow',
      'releaseSettlement',
      'disputeSettlement',
      'resolveDispute',
      'closeSettlement',
      'recordFxRates',
      'publishFees',
    ].map(waiting),
  ],
  consumers: {
    'maker.changed': inTurn(enterOwner('MAKER', 'name'), keepMaker),
    'distributor.changed': enterOwner('DISTRIBUTOR', 'name'),
    'creator.changed': inTurn(enterOwner('CREATOR', 'displayName'), keepCreator),
    'mcn.changed': inTurn(enterOwner('MCN', 'name'), keepMcn),
    'demand.submitted': inTurn(keepDemand),
    'demand.changed': inTurn(keepDemand),
    'demand.cancelled': inTurn(keepDemand),
    'capacity.published': keepCapacity,
    'capacity.booked': keepBooking,
    'operations.recorded': keepWork,
    'lot.created': keepLotCreated,
    'lot.progressed': inTurn(keepLotProgress),
    'lot.closed': inTurn(keepLotClosed),
    'shipment.booked': inTurn(),
    'receipt.recorded': inTurn(keepReceipt),
    'sales.recorded': keepSales,
    'campaign.changed': keepCampaign,
  },
  jobs: [],
  parts: (options) => [createRuns(options)],
  prepare: enterHub,
};

// The hub is a member too: the first start enters it. Two processes that start at once wait for each other here.
async function enterHub({ db, clock }: SubgraphOptions<Tx>): Promise<void> {
  await runChange(
    { db, clock, cause: { actorId: null, causeId: null, requestId: null }, topics: ['member.changed'] },
    async ({ tx, emit, now }) => {
      await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtext('routing.hub'))`;
      if ((await tx.member.findFirst({ where: { kinds: { has: 'HUB' } } })) !== null) return;
      const row = await tx.member.create({
        data: { memberId: createId('mbr', clock), name: 'Industry router', kinds: ['HUB'], changedAt: now },
      });
      emit('member.changed', row);
    },
  );
}
