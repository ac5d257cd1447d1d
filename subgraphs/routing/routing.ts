// routing: the hub's own subgraph, which belongs to no member. Its steps: resolvers, mutations, what it follows, the clock's work.
import type { Clock } from '../../lib/clock/clock.ts';
import { createId } from '../../lib/ids.ts';
import { runChange } from '../../subgraph-kit/change.ts';
import type { Resolvers } from '../../subgraph-kit/schema.ts';
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
import { postFreight, postReceipt } from './consume/money.ts';
import { enterOwner } from './consume/parties.ts';
import { completeFinished, completeReceived, freezeStarted, nameDistributor, supersedeCancelled, supersedeExcess } from './consume/plan.ts';
import type { Tx } from './data/client.ts';
import { acceptAllocation, counterAllocation, declineAllocation, freezeAllocation } from './mutations/allocations.ts';
import { recordCashFlow } from './mutations/money-flows.ts';
import { publishFees, recordFxRates } from './mutations/money-rates.ts';
import { closeSettlement, disputeSettlement, releaseSettlement, resolveDispute } from './mutations/money-settlements.ts';
import { publishPolicy } from './mutations/policy.ts';
import { registerMember } from './mutations/register-member.ts';
import { commitRun, reroute } from './mutations/runs.ts';
import { freezesNearWork, lapsesOffers } from './near-work.ts';
import { allocationParentResolvers } from './resolvers/allocation-parents.ts';
import { allocationResolvers } from './resolvers/allocation.ts';
import { decisionResolvers } from './resolvers/decision.ts';
import { figureResolvers } from './resolvers/figures.ts';
import { memberResolvers } from './resolvers/member.ts';
import { cashResolvers } from './resolvers/money-cash.ts';
import { moneyResolvers } from './resolvers/money.ts';
import { policyResolvers } from './resolvers/policy.ts';
import { priceResolvers } from './resolvers/price.ts';
import { runResolvers } from './resolvers/run.ts';
import { createRuns } from './run/runs.ts';
import type { Change } from './writes/change.ts';
import { prepareFees } from './writes/fees.ts';
import { postsLateFacts } from './writes/late-facts.ts';
import { preparePolicy } from './writes/policy.ts';

// Several of them add to one type, as to Query.
const resolvers: readonly Resolvers[] = [
  memberResolvers,
  allocationResolvers,
  allocationParentResolvers,
  decisionResolvers,
  runResolvers,
  priceResolvers,
  policyResolvers,
  figureResolvers,
  moneyResolvers,
  cashResolvers,
];

export const routing: SubgraphDefinition<Tx> = {
  name: 'routing',
  library: 'mercurius',
  resolvers: joinResolvers(resolvers),
  mutations: [
    registerMember,
    reroute,
    commitRun,
    acceptAllocation,
    declineAllocation,
    counterAllocation,
    freezeAllocation,
    publishPolicy,
    recordCashFlow,
    releaseSettlement,
    disputeSettlement,
    resolveDispute,
    closeSettlement,
    recordFxRates,
    publishFees,
  ],
  consumers: {
    'maker.changed': inTurn(enterOwner('MAKER', 'name'), keepMaker),
    'distributor.changed': enterOwner('DISTRIBUTOR', 'name'),
    'creator.changed': inTurn(enterOwner('CREATOR', 'displayName'), keepCreator),
    'mcn.changed': inTurn(enterOwner('MCN', 'name'), keepMcn),
    'demand.submitted': inTurn(keepDemand),
    'demand.changed': inTurn(keepDemand, supersedeExcess),
    'demand.cancelled': inTurn(keepDemand, supersedeCancelled),
    'capacity.published': keepCapacity,
    'capacity.booked': keepBooking,
    'operations.recorded': keepWork,
    'lot.created': keepLotCreated,
    'lot.progressed': inTurn(keepLotProgress, freezeStarted, completeFinished),
    'lot.closed': inTurn(keepLotClosed, freezeStarted, completeFinished),
    'shipment.booked': inTurn(nameDistributor, postFreight),
    'receipt.recorded': inTurn(keepReceipt, completeReceived, postReceipt),
    'sales.recorded': keepSales,
    'campaign.changed': keepCampaign,
  },
  jobs: [freezesNearWork, lapsesOffers, postsLateFacts],
  parts: (options) => [createRuns(options)],
  prepare,
};

function joinResolvers(all: readonly Resolvers[]): Resolvers {
  const types = new Set(all.flatMap((resolvers) => Object.keys(resolvers)));
  return Object.fromEntries([...types].map((type) => [type, Object.assign({}, ...all.map((resolvers) => resolvers[type]))]));
}

// The first start enters the hub, which is a member too, and makes its first rules. Two processes that start at once wait for each other.
async function prepare({ db, clock, settings }: SubgraphOptions<Tx>): Promise<void> {
  await runChange(
    {
      db,
      clock,
      cause: { actorId: null, causeId: null, requestId: null },
      topics: ['member.changed', 'policy.published', 'fees.published'],
    },
    async ({ tx, emit, now }) => {
      await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtext('routing.hub'))`;
      await enterHub({ tx, emit, now }, clock);
      await preparePolicy({ tx, emit, now, settings });
      await prepareFees({ tx, emit, now, settings });
    },
  );
}

async function enterHub({ tx, emit, now }: Pick<Change, 'tx' | 'emit' | 'now'>, clock: Clock): Promise<void> {
  if ((await tx.member.findFirst({ where: { kinds: { has: 'HUB' } } })) !== null) return;
  const row = await tx.member.create({
    data: { memberId: createId('mbr', clock), name: 'Industry router', kinds: ['HUB'], changedAt: now },
  });
  emit('member.changed', row);
}
