// What this subgraph knows of allocations and lots of others: their cost at the destination, and how far they were delivered.
import type { SubgraphContext } from '../../../subgraph-kit/context.ts';
import type { PageArgs } from '../../../subgraph-kit/page.ts';
import type { Resolvers } from '../../../subgraph-kit/schema.ts';
import { shipments, shipmentsOfAllocation, units, unitsOfLot } from '../data/shipment-tables.ts';
import { landedCosts, type CostedAllocation } from '../loaders/landed-cost.ts';
import { lotFigures, type LotFigures } from '../loaders/lots.ts';

type Context = SubgraphContext;
type AllocationRef = { readonly allocationId: string };
type LotRef = { readonly lotId: string };

const figures = ({ lotId }: LotRef, context: Context): Promise<LotFigures | null> => context.loaders.batch(lotFigures, lotId, context);

export const deliveryResolvers: Resolvers = {
  Allocation: {
    __resolveReference: (allocation: AllocationRef): AllocationRef => allocation,
    landedCost: (allocation: CostedAllocation, _: unknown, context: Context) => context.loaders.batch(landedCosts, allocation, context),
    shipments: ({ allocationId }: AllocationRef, args: PageArgs, { loaders }: Context) =>
      loaders.page(shipments, shipmentsOfAllocation, allocationId, args),
  },
  ProductionLot: {
    __resolveReference: ({ lotId }: LotRef): LotRef => ({ lotId }),
    shippedQty: async (lot: LotRef, _: unknown, context: Context) => (await figures(lot, context))?.shippedQty ?? null,
    receivedQty: async (lot: LotRef, _: unknown, context: Context) => (await figures(lot, context))?.receivedQty ?? null,
    logisticUnits: async (lot: LotRef, args: PageArgs, context: Context) =>
      (await figures(lot, context)) === null ? null : context.loaders.page(units, unitsOfLot, lot.lotId, args),
  },
};
