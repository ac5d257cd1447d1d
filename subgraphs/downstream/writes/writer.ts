// What every write gets: the transaction it works in, and where it notes its events. Mutations, importers and generators call the same writes.
import type { Emit } from '../../../subgraph-kit/outbox.ts';
import type { Tx } from '../data/client.ts';

export type Writer = { readonly tx: Tx; readonly emit: Emit };

/** Money as an event carries it. */
export const toEventMoney = (amountMinor: bigint, currency: string) => ({ amountMinor: Number(amountMinor), currency });

/** Link rows of a parent to a list of ids, in their order. */
export const toLinks = <Parent extends string, Child extends string>(
  parent: Parent,
  child: Child,
  parentId: string,
  ids: readonly string[],
) =>
  // the keys of the object are the two names and `place`
  ids.map((id, place) => ({ [parent]: parentId, [child]: id, place }) as Record<Parent | Child, string> & { place: number });
