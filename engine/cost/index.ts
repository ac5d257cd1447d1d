/**
 * What an operation costs, by the weights of the supergraph (`@cost`, `@listSize`): estimated before it runs, from its arguments, and
 * counted afterwards from its data. Exports `compileCost`.
 *
 * A field costs the weights of its arguments, and for each of its items its own weight (or that of its type: composite 1, leaf 0) and what
 * is selected below. Where several types may stand the dearest counts, so that data within the sizes never counts more than was estimated.
 */
import type { DocumentNode, OperationDefinitionNode } from 'graphql';
import type { Supergraph } from '../supergraph/index.ts';
import { countData } from './count.ts';
import { createLevels, type Level, type Variables } from './levels.ts';

export type CostOptions = {
  /** Items of a list of which nothing says how many it has. */
  readonly listSize: number;
  /** Arguments that say how many items there are where there is no `@listSize`. */
  readonly pageArguments: readonly string[];
};

export type OperationCost = {
  /** Throws EngineError COST_UNKNOWN when not exactly one slicing argument is given where one is required. */
  readonly estimate: (variables: Variables) => number;
  /** `data` as parsed JSON. */
  readonly count: (data: unknown, variables: Variables) => number;
};

/** The operation is valid against the public schema. */
export function compileCost(
  supergraph: Supergraph,
  { document, operation }: { document: DocumentNode; operation: OperationDefinitionNode },
  options: CostOptions,
): OperationCost {
  const { roots } = supergraph;
  const root = { query: roots.query, mutation: roots.mutation ?? '', subscription: roots.subscription ?? '' }[operation.operation];
  const levels = createLevels({ supergraph, document, options });
  const top = levels.levelOf(root, [operation.selectionSet]);
  const all: readonly Level[] = levels.all;
  const constant = all.every(({ isConstant }) => isConstant) ? estimate(all, top, {}) : null;
  return {
    estimate: constant === null ? (variables) => estimate(all, top, variables) : () => constant,
    count: (data, variables) => countData(top, data, variables),
  };
}

/** Levels stand after those that they use: each is computed once, however often it is used. */
function estimate(all: readonly Level[], top: Level, variables: Variables): number {
  const values: number[] = [];
  for (const level of all) {
    let dearest = 0;
    for (const group of level.groups) {
      let sum = 0;
      for (const field of group.fields) {
        if (!field.isIncluded(variables)) continue;
        sum +=
          field.argumentsCost(variables) + field.size(variables) * (field.own + (field.below === null ? 0 : (values[field.below.id] ?? 0)));
      }
      dearest = Math.max(dearest, sum);
    }
    values[level.id] = dearest;
  }
  return values[top.id] ?? 0;
}
