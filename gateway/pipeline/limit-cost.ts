/**
 * Stage `cost`: what the operation would cost at most, by the weights and sizes of the supergraph; too dear is refused before it is planned.
 * Compiled once for an operation. Exports `limitCost`, `toCostExtension`.
 */
import { compileCost, type OperationCost } from '../../engine/cost/index.ts';
import { isEngineError } from '../../engine/supergraph/index.ts';
import { createError } from '../../lib/errors/errors.ts';
import type { Variables } from './choose-operation.ts';
import type { Hub } from './hub.ts';
import type { KnownDocument, KnownOperation } from './known-document.ts';
import type { Limits } from './limits.ts';
import type { Stage } from './stage.ts';
import type { LoadedGraph } from './supergraph/loaded-graph.ts';

type Needs = { graph: LoadedGraph; checked: KnownDocument; operation: KnownOperation; variables: Variables };

/** An operation belongs to one supergraph, and is forgotten with its document. */
const costs = new WeakMap<KnownOperation, OperationCost>();

function costOf({ graph, checked, operation }: Omit<Needs, 'variables'>, limits: Limits): OperationCost {
  const known = costs.get(operation);
  if (known !== undefined) return known;
  const parts = { document: checked.document, operation: operation.definition };
  const cost = compileCost(graph.supergraph, parts, { listSize: limits.costListSize, pageArguments: limits.pageArguments });
  costs.set(operation, cost);
  return cost;
}

export const limitCost: Stage<Needs, { estimatedCost: number }, Hub> = {
  name: 'cost',
  run(needs, { limits, metrics }) {
    const estimatedCost = estimate(needs, limits);
    metrics.observeCost('estimated', estimatedCost);
    if (estimatedCost <= limits.cost) return { estimatedCost };
    throw createError('LIMIT_EXCEEDED', `The operation may cost ${estimatedCost}; ${limits.cost} is allowed. Ask for fewer items.`, {
      details: { limit: 'cost' },
    });
  },
};

function estimate(needs: Needs, limits: Limits): number {
  try {
    return costOf(needs, limits).estimate(needs.variables);
  } catch (error) {
    if (isEngineError(error) && error.code === 'COST_UNKNOWN') throw createError('BAD_USER_INPUT', error.message, { cause: error });
    throw error;
  }
}

/** `extensions.cost`; the data is read once more, so only for who asks. */
export type Costed = Needs & { estimatedCost: number };

export function toCostExtension(needs: Costed, data: string | null, { limits, metrics }: Hub) {
  if (data === null) return { estimated: needs.estimatedCost };
  const actual = costOf(needs, limits).count(JSON.parse(data), needs.variables);
  metrics.observeCost('actual', actual);
  return { estimated: needs.estimatedCost, actual };
}
