// Quotes, given and worked out, and the makers for a demand line.
import type { SubgraphContext } from '../../../subgraph-kit/context.ts';
import { toMoney } from '../../../subgraph-kit/money.ts';
import { readFirst, type PageArgs } from '../../../subgraph-kit/page.ts';
import type { Resolvers } from '../../../subgraph-kit/schema.ts';
import { makers, quotes, quotesByTime, type QuotesArgs } from '../data/tables.ts';
import { feasibleMakers, type DemandRepresentation, type QuoteView } from '../loaders/feasible-makers.ts';
import { memberOf } from './maker.ts';

type Context = SubgraphContext;

// What `@requires` names is missing, or null, for a line that the viewer may not see: one reached from a quote and waiting no more.
const isComplete = (line: { readonly [K in keyof DemandRepresentation]?: DemandRepresentation[K] | null }): line is DemandRepresentation =>
  [line.quantity, line.latestDate, line.requiredCapabilities, line.requiredCertificates, line.style].every(
    (value) => value !== undefined && value !== null,
  );

export const quoteResolvers: Resolvers = {
  Query: {
    makerQuote: (_: unknown, { quoteId }: { quoteId: string }, { loaders }: Context) => loaders.row(quotes, quoteId),
    makerQuotes: (_: unknown, args: QuotesArgs, { loaders }: Context) => loaders.rootPage(quotes, quotesByTime, args),
  },
  MakerQuote: {
    // a quote that was worked out is stored nowhere: by its id alone it is null
    __resolveReference: ({ quoteId }: { quoteId: string }, { loaders }: Context) => loaders.row(quotes, quoteId),
    member: memberOf,
    demandLine: ({ demandLineId }: QuoteView) => ({ demandLineId }),
    maker: ({ gln }: QuoteView, _args: unknown, { loaders }: Context) => loaders.row(makers, gln),
    binding: ({ binding }: QuoteView) => binding ?? true,
    unitPrice: ({ unitPriceMinor, currency }: QuoteView) => toMoney(unitPriceMinor, currency),
    setupCost: ({ setupCostMinor, currency }: QuoteView) => toMoney(setupCostMinor, currency),
    infeasibleBecause: ({ reasons }: QuoteView) => reasons ?? [],
  },
  DemandLine: {
    __resolveReference: (line: DemandRepresentation) => line,
    feasibleMakers: (line: Partial<DemandRepresentation>, args: PageArgs, context: Context) =>
      isComplete(line) ? context.loaders.batch(feasibleMakers, { line, first: readFirst(args) }, context) : null,
  },
};
