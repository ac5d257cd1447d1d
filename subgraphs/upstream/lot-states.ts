// States of a lot, why one waits, and what an allocation's state means for minutes and lots.
import { defineStateMachine } from '../../subgraph-kit/state-machine.ts';

export type LotStatus = 'PLANNED' | 'RELEASED' | 'IN_PROGRESS' | 'ON_HOLD' | 'COMPLETED' | 'CLOSED' | 'SCRAPPED';
export type HoldReason = 'MATERIAL_MISSING' | 'MACHINE_DOWN' | 'LABOUR_SHORT' | 'QUALITY' | 'CUSTOMER_REQUEST' | 'OTHER';

/** Made step by step, held and resumed on the way; scrapped at any time before it is closed. */
export const lotStates = defineStateMachine<LotStatus>({
  name: 'lot',
  initial: 'PLANNED',
  moves: {
    PLANNED: ['RELEASED', 'SCRAPPED'],
    RELEASED: ['IN_PROGRESS', 'SCRAPPED'],
    IN_PROGRESS: ['ON_HOLD', 'COMPLETED', 'SCRAPPED'],
    ON_HOLD: ['IN_PROGRESS', 'SCRAPPED'],
    COMPLETED: ['CLOSED', 'SCRAPPED'],
    CLOSED: [],
    SCRAPPED: [],
  },
});

/** States of an allocation whose minutes are held: an offer waits for its answer. */
export const HOLDS: readonly string[] = ['OFFERED', 'COUNTERED'];
/** States of an allocation whose minutes are committed; it has a lot. */
export const COMMITS: readonly string[] = ['ACCEPTED', 'FROZEN', 'COMPLETED'];
