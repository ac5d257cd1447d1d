// What the plan adds to entities of others: makers, distributors, demand lines and buckets. Whether one exists is known to its owner.
import type { Resolvers } from '../../../subgraph-kit/schema.ts';
import { allocationsOfDistributor, allocationsOfLine, allocationsOfMaker, type StatusArgs } from '../data/lists.ts';
import { allocations, makerCopies } from '../data/tables.ts';
import { latestDecision, loadShare, priceOfBucket, unservedPieces } from '../loaders/plan.ts';
import type { Context } from './parts.ts';

type Party = { readonly gln: string };
type Line = { readonly demandLineId: string };
type Bucket = { readonly bucketId: string };

export const allocationParentResolvers: Resolvers = {
  Maker: {
    __resolveReference: ({ gln }: Party): Party => ({ gln }),
    name: async ({ gln }: Party, _: unknown, { loaders }: Context) => (await loaders.row(makerCopies, gln))?.name ?? null,
    allocations: ({ gln }: Party, args: StatusArgs, { loaders }: Context) => loaders.page(allocations, allocationsOfMaker, gln, args),
    loadShareBps: ({ gln }: Party, _: unknown, context: Context) => context.loaders.batch(loadShare, gln, context),
  },
  Distributor: {
    __resolveReference: ({ gln }: Party): Party => ({ gln }),
    allocations: ({ gln }: Party, args: StatusArgs, { loaders }: Context) => loaders.page(allocations, allocationsOfDistributor, gln, args),
  },
  DemandLine: {
    __resolveReference: ({ demandLineId }: Line): Line => ({ demandLineId }),
    allocations: ({ demandLineId }: Line, args: StatusArgs, { loaders }: Context) =>
      loaders.page(allocations, allocationsOfLine, demandLineId, args),
    decision: ({ demandLineId }: Line, _: unknown, context: Context) => context.loaders.batch(latestDecision, demandLineId, context),
    unservedQty: ({ demandLineId }: Line, _: unknown, context: Context) => context.loaders.batch(unservedPieces, demandLineId, context),
  },
  CapacityBucket: {
    __resolveReference: ({ bucketId }: Bucket): Bucket => ({ bucketId }),
    shadowPrice: ({ bucketId }: Bucket, _: unknown, context: Context) => context.loaders.batch(priceOfBucket, bucketId, context),
  },
};
