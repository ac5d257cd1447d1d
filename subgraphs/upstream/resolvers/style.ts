// What upstream adds to styles: the work on one piece.
import type { SubgraphContext } from '../../../subgraph-kit/context.ts';
import type { Resolvers } from '../../../subgraph-kit/schema.ts';
import { operationsOf, styleWorks, type OperationRow } from '../data/tables.ts';

type Context = SubgraphContext;
type StyleKey = { readonly styleId: string };

export const styleResolvers: Resolvers = {
  Style: {
    // whether a style exists is known to its owner
    __resolveReference: ({ styleId }: StyleKey): StyleKey => ({ styleId }),
    operations: async ({ styleId }: StyleKey, _args: unknown, { loaders }: Context) => {
      const operations = await loaders.children(operationsOf, styleId);
      return operations.length === 0 ? null : operations;
    },
    smvTotal: async ({ styleId }: StyleKey, _args: unknown, { loaders }: Context) => {
      const work = await loaders.row(styleWorks, styleId);
      return work === null ? null : Number(work.smvTotal);
    },
  },
  Operation: { smv: ({ smv }: OperationRow) => Number(smv) },
};
