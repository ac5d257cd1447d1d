// Parts that many types share: their context, the member that owns a row, and amounts of money.
import type { SubgraphContext } from '../../../subgraph-kit/context.ts';
import { toMoney } from '../../../subgraph-kit/money.ts';

export type Context = SubgraphContext;

/** The owner of a row that everybody may see. */
export const memberOf = ({ memberId }: { readonly memberId: string }) => ({ memberId });

/** An amount that stays within a whole number of 53 bits; the scalar refuses what does not. */
export const money = toMoney;
