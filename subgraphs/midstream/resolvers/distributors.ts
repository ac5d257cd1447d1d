// Distributors, their sites and terms.
import type { SubgraphContext } from '../../../subgraph-kit/context.ts';
import { toDay } from '../../../subgraph-kit/days.ts';
import { toMoney } from '../../../subgraph-kit/money.ts';
import type { PageArgs } from '../../../subgraph-kit/page.ts';
import type { Resolvers } from '../../../subgraph-kit/schema.ts';
import {
  distributors,
  distributorsByName,
  inventoryOfSite,
  positions,
  sites,
  sitesByName,
  sitesOfDistributor,
  slasOfDistributor,
  tariffsOfDistributor,
  type DistributorRow,
  type DistributorsArgs,
  type SiteInventoryArgs,
  type SiteRow,
  type SitesArgs,
  type SlaRow,
  type TariffRow,
} from '../data/tables.ts';

type Context = SubgraphContext;

export const distributorResolvers: Resolvers = {
  Query: {
    distributor: (_: unknown, { gln }: { gln: string }, { loaders }: Context) => loaders.row(distributors, gln),
    distributors: (_: unknown, args: DistributorsArgs, { loaders }: Context) => loaders.rootPage(distributors, distributorsByName, args),
    site: (_: unknown, { siteGln }: { siteGln: string }, { loaders }: Context) => loaders.row(sites, siteGln),
    sites: (_: unknown, args: SitesArgs, { loaders }: Context) => loaders.rootPage(sites, sitesByName, args),
  },
  Distributor: {
    __resolveReference: ({ gln }: { gln: string }, { loaders }: Context) => loaders.row(distributors, gln),
    member: ({ memberId }: DistributorRow) => ({ memberId }),
    sites: ({ gln }: DistributorRow, args: PageArgs, { loaders }: Context) => loaders.page(sites, sitesOfDistributor, gln, args),
    tariffs: ({ gln }: DistributorRow, _: unknown, { loaders }: Context) => loaders.children(tariffsOfDistributor, gln),
    slas: ({ gln }: DistributorRow, _: unknown, { loaders }: Context) => loaders.children(slasOfDistributor, gln),
  },
  Site: {
    __resolveReference: ({ siteGln }: { siteGln: string }, { loaders }: Context) => loaders.row(sites, siteGln),
    member: ({ memberId }: SiteRow) => ({ memberId }),
    distributor: ({ distributorGln }: SiteRow, _: unknown, { loaders }: Context) =>
      distributorGln === null ? null : loaders.row(distributors, distributorGln),
    inventory: ({ siteGln }: SiteRow, args: SiteInventoryArgs, { loaders }: Context) =>
      loaders.page(positions, inventoryOfSite, siteGln, args),
  },
  Tariff: {
    price: (row: TariffRow) => toMoney(row.priceMinor, row.priceCurrency),
    validFrom: (row: TariffRow) => toDay(row.validFrom),
    validTo: (row: TariffRow) => (row.validTo === null ? null : toDay(row.validTo)),
  },
  Sla: {
    penalty: (row: SlaRow) => toMoney(row.penaltyMinor, row.penaltyCurrency),
  },
};
