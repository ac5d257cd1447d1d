// Lots: one by its keys, all newest first, and the clock of their stages.
import type { SubgraphContext } from '../../../subgraph-kit/context.ts';
import type { Resolvers } from '../../../subgraph-kit/schema.ts';
import { lots, lotsByAllocation, lotsByEpcClass, lotsByTime, makers, stagesOf } from '../data/tables.ts';
import type { LotRow, LotsArgs, LotStageRow } from '../data/tables.ts';
import { finishOf, progressOf, type StageWork } from '../lot-work.ts';
import { toWork } from '../writes/lots.ts';
import { memberOf } from './maker.ts';

type Context = SubgraphContext;
type LotKey = { readonly lotId?: string; readonly epcClass?: string };

const workOf = async ({ lotId }: LotRow, { loaders }: Context): Promise<StageWork[]> =>
  (await loaders.children(stagesOf, lotId)).map(toWork);

export const lotResolvers: Resolvers = {
  Query: {
    lot: (_: unknown, { lotId }: { lotId: string }, { loaders }: Context) => loaders.row(lots, lotId),
    lots: (_: unknown, args: LotsArgs, { loaders }: Context) => loaders.rootPage(lots, lotsByTime, args),
  },
  ProductionLot: {
    __resolveReference: ({ lotId, epcClass }: LotKey, { loaders }: Context) =>
      lotId === undefined ? loaders.row(lotsByEpcClass, epcClass ?? '') : loaders.row(lots, lotId),
    member: memberOf,
    maker: ({ gln }: LotRow, _args: unknown, { loaders }: Context) => loaders.row(makers, gln),
    style: ({ styleId }: LotRow) => ({ styleId }),
    allocation: ({ allocationId }: LotRow) => ({ allocationId }),
    progress: ({ lotId }: LotRow, _args: unknown, { loaders }: Context) => loaders.children(stagesOf, lotId),
    progressBps: async (lot: LotRow, _args: unknown, context: Context) => progressOf(await workOf(lot, context), lot.plannedQty),
    projectedFinish: async (lot: LotRow, _args: unknown, context: Context) =>
      finishOf(lot, await workOf(lot, context), context.clock.now(), context.settings.timeZone),
  },
  StageProgress: { wip: ({ qtyIn, qtyOut, scrap }: LotStageRow) => qtyIn - qtyOut - scrap },
  Allocation: {
    // whether an allocation exists is known to its owner
    __resolveReference: ({ allocationId }: { allocationId: string }) => ({ allocationId }),
    lot: ({ allocationId }: { allocationId: string }, _args: unknown, { loaders }: Context) => loaders.row(lotsByAllocation, allocationId),
  },
};
