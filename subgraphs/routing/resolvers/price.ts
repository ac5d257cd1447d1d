// Prices of scarcity: everybody sees them, nobody sees by them whose minutes are scarce.
import { isHub, type Principal } from '../../../subgraph-kit/principal.ts';
import type { Resolvers } from '../../../subgraph-kit/schema.ts';
import { scarceBuckets, type ScarcityArgs } from '../data/lists.ts';
import { prices, runs, type PriceRow } from '../data/tables.ts';
import { namePrice } from '../explain/name-price.ts';
import { styleNameOfLine } from '../loaders/plan.ts';
import { decimal, type Context } from './parts.ts';

// The id of a bucket alone tells a maker about its competitor: the same id stands in every price of it.
const isRival = (viewer: Principal, { memberId }: PriceRow): boolean =>
  viewer.kinds.includes('MAKER') && !isHub(viewer) && memberId !== viewer.memberId;

export const priceResolvers: Resolvers = {
  Query: {
    scarcity: (_: unknown, args: ScarcityArgs, { loaders }: Context) => loaders.rootPage(prices, scarceBuckets, args),
  },
  ShadowPrice: {
    __resolveReference: ({ priceId }: { priceId: string }, { loaders }: Context) => loaders.row(prices, priceId),
    run: ({ runId }: PriceRow, _: unknown, { loaders }: Context) => loaders.row(runs, runId),
    name: async (price: PriceRow, _: unknown, context: Context) => {
      const { kind, demandLineId } = price;
      const isOfLine = kind === 'DEMAND' && demandLineId !== null;
      return namePrice(price, isOfLine ? await context.loaders.batch(styleNameOfLine, demandLineId, context) : null);
    },
    bucket: (price: PriceRow, _: unknown, { principal }: Context) =>
      price.bucketId === null || isRival(principal, price) ? null : { bucketId: price.bucketId },
    price: ({ price }: PriceRow) => decimal(price),
    validFrom: ({ validFrom }: PriceRow) => decimal(validFrom),
    validTo: ({ validTo }: PriceRow) => decimal(validTo),
  },
};
