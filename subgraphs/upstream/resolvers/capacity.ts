// Capacity: buckets by day, and the minutes of each that are still free.
import type { SubgraphContext } from '../../../subgraph-kit/context.ts';
import type { Resolvers } from '../../../subgraph-kit/schema.ts';
import { buckets, bucketsByDay, makers, type BucketRow, type BucketsArgs } from '../data/tables.ts';
import { freeMinutesOf } from '../writes/buckets.ts';
import { memberOf } from './maker.ts';

type Context = SubgraphContext;

export const capacityResolvers: Resolvers = {
  Query: {
    capacityBuckets: (_: unknown, args: BucketsArgs, { loaders }: Context) => loaders.rootPage(buckets, bucketsByDay, args),
  },
  CapacityBucket: {
    __resolveReference: ({ bucketId }: { bucketId: string }, { loaders }: Context) => loaders.row(buckets, bucketId),
    member: memberOf,
    maker: ({ gln }: BucketRow, _args: unknown, { loaders }: Context) => loaders.row(makers, gln),
    freeMinutes: freeMinutesOf,
  },
};
