// Allocations: one by its id, all by age, and what hangs on each.
import { toMoney } from '../../../subgraph-kit/money.ts';
import type { PageArgs } from '../../../subgraph-kit/page.ts';
import type { Resolvers } from '../../../subgraph-kit/schema.ts';
import { allocationsByAge, changesOfAllocation, slotsOfAllocation, type AllocationsArgs } from '../data/lists.ts';
import { settlements } from '../data/money-tables.ts';
import {
  allocations,
  decisions,
  members,
  planChanges,
  runs,
  type AllocationRow,
  type PlanChangeRow,
  type SlotRow,
} from '../data/tables.ts';
import type { Context } from './parts.ts';

type Of<Row> = (row: Row, args: unknown, context: Context) => unknown;

const allocationFields: Readonly<Record<string, Of<AllocationRow>>> = {
  member: ({ memberId }, _, { loaders }) => loaders.row(members, memberId),
  demandLine: ({ demandLineId }) => ({ demandLineId }),
  style: ({ styleId }) => ({ styleId }),
  maker: ({ gln }) => ({ gln }),
  distributor: ({ distributorGln }) => (distributorGln === null ? null : { gln: distributorGln }),
  unitPrice: ({ unitPriceMinor, currency }) => toMoney(unitPriceMinor, currency),
  answerBy: ({ status, answerBy }) => (status === 'OFFERED' ? answerBy : null),
  counterOffer: ({ counterQuantity, counterPriceMinor, counterCurrency, counterDate, counterAt }) =>
    counterAt === null
      ? null
      : {
          quantity: counterQuantity,
          unitPrice: toMoney(counterPriceMinor, counterCurrency),
          promisedDate: counterDate,
          at: counterAt,
        },
  slots: ({ allocationId }, _, { loaders }) => loaders.children(slotsOfAllocation, allocationId),
  run: ({ runId }, _, { loaders }) => loaders.row(runs, runId),
  decision: ({ decisionId }, _, { loaders }) => loaders.row(decisions, decisionId),
  settlement: ({ settlementId }, _, { loaders }) => (settlementId === null ? null : loaders.row(settlements, settlementId)),
};

export const allocationResolvers: Resolvers = {
  Query: {
    allocation: (_: unknown, { allocationId }: { allocationId: string }, { loaders }: Context) => loaders.row(allocations, allocationId),
    allocations: (_: unknown, args: AllocationsArgs, { loaders }: Context) => loaders.rootPage(allocations, allocationsByAge, args),
  },
  Allocation: {
    ...allocationFields,
    __resolveReference: ({ allocationId }: { allocationId: string }, { loaders }: Context) => loaders.row(allocations, allocationId),
    changes: ({ allocationId }: AllocationRow, args: PageArgs, { loaders }: Context) =>
      loaders.page(planChanges, changesOfAllocation, allocationId, args),
  },
  StageSlot: {
    bucket: ({ bucketId }: SlotRow) => ({ bucketId }),
  },
  PlanChange: {
    run: ({ runId }: PlanChangeRow, _: unknown, { loaders }: Context) => loaders.row(runs, runId),
    from: ({ fromGln, fromQuantity, fromPromisedDate, fromStatus }: PlanChangeRow) =>
      fromStatus === null ? null : { maker: { gln: fromGln }, quantity: fromQuantity, promisedDate: fromPromisedDate, status: fromStatus },
    to: ({ toGln, toQuantity, toPromisedDate, toStatus }: PlanChangeRow) => ({
      maker: { gln: toGln },
      quantity: toQuantity,
      promisedDate: toPromisedDate,
      status: toStatus,
    }),
  },
};
