// The states of a settlement: what may follow what, and which one follows from what was paid out.
import { defineStateMachine } from '../../../subgraph-kit/state-machine.ts';

export type SettlementStatus = 'DRAFT' | 'DEPOSIT_HELD' | 'PARTIALLY_RELEASED' | 'RELEASED' | 'DISPUTED' | 'CLOSED';

/** Money that comes, or a price that grows, after all was paid out leads back to PARTIALLY_RELEASED; a dispute leads back to where it began. */
export const settlementStates = defineStateMachine<SettlementStatus>({
  name: 'settlement',
  initial: 'DRAFT',
  moves: {
    DRAFT: ['DEPOSIT_HELD', 'DISPUTED'],
    DEPOSIT_HELD: ['PARTIALLY_RELEASED', 'RELEASED', 'DISPUTED'],
    PARTIALLY_RELEASED: ['RELEASED', 'DISPUTED'],
    RELEASED: ['PARTIALLY_RELEASED', 'CLOSED', 'DISPUTED'],
    DISPUTED: ['DRAFT', 'DEPOSIT_HELD', 'PARTIALLY_RELEASED', 'RELEASED'],
    CLOSED: [],
  },
});

/** States in which money may be paid out. */
export const PAYING: readonly SettlementStatus[] = ['DEPOSIT_HELD', 'PARTIALLY_RELEASED'];

type Paid = { readonly rule: string; readonly amount: bigint; readonly released: bigint };

/** The state that money gives a settlement which is neither closed nor disputed. */
export function statusByMoney(before: SettlementStatus, hasMoney: boolean, parts: readonly Paid[]): SettlementStatus {
  if (before === 'DRAFT') return hasMoney ? 'DEPOSIT_HELD' : 'DRAFT';
  if (parts.every(({ released }) => released === 0n)) return before;
  return parts.every(({ rule, amount, released }) => rule === 'ON_CLOSE' || amount === released) ? 'RELEASED' : 'PARTIALLY_RELEASED';
}
