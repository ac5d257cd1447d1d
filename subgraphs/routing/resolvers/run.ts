// Runs: one by its id, all by age, and what each made.
import type { PageArgs } from '../../../subgraph-kit/page.ts';
import type { Resolvers } from '../../../subgraph-kit/schema.ts';
import { allocationsOfRun, decisionsOfRun, pricesOfRun, runsByAge, type DecisionsArgs } from '../data/lists.ts';
import { allocations, decisions, policies, prices, runs, type RunRow } from '../data/tables.ts';
import { decimal, type Context } from './parts.ts';

export const runResolvers: Resolvers = {
  Query: {
    routingRun: (_: unknown, { runId }: { runId: string }, { loaders }: Context) => loaders.row(runs, runId),
    routingRuns: (_: unknown, args: PageArgs, { loaders }: Context) => loaders.rootPage(runs, runsByAge, args),
  },
  RoutingRun: {
    __resolveReference: ({ runId }: { runId: string }, { loaders }: Context) => loaders.row(runs, runId),
    objective: ({ objective }: RunRow) => decimal(objective),
    bound: ({ bound }: RunRow) => decimal(bound),
    policy: ({ policyVersion }: RunRow, _: unknown, { loaders }: Context) => loaders.row(policies, policyVersion),
    allocations: ({ runId }: RunRow, args: PageArgs, { loaders }: Context) => loaders.page(allocations, allocationsOfRun, runId, args),
    decisions: ({ runId }: RunRow, args: DecisionsArgs, { loaders }: Context) => loaders.page(decisions, decisionsOfRun, runId, args),
    prices: ({ runId }: RunRow, args: PageArgs, { loaders }: Context) => loaders.page(prices, pricesOfRun, runId, args),
  },
};
