// Parts that the types of the plan share.
import type { SubgraphContext } from '../../../subgraph-kit/context.ts';
import { toDecimal, type DecimalValue } from '../data/tables.ts';

export type Context = SubgraphContext;

/** Decimal text, or null. */
export const decimal = (value: DecimalValue | null): string | null => (value === null ? null : toDecimal(value));
