// allocation.changed: what may be booked, for whom and from where to where. One that gave way to another calls its booked shipments off.
import { toDate } from '../../../subgraph-kit/days.ts';
import type { Consume, ReceivedEvent } from '../../../subgraph-kit/consumer.ts';
import type { Tx } from '../data/client.ts';
import { replaceAllocations } from '../data/copies.ts';
import type { AllocationCopyRow } from '../data/shipment-tables.ts';
import { callOff } from '../data/shipments.ts';
import { keepNewest } from './newest.ts';

export const followAllocations: Consume<Tx> = async ({ tx, emit, now }, events) => {
  const allocations = keepNewest(events.map(readAllocation), (allocation) => allocation.allocationId);
  await replaceAllocations(tx, allocations);
  await callOff(
    { tx, emit },
    allocations.filter(({ status }) => status === 'SUPERSEDED').map(({ allocationId }) => allocationId),
    now,
  );
};

function readAllocation(event: ReceivedEvent): AllocationCopyRow {
  // money travels as whole minor units and a currency
  const price = event.envelope.payload['unitPrice'] as { amountMinor: number; currency: string };
  return {
    allocationId: event.text('allocationId'),
    styleId: event.text('styleId'),
    gln: event.text('gln'),
    memberId: event.text('memberId'),
    demandMemberId: event.text('demandMemberId'),
    origin: event.text('origin'),
    quantity: event.number('quantity'),
    unitPriceMinor: BigInt(price.amountMinor),
    currency: price.currency,
    originUnlocode: event.text('originUnlocode'),
    destinationUnlocode: event.text('destinationUnlocode'),
    promisedDate: toDate(event.text('promisedDate')),
    status: event.text('status'),
    changedAt: event.at('changedAt'),
  };
}
