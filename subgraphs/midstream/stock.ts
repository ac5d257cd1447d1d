// Arithmetic of stock: pieces on hand, reserved and on their way.
export type Stock = { readonly onHand: number; readonly reserved: number; readonly inTransit: number };

/** Pieces that can still be promised: on hand plus in transit less reserved. */
export const promisable = (stock: Stock): number => stock.onHand + stock.inTransit - stock.reserved;

/** Words for a correction that takes off more than is there and free; null when it fits. */
export function explainShortage(stock: Stock, delta: number): string | null {
  const left = stock.onHand + delta;
  if (delta >= 0 || left >= stock.reserved) return null;
  return `${stock.onHand} pieces are on hand and ${stock.reserved} of them reserved; ${-delta} cannot be taken off`;
}

/** On hand after sales and returns that have happened: a shelf cannot hold fewer than no pieces, so a sale takes what is there. */
export const afterSales = (onHand: number, sold: number, returned: number): number => Math.max(0, onHand - sold + returned);
