/** Runs, allocations and the policy. */
import { route } from '../../_kit/route.ts';
import { policyInput } from '../chain.ts';
import { yuan, type World } from '../world.ts';
import { STATELESS, type Entry } from './entry.ts';

// What a run decides depends on all lines that wait.
const PLANNED = ['decision.made', 'allocation.proposed', 'allocation.changed', 'demand.changed'];

const read = async (world: World, allocationId: string): Promise<{ allocationId: string; ifChangedAt: string }> => {
  const { data } = await world.hub.ask(world.maker, `{ allocation(allocationId: "${allocationId}") { changedAt } }`);
  return { allocationId, ifChangedAt: data.allocation.changedAt };
};

/** An answer of the maker to an offer, with what follows in upstream and downstream. */
const answer = (follow: readonly string[], more: Record<string, unknown> = {}): Entry => ({
  works: async (w) => ({ player: w.maker, input: { ...(await read(w, (await w.chain.take('offered')).allocationId)), ...more } }),
  fields: 'allocation { allocationId status }',
  topics: ['allocation.changed', ...follow],
  other: (w) => w.otherMaker,
  forbidden: async (w) => ({ player: w.maker, input: { allocationId: (await w.chain.take('accepted')).allocationId, ...more } }),
});

const BOOKED = ['capacity.booked', 'capacity.booked'];

export const planRows: Readonly<Record<string, Entry>> = {
  reroute: {
    works: async (w) => ({ player: w.mcn, input: { note: 'the range of spring' } }),
    fields: 'run { runId }',
    topics: ['run.started', 'run.completed'],
    aside: PLANNED,
    other: null,
    forbidden: 'a new run has no state before',
  },
  commitRun: {
    works: async (w) => ({ player: w.hub.hub, input: { runId: (await route(w.hub)).runId } }),
    fields: 'run { runId committedAt }',
    topics: ['run.committed'],
    aside: [...PLANNED, 'scarcity.changed', 'settlement.posted', 'capacity.booked'],
    other: 'only the hub may',
    forbidden: async (w) => ({ player: w.hub.hub, input: { runId: (await route(w.hub, { commit: true })).runId } }),
  },
  acceptAllocation: answer([...BOOKED, 'lot.created'], { note: 'gladly' }),
  declineAllocation: answer([...BOOKED, 'demand.changed', 'settlement.posted'], { reason: 'PRICE_TOO_LOW', note: 'too little' }),
  counterAllocation: answer([], { quantity: 100, unitPrice: yuan(4), promisedDate: '2026-12-08' }),
  freezeAllocation: {
    works: async (w) => ({ player: w.maker, input: await read(w, (await w.chain.take('accepted')).allocationId) }),
    fields: 'allocation { allocationId status }',
    topics: ['allocation.changed'],
    other: (w) => w.otherMaker,
    forbidden: async (w) => ({ player: w.hub.hub, input: { allocationId: (await w.chain.take('offered')).allocationId } }),
  },
  publishPolicy: {
    works: async (w) => ({ player: w.hub.hub, input: policyInput(`table.${w.next()}`) }),
    fields: 'policy { version }',
    topics: ['policy.published'],
    other: 'only the hub may',
    forbidden: STATELESS,
  },
};
