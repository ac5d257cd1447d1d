// Creators and the agencies that work for them.
import type { PageArgs } from '../../../subgraph-kit/page.ts';
import {
  campaignsOfCreator,
  channelsOfCreator,
  creatorsByName,
  creatorsOfMcn,
  type CampaignsArgs,
  type CreatorsArgs,
} from '../data/lists.ts';
import type { CreatorRow, McnRow } from '../data/rows.ts';
import { campaigns, creators, mcns } from '../data/tables.ts';
import { segmentsOfCreator } from '../loaders/segments-of.ts';
import { memberOf, type Context } from './parts.ts';

export const creatorQueries = {
  creator: (_: unknown, { creatorId }: { creatorId: string }, { loaders }: Context) => loaders.row(creators, creatorId),
  creators: (_: unknown, args: CreatorsArgs, { loaders }: Context) => loaders.rootPage(creators, creatorsByName, args),
  mcn: (_: unknown, { mcnId }: { mcnId: string }, { loaders }: Context) => loaders.row(mcns, mcnId),
};

export const creatorTypes = {
  Creator: {
    __resolveReference: ({ creatorId }: { creatorId: string }, { loaders }: Context) => loaders.row(creators, creatorId),
    member: memberOf,
    mcn: ({ mcnId }: CreatorRow, _: unknown, { loaders }: Context) => (mcnId === null ? null : loaders.row(mcns, mcnId)),
    segments: ({ creatorId }: CreatorRow, _: unknown, context: Context) => context.loaders.batch(segmentsOfCreator, creatorId, context),
    campaigns: ({ creatorId }: CreatorRow, args: CampaignsArgs, { loaders }: Context) =>
      loaders.page(campaigns, campaignsOfCreator, creatorId, args),
    channels: ({ creatorId }: CreatorRow, _: unknown, { loaders }: Context) => loaders.children(channelsOfCreator, creatorId),
  },
  Mcn: {
    __resolveReference: ({ mcnId }: { mcnId: string }, { loaders }: Context) => loaders.row(mcns, mcnId),
    member: memberOf,
    creators: ({ mcnId }: McnRow, args: PageArgs, { loaders }: Context) => loaders.page(creators, creatorsOfMcn, mcnId, args),
  },
};
