// The state machines of the plan: what may follow what.
import { defineStateMachine } from '../../subgraph-kit/state-machine.ts';

export type AllocationStatus = 'PROPOSED' | 'OFFERED' | 'COUNTERED' | 'ACCEPTED' | 'FROZEN' | 'COMPLETED' | 'DECLINED' | 'SUPERSEDED';
export type RunStatus = 'RUNNING' | 'OPTIMAL' | 'FEASIBLE' | 'TIME_LIMIT' | 'FAILED';

/** A plan may be taken back until it is frozen; what is frozen ends only with all pieces received. */
export const allocationStates = defineStateMachine<AllocationStatus>({
  name: 'allocation',
  initial: 'PROPOSED',
  moves: {
    PROPOSED: ['OFFERED', 'SUPERSEDED'],
    OFFERED: ['ACCEPTED', 'DECLINED', 'COUNTERED', 'SUPERSEDED'],
    COUNTERED: ['ACCEPTED', 'SUPERSEDED'],
    ACCEPTED: ['FROZEN', 'SUPERSEDED'],
    FROZEN: ['COMPLETED'],
    COMPLETED: [],
    DECLINED: [],
    SUPERSEDED: [],
  },
});

export const runStates = defineStateMachine<RunStatus>({
  name: 'run',
  initial: 'RUNNING',
  moves: { RUNNING: ['OPTIMAL', 'FEASIBLE', 'TIME_LIMIT', 'FAILED'], OPTIMAL: [], FEASIBLE: [], TIME_LIMIT: [], FAILED: [] },
});

/** Pieces of these states serve their demand line. */
export const LIVE: readonly AllocationStatus[] = ['OFFERED', 'COUNTERED', 'ACCEPTED', 'FROZEN', 'COMPLETED'];
/** These take minutes that are still to be worked. */
export const AT_WORK: readonly AllocationStatus[] = ['OFFERED', 'COUNTERED', 'ACCEPTED', 'FROZEN'];
/** States of a run that has a plan. */
export const SOLVED: readonly RunStatus[] = ['OPTIMAL', 'FEASIBLE', 'TIME_LIMIT'];
