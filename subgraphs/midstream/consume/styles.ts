// style.proposed: who owns a style, so that its owner may classify it.
import type { Consume } from '../../../subgraph-kit/consumer.ts';
import type { Tx } from '../data/client.ts';

export const keepStyleOwner: Consume<Tx> = async ({ tx }, events) => {
  const data = events.map((event) => ({ styleId: event.text('styleId'), memberId: event.text('memberId') }));
  await tx.styleCopy.createMany({ data, skipDuplicates: true });
};
