// What every write of routing gets, whether a mutation, an event, the clock or the end of a run caused it.
import { createId } from '../../../lib/ids.ts';
import type { HubSettings } from '../../../subgraph-kit/context.ts';
import type { Emit } from '../../../subgraph-kit/outbox.ts';
import type { Tx } from '../data/client.ts';

export type Change = { readonly tx: Tx; readonly emit: Emit; readonly now: Date; readonly settings: HubSettings };

/** An own id that was made at the time of the change. */
export const newId = ({ now }: Pick<Change, 'now'>, prefix: string): string => createId(prefix, { now: () => now });
