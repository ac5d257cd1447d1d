// Arithmetic of stock: pieces on hand, reserved and on their way.
import { INT_MOST } from '../../subgraph-kit/checks.ts';

export type Stock = { readonly onHand: number; readonly reserved: number; readonly inTransit: number };

/** Pieces that can still be promised: on hand plus in transit less reserved; more than a number can say is the most it can say. */
export const promisable = (stock: Stock): number => Math.min(INT_MOST, stock.onHand + stock.inTransit - stock.reserved);

/** Words for a correction that takes off more than is there and free; null when it fits. */
export function explainShortage(stock: Stock, delta: number): string | null {
  const left = stock.onHand + delta;
  if (delta >= 0 || left >= stock.reserved) return null;
  return `${stock.onHand} pieces are on hand and ${stock.reserved} of them reserved; ${-delta} cannot be taken off`;
}

/**
 * On hand after sales and returns that have happened: a shelf cannot hold fewer than no pieces, so a sale takes what is there; nor more
 * than a number can say, so that no report of a member stops the counting for all.
 */
export const afterSales = (onHand: number, sold: number, returned: number): number =>
  Math.min(INT_MOST, Math.max(0, onHand - sold + returned));
