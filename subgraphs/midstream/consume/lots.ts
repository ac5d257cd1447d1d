// lot.progressed and lot.closed: how many good pieces of a lot there are to ship. The two topics come in any order; the newest state counts.
import type { Consume, ReceivedEvent } from '../../../subgraph-kit/consumer.ts';
import type { Tx } from '../data/client.ts';
import { replaceLots } from '../data/copies.ts';
import type { LotCopyRow } from '../data/shipment-tables.ts';
import { keepNewest } from './newest.ts';

export const keepLots: Consume<Tx> = async ({ tx }, events) =>
  replaceLots(
    tx,
    keepNewest(events.map(readLot), (lot) => lot.lotId),
  );

const readLot = (event: ReceivedEvent): LotCopyRow => ({
  lotId: event.text('lotId'),
  allocationId: event.text('allocationId'),
  status: event.text('status'),
  goodQty: event.number('goodQty'),
  changedAt: event.at('changedAt'),
});
