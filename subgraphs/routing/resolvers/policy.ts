// The published rules of routing: the version in force, and all of them.
import type { PageArgs } from '../../../subgraph-kit/page.ts';
import type { Resolvers } from '../../../subgraph-kit/schema.ts';
import { policiesByAge } from '../data/lists.ts';
import { policies, type PolicyRow } from '../data/tables.ts';
import { decimal, type Context } from './parts.ts';

export const policyResolvers: Resolvers = {
  Query: {
    policy: async (_: unknown, _args: unknown, { loaders }: Context) =>
      (await loaders.rootPage(policies, policiesByAge, { first: 1 })).rows[0] ?? null,
    policies: (_: unknown, args: PageArgs, { loaders }: Context) => loaders.rootPage(policies, policiesByAge, args),
  },
  RoutingPolicy: {
    __resolveReference: ({ version }: { version: string }, { loaders }: Context) => loaders.row(policies, version),
    unservedPenalty: ({ unservedPenalty }: PolicyRow) => decimal(unservedPenalty),
    latenessPenalty: ({ latenessPenalty }: PolicyRow) => decimal(latenessPenalty),
  },
};
