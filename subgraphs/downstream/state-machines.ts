// The state machines of downstream: what may follow what.
import { defineStateMachine } from '../../subgraph-kit/state-machine.ts';
import type { CampaignStatus, DemandStatus, StyleLife } from './data/rows.ts';

/**
 * Demand may be withdrawn until production begins; what routing refused may be opened again by a later run or a revision. One run may place
 * all pieces of a line at once, and one answer may free all of them.
 */
export const demandStates = defineStateMachine<DemandStatus>({
  name: 'demand line',
  initial: 'OPEN',
  moves: {
    OPEN: ['PARTIAL', 'ALLOCATED', 'REFUSED', 'EXPIRED', 'CANCELLED'],
    PARTIAL: ['OPEN', 'ALLOCATED', 'CANCELLED'],
    ALLOCATED: ['OPEN', 'PARTIAL', 'IN_PRODUCTION', 'CANCELLED'],
    IN_PRODUCTION: ['SHIPPED'],
    SHIPPED: ['FULFILLED'],
    FULFILLED: [],
    REFUSED: ['OPEN', 'CANCELLED'],
    EXPIRED: [],
    CANCELLED: [],
  },
});

/** A style may skip its sample, stay a test, and return from the core range to re-orders; once in markdown it only ends. */
export const styleLife = defineStateMachine<StyleLife>({
  name: 'style',
  initial: 'PROPOSED',
  moves: {
    PROPOSED: ['SAMPLED', 'TEST_BATCH', 'RETIRED'],
    SAMPLED: ['TEST_BATCH', 'RETIRED'],
    TEST_BATCH: ['REORDER', 'MARKDOWN', 'RETIRED'],
    REORDER: ['CORE', 'MARKDOWN', 'RETIRED'],
    CORE: ['REORDER', 'MARKDOWN', 'RETIRED'],
    MARKDOWN: ['RETIRED'],
    RETIRED: [],
  },
});

export const campaignStates = defineStateMachine<CampaignStatus>({
  name: 'campaign',
  initial: 'DRAFT',
  moves: {
    DRAFT: ['PRESALE', 'CANCELLED'],
    PRESALE: ['LIVE', 'CANCELLED'],
    LIVE: ['CLOSED'],
    CLOSED: [],
    CANCELLED: [],
  },
});
