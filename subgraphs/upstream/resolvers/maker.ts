// Makers: one by its GLN, all by name, and what hangs on each.
import type { SubgraphContext } from '../../../subgraph-kit/context.ts';
import { toMoney } from '../../../subgraph-kit/money.ts';
import type { Resolvers } from '../../../subgraph-kit/schema.ts';
import { buckets, capabilitiesOf, capacityOfMaker, lots, lotsOfMaker, makers, makersByName, qualities, termsOf } from '../data/tables.ts';
import type { CapacityArgs, LotsArgs, MakerRow, MakersArgs, TermRow } from '../data/tables.ts';
import { scoreOf } from '../quality.ts';
import { leadTimeOf, moqOf } from '../terms.ts';

type Context = SubgraphContext;
type CategoryArgs = { readonly category?: string | null };

export const memberOf = ({ memberId }: { memberId: string }): { memberId: string } => ({ memberId });

export const makerResolvers: Resolvers = {
  Query: {
    maker: (_: unknown, { gln }: { gln: string }, { loaders }: Context) => loaders.row(makers, gln),
    makers: (_: unknown, args: MakersArgs, { loaders }: Context) => loaders.rootPage(makers, makersByName, args),
  },
  Maker: {
    __resolveReference: ({ gln }: { gln: string }, { loaders }: Context) => loaders.row(makers, gln),
    member: memberOf,
    region: ({ province, county }: MakerRow) => (province === null ? null : { province, county }),
    location: ({ lat, lng }: MakerRow) => (lat === null || lng === null ? null : { lat, lng }),
    capabilities: ({ gln }: MakerRow, _args: unknown, { loaders }: Context) => loaders.children(capabilitiesOf, gln),
    terms: ({ gln }: MakerRow, _args: unknown, { loaders }: Context) => loaders.children(termsOf, gln),
    moq: async ({ gln }: MakerRow, { category }: CategoryArgs, { loaders }: Context) =>
      moqOf(await loaders.children(termsOf, gln), category),
    leadTimeDays: async ({ gln }: MakerRow, { category }: CategoryArgs, { loaders }: Context) =>
      leadTimeOf(await loaders.children(termsOf, gln), category),
    capacity: ({ gln }: MakerRow, args: CapacityArgs, { loaders }: Context) => loaders.page(buckets, capacityOfMaker, gln, args),
    lots: ({ gln }: MakerRow, args: LotsArgs, { loaders }: Context) => loaders.page(lots, lotsOfMaker, gln, args),
    quality: async ({ gln }: MakerRow, _args: unknown, { loaders }: Context) => {
      const sums = await loaders.row(qualities, gln);
      return sums === null ? null : scoreOf(sums);
    },
  },
  MakerTerm: {
    minutePrice: ({ minutePrice }: TermRow) => minutePrice.toString(),
    setupCost: ({ setupCostMinor, currency }: TermRow) => toMoney(setupCostMinor, currency),
  },
};
