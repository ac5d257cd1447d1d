// Members: who asks, one by its id, and all by name.
import type { SubgraphContext } from '../../../subgraph-kit/context.ts';
import type { Resolvers } from '../../../subgraph-kit/schema.ts';
import { membersByName, type MembersArgs } from '../data/lists.ts';
import { members } from '../data/tables.ts';

type Context = SubgraphContext;

export const memberResolvers: Resolvers = {
  Query: {
    viewer: (_: unknown, _args: unknown, { loaders, principal }: Context) =>
      principal.memberId === null ? null : loaders.row(members, principal.memberId),
    member: (_: unknown, { memberId }: { memberId: string }, { loaders }: Context) => loaders.row(members, memberId),
    members: (_: unknown, args: MembersArgs, { loaders }: Context) => loaders.rootPage(members, membersByName, args),
  },
  Member: {
    __resolveReference: ({ memberId }: { memberId: string }, { loaders }: Context) => loaders.row(members, memberId),
  },
};
