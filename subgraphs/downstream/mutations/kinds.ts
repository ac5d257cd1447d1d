// The kinds of mutation for the transactions of downstream, and who may call them.
import { createBulkMutationKind } from '../../../subgraph-kit/bulk-mutation.ts';
import { createMutationKinds } from '../../../subgraph-kit/mutation.ts';
import type { Tx } from '../data/client.ts';

export const { creates, changes } = createMutationKinds<Tx>();
export const bulk = createBulkMutationKind<Tx>();

/** Who holds an audience or works for one. */
export const PERFORMERS = ['CREATOR', 'MCN'];
/** Who sells: performers, stores, and partners with a brand of their own. Makers answer demand, they do not raise it. */
export const SELLERS = [...PERFORMERS, 'DISTRIBUTOR', 'PARTNER'];
